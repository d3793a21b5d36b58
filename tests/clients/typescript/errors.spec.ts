// Every error: its code, its sentence, its body.

import { expect } from "@playwright/test";

import { Agent, type Body } from "./agent.ts";
import { answers, cases, House, MODELS } from "./house.ts";
import { test } from "./test.ts";

interface Row {
  name: string;
  tool: string;
  arguments: Body;
  code: string;
  body?: Body;
}

test("an error has its code and body", async ({ agent, version }) => {
  const { ack } = await agent.finished(`What can go wrong? (${version})`, { models: MODELS });
  for (const row of cases<Row>("refusals")) {
    await test.step(row.name, async () => {
      const named = row.arguments.session_id === "$session" ? { session_id: ack.session_id } : {};
      const refusal = await agent.refused(row.tool, { ...row.arguments, ...named });
      expect(refusal.code, row.name).toBe(row.code);
      expect(refusal.body).toMatchObject(row.body ?? {});
    });
  }
});

test("recap_session is refused on create", async ({ agent }) => {
  const { code } = await agent.refused("create_deliberation", { prompt: "Already?", recap_session: true });
  expect(code).toBe("invalid_request");
});

test("a running session is busy", async ({ agent, house, version }) => {
  await house.hold("the busy one");
  const ack = await agent.ask(`Is it your turn? (${version})`, { models: MODELS });
  const { code } = await agent.refused("append_round", { session_id: ack.session_id, prompt: "Mine!" });
  expect(code).toBe("session_busy");
  await house.open("the busy one");
  await agent.wait(ack);
});

test("a failed session takes no round", async ({ agent, house, version }) => {
  await house.play(...MODELS.map((model) => answers(model, { fault: { kind: "unauthorized401" } })));
  const ack = await agent.ask(`Is anybody there? (${version})`, { models: MODELS });
  expect(await agent.wait(ack)).toMatchObject({ recommended_client_action: "abandon" });
  const { code } = await agent.refused("append_round", { session_id: ack.session_id, prompt: "Now?" });
  expect(code).toBe("session_failed");
});

test("an empty wallet is told with its figures", async ({ version }) => {
  await alone(version, async (agent, house) => {
    await house.husting.cli("wallet", "limit", "--usd", "0");
    const { code, body } = await agent.refused("create_deliberation", { prompt: "Who pays?", models: MODELS });
    expect(code).toBe("credit_exhausted");
    expect(body).toMatchObject({
      effective_balance_usd: 0,
      free_usd: 0,
      subscription_usd: 0,
      refill_usd: 0,
      per_model_minimum_usd: 0.05,
      next_reset_at: expect.stringMatching(/-01T00:00:00(\.0+)?Z$/),
    });
  });
});

test("a model switched off is ineligible", async ({ version }) => {
  await alone(version, async (agent, house) => {
    await house.husting.cli("models", "disable", "gamma-3");
    const { code, body } = await agent.refused("create_deliberation", { prompt: "Who?", models: MODELS });
    expect(code).toBe("ineligible_models");
    expect(body).toMatchObject({ ineligible_models: ["gamma-3"] });
  });
});

test("a default panel of one is insufficient", async ({ version }) => {
  await alone(version, async (agent, house) => {
    await house.husting.cli("models", "panel", "alpha-1", "gamma-3");
    await house.husting.cli("models", "disable", "gamma-3");
    const { code, body } = await agent.refused("create_deliberation", { prompt: "Who sits by default?" });
    expect(code).toBe("insufficient_active_models");
    expect(body).toMatchObject({ collapsed_buckets: [1] });
  });
});

test("a spent daily limit says when it resets", async ({ house, version }) => {
  const made = await house.husting.cli("key", "create", "--name", `one a day ${version}`, "--daily-rounds", "1", "--json");
  const agent = await Agent.open(house.mcp, (JSON.parse(made) as { raw_key: string }).raw_key, version);
  await agent.finished(`Only one? (${version})`, { models: MODELS });
  const { code, body } = await agent.refused("create_deliberation", { prompt: "Another?", models: MODELS });
  expect(code).toBe("daily_limit_reached");
  expect(body.resets_at).toMatch(/T00:00:00(\.0+)?Z$/);
  await agent.close();
});

/** In a house whose wallet and lists may be changed. */
async function alone(version: Parameters<typeof Agent.open>[2], then: (agent: Agent, house: House) => Promise<void>): Promise<void> {
  const house = await House.build();
  const agent = await Agent.open(house.mcp, house.key, version);
  try {
    await then(agent, house);
  } finally {
    await agent.close();
    await house.end();
  }
}
