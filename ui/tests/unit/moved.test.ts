import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { hinges, movedThreads, moveCount, threadsOf } from "../../src/features/deliberations/session/moved/threads";
import { m } from "../../src/messages";
import { bareClaim, mapOf, wonOver } from "../fixtures/maps";
import { position } from "../fixtures/rounds";

describe("who moved", () => {
  // Spec 4.4, by hand: C challenged “Usage aligns incentives.” and reacts SHIFT to the same words in the next round.
  test("is C, from CHALLENGE to SHIFT, on the words that were quoted", () => {
    const { rounds, panel, words } = wonOver();
    const [a, , c] = panel;
    const [thread, ...others] = movedThreads(rounds, panel);
    expect(others).toEqual([]);
    expect(thread!.newest.claim).toMatchObject({ quote: words, originator: a, group: "agreed" });
    expect(thread!.paths.map(({ model }) => model)).toEqual([c]);
    const [before, after] = thread!.paths[0]!.steps;
    expect(before).toMatchObject({ moved: false, position: { type: "CHALLENGE", comment: "For whom?", was: null } });
    expect(after).toMatchObject({ moved: true, position: { type: "SHIFT", comment: "The pilot’s bills show it.", was: "CHALLENGE" } });
    expect(moveCount(rounds)).toBe(1);
  });

  test("is nobody before the second round, which it is said to need", () => {
    const { rounds, panel } = wonOver();
    expect(movedThreads(rounds.slice(0, 1), panel)).toEqual([]);
    expect(m.moved.oneRound).toContain("Steer another round, and this shows who changes their mind.");
  });

  test("stands in panel order, the moderator last, a round of silence as a hole", () => {
    const [a, b] = ["a", "b"];
    const goesOn = (round_index: number) => ({ round_index, id: "c1" });
    const both = [position("moderator", "KEEP", ""), position(b, "CHALLENGE", ""), position(a, "CHALLENGE", "")];
    const rounds = [
      mapOf(0, [bareClaim("c1", null, { positions: both })]),
      mapOf(1, [bareClaim("c1", goesOn(0), { positions: [position(b, "CHALLENGE", "")] })]),
      mapOf(2, [bareClaim("c1", goesOn(1), { positions: both.map(({ model }) => position(model, "SHIFT", "")) })]),
    ];
    rounds[2]!.claim_map!.moved = both.map(({ model }) => ({ model, claim_id: "c1", from: null, to: "SHIFT" }));
    const [thread] = movedThreads(rounds, [a, b]);
    expect(thread!.paths.map(({ model }) => model)).toEqual(["a", "b", "moderator"]);
    expect(thread!.paths.map(({ steps }) => steps.map((step) => step?.position.type ?? null))).toEqual([
      ["CHALLENGE", null, "SHIFT"],
      ["CHALLENGE", "CHALLENGE", "SHIFT"],
      ["KEEP", null, "SHIFT"],
    ]);
  });

  test("whose words they were has no stance on them then, and is told as that", () => {
    const positions = [position("a", "SHIFT", "")];
    const rounds = [mapOf(0, [bareClaim("c1", null, { originator: "a" })]), mapOf(1, [bareClaim("c1", { round_index: 0, id: "c1" }, { originator: "b", positions })])];
    rounds[1]!.claim_map!.moved = [{ model: "a", claim_id: "c1", from: null, to: "SHIFT" }];
    const [path] = movedThreads(rounds, ["a", "b"])[0]!.paths;
    expect(path!.said).toEqual(["here", null]);
    expect(path!.steps.map((step) => step?.position.type ?? null)).toEqual([null, "SHIFT"]);
  });

  test("who said the words in a claim of its own is told as that, in that round alone", () => {
    const rounds = [
      mapOf(0, [bareClaim("c1", null, { originator: "b", quote: "Use **one** store." }), bareClaim("c2", null, { originator: "a", quote: "Use one  store." })]),
      mapOf(1, [bareClaim("c1", { round_index: 0, id: "c1" }, { originator: "b", quote: "Use one store.", positions: [position("a", "SHIFT", "")] })]),
    ];
    rounds[1]!.claim_map!.moved = [{ model: "a", claim_id: "c1", from: null, to: "SHIFT" }];
    expect(movedThreads(rounds, ["a", "b"]).map(({ paths }) => paths.map(({ model, said }) => [model, said]))).toEqual([[["a", ["too", null]]]]);
  });

  test("a claim that goes on twice is one thread, and a seat's last word on it counts", () => {
    const goesOn = { round_index: 0, id: "c1" };
    const rounds = [
      mapOf(0, [bareClaim("c1"), bareClaim("c2")]),
      mapOf(1, [bareClaim("c1", goesOn, { positions: [position("a", "KEEP", "")] }), bareClaim("c2", goesOn, { positions: [position("a", "SHIFT", "", { was: "CHALLENGE" })] })]),
    ];
    rounds[1]!.claim_map!.moved = [{ model: "a", claim_id: "c2", from: "CHALLENGE", to: "SHIFT" }];
    expect(threadsOf(rounds).map(({ standings }) => standings.map(({ id }) => id))).toEqual([["0/c1", "1/c1", "1/c2"], ["0/c2"]]);
    expect(movedThreads(rounds, ["a"])[0]!.paths[0]!.steps[1]).toMatchObject({ moved: true, position: { type: "SHIFT" } });
  });

  test("is counted as the rows show it: once where a seat moved on two claims of a round that go on with one, and by its move before its last word", () => {
    const goesOn = { round_index: 0, id: "c1" };
    const shifts = (id: string, type: "SHIFT" | "KEEP") => bareClaim(id, goesOn, { positions: [position("a", type, "")] });
    const after = (second: "SHIFT" | "KEEP") => {
      const round = mapOf(1, [shifts("c1", "SHIFT"), shifts("c2", second)]);
      round.claim_map!.moved = round.claim_map!.claims.flatMap(({ id, positions }) => (positions[0]!.type === "SHIFT" ? [{ model: "a", claim_id: id, from: null, to: "SHIFT" as const }] : []));
      return [mapOf(0, [bareClaim("c1")]), round];
    };
    for (const second of ["SHIFT", "KEEP"] as const) {
      const [, step] = movedThreads(after(second), ["a"])[0]!.paths[0]!.steps;
      expect([step?.moved, step?.position.type, moveCount(after(second))], second).toEqual([true, "SHIFT", 1]);
    }
  });

  test("is once who says SHIFT again of the same claim: the mind had changed before, also across a round of silence", () => {
    const shift = { positions: [position("a", "SHIFT", "")] };
    const goesOn = (round_index: number) => ({ round_index, id: "c1" });
    const rounds = [
      mapOf(0, [bareClaim("c1", null, shift)]),
      mapOf(1, [bareClaim("c1", goesOn(0), shift)]),
      mapOf(2, [bareClaim("c1", goesOn(1))]),
      mapOf(3, [bareClaim("c1", goesOn(2), shift)]),
    ];
    for (const { claim_map } of rounds) claim_map!.moved = claim_map!.claims.filter(({ positions }) => positions.length > 0).map(({ id }) => ({ model: "a", claim_id: id, from: null, to: "SHIFT" as const }));
    expect(movedThreads(rounds, ["a"])[0]!.paths[0]!.steps.map((step) => step?.moved ?? null)).toEqual([true, false, null, false]);
    expect(moveCount(rounds)).toBe(1);
  });

  test("is twice who took a SHIFT back in between: the mind has changed again", () => {
    const goesOn = (round_index: number) => ({ round_index, id: "c1" });
    const types = ["SHIFT", "CHALLENGE", "SHIFT"] as const;
    const rounds = types.map((type, index) => mapOf(index, [bareClaim("c1", index === 0 ? null : goesOn(index - 1), { positions: [position("a", type, "")] })]));
    for (const at of [0, 2]) rounds[at]!.claim_map!.moved = [{ model: "a", claim_id: "c1", from: null, to: "SHIFT" }];
    expect(movedThreads(rounds, ["a"])[0]!.paths[0]!.steps.map((step) => step?.moved ?? null)).toEqual([true, false, true]);
  });

  test("the same words of the same seat in another round are the same claim; of another seat, or twice in a round, they are not", () => {
    const said = (id: string, originator: string, quote = "Print **the** digest.") => bareClaim(id, null, { originator, quote });
    const rounds = [mapOf(0, [said("c1", "a"), said("c2", "a")]), mapOf(1, [said("c1", "b"), said("c2", "a", "Print the digest.")])];
    expect(threadsOf(rounds).map(({ standings }) => standings.map(({ id }) => id))).toEqual([["0/c1"], ["0/c2", "1/c2"], ["1/c1"]]);
  });
});

