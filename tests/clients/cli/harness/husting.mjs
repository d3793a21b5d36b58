// The real `husting serve` on a data folder of its own, and the command line beside it.

import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { until } from "../../../desktop/harness/patience.mjs";
import { built } from "./programs.mjs";

const command = promisify(execFile);

/** More of anybody's token than may ever be named. */
const TOKEN = /(hst_a_|hst_t_|mmo_live_)[0-9A-Za-z]{24}/;

/** A line of the log. @typedef {{ level: string, target: string, fields: Record<string, any> }} LogRecord */

/** One installation; it keeps its port over restarts. */
export class Husting {
  /** @type {import("node:child_process").ChildProcess | undefined} */
  #serving;
  #env;
  #port = "0";

  /** @param {string} folder @param {NodeJS.ProcessEnv} env */
  constructor(folder, env) {
    this.folder = folder;
    this.#env = env;
  }

  /** A new one, which serves. */
  static async fresh() {
    const folder = await mkdtemp(join(tmpdir(), "husting-clients."));
    const keyFile = join(folder, "unlock");
    await writeFile(keyFile, randomBytes(32).toString("hex"), { mode: 0o600 });
    const husting = new Husting(folder, {
      PATH: process.env.PATH,
      HOME: folder,
      HUSTING_HOME: join(folder, "data"),
      HUSTING_SECRETS: "file",
      HUSTING_SECRETS_KEY_FILE: keyFile,
    });
    await husting.serve();
    return husting;
  }

  /** Serves; again, at the same address, after it was stopped. */
  async serve() {
    const readyFile = join(this.folder, "ready.json");
    const args = ["serve", "--no-link", "--listen", `127.0.0.1:${this.#port}`, "--ready-file", readyFile];
    await rm(readyFile, { force: true });
    const child = spawn(built("husting"), args, { env: this.#env, stdio: ["ignore", "ignore", "pipe"] });
    let complaint = "";
    child.stderr.setEncoding("utf8").on("data", (text) => (complaint += text));
    const end = () => child.kill("SIGKILL");
    process.once("exit", end);
    child.once("exit", () => process.off("exit", end));
    const ready = await until(20_000, "husting serve", async () => {
      if (child.exitCode !== null) throw new Error(`husting ended with ${child.exitCode}: ${complaint}`);
      const text = await readFile(readyFile, "utf8").catch(() => undefined);
      return text === undefined ? undefined : JSON.parse(text);
    });
    this.#port = new URL(ready.http).port;
    this.#serving = child;
  }

  /** The same for all its runs. */
  get address() {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Asks it to end, as the system does, and waits until it has. */
  async stop() {
    const child = this.#serving;
    this.#serving = undefined;
    if (!child || child.exitCode !== null) return;
    const exit = once(child, "exit");
    child.kill("SIGTERM");
    await exit;
  }

  /** Ends it and begins again at the same address. */
  async restart() {
    await this.stop();
    await this.serve();
  }

  /** What a command prints. @param {string[]} args */
  async cli(...args) {
    return (await command(built("husting"), args, { env: this.#env })).stdout;
  }

  /** The same as JSON. @param {string[]} args */
  async ask(...args) {
    return JSON.parse(await this.cli(...args, "--json"));
  }

  /** What agents wrote to each other, the newest last. @returns {Promise<{ from: string, to: string, text: string }[]>} */
  async messages() {
    return (await this.ask("bus", "tail")).messages;
  }

  /** The records of its log so far. @returns {Promise<LogRecord[]>} */
  async log() {
    const folder = join(this.folder, "data/logs");
    const files = (await readdir(folder)).sort();
    const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
    // The last line may still be on its way to the disk.
    const lines = texts.join("").split("\n").slice(0, -1);
    return lines.filter((line) => line !== "").map((line) => JSON.parse(line));
  }

  /** Stops it and removes its folder; nobody's token may have stayed in what it kept or logged. */
  async end() {
    await this.stop();
    const leaks = await holdersOfTokens(join(this.folder, "data"));
    await rm(this.folder, { recursive: true, force: true });
    if (leaks.length > 0) throw new Error(`a token stayed in ${leaks.join(", ")}`);
  }
}

/** @param {string} folder */
async function holdersOfTokens(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(files.map((file) => readFile(file, "latin1")));
  return files.filter((_, at) => TOKEN.test(texts[at] ?? ""));
}
