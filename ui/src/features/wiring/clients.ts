import type { Client } from "../../generated/Client";
import type { ClientView } from "../../generated/ClientView";
import { m } from "../../messages";
import { isFound } from "../../state/clients.svelte";

const LAST = "husting.client";
/** Those that can be told to use server-sent events. */
const KNOWS_SSE: Client[] = ["claude-code", "gemini-cli", "cursor", "vscode", "windsurf", "cline", "hermes", "json"];

/** Those found here first, each part in the order in which they are offered anyway. */
export function inOrder(clients: ClientView[]): ClientView[] {
  return [...clients.filter(isFound), ...clients.filter((client) => !isFound(client))];
}

/** Those that may be chosen, and at the end any other that reads the usual JSON, which is not looked for. */
export function choices(clients: ClientView[]): ClientView[] {
  const plain: ClientView = { client: "json", title: m.wiring.names.json, program: null, seen: null, runs: false };
  return inOrder([...clients.filter(({ client }) => client !== plain.client), plain]);
}

/** The one a sheet begins with: what was chosen last, else the first that was found, else the first. */
export function firstOf(clients: ClientView[]): Client {
  const last = localStorage.getItem(LAST);
  const offered = choices(clients);
  return (offered.find(({ client }) => client === last) ?? offered[0])?.client ?? "json";
}

/** The next sheet begins with it. */
export function remember(client: Client): void {
  localStorage.setItem(LAST, client);
}

/** An agent in it reaches the bus in more than one way. */
export function hasTransports(client: Client): boolean {
  return KNOWS_SSE.includes(client);
}
