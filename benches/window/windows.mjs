// The two windows that are measured, opened one at a time through the desktop suite's harness.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { until } from "../../tests/desktop/harness/patience.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const BENCHES = join(ROOT, "target/release/husting-benches");

export const HUSTING = join(ROOT, "target/release/husting-desktop");
export const EMPTY = join(ROOT, "target/release/empty-window");

// The harness reads this once, when it is imported.
process.env.HUSTING_DESKTOP = join(ROOT, "benches/window/launch");
const { openWindow } = await import("../../tests/desktop/harness/window.mjs");

/** @typedef {import("../../tests/desktop/harness/window.mjs").Window} Window */

/**
 * Opens `binary` and waits for its first usable screen.
 * @param {string} binary
 * @param {string} [home] a data folder that outlives the window
 * @param {"alike" | "by itself"} [drawn] Husting chooses how it is drawn by itself; the empty window is drawn the same way,
 *   unless it is to be as Tauri makes it
 */
export async function open(binary, home, drawn = "alike") {
  const turned = binary === EMPTY && drawn === "alike" && !canRender() ? "1" : undefined;
  const spawned = join(mkdtempSync(join(tmpdir(), "husting-bench.")), "spawned");
  const env = { BENCH_WINDOW: binary, BENCH_SPAWNED: spawned, WEBKIT_DISABLE_DMABUF_RENDERER: turned };
  const window = await openWindow({ home, env });
  const [seconds = NaN, pid = NaN] = readFileSync(spawned, "utf8").split(" ").map(Number);
  const times = await until(30_000, "the first usable screen", () => firstScreen(window));
  const since = (/** @type {number} */ at) => times.origin + at - seconds * 1_000;
  return { window, pid, painted: since(times.painted), usable: since(times.usable) };
}

/** As `src-tauri/src/drawing.rs` looks for it. */
const canRender = () => existsSync("/dev/dri") && readdirSync("/dev/dri").some((device) => device.startsWith("renderD"));

/** @param {Window} window */
async function firstScreen(window) {
  return (
    (await window.evaluate(`
      const at = (name) => performance.getEntriesByName(name)[0]?.startTime;
      const [painted, usable] = [at("first-contentful-paint"), at("usable")];
      return painted && usable ? { origin: performance.timeOrigin, painted, usable } : null;
    `)) ?? undefined
  );
}

/**
 * What a process and all below it take.
 * @param {number} pid
 * @returns {{ pss_kib: number, cpu_ms: number, counted_ms: number, processes: [string, number][] }}
 */
export function tree(pid) {
  return JSON.parse(execFileSync(BENCHES, ["tree", String(pid)], { encoding: "utf8" }));
}

/**
 * Keeps a figure for the page.
 * @param {{ id: string, series: object[] }} figure
 */
export function keep(figure) {
  execFileSync(BENCHES, ["keep"], { cwd: ROOT, input: JSON.stringify(figure), stdio: ["pipe", "inherit", "inherit"] });
}

/** @param {number} millis */
export const quiet = (millis) => new Promise((resolve) => setTimeout(resolve, millis));
