// A provider's key: pasted into the window, kept by the keyring, and found nowhere else.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { assertAccessible } from "./harness/axe.mjs";
import { startPanel } from "./harness/panel.mjs";
import { processOf, run } from "./harness/process.mjs";
import { openWindow } from "./harness/window.mjs";

/** One that no other window has kept in this keyring. */
const KEY = `sk-fake-${randomBytes(12).toString("hex")}`;

describe("a provider's key", () => {
  /** @type {import("./harness/window.mjs").Window} */
  let window;
  /** @type {import("./harness/panel.mjs").Panel} */
  let panel;
  before(async () => {
    panel = await startPanel();
    await panel.openai.play({ auth: { key: KEY } });
    window = await openWindow();
  });
  after(async () => {
    await window.close();
    await panel.stop();
  });

  test("is pasted in Settings, by keyboard", async () => {
    await window.named("heading", "Hall");
    await window.press("g", "s");
    await window.named("heading", "Providers and keys");
    await window.tabTo("Add a provider");
    await window.press("Enter");
    await window.focused("Key");
    await window.type(KEY);
    await window.press("Shift+Tab");
    await window.focused("Address");
    await window.type(panel.openai.baseUrl);
    await window.press("Shift+Tab");
    await window.focused("Name");
    await window.type("alder");
    await assertAccessible(window, "add a provider");
    await window.press("Enter");
    await window.gone("dialog", "Add a provider");
    await window.named("dialog", "What may be spent in a month?");
    await window.press("Enter");
    await window.gone("dialog", "What may be spent in a month?");
  });

  test("is shown as its last four characters, with where it is kept", async () => {
    await window.shows(`…${KEY.slice(-4)}`);
    await window.shows("keyring");
    const { providers } = await window.rpc("list_providers");
    assert.deepEqual(providers.map((/** @type {any} */ each) => [each.name, each.kept_in, each.key_readable]), [["alder", "keyring", true]]);
  });

  test("opens the provider's door", async () => {
    await window.tabTo("Test");
    await window.press("Enter");
    await window.shows("answered in");
  });

  test("is in the keyring", async () => {
    const { stdout } = await run("secret-tool", ["search", "--all", "service", "husting"]);
    assert.match(stdout, new RegExp(`^secret = ${KEY}$`, "m"));
  });

  test("is in no file of the data folder, its log among them, and in none the web view keeps", async () => {
    const { XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_CACHE_HOME, XDG_STATE_HOME } = process.env;
    for (const folder of [window.home, XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_CACHE_HOME, XDG_STATE_HOME]) {
      assert.deepEqual(folder ? await holding(folder, KEY) : "no folder", []);
    }
    const mentioning = await holding(window.home, "alder");
    assert.ok(mentioning.length > 0, "the search finds what is there");
  });

  test("is neither on the page nor in the process's arguments", async () => {
    const page = await window.evaluate(`
      const fields = [...document.querySelectorAll("input, textarea")].map((field) => field.value);
      return [document.documentElement.outerHTML, JSON.stringify({ ...localStorage }), ...fields].join("\\n");
    `);
    assert.equal(page.includes(KEY), false);
    const pid = await processOf(window.home);
    assert.equal((await readFile(`/proc/${pid}/cmdline`, "utf8")).includes(KEY), false);
  });

  test("leaves the keyring with its provider", async () => {
    await window.rpc("remove_provider", { name: "alder" });
    const { stdout } = await run("secret-tool", ["search", "--all", "service", "husting"]);
    assert.equal(stdout.includes(KEY), false);
  });
});

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
