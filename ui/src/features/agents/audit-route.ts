import type { AgentView } from "../../generated/AgentView";
import type { Console } from "../../state/console.svelte";
import { router, type Route } from "../../state/route.svelte";

/** Where the log of the whole console is read: on the page of the agent that is shown, or of the first one, which are all the same to it; `null` without an agent. */
export function auditRoute({ agents }: Console): { agent: AgentView; route: Route } | null {
  const shown = router.current.place === "agent" ? agents.byId.get(router.current.id) : undefined;
  const agent = shown ?? agents.list[0];
  return agent ? { agent, route: { place: "agent", id: agent.id, tab: "audit" } } : null;
}
