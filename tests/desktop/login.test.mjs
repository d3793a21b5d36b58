// Started at login: what the settings write is what a desktop starts, and that start stays behind the
// tray's icon.

import assert from "node:assert/strict";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { startDesktop } from "./harness/fake-desktop.mjs";
import { until } from "./harness/patience.mjs";
import { ended, run, startAgain } from "./harness/process.mjs";
import { BINARY, openWindow } from "./harness/window.mjs";

/** What a desktop starts at login (freedesktop.org, *Desktop Application Autostart*). */
const AUTOSTART = join(homedir(), ".config/autostart");

describe("a start at login", () => {
  /** @type {string} */
  let home;
  /** @type {import("./harness/fake-desktop.mjs").FakeDesktop} */
  let desktop;
  /** @type {import("./harness/window.mjs").Window} */
  let window;
  /** @type {string[]} */
  let command;
  before(async () => {
    home = await mkdtemp(join(tmpdir(), "husting-login."));
    desktop = await startDesktop();
    window = await openWindow({ home });
    await window.named("heading", "Hall");
  });
  after(async () => {
    await window.forget();
    await desktop.stop();
    await rm(AUTOSTART, { recursive: true, force: true });
    await rm(home, { recursive: true, force: true });
  });

  test("is switched on in the settings, which write it down for the desktop", async () => {
    assert.deepEqual(await entries(), []);
    await window.evaluate("location.hash = '#/settings/desktop'");
    await (await window.named("checkbox", "Start at login")).click();
    const [name = ""] = await window.waits("the entry", async () => {
      const names = await entries();
      return names.length > 0 ? names : undefined;
    });
    const text = await readFile(join(AUTOSTART, name), "utf8");
    assert.match(text, /^\[Desktop Entry\]$/m);
    command = /^Exec=(.+)$/m.exec(text)?.[1]?.split(" ") ?? [];
    assert.deepEqual(command, [BINARY, "--hidden"]);
    // Where the program is gone, the desktop passes over the entry.
    assert.equal(/^TryExec=(.+)$/m.exec(text)?.[1], BINARY);
    await run("desktop-file-validate", [join(AUTOSTART, name)]);
  });

  test("shows no window where the tray's icon is the way to it", async () => {
    await desktop.click("Quit");
    await ended(home, 6_000);
    await window.forget();
    const [program, ...args] = command;
    window = await openWindow({ home, program, args });
    await desktop.waits("the console's words", ({ menu }) => menu[0]?.label === "Nothing runs");
    assert.equal(await desktop.isShown(home), false);
    await desktop.click("Open Husting");
    await desktop.window(home, true);
    await window.named("heading", "Hall");
  });

  test("leaves a program that runs already as it is, and any other start shows it", async () => {
    await desktop.closeWindow(home);
    await desktop.window(home, false);
    const [program = "", ...args] = command;
    await run(program, args, { timeout: 20_000, env: { ...process.env, HUSTING_HOME: home } });
    assert.equal(await desktop.isShown(home), false);
    await startAgain(home);
    await desktop.window(home, true);
  });

  test("is switched off again, and nothing is left of it", async () => {
    await window.evaluate("location.hash = '#/settings/desktop'");
    await (await window.named("checkbox", "Start at login")).click();
    await window.waits("no entry", async () => ((await entries()).length === 0 ? true : undefined));
    await desktop.click("Quit");
    await ended(home, 6_000);
  });

  test("is followed by one that shows the window, where it was seen when the program was asked to begin anew", async () => {
    await window.forget();
    const [program, ...args] = command;
    window = await openWindow({ home, program, args });
    await desktop.waits("the console's words", ({ menu }) => menu[0]?.label === "Nothing runs");
    await desktop.click("Open Husting");
    await desktop.window(home, true);
    const first = await door(home);
    // The page may end with the program before it has its answer, of which the driver may then say nothing at all.
    const asked = window.rpc("erase_all").then(() => "the page was answered", String);
    await until(20_000, "the program that begins anew", async () => {
      const now = await door(home).catch(() => first);
      return now === first ? undefined : now;
    }).catch(async (cause) => {
      throw new Error(`it does not begin anew: ${await asked}`, { cause });
    });
    await desktop.window(home, true);
    await desktop.waits("the icon of the program that began anew", ({ menu }) => menu[0]?.label === "Nothing runs");
    await desktop.click("Quit");
    await ended(home, 6_000);
  });
});

/**
 * What opens the door of the program on a data folder; another one opens each start's.
 * @param {string} home
 * @returns {Promise<string>}
 */
async function door(home) {
  return JSON.parse(await readFile(join(home, "run/instance.json"), "utf8")).token;
}

/** @returns {Promise<string[]>} */
async function entries() {
  try {
    return await readdir(AUTOSTART);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "ENOENT") return [];
    throw error;
  }
}
