// Fields in which somebody writes: as high as their words, in WebKit as well.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { openWindow } from "./harness/window.mjs";

const LINES = ["The gate closes at 16:20 today.", "Trucks from the north wait at dock 4.", "Whoever is late calls the depot."];
const HEIGHT = "const { clientHeight, scrollHeight } = document.activeElement; return { clientHeight, isWhole: scrollHeight <= clientHeight + 1 };";

describe("a field of several lines", () => {
  /** @type {import("./harness/window.mjs").Window} */
  let window;
  before(async () => {
    window = await openWindow();
    await window.rpc("mint_agent", { agent_name: "cody" });
  });
  after(() => window.close());

  /** Every line of what was typed, and how high the field was with each. */
  async function typed(lines = LINES) {
    /** @type {number[]} */
    const heights = [];
    for (const [at, line] of lines.entries()) {
      if (at > 0) await window.press("Enter");
      await window.type(line);
      await window.painted();
      const { clientHeight, isWhole } = await window.evaluate(HEIGHT);
      assert.ok(isWhole, `line ${at + 1} is in sight`);
      heights.push(clientHeight);
    }
    return heights;
  }

  test("of the bus grows with a message, and is low again without it", async () => {
    await window.evaluate("location.hash = '#/bus'");
    await window.named("heading", "Bus");
    await window.press("w");
    await window.focused("Message");
    const [one = 0, two = 0, three = 0] = await typed();
    assert.ok(one < two && two < three, `${one}, ${two}, ${three} px`);
    await window.picture("writing/bus");
    await window.emptyField();
    await window.waits("the field to be low", async () => ((await window.evaluate(HEIGHT)).clientHeight === one ? true : undefined));
  });

  test("of the first question grows, and what was begun there stands whole among all options", async () => {
    await window.evaluate("location.hash = '#/hall'");
    await window.named("heading", "Hall");
    await window.evaluate("document.querySelector('textarea').focus()");
    const heights = await typed([...LINES, ...LINES]);
    assert.ok((heights[0] ?? 0) < (heights[5] ?? 0), `${heights.join(", ")} px`);
    await window.evaluate("location.hash = '#/deliberations/new'");
    await window.named("heading", "New deliberation");
    await window.waits("the question", async () => (await window.evaluate("return document.querySelector('textarea')?.value.includes('calls the depot')") ? true : undefined));
    await window.evaluate("document.querySelector('textarea').focus()");
    await window.painted();
    assert.ok((await window.evaluate(HEIGHT)).isWhole);
  });
});
