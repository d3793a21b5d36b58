import { fireEvent, render } from "@testing-library/svelte";
import { createRawSnippet, tick } from "svelte";
import { expect, test } from "vitest";
import TailRows from "../../src/components/TailRows.svelte";

/** Tells a list that its room changed. */
const resized: (() => void)[] = [];
globalThis.ResizeObserver = class implements ResizeObserver {
  readonly #told: ResizeObserverCallback;
  constructor(told: ResizeObserverCallback) {
    this.#told = told;
  }
  observe(target: Element) {
    resized.push(() => this.#told([{ target } as ResizeObserverEntry], this));
  }
  unobserve() {}
  disconnect() {}
};

/** A list of rows of 38 px, as the browser lays it out: it lets nobody scroll beyond the end. */
async function laidOut(height: number) {
  const row = createRawSnippet((each: () => unknown) => ({ render: () => `<span>${String(each())}</span>` }));
  const rows = (n: number) => Array.from({ length: n }, (_, at) => at);
  const { rerender, container } = render(TailRows, { rows: rows(9), keyOf: (each: unknown) => String(each), size: 36, gap: 2, label: "Messages", pinned: true, row });
  const box = container.querySelector<HTMLElement>(".scroller")!;
  const layout = { height, top: 0, all: 380 };
  const end = () => Math.max(0, layout.all - layout.height);
  Object.defineProperty(box, "clientHeight", { get: () => layout.height });
  Object.defineProperty(box, "scrollHeight", { get: () => Math.max(layout.all, layout.height) });
  Object.defineProperty(box, "scrollTop", { get: () => layout.top, set: (top: number) => (layout.top = Math.min(Math.max(0, top), end())) });
  await rerender({ rows: rows(10) });
  const heights = async (...each: number[]) => {
    for (const next of each) [layout.height, layout.top] = [next, Math.min(layout.top, Math.max(0, layout.all - next))];
    await fireEvent.scroll(box);
  };
  return { box, layout, heights, end, rerender };
}

test("the newest stays in sight where the list's height changes and the browser moves the rows first", async () => {
  const { layout, heights, end } = await laidOut(300);
  expect(layout.top).toBe(end());
  // It was higher for a moment, which moves the rows, and is as high as before, or less: only the scrolling is told.
  await heights(330, 306);
  expect(layout.top).toBe(end());
  await heights(340, 280);
  expect(layout.top).toBe(end());
});

test("also where a row is drawn before the list's own scrolling is told", async () => {
  const { box, layout, heights, end } = await laidOut(300);
  layout.all = 418;
  await fireEvent.scroll(box);
  await heights(290);
  expect(layout.top).toBe(end());
});

test("and who scrolls away from it is let go", async () => {
  const { box, layout, heights } = await laidOut(300);
  layout.top = 20;
  await fireEvent.scroll(box);
  layout.top = 10;
  await heights(290);
  expect(layout.top).toBe(10);
});

test("whoever scrolls to the last row stays with the newest from then on, unless too much is missing behind it", async () => {
  const { box, layout, heights, end, rerender } = await laidOut(300);
  const toEnd = async () => {
    for (const top of [20, end()]) {
      layout.top = top;
      await fireEvent.scroll(box);
    }
  };
  await rerender({ whole: false, ends: false });
  await toEnd();
  const last = layout.top;
  await heights(290);
  expect(layout.top, "the last row is not the newest").toBe(last);
  await rerender({ ends: true });
  await toEnd();
  await heights(280);
  expect(layout.top).toBe(end());
});

test("a row that is opened stays in sight where the room becomes less, also while the list is at its newest", async () => {
  const { layout, rerender } = await laidOut(380);
  const room = async (height: number) => {
    [layout.height, layout.top] = [height, Math.min(layout.top, Math.max(0, layout.all - height))];
    resized.forEach((tell) => tell());
    await tick();
    await tick();
  };
  const isSeen = (row: number) => row * 38 >= layout.top && (row + 1) * 38 <= layout.top + layout.height;
  await rerender({ at: 1 });
  await room(380);
  await room(300);
  expect(isSeen(1)).toBe(true);
  await room(200);
  expect(isSeen(1)).toBe(true);
});

test("a list that begins at its end fades where it goes on, also above, and a row that is brought into sight comes clear of that", async () => {
  const { box, layout, rerender } = await laidOut(200);
  resized.forEach((tell) => tell());
  await tick();
  await fireEvent.scroll(box);
  expect(box.dataset.more).toBe("above");
  await rerender({ at: 2 });
  await tick();
  expect(layout.top).toBe(2 * 38 - 32);
  await fireEvent.scroll(box);
  expect(box.dataset.more).toBe("below above");
});
