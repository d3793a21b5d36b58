import type { AgentView } from "../generated/AgentView";
import type { Liveness } from "../generated/Liveness";

/** A call so long ago still says that an agent is there. */
const LIVE_MS = 2 * 60_000;

/** How an agent shows life: what was told of it grows old while it says nothing. */
export function livenessOf(agent: AgentView, now: Date): Liveness {
  if (agent.liveness === "stopped") return "stopped";
  if (agent.connections > 0) return "live";
  // Husting itself listens for those that it runs.
  if (agent.kind === "managed" && agent.status === "active") return "live";
  if (!agent.last_call_at) return "never_called";
  const called = new Date(agent.last_call_at);
  if (now.getTime() - called.getTime() < LIVE_MS) return "live";
  return called.toISOString().slice(0, 10) === now.toISOString().slice(0, 10) ? "idle" : "quiet";
}

/** Whether it may call and is there. */
export function isLive(agent: AgentView, now: Date): boolean {
  return agent.status === "active" && livenessOf(agent, now) === "live";
}
