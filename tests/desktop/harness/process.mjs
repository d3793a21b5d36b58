// The window's own process, found by the data folder it was given.

import { execFile } from "node:child_process";
import { readdir, readFile, readlink, stat } from "node:fs/promises";
import { basename } from "node:path";
import { promisify } from "node:util";

import { until } from "./patience.mjs";
import { BINARY } from "./window.mjs";

export const run = promisify(execFile);

/**
 * The process id of the window on a data folder; null when there is none.
 * @param {string} home
 * @returns {Promise<number | null>}
 */
export async function processOf(home) {
  return processWith(home, basename(BINARY));
}

/**
 * @param {string} home
 * @param {string} name of the program's file
 * @returns {Promise<number | null>}
 */
async function processWith(home, name) {
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const program = await readlink(`/proc/${pid}/exe`).catch(() => "");
    if (basename(program) !== name) continue;
    const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
    if (environment.split("\0").includes(`HUSTING_HOME=${home}`)) return Number(pid);
  }
  return null;
}

/**
 * Returns once the window on a data folder has ended and its name is free.
 * @param {string} home
 * @param {number} limit milliseconds
 */
export async function ended(home, limit) {
  await until(limit, "the end of the window's process", async () => ((await processOf(home)) === null ? true : undefined));
  await until(limit, "the end of the window's name", async () => ((await endsOfName(home)) ? undefined : true));
}

/**
 * How many ends of sockets have the name of the window on a data folder: one where it waits for a second start, and one
 * more for each that calls.
 * @param {string} home
 */
export async function endsOfName(home) {
  const folder = await stat(home).catch(() => null);
  if (!folder) return 0;
  const name = ` @org.husting.desktop.folder_${folder.dev}_${folder.ino}`;
  const sockets = await readFile("/proc/net/unix", "utf8");
  return sockets.split("\n").filter((line) => line.endsWith(name)).length;
}

/**
 * The process of the page of the window on a data folder; null when there is none.
 * @param {string} home
 */
export async function pageProcessOf(home) {
  return processWith(home, "WebKitWebProcess");
}

/** Starts the program a second time, which shows its window. @param {string} home */
export async function startAgain(home) {
  await run(BINARY, [], { timeout: 20_000, env: { ...process.env, HUSTING_HOME: home } });
}

/** Ends it as a crash would. @param {string} home */
export async function crash(home) {
  const pid = await processOf(home);
  if (pid === null) throw new Error("there is no window to crash");
  process.kill(pid, "SIGKILL");
  await ended(home, 5_000);
}
