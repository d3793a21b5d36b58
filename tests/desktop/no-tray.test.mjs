// A desktop that shows no tray icons, and a machine without the library that draws them: closing asks,
// and the program runs and says so.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";

import { assertAccessible } from "./harness/axe.mjs";
import { startDesk } from "./harness/desk.mjs";
import { WITHOUT_LIBRARY, mayHideFiles } from "./harness/library.mjs";
import { ended, startAgain } from "./harness/process.mjs";
import { BINARY, openWindow } from "./harness/window.mjs";

const NO_HOST = "this desktop shows no tray icons; closing the window asks";

describe("without a tray", () => {
  /** @type {string} */
  let home;
  /** @type {import("./harness/desk.mjs").Desk} */
  let desk;
  /** @type {import("./harness/window.mjs").Window} */
  let window;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "husting-no-tray."));
    desk = await startDesk({ tray: false });
    window = await openWindow({ home });
    await window.named("heading", "Hall");
  });
  afterEach(async () => {
    await window.forget();
    await desk.stop();
    await rm(home, { recursive: true, force: true });
  });

  test("closing asks, and what was kept running comes back by a second start", async () => {
    await desk.closeWindow(home);
    await window.named("dialog", "Close the window?");
    await window.picture("desktop/close");
    await assertAccessible(window, "the question before closing");
    await window.clickAway("Keep running without a window");
    await desk.window(home, false);
    assert.equal((await window.rpc("settings")).window_close, "ask", "it is asked again");
    await startAgain(home);
    await desk.window(home, true);
    await desk.closeWindow(home);
    await window.clickAway("Quit");
    await ended(home, 6_000);
  });

  test("an answer for each time is kept, and the next close asks no more", async () => {
    await desk.closeWindow(home);
    await (await window.named("checkbox", "Do the same each time")).click();
    await window.clickAway("Keep running without a window");
    await desk.window(home, false);
    assert.equal((await window.rpc("settings")).window_close, "keep");
    await startAgain(home);
    await desk.window(home, true);
    await desk.closeWindow(home);
    await desk.window(home, false);
    await window.rpc("edit_settings", { window_close: "quit" });
    await startAgain(home);
    await desk.window(home, true);
    await desk.closeWindow(home);
    await ended(home, 6_000);
  });

  test("the settings say so, and a window that was hidden behind a tray comes back when that goes", async () => {
    await window.evaluate("location.hash = '#/settings/desktop'");
    await window.shows(NO_HOST);
    await desk.come();
    await window.shows("shown; closing the window leaves everything running");
    await desk.shows("idle");
    await window.picture("desktop/settings");
    await desk.closeWindow(home);
    await desk.window(home, false);
    await desk.leave();
    await desk.window(home, true);
    await window.shows(NO_HOST);
    window.pressAway("Control+q");
    await ended(home, 6_000);
  });

  test("a start at login shows the window, as there is nothing to hide it behind", async () => {
    window.pressAway("Control+q");
    await ended(home, 6_000);
    await window.forget();
    window = await openWindow({ home, args: ["--hidden"] });
    await desk.window(home, true);
    assert.equal((await window.rpc("snapshot")).paused, false);
  });
});

test("without the library that draws the icon the program runs, says so, and closing asks", async () => {
  await mayHideFiles();
  const home = await mkdtemp(join(tmpdir(), "husting-no-library."));
  const desk = await startDesk();
  const [program = "", ...before] = WITHOUT_LIBRARY;
  const window = await openWindow({ home, program, args: [...before, BINARY] });
  try {
    await window.named("heading", "Hall");
    await window.evaluate("location.hash = '#/settings/desktop'");
    await window.shows("the library libayatana-appindicator3 is not installed; closing the window asks");
    assert.equal(await desk.tray(), null, "there is no icon");
    await desk.closeWindow(home);
    await window.named("dialog", "Close the window?");
    await window.clickAway("Quit");
    await ended(home, 6_000);
  } finally {
    await window.forget();
    await desk.stop();
    await rm(home, { recursive: true, force: true });
  }
});
