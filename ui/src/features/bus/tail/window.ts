import { BINS, DAY, STRETCHES, type Span } from "../strip/span";

/** When what is in sight was sent, and the first row below it. */
export interface Seen {
  first: number;
  last: number;
  next: number | null;
}

const YEAR = 365 * DAY;

/** The part of the strip that is in sight; a list that follows the newest reaches to now. */
export function windowOf({ first, last }: Seen, follows: boolean, now: number): Span {
  return { start: Math.min(first, last), end: follows ? Math.max(now, last) : last };
}

/** The stretch that ends now, at least that long, and as long as it takes to reach back to `oldest`. Its end stays for a whole share of it. */
export function stretchOf(oldest: number, least: number, now: number): Span {
  const length = STRETCHES.find((each) => each >= least && stretch(each, now).start <= oldest) ?? Math.max(least, Math.ceil((now - oldest) / YEAR + 1) * YEAR);
  return stretch(length, now);
}

/** Where a key brings the window's end: by one message at the least. */
export function endFor(wanted: number, window: Span, { last, next }: Seen): number {
  if (wanted <= window.end) return Math.min(wanted, last);
  return next === null ? wanted : Math.max(wanted, next + 1);
}

function stretch(length: number, now: number): Span {
  const share = length / BINS;
  const end = Math.ceil(now / share) * share;
  return { start: end - length, end };
}
