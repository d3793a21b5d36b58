// `wait_for_round`: every line of its truth table, timeouts, progress, and where words are kept.

import { expect } from "@playwright/test";

import type { Body } from "./agent.ts";
import { answers, cases, MODELS } from "./house.ts";
import { test } from "./test.ts";

interface Row {
  name: string;
  faults: Record<string, unknown>;
  round_status: string;
  action: string;
  codes: Record<string, string>;
}

const WORDS = "This answer is long enough to be cut in the middle of what it has to say.";

/** The rules for a table's faults; a star stands for every model. */
function faulty(faults: Row["faults"]): ReturnType<typeof answers>[] {
  const struck = MODELS.filter((model) => model in faults || "*" in faults);
  return struck.map((model) => answers(model, { answer: { text: WORDS }, fault: faults[model] ?? faults["*"] }));
}

test("the truth table", async ({ agent, house, version }) => {
  for (const row of cases<Row>("rounds")) {
    await test.step(row.name, async () => {
      await house.play(...faulty(row.faults));
      const state = await agent.wait(await agent.ask(`What of it: ${row.name}? (${version})`, { models: MODELS }));
      expect(state).toMatchObject({
        round_status: row.round_status,
        recommended_client_action: row.action,
        is_terminal: true,
        is_usable: row.round_status !== "failed",
        in_progress_models: [],
      });
      const failed = MODELS.filter((model) => model in row.codes || "*" in row.codes);
      const codes = Object.fromEntries((state.failed_models as Body[]).map((entry) => [entry.model, entry.error_code]));
      expect(codes).toEqual(Object.fromEntries(failed.map((model) => [model, row.codes[model] ?? row.codes["*"]])));
      const completed = (state.completed_models as Body[]).map((entry) => entry.model as string);
      expect(completed.sort()).toEqual(MODELS.filter((model) => !failed.includes(model)));
    });
  }
});

test("the state has the seed's fields", async ({ agent, house, version }) => {
  await house.play(...faulty({ "beta-2": { kind: "no_final_marker" } }));
  const ack = await agent.ask(`Which fields has a state? (${version})`, { models: MODELS });
  const state = await agent.wait(ack);
  expect(state).toMatchObject({ session_id: ack.session_id, round_id: ack.round_id, round_index: 0 });
  for (const entry of state.completed_models as Body[]) {
    expect(entry).toMatchObject({ finish_reason: "stop", is_partial: false });
    expect(entry.tokens_in).toBeGreaterThan(0);
    expect(entry.tokens_out).toBeGreaterThan(0);
  }
});

test("a timeout says poll_again and leaves the round running", async ({ agent, house, version }) => {
  await house.hold("after the timeout");
  const ack = await agent.ask(`How long will it take? (${version})`, { models: MODELS });
  const waited = await agent.call("wait_for_round", { session_id: ack.session_id, timeout_seconds: 1 });
  expect(waited).toMatchObject({
    round_status: "in_progress",
    recommended_client_action: "poll_again",
    is_terminal: false,
    is_usable: false,
  });
  await house.open("after the timeout");
  expect(await agent.wait(ack)).toMatchObject({ round_status: "complete" });
});

test("progress is told while waiting", async ({ agent, house, version }) => {
  await house.play(answers("gamma-3", { gates: [{ name: "the progress", at: "before_response" }] }));
  const { session_id } = await agent.ask(`How far is it? (${version})`, { models: MODELS });
  const steps: number[] = [];
  const onprogress = ({ progress }: { progress: number }): void => {
    steps.push(progress);
    void house.open("the progress");
  };
  const state = await agent.call("wait_for_round", { session_id, timeout_seconds: 50 }, onprogress);
  expect(state).toMatchObject({ round_status: "complete" });
  expect(steps).toEqual([...new Set(steps)].sort((one, other) => one - other));
});

test("cut off answers stay completed", async ({ agent, house, version }) => {
  const cut = { kind: "length_stop", after_tokens: 3 };
  await house.play(...faulty({ "alpha-1": cut, "beta-2": cut }));
  const ack = await agent.ask(`Who is cut? (${version})`, { models: MODELS });
  const state = await agent.wait(ack);
  expect(state).toMatchObject({ round_status: "complete", failed_models: [] });
  expect(state.completed_models).toContainEqual(expect.objectContaining({ model: "alpha-1", is_partial: true, finish_reason: "length" }));
  expect(state.completed_models).toContainEqual(expect.objectContaining({ model: "beta-2", is_partial: true, finish_reason: "max_tokens" }));
  const [round] = (await agent.read(ack)).rounds;
  const kept = { text: WORDS.slice(0, 12), is_partial: true, finish_reason: "length" };
  expect(round.responses).toContainEqual(expect.objectContaining({ model: "alpha-1", ...kept }));
});

test("failed answers keep their words apart", async ({ agent, house, version }) => {
  await house.play(...faulty({ "beta-2": { kind: "error_event_mid_stream", after_tokens: 3 } }));
  const ack = await agent.ask(`Whose words are kept? (${version})`, { models: MODELS });
  const state = await agent.wait(ack);
  const [round] = (await agent.read(ack)).rounds;
  const kept = { model: "beta-2", error_code: "provider_error", partial_text: WORDS.slice(0, 12), partial_text_length: 12 };
  expect(state.failed_models).toEqual([expect.objectContaining(kept)]);
  expect(round.failed_models).toEqual([expect.objectContaining(kept)]);
  expect((round.responses as Body[]).map((response) => response.model as string).sort()).toEqual(["alpha-1", "gamma-3"]);
});

test("a window too small is a lasting failure", async ({ agent, house, version }) => {
  const { models } = await agent.call("list_models");
  for (const model of ["tiny-4", "tiny-5"]) {
    if (!models.some((known: Body) => known.id === model)) await house.seatWithSmallWindow(model);
  }
  const reference = "A sentence that fills a window. ".repeat(1000);
  const state = await agent.wait(await agent.ask(`Does it fit? (${version})`, { reference, models: ["tiny-4", "tiny-5"] }));
  expect(state).toMatchObject({ round_status: "failed", recommended_client_action: "abandon" });
  for (const failure of state.failed_models as Body[]) expect(failure.error_code).toBe("pre_stream_failure");
});
