import { fireEvent, render, within } from "@testing-library/svelte";
import { createRawSnippet, tick } from "svelte";
import { expect, test } from "vitest";
import VirtualRows from "../../src/components/VirtualRows.svelte";

const row = createRawSnippet((index: () => number) => ({ render: () => `<span>row ${index()}</span>` }));

// Without a layout a screenful is drawn: 800 pixels.
test("a list asks for more once its end is near, and not before", async () => {
  let asked = 0;
  const props = { size: 36, label: "Rows", row, onend: () => (asked += 1) };
  const long = render(VirtualRows, { ...props, count: 500 });
  expect(long.getAllByRole("listitem").length).toBeLessThan(50);
  expect(asked).toBe(0);
  await long.rerender({ ...props, count: 40 });
  expect(asked).toBeGreaterThan(0);
});

test("each row says which of how many it is", () => {
  const { container } = render(VirtualRows, { size: 36, label: "Rows", row, count: 500 });
  const rows = within(container).getAllByRole("listitem");
  expect(rows.slice(0, 2).map((each) => [each.getAttribute("aria-posinset"), each.getAttribute("aria-setsize"), each.textContent])).toEqual([["1", "500", "row 0"], ["2", "500", "row 1"]]);
});

test("the topmost row in sight keeps its place when rows come or go above it", async () => {
  const [size, gap] = [36, 2];
  const pitch = size + gap;
  const propsOf = (keys: string[]) => ({ size, gap, label: "Rows", row, count: keys.length, keyOf: (index: number) => keys[index] });
  const keys = Array.from({ length: 100 }, (_, index) => `row ${index}`);
  const { container, rerender } = render(VirtualRows, propsOf(keys));
  const scroller = container.querySelector<HTMLElement>(".scroller")!;
  const shown = async (next: string[]) => {
    await rerender(propsOf(next));
    await tick();
    return scroller.scrollTop;
  };
  scroller.scrollTop = 10 * pitch + 7;
  await fireEvent.scroll(scroller);
  const more = ["new 1", "new 2", "new 3", ...keys];
  expect(await shown(more)).toBe(13 * pitch + 7);
  expect(await shown(more.slice(5))).toBe(8 * pitch + 7);
  // As many as before, and others above it.
  expect(await shown([...keys.slice(2, 5), "new 4", ...keys.slice(5, -1)])).toBe(9 * pitch + 7);
  expect(await shown(keys.slice(20)), "it has gone itself").toBe(9 * pitch + 7);
  // Scrolled since, which no event has told yet.
  scroller.scrollTop = 3 * pitch;
  expect(await shown(more)).toBe(3 * pitch);
  // At the top the new ones are shown.
  scroller.scrollTop = 0;
  await fireEvent.scroll(scroller);
  expect(await shown(more)).toBe(0);
});

test("a list fades where it goes on, and a row that is brought into sight comes clear of that", async () => {
  const props = { size: 36, gap: 2, label: "Rows", row, count: 100 };
  const { container, rerender } = render(VirtualRows, props);
  const scroller = container.querySelector<HTMLElement>(".scroller")!;
  const sizes = { clientHeight: 800, scrollHeight: 3_800 };
  for (const [name, value] of Object.entries(sizes)) Object.defineProperty(scroller, name, { value });
  await fireEvent.scroll(scroller);
  expect(scroller.dataset.more).toBe("below");
  const brought: number[] = [];
  scroller.scrollTo = (to) => void brought.push((to as ScrollToOptions).top!);
  // Row 20 ends within the last pixels in sight: whoever presses it finds it where it is.
  await rerender({ ...props, at: 20 });
  expect(brought).toEqual([]);
  await rerender({ ...props, at: 21 });
  expect(brought).toEqual([21 * 38 + 36 + 32 - 800]);
});
