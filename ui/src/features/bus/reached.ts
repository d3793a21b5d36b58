import type { Reached } from "../../components/Delivery.svelte";
import { tookAbout } from "../../format/time";
import type { MessageView } from "../../generated/MessageView";
import type { Reach } from "../../generated/Reach";
import { m } from "../../messages";
import { stateAt } from "./lanes/moments";
import { parkedBy } from "./parked";

const s = m.bus.state;
const short = m.bus.stateBrief;
const means = m.bus.meaning;

interface Told extends Reached {
  word: string;
  /** What the word means. */
  meaning: string;
  /** A shorter one, for a narrow row; left out where the word is short itself. */
  brief?: string;
}

/** How far a message came, as cells and a word. */
export function reachedOf(message: MessageView): Told {
  // What a single mailbox holds is told by the message itself.
  if (message.reach && message.reach.mailboxes > 1) return reachedOfAll(message.reach);
  const stored = storedOf(message);
  const { facts } = stored;
  switch (stateAt(message)) {
    case "withdrawn": return { ...stored, how: "withdrawn", word: s.withdrawn, meaning: means.withdrawn };
    case "parked": {
      const [by, given] = [parkedBy(message), message.deliveries];
      return { ...stored, how: "resting", word: s.parkedBy[by](given), meaning: means.parkedBy[by](given), brief: short.parked };
    }
    case "held": return { ...stored, how: "resting", word: s.held, meaning: means.held };
    case "answered": {
      const time = tookAbout(between(message.sent_at, message.answered_at ?? message.sent_at));
      return { ...stored, how: "stored", word: s.answeredIn(time), meaning: means.answered, brief: short.answered };
    }
    case "acknowledged": return { ...stored, how: "stored", word: s.acknowledged, meaning: means.acknowledged };
    case "leased": return { facts: 2, how: "leased", word: s.leased, meaning: means.leased };
  }
  // When its last lease ran out is not stored: it is told of now alone.
  if (message.state === "unacknowledged") return { ...stored, how: "stored", word: s.unacknowledged, meaning: means.unacknowledged, brief: short.unacknowledged };
  const fact = facts === 2 ? "fetched" : "persisted";
  return { ...stored, how: "stored", word: s[fact], meaning: means[fact] };
}

/** The last of its four facts that is stored, and those before it that are not. */
function storedOf({ fetched_at, acknowledged_at, answered_at }: MessageView): Pick<Told, "facts" | "lacks"> {
  const facts = answered_at ? 4 : acknowledged_at ? 3 : fetched_at ? 2 : 1;
  const lacks = [fetched_at ? 0 : 2, acknowledged_at ? 0 : 3].filter((fact) => fact > 0 && fact < facts);
  return lacks.length ? { facts, lacks } : { facts };
}

/** How far a broadcast came: as far as it came anywhere, and in how many of its mailboxes. */
function reachedOfAll(reach: Reach): Told {
  const { mailboxes, fetched, acknowledged, answered, withdrawn, parked } = reach;
  const { facts, ...words } = furthest(reach);
  const whole = [mailboxes, fetched, acknowledged, answered].filter((count) => count === mailboxes).length;
  if (withdrawn === mailboxes) return { facts, whole, how: "withdrawn", word: s.withdrawn, meaning: means.withdrawn };
  if (parked === mailboxes) return { facts, whole, how: "resting", word: s.parked, meaning: means.parked };
  return { facts, whole, how: "stored", meaning: means.several, ...words };
}

function furthest({ mailboxes, fetched, acknowledged, answered }: Reach): Pick<Told, "facts" | "word" | "brief"> {
  if (answered) return { facts: 4, word: s.answeredBy(answered, mailboxes), brief: short.answeredBy(answered, mailboxes) };
  if (acknowledged) return { facts: 3, word: s.acknowledgedBy(acknowledged, mailboxes), brief: short.acknowledgedBy(acknowledged, mailboxes) };
  if (fetched) return { facts: 2, word: s.fetchedBy(fetched, mailboxes), brief: short.fetchedBy(fetched, mailboxes) };
  return { facts: 1, word: s.persisted };
}

/** What a sender is called without its kind: "loom", "operator", "Ines". */
export function senderName({ from, origin }: Pick<MessageView, "from" | "origin">): string {
  if (origin === "human") return m.bus.operator;
  return from.replace(/^[a-z]+:/, "");
}

/** Where a message went: its squad, all, or who; of a broadcast that stands once in each mailbox in whose, and then of what it is a copy. */
export function recipientName({ to, squad, reach, broadcast }: MessageView): string {
  if (reach) return squad ? `#${squad}` : m.bus.compose.all;
  if (squad) return `${to} #${squad}`;
  return broadcast ? m.bus.copyToAll(to) : to;
}

/** Whose mailbox an act on it is about. */
export function readerName(message: MessageView): string {
  return message.reach ? recipientName(message) : message.to;
}

function between(from: string, to: string): number {
  return Math.max(0, new Date(to).getTime() - new Date(from).getTime());
}
