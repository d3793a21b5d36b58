import { exactTime, waited } from "../../../format/time";
import type { MessageView } from "../../../generated/MessageView";
import { m } from "../../../messages";
import { cameBack, momentsOf, stateAt } from "./moments";
import { lengthOf, WORTH_MS, type Wait } from "./path";
import type { Standing } from "./standing";

const l = m.lanes;

/** "14:30:06". */
export function clockOf(at: number): string {
  return exactTime(new Date(at));
}

/** What had become of a message by then: whether it was fetched, and how it ended. */
export function fateOf(message: MessageView, at: number): { word: string; wants: boolean } {
  const { sent, fetched, ended } = momentsOf(message);
  const stood = stateAt(message, at);
  if (stood === "unsent") return { word: l.notSent(clockOf(at)), wants: false };
  if (ended !== null && stood === "parked") return { word: l.parkedAt(clockOf(ended)), wants: true };
  if (ended !== null && stood === "held") return { word: l.heldAt(clockOf(ended)), wants: true };
  if (ended !== null && stood === "withdrawn") return { word: l.withdrawnAt(clockOf(ended)), wants: false };
  // The operator reads and answers without fetching.
  if (fetched === null && (stood === "answered" || stood === "acknowledged")) return { word: l.unfetched(l.stood[stood]), wants: false };
  if (fetched === null || fetched > at) return { word: l.notFetched(clockOf(at)), wants: true };
  const word = fetched - sent < WORTH_MS ? l.fetchedAfter(waited(fetched - sent)) : l.fetchedAt(clockOf(fetched));
  return { word: [word, ...returns(message)].join(", "), wants: false };
}

/** A wait as a sentence. */
export function waitWords(wait: Wait): string {
  const time = waited(lengthOf(wait));
  if (wait.where === "inbox") return (wait.open ? l.inInboxYet : l.inInbox)(time, wait.who);
  return (wait.open ? l.withReaderYet : l.withReader)(time, wait.who);
}

/** "1 leased, 2 persisted". */
export function standingWords(standing: Standing): string {
  return statesOf(standing).map((each) => l.standing[each](standing[each])).join(", ");
}

/** What these words mean, a line for each. */
export function standingMeaning(standing: Standing): string {
  return statesOf(standing).map((each) => m.bus.explained(l.stood[each], l.meaning[each])).join("\n");
}

function statesOf(standing: Standing) {
  return (["leased", "fetched", "unread", "parked", "held"] as const).filter((each) => standing[each] > 0);
}

function returns(message: MessageView): string[] {
  const { state: s } = m.bus;
  const word = message.state === "unacknowledged" ? [s.unacknowledged] : cameBack(message) ? [l.cameBack] : [];
  return [...(message.deliveries > 1 ? [l.given(message.deliveries)] : []), ...word];
}
