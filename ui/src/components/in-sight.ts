import { FADE } from "./edges";

/** What a list shows of its rows, in pixels from the top of the first one. */
interface Sight {
  from: number;
  room: number;
  /** Of all rows together. */
  total: number;
  /** It fades at its top too, where it goes on there. */
  fadesAbove: boolean;
}

/** Where a list is scrolled to so that a row stands in sight, clear of what fades; `null` where it stands in sight already, and nothing moves. */
export function broughtIn(row: { start: number; end: number }, { from, room, total, fadesAbove }: Sight): number | null {
  if (row.start >= from && row.end <= from + room) return null;
  if (row.start < from) return Math.max(0, row.start - (fadesAbove ? FADE : 0));
  // One that is taller than what does not fade begins in sight.
  return Math.max(0, Math.min(row.start, Math.min(total, row.end + FADE) - room));
}
