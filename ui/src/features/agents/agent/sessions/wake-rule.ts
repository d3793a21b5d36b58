import type { WakeRule } from "../../../../generated/WakeRule";

/** What may be set, as Husting checks it. */
export const LIMITS = { batch_seconds: { least: 1, most: 3_600 }, per_day: { least: 1, most: 1_000 } };

/** A rule's figure. */
export type Figure = keyof typeof LIMITS & keyof WakeRule;

/** What was typed as a figure; `null` where it is none, or out of its range. */
export function figureOf(which: Figure, typed: string): number | null {
  const plain = typed.replace(/[\s,]/g, "");
  const { least, most } = LIMITS[which];
  const value = Number(plain);
  return /^\d{1,6}$/.test(plain) && value >= least && value <= most ? value : null;
}
