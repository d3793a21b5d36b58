import { afterEach, expect, test } from "vitest";
import { beginningOf, bounded } from "../../src/components/bounded";
import { LeftOut } from "../../src/components/left-out.svelte";

/** A field for so many characters takes four times as many. */
const [LIMIT, MOST] = [50, 200];

afterEach(() => document.body.replaceChildren());

/** A field with its words, which follow what is written into it. */
function fieldOf(words: string) {
  const field = document.createElement("textarea");
  document.body.append(field);
  field.value = words;
  let written = words;
  const leftOut = new LeftOut(() => written);
  const end = bounded(leftOut, LIMIT)(field);
  field.addEventListener("input", () => (written = field.value));
  const add = (data: string, from = field.value.length, to = field.value.length) => {
    field.setSelectionRange(from, to);
    return field.dispatchEvent(new InputEvent("beforeinput", { data, inputType: "insertFromPaste", cancelable: true }));
  };
  const write = (value: string) => {
    field.value = value;
    field.dispatchEvent(new InputEvent("input"));
    return field.value === value;
  };
  return { field, leftOut, add, write, end };
}

const none = (more: string) => `There is no room for ${more}: 200 fit here. What stood here stays.`;

test("a field takes what fits to the last character, and nothing of what does not", () => {
  const { leftOut, add } = fieldOf("x".repeat(150));
  expect([add("y".repeat(50)), leftOut.sentence]).toEqual([true, null]);
  expect([add("y".repeat(51)), leftOut.sentence]).toEqual([false, none("51 more characters")]);
});

test("what is selected makes room for what is put in its place", () => {
  const { add } = fieldOf("x".repeat(150));
  expect(add("y".repeat(150), 0, 100)).toBe(true);
  expect(add("y".repeat(151), 0, 100)).toBe(false);
});

test("one letter too many is told as one", () => {
  const { leftOut, add } = fieldOf("x".repeat(MOST));
  expect([add("y"), leftOut.sentence]).toEqual([false, none("1 more character")]);
});

test("words that were kept too long are shortened step by step, whichever way", () => {
  const { field, leftOut, add, write } = fieldOf("x".repeat(300));
  expect([add("y".repeat(5), 0, 90), add("y".repeat(6), 0, 5)]).toEqual([true, false]);
  expect([write("x".repeat(299)), leftOut.sentence]).toEqual([true, null]);
  expect([write("x".repeat(301)), leftOut.sentence]).toEqual([false, none("2 more characters")]);
  expect(field.value).toHaveLength(299);
});

test("what was left out is told until anything else stands there, and a field that is gone tells nothing", () => {
  const { leftOut, add, write, end } = fieldOf("x");
  add("y".repeat(MOST));
  expect(leftOut.sentence).toBe(none("200 more characters"));
  write("xy");
  write("x");
  expect(leftOut.sentence, "nor does it come back").toBeNull();
  end?.();
  expect([add("y".repeat(MOST)), leftOut.sentence]).toEqual([true, null]);
});

test("a beginning ends with a whole character", () => {
  expect(beginningOf(`${"x".repeat(MOST - 1)}😀`, LIMIT)).toBe("x".repeat(MOST - 1));
  expect(beginningOf(`${"x".repeat(MOST - 2)}😀y`, LIMIT)).toBe(`${"x".repeat(MOST - 2)}😀`);
  expect(beginningOf("short", LIMIT)).toBe("short");
});
