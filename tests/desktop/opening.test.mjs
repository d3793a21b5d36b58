// A data folder that does not open: the window says why and what to do, and opens when it can.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";

import { assertAccessible } from "./harness/axe.mjs";
import { startDesktop } from "./harness/fake-desktop.mjs";
import { ended } from "./harness/process.mjs";
import { openWindow } from "./harness/window.mjs";

describe("a data folder that does not open", () => {
  /** @type {string} */
  let home;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "husting-home."));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  test("in use by another program is said, and opens once that has gone", async () => {
    const owner = await hold(join(home, "husting.lock"));
    const window = await openWindow({ home });
    try {
      await window.shows("is in use by another process: quit it first");
      await window.picture("in-use");
      await assertAccessible(window, "a folder in use");
      await owner.leave();
      await window.tabTo("Try again");
      await window.press("Enter");
      await window.named("heading", "Hall");
      const before = await window.rpc("settings");
      await window.rpc("edit_settings", { theme: "light" });
      assert.notEqual(before.theme, "light");
      await window.find('html[data-theme="light"]'); // events come through as well
    } finally {
      await window.close();
    }
  });

  test("is shown and told by the tray when Husting was started hidden", async (context) => {
    await writeFile(join(home, "husting.db"), "no database");
    const desktop = await startDesktop();
    context.after(() => desktop.stop());
    const window = await openWindow({ home, args: ["--hidden"] });
    try {
      await desktop.waits("the tray's words", ({ menu }) => menu[0]?.label === "Needs you: Husting could not start");
      await desktop.window(home, true);
      await window.shows("is damaged: restore a backup");
      await desktop.click("Quit");
      await ended(home, 6_000);
    } finally {
      await window.forget();
    }
  });

  test("that holds something else is left as it is, and the window can be quit", async () => {
    const list = "this is somebody's shopping list, and no database at all";
    await writeFile(join(home, "husting.db"), list);
    const window = await openWindow({ home });
    try {
      await window.shows("is damaged: restore a backup");
      await window.tabTo("Quit");
      // The window may be gone before the driver has said that the key was pressed.
      await window.press("Enter").catch(() => undefined);
      await ended(home, 6_000);
      assert.equal(await readFile(join(home, "husting.db"), "utf8"), list);
    } finally {
      await window.forget();
    }
  });
});

/**
 * Holds a file's lock as another program would.
 * @param {string} file
 */
async function hold(file) {
  const child = spawn("flock", ["--exclusive", file, "sh", "-c", "echo held; cat"], { stdio: ["pipe", "pipe", "inherit"] });
  await once(child.stdout, "data");
  return {
    async leave() {
      const exit = once(child, "exit");
      child.stdin.end();
      await exit;
    },
  };
}
