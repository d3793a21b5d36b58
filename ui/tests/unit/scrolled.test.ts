import { afterEach, expect, test } from "vitest";
import { scrolledByKeys } from "../../src/components/scrolled";

afterEach(() => document.body.replaceChildren());

function box(height: number, inside = "<p>Keys</p>", width = 300): HTMLElement {
  const made = document.body.appendChild(document.createElement("div"));
  made.innerHTML = inside;
  Object.defineProperties(made, { scrollHeight: { get: () => height }, clientHeight: { get: () => 200 }, scrollWidth: { get: () => width }, clientWidth: { get: () => 300 } });
  return made;
}

test("a box with more than it shows takes the focus, under a name", () => {
  const made = box(500);
  scrolledByKeys("Keys")(made);
  expect([made.tabIndex, made.getAttribute("role"), made.getAttribute("aria-label")]).toEqual([0, "group", "Keys"]);
});

test("so does a box that is only wider", () => {
  const made = box(200, "<p>Keys</p>", 500);
  scrolledByKeys("Keys")(made);
  expect(made.tabIndex).toBe(0);
});

test.each([
  ["what fits", 200, "<p>Keys</p>"],
  ["a box whose controls take it", 500, "<button>Go</button>"],
])("%s takes none", (_, height, inside) => {
  const made = box(height, inside);
  scrolledByKeys("Keys")(made);
  expect(made.hasAttribute("tabindex")).toBe(false);
});

test("a box that gets a control gives the focus to that", async () => {
  const made = box(500);
  scrolledByKeys("Keys")(made);
  made.append(document.createElement("button"));
  await Promise.resolve();
  expect(made.hasAttribute("tabindex")).toBe(false);
});
