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
