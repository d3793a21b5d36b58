import { describe, expect, test } from "vitest";
import { failureOf, isPassing, isTheirs, reasonOf } from "../../src/features/deliberations/failures";
import { failureLine, standing } from "../../src/features/deliberations/standing";
import { openSessions } from "../../src/features/frame/places";
import { needs } from "../../src/features/hall/needs";
import type { SeatErrorCode } from "../../src/generated/SeatErrorCode";
import type { SeatFailure } from "../../src/generated/SeatFailure";
import type { SessionSummary } from "../../src/generated/SessionSummary";
import { Console } from "../../src/state/console.svelte";
import { FakePlatform } from "../fixtures/platform";
import { seats, snapshot, summary } from "../fixtures/shared";

const [CLAUDE, GPT, QWEN] = seats.map(({ model }) => model) as [string, string, string];
const failure = (model: string, error_code: SeatErrorCode, purpose: SeatFailure["purpose"] = "respond"): SeatFailure => ({ model, purpose, error_code, closed: false, unreadable: false, page: false, spent: null });
const session = (part: Partial<SessionSummary>) => summary("s", "Which one?", part);

describe("a session's row says how its newest round ended", () => {
  const all = (code: SeatErrorCode) => seats.map(({ model }) => failure(model, code));
  const rows: [string, Partial<SessionSummary>, string, boolean][] = [
    ["complete", {}, "ready", false],
    ["streaming", { status: "streaming", round_status: "in_progress" }, "running", false],
    ["one seat failed", { round_status: "partial_failure", degraded: true, failures: [failure(QWEN, "rate_limit")], answered: 2 }, "2 of 3 answered", true],
    ["one seat stopped", { round_status: "partial_failure", degraded: true, answered: 2 }, "2 of 3 answered", false],
    ["a reaction lost", { degraded: true, failures: [failure(GPT, "rate_limit", "react")] }, "1 reaction lost", true],
    ["a reaction stopped", { degraded: true }, "incomplete", false],
    ["nobody answered", { outcome: "failed", round_status: "failed", degraded: true, answered: 0, failures: all("provider_auth_failure") }, "failed", true],
    ["Husting ended while one seat wrote", { outcome: "interrupted", round_status: "partial_failure", degraded: true, answered: 2, failures: [{ ...failure(QWEN, "stream_interrupted"), closed: true }] }, "interrupted", true],
    ["Husting ended while the seats reacted", { outcome: "interrupted", degraded: true, failures: [{ ...failure(QWEN, "deadline_expired", "react"), closed: true }] }, "interrupted", true],
    ["Husting was restarted", { outcome: "interrupted", round_status: "failed", degraded: true, answered: 0, failures: all("stream_interrupted") }, "interrupted", true],
    ["one seat failed and one was stopped", { round_status: "partial_failure", degraded: true, failures: [failure(QWEN, "rate_limit")], answered: 1 }, "1 of 3 answered", true],
    ["nobody had answered when Husting was stopped", { outcome: "interrupted", round_status: "failed", degraded: true, answered: 0, failures: all("deadline_expired") }, "interrupted", true],
    ["a person ended it", { outcome: "cancelled", round_status: "failed", degraded: true, answered: 0 }, "cancelled", false],
    ["the first round failed for good", { outcome: "failed", status: "failed", round_status: "failed", degraded: true, answered: 0, failures: all("max_retries_exceeded") }, "failed", true],
  ];
  test.each(rows)("%s", (_, part, word, wants) => {
    expect(standing(session(part))).toMatchObject({ word, wants });
  });

  test("and the rail draws one that nobody answered otherwise than one that lacks a seat", async () => {
    const shapes: [Partial<SessionSummary>, string][] = [
      [{}, "ready"],
      [{ asked: 0, answered: 0 }, "ready"],
      [{ status: "streaming", round_status: "in_progress", answered: 0 }, "running"],
      [{ degraded: true, answered: 2, failures: [failure(QWEN, "rate_limit")] }, "degraded"],
      [{ degraded: true, answered: 0, failures: all("rate_limit") }, "failed"],
    ];
    for (const [part, state] of shapes) {
      const console = new Console(new FakePlatform({ ...snapshot, sessions: [session(part)] }));
      await console.refresh();
      expect(openSessions(console).map((each) => each.state)).toEqual([state]);
    }
  });

  test("and of one that ran, nothing once the login has ended", () => {
    expect(standing(session({ status: "streaming", round_status: "in_progress" }), true)).toEqual({ word: "not known now", running: false, wants: false, stopped: false });
    expect(standing(session({}), true).word, "what is over stays so").toBe("ready");
  });

  test("tells what a person stopped from what failed and from what is whole", () => {
    expect(rows.filter(([, part]) => standing(session(part)).stopped).map(([what]) => what)).toEqual(["one seat stopped", "a reaction stopped", "a person ended it"]);
  });

  test("tells a call that Husting's own end broke off from one whose connection broke", () => {
    const broken = failure(CLAUDE, "stream_interrupted");
    expect(failureLine(session({ failures: [broken] }))).toBe("Claude Opus 4.7: connection broke.");
    expect(failureLine(session({ failures: [{ ...broken, closed: true }] }))).toBe("Claude Opus 4.7: Husting ended.");
    expect(reasonOf({ ...broken, error_code: "deadline_expired", closed: true }), "whose deadline passed meanwhile").toBe("Husting ended");
  });

  test("tells an address that answered with a page from a provider that refused", () => {
    const refused = failure(CLAUDE, "pre_stream_provider_error");
    expect(failureLine(session({ failures: [{ ...refused, page: true }] }))).toBe("Claude Opus 4.7: answered with a page.");
    expect(failureLine(session({ failures: [refused] }))).toBe("Claude Opus 4.7: call refused.");
  });

  test("tells a reaction that could not be read from one that broke off", () => {
    const failures = [failure(CLAUDE, "provider_error", "react"), { ...failure(GPT, "provider_error", "react"), unreadable: true }];
    expect(failureLine(session({ failures }))).toBe("Claude Opus 4.7’s reaction: broke off. GPT-5.4’s reaction: could not be read.");
  });

  test("names each seat that failed with its reason, and what of it failed", () => {
    const failures = [failure(CLAUDE, "rate_limit"), failure(GPT, "internal_deadline_reached", "react")];
    expect(failureLine(session({ failures }))).toBe("Claude Opus 4.7: rate limit. GPT-5.4’s reaction: deadline reached.");
  });
});

