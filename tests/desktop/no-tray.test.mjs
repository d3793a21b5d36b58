// A desktop that shows no tray icons, and a machine without the library that draws them: closing asks,
// and the program runs and says so.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";

import { assertAccessible } from "./harness/axe.mjs";
import { startDesktop } from "./harness/fake-desktop.mjs";
import { WITHOUT_LIBRARY, mayHideFiles } from "./harness/library.mjs";
import { ended, startAgain } from "./harness/process.mjs";
import { BINARY, openWindow } from "./harness/window.mjs";

const NO_HOST = "this desktop shows no tray icons; closing the window asks";

describe("without a tray", () => {
  /** @type {string} */
  let home;
  /** @type {import("./harness/fake-desktop.mjs").FakeDesktop} */
  let desktop;
  /** @type {import("./harness/window.mjs").Window} */
  let window;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "husting-no-tray."));
    desktop = await startDesktop({ tray: false });
    window = await openWindow({ home });
    await window.named("heading", "Hall");
  });
  afterEach(async () => {
    await window.forget();
    await desktop.stop();
    await rm(home, { recursive: true, force: true });
  });

  test("closing asks, and what was kept running comes back by a second start", async () => {
    await desktop.closeWindow(home);
    await window.named("dialog", "Close the window?");
    await window.picture("desktop/close");
    await assertAccessible(window, "the question before closing");
    await window.clickAway("Keep running without a window");
    await desktop.window(home, false);
    assert.equal((await window.rpc("settings")).window_close, "ask", "it is asked again");
    await startAgain(home);
    await desktop.window(home, true);
    await desktop.closeWindow(home);
    await window.clickAway("Quit");
    await ended(home, 6_000);
  });

  test("an answer for each time is kept, and the next close asks no more", async () => {
    await desktop.closeWindow(home);
    await (await window.named("checkbox", "Do the same each time")).click();
    await window.clickAway("Keep running without a window");
    await desktop.window(home, false);
    assert.equal((await window.rpc("settings")).window_close, "keep");
    await startAgain(home);
    await desktop.window(home, true);
    await desktop.closeWindow(home);
    await desktop.window(home, false);
    await window.rpc("edit_settings", { window_close: "quit" });
    await startAgain(home);
    await desktop.window(home, true);
    await desktop.closeWindow(home);
    await ended(home, 6_000);
  });

  test("the settings say so, and a window that was hidden behind a tray comes back when that goes", async () => {
    await window.evaluate("location.hash = '#/settings/desktop'");
    await window.shows(NO_HOST);
    await desktop.come();
    await window.shows("shown; closing the window leaves everything running");
    await desktop.shows("idle");
    await window.picture("desktop/settings");
    await desktop.closeWindow(home);
    await desktop.window(home, false);
    await desktop.leave();
    await desktop.window(home, true);
    await window.shows(NO_HOST);
    window.pressAway("Control+q");
    await ended(home, 6_000);
  });

  test("a start at login shows the window, as there is nothing to hide it behind", async () => {
    window.pressAway("Control+q");
    await ended(home, 6_000);
    await window.forget();
    window = await openWindow({ home, args: ["--hidden"] });
    await desktop.window(home, true);
    assert.equal((await window.rpc("snapshot")).paused, false);
  });
});

test("without the library that draws the icon the program runs, says so, and closing asks", async () => {
  await mayHideFiles();
  const home = await mkdtemp(join(tmpdir(), "husting-no-library."));
  const desktop = await startDesktop();
  const [program = "", ...before] = WITHOUT_LIBRARY;
  const window = await openWindow({ home, program, args: [...before, BINARY] });
  try {
    await window.named("heading", "Hall");
    await window.evaluate("location.hash = '#/settings/desktop'");
    await window.shows("the library libayatana-appindicator3 is not installed; closing the window asks");
    assert.equal(await desktop.tray(), null, "there is no icon");
    await desktop.closeWindow(home);
    await window.named("dialog", "Close the window?");
    await window.clickAway("Quit");
    await ended(home, 6_000);
  } finally {
    await window.forget();
    await desktop.stop();
    await rm(home, { recursive: true, force: true });
  }
});
