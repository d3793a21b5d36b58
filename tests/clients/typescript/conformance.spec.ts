// The conformance suite of the protocol's own project. What it cannot find here stands in
// ../conformance/expected-failures.yml with the reason; a scenario there that passes fails this test as well.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

import { expect } from "@playwright/test";

import { Keyed } from "../conformance/keyed.ts";
import { test } from "./test.ts";

const CLIENTS = fileURLToPath(new URL("../", import.meta.url));

test("the applicable scenarios of the conformance suite pass", async ({ house, version }) => {
  const keyed = await Keyed.before(house.husting.address, house.key);
  const words = [
    "--import",
    "./conformance/globs.mjs",
    "./node_modules/@modelcontextprotocol/conformance/dist/index.js",
    "server",
    "--url",
    `${keyed.origin}/api/mcp`,
    "--suite",
    "all",
    "--spec-version",
    version,
    "--expected-failures",
    "./conformance/expected-failures.yml",
  ];
  const { code, said } = await ran("node", words);
  keyed.close();
  expect(code, said).toBe(0);
  // A filter that let no scenario through would pass as well.
  const passed = Number(/Total: (\d+) passed/.exec(said)?.[1]);
  expect(passed, said).toBeGreaterThan(20);
});

function ran(program: string, words: string[]): Promise<{ code: number | string; said: string }> {
  return new Promise((resolve) => {
    execFile(program, words, { cwd: CLIENTS, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, said: `${stdout}${stderr}` });
    });
  });
}
