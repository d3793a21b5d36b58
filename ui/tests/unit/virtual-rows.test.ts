import { render } from "@testing-library/svelte";
import { createRawSnippet } from "svelte";
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
