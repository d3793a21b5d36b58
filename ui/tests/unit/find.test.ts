import { describe, expect, test } from "vitest";
import { drawnText, findables, hitsIn, lengthOf, occurrences } from "../../src/features/deliberations/session/find/hits";
import { FIRST_RECAP, SYNTHESIS } from "../fixtures/recaps";
import { CLAIMS } from "../fixtures/rounds";
import { firstRound, secondRound } from "../fixtures/sessions";

describe("what is looked for", () => {
  test("is found however either side is cased, spaced or quoted, at its place in the text", () => {
    const text = "It’s a  “small” number –\nIT'S a fact.";
    expect(occurrences(text, "it's a ")).toEqual([0, text.indexOf("IT'S")]);
    expect(occurrences(text, '"small" number -')).toEqual([text.indexOf("“small”")]);
    expect(occurrences("İstanbul, Straße", "straße")).toEqual([10]);
    expect(occurrences(text, "   ")).toEqual([]);
    expect(lengthOf(" it's a ")).toBe(6);
  });

  test("is counted without overlaps", () => expect(occurrences("aaaaa", "aa")).toEqual([0, 2]));
});

test("an answer is searched as it is drawn, without its Markdown", () => {
  expect(drawnText("**Seats** are `easy`.\r\n\r\n- [one](https://x.test)\n- two")).toBe("Seats are easy.onetwo");
});

test("texts of a session come round by round: answers, claims with what was said to them, unverified quotes", () => {
  const texts = findables([firstRound(), secondRound()], (round, model) => round.answers.find((call) => call.model === model)?.text ?? "");
  const kinds = texts.map(({ place }) => `${place.round} ${place.kind}`);
  expect([...new Set(kinds)]).toEqual(["0 answer", "0 claim", "1 answer", "1 claim", "1 unverified"]);
  expect(new Set(texts.map(({ key }) => key)).size).toBe(texts.length);
  const hits = hitsIn(texts, CLAIMS[0]!.positions[1]!.comment);
  expect(hits.map(({ key, nth }) => [key, nth])).toEqual([
    ["position/0/c1/1", 0],
    ["position/1/c1/1", 0],
  ]);
});

test("what summed rounds and the session up is found as well, as it is drawn", () => {
  const rounds = [firstRound({ recap: FIRST_RECAP }), secondRound()];
  const texts = findables(rounds, () => "", SYNTHESIS.synthesis);
  const found = (query: string) => hitsIn(texts, query).map(({ key, place }) => [key, place]);
  expect(found("a compound index does the same")).toEqual([["recap/0/body/0", { kind: "recap", round: 0 }]]);
  expect(found(FIRST_RECAP.recap!.agenda[2]!)).toEqual([["recap/0/agenda/2", { kind: "recap", round: 0 }]]);
  expect(found(SYNTHESIS.synthesis!.origin)).toEqual([["synthesis/origin", { kind: "synthesis", round: 1 }]]);
  expect(found(SYNTHESIS.synthesis!.arcs[1]!.body)).toEqual([["synthesis/body/1", { kind: "synthesis", round: 1 }]]);
  expect(new Set(texts.map(({ key }) => key)).size).toBe(texts.length);
});
