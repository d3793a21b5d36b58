// A program that says in its first line of output, as JSON, where it can be reached.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** A program that was built. */
export function built(name: string): string {
  return process.env[`BUILT_${name.toUpperCase().replaceAll("-", "_")}`] ?? `${ROOT}target/debug/${name}`;
}

/** A running program and what it announced. */
export class Child<Announced> {
  private constructor(
    private readonly process: ChildProcess,
    readonly announced: Announced,
  ) {}

  /** Starts it and waits for its first line. */
  static async start<Announced>(program: string, args: string[], env: NodeJS.ProcessEnv): Promise<Child<Announced>> {
    const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    let complaint = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (complaint += text));
    const first = once(createInterface(child.stdout), "line").then(([line]) => String(line));
    const gone = once(child, "exit").then(([code]) => {
      throw new Error(`${program} ended with ${code} before it was ready: ${complaint}`);
    });
    gone.catch(() => undefined); // it also ends when all is well
    return new Child(child, JSON.parse(await Promise.race([first, gone])) as Announced);
  }

  /** Ends it and waits until it has ended. */
  async stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const exit = once(this.process, "exit");
    this.process.kill(signal);
    await exit;
  }
}
