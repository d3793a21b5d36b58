import type { Reached } from "../../components/Delivery.svelte";
import { longestOf } from "../../format/width";
import type { SessionSummary } from "../../generated/SessionSummary";
import type { Traffic } from "../../generated/Traffic";
import { m } from "../../messages";

type Incoming = Extract<Traffic, { direction: "in" }>;
type Outgoing = Extract<Traffic, { direction: "out" }>;
/** What a person or an agent wrote to the other. */
export type Carried = Incoming | Outgoing;

const s = m.discord.traffic.reached;

/** A panel that a person asked the bridge for. */
export type PanelAsked = Extract<Traffic, { direction: "panel" }>;

/** A message that is carried: all but what a person says to the bridge itself. */
export function isCarried(message: Traffic): message is Carried {
  return message.direction === "in" || message.direction === "out";
}

/** Where a panel is on its way, in words. What became of the round that it ended with, or of one that came to nothing and that it rests after, is told as the list of deliberations tells that: by the session where that is at hand, which may have gone on since. */
export function stageOf({ stage, round, outcome }: PanelAsked, session?: SessionSummary): string {
  const told = session?.round_count === round && (stage === "ended" || session.round_status === "failed") ? session.outcome : undefined;
  const became = session ? told : outcome;
  if ((stage === "ended" || stage === "resting") && became) return m.deliberations.state[became];
  return m.discord.traffic.stages[stage](round);
}

/** How far a message came, as cells and a word; of a question that is answered also whether its author has seen nothing of that yet. */
export function reachedOf(message: Carried, isUnposted = false): Reached & { word: string } {
  if (message.direction === "out") return replyReached(message);
  if (isUnposted && message.state === "answered" && !message.stopped) return { facts: 3, how: "leased", word: s.unposted };
  return questionReached(message);
}

/** What its row ends with: how far it came; nothing of what a person says to the bridge itself. */
export function stateOf(message: Traffic, session?: SessionSummary, isUnposted = false): string {
  if (message.direction === "panel") return stageOf(message, session);
  return isCarried(message) ? reachedOf(message, isUnposted).word : "";
}

/** Questions to which replies came of which none stands in Discord so far, by their ids. */
export function unpostedIn(rows: Traffic[]): ReadonlySet<string> {
  const replies = rows.flatMap((row) => (row.direction === "out" && row.request_id !== null && row.state !== "dismissed" ? [{ ...row, request: row.request_id }] : []));
  const posted = new Set(replies.flatMap(({ posted, request }) => (posted > 0 ? [request] : [])));
  return new Set(replies.flatMap(({ request }) => (posted.has(request) ? [] : [request])));
}

// Kept, on the bus, read, answered.
function questionReached({ state, sent_at, read_at, answered_at, stopped }: Incoming): Reached & { word: string } {
  const facts = answered_at ? 4 : read_at ? 3 : sent_at ? 2 : 1;
  if (stopped) return { facts: read_at ? 3 : sent_at ? 2 : 1, how: "withdrawn", word: s.stopped };
  if (state === "withdrawn") return { facts, how: "withdrawn", word: s.withdrawn };
  if (state === "parked") return { facts, how: "resting", word: s.parked };
  if (state === "held") return { facts, how: "resting", word: s.held };
  if (state === "answered") return { facts: 4, how: "stored", word: s.answered };
  if (state === "journalled") return { facts: 1, how: "stored", word: s.journalled };
  return facts === 3 ? { facts, how: "stored", word: s.read } : { facts: 2, how: "stored", word: s.sent };
}

// Arrived, has a place, partly posted, posted.
function replyReached({ state, parts, posted }: Outgoing): Reached & { word: string } {
  const facts = posted > 0 ? 3 : 2;
  if (state === "dismissed") return { facts: 1, how: "withdrawn", word: s.dismissed };
  if (state === "unplaced") return { facts: 1, how: "resting", word: s.unplaced };
  if (state === "parked") return { facts, how: "resting", word: s.parked };
  if (state === "barred") return { facts, how: "resting", word: s.barred };
  if (state === "posted") return { facts: 4, how: "stored", word: s.delivered(parts) };
  return posted > 0 ? { facts: 3, how: "leased", word: s.partly(posted, parts) } : { facts: 2, how: "stored", word: s.waiting };
}

/** Who wrote it and to whom; a message to the bridge itself has no reader. */
export function partiesOf(message: Traffic): [from: string, to: string | null] {
  const t = m.discord.traffic;
  if (message.direction === "out") return [message.agent, message.author ?? t.people];
  if (message.direction === "in") return [message.author, message.agent];
  return [message.author, message.direction === "panel" ? t.aPanel : null];
}

/** Usual letters that the longest place and the longest names of these rows take: their columns need no more. */
export function longestIn(rows: Traffic[]): { place: number; names: number } {
  return {
    place: longestOf(rows.map(({ place }) => place ?? m.discord.traffic.nowhere)),
    names: longestOf(rows.map((row) => partiesOf(row).filter((name) => name !== null).join(` ${m.discord.traffic.to} `))),
  };
}

/** What a message is known by in a list. */
export function keyOf(message: Traffic): string {
  if (message.direction === "stop") return `stop ${message.message_id}`;
  if (message.direction === "panel") return `panel ${message.panel_id}`;
  return message.direction === "in" ? `in ${message.request_id}` : `out ${message.reply_id}`;
}

/** By which id a message's life is asked for: of a reply to a question it is the question's. */
export function lifeOf(message: Carried): string {
  return message.direction === "in" ? message.request_id : (message.request_id ?? message.reply_id);
}
