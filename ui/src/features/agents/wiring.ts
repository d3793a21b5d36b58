/** What a client of the bus reads, in the two forms it may want. Skills address the tools by this name (spec 3.7). */
export function httpJson(url: string, token: string): string {
  return written({ type: "http", url, headers: { Authorization: `Bearer ${token}` } });
}

/** The same for clients that know server-sent events alone: the token stands for the address' last part, or in the
 * header where Husting takes none in addresses. */
export function sseJson(url: string, token: string): string {
  const withToken = url.replace("<your-token>", token);
  if (withToken !== url) return written({ type: "sse", url: withToken });
  return written({ type: "sse", url, headers: { Authorization: `Bearer ${token}` } });
}

function written(server: object): string {
  return JSON.stringify({ mcpServers: { sos: server } }, null, 2);
}

/** What every token of an agent begins with. */
export const TOKEN_PREFIX = "hst_a_";
