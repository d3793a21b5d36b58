import { cleanup, fireEvent, screen, within } from "@testing-library/svelte";
import { describe, expect, test } from "vitest";
import type { RoundView } from "../../src/generated/RoundView";
import type { SessionView } from "../../src/generated/SessionView";
import { m } from "../../src/messages";
import { call } from "../fixtures/rounds";
import { SYNTHESIS } from "../fixtures/recaps";
import { debit, degradedRound, firstRound, secondRound, steered } from "../fixtures/sessions";
import { CLAUDE, GPT, open, QWEN } from "./session-screen";

describe("what a session cost", () => {
  test("the debits of a round sum to what it cost", async () => {
    await open(steered(), "cost");
    const table = within(screen.getAllByRole("table")[0]!);
    expect(table.getAllByRole("row")).toHaveLength(8);
    expect(table.getAllByRole("row").at(-1)?.textContent).toContain("$0.027400");
  });

  test("rounds and their sum are written with so many places that they add up", async () => {
    const view = steered();
    const costs = [6_060, 9_960];
    const rounds = view.rounds.slice(0, 2).map((each, at) => ({ ...each, summary: { ...each.summary, cost: costs[at]! } }));
    await open({ ...view, rounds, summary: { ...view.summary, cost: 16_020 } }, "cost");
    const rows = within(screen.getAllByRole("table").at(-1)!).getAllByRole("row").slice(1);
    expect(rows.map((row) => row.textContent!.match(/\$.*$/)![0].trim())).toEqual(["$0.006060", "$0.009960", "$0.016020"]);
  });

  test("the rounds add up to what the session cost, also when a synthesis was written since", async () => {
    const written = (view: SessionView): SessionView => {
      const rounds = view.rounds.map((each) => {
        const debits = [...each.debits, ...(each.index === 1 ? [debit(GPT, "respond", 887, { purpose: "synthesis", transaction_id: "t-synthesis" })] : [])];
        return { ...each, debits, summary: { ...each.summary, cost: debits.reduce((sum, { cost }) => sum + cost, 0) } };
      });
      return { ...steered(rounds), synthesis: SYNTHESIS };
    };
    let view = steered();
    const platform = await open(() => view, "cost");
    view = written(view);
    for (const round of view.rounds) platform.emit({ type: "round_changed", round });
    platform.emit({ type: "session_changed", session: view.summary });
    platform.emit({ type: "synthesis_changed", session_id: "s-event", synthesis: SYNTHESIS });
    await screen.findByRole("cell", { name: "synthesis" });
    const figures = within(screen.getAllByRole("table").at(-1)!).getAllByRole("row").slice(1).map((row) => Number(row.lastElementChild!.textContent!.replace("$", "")));
    expect(figures).toEqual([0.0274, 0.0283, 0.0557]);
  });

  test.each([
    ["live", /^Respondtook 12\.0 s.*Reacttook 6\.4 s ?Maptook 1\.4 s/],
    ["cost", /respond 12\.0 s, react 6\.4 s, waits and map 2\.6 s, round 21\.0 s/],
  ])("the %s view takes the times of the phases from the seats' own, as the line above it does", async (tab, said) => {
    const took = (seconds: number) => ({ started_at: "2026-11-20T14:11:00Z", ended_at: new Date(Date.parse("2026-11-20T14:11:00Z") + seconds * 1_000).toISOString() });
    const whole = secondRound();
    const timed = secondRound({
      answers: [call("claude-code", "respond", took(9.1)), call(GPT, "respond", took(12)), call(QWEN, "respond", took(3))],
      reactions: [call("claude-code", "react", took(6.4)), call(GPT, "react", took(2)), call(QWEN, "react", took(3))],
      summary: { ...whole.summary, timings: { slowest_answer_ms: 12_700, slowest_reaction_ms: 6_900, round_ms: 21_000 } },
    });
    await open(steered([firstRound(), timed]), tab);
    expect(screen.getByRole("group", { name: "The result in one line" }).textContent).toMatch(/21\.0 s\s*respond 12\.0 s, react 6\.4 s, waits and map 2\.6 s/);
    expect([...document.querySelectorAll("ol, header, section")].map(({ textContent }) => textContent!.replace(/\s+/g, " ").replaceAll(" took", "took").trim()).some((text) => said.test(text))).toBe(true);
  });

  test("a call that failed is told as such among the times, and no map was reached where nobody reacted", async () => {
    const took = (seconds: number) => ({ started_at: "2026-11-20T14:11:00Z", ended_at: new Date(Date.parse("2026-11-20T14:11:00Z") + seconds * 1_000).toISOString() });
    const broken = { state: "error" as const, text: "", sentences: [], error_message: null };
    const whole = secondRound();
    const round = secondRound({
      answers: [
        call("claude-code", "respond", { ...broken, error_code: "max_retries_exceeded", ...took(0.191) }),
        call(GPT, "respond", { ...broken, error_code: "cancelled", ...took(0.15) }),
        call(QWEN, "respond", took(0.1)),
      ],
      reactions: [],
      claim_map: null,
      summary: { ...whole.summary, answered: 1, asked_to_react: 0, reacted: 0, claims: 0, timings: { slowest_answer_ms: 100, slowest_reaction_ms: 0, round_ms: 200 } },
    });
    await open(steered([round]), "cost");
    const cost = screen.getByRole("region", { name: "Cost" });
    expect(within(cost).getAllByRole("img", { name: /: answer / }).map((bar) => bar.getAttribute("aria-label")!.split(": ")[1])).toEqual([
      "answer failed after 191 ms, reaction 0 ms", "answer stopped after 150 ms, reaction 0 ms", "answer 100 ms, reaction 0 ms",
    ]);
    expect(cost.textContent).toContain("respond 191 ms, round 200 ms");
    cleanup();
    await open(steered([round]), "live");
    const phases = within(screen.getByRole("list", { name: "Phases of the round" })).getAllByRole("listitem");
    expect(phases.slice(1).map(({ textContent }) => textContent!.replace(/\s+/g, " ").trim())).toEqual(["React not reached", "Map not reached"]);
  });

  test("the parts of a round's time add up to it, and what is too little or not known is not named", async () => {
    const times = (answer: number, reaction: number, part: Partial<RoundView["summary"]["timings"]>, tries = 1) => {
      const took = (ms: number) => ({ started_at: "2026-11-20T14:11:00.000Z", ended_at: new Date(Date.parse("2026-11-20T14:11:00Z") + ms).toISOString() });
      const timings = { slowest_answer_ms: answer, slowest_reaction_ms: reaction, round_ms: 0, ...part };
      const whole = secondRound();
      return secondRound({
        answers: [call(GPT, "respond", took(answer))],
        reactions: [call(GPT, "react", took(reaction))],
        tries: Array.from({ length: tries }, () => whole.started_at),
        summary: { ...whole.summary, timings },
      });
    };
    const told = async (round: RoundView) => {
      cleanup();
      await open(steered([firstRound(), round]), "cost");
      const line = screen.getByRole("group", { name: "The result in one line" }).textContent!.replace(/\s+/g, " ");
      return /(?:\d+ min )?\S+ (?:s|ms) (?:in \d tries )?respond .*?(?= *$)/.exec(line)?.[0];
    };
    expect(await told(times(41_200, 9_800, { round_ms: 51_100 }))).toBe("51.1 s respond 41.2 s, react 9.8 s, map 0.1 s");
    expect(await told(times(41_290, 9_890, { round_ms: 51_300 })), "no part is told as two tenths more than it was").toBe("51.3 s respond 41.2 s, react 9.8 s, map 0.1 s");
    expect(await told(times(41_250, 9_830, { round_ms: 51_220 })), "but is rounded up where that makes them add up").toBe("51.2 s respond 41.2 s, react 9.8 s, map 0.2 s");
    expect(await told(times(3_170, 20, { round_ms: 3_220 }))).toBe("3.2 s respond 3.1 s, react 20 ms");
    expect(await told(times(3_900, 85, { round_ms: 4_390 })), "where the parts have not one unit, each has its own").toBe("4.3 s respond 3.9 s, react 85 ms, map 0.4 s");
    expect(await told(times(180, 90, { round_ms: 302 }))).toBe("302 ms respond 180 ms, react 90 ms, map 32 ms");
    expect(await told(times(41_900, 31_900, { round_ms: 75_400 }))).toBe("1 min 15 s respond 41.9 s, react 31.9 s, map 1.6 s");
    expect(screen.getByRole("region", { name: "Cost" }).textContent).toContain("respond 41.9 s, react 31.9 s, map 1.6 s, round 1 min 15 s");
    expect(await told(times(41_940, 31_940, { round_ms: 75_010 })), "rounded up").toBe("1 min 15 s respond 41.9 s, react 31.9 s, map 1.2 s");
    expect(await told(times(400_300, 190_900, { round_ms: 605_000 }))).toBe("10 min 5 s respond 6 min 40 s, react 3 min 10 s, map 13.8 s");
    expect(await told(times(400_300, 204_000, { round_ms: 605_000 })), "within what is cut off").toBe("10 min 5 s respond 6 min 40 s, react 3 min 24 s");
    expect(await told(times(12_000, 6_000, { round_ms: 30_000 }, 2)), "of two tries").toBe("30.0 s in 2 tries respond 12.0 s, react 6.0 s");
  });

  test("a round that was tried again says so wherever its time stands, and of an answer in which try it came", async () => {
    const whole = secondRound();
    const [broke, again] = ["2026-11-20T14:32:16Z", "2026-11-20T14:50:00Z"];
    const came = (began: string) => ({ started_at: began, ended_at: new Date(Date.parse(began) + 12_000).toISOString() });
    const round = secondRound({
      answers: [call(GPT, "respond", came(broke)), call(QWEN, "respond", came(again))],
      tries: [broke, again],
      summary: { ...whole.summary, timings: { slowest_answer_ms: 12_000, slowest_reaction_ms: 9_800, round_ms: 51_100 } },
    });
    const said = async (tab: string) => {
      cleanup();
      await open(steered([firstRound(), round]), tab);
      return screen.getByRole("tabpanel").textContent!.replace(/\s+/g, " ");
    };
    for (const tab of ["live", "claims", "cost", "transcript"]) expect(await said(tab), tab).toContain("51.1 s in 2 tries");
    const cost = await said("cost");
    expect(cost).toContain("round 51.1 s in 2 tries");
    expect(cost).toMatch(/Round 1 ?(?:\d+ min )?[\d.]+ s ?\$.*Round 2 ?51\.1 s in 2 tries ?\$/);
    await said("answers");
    const bar = document.querySelector(".bar .figures")!;
    const read = async (seat: RegExp) => {
      await fireEvent.click(screen.getByRole("radio", { name: seat }));
      return bar.textContent!.replace(/\s+/g, " ");
    };
    expect(await read(/Qwen/)).toContain("12.0 s in the second try");
    expect(await read(/GPT/)).not.toContain("try");
  });

  test("what each seat's two times are stands over them, in the tones of its bar", async () => {
    await open(steered(), "cost");
    const heads = [...document.querySelectorAll(".heads span")];
    expect(heads.map((head) => [head.textContent, head.querySelector("i")!.classList[0]])).toEqual([["answer", "answer"], ["reaction", "reaction"]]);
    expect([...document.querySelector("[role=img].bar")!.children].map(({ classList }) => classList[0])).toEqual(["answer", "reaction"]);
  });

  test("a sum with an estimate in it has the sign of one, at the output as its call", async () => {
    await open(steered(), "cost");
    const outputs = () => [...screen.getAllByRole("table")[0]!.querySelectorAll("tr")].map((row) => row.children[row.closest("tfoot") ? 3 : 4]?.textContent?.trim() ?? "").slice(1);
    expect(outputs().at(-1)).toMatch(/^≈\u00a0[\d,]+$/);
    expect(outputs().filter((each) => each.startsWith("≈"))).toHaveLength(2);
    cleanup();
    const whole = degradedRound();
    const sure = { ...whole, debits: whole.debits.map((each) => ({ ...each, usage: { ...each.usage, estimated: false } })) };
    await open(steered([firstRound(), sure]), "cost");
    expect(outputs().join()).not.toContain("≈");
  });

  test("the estimate a round began with stands beside what it cost, whoever began it and whenever", async () => {
    const estimated = secondRound({ estimate: { low: 21_000, high: 25_000, recap_low: 0, recap_high: 0 } });
    await open(steered([firstRound(), estimated]), "cost");
    const figure = screen.getByText("Estimate", { selector: "dt" }).nextElementSibling!;
    expect(figure.textContent!.replace(/\s+/g, " ").trim()).toBe("$0.021 – 0.025 $0.0024 above the estimate");
    cleanup();
    // Of what was asked for later, its estimate holds nothing: it is told by itself, and not as above.
    const later = secondRound({ estimate: { low: 21_000, high: 25_000, recap_low: 0, recap_high: 0 } });
    const written = [...later.debits, debit(CLAUDE, "respond", 947, { purpose: "recap" }), debit(CLAUDE, "respond", 529, { purpose: "synthesis" })];
    const summed = { ...later, debits: written, summary: { ...later.summary, cost: later.summary.cost + 947 + 529 } };
    await open(steered([firstRound(), summed]), "cost");
    expect(screen.getByText("Estimate", { selector: "dt" }).nextElementSibling!.textContent, "0.0289 − 0.0015 − 0.025").toContain("the round alone: $0.0024 above the estimate");
    expect(screen.getByText("Per claim", { selector: "dt" }).nextElementSibling!.textContent).toMatch(/^\$0\.\d+$/);
    expect(screen.getByText("Actual", { selector: "dt" }).nextElementSibling!.textContent).toContain("$0.0289 including $0.0015 for recap and synthesis");
    cleanup();
    const foreseen = { ...summed, estimate: { low: 21_000, high: 25_000, recap_low: 1_000, recap_high: 4_000 } };
    await open(steered([firstRound(), foreseen]), "cost");
    expect(screen.getByText("Actual", { selector: "dt" }).nextElementSibling!.textContent).not.toContain("written later");
    cleanup();
    const withRecap = secondRound({ estimate: { low: 21_000, high: 25_000, recap_low: 1_000, recap_high: 4_000 } });
    await open(steered([firstRound(), withRecap]), "live");
    screen.getByText("estimate $0.022 – 0.029");
  });
});

test("of a call's two sums the charged one is set strong, as in the ledger", async () => {
  await open(steered([firstRound(), secondRound()]), "cost");
  const charged = within(await screen.findByRole("region", { name: m.session.tabs.cost })).getByRole("columnheader", { name: m.session.cost.columns.charged });
  const table = charged.closest("table")!;
  const at = [...charged.parentElement!.children].indexOf(charged);
  const rows = [...table.querySelectorAll("tbody tr")];
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) expect([...row.children].flatMap((cell, index) => (cell.classList.contains("strong") ? [index] : []))).toEqual([at]);
  const total = table.querySelector("tfoot tr")!;
  expect(total.querySelectorAll(".strong")).toHaveLength(1);
  expect([...total.children].at(-2)!.classList.contains("strong"), "the last before the time").toBe(true);
});
