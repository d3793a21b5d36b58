// The same in Chromium, which shows the console that `husting serve` serves.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { figure } from "./pages.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** @type {typeof import("../../tests/node_modules/@playwright/test/index.js")} */
const { chromium } = createRequire(new URL("../../tests/package.json", import.meta.url))("@playwright/test");
const executablePath = execFileSync("sh", ["-c", "command -v chromium || command -v chromium-browser"], { encoding: "utf8" }).trim();

/** @param {string} address @param {() => Promise<void>} [end] what goes with the page */
async function tab(address, end) {
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  const page = await browser.newPage({ viewport: { width: 1360, height: 860 } });
  await page.goto(address);
  if (end) await page.getByRole("heading", { name: "Hall" }).waitFor();
  /** Evaluated by the driver, which no policy of the page holds back. @param {string} script @param {unknown[]} values */
  const evaluate = (script, ...values) => page.evaluate(`(function () { ${script} }).apply(null, ${JSON.stringify(values)})`);
  return {
    evaluate,
    /** @param {string} chord */
    press: (chord) => page.keyboard.press(chord),
    /** @param {string} css */
    find: (css) => page.locator(css).first().waitFor(),
    painted: () => evaluate("return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"),
    /** @param {string} command @param {object} args */
    rpc: (command, args) =>
      evaluate(
        `return fetch("/console/rpc", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(arguments[0]) })
          .then((answer) => answer.json())`,
        { command, args },
      ),
    async close() {
      await browser.close();
      await end?.();
    },
  };
}

/** @param {string} home */
async function husting(home) {
  const env = { ...process.env, HUSTING_HOME: home, HUSTING_SECRETS: "memory" };
  const child = spawn(join(ROOT, "target/release/husting"), ["serve", "--json", "--listen", "127.0.0.1:0"], { env, stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await Promise.race([once(createInterface(child.stdout), "line"), once(child, "exit")]);
  if (typeof line !== "string") throw new Error("husting did not start");
  return tab(JSON.parse(line).link, async () => {
    child.kill("SIGTERM");
    await once(child, "exit");
  });
}

await figure("chromium", { empty: () => tab(new URL("../empty-window/page/index.html", import.meta.url).href), husting });
