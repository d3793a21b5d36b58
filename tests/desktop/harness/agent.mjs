// An agent that speaks to the bus of a window by plain requests.

/** An agent by its token. */
export class Agent {
  #url;
  #token;

  /**
   * @param {string} url of the bus
   * @param {string} token
   */
  constructor(url, token) {
    this.#url = url;
    this.#token = token;
  }

  /**
   * Calls a tool.
   * @param {string} tool
   * @param {object} args
   * @returns {Promise<{ status: number, record: any }>}
   */
  async asks(tool, args = {}) {
    const headers = { authorization: `Bearer ${this.#token}`, "content-type": "application/json", accept: "application/json, text/event-stream" };
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: tool, arguments: args } });
    const reply = await fetch(this.#url, { method: "POST", headers, body });
    const text = await reply.text();
    // A call that can wait answers as an event stream, whose last event holds the result.
    const last = text.split("\n").filter((line) => line.startsWith("data: ")).at(-1)?.slice(6) ?? text;
    return { status: reply.status, record: last ? JSON.parse(last).result?.structuredContent : undefined };
  }
}
