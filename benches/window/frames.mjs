// Frames and keys inside the page: an empty one, three seats speaking, a map of two hundred claims.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { until } from "../../tests/desktop/harness/patience.mjs";
import { EMPTY, HUSTING, keep, open, quiet } from "./windows.mjs";

const REPETITIONS = 5;
const SECONDS = 5;
const KEYS = 20;
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** @typedef {import("./windows.mjs").Window} Window */
/** @typedef {{ gaps: number[], keys: number[] }} Measured */

/**
 * Counts frames and keys for some seconds while `chords` are pressed in turn.
 * @param {Window} window
 * @param {string[]} chords
 * @returns {Promise<Measured>}
 */
async function measure(window, chords) {
  await window.evaluate(`
    const bench = { gaps: [], keys: [], last: performance.now(), on: true };
    globalThis.bench = bench;
    const frame = () => {
      const now = performance.now();
      bench.gaps.push(now - bench.last);
      bench.last = now;
      if (bench.on) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    // A task posted from a frame runs when that frame has been drawn.
    const drawn = new MessageChannel();
    const waiting = [];
    drawn.port1.onmessage = () => bench.keys.push(performance.now() - waiting.shift());
    addEventListener("keydown", (event) => {
      if (["Control", "Shift", "Alt"].includes(event.key) || event.repeat) return;
      waiting.push(performance.now());
      requestAnimationFrame(() => drawn.port2.postMessage(null));
    }, true);
  `);
  const end = performance.now() + SECONDS * 1_000;
  const presses = chords.length > 0 ? KEYS : 0;
  for (let press = 0; press < presses; press += 1) {
    await window.press(chords[press % chords.length] ?? "");
    await quiet(Math.max(0, (end - performance.now()) / (presses - press)));
  }
  await quiet(Math.max(0, end - performance.now()));
  return window.evaluate("bench.on = false; return { gaps: bench.gaps.slice(1), keys: bench.keys }");
}

/** The data folder's maker; its fake seats speak until it is ended. */
async function stage() {
  const home = await mkdtemp(join(tmpdir(), "husting-bench-home."));
  const child = spawn(join(ROOT, "target/release/husting-benches"), ["stage", "--home", home], {
    cwd: ROOT,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = await Promise.race([once(createInterface(child.stdout), "line"), once(child, "exit")]);
  if (typeof line !== "string") throw new Error("the stage could not be set");
  return {
    home,
    ...JSON.parse(line),
    async strike() {
      child.stdin.end();
      await once(child, "exit");
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** @param {Window} window @param {string} command @param {object} args */
const rpc = (window, command, args) =>
  window.evaluate("return __TAURI_INTERNALS__.invoke('rpc', { request: { command: arguments[0], args: arguments[1] } })", command, args);

/** @param {Window} window @param {string} fragment @param {string} words that the screen has once it is there */
async function go(window, fragment, words) {
  await window.evaluate("location.hash = arguments[0]", fragment);
  await until(15_000, `"${words}" on ${fragment}`, async () =>
    (await window.evaluate("return document.body.textContent.includes(arguments[0])", words)) || undefined,
  );
  await window.painted();
}

/** @param {Window} window */
const letters = (window) => window.evaluate("return document.querySelector('#screen').textContent.length");

async function emptyPage() {
  const { window } = await open(EMPTY);
  const measured = await measure(window, ["a", "b"]);
  await window.close();
  return measured;
}

/** @param {Window} window @param {any} set */
async function liveSeats(window, set) {
  const { session_id } = await rpc(window, "convene", { prompt: "What must hold of an event store?", models: set.live });
  await go(window, `#/deliberations/${session_id}/live`, "Point 1");
  const before = await letters(window);
  const begun = performance.now();
  const { gaps } = await measure(window, []);
  const seconds = (performance.now() - begun) / 1_000;
  const rate = ((await letters(window)) - before) / 4 / seconds / set.live.length;
  // The heaviest key there is: the palette comes over the streaming text, and goes.
  const { keys } = await measure(window, ["Control+k", "Escape"]);
  await rpc(window, "cancel_round", { session_id });
  return { measured: { gaps, keys }, rate };
}

/** @param {Window} window @param {any} set */
async function largeMap(window, set) {
  await go(window, `#/deliberations/${set.map}/claims`, `${set.claims}`);
  await window.find("[data-claim]");
  return measure(window, ["j"]);
}

/** @typedef {{ name: string, measured: Measured[] }} Page */
/** @type {Page} */
const empty = { name: "empty page", measured: [] };
/** @type {Page} */
const live = { name: "three live seats", measured: [] };
/** @type {Page} */
const map = { name: "200 claims", measured: [] };
/** @type {number[]} */
const rates = [];

const set = await stage();
for (let repetition = 0; repetition < REPETITIONS; repetition += 1) {
  empty.measured.push(await emptyPage());
  const { window } = await open(HUSTING, set.home);
  const { measured, rate } = await liveSeats(window, set);
  live.measured.push(measured);
  rates.push(rate);
  map.measured.push(await largeMap(window, set));
  await window.close();
}
await set.strike();

/** @param {number[]} values @param {number} part by nearest rank */
const quantile = (values, part) => [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil(part * values.length) - 1)] ?? NaN;

/** @param {string} name @param {(measured: Measured) => number} of @param {string} [unit] @param {object} [goal] */
const quantity = (name, of, unit = "ms", goal) =>
  [empty, live, map].map((page) => ({
    name: `${page.name}: ${name}`,
    unit,
    values: page.measured.map(of),
    ...(page !== empty && { against: `${empty.name}: ${name}`, goal }),
  }));

keep({
  id: "frames",
  series: [
    ...quantity("frames a second", ({ gaps }) => 1_000 / (gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length), "/s"),
    ...quantity("gap, half of all", ({ gaps }) => quantile(gaps, 0.5), "ms", { at_most: 17 }),
    ...quantity("gap, 99 of 100", ({ gaps }) => quantile(gaps, 0.99)),
    ...quantity("longest gap", ({ gaps }) => Math.max(...gaps)),
    ...quantity("key to paint, half of all", ({ keys }) => quantile(keys, 0.5)),
    ...quantity("key to paint, 95 of 100", ({ keys }) => quantile(keys, 0.95)),
    { name: `${live.name}: tokens a second seen of each, without markup`, unit: "/s", values: rates },
  ],
});
