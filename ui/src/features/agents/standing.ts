import type { Standing } from "../../components/Alive.svelte";
import { age } from "../../format/time";
import type { AgentView } from "../../generated/AgentView";
import { m } from "../../messages";
import { livenessOf } from "../../state/liveness";
import { now } from "../../state/now.svelte";

/** An agent's state as a shape and a word. */
export function standingOf(agent: AgentView): { shape: Standing; word: string } {
  if (agent.status === "revoked") return { shape: "disabled", word: m.agents.revoked };
  if (agent.status === "suspended") return { shape: "disabled", word: m.agents.disabled };
  if (agent.status === "inactive") return { shape: "disabled", word: m.agents.inactive };
  const shape = livenessOf(agent, now.minute);
  return { shape, word: m.agents.liveness[shape] };
}

/** "2 min", or that it never called; what Husting runs itself need not call to be there. */
export function lastCall(agent: AgentView): string {
  if (!agent.last_call_at) return agent.kind === "managed" && agent.status === "active" ? m.agents.runsHere : m.agents.never;
  const at = new Date(agent.last_call_at);
  return age(at, now.since(at));
}
