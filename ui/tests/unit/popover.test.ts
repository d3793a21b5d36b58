import { cleanup, render } from "@testing-library/svelte";
import { createRawSnippet, tick } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import Popover from "../../src/components/Popover.svelte";

const children = createRawSnippet(() => ({ render: () => "<span>Add as</span>" }));
const [width, height] = [200, 120];
const GAP = 8;

beforeEach(() => {
  vi.stubGlobal("innerWidth", 1024);
  vi.stubGlobal("innerHeight", 768);
  vi.spyOn(HTMLElement.prototype, "offsetWidth", "get").mockReturnValue(width);
  vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(height);
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** Where it stands for words of 20 pixels height, from the left and from the top. */
async function placed(left: number, top: number) {
  const { getByRole } = render(Popover, { at: new DOMRect(left, top, 40, 20), label: "Add as", onclose: () => {}, children });
  const { style } = getByRole("group", { name: "Add as" });
  await tick();
  return [style.left, style.top];
}

test.each([
  ["below its words, at their beginning", [100, 100], [100, 100 + 20 + GAP]],
  ["still below them where it just has room", [100, 768 - GAP - height - GAP - 20], [100, 768 - GAP - height]],
  ["above them where the window ends", [100, 768 - GAP - height - GAP - 19], [100, 768 - GAP - height - GAP - 19 - GAP - height]],
  ["within the window at its right edge", [1000, 100], [1024 - width - GAP, 128]],
  ["within the window at its left edge", [-20, 100], [GAP, 128]],
] as const)("a popover stands %s", async (_, [left, top], wanted) => {
  expect(await placed(left, top)).toEqual(wanted.map((pixels) => `${pixels}px`));
});
