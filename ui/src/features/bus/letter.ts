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

/** The letter that a draft kept; `null` where it holds no words. */
export function letterIn(kept: Record<string, unknown> | null): Letter | null {
  const { text, to, name, asks, answering } = kept ?? {};
  if (typeof text !== "string" || text === "") return null;
  return { text, to: typeof to === "string" ? to : "", name: typeof name === "string" ? name : "", asks: asks === true, answering: answeredIn(answering) };
}

/** Whether both are for the same reader, or answer the same. */
export function isFor(one: Letter, other: Letter): boolean {
  return one.answering?.message_id === other.answering?.message_id && (one.answering !== null || one.to === other.to);
}
