// Programs as child processes: what they print, how they end, and a limit after which they are killed.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));

/** Where npm put the clients. @param {string} name */
export const installed = (name) => fileURLToPath(new URL(`../node_modules/.bin/${name}`, import.meta.url));

/** A program of ours. @param {string} name */
export const built = (name) => process.env[`BUILT_${name.toUpperCase().replaceAll("-", "_")}`] ?? `${ROOT}target/debug/${name}`;

/** @typedef {{ code: number | null, stdout: string, stderr: string }} Ended `code` is null where it was killed */
/** @typedef {{ env: NodeJS.ProcessEnv, cwd: string, limit?: number }} Surroundings `limit` in milliseconds */

/**
 * Runs a program to its end, with no input. What it started ends with it.
 * @param {string[]} command
 * @param {Surroundings} surroundings
 * @returns {Promise<Ended & { late: boolean }>} `late`: it was killed at its limit
 */
export async function run(command, { env, cwd, limit = 60_000 }) {
  const [program = "", ...args] = command;
  // A group of its own: the clients start helpers that would outlive them.
  const child = spawn(program, args, { env, cwd, stdio: ["ignore", "pipe", "pipe"], detached: true });
  const end = () => endGroup(child.pid);
  process.once("exit", end);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    end();
  }, limit);
  const said = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => (said.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (said.stderr += text));
  const [code] = await once(child, "close");
  clearTimeout(timer);
  process.off("exit", end);
  end();
  return { code, late, ...said };
}

/** @param {number | undefined} leader */
function endGroup(leader) {
  if (leader === undefined) return;
  try {
    process.kill(-leader, "SIGKILL");
  } catch (error) {
    // Nobody of the group is left.
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ESRCH") throw error;
  }
}