test("a reaction that came and could not be read is told as that, in Husting's own words", () => {
  const call = { ...failure(GPT, "provider_error", "react"), unreadable: true, error_message: null };
  expect([reasonOf(call), failureOf(call), isTheirs(call)]).toEqual(["could not be read", "The reaction came, but could not be read.", false]);
  const broken = { ...call, unreadable: false };
  expect([reasonOf(broken), failureOf(broken), isTheirs(broken)]).toEqual(["broke off", "The provider broke off after the first words.", true]);
});

test("what is kept of a provider that was not reached is nobody's words", () => {
  const call = { ...failure(GPT, "max_retries_exceeded"), unreadable: false };
  expect(isTheirs({ ...call, error_message: '{"error":"overloaded"}' })).toBe(true);
  const unreached = { ...call, error_message: "127.0.0.1:9 was not reached: tcp connect error: Connection refused (os error 111)" };
  expect([isTheirs(unreached), failureOf(unreached)]).toEqual([false, "Each try failed: the provider was not reached."]);
});

test("an address that answers with a page refused nothing, and what is kept of it is nobody's words", () => {
  const call = { ...failure(GPT, "pre_stream_provider_error"), unreadable: false };
  const page = { ...call, page: true, error_message: "<!DOCTYPE html>" };
  expect([reasonOf(page), failureOf(page), isTheirs(page)]).toEqual([
    "answered with a page",
    "A page came that is not what an API answers. Check the provider’s base URL in Settings.",
    false,
  ]);
  const refused = { ...call, error_message: "a page came that is not what an API answers: said the provider itself" };
  expect([reasonOf(refused), failureOf(refused), isTheirs(refused)]).toEqual(["call refused", "The provider refused the call.", true]);
});

test("an empty account is no provider that asks to wait, and asking again does not mend it", () => {
  const call = { ...failure(GPT, "rate_limit"), spent: "credit" as const, error_message: "the account at the provider does not cover the call: No." };
  expect([reasonOf(call), failureOf(call), isTheirs(call), isPassing(call)]).toEqual(["no credit there", "The account at the provider does not cover this call: its credit, or its budget, is used up.", false, false]);
  const day = { ...call, spent: "day" as const };
  expect([reasonOf(day), failureOf(day), isPassing(day)]).toEqual(["day’s limit there", "The provider’s limit for a day is reached.", false]);
  expect(isPassing({ ...call, spent: null })).toBe(true);
  expect(failureLine(session({ failures: [{ ...failure(CLAUDE, "rate_limit"), spent: "credit" }] }))).toBe("Claude Opus 4.7: no credit there.");
});

test("a seat that failed asks for the operator, a seat the operator stopped does not", async () => {
  const degraded = { round_status: "partial_failure" as const, degraded: true };
  const failed = summary("s-failed", "Failed", { ...degraded, failures: [failure(QWEN, "rate_limit")] });
  const stopped = summary("s-stopped", "Stopped", degraded);
  const console = new Console(new FakePlatform({ ...snapshot, sessions: [failed, stopped] }));
  await console.refresh();
  expect(needs(console).flatMap((need) => ("session" in need ? [need.session.session_id] : []))).toEqual(["s-failed"]);
});