describe("leave-one-out", () => {
  test("names claims by how they stand now", () => {
    const rounds = [
      mapOf(0, [bareClaim("c1", null, { flips_without: ["a"] }), bareClaim("c2", null, { flips_without: ["b"] })]),
      mapOf(1, [bareClaim("c1", { round_index: 0, id: "c1" })]),
    ];
    expect(hinges(rounds).map(({ id, claim }) => [id, claim.flips_without])).toEqual([["0/c2", ["b"]]]);
  });
});

test("where a claim and its seats would leave one round no room nothing lies on the rounds, and the first is where they begin", () => {
  const [outer, inner] = ["Moved", "MovedClaim"].map((name) => readFileSync(`src/features/deliberations/session/moved/${name}.svelte`, "utf8"));
  const narrow = (source: string) => /@container \(max-width: 479px\) \{((?:[^{}]|\{[^{}]*\})*)\}/.exec(source)?.[1] ?? "";
  expect(narrow(inner!)).toMatch(/\.claim, \.seat \{ position: static; \}/);
  expect(narrow(inner!), "a claim has a line of its own").toMatch(/\.claim \{ grid-column: 1 \/ -1;/);
  expect(narrow(outer!)).toMatch(/thead th \{ position: static;/);
  expect(outer, "by the same width").toMatch(/const BESIDE = 480;/);
  expect(outer).toMatch(/atEnd && scroller\.offsetWidth >= BESIDE\) scroller\.scrollLeft = scroller\.scrollWidth/);
});
