import type { DefaultPanelView } from "../../generated/DefaultPanelView";

/** More buckets than this are refused. */
export const MOST_BUCKETS = 8;

/** Whom each bucket seats now; `null` where it seats nobody. A bucket gives its seat in turn, or is told as collapsed. */
export function seatedIn({ buckets, seats, collapsed_buckets, rehearsal }: DefaultPanelView): (string | null)[] {
  if (rehearsal) return buckets.map(() => null);
  const left = [...seats];
  return buckets.map((_, at) => (collapsed_buckets.includes(at) ? null : (left.shift() ?? null)));
}

/** The same buckets with one of them a place earlier. */
export function earlier<Item>(list: Item[], place: number): Item[] {
  const next = [...list];
  next.splice(place - 1, 0, ...next.splice(place, 1));
  return next;
}
