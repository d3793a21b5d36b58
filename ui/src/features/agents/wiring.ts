/** What a client of the bus reads, in the two forms it may want. Skills address the tools by this name (spec 3.7). */
export function httpJson(url: string, token: string): string {
  return written({ type: "http", url, headers: { Authorization: `Bearer ${token}` } });
}

/** The same for clients that know server-sent events alone: the token stands for the address' last part. */
export function sseJson(url: string, token: string): string {
  return written({ type: "sse", url: url.replace("<your-token>", token) });
}

function written(server: object): string {
  return JSON.stringify({ mcpServers: { sos: server } }, null, 2);
}

const PREFIX = "hst_a_";
const TAIL = 8;

/** A token with only what a list shows of it. */
export function hidden(token: string): string {
  return `${PREFIX}${"•".repeat(12)}${token.slice(-TAIL)}`;
}
