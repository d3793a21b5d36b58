import { readFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { chosenInSight } from "../../src/components/chosen";

afterEach(() => document.body.replaceChildren());

/** Five tabs, each 100 pixels wide, in a box that shows 200 of them. */
function tabs(): { box: HTMLElement; choose: (index: number) => Promise<void> } {
  const box = document.body.appendChild(document.createElement("div"));
  box.innerHTML = "<button aria-selected='false'></button>".repeat(5);
  const rect = (left: number, width: number) => ({ left, right: left + width, top: 0, bottom: 28 }) as DOMRect;
  box.getBoundingClientRect = () => rect(0, 200);
  const each = [...box.children];
  each.forEach((tab, index) => (tab.getBoundingClientRect = () => rect(index * 100 - box.scrollLeft, 100)));
  const choose = async (index: number) => {
    each.forEach((tab, at) => tab.setAttribute("aria-selected", String(at === index)));
    await new Promise((told) => setTimeout(told)); // observers are told in a turn of their own
  };
  return { box, choose };
}

test("what is chosen comes into sight, clear of the edge that fades", async () => {
  const { box, choose } = tabs();
  const leave = chosenInSight(box);
  await choose(3);
  expect(box.scrollLeft).toBe(232);
  await choose(1);
  expect(box.scrollLeft).toBe(68);
  leave();
  await choose(4);
  expect(box.scrollLeft).toBe(68);
});

test("the mark of a seat that is read stands on its chosen ground, and keeps clear of words that begin below it", () => {
  const source = (path: string) => readFileSync(`src/${path}.svelte`, "utf8");
  const initial = /background: var\(--tile, (var\(--\w+\))\)/.exec(source("components/Initial"))?.[1];
  const [, chosen = ""] = /^ {2}\.chosen \{([^}]*)\}/m.exec(source("features/deliberations/session/answers/ReaderBar")) ?? [];
  expect(chosen).toContain(`background: ${initial}`);
  expect(chosen, "else both were one").toContain("--tile: var(--page)");
  expect(source("components/StanceCell")).toMatch(/\.head:has\(> \.who\) \{ margin-bottom: 2px; \}/);
});
