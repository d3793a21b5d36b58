import type { AgentView } from "../../../generated/AgentView";
import type { Agents } from "../../../state/agents.svelte";
import { isLive } from "../../../state/liveness";

/** Which agents a list shows. */
export type Which = "all" | "live" | "mail" | "denied" | "disabled";

const ORDER: AgentView["kind"][] = ["managed", "custom", "connector"];

/** The agents that fit what was typed and chosen, by what their rows show, which `shown` adds to: Husting's own first, then by name. */
export function find(agents: Agents, typed: string, which: Which, now: Date, shown: (agent: AgentView) => string): AgentView[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (agent: AgentView) => {
    const text = `${agent.agent_name} ${agent.model ?? ""} ${agent.kind} ${agent.scopes.join(" ")} ${shown(agent)}`.toLowerCase();
    return words.every((word) => text.includes(word)) && isOf(agents, agent, which, now);
  };
  const rank = (agent: AgentView) => ORDER.indexOf(agent.kind);
  return agents.list.filter(fits).sort((a, b) => rank(a) - rank(b) || a.agent_name.localeCompare(b.agent_name));
}

/** A line of a list of agents: the head of a kind, or an agent with its place among them. */
export type AgentLine = { head: AgentView["kind"] } | { agent: AgentView; at: number };

/** The agents under the heads of their kinds; they come in that order. */
export function underKinds(agents: AgentView[]): AgentLine[] {
  return agents.flatMap((agent, at): AgentLine[] => [...(agent.kind === agents[at - 1]?.kind ? [] : [{ head: agent.kind }]), { agent, at }]);
}

/** Which line brings an agent into sight, the first one with the head above it. */
export function lineOf(lines: AgentLine[], at: number): number {
  return at <= 0 ? 0 : lines.findIndex((line) => "agent" in line && line.at === at);
}

function isOf(agents: Agents, agent: AgentView, which: Which, now: Date): boolean {
  if (which === "live") return isLive(agent, now);
  if (which === "mail") return agents.unread(agent.id) > 0;
  if (which === "denied") return agents.denials.some((denial) => denial.agent_id === agent.id);
  return which === "all" || agent.status !== "active";
}
