import { logTime } from "../../../format/time";
import { MOST_DELIVERIES } from "../../../generated/deliveries";
import type { MessageView } from "../../../generated/MessageView";
import { m } from "../../../messages";
import { stateAt } from "../lanes/moments";
import { parkedBy } from "../parked";

/** One fact about a message, with its time or that it has none. */
export interface Fact {
  id: string;
  name: string;
  /** It is stored. */
  is: boolean;
  /** It is under way, or it is an end that asks for the operator. */
  now: boolean;
  time: string;
  /** What else is known of it. */
  more?: string;
  /** What that means, where its words do not say so. */
  means?: string;
}

/** The four facts of a message in their order, and its end where it has another one. */
export function factsOf(message: MessageView, leaseSeconds: number): Fact[] {
  const { facts: f } = m.bus;
  const stood = stateAt(message);
  const leased = message.state === "leased";
  // What was dealt with or taken back is given to nobody any more; whoever was given it, or only read it, may still answer.
  const isOver = message.state === "done" || message.state === "withdrawn";
  const isUnread = message.state === "withdrawn" && message.fetched_at === null;
  const fact = (id: string, name: string, at: string | null, never: boolean, part: Partial<Fact> = {}): Fact => ({ id, name, is: at !== null, now: false, time: at ? logTime(new Date(at)) : never ? f.never : f.notYet, ...part });
  const most = MOST_DELIVERIES[message.request_id ? "request" : "plain"];
  const given = message.deliveries > 0 ? f.delivery(message.deliveries, most) : undefined;
  // The operator reads and answers on the screen.
  const isHere = message.mailbox === null && message.fetched_at === null;
  const here = isHere && stood === "answered" ? f.answeredHere : isHere && stood === "acknowledged" ? f.readHere : "";
  const facts = [
    fact("persisted", f.persisted, message.sent_at, false),
    fact("fetched", f.fetched, message.fetched_at, isOver, { now: leased, more: [given, leased ? f.lease(leaseSeconds) : "", here].filter(Boolean).join(" "), means: given && f.deliveryMeans(most) }),
    fact("acknowledged", f.acknowledged, message.acknowledged_at, isOver, { more: message.acknowledged_by ? f.by[message.acknowledged_by] : undefined }),
    fact("answered", f.answered, message.answered_at, isUnread),
  ];
  return [...facts, ...endOf(message)];
}

function endOf(message: MessageView): Fact[] {
  const { facts: f } = m.bus;
  const { state, ended_at, deliveries } = message;
  if (state !== "parked" && state !== "held" && state !== "withdrawn" && state !== "unacknowledged") return [];
  const asks = state === "parked" || state === "held";
  const why = state === "parked" ? f.parkedBy[parkedBy(message)](deliveries) : f.why[state];
  return [{ id: state, name: f[state], is: true, now: asks, time: ended_at ? logTime(new Date(ended_at)) : "", more: why }];
}
