// How a window ends and begins again: nothing that was said is lost, by a close or by a crash.

import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";

import { assertAccessible } from "./harness/axe.mjs";
import { CAREFUL } from "./harness/fakes.mjs";
import { seat, startPanel } from "./harness/panel.mjs";
import { until } from "./harness/patience.mjs";
import { crash, ended, processOf } from "./harness/process.mjs";
import { openWindow } from "./harness/window.mjs";

const QUESTION = "Should we use Postgres or MongoDB for an event store?";
const HALFWAY = { ...CAREFUL, gates: [{ name: "look", at: { before_token: 30 } }] };

describe("a round in flight", () => {
  /** @type {string} */
  let home;
  /** @type {import("./harness/window.mjs").Window} */
  let window;
  /** @type {import("./harness/panel.mjs").Panel} */
  let panel;
  /** @type {string} */
  let session_id;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "husting-home."));
    panel = await startPanel();
    window = await openWindow({ home });
    await seat(window, panel);
    await panel.anthropic.play({ otherwise: HALFWAY });
    ({ session_id } = await window.rpc("convene", { prompt: QUESTION }));
    await window.evaluate("location.hash = arguments[0]", `#/deliberations/${session_id}`);
    await window.shows("1 streaming, 2 answered");
    await window.shows("both of them");
  });
  afterEach(async () => {
    await window.close();
    await panel.stop();
    await rm(home, { recursive: true, force: true });
  });

  test("is kept to its last word when the window is quit, within five seconds", async () => {
    const asked = performance.now();
    await window.evaluate("__TAURI_INTERNALS__.invoke('quit')");
    await ended(home, 6_000);
    assert.ok(performance.now() - asked < 5_500, `${performance.now() - asked} ms`);
    await window.forget();
    await opensOnWhatWasKept(/^It depends on two things, and both of them .+Postgres\*\* wi$/s);
  });

  test("is kept to its last word when the system ends the program", async () => {
    process.kill((await processOf(home)) ?? 0, "SIGTERM");
    await ended(home, 6_000);
    await window.forget();
    await opensOnWhatWasKept(/^It depends on two things, and both of them .+Postgres\*\* wi$/s);
  });

  test("is kept as far as it was written down when the program is killed", async () => {
    await crash(home);
    await window.forget();
    await opensOnWhatWasKept(/^(It depends on two things.*)?$/s);
  });

  /**
   * The session is there with its answers, the broken one with the words it had, and can be completed.
   * @param {RegExp} words
   */
  async function opensOnWhatWasKept(words) {
    window = await openWindow({ home });
    await window.evaluate("location.hash = arguments[0]", `#/deliberations/${session_id}`);
    await window.named("tab", "Claims");
    await window.shows("2 of 3 answered");
    const { rounds } = await window.rpc("get_session", { session_id });
    const cedar = rounds[0].answers.find((/** @type {any} */ call) => call.model === "cedar");
    assert.equal(cedar.error_code, "stream_interrupted");
    assert.match(cedar.text, words);
    await panel.anthropic.play({ otherwise: CAREFUL });
    await window.press("Shift+R");
    await window.shows("3 of 3 answered, 3 of 3 reacted");
    assert.deepEqual((await window.rpc("check_ledger")).faults, []);
  }
});

test("a backup that is restored takes the store's place, and the same program begins anew with it", async () => {
  const home = await mkdtemp(join(tmpdir(), "husting-home."));
  const window = await openWindow({ home });
  try {
    const backup = join(home, "kept.db");
    await window.rpc("edit_settings", { panel_max_seats: 5 });
    await window.rpc("backup", { path: backup });
    await window.rpc("edit_settings", { panel_max_seats: 8 });
    const pid = await processOf(home);
    const first = await instance(home);

    await window.evaluate("location.hash = '#/settings/backup'");
    await (await window.named("textbox", "Backup to restore, a file on this machine")).click();
    await window.type(backup);
    await window.press("Enter");
    await window.shows("the present store, among the backups");
    await window.picture("restore");
    await assertAccessible(window, "restoring a backup");
    await window.type("restore");
    await window.press("Enter");
    const anew = await until(20_000, "the program that begins anew", async () => {
      const now = await instance(home).catch(() => null);
      return now && now.token !== first.token ? now : undefined;
    });
    assert.equal(await processOf(home), pid, "it is the same process");
    const settings = await until(20_000, "its answer", () => ask(anew, "settings").catch(() => undefined));
    assert.equal(settings.panel_max_seats, 5);
    assert.ok((await readdir(join(home, "backups"))).some((name) => name.startsWith("replaced-")));
    process.kill((await processOf(home)) ?? 0, "SIGTERM");
    await ended(home, 6_000);
  } finally {
    await window.forget();
    await rm(home, { recursive: true, force: true });
  }
});

test("all data is erased once its word was typed, and the same program begins anew with nothing", async () => {
  const home = await mkdtemp(join(tmpdir(), "husting-home."));
  const window = await openWindow({ home });
  try {
    await window.rpc("edit_settings", { panel_max_seats: 4 });
    await writeFile(join(home, "mine.txt"), "not Husting's");
    const pid = await processOf(home);
    const first = await instance(home);

    await window.evaluate("location.hash = '#/settings/storage'");
    await (await window.named("button", "Erase all data…")).click();
    await window.shows("is deleted for good");
    await window.picture("erase-all");
    await assertAccessible(window, "erasing all data");
    await window.type("erase");
    await window.press("Enter");
    const anew = await until(20_000, "the program that begins anew", async () => {
      const now = await instance(home).catch(() => null);
      return now && now.token !== first.token ? now : undefined;
    });
    assert.equal(await processOf(home), pid, "it is the same process");
    const settings = await until(20_000, "its answer", () => ask(anew, "settings").catch(() => undefined));
    assert.notEqual(settings.panel_max_seats, 4);
    assert.ok((await readdir(home)).includes("mine.txt"), "what is not Husting's stays");
    process.kill((await processOf(home)) ?? 0, "SIGTERM");
    await ended(home, 6_000);
  } finally {
    await window.forget();
    await rm(home, { recursive: true, force: true });
  }
});

/**
 * Where the program on a data folder is heard, and what opens its door.
 * @param {string} home
 * @returns {Promise<{ http: string; token: string }>}
 */
async function instance(home) {
  return JSON.parse(await readFile(join(home, "run/instance.json"), "utf8"));
}

/**
 * @param {{ http: string; token: string }} instance
 * @param {string} command
 */
async function ask({ http, token }, command) {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const response = await fetch(`${http}/console/rpc`, { method: "POST", headers, body: JSON.stringify({ command, args: {} }) });
  assert.equal(response.status, 200, await response.clone().text());
  return response.json();
}
