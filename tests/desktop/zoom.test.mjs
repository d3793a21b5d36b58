// The window drawn larger: its lists make room as in a narrow window, which WebKit measures otherwise than a browser does.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { openWindow } from "./harness/window.mjs";

describe("a window at twice its size", () => {
  /** @type {import("./harness/window.mjs").Window} */
  let window;
  before(async () => {
    window = await openWindow();
    await window.rpc("mint_agent", { agent_name: "cody" });
    await window.rpc("write_message", { to: { kind: "agent", name: "cody" }, text: "The gate closes at 16:20 today." });
    await window.rpc("edit_settings", { zoom: 200 });
    await window.evaluate("location.hash = '#/bus'");
    await window.named("heading", "Bus");
    await window.shows("The gate closes at 16:20 today.");
  });
  after(() => window.close());

  test("keeps the words of a message on the bus, and nothing beside them is cut", async () => {
    const row = await window.evaluate(`
      const row = document.querySelector("main .row");
      const [words, state, list] = [row.querySelector(".said"), row.querySelector(".state"), row.closest("[role=list], ol, ul")];
      return {
        inner: innerWidth,
        cells: getComputedStyle(row.querySelector(".cells")).display,
        words: words.clientWidth,
        state: state.scrollWidth <= state.clientWidth + 1,
        sideways: list.scrollWidth > list.clientWidth + 1,
      };
    `);
    assert.ok(row.inner <= 720, "it is drawn at twice its size");
    assert.ok(row.words > 100, `the words have ${row.words} px`);
    assert.deepEqual({ cells: row.cells, state: row.state, sideways: row.sideways }, { cells: "none", state: true, sideways: false });
    await window.picture("zoom/bus");
  });
});
