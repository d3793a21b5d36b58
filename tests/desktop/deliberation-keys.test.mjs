// A key for an agent: made in the window, copied once, and found nowhere afterwards.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { assertAccessible } from "./harness/axe.mjs";
import { everything, filesHolding } from "./harness/secrets.mjs";
import { openWindow } from "./harness/window.mjs";

/** What the page does in a minute waits until it is let. */
const HOLD_MINUTES = `
  const now = setTimeout.bind(globalThis);
  globalThis.heldMinutes = [];
  globalThis.setTimeout = (act, after, ...values) => (after === 60_000 ? heldMinutes.push(act) : now(act, after, ...values));
`;
const LET_A_MINUTE_PASS = "for (const act of heldMinutes.splice(0)) act();";

/**
 * What a paste into the focused field brings.
 * @param {import("./harness/window.mjs").Window} window
 * @returns {Promise<string>}
 */
async function pasted(window) {
  await window.emptyField();
  await window.press("Control+v");
  return window.evaluate("return document.activeElement.value");
}

describe("a deliberation key", () => {
  /** @type {import("./harness/window.mjs").Window} */
  let window;
  /** As the sheet showed it. */
  let key = "";
  before(async () => {
    window = await openWindow();
  });
  after(() => window.close());

  test("is made in Settings, by keyboard", async () => {
    await window.named("heading", "Hall");
    await window.evaluate("location.hash = '#/settings/keys'");
    await window.shows("There is no key yet.");
    await window.tabTo("New key");
    await window.press("Enter");
    await window.focused("Name");
    await window.type("laptop");
    await assertAccessible(window, "a new deliberation key");
    await window.press("Enter");
    await window.named("dialog", "The key laptop");
    await window.focused("Copy key");
    await assertAccessible(window, "a deliberation key, once");
    await window.picture("deliberation-key");
  });

  test("does not leave with Esc before it was copied", async () => {
    await window.press("Escape");
    await window.shows("It cannot be shown again");
    await window.named("dialog", "The key laptop");
  });

  test("is shown when it is revealed, with the configuration for an agent", async () => {
    assert.doesNotMatch(await everything(window), /mmo_live_\w{20}/);
    await window.press("Shift+Tab");
    await window.focused("Reveal");
    await window.press("Enter");
    await window.shows("Hide");
    key = await window.evaluate("return document.querySelector('.husting-sheet code').textContent");
    assert.match(key, /^mmo_live_\w{20,}$/);
    const config = JSON.parse(await window.evaluate("return document.querySelector('.husting-sheet pre').textContent"));
    assert.equal(config.mcpServers.mumo.headers.Authorization, `Bearer ${key}`);
    const { url } = config.mcpServers.mumo;
    const reply = await fetch(new URL("/api/credit", url), { headers: { authorization: `Bearer ${key}` } });
    assert.equal(reply.status, 200, "the window listens, and the key opens it");
  });

  test("is copied, the window says for how long, and the sheet closes", async () => {
    await window.evaluate(HOLD_MINUTES);
    await window.press("Tab");
    await window.focused("Copy key");
    await window.press("Enter");
    await window.shows("In 60 seconds the clipboard is emptied if it still holds it.");
    await window.press("Escape");
    await window.gone("dialog", "The key laptop");
    await window.named("row", "laptop");
  });

  test("is taken off the clipboard once the minute is over, and what was copied after it is not", async () => {
    await window.tabTo("New key");
    await window.press("Enter");
    await window.focused("Name");
    assert.equal(await pasted(window), key, "it lies there until then");
    await window.evaluate(LET_A_MINUTE_PASS);
    await window.waits("the clipboard to be empty", async () => ((await pasted(window)) === "" ? true : undefined));

    await window.type("milk");
    await window.press("Control+a", "Control+c");
    // Answers false once GTK has looked: nobody took anything away.
    assert.equal(await window.evaluate("return __TAURI_INTERNALS__.invoke('take_back', { text: arguments[0] })", key), false);
    assert.equal(await pasted(window), "milk");
    await window.emptyField();
    await window.press("Escape");
    await window.gone("dialog", "New deliberation key");
  });

  test("is in no page, no storage and no file afterwards, its log among them", async () => {
    assert.equal((await everything(window)).includes(key), false);
    assert.deepEqual(await filesHolding(window, key), []);
    assert.notDeepEqual(await filesHolding(window, key.slice(-8)), [], "the search finds what is there");
  });
});
