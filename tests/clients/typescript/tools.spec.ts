// All seven tools as the seed's page shows them.

import { expect } from "@playwright/test";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

import { Agent, type Body } from "./agent.ts";
import { answers, cases, MODELS } from "./house.ts";
import { test } from "./test.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

test("every version is negotiated", ({ agent, version }) => {
  expect(agent.client.getNegotiatedProtocolVersion()).toBe(version);
});

test("there are the seven tools", async ({ agent }) => {
  const { tools } = await agent.client.listTools();
  const documented = cases<{ tool: string; required: string[]; optional: string[] }>("tools");
  expect(tools.map((tool) => tool.name).sort()).toEqual(documented.map((row) => row.tool).sort());
  for (const row of documented) {
    const schema = tools.find((tool) => tool.name === row.tool)?.inputSchema;
    expect(Object.keys(schema?.properties ?? {}).sort(), row.tool).toEqual([...row.required, ...row.optional].sort());
  }
});

test("tools are listed without a key and called with one", async ({ house, version }) => {
  const stranger = await Agent.open(house.mcp, null, version);
  expect((await stranger.client.listTools()).tools).toHaveLength(7);
  await expect(stranger.result("get_credit")).rejects.toThrow();
  await stranger.close();
});

test("the library of the first generation works as well", async ({ house }) => {
  const client = new Client({ name: "husting-tests", version: "1" });
  const requestInit = { headers: { authorization: `Bearer ${house.key}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(house.mcp), { requestInit }));
  const made = (await client.callTool({ name: "create_deliberation", arguments: { prompt: "Does it still work?", models: MODELS } })) as Body;
  const { session_id, round_id } = made.structuredContent as Body;
  const state = (await client.callTool({ name: "wait_for_round", arguments: { session_id, round_id } })) as Body;
  expect(state.structuredContent).toMatchObject({ session_id, round_id, round_status: "complete" });
  await client.close();
});

test("the seed's first question runs to a claim map", async ({ agent }) => {
  const ack = await agent.ask("Should we use Postgres or MongoDB for an event store?", { models: MODELS });
  expect(await agent.wait(ack)).toMatchObject({ round_status: "complete", recommended_client_action: "proceed_with_complete_result" });
  const session = await agent.read(ack);
  expect(session.status).toBe("ready");
  expect(session.rounds[0].responses).toHaveLength(3);
  expect(session.rounds[0].claim_map.claims.length).toBeGreaterThan(0);
});

test("an ack has the seed's fields", async ({ agent, house, version }) => {
  await house.hold("the ack");
  const ack = await agent.ask(`What does an ack look like? (${version})`, { models: MODELS });
  await house.open("the ack");
  await agent.wait(ack);
  expect(ack).toMatchObject({
    session_id: expect.stringMatching(UUID),
    round_id: expect.stringMatching(UUID),
    round_index: 0,
    status: "processing",
    progress_url: `/api/sessions/${ack.session_id}/progress`,
    poll_after_ms: 5000,
    progress_version: 0,
  });
});

test("a second round is steered with snippets", async ({ agent, house, version }) => {
  const quote = "Per-seat assumes teams of >10.";
  await house.play(answers("alpha-1", { answer: { text: `Charge for seats. ${quote}` } }));
  const { ack } = await agent.finished(`How shall we price it? (${version})`, { models: MODELS });
  const snippets = [{ type: "CHALLENGE", quote, quoted_model: "alpha-1", comment: "Most pilots start at 3–5." }];
  const { session_id } = ack;
  const next = await agent.call("append_round", { session_id, prompt: "Resolve the pricing model. Pick one.", snippets });
  expect(next).toMatchObject({ session_id, round_index: 1, status: "processing", progress_version: 0 });
  expect(await agent.wait(next)).toMatchObject({ round_index: 1, round_status: "complete" });
  const { rounds } = await agent.read(ack);
  expect(rounds).toHaveLength(2);
  const claim = rounds[1].claim_map.claims.find((each: Body) => each.quote === quote);
  expect(claim.originator).toBe("alpha-1");
  expect(claim.positions).toContainEqual(expect.objectContaining({ model: "moderator", type: "CHALLENGE" }));
});

test("a session has the seed's fields", async ({ agent, version }) => {
  const { session } = await agent.finished(`What is in a session? (${version})`, { models: MODELS });
  expect(session).toMatchObject({ source: "mcp", status: "ready", models: MODELS, moderator_name: null, application: null });
  const [round] = session.rounds;
  for (const claim of round.claim_map.claims as Body[]) {
    const text = Buffer.from(round.responses.find((response: Body) => response.model === claim.originator).text);
    expect(text.subarray(claim.source.start, claim.source.end).toString()).toBe(claim.quote);
    expect(claim.reaction_count).toBe(new Set(claim.positions.map((position: Body) => position.model)).size);
  }
});

test("debits reconcile with the wallet", async ({ agent, version }) => {
  const before = await agent.call("get_credit");
  const { session } = await agent.finished(`Who pays? (${version})`, { models: MODELS });
  const after = await agent.call("get_credit");
  const { debits } = session.rounds[0];
  expect(debits).toHaveLength(6);
  const paid = (debits as Body[]).reduce((sum, debit) => sum + micros(debit.amount_usd), 0);
  expect(micros(before.effective_balance_usd) - micros(after.effective_balance_usd)).toBe(paid);
});

test("sessions are listed without bodies, those that changed last first", async ({ agent, version }) => {
  const older = await agent.finished(`Which is older? (${version})`, { models: MODELS });
  const newer = await agent.finished(`Which is newer? (${version})`, { models: MODELS });
  const { sessions } = await agent.call("list_sessions", { status: "ready", limit: 2 });
  expect(sessions.map((row: Body) => row.session_id)).toEqual([newer.ack.session_id, older.ack.session_id]);
  for (const row of sessions as Body[]) expect(row).not.toHaveProperty("rounds");
});

test("models have the seed's fields", async ({ agent }) => {
  const { models } = await agent.call("list_models");
  const seat = models.find((model: Body) => model.id === "alpha-1");
  expect(seat).toMatchObject({ provider: "first", context_window: 200_000, max_output_tokens: 1024, available: true, unavailable_reason: null });
  expect(seat.pricing).toMatchObject({ input_per_million_usd: 3.1, output_per_million_usd: 15.7, minimum_usd: 0.05 });
});

test("credit has the seed's shape", async ({ agent }) => {
  const credit = await agent.call("get_credit");
  expect(credit).toEqual({
    effective_balance_usd: expect.any(Number),
    buckets: {
      free: {
        balance_usd: expect.any(Number),
        monthly_grant_usd: expect.any(Number),
        resets_at: expect.stringMatching(/-01T00:00:00(\.0+)?Z$/),
      },
      subscription: { balance_usd: 0, rollover_cap_usd: 30, subscription_status: null },
      refill: { balance_usd: 0, auto_refill_enabled: false },
    },
    per_model_minimum_usd_default: 0.05,
    debit_order: ["free", "subscription", "refill"],
  });
  expect(credit.effective_balance_usd).toBe(credit.buckets.free.balance_usd);
});

test("a recap is made on request", async ({ agent, version }) => {
  const ack = await agent.ask(`What is the gist? (${version})`, { models: MODELS, recap_round: true });
  await expect.poll(async () => (await agent.wait(ack)).recap_status).toBe("complete");
  const [round] = (await agent.read(ack)).rounds;
  expect(Object.keys(round.round_recap as Body)).toEqual(expect.arrayContaining(["title", "tldr", "agenda", "sections"]));
});

test("a synthesis brings the missing recaps", async ({ agent, version }) => {
  const { ack } = await agent.finished(`Where does it lead? (${version})`, { models: MODELS });
  const last = await agent.call("append_round", { session_id: ack.session_id, prompt: "Now sum it up.", recap_session: true });
  await expect.poll(async () => (await agent.wait(last)).synthesis_status).toBe("complete");
  const session = await agent.read(ack);
  for (const round of session.rounds as Body[]) expect(round).toHaveProperty("round_recap.title");
  expect(Object.keys(session.session_synthesis as Body)).toEqual(expect.arrayContaining(["title", "tldr", "origin", "arcs"]));
});

/** An amount of dollars in millionths, which is a whole number. */
function micros(usd: number): number {
  return Math.round(usd * 1_000_000);
}
