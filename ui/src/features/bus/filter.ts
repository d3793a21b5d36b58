import type { ListMessages } from "../../generated/ListMessages";
import type { MessageState } from "../../generated/MessageState";
import type { BusFilter } from "../../state/bus.svelte";
import type { BusQueue } from "../../state/route.svelte";

export const ANY: BusFilter = { agent: "", squad: "", origin: "", query: "" };

/** The filter as it is asked for: among all messages and the operator's own a broadcast stands once, in an agent's mail and in a queue of states as somebody's. */
export function asked(queue: BusQueue, { agent, squad, origin, query }: BusFilter): ListMessages {
  const states: MessageState[] = queue === "all" || queue === "yours" ? [] : [queue];
  return {
    ...(states.length === 0 && !agent ? { together: true } : {}),
    ...(queue === "yours" ? { operator: true } : {}),
    ...(states.length ? { states } : {}),
    ...(agent ? { agent_id: agent } : {}),
    ...(squad ? { squad } : {}),
    ...(origin ? { origin } : {}),
    ...(query.trim() ? { query: query.trim() } : {}),
  };
}

/** Whether it leaves anything out. */
export function narrows(filter: BusFilter): boolean {
  return Object.values(filter).some((part) => part.trim() !== "");
}
