/** What most MCP clients read: where Husting listens, and the key that opens it. Skills address the tools by this name. */
export function mcpJson(url: string, key: string): string {
  const server = { url, headers: { Authorization: `Bearer ${key}` } };
  return JSON.stringify({ mcpServers: { mumo: server } }, null, 2);
}

/** What every deliberation key begins with. */
export const KEY_PREFIX = "mmo_live_";
