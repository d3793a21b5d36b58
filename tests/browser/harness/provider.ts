// A fake model provider on a socket of this machine, following a script (tests/support).

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { built, Child } from "./child.ts";
import type { Script } from "./script.ts";

interface Ready {
  base_url: string;
  control_url: string;
}

/** What a test may tell a provider while it runs. */
export interface Orders {
  script?: Script;
  /** Gates that let everyone through from now on. */
  open?: string[];
  /** Gates that let so many through. */
  release?: Record<string, number>;
  refuse_connections?: boolean;
}

/** One provider. */
export class Provider {
  private constructor(
    private readonly child: Child<Ready>,
    private readonly folder: string,
  ) {}

  static async start(wire: "openai" | "anthropic", script: Script): Promise<Provider> {
    const folder = await mkdtemp(join(tmpdir(), "husting-provider."));
    const file = join(folder, "script.json");
    await writeFile(file, JSON.stringify(script));
    const args = ["--wire", wire, "--control", "127.0.0.1:0", "--script", file];
    return new Provider(await Child.start(built("fake-provider"), args, { PATH: process.env.PATH }), folder);
  }

  /** Where Husting is to call it. */
  get baseUrl(): string {
    return this.child.announced.base_url;
  }

  async order(orders: Orders): Promise<void> {
    const url = `${this.child.announced.control_url}/__control`;
    const headers = { "content-type": "application/json" };
    const reply = await fetch(url, { method: "POST", headers, body: JSON.stringify(orders) });
    if (!reply.ok) throw new Error(`the provider refused an order: ${await reply.text()}`);
  }

  /** How many calls it has answered or begun to answer. */
  async calls(): Promise<number> {
    const reply = await fetch(`${this.child.announced.control_url}/__requests`);
    return ((await reply.json()) as { requests: unknown[] }).requests.length;
  }

  async stop(): Promise<void> {
    await this.child.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
