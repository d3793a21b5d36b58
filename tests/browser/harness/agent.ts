// Agents that speak to the bus by plain requests, and the tenant that mints them by the hundred.

import type { Page } from "@playwright/test";

import type { Husting } from "./husting.ts";
import { rpc } from "./rpc.ts";

type Body = Record<string, any>;

/** What a call came to: the tool's record, or the refusal with its status. */
export interface Answer {
  status: number;
  record: Body | null;
  error: string | null;
}

/** An agent by its token. */
export class Agent {
  constructor(
    private readonly url: string,
    readonly token: string,
    readonly id = "",
  ) {}

  /** Calls a tool and gives whatever came of it. */
  async asks(tool: string, args: Body = {}): Promise<Answer> {
    const headers = { authorization: `Bearer ${this.token}`, "content-type": "application/json", accept: "application/json, text/event-stream" };
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: tool, arguments: args } });
    const reply = await fetch(`${this.url}/mcp`, { method: "POST", headers, body });
    const told = jsonOf(await reply.text());
    const result = told.result as Body | undefined;
    const failed = result?.isError ? JSON.stringify(result.content) : told.error ? JSON.stringify(told.error) : null;
    return { status: reply.status, record: failed ? null : (result?.structuredContent ?? null), error: failed };
  }

  /** Calls a tool that must answer. */
  async call(tool: string, args: Body = {}): Promise<Body> {
    const { status, record, error } = await this.asks(tool, args);
    if (!record) throw new Error(`${tool} was refused with ${status}: ${error}`);
    return record;
  }
}

/** The tenant whose token mints. */
export class Tenant {
  private constructor(
    private readonly husting: Husting,
    private readonly token: string,
  ) {}

  static async of(husting: Husting): Promise<Tenant> {
    const made = JSON.parse(await husting.cli("--json", "tenant", "token", "local")) as { raw_token: string };
    return new Tenant(husting, made.raw_token);
  }

  async mint(agent_name: string, part: { scopes?: string[]; model?: string; charter?: string } = {}): Promise<Agent> {
    const headers = { authorization: `Bearer ${this.token}`, "content-type": "application/json" };
    const reply = await fetch(`${this.husting.address}/api/tenants/local/agents/mint`, { method: "POST", headers, body: JSON.stringify({ agent_name, ...part }) });
    const made = (await reply.json()) as { raw_token: string; agent: { id: string } };
    if (reply.status !== 201) throw new Error(`${agent_name} was not minted: ${JSON.stringify(made)}`);
    return new Agent(this.husting.address, made.raw_token, made.agent.id);
  }
}

/** Mints an agent by the operator of a logged-in page. */
export async function mintBy(page: Page, husting: Husting, asked: { agent_name: string; model?: string; charter?: string; scopes?: string[] }): Promise<Agent> {
  const made = (await rpc(page, "mint_agent", asked)) as { raw_token: string; agent: { id: string } };
  return new Agent(husting.address, made.raw_token, made.agent.id);
}

/** Mints so many agents, `n-000` and on, by the operator of a logged-in page: a tenant's token has its limits. */
export async function mintMany(page: Page, count: number): Promise<void> {
  const mint = (number: number) => rpc(page, "mint_agent", { agent_name: `n-${String(number).padStart(3, "0")}` });
  for (let from = 0; from < count; from += 10) await Promise.all(Array.from({ length: 10 }, (_, one) => mint(from + one)));
}

// A call that can wait answers as an event stream, whose last event holds the result.
function jsonOf(text: string): Body {
  const events = text.split("\n").filter((line) => line.startsWith("data: "));
  return JSON.parse(events.length ? (events.at(-1) as string).slice(6) : text || "{}") as Body;
}
