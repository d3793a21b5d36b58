import type { Difference } from "../../../../generated/Difference";

/** A stretch of a quote or of its source; `differs` where the two part. */
export interface Stretch {
  text: string;
  differs: boolean;
}

/** Cuts `text` at the parts that differ, which stand in it in this order. A part that is not there is passed over. */
export function stretches(text: string, parts: string[]): Stretch[] {
  const cut: Stretch[] = [];
  let at = 0;
  for (const part of parts) {
    const found = part === "" ? -1 : text.indexOf(part, at);
    if (found < 0) continue;
    if (found > at) cut.push({ text: text.slice(at, found), differs: false });
    cut.push({ text: part, differs: true });
    at = found + part.length;
  }
  if (at < text.length) cut.push({ text: text.slice(at), differs: false });
  return cut;
}

/** The parts as quoted, in order. */
export const quotedParts = (differences: Difference[]): string[] => differences.map((each) => each.quoted);
/** The parts as said, in order. */
export const saidParts = (differences: Difference[]): string[] => differences.map((each) => each.source);
