import type { DefaultPanelView } from "../../generated/DefaultPanelView";
import type { UnavailableReason } from "../../generated/UnavailableReason";
import { AMISS } from "./models";

/** More buckets than this are refused. */
export const MOST_BUCKETS = 8;

/** Whom each bucket seats now; `null` where it seats nobody. A bucket gives its seat in turn, or is told as collapsed. */
export function seatedIn({ buckets, seats, collapsed_buckets, rehearsal }: DefaultPanelView): (string | null)[] {
  if (rehearsal) return buckets.map(() => null);
  const left = [...seats];
  return buckets.map((_, at) => (collapsed_buckets.includes(at) ? null : (left.shift() ?? null)));
}

/** Why a bucket seats nobody. */
export type Unseated = "over" | "elsewhere" | "notYet" | "nobody";

/** Of a bucket that seats nobody: the panel is full, its models sit already, they are not set up yet, or something is wrong. */
export function whyUnseated(collapsed: boolean, reasons: readonly (UnavailableReason | null)[]): Unseated {
  if (!collapsed) return "over";
  if (reasons.includes(null)) return "elsewhere";
  return reasons.some((reason) => reason && AMISS.includes(reason)) ? "nobody" : "notYet";
}

/** The same buckets with one of them a place earlier. */
export function earlier<Item>(list: Item[], place: number): Item[] {
  const next = [...list];
  next.splice(place - 1, 0, ...next.splice(place, 1));
  return next;
}

/** The same buckets with a model back in its bucket, in a bucket of its own where that is gone; once it is there, as they are. */
export function returned(buckets: string[][], bucket: number, id: string, place: number): string[][] {
  const there = buckets[bucket];
  if (!there) return [...buckets, [id]];
  return there.includes(id) ? buckets : buckets.with(bucket, there.toSpliced(place, 0, id));
}
