import type { WakeRule } from "../../../../generated/WakeRule";

/** What may be set, as Husting checks it. */
export const LIMITS = { batch_seconds: { least: 1, most: 3_600 }, per_day: { least: 1, most: 1_000 } };

/** A rule's figure. */
export type Figure = keyof typeof LIMITS & keyof WakeRule;

const THOUSANDS = /^\d{1,3}(?:[\s,]\d{3})+$/;

/** What was typed as a figure; `null` where it is none, or out of its range. */
export function figureOf(which: Figure, typed: string): number | null {
  const text = typed.trim();
  // A comma parts thousands, and nothing else: 1,5 is no 15.
  const plain = THOUSANDS.test(text) ? text.replace(/[\s,]/g, "") : text;
  const { least, most } = LIMITS[which];
  const value = Number(plain);
  return /^\d{1,6}$/.test(plain) && value >= least && value <= most ? value : null;
}
