// The distribution's WebKit driver as a child process on a free port.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";

import { until } from "./patience.mjs";

// An `exit` listener ends the window's processes; by default these signals skip it.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

/** @typedef {{ url: string, stop: () => Promise<void> }} Driver */

/**
 * Starts the driver; the window it opens inherits `environment`.
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Promise<Driver>}
 */
export async function startDriver(environment) {
  const port = await freePort();
  const child = spawn("WebKitWebDriver", [`--port=${port}`], {
    env: { ...process.env, ...environment, TAURI_AUTOMATION: "true", TAURI_WEBVIEW_AUTOMATION: "true" },
    stdio: ["ignore", "inherit", "inherit"],
    detached: true, // a process group of its own, so that no window outlives its driver
  });
  const end = () => endGroup(child);
  process.once("exit", end);
  const exit = once(child, "exit");
  const failed = once(child, "error").then(([error]) => {
    throw new Error("WebKitWebDriver does not start (package webkit2gtk-driver)", { cause: error });
  });
  const url = `http://127.0.0.1:${port}`;
  await Promise.race([failed, until(10_000, "the WebKit driver's status", () => ready(url))]);
  return {
    url,
    async stop() {
      process.off("exit", end);
      end();
      await exit;
    },
  };
}

/** @param {import("node:child_process").ChildProcess} child */
function endGroup({ pid }) {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ESRCH") throw error;
  }
}

/** @param {string} url */
async function ready(url) {
  try {
    return (await fetch(`${url}/status`)).ok ? true : undefined;
  } catch {
    return undefined; // not listening yet
  }
}

/** @returns {Promise<number>} */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
