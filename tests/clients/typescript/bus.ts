// Husting's bus with agents on it, reached over Streamable HTTP or server-sent events.

import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { Client, SSEClientTransport, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

import { Husting } from "../../browser/harness/husting.ts";
import { negotiating, type Body } from "./agent.ts";

export const SCOPES = ["mcp:send", "mcp:inbox", "mcp:broadcast", "mcp:workspace_join", "mcp:recall", "mcp:remember", "mcp:peers"];

/** Transport and version: those of the field, the newest, and the oldest where it was at home. */
export const WAYS = [
  { transport: "http", version: "2025-06-18" },
  { transport: "http", version: "2025-11-25" },
  { transport: "http", version: "2026-07-28" },
  { transport: "sse", version: "2024-11-05" },
  { transport: "sse", version: "2025-06-18" },
  { transport: "sse", version: "2025-11-25" },
] as const;
export type Way = (typeof WAYS)[number];

/** An agent with its token. */
export interface Minted {
  id: string;
  name: string;
  token: string;
}

// These tests ask faster than any agent does.
const UNHURRIED = { HUSTING_LIMITS_CALLS_PER_MINUTE: "1000000", HUSTING_LIMITS_BURST: "100000" };

/** A running Husting, and its tenant's token. */
export class Bus {
  private minted = 0;

  private constructor(
    readonly husting: Husting,
    private readonly token: string,
  ) {}

  static async build(): Promise<Bus> {
    const husting = await Husting.fresh(UNHURRIED);
    await husting.serve();
    await operating(husting, "put_tenant", { tenant_id: "local", tier: "scale" });
    const { raw_token } = await operating(husting, "create_tenant_token", { tenant_id: "local" });
    return new Bus(husting, raw_token as string);
  }

  /** A new agent with these scopes. */
  async mint(scopes: string[], name = `agent-${this.minted++}`): Promise<Minted> {
    const minted = await this.ask("POST", "/agents/mint", { agent_name: name, scopes });
    return { id: minted.agent.id, name: minted.agent.agent_name, token: minted.raw_token };
  }

  /** What an agent may do from now on. */
  async grant(agent: Minted, scopes: string[]): Promise<void> {
    await this.ask("PATCH", `/agents/${agent.id}`, { scopes });
  }

  /** The receipt of an agent's end. */
  async revoke(agent: Minted): Promise<Body> {
    return (await this.ask("DELETE", `/agents/${agent.id}`)).receipt;
  }

  /** How many streams and waits it holds open. */
  async connections(agent: Minted): Promise<number> {
    return (await this.ask("GET", `/agents/${agent.id}`)).agent.connections;
  }

  /** A client of this agent, not yet connected. */
  client(way: Way): Client {
    const about = { name: "husting-tests", version: "1" };
    return new Client(about, negotiating(way.version));
  }

  /** Connects a client as this agent. */
  async connect(client: Client, agent: Minted, way: Way, more: Record<string, string> = {}): Promise<void> {
    const requestInit = { headers: { authorization: `Bearer ${agent.token}`, ...more } };
    const { address } = this.husting;
    const transport =
      way.transport === "sse"
        ? new SSEClientTransport(new URL(`${address}/sse/${agent.token}`))
        : new StreamableHTTPClientTransport(new URL(`${address}/mcp`), { requestInit });
    await client.connect(transport);
  }

  async end(): Promise<void> {
    await this.husting.end();
  }

  private async ask(method: string, path: string, body?: Body): Promise<Body> {
    const headers = { authorization: `Bearer ${this.token}`, "content-type": "application/json" };
    const init: RequestInit = { method, headers };
    if (body) init.body = JSON.stringify(body);
    return answered(await fetch(`${this.husting.address}/api/tenants/local${path}`, init));
  }
}

/** A command of the operator's, through the command line's door. */
async function operating(husting: Husting, command: string, args: Body): Promise<Body> {
  const run = JSON.parse(await readFile(join(husting.folder, "data/run/instance.json"), "utf8")) as { token: string };
  const headers = { authorization: `Bearer ${run.token}`, "content-type": "application/json" };
  const body = JSON.stringify({ command, args });
  return answered(await fetch(`${husting.address}/console/rpc`, { method: "POST", headers, body }));
}

async function answered(response: Response): Promise<Body> {
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  return (await response.json()) as Body;
}
