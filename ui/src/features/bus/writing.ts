import type { AgentView } from "../../generated/AgentView";
import type { Console } from "../../state/console.svelte";
import { router } from "../../state/route.svelte";
import { ANY } from "./filter";
import { agentReader } from "./readers";

/** Shows what an agent wrote and was written, with a letter to it begun below. */
export function writeTo(host: Console, { id }: Pick<AgentView, "id">): void {
  host.bus.left = { queue: "all", filter: { ...ANY, agent: id } };
  host.bus.addressed = agentReader(id);
  router.go({ place: "bus", queue: "all", message: "write" });
}
