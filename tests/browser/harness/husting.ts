// The real program under test, on a data folder of its own.

import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { built, Child } from "./child.ts";

const run = promisify(execFile);

/** More of an agent's, tenant's or key's token than may ever be named. */
const TOKEN = /(hst_a_|hst_t_|mmo_live_)[0-9A-Za-z]{24}/;

interface Ready {
  http: string;
  link: string;
}

/** `husting serve`, and the command line beside it. */
export class Husting {
  private serving: Child<Ready> | null = null;
  private port = "0";

  private constructor(
    readonly folder: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /** A new data folder, with nothing set. `env` adds to the little the program is given. */
  static async fresh(env: NodeJS.ProcessEnv = {}): Promise<Husting> {
    const folder = await mkdtemp(join(tmpdir(), "husting-browser."));
    const keyFile = join(folder, "unlock");
    await writeFile(keyFile, randomBytes(32).toString("hex"), { mode: 0o600 });
    return new Husting(folder, {
      PATH: process.env.PATH,
      HOME: folder,
      HUSTING_HOME: join(folder, "data"),
      HUSTING_SECRETS: "file",
      HUSTING_SECRETS_KEY_FILE: keyFile,
      HUSTING_REHEARSAL_TOKENS_PER_SECOND: "0",
      ...env,
    });
  }

  /** Serves; again, on the same port, after it was stopped. */
  async serve(): Promise<void> {
    this.serving = await Child.start<Ready>(built("husting"), ["serve", "--json", "--listen", `127.0.0.1:${this.port}`], this.env);
    this.port = new URL(this.serving.announced.http).port;
  }

  /** The same for all its runs. */
  get address(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** A new one-time link for a browser. */
  async link(): Promise<string> {
    return (await this.cli("console", "link")).trim();
  }

  /** Runs a command and gives what it prints. */
  async cli(...args: string[]): Promise<string> {
    return (await run(built("husting"), args, { env: this.env })).stdout;
  }

  /** Runs a command with this key in a variable named by `--key-env`. */
  async withKey(key: string, ...args: string[]): Promise<void> {
    await run(built("husting"), [...args, "--key-env", "THE_KEY"], { env: { ...this.env, THE_KEY: key } });
  }

  async stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    await this.serving?.stop(signal);
    this.serving = null;
  }

  /** Stops it and removes its folder; nobody's token may have stayed in what it kept or logged. */
  async end(): Promise<void> {
    await this.stop();
    const leaks = await holdersOfTokens(join(this.folder, "data"));
    await rm(this.folder, { recursive: true, force: true });
    if (leaks.length > 0) throw new Error(`a token stayed in ${leaks.join(", ")}`);
  }
}

async function holdersOfTokens(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(files.map((file) => readFile(file, "latin1")));
  return files.filter((_, at) => TOKEN.test(texts[at] ?? ""));
}
