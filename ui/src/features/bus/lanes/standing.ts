import type { MessageView } from "../../../generated/MessageView";
import { recipientLane, type Lane } from "./lanes";
import { stateAt } from "./moments";

/** What lies with somebody: how many messages in each state that is not over. */
export interface Standing {
  lane: Lane;
  leased: number;
  /** Given before, without a record of until when. */
  fetched: number;
  unread: number;
  parked: number;
  held: number;
}

type Count = Omit<Standing, "lane">;
const OPEN = ["leased", "fetched", "unread", "parked", "held"] as const;

/** Who had what at that time, in the order of the lanes; who had nothing is left out. */
export function standingAt(messages: MessageView[], lanes: Lane[], at: number): Standing[] {
  const counts: Record<string, Count> = {};
  for (const message of messages) {
    const now = stateAt(message, at);
    const stood = OPEN.find((each) => each === now);
    if (!stood) continue;
    const count = (counts[recipientLane(message)] ??= { leased: 0, fetched: 0, unread: 0, parked: 0, held: 0 });
    count[stood] += 1;
  }
  return lanes.flatMap((lane) => (counts[lane.id] ? [{ lane, ...counts[lane.id]! }] : []));
}
