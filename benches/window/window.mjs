// The window's start and what it takes while nothing happens, in turns with an empty one: drawn as Husting draws, and, for
// its start, as Tauri makes it.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { EMPTY, HUSTING, keep, open, quiet, tree } from "./windows.mjs";

const TURNS = 5;
/** Before anything is measured, in milliseconds: some six seconds after its start a page collects its garbage once. */
const SETTLED = 10_000;
/** Over which the processor's time is taken, in milliseconds. */
const IDLE = 20_000;

/** @param {string} home */
async function start(home) {
  const { window, painted, usable } = await open(EMPTY, home, "by itself");
  await window.close();
  await quiet(SETTLED);
  return { painted, usable };
}

/** @param {string} binary @param {string} home */
async function measure(binary, home) {
  const { window, pid, painted, usable } = await open(binary, home);
  await quiet(SETTLED);
  const before = tree(pid);
  await quiet(IDLE);
  const after = tree(pid);
  await window.close();
  // Threads that wait for work end after a while, and their own time with them.
  const processor = ((after.counted_ms - before.counted_ms) / IDLE) * 100;
  return { painted, usable, mib: after.pss_kib / 1024, processor, processes: after.processes };
}

// Each has been started before, as on any day but the first.
const home = await mkdtemp(join(tmpdir(), "husting-bench-home."));
await start(home);
await measure(EMPTY, home);
await measure(HUSTING, home);

/** @type {Awaited<ReturnType<typeof start>>[]} */
const plain = [];
/** @typedef {Awaited<ReturnType<typeof measure>>} Measured */
/** @type {Measured[]} */
const empty = [];
/** @type {Measured[]} */
const husting = [];
for (let turn = 0; turn < TURNS; turn += 1) {
  plain.push(await start(home));
  empty.push(await measure(EMPTY, home));
  husting.push(await measure(HUSTING, home));
}
await rm(home, { recursive: true, force: true });
console.log("empty  ", JSON.stringify(empty.at(-1)?.processes));
console.log("Husting", JSON.stringify(husting.at(-1)?.processes));

/** @typedef {"painted" | "usable" | "mib" | "processor"} Quantity */
/** @param {string} name @param {string} unit @param {Quantity} quantity @param {object} [goal] */
const both = (name, unit, quantity, goal) => [
  { name: `empty window, drawn alike: ${name}`, unit, values: empty.map((one) => one[quantity]) },
  { name: `Husting: ${name}`, unit, values: husting.map((one) => one[quantity]), against: `empty window, drawn alike: ${name}`, goal },
];
/** @param {string} name @param {"painted" | "usable"} quantity @param {object} [goal] */
const starts = (name, quantity, goal) => [
  ...both(name, "ms", quantity, goal),
  { name: `empty window, as Tauri makes it: ${name}`, unit: "ms", values: plain.map((one) => one[quantity]) },
  { name: `Husting, beside that: ${name}`, unit: "ms", values: husting.map((one) => one[quantity]), against: `empty window, as Tauri makes it: ${name}`, goal },
];
keep({
  id: "window",
  series: [
    ...starts("first paint", "painted"),
    ...starts("usable first screen", "usable", { times: 1.2 }),
    ...both("idle memory (PSS)", "MiB", "mib", { above: 40 }),
    ...both("idle processor", "%", "processor", { at_most: 0.2 }),
  ],
});
