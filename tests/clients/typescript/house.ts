// A whole house: Husting with three priced seats on both wires, and a key to it.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { Husting } from "../../browser/harness/husting.ts";
import { Provider } from "../../browser/harness/provider.ts";
import { debating, type Behaviour, type Rule } from "../../browser/harness/script.ts";

const SEATS = { "alpha-1": "first", "beta-2": "second", "gamma-3": "first" } as const;
export const MODELS = Object.keys(SEATS);
// These tests ask faster than any agent does.
const UNHURRIED = { HUSTING_LIMITS_CALLS_PER_MINUTE: "1000000", HUSTING_LIMITS_BURST: "100000" };

/** Rows of a table that the clients in other languages read as well. */
export function cases<Row>(name: string): Row[] {
  return JSON.parse(readFileSync(fileURLToPath(new URL(`../cases/${name}.json`, import.meta.url)), "utf8")) as Row[];
}

/** What a seat's answers are like. */
export function answers(model: string, behaviour: Omit<Behaviour, "fault"> & { fault?: unknown }): Rule {
  return { model, phase: "respond", behaviour: { ...debating, ...behaviour } as Behaviour };
}

export class House {
  private constructor(
    readonly husting: Husting,
    private readonly providers: Record<"first" | "second", Provider>,
    readonly key: string,
  ) {}

  static async build(settings: NodeJS.ProcessEnv = {}): Promise<House> {
    const husting = await Husting.fresh({ ...UNHURRIED, ...settings });
    const [first, second] = await Promise.all([
      Provider.start("openai", { otherwise: debating }),
      Provider.start("anthropic", { otherwise: debating }),
    ]);
    await husting.withKey("sk-first-7c1f0d5Kw4Kp", "provider", "add", "first", "--kind", "openai-compatible", "--base-url", first.baseUrl);
    await husting.withKey("sk-second-3b9e81QbtR7a", "provider", "add", "second", "--kind", "anthropic", "--base-url", second.baseUrl);
    for (const [model, provider] of Object.entries(SEATS)) await seat(husting, model, provider, 200_000);
    await husting.cli("wallet", "limit", "--usd", "1000");
    await husting.serve();
    const { raw_key } = JSON.parse(await husting.cli("key", "create", "--name", "tests", "--json")) as { raw_key: string };
    return new House(husting, { first, second }, raw_key);
  }

  get mcp(): string {
    return `${this.husting.address}/api/mcp`;
  }

  /** Puts a model with a small window on the list. */
  async seatWithSmallWindow(model: string): Promise<void> {
    await seat(this.husting, model, "first", 4_000);
  }

  /** Puts these rules on both providers; whoever meets none of them debates. */
  async play(...rules: Rule[]): Promise<void> {
    await Promise.all(Object.values(this.providers).map((each) => each.order({ script: { rules, otherwise: debating } })));
  }

  /** Every answer stands at this gate before its first byte, until it is opened. */
  async hold(gate: string): Promise<void> {
    await this.play(...MODELS.map((model) => answers(model, { gates: [{ name: gate, at: "before_response" }] })));
  }

  async open(gate: string): Promise<void> {
    await Promise.all(Object.values(this.providers).map((each) => each.order({ open: [gate] })));
  }

  async end(): Promise<void> {
    await this.husting.end();
    await Promise.all(Object.values(this.providers).map((each) => each.stop()));
  }
}

async function seat(husting: Husting, model: string, provider: string, window: number): Promise<void> {
  await husting.cli("models", "add", model, "--provider", provider, "--context", String(window), "--max-output", "1024");
  await husting.cli("models", "price", model, "--in", "3.10", "--out", "15.70");
}
