import { describe, expect, test } from "vitest";
import { answerReads, runningCosts } from "../../src/features/deliberations/session/live/running-cost";
import { utf8 } from "../../src/format/numbers";
import type { Price } from "../../src/generated/Price";
import { Attempts } from "../../src/state/attempts.svelte";
import { call } from "../fixtures/rounds";
import { firstRound, secondRound, streamingRound } from "../fixtures/sessions";
import { seats } from "../fixtures/shared";

const [CLAUDE, GPT, QWEN] = seats.map(({ model }) => model) as [string, string, string];
const price = (input: number, output: number): Price => ({ input, output, cache_read: null, cache_write: null, long: null });

describe("what a call under way has probably cost", () => {
  const round = streamingRound();
  const words: Record<string, string> = { [CLAUDE]: "x".repeat(4_000), [GPT]: "x".repeat(400), [QWEN]: "" };
  const costs = (prices: [string, Price | null][], of = round, reads = 8_000) => runningCosts(of, reads, new Map(prices), (model) => words[model] ?? "");

  test("is its price for what it reads and what it has written; a settled call is not in it", () => {
    const found = costs([[CLAUDE, price(5_000_000, 25_000_000)], [GPT, price(2_000_000, 10_000_000)]]);
    expect([...found]).toEqual([[GPT, 2_000 * 2 + 838 * 10]]);
  });

  test("grows with the words once they outrun what the host has counted", () => {
    words[GPT] = "x".repeat(40_000);
    expect(costs([[GPT, price(2_000_000, 10_000_000)]]).get(GPT)).toBe(2_000 * 2 + 10_000 * 10);
  });

  test("counts letters that are not Latin by their bytes, as the host does", () => {
    words[GPT] = "数".repeat(40_000);
    expect(costs([[GPT, price(2_000_000, 10_000_000)]]).get(GPT)).toBe(2_000 * 2 + 30_000 * 10);
    words[GPT] = "x".repeat(40_000);
  });

  test("of a long prompt is counted at the price of long ones", () => {
    const long = { above: 1_999, input: 4_000_000, output: 15_000_000, cache_read: null, cache_write: null };
    const tiered = (above: number) => costs([[GPT, { ...price(2_000_000, 10_000_000), long: { ...long, above } }]]).get(GPT);
    expect(tiered(1_999)).toBe(2_000 * 4 + 10_000 * 15);
    expect(tiered(2_000)).toBe(2_000 * 2 + 10_000 * 10);
  });

  test("is nothing without a price, and nothing when the round has ended", () => {
    expect(costs([[GPT, null]]).size).toBe(0);
    expect(costs([[GPT, price(1, 1)]], secondRound()).size).toBe(0);
  });

  test("of a reaction includes the answers it reads", () => {
    const reacting = streamingRound({
      phase: "react",
      answers: [CLAUDE, GPT, QWEN].map((model) => call(model, "respond")),
      reactions: [call(QWEN, "react", { state: "streaming", usage: { input: 0, cache_read: 0, cache_write: 0, output: 0, estimated: true } })],
    });
    const found = costs([[QWEN, price(4_000_000, 0)]], reacting).get(QWEN)!;
    expect(found).toBeGreaterThan(8_000 + 44_000);
  });

  test("of a reaction is what the host has counted of it, not the letters of the seat's answer", () => {
    const answered = "x".repeat(4_000);
    const usage = { input: 0, cache_read: 0, cache_write: 0, output: 7, estimated: true };
    const reacting = streamingRound({ phase: "react", answers: [call(QWEN, "respond")], reactions: [call(QWEN, "react", { state: "streaming", usage })] });
    const found = runningCosts(reacting, 8_000, new Map([[QWEN, price(0, 10_000_000)]]), () => answered);
    expect(found.get(QWEN)).toBe(7 * 10);
  });

  test("reads the document and what was said in the rounds before, not what a failed round held", () => {
    const before = [firstRound(), secondRound({ status: "failed" })];
    const alone = answerReads(round, [], "");
    const said = firstRound().answers.reduce((sum, { text }) => sum + utf8(text), utf8(firstRound().prompt));
    expect(answerReads(round, [...before, round], "ü".repeat(50)) - alone).toBe(100 + said);
  });
});

describe("a second try", () => {
  const retrying = { attempt: 2, code: "rate_limit" as const, message: "slow down", after_ms: 4_000 };
  const round = (part: Parameters<typeof call>[2]) => streamingRound({ answers: [call(QWEN, "respond", part)] });

  test("is remembered while its words come and when they are done", () => {
    const attempts = new Attempts();
    attempts.take(round({ state: "queued", retrying }));
    attempts.take(round({ state: "streaming" }));
    attempts.take(round({ state: "final" }));
    expect(attempts.of("r-3", QWEN, "respond")).toEqual(retrying);
    expect(attempts.of("r-3", QWEN, "react")).toBeUndefined();
  });

  test("is forgotten when the seat is asked afresh", () => {
    const attempts = new Attempts();
    attempts.take(round({ state: "queued", retrying }));
    attempts.take(round({ state: "queued" }));
    expect(attempts.of("r-3", QWEN, "respond")).toBeUndefined();
  });
});
