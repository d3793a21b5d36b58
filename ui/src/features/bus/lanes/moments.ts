import type { MessageView } from "../../../generated/MessageView";

/** The stored times of a message, in milliseconds since 1970. */
export interface Moments {
  sent: number;
  fetched: number | null;
  acknowledged: number | null;
  answered: number | null;
  /** When it was parked, held or withdrawn. */
  ended: number | null;
}

/** How a message stood at some time. */
export type Stood = "unsent" | "unread" | "leased" | "fetched" | "acknowledged" | "answered" | "parked" | "held" | "withdrawn";

const read = new WeakMap<MessageView, Moments>();

/** The times of a message, read once. */
export function momentsOf(message: MessageView): Moments {
  const known = read.get(message);
  if (known) return known;
  const { sent_at, fetched_at, acknowledged_at, answered_at, ended_at } = message;
  const moments = { sent: Date.parse(sent_at), fetched: time(fetched_at), acknowledged: time(acknowledged_at), answered: time(answered_at), ended: time(ended_at) };
  read.set(message, moments);
  return moments;
}

/**
 * How it stood then, by its stored times and by nothing else; without a time, how it stands. Tail, lanes and the open
 * message all ask this: an end holds whatever comes after it, else the furthest fact does.
 */
export function stateAt(message: MessageView, at = Infinity): Stood {
  const { sent, fetched, acknowledged, answered, ended } = momentsOf(message);
  const { state } = message;
  const has = (time: number | null) => time !== null && time <= at;
  if (at < sent) return "unsent";
  if ((state === "parked" || state === "held" || state === "withdrawn") && has(ended)) return state;
  if (has(answered)) return "answered";
  if (has(acknowledged)) return "acknowledged";
  if (has(fetched)) return cameBack(message) ? "fetched" : "leased";
  return "unread";
}

/**
 * Until when its reader had it; `Infinity` while it still does. `null` where nobody has it, or nobody knows: what came
 * back by the end of its lease has no time of that.
 */
export function heldUntil(message: MessageView): number | null {
  const { fetched, acknowledged, answered, ended } = momentsOf(message);
  if (fetched === null) return null;
  return answered ?? acknowledged ?? ended ?? (message.state === "leased" ? Infinity : null);
}

/** It was given, and nobody has it: its lease ran out. */
export function cameBack(message: MessageView): boolean {
  return message.fetched_at !== null && heldUntil(message) === null;
}

/** It is given to nobody until the operator deals with it. */
export function isResting({ state }: MessageView): boolean {
  return state === "parked" || state === "held";
}

/** Until when it lay in its mailbox unread; `Infinity` while it still does. */
export function unreadUntil(message: MessageView): number {
  const { fetched, acknowledged, answered, ended } = momentsOf(message);
  return fetched ?? answered ?? acknowledged ?? ended ?? Infinity;
}

/** The last stored time of it. */
export function lastOf(message: MessageView): number {
  const { sent, fetched, acknowledged, answered, ended } = momentsOf(message);
  return Math.max(sent, fetched ?? 0, acknowledged ?? 0, answered ?? 0, ended ?? 0);
}

/** Whether something of it falls into the time from `start` to `end`. */
export function touches(message: MessageView, start: number, end: number): boolean {
  const until = heldUntil(message) === Infinity ? Infinity : lastOf(message);
  return momentsOf(message).sent <= end && until >= start;
}

/** All stored times between these two, in order, each once. */
export function eventsOf(messages: MessageView[], start: number, end: number): number[] {
  const times = messages.flatMap((message) => Object.values(momentsOf(message)) as (number | null)[]);
  const within = times.filter((at): at is number => at !== null && at >= start && at <= end);
  return [...new Set(within)].sort((one, other) => one - other);
}

/** The first event after a time. */
export function eventAfter(events: number[], at: number): number | undefined {
  return events.find((each) => each > at);
}

/** The last event before a time. */
export function eventBefore(events: number[], at: number): number | undefined {
  return events.findLast((each) => each < at);
}

function time(at: string | null): number | null {
  return at === null ? null : Date.parse(at);
}
