import { left } from "../../format/time";
import type { AgentView } from "../../generated/AgentView";
import type { DenialView } from "../../generated/DenialView";
import type { Scope } from "../../generated/Scope";
import type { ScopeStanding } from "../../components/ScopeMark.svelte";
import { m } from "../../messages";

/** All scopes in the order in which they are shown. */
export const SCOPES = Object.keys(m.agents.scope) as Scope[];

/** Scopes that are given together: what an agent of that kind commonly needs, and no more. */
export const PRESETS = {
  messenger: ["mcp:send", "mcp:inbox", "mcp:peers"],
  member: SCOPES.filter((scope) => scope !== "mcp:broadcast" && scope !== "mcp:deliberate"),
  full: SCOPES,
} satisfies Record<string, Scope[]>;

export type Preset = keyof typeof PRESETS;

/** A charter to begin with. */
export type Template = keyof typeof m.agents.templates;

/** What each of them tells its agent to use: without it, its first act would be refused. */
export const TEMPLATE_SCOPES: Record<Template, Scope[]> = {
  desk: ["mcp:send", "mcp:inbox"],
  watch: ["mcp:send", "mcp:peers"],
  clerk: ["mcp:send", "mcp:inbox", "mcp:recall", "mcp:remember"],
};

/** The preset that is exactly these scopes. */
export function presetOf(scopes: readonly Scope[]): Preset | null {
  const names = Object.keys(PRESETS) as Preset[];
  const same = (preset: readonly Scope[]) => preset.length === scopes.length && preset.every((scope) => scopes.includes(scope));
  return names.find((name) => same(PRESETS[name])) ?? null;
}

/** What an agent held when it was revoked: nothing of it runs out any more. */
export function heldAtTheEnd(agent: AgentView, revoked: Date): Scope[] {
  return SCOPES.filter((scope) => agent.grants.some((grant) => grant.scope === scope && (!grant.ends_at || new Date(grant.ends_at) > revoked)));
}

/** One scope of one agent, as it is drawn and read out. */
export interface Cell {
  standing: ScopeStanding;
  /** Calls that were denied. */
  asked: number;
  held: boolean;
  /** What is left of a grant that ends: "41 min", or its one call. */
  left: string | null;
  words: string;
}

/** How a scope stands with an agent. */
export function cellOf(agent: AgentView, scope: Scope, denial: DenialView | undefined, now: Date): Cell {
  const { cell } = m.agents;
  const grant = agent.grants.find((each) => each.scope === scope && (!each.ends_at || new Date(each.ends_at) > now));
  if (grant?.ends_at) {
    const time = left(now, new Date(grant.ends_at));
    if (grant.once) return { standing: "once", asked: 0, held: true, left: cell.call, words: cell.once(time) };
    return { standing: "until", asked: 0, held: true, left: time, words: cell.until(time) };
  }
  if (grant) return { standing: "granted", asked: 0, held: true, left: null, words: cell.granted };
  if (denial) return { standing: "asked", asked: denial.calls, held: false, left: null, words: cell.asked(denial.calls) };
  return { standing: "empty", asked: 0, held: false, left: null, words: cell.empty };
}
