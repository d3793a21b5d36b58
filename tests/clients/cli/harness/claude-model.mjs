// aimock in the place of the model that Claude Code asks.

import { LLMock } from "@copilotkit/aimock";

import { named, played } from "./parts.mjs";

/** A model that follows its steps. */
export class ClaudeModel {
  #mock;

  /** @param {LLMock} mock */
  constructor(mock) {
    this.#mock = mock;
  }

  static async start() {
    const mock = new LLMock({ port: 0, host: "127.0.0.1", strict: true });
    await mock.start();
    return new ClaudeModel(mock);
  }

  get address() {
    return this.#mock.url;
  }

  /** Begins a new part. @param {import("./parts.mjs").Step[]} steps */
  play(...steps) {
    this.#mock.clearFixtures();
    this.#mock.clearRequests();
    steps.forEach((step, turnIndex) => this.#mock.on({ turnIndex }, () => response(step)));
  }

  /** What the model was told of its calls, the oldest first. @returns {string[]} */
  results() {
    /** @type {any[][]} */
    const asked = this.#mock.getRequests().map(({ body }) => /** @type {any} */ (body)?.messages ?? []);
    const longest = asked.reduce((most, messages) => (messages.length > most.length ? messages : most), []);
    return longest.filter(({ role }) => role === "tool").map(({ content }) => textOf(content));
  }

  /** The tools that it was offered when it was last asked. @returns {string[]} */
  tools() {
    const body = /** @type {any} */ (this.#mock.getLastRequest()?.body);
    return (body?.tools ?? []).map((/** @type {any} */ tool) => tool.function.name);
  }

  requests() {
    return this.#mock.getRequests();
  }

  async stop() {
    await this.#mock.stop();
  }
}

/** @param {import("./parts.mjs").Step} step */
async function response(step) {
  const act = await played(step);
  return "say" in act ? { content: act.say } : { toolCalls: [{ name: named(act.call), arguments: JSON.stringify(act.with) }] };
}

/** @param {string | { text?: string }[] | null} content */
const textOf = (content) => (Array.isArray(content) ? content.map(({ text }) => text ?? "").join("") : (content ?? ""));
