// The fake providers of `tests/support` as child processes, each with a script that a test may swap.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { until } from "./patience.mjs";
import { ROOT } from "./window.mjs";

const BINARY = join(ROOT, "target/debug/fake-provider");

/** One panelist's part: what `script.rs` calls a behaviour. @typedef {Record<string, unknown>} Behaviour */
/** @typedef {{ model?: string, phase?: "respond" | "react", behaviour: Behaviour }} Rule */
/** @typedef {{ auth?: unknown, models?: string[], rules?: Rule[], otherwise?: Behaviour }} Script */

/** Debates, with one quote turned into its contrary and one that nobody said. */
export const CARELESS = { answer: { debate: { mischief: { altered: 1, unfindable: 1 } } } };
/** Debates and quotes what was said. */
export const CAREFUL = { answer: { debate: {} } };

/**
 * Starts a provider; it ends with `stop`.
 * @param {"openai" | "anthropic"} wire
 * @param {Script} script
 */
export async function startFake(wire, script) {
  const folder = await mkdtemp(join(tmpdir(), "husting-fake."));
  const [scriptFile, readyFile] = [join(folder, "script.json"), join(folder, "ready.json")];
  await writeFile(scriptFile, JSON.stringify(script));
  const child = spawn(BINARY, ["--wire", wire, "--script", scriptFile, "--ready-file", readyFile], { stdio: ["ignore", "ignore", "inherit"] });
  const exit = once(child, "exit");
  const end = () => child.kill("SIGKILL");
  process.once("exit", end);
  const ready = await until(10_000, `the fake ${wire} provider`, async () => {
    const text = await readFile(readyFile, "utf8").catch(() => undefined);
    return text === undefined ? undefined : JSON.parse(text);
  });
  return new Fake(ready.base_url, ready.control_url, async () => {
    process.off("exit", end);
    end();
    await exit;
    await rm(folder, { recursive: true, force: true });
  });
}

/** A running provider. */
export class Fake {
  #control;

  /**
   * @param {string} baseUrl what Husting is given as its address
   * @param {string} control
   * @param {() => Promise<void>} stop
   */
  constructor(baseUrl, control, stop) {
    this.baseUrl = baseUrl;
    this.#control = control;
    this.stop = stop;
  }

  /** Puts another script on. @param {Script} script */
  async play(script) {
    await this.#order({ script });
  }

  /** Lets everyone through a gate. @param {string} gate */
  async open(gate) {
    await this.#order({ open: [gate] });
  }

  /** Calls begun since the start. @returns {Promise<number>} */
  async calls() {
    const report = await fetch(`${this.#control}/__requests`);
    return (await report.json()).started;
  }

  /** @param {unknown} orders */
  async #order(orders) {
    const answer = await fetch(`${this.#control}/__control`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(orders),
    });
    if (!answer.ok) throw new Error(`the fake refuses its orders: ${await answer.text()}`);
  }
}
