// A key for an agent: made in the window, copied once, and found nowhere afterwards.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { assertAccessible } from "./harness/axe.mjs";
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
    assert.doesNotMatch(await page(window), /mmo_live_\w{20}/);
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
    assert.equal((await page(window)).includes(key), false);
    const { XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_CACHE_HOME, XDG_STATE_HOME } = process.env;
    for (const folder of [window.home, XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_CACHE_HOME, XDG_STATE_HOME]) {
      assert.deepEqual(folder ? await holding(folder, key) : "no folder", []);
    }
    assert.notDeepEqual(await holding(window.home, key.slice(-8)), [], "the search finds what is there");
  });
});

/**
 * Everything the page holds, its fields and its storage too.
 * @param {import("./harness/window.mjs").Window} window
 * @returns {Promise<string>}
 */
function page(window) {
  return window.evaluate(`
    const fields = [...document.querySelectorAll("input, textarea")].map((field) => field.value);
    return [document.documentElement.outerHTML, JSON.stringify({ ...localStorage }), ...fields].join("\\n");
  `);
}

/**
 * The files below a folder that hold some words.
 * @param {string} folder
 * @param {string} words
 */
async function holding(folder, words) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const found = [];
  for (const file of files) {
    // Some come and go while the window is open.
    const bytes = await readFile(file).catch(() => Buffer.alloc(0));
    if (bytes.includes(words)) found.push(file);
  }
  return found;
}
