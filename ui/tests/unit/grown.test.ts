import { afterEach, expect, test, vi } from "vitest";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
  document.body.replaceChildren();
});

/** A field in a box that is scrolled, in a browser that knows `field-sizing` or does not. */
async function field(known: boolean) {
  vi.stubGlobal("CSS", { supports: () => known });
  let changed: () => void = () => {};
  vi.stubGlobal("ResizeObserver", class {
    constructor(told: () => void) {
      changed = told;
    }
    observe() {}
    disconnect() {}
  });
  vi.stubGlobal("requestAnimationFrame", (run: () => void) => (run(), 1));
  vi.resetModules();
  const { grown } = await import("../../src/components/grown");
  const box = document.body.appendChild(document.createElement("div"));
  const area = box.appendChild(document.createElement("textarea"));
  let width = 200;
  Object.defineProperties(area, {
    clientWidth: { get: () => width },
    clientHeight: { get: () => 40 },
    offsetHeight: { get: () => 42 },
    // Half as wide, twice as many lines; and while it is measured the box has less to scroll.
    scrollHeight: { get: () => ((box.scrollTop = 0), (area.value.split("\n").length * 20 * 200) / width) },
  });
  const write = (words: string) => {
    area.value = words;
    return grown(words)(area);
  };
  const resize = (to: number) => {
    width = to;
    changed();
  };
  return { area, box, write, resize };
}

test("a field is as high as its words, and what it stands in stays where it was scrolled to", async () => {
  const { area, box, write } = await field(false);
  box.scrollTop = 30;
  write("one\ntwo\nthree");
  expect(area.style.height).toBe("62px");
  expect(box.scrollTop).toBe(30);
  write("one");
  expect(area.style.height).toBe("22px");
});

test("a field that becomes narrower is measured again", async () => {
  const { area, write, resize } = await field(false);
  write("one\ntwo");
  resize(100);
  expect(area.style.height).toBe("82px");
});

test("nothing is measured where the browser does it", async () => {
  const { area, write } = await field(true);
  expect(write("one\ntwo")).toBeUndefined();
  expect(area.style.height).toBe("");
});
