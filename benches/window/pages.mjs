// Frames and keys inside the page, in whichever engine shows it: an empty page, three seats speaking, a map of
// two hundred claims, a bus of ten thousand messages, five hundred agents.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { until } from "../../tests/desktop/harness/patience.mjs";
import { keep, quiet } from "./windows.mjs";

const REPETITIONS = 5;
const SECONDS = 5;
const KEYS = 20;
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/**
 * A page in an engine.
 * @typedef {object} Tab
 * @property {(script: string, ...values: unknown[]) => Promise<any>} evaluate runs a function's body
 * @property {(chord: string) => Promise<void>} press
 * @property {(css: string) => Promise<unknown>} find returns once it is there
 * @property {() => Promise<unknown>} painted returns once a frame was drawn
 * @property {(command: string, args: object) => Promise<any>} rpc
 * @property {() => Promise<void>} close
 */
/**
 * Opens pages.
 * @typedef {object} Engine
 * @property {() => Promise<Tab>} empty one that shows only the key
 * @property {(home: string) => Promise<Tab>} husting the console on a data folder
 */
/** @typedef {{ gaps: number[], keys: number[] }} Measured */
/** @typedef {{ name: string, measured: Measured[] }} Page */

/**
 * Counts frames and keys for some seconds while `chords` are pressed in turn.
 * @param {Tab} tab
 * @param {string[]} chords
 * @returns {Promise<Measured>}
 */
async function measure(tab, chords) {
  await tab.evaluate(`
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
    await tab.press(chords[press % chords.length] ?? "");
    await quiet(Math.max(0, (end - performance.now()) / (presses - press)));
  }
  await quiet(Math.max(0, end - performance.now()));
  return tab.evaluate("bench.on = false; return { gaps: bench.gaps.slice(1), keys: bench.keys }");
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

/** @param {Tab} tab @param {string} fragment @param {string} words that the screen has once it is there */
async function go(tab, fragment, words) {
  await tab.evaluate("location.hash = arguments[0]", fragment);
  await until(30_000, `"${words}" on ${fragment}`, async () =>
    (await tab.evaluate("return document.body.textContent.includes(arguments[0])", words)) || undefined,
  );
  await tab.painted();
}

/** @param {Tab} tab */
const letters = (tab) => tab.evaluate("return document.querySelector('#screen').textContent.length");

/** @param {Tab} tab @param {any} set */
async function liveSeats(tab, set) {
  const { session_id } = await tab.rpc("convene", { prompt: "What must hold of an event store?", models: set.live });
  await go(tab, `#/deliberations/${session_id}/live`, "Point 1");
  const before = await letters(tab);
  const begun = performance.now();
  const { gaps } = await measure(tab, []);
  const seconds = (performance.now() - begun) / 1_000;
  const rate = ((await letters(tab)) - before) / 4 / seconds / set.live.length;
  // The heaviest key there is: the palette comes over the streaming text, and goes.
  const { keys } = await measure(tab, ["Control+k", "Escape"]);
  await tab.rpc("cancel_round", { session_id });
  return { measured: { gaps, keys }, rate };
}

/** @param {Tab} tab @param {string} fragment @param {string} words @param {string} css of a row */
async function walked(tab, fragment, words, css) {
  await go(tab, fragment, words);
  await tab.find(css);
  return measure(tab, ["j"]);
}

/** @param {number[]} values @param {number} part by nearest rank */
const quantile = (values, part) => [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil(part * values.length) - 1)] ?? NaN;

/**
 * Measures all pages in one engine and keeps the figure.
 * @param {string} id the figure's
 * @param {Engine} engine
 */
export async function figure(id, engine) {
  const [empty, live, map, bus, agents] = ["empty page", "three live seats", "200 claims", "10,000 messages", "500 agents"].map(
    (name) => /** @type {Page} */ ({ name, measured: [] }),
  );
  if (!empty || !live || !map || !bus || !agents) throw new Error("a page has no name");
  /** @type {number[]} */
  const rates = [];
  const set = await stage();
  for (let repetition = 0; repetition < REPETITIONS; repetition += 1) {
    const blank = await engine.empty();
    empty.measured.push(await measure(blank, ["a", "b"]));
    await blank.close();
    const tab = await engine.husting(set.home);
    const { measured, rate } = await liveSeats(tab, set);
    live.measured.push(measured);
    rates.push(rate);
    map.measured.push(await walked(tab, `#/deliberations/${set.map}/claims`, `${set.claims}`, "[data-claim]"));
    bus.measured.push(await walked(tab, "#/bus", "messages", "[role=tabpanel] a"));
    agents.measured.push(await walked(tab, "#/agents", "agent-", "[role=row] a, tr a"));
    await tab.close();
  }
  await set.strike();

  const pages = [empty, live, map, bus, agents];
  /** @param {string} name @param {(measured: Measured) => number} of @param {string} [unit] @param {object} [goal] */
  const quantity = (name, of, unit = "ms", goal) =>
    pages.map((page) => ({
      name: `${page.name}: ${name}`,
      unit,
      values: page.measured.map(of),
      ...(page !== empty && { against: `${empty.name}: ${name}`, goal }),
    }));
  keep({
    id,
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
}
