import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test, vi } from "vitest";
import { edges, edgesOfText, FADE } from "../../src/components/edges";

let end: (() => void) | undefined;
afterEach(() => end?.());

/** What a box of 300 pixels is marked with that holds so much, scrolled so far. */
function marked(scrollHeight: number, scrollTop: number, scrollWidth = 100, overflow = "auto", attach = edges): string {
  const box = document.createElement("div");
  Object.assign(box.style, { overflowX: overflow, overflowY: overflow });
  document.body.append(box);
  for (const [name, value] of Object.entries({ clientHeight: 300, scrollHeight, clientWidth: 100, scrollWidth })) Object.defineProperty(box, name, { value });
  end = attach(box);
  box.scrollTop = scrollTop;
  box.dispatchEvent(new Event("scroll"));
  return box.dataset.more ?? "";
}

describe("a box fades where it goes on", () => {
  test.each([
    ["all is in sight", 300, 0, ""],
    ["a few pixels are hidden below, as of a gap", 315, 0, ""],
    ["half a row is", 316, 0, "below"],
    ["it was scrolled by a few pixels", 400, 15, "below"],
    ["it was scrolled by half a row", 400, 16, "below above"],
    ["a few pixels are left", 400, 85, "above"],
  ])("%s", (_, height, top, sides) => {
    expect(marked(height, top)).toBe(sides);
  });
});

test("a text fades where part of a line is hidden, which a list takes for a gap", () => {
  expect(marked(304, 0, 100, "auto", edgesOfText)).toBe("below");
  expect(marked(303, 0, 100, "auto", edgesOfText)).toBe("");
  expect(marked(400, 4, 100, "auto", edgesOfText)).toBe("below above");
  expect(readFileSync("src/components/SheetDialog.svelte", "utf8")).toMatch(/class="body" \{@attach edgesOfText\}/);
});

test("what has gone under the head of a low sheet leaves no line below it", () => {
  const sheet = readFileSync("src/components/SheetDialog.svelte", "utf8");
  expect(sheet).toMatch(/data-more~="above"\]\) \.head::after \{ content: ""; position: absolute; inset: 100% 0 auto; height: 24px; background: linear-gradient\(var\(--surface\) 40%, transparent\); pointer-events: none; \}/);
  expect(sheet).toMatch(/data-more~="above"\]\) \.head \{ box-shadow: 0 1px 0/);
});

test("what leaves the box is watched no more, and what comes is", async () => {
  const [watch, leave] = [vi.spyOn(ResizeObserver.prototype, "observe"), vi.spyOn(ResizeObserver.prototype, "unobserve")];
  const box = document.createElement("div");
  const [goes, moves, comes] = ["i", "b", "u"].map((name) => document.createElement(name));
  box.append(goes!, moves!);
  document.body.append(box);
  end = edges(box);
  // It is another's place now, and is of this box still.
  box.append(moves!, comes!);
  goes!.replaceWith("words");
  await Promise.resolve();
  expect(leave.mock.calls).toEqual([[goes]]);
  expect(watch.mock.calls.map(([element]) => element)).toContain(comes);
  vi.restoreAllMocks();
});

test("a box that does not scroll does not fade, whatever lies over its edges", () => {
  expect(marked(400, 0, 112)).toBe("below right");
  expect(marked(400, 0, 112, "visible")).toBe("");
});

test("a low window has no room to scroll below what says that nothing is there", () => {
  expect(readFileSync("src/features/frame/Frame.svelte", "utf8")).toMatch(/main\.low > :global\(:is\([^)]*\):not\(:has\(> \.empty:only-child\)\)\) \{ min-height: 320px; \}/);
});

test("styles and rows go by one measure of what fades", () => {
  expect(readFileSync("src/styles/base.css", "utf8")).toContain(`--fade: ${FADE}px;`);
});
