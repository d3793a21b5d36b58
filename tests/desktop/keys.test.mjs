// A provider's key: pasted into the window, kept by the keyring, and found nowhere else.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";

import { assertAccessible } from "./harness/axe.mjs";
import { startPanel } from "./harness/panel.mjs";
import { processOf, run } from "./harness/process.mjs";
import { everything, filesHolding } from "./harness/secrets.mjs";
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
    assert.deepEqual(await filesHolding(window, KEY), []);
    const mentioning = await filesHolding(window, "alder");
    assert.ok(mentioning.length > 0, "the search finds what is there");
  });

  test("is neither on the page nor in the process's arguments", async () => {
    assert.equal((await everything(window)).includes(KEY), false);
    const pid = await processOf(window.home);
    assert.equal((await readFile(`/proc/${pid}/cmdline`, "utf8")).includes(KEY), false);
  });

  test("leaves the keyring with its provider", async () => {
    await window.rpc("remove_provider", { name: "alder" });
    const { stdout } = await run("secret-tool", ["search", "--all", "service", "husting"]);
    assert.equal(stdout.includes(KEY), false);
  });
});
