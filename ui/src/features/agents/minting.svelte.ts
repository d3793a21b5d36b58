import { characters } from "../../format/numbers";
import { LENGTHS } from "../../generated/lengths";
import type { MintAgent } from "../../generated/MintAgent";
import { RESERVED } from "../../generated/names";
import type { Scope } from "../../generated/Scope";
import { m } from "../../messages";
import type { Agents } from "../../state/agents.svelte";
import { PRESETS, presetOf, SCOPES, TEMPLATE_SCOPES, type Preset, type Template } from "./scopes";

const NAME = /^[a-z][a-z0-9-]{0,62}$/;

/** What is wrong with a name, if anything; an empty one is only not ready. */
export function nameFault(name: string, taken: (name: string) => boolean): string | null {
  if (name === "") return null;
  if (!NAME.test(name)) return m.agents.nameRule;
  if (RESERVED.includes(name)) return m.agents.nameReserved(name);
  return taken(name) ? m.agents.nameTaken(name) : null;
}

/** An agent that is about to be minted. */
export class Minting {
  name = $state("");
  model = $state("");
  charter = $state("");
  scopes: Scope[] = $state.raw(PRESETS.messenger);
  /** Scopes that only a template has ticked: another one takes them back. */
  private lent: Scope[] = $state.raw([]);

  readonly nameFault = $derived(nameFault(this.name.trim(), (name) => this.agents.list.some((agent) => agent.agent_name === name)));
  readonly modelFault = $derived(characters(this.model.trim()) > LENGTHS.model ? m.agents.modelLong : null);
  readonly charterFault = $derived(characters(this.charter) > LENGTHS.charter ? m.agents.charterLong(characters(this.charter)) : null);
  readonly ready = $derived(this.name.trim() !== "" && !this.nameFault && !this.modelFault && !this.charterFault);

  constructor(private readonly agents: Agents) {}

  /** Gives a scope or takes it. */
  toggle(scope: Scope): void {
    this.lent = this.lent.filter((each) => each !== scope);
    this.scopes = this.scopes.includes(scope) ? this.scopes.filter((each) => each !== scope) : [...this.scopes, scope];
  }

  /** Gives the scopes of a preset, and no others. */
  choose(preset: Preset): void {
    [this.scopes, this.lent] = [PRESETS[preset], []];
  }

  /** Begins the charter with a template, and adds the scopes that it speaks of to those that were chosen. */
  begin(template: Template): void {
    this.charter = m.agents.templates[template].text(this.name.trim() || "…");
    const chosen = this.scopes.filter((scope) => !this.lent.includes(scope));
    this.lent = TEMPLATE_SCOPES[template].filter((scope) => !chosen.includes(scope));
    this.scopes = [...chosen, ...this.lent];
  }

  /** As it is asked for. */
  request(): MintAgent {
    const [model, charter] = [this.model.trim(), this.charter.trim()];
    return { agent_name: this.name.trim(), scopes: [...this.scopes], ...(model ? { model } : {}), ...(charter ? { charter } : {}) };
  }

  /** Nothing has been typed or chosen yet. */
  get blank(): boolean {
    return this.name === "" && this.model === "" && this.charter === "" && presetOf(this.scopes) === "messenger";
  }

  /** What was typed and chosen as text, for a draft; reading it in an effect notices every change. */
  body(): string {
    return this.blank ? "" : this.whole();
  }

  /** The same, also while nothing is typed. */
  whole(): string {
    const { name, model, charter, scopes, lent } = this;
    return JSON.stringify({ name, model, charter, scopes, lent });
  }

  /** Takes what a draft kept. */
  restore(kept: Record<string, unknown>): void {
    for (const field of ["name", "model", "charter"] as const) {
      if (typeof kept[field] === "string") this[field] = kept[field];
    }
    const { scopes, lent } = kept;
    if (Array.isArray(scopes)) this.scopes = SCOPES.filter((scope) => scopes.includes(scope));
    if (Array.isArray(lent)) this.lent = SCOPES.filter((scope) => lent.includes(scope));
  }

  /** Begins with nothing. */
  clear(): void {
    [this.name, this.model, this.charter] = ["", "", ""];
    this.choose("messenger");
  }
}
