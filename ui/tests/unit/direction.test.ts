import { readFileSync } from "node:fs";
import { render } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { FakePlatform } from "../fixtures/platform";
import Linked from "./Linked.svelte";

test("each point of a list and each quoted passage begins on the side of its own script", () => {
  render(Linked, { platform: new FakePlatform(), source: "1. נקודה ראשונה\n2. The second\n   - شحنة\n\n> مأגר\n" });
  const parts = [...document.querySelectorAll(".markdown :is(li, blockquote)")];
  expect(parts).toHaveLength(4);
  expect(new Set(parts.map((part) => part.getAttribute("dir")))).toEqual(new Set(["auto"]));
});

// They are no wider than can be read: without it they would end in the middle of the card.
test.each(["agents/agent/memory/Memory", "discord/work/UnplacedCard"])("a text that begins at the right begins at the card's right: %s", (part) => {
  const source = readFileSync(`src/features/${part}.svelte`, "utf8");
  expect(source).toMatch(/dir="auto" class="said(?: words)?"/);
  expect(source).toMatch(/max-width: 76ch;[\s\S]*:dir\(rtl\) \{ margin-left: auto; \}/);
});
