// Deadlines, in houses that have the shortest one there is, half a minute; all versions wait for the same rounds.

import { expect, test } from "@playwright/test";

import { Agent, VERSIONS, type Body } from "./agent.ts";
import { answers, House, MODELS } from "./house.ts";

const WORDS = "This answer is long enough to be cut in the middle of what it has to say.";
const SHORTEST = { HUSTING_PANEL_DEADLINE_SECONDS: "30" };
const silence = { answer: { text: WORDS }, fault: { kind: "silence_mid_stream", after_tokens: 3 } };

interface Asked {
  house: House;
  ack: Body;
}

let killed: Asked;
let hurried: Asked;

test.beforeAll(async () => {
  killed = { house: await House.build(SHORTEST), ack: {} };
  await killed.house.hold("for ever");
  killed.ack = await ask(killed.house, "Who answers a program that is gone?");
  await killed.house.husting.stop("SIGKILL");
  hurried = { house: await House.build(SHORTEST), ack: {} };
  await hurried.house.play(...MODELS.map((model) => answers(model, silence)));
  hurried.ack = await ask(hurried.house, "Who says nothing more?");
});

test.afterAll(async () => {
  await killed.house.end();
  await hurried.house.end();
});

test("a deadline keeps the words and is worth a retry", async () => {
  for (const state of await waitInAllVersions(hurried)) {
    expect(state).toMatchObject({ round_status: "failed", recommended_client_action: "retry" });
    for (const failure of state.failed_models as Body[]) {
      const kept = { error_code: "internal_deadline_reached", partial_text: WORDS.slice(0, 12), partial_text_length: 12 };
      expect(failure).toMatchObject(kept);
    }
  }
});

test("a deadline found passed after a restart is expired", async () => {
  // Its deadline began after the killed one's: once it is over, the other is as well.
  await waitInAllVersions(hurried);
  await killed.house.husting.serve();
  for (const state of await waitInAllVersions(killed)) {
    expect(state).toMatchObject({ round_status: "failed", recommended_client_action: "retry" });
    for (const failure of state.failed_models as Body[]) expect(failure.error_code).toBe("deadline_expired");
  }
});

async function ask(house: House, prompt: string): Promise<Body> {
  const agent = await Agent.open(house.mcp, house.key, "2025-11-25");
  const ack = await agent.ask(prompt, { models: MODELS });
  await agent.close();
  return ack;
}

async function waitInAllVersions({ house, ack }: Asked): Promise<Body[]> {
  return Promise.all(
    VERSIONS.map(async (version) => {
      const agent = await Agent.open(house.mcp, house.key, version);
      const state = await agent.wait(ack);
      await agent.close();
      return state;
    }),
  );
}
