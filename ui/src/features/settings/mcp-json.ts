/** What most MCP clients read: where Husting listens, and the key that opens it. Skills address the tools by this name. */
export function mcpJson(url: string, key: string): string {
  const server = { url, headers: { Authorization: `Bearer ${key}` } };
  return JSON.stringify({ mcpServers: { mumo: server } }, null, 2);
}

const PREFIX = "mmo_live_";
const TAIL = 8;

/** A key with only what a list shows of it. */
export function hidden(key: string): string {
  return `${PREFIX}${"•".repeat(12)}${key.slice(-TAIL)}`;
}
