// The window's start and what it takes while nothing happens, in turns with an empty one: drawn as Husting draws, and, for
// its start, as Tauri makes it.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { EMPTY, HUSTING, keep, open, quiet, tree } from "./windows.mjs";

const TURNS = 5;
/** A start takes a second, and varies by a fifth from one to the next. */
const STARTS = 25;
/** Before anything is measured, in milliseconds: some six seconds after its start a page collects its garbage once. */
const SETTLED = 10_000;
/** Over which the processor's time is taken, in milliseconds. */
const IDLE = 20_000;

/** @typedef {{ painted: number, usable: number }} Start */

/** @param {string} binary @param {string} home @param {"alike" | "by itself"} [drawn] @returns {Promise<Start>} */
async function start(binary, home, drawn) {
  const { window, painted, usable } = await open(binary, home, drawn);
  await window.close();
  return { painted, usable };
}

/** @param {string} binary @param {string} home */
async function idle(binary, home) {
  const { window, pid } = await open(binary, home);
  await quiet(SETTLED);
  const before = tree(pid);
  await quiet(IDLE);
  const after = tree(pid);
  await window.close();
  // Threads that wait for work end after a while, and their own time with them.
  const processor = ((after.counted_ms - before.counted_ms) / IDLE) * 100;
  return { mib: after.pss_kib / 1024, processor, processes: after.processes };
}

// Each has been started before, as on any day but the first.
const home = await mkdtemp(join(tmpdir(), "husting-bench-home."));
const starts = { plain: /** @type {Start[]} */ ([]), alike: /** @type {Start[]} */ ([]), husting: /** @type {Start[]} */ ([]) };
for (let turn = -1; turn < STARTS; turn += 1) {
  const plain = await start(EMPTY, home, "by itself");
  const alike = await start(EMPTY, home);
  const husting = await start(HUSTING, home);
  if (turn < 0) continue;
  starts.plain.push(plain);
  starts.alike.push(alike);
  starts.husting.push(husting);
}

/** @type {Awaited<ReturnType<typeof idle>>[]} */
const empty = [];
/** @type {Awaited<ReturnType<typeof idle>>[]} */
const husting = [];
for (let turn = 0; turn < TURNS; turn += 1) {
  empty.push(await idle(EMPTY, home));
  husting.push(await idle(HUSTING, home));
}
await rm(home, { recursive: true, force: true });
console.log("empty  ", JSON.stringify(empty.at(-1)?.processes));
console.log("Husting", JSON.stringify(husting.at(-1)?.processes));

/** @param {string} name @param {string} unit @param {number[]} empty @param {number[]} husting @param {object} [goal] */
const both = (name, unit, empty, husting, goal) => [
  { name: `empty window, drawn alike: ${name}`, unit, values: empty },
  { name: `Husting: ${name}`, unit, values: husting, against: `empty window, drawn alike: ${name}`, goal },
];
/** @param {string} name @param {keyof Start} quantity @param {object} [goal] */
const ofStarts = (name, quantity, goal) => [
  ...both(name, "ms", starts.alike.map((one) => one[quantity]), starts.husting.map((one) => one[quantity]), goal),
  { name: `empty window, as Tauri makes it: ${name}`, unit: "ms", values: starts.plain.map((one) => one[quantity]) },
  { name: `Husting, beside that: ${name}`, unit: "ms", values: starts.husting.map((one) => one[quantity]), against: `empty window, as Tauri makes it: ${name}`, goal },
];
/** @param {string} name @param {string} unit @param {"mib" | "processor"} quantity @param {object} goal */
const ofIdle = (name, unit, quantity, goal) => both(name, unit, empty.map((one) => one[quantity]), husting.map((one) => one[quantity]), goal);
keep({
  id: "window",
  series: [
    ...ofStarts("first paint", "painted"),
    ...ofStarts("usable first screen", "usable", { times: 1.2 }),
    ...ofIdle("idle memory (PSS)", "MiB", "mib", { above: 40 }),
    ...ofIdle("idle processor", "%", "processor", { at_most: 0.2 }),
  ],
});
