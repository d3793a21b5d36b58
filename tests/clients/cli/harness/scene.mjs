// One Husting for the tests of a file, and users who sit down at their clients.

import { after, before } from "node:test";

import { until } from "../../../desktop/harness/patience.mjs";
import { Claude } from "./claude.mjs";
import { Codex } from "./codex.mjs";
import { Husting } from "./husting.mjs";
import { rewrite, wire } from "./wire.mjs";

/** A running Husting and whoever sits before it. */
export class Scene {
  /** @type {Husting | undefined} */
  #husting;
  #seated = 0;

  /** Begins with the tests of a file and ends after them. On its bus is `listener`, who never answers. */
  static ofFile() {
    const scene = new Scene();
    before(async () => {
      scene.#husting = await Husting.fresh();
      await scene.#husting.cli("agent", "mint", "listener");
    });
    after(() => scene.#husting?.end());
    return scene;
  }

  get husting() {
    if (!this.#husting) throw new Error("Husting runs only while tests do");
    return this.#husting;
  }

  /**
   * Somebody at Claude Code, wired as a new agent.
   * @param {import("node:test").TestContext} test
   * @param {Wired} [wired]
   */
  async atClaude(test, wired) {
    const claude = await Claude.sitDown();
    test.after(() => claude.getUp());
    return { claude, agent: await this.#wire(claude.file, Claude.client, wired) };
  }

  /**
   * Somebody at Codex, wired as a new agent.
   * @param {import("node:test").TestContext} test
   * @param {Wired} [wired]
   */
  async atCodex(test, wired) {
    const codex = await Codex.sitDown();
    test.after(() => codex.getUp());
    return { codex, agent: await this.#wire(codex.file, Codex.client, wired) };
  }

  /** The texts that an agent has sent, the newest last. @param {string} agent */
  async sentBy(agent) {
    const messages = await this.husting.messages();
    return messages.filter(({ from }) => from === `agent:${agent}`).map(({ text }) => text);
  }

  /** Waits until a question of the agent's is on the bus: its call is then open. @param {string} agent */
  async asked(agent) {
    await until(20_000, `a question of ${agent}`, async () => ((await this.sentBy(agent)).length > 0 ? true : undefined));
  }

  /**
   * What the log says of an agent's client, once it has opened and listed its tools.
   * @param {string} agent
   * @returns {Promise<{ client: string, version: string, protocol: string, tools: number }>}
   */
  async logged(agent) {
    return until(10_000, `the client of ${agent} in the log`, async () => {
      const records = (await this.husting.log()).filter(({ target, fields }) => target.startsWith("husting_server") && fields.agent === agent);
      const opening = records.find(({ fields }) => fields.message === "a client opened")?.fields;
      const listing = records.find(({ fields }) => fields.message === "a client listed its tools")?.fields;
      if (!opening || !listing) return undefined;
      return { client: opening.client, version: opening.client_version, protocol: opening.protocol, tools: listing.tools };
    });
  }

  /**
   * @param {string} file
   * @param {import("./wire.mjs").Client} client
   * @param {Wired} wired
   */
  async #wire(file, client, { scopes, rewritten } = {}) {
    const agent = `${client}-${++this.#seated}`;
    await wire(this.husting, agent, client, file, { ...(scopes && { scopes }) });
    if (rewritten) await rewrite(file, rewritten);
    return agent;
  }
}

/** What is unlike the wiring of everybody else. @typedef {{ scopes?: string, rewritten?: (text: string) => string }} Wired */
