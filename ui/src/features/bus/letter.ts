import { mergedWords } from "../../state/merged";
import { answeredIn, type Answered } from "./answered";

/** A message that is being written, as a draft keeps it. */
export interface Letter {
  text: string;
  /** Whom it is for, as the list of recipients names them; empty for nobody yet. */
  to: string;
  /** What that one was called. */
  name: string;
  /** An answer is to be asked for. */
  asks: boolean;
  /** The message that it answers. */
  answering: Answered | null;
}

/** Two consoles at one draft; `null` where no words stand. */
interface Draft {
  /** What both knew. */
  known: Letter | null;
  here: Letter | null;
  there: Letter | null;
}

/** What becomes of two consoles' letters in one draft. */
export type Meeting =
  /** There is nothing to put together: what stands here is kept. */
  | { kind: "stays" }
  /** What went was the other's own: what stands here is kept in its place. */
  | { kind: "returns" }
  /** What another begins is kept, and shown in no field here. */
  | { kind: "unseen" }
  /** Both are one, which is kept and shown here; `null` where no words are left of it. */
  | { kind: "one"; letter: Letter | null }
  /** Each is for its own reader: the one here is kept, and the other's is put aside for its own. */
  | { kind: "kept"; letter: Letter; aside: Letter }
  /** Each is for its own reader: the other's is kept, and the one here is put aside for its own. */
  | { kind: "displaced"; aside: Letter };

/** The letter that a draft kept; `null` where it holds no words. */
export function letterIn(kept: Record<string, unknown> | null): Letter | null {
  const { text, to, name, asks, answering } = kept ?? {};
  if (typeof text !== "string" || text === "") return null;
  return { text, to: typeof to === "string" ? to : "", name: typeof name === "string" ? name : "", asks: asks === true, answering: answeredIn(answering) };
}

/** A letter as a draft keeps it: nothing where no words are left. */
export function bodyOf(letter: Letter | null): string {
  return letter === null ? "" : JSON.stringify(letter);
}

/** Under which name words for it are put aside. */
export function asideOf(to: Answered | null): string {
  return to ? `message/${to.message_id}` : "message/new";
}

/**
 * What becomes of them: a letter for the same is one; that for another reader is put aside for that one. `isKept` says that
 * what stands here is what both knew, and `isDisplaced` that another's stands where the one here was kept.
 */
export function meeting({ known, here, there }: Draft, isKept: boolean, isDisplaced: boolean): Meeting {
  if (here && there && !isFor(here, there)) return isKept ? { kind: "displaced", aside: here } : { kind: "kept", letter: here, aside: there };
  // Nothing is begun here, and what another begins is not typed into.
  if (!here && there) return !known || !isFor(known, there) ? { kind: "unseen" } : { kind: "one", letter: withWords(there, mergedWords(known.text, "", there.text)) };
  // What went is the other's own, and not the letter that stands here.
  if (here && !there && (isDisplaced || !known || !isFor(known, here))) return { kind: "returns" };
  if (!here) return { kind: "stays" };
  return { kind: "one", letter: withWords(here, mergedWords(known && isFor(known, here) ? known.text : "", here.text, there?.text ?? "")) };
}

/** Whether both are for the same reader, or answer the same. */
function isFor(one: Letter, other: Letter): boolean {
  return one.answering?.message_id === other.answering?.message_id && (one.answering !== null || one.to === other.to);
}

function withWords(letter: Letter, words: string): Letter | null {
  return words === "" ? null : { ...letter, text: words };
}
