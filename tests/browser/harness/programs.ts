// Programs that stand where an agent's client would: small scripts on a search path of their own.

import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A client that asks the bus who it is, by the file it is given, and then does what its prompt's first word says. */
const CLAUDE = String.raw`#!/usr/bin/env node
const { readFileSync } = require("node:fs");
const words = process.argv.slice(2);
const { url, headers } = JSON.parse(readFileSync(words[words.indexOf("--mcp-config") + 1], "utf8")).mcpServers.sos;
const prompt = words.at(-1);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function boot() {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "boot_context", arguments: {} } });
  const more = { "content-type": "application/json", accept: "application/json, text/event-stream" };
  const reply = await fetch(url, { method: "POST", headers: { ...headers, ...more }, body });
  console.log("asked who it is: " + reply.status);
}

async function main() {
  console.log("told: " + prompt);
  if (prompt.startsWith("Silent")) console.log("Invalid API key. Please run /login");
  else await boot();
  if (prompt.startsWith("Count")) for (let line = 1; line <= 400; line += 1) console.log("line " + line), await pause(5);
  if (prompt.startsWith("Fail")) process.exit(3);
  if (prompt.startsWith("Stay") || prompt.startsWith("Silent") || !words.includes("-p")) await pause(600_000);
  console.log("that was all");
}

void main();
`;

/** A folder with programs in it, and a project beside them. */
export class Programs {
  private constructor(readonly folder: string) {}

  /** With a claude that is a script. */
  static async fresh(): Promise<Programs> {
    const programs = new Programs(await mkdtemp(join(tmpdir(), "husting-programs.")));
    await mkdir(programs.bin);
    await mkdir(programs.project);
    await programs.put("claude", CLAUDE);
    return programs;
  }

  get bin(): string {
    return join(this.folder, "bin");
  }

  /** A folder for a client's file. */
  get project(): string {
    return join(this.folder, "depot");
  }

  /** What a program needs to find them, and a tmux of its own. */
  get env(): NodeJS.ProcessEnv {
    return { PATH: [this.bin, process.env.PATH].join(":"), TMUX_TMPDIR: this.folder };
  }

  /** Puts a program on the path. */
  async put(name: string, text: string): Promise<void> {
    await writeFile(join(this.bin, name), text);
    await chmod(join(this.bin, name), 0o755);
  }

  /** Makes the project a work tree. */
  async git(...args: string[]): Promise<void> {
    await run("git", ["-C", this.project, "-c", "user.name=Ada", "-c", "user.email=ada@depot.example", ...args]);
  }

  /** Ends what stayed in tmux, and removes all of it. */
  async end(): Promise<void> {
    await run("tmux", ["-L", "husting", "kill-server"], { env: { ...process.env, ...this.env } }).catch(() => undefined); // nobody may have started it
    await rm(this.folder, { recursive: true, force: true });
  }
}
