import { afterEach, expect, test } from "vitest";
import { EarlyKeys } from "../../src/keys/early";

const early = new EarlyKeys();
const acted: string[] = [];
const act = ({ key }: KeyboardEvent) => acted.push(key);

function press(key: string, init: KeyboardEventInit = {}): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init });
  document.body.dispatchEvent(event);
  return event;
}

afterEach(() => {
  early.end();
  acted.length = 0;
  removeEventListener("keydown", act);
});

test("what is typed is kept instead of acting, in its order, and acts again afterwards", () => {
  addEventListener("keydown", act);
  press("a");
  early.begin();
  early.begin();
  const kept = ["n", "é", "😀", " ", "Backspace", "Enter"];
  for (const key of kept) expect(press(key).defaultPrevented, key).toBe(true);
  expect(early.end()).toEqual(kept);
  expect(early.end()).toEqual([]);
  press("b");
  expect(acted).toEqual(["a", "b"]);
});

test("chords, moves and what an input method composes go where they went", () => {
  addEventListener("keydown", act);
  early.begin();
  press("k", { ctrlKey: true });
  press("k", { metaKey: true });
  press("x", { altKey: true });
  press("Escape");
  press("Tab");
  press("n", { isComposing: true });
  expect(acted).toEqual(["k", "k", "x", "Escape", "Tab", "n"]);
  expect(early.end()).toEqual([]);
});
