import { describe, expect, test } from "vitest";
import { earlier, returned, seatedIn, whyUnseated } from "../../src/features/settings/buckets";

const panel = { buckets: [["a", "b"], ["a"], ["c", "b"], ["d"]], chosen: true, seats: ["a", "c", "d"], collapsed_buckets: [1], rehearsal: false, waits_for_keys: false, recap_writers: [] };

describe("whom a bucket seats", () => {
  test("is told in turn, past those that seat nobody", () => {
    expect(seatedIn(panel)).toEqual(["a", null, "c", "d"]);
  });

  test("is nobody beyond the seats of a panel, or where rehearsal seats stand in", () => {
    expect(seatedIn({ ...panel, seats: ["a", "c"] })).toEqual(["a", null, "c", null]);
    expect(seatedIn({ ...panel, seats: ["r1", "r2", "r3"], collapsed_buckets: [], rehearsal: true, waits_for_keys: false })).toEqual([null, null, null, null]);
  });
});

test("a model that is put back stands in its bucket beside what was added since, alone where that is gone, and never twice", () => {
  expect(returned([["a"], ["c", "x"]], 1, "b", 1)).toEqual([["a"], ["c", "b", "x"]]);
  expect(returned([["a"]], 1, "b", 1)).toEqual([["a"], ["b"]]);
  expect(returned([["b", "a"]], 0, "b", 1)).toEqual([["b", "a"]]);
});

describe("why a bucket seats nobody", () => {
  test.each([
    [false, [null], "over"],
    [true, ["no_key", null], "elsewhere"],
    [true, ["no_key", "no_price"], "notYet"],
    [true, ["disabled"], "notYet"],
    [true, ["no_key", "unreachable"], "nobody"],
    [true, ["credit_exhausted"], "nobody"],
  ] as const)("collapsed %s, of %j: %s", (collapsed, reasons, why) => expect(whyUnseated(collapsed, reasons)).toBe(why));
});

test("one of a list moves a place earlier, the others keep their order", () => {
  expect(earlier(["a", "b", "c"], 2)).toEqual(["a", "c", "b"]);
});
