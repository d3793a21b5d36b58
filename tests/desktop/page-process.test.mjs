// The page's own process ends, and the window goes on. The driver leaves a page that crashed, so the screen is looked at.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { until } from "./harness/patience.mjs";
import { ended, pageProcessOf, processOf, run } from "./harness/process.mjs";
import { differing, screen } from "./harness/screen.mjs";
import { openWindow, ROOT } from "./harness/window.mjs";

const QUESTION = "Should the depot stay open?";
/** Pixels in which two pictures of the same differ at the most: the caret comes and goes. The question has a thousand. */
const SAME = 100;

test("a page whose process ends is drawn anew where it was, with what was typed, and hears what happens", async () => {
  const home = await mkdtemp(join(tmpdir(), "husting-home."));
  /** @param {string} theme */
  const draw = (theme) => run(join(ROOT, "target/debug/husting"), ["config", "theme", theme], { env: { ...process.env, HUSTING_HOME: home } });
  const window = await openWindow({ home });
  try {
    await window.evaluate("location.hash = '#/deliberations/new'");
    await (await window.named("textbox", "Question")).click();
    await window.type(QUESTION);
    await window.waits("the draft", async () => {
      const kept = await window.rpc("draft", { key: "new" });
      return JSON.stringify(kept).includes(QUESTION) ? true : undefined;
    });
    const light = await screen();
    await draw("dark");
    const dark = await until(15_000, "the dark page, drawn to its end", async () => {
      const before = await screen();
      await window.painted();
      const now = await screen();
      return differing(light, now) > 100_000 && differing(before, now) <= SAME ? now : undefined;
    });
    await draw("light");
    await until(15_000, "the light page", async () => (differing(light, await screen()) <= SAME ? true : undefined));
    const before = await pageProcessOf(home);
    assert.ok(before);
    process.kill(before, "SIGKILL");
    await until(15_000, "another process of the page", async () => {
      const after = await pageProcessOf(home);
      return after !== null && after !== before ? true : undefined;
    });
    // What stood on the screen was light: only a page that lives draws this.
    await draw("dark");
    await until(15_000, "the page as it was", async () => (differing(dark, await screen()) <= SAME ? true : undefined));
  } finally {
    const pid = await processOf(home);
    if (pid !== null) process.kill(pid, "SIGTERM");
    await ended(home, 6_000);
    await window.forget();
    await rm(home, { recursive: true, force: true });
  }
});
