// An agent and the file that puts a client on the bus as that agent.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** @typedef {"claude-code" | "codex"} Client */

/**
 * Mints an agent and writes the file of its client, as the operator does it. The token goes into the file
 * and nowhere else.
 * @param {import("./husting.mjs").Husting} husting
 * @param {string} agent
 * @param {Client} client
 * @param {string} path of the file; what else stands in it stays
 * @param {{ scopes?: string }} more `scopes` as in `send,inbox`
 */
export async function wire(husting, agent, client, path, { scopes } = {}) {
  await mkdir(dirname(path), { recursive: true });
  await husting.ask("agent", "mint", agent, "--client", client, "--write", path, ...(scopes ? ["--scopes", scopes] : []));
}

/**
 * Changes a file that was wired, as somebody might by hand.
 * @param {string} path
 * @param {(text: string) => string} change
 */
export async function rewrite(path, change) {
  const before = await readFile(path, "utf8");
  const after = change(before);
  if (after === before) throw new Error("the change finds nothing to change in the wired file");
  await writeFile(path, after);
}

/** The wired file of either client without its word about denials. @param {string} text */
export const withoutDenials = (text) => text.replace(/,\s*"?X-Husting-Denials"?\s*[:=]\s*"result"/, "");

/** The wired file of Claude Code for the older transport, with the token in the path. @param {string} text */
export function overSse(text) {
  const file = JSON.parse(text);
  const { url, headers } = file.mcpServers.sos;
  const token = headers.Authorization.replace("Bearer ", "");
  file.mcpServers.sos = { type: "sse", url: url.replace(/mcp$/, `sse/${token}`) };
  return JSON.stringify(file, null, 2);
}
