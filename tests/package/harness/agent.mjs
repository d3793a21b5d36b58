// An agent on the bus, as far as a few calls need one.

/** Whoever holds a token. */
export class Agent {
  #address;
  #headers;
  #number = 0;

  /** @param {string} address @param {Record<string, string>} headers */
  constructor(address, headers) {
    this.#address = address;
    this.#headers = headers;
  }

  /**
   * Greets the bus.
   * @param {string} address of the console, as `http://127.0.0.1:6070`
   * @param {string} token
   */
  static async come(address, token) {
    /** @type {Record<string, string>} */
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json", accept: "application/json, text/event-stream" };
    const agent = new Agent(address, headers);
    const client = { name: "tests", version: "1" };
    const { response } = await agent.#post("initialize", { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: client });
    const session = response.headers.get("mcp-session-id");
    if (session) headers["mcp-session-id"] = session;
    return agent;
  }

  /** Calls a tool, which must not fail. @param {string} tool @param {object} [args] */
  async calls(tool, args = {}) {
    const { answer } = await this.#post("tools/call", { name: tool, arguments: args });
    if (answer.error || answer.result.isError) throw new Error(`${tool}: ${JSON.stringify(answer)}`);
    return answer.result.structuredContent;
  }

  /** @param {string} method @param {object} params */
  async #post(method, params) {
    const body = JSON.stringify({ jsonrpc: "2.0", id: (this.#number += 1), method, params });
    const response = await fetch(`${this.#address}/mcp`, { method: "POST", headers: this.#headers, body });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method}: ${response.status} ${text}`);
    const data = /^data: (\{.*\})$/m.exec(text)?.[1] ?? text;
    return { response, answer: JSON.parse(data) };
  }
}
