// A stand-in for the model that Codex asks, over the Responses API: a stream of events for each request.
// <https://platform.openai.com/docs/api-reference/responses-streaming>

import { once } from "node:events";
import { createServer } from "node:http";
import { json } from "node:stream/consumers";

import { played } from "./parts.mjs";

/** A model that follows its steps. */
export class CodexModel {
  /** @type {import("./parts.mjs").Step[]} */
  #steps = [];
  /** @type {any[]} */
  #asked = [];
  /** @type {string[]} */
  #paths = [];
  #server = createServer((request, response) => {
    this.#answer(request, response).catch((error) => response.destroy(error));
  });

  static async start() {
    const model = new CodexModel();
    model.#server.listen(0, "127.0.0.1");
    await once(model.#server, "listening");
    return model;
  }

  get address() {
    return `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (this.#server.address()).port}`;
  }

  /** Begins a new part. @param {import("./parts.mjs").Step[]} steps */
  play(...steps) {
    this.#steps = steps;
    this.#asked = [];
  }

  /** What the model was told of its calls, the oldest first. @returns {string[]} */
  results() {
    /** @type {any[]} */
    const input = this.#asked.at(-1)?.input ?? [];
    return input.filter(({ type }) => type === "function_call_output").map(({ output }) => (typeof output === "string" ? output : JSON.stringify(output)));
  }

  /** The tools of the bus that it was offered when it was last asked, as they must be called. */
  tools() {
    return offered(this.#asked.at(-1)?.tools ?? []).map(({ name }) => name);
  }

  requests() {
    return this.#asked;
  }

  async stop() {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  /** @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse} response */
  async #answer(request, response) {
    this.#paths.push(`${request.method} ${request.url}`);
    if (request.method !== "POST" || !request.url?.endsWith("/responses")) {
      response.writeHead(404).end();
      return;
    }
    const asked = /** @type {any} */ (await json(request));
    // Each request brings the whole conversation: so many steps as the model took in it are done.
    const done = asked.input.filter(isOurs).length;
    this.#asked.push(asked);
    const step = this.#steps[done];
    if (!step) throw new Error(`the model has no step ${done}`);
    const item = itemOf(await played(step), done, asked.tools ?? []);
    const id = `resp_${done}`;
    const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const event of [
      { type: "response.created", response: { id } },
      { type: "response.output_item.done", output_index: 0, item },
      { type: "response.completed", response: { id, usage } },
    ]) {
      response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    }
    response.end();
  }
}

/** @param {any} item */
const isOurs = (item) => item.type === "function_call" || (item.type === "message" && item.role === "assistant");

/** @param {import("./parts.mjs").Act} act @param {number} number @param {any[]} tools */
function itemOf(act, number, tools) {
  if ("say" in act) return { type: "message", role: "assistant", id: `msg_${number}`, content: [{ type: "output_text", text: act.say }] };
  const tool = offered(tools).find(({ name }) => name.endsWith(act.call));
  // What is not offered is called all the same: a model may remember it.
  const { namespace, name } = tool ?? { namespace: "mcp__sos", name: act.call };
  return { type: "function_call", call_id: `call_${number}`, id: `fc_${number}`, name, ...(namespace && { namespace }), arguments: JSON.stringify(act.with) };
}

/** Tools stand alone or in groups. @param {any[]} tools @returns {{ name: string, namespace?: string }[]} */
function offered(tools) {
  return tools.flatMap((tool) => (tool.type === "namespace" ? tool.tools.map((/** @type {any} */ inner) => ({ namespace: tool.name, name: inner.name })) : [{ name: tool.name ?? tool.type }]));
}
