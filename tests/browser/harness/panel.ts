// Three priced seats on both wires, set up by the command line alone.

import type { Husting } from "./husting.ts";
import { Provider } from "./provider.ts";
import { careless, debating, type Behaviour, type Rule, type Script } from "./script.ts";

/** The seats: what their API calls them, what people call them, and their dollars a million tokens. */
export const SEATS = {
  larch: { wire: "openai", name: "Larch 4", in: "2.50", out: "10" },
  rowan: { wire: "anthropic", name: "Rowan 2", in: "3", out: "15" },
  alder: { wire: "openai", name: "Alder mini", in: "0.40", out: "1.60" },
} as const;

export type Seat = keyof typeof SEATS;

const NAMES: Record<Seat, string> = { larch: SEATS.larch.name, rowan: SEATS.rowan.name, alder: SEATS.alder.name };

/** Providers with their seats. */
export class Panel {
  private constructor(
    private readonly openai: Provider,
    private readonly anthropic: Provider,
    /** What people call its seats. */
    readonly names: Record<Seat, string>,
  ) {}

  /** Starts both providers and puts their seats on Husting's list; `rules` come before the usual behaviour, `names` in place of the usual. */
  static async seat(husting: Husting, { limit = "20", rules = [] as Rule[], names = NAMES } = {}): Promise<Panel> {
    const [openai, anthropic] = await Promise.all([
      Provider.start("openai", script(rules)),
      Provider.start("anthropic", script(rules)),
    ]);
    const panel = new Panel(openai, anthropic, names);
    await husting.withKey("sk-northwind-7c1f0d5Kw4Kp", "provider", "add", "northwind", "--kind", "openai-compatible", "--base-url", openai.baseUrl);
    await husting.withKey("sk-ant-fjord-3b9e81QbtR7a", "provider", "add", "fjord", "--kind", "anthropic", "--base-url", anthropic.baseUrl);
    for (const [id, seat] of Object.entries(SEATS) as [Seat, (typeof SEATS)[Seat]][]) {
      const provider = seat.wire === "openai" ? "northwind" : "fjord";
      await husting.cli("models", "add", id, "--provider", provider, "--name", names[id], "--context", "200000", "--max-output", "8192");
      await husting.cli("models", "price", id, "--in", seat.in, "--out", seat.out);
    }
    await husting.cli("wallet", "limit", "--usd", limit);
    return panel;
  }

  provider(seat: Seat): Provider {
    return SEATS[seat].wire === "openai" ? this.openai : this.anthropic;
  }

  /** Puts other rules on. */
  async play(rules: Rule[]): Promise<void> {
    await Promise.all([this.openai, this.anthropic].map((each) => each.order({ script: script(rules) })));
  }

  /** Opens a gate wherever it stands. */
  async open(...gates: string[]): Promise<void> {
    await Promise.all([this.openai, this.anthropic].map((each) => each.order({ open: gates })));
  }

  async stop(): Promise<void> {
    await Promise.all([this.openai.stop(), this.anthropic.stop()]);
  }
}

/** A rule for one seat's answers, or with a phase for its reactions. */
export function when(model: Seat, behaviour: Behaviour, more: Omit<Rule, "model" | "behaviour"> = {}): Rule {
  return { model, phase: "respond", ...more, behaviour: { ...debating, ...behaviour } };
}

function script(rules: Rule[]): Script {
  const usual: Rule[] = [{ model: "rowan", phase: "react", behaviour: careless }];
  return { models: Object.keys(SEATS), rules: [...rules, ...usual], otherwise: debating };
}
