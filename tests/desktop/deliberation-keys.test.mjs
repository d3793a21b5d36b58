// A key for an agent: made in the window, copied once, and found nowhere afterwards.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { assertAccessible } from "./harness/axe.mjs";
import { everything, filesHolding } from "./harness/secrets.mjs";
import { openWindow } from "./harness/window.mjs";

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
    await window.shows("No key was made yet.");
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

  test("is copied, says that it stays there, is taken away again on request, and the sheet closes", async () => {
    await window.press("Tab");
    await window.focused("Copy key");
    await window.press("Enter");
    await window.shows("cannot empty it by itself");
    await window.press("Tab");
    await window.focused("Empty the clipboard");
    await window.press("Enter");
    await window.shows("The clipboard is empty.");
    await window.focused("Copy key");
    await window.press("Escape");
    await window.gone("dialog", "The key laptop");
    await window.named("row", "laptop");
  });

  test("is in no page, no storage and no file afterwards, its log among them", async () => {
    assert.equal((await everything(window)).includes(key), false);
    assert.deepEqual(await filesHolding(window, key), []);
    assert.notDeepEqual(await filesHolding(window, key.slice(-8)), [], "the search finds what is there");
  });
});
