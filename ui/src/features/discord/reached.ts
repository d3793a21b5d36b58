import type { Reached } from "../../components/Delivery.svelte";
import type { Traffic } from "../../generated/Traffic";
import { m } from "../../messages";

type Incoming = Extract<Traffic, { direction: "in" }>;
type Outgoing = Extract<Traffic, { direction: "out" }>;

const s = m.discord.traffic.reached;

/** How far a message came, as cells and a word. */
export function reachedOf(message: Traffic): Reached & { word: string } {
  return message.direction === "in" ? questionReached(message) : replyReached(message);
}

// Kept, on the bus, read, answered.
function questionReached({ state, sent_at, read_at, answered_at }: Incoming): Reached & { word: string } {
  const facts = answered_at ? 4 : read_at ? 3 : sent_at ? 2 : 1;
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

/** What a message is known by in a list. */
export function keyOf(message: Traffic): string {
  return message.direction === "in" ? `in ${message.request_id}` : `out ${message.reply_id}`;
}
