import { describe, expect, test } from "vitest";
import { broughtIn } from "../../src/components/in-sight";

describe("a row is brought into sight", () => {
  const sight = { from: 380, room: 300, total: 3_800, fadesAbove: true };
  test.each([
    ["one that is whole in sight does not move", { start: 380, end: 416 }, sight, null],
    ["nor the last one that is", { start: 644, end: 680 }, sight, null],
    ["one above comes clear of what fades", { start: 190, end: 226 }, sight, 158],
    ["or to the edge where nothing fades", { start: 190, end: 226 }, { ...sight, fadesAbove: false }, 190],
    ["the first one to the very top", { start: 0, end: 36 }, sight, 0],
    ["one below comes clear of what fades", { start: 646, end: 682 }, sight, 414],
    ["the last one to the very end", { start: 3_764, end: 3_800 }, sight, 3_500],
    ["and a list that has room for all stays at its top", { start: 76, end: 112 }, { ...sight, from: 0, room: 100, total: 90 }, 0],
  ] as const)("%s", (_, row, box, wanted) => {
    expect(broughtIn(row, box)).toBe(wanted);
  });
});
