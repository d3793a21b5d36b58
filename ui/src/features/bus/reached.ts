import type { Reached } from "../../components/Delivery.svelte";
import { tookAbout } from "../../format/time";
import type { MessageView } from "../../generated/MessageView";
import { m } from "../../messages";

const s = m.bus.state;

/** How far a message came, as cells and a word. */
export function reachedOf(message: MessageView): Reached & { word: string } {
  const facts = message.answered_at ? 4 : message.acknowledged_at ? 3 : message.fetched_at ? 2 : 1;
  if (message.state === "withdrawn") return { facts, how: "withdrawn", word: s.withdrawn };
  if (message.state === "parked") return { facts, how: "resting", word: s.parkedAfter(message.deliveries) };
  if (message.state === "held") return { facts, how: "resting", word: s.held };
  if (message.answered_at) return { facts, how: "stored", word: s.answeredIn(tookAbout(between(message.sent_at, message.answered_at))) };
  if (message.acknowledged_at) return { facts, how: "stored", word: s.acknowledged };
  if (message.state === "leased") return { facts: 2, how: "leased", word: s.leased };
  if (message.state === "unacknowledged") return { facts, how: "stored", word: s.unacknowledged };
  return { facts, how: "stored", word: facts === 2 ? s.fetched : s.persisted };
}

/** What a sender is called without its kind: "loom", "operator", "Ines". */
export function senderName({ from, origin }: Pick<MessageView, "from" | "origin">): string {
  if (origin === "human") return m.bus.operator;
  return from.replace(/^[a-z]+:/, "");
}

/** Where a message went: its squad, or who. */
export function recipientName({ to, squad }: MessageView): string {
  return squad ? `#${squad} ${to}` : to;
}

function between(from: string, to: string): number {
  return Math.max(0, new Date(to).getTime() - new Date(from).getTime());
}
