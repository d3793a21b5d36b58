/** A stretch of time, in milliseconds since 1970. */
export interface Span {
  start: number;
  end: number;
}

const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** How long a window may be, the shortest first. */
export const LENGTHS = [1, 2, 4, 8, 15, 30].map((minutes) => minutes * MINUTE);
/** What it is as long as nobody chose. */
export const USUAL = 8 * MINUTE;
/** How long the strip over the tail may be, the shortest first. Behind the last come whole years. */
export const STRETCHES = [1, 3, 6, 12, 24, 3 * 24, 7 * 24, 30 * 24, 90 * 24, 365 * 24].map((hours) => hours * HOUR);
/** The longest that a window opens on. */
export const QUARTER = 15 * MINUTE;
/** Shares of a strip. */
export const BINS = 60;

const STEPS = [
  ...[1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800].map((seconds) => seconds * SECOND),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 7, 14, 30, 90, 365].map((days) => days * DAY),
];

/** The shortest length to open with that holds so much, so that what is there fills it; the longest where none does. */
export function lengthFor(held: number): number {
  return Math.min(LENGTHS.find((each) => each >= held) ?? QUARTER, QUARTER);
}

/** The length after this one, or before it; the same where there is none. */
export function lengthBeside(length: number, step: 1 | -1): number {
  const longer = LENGTHS.find((each) => each > length);
  const shorter = LENGTHS.findLast((each) => each < length);
  return (step > 0 ? longer : shorter) ?? length;
}

/** The length that is nearest to what was dragged. */
export function nearestLength(length: number): number {
  return LENGTHS.reduce((best, each) => (Math.abs(each - length) < Math.abs(best - length) ? each : best), USUAL);
}

/** The end of a window of that length in which `at` stands where it stood, in parts of the window. */
export function endAround(span: Span, length: number, at: number): number {
  const part = (at - span.start) / (span.end - span.start);
  return at + (1 - Math.max(0, Math.min(1, part))) * length;
}

/** The hour above a window. It stays while that is in it, goes no further than it must, and never past this minute. */
export function stripOf(span: Span, before: Span | null, now: number): Span {
  const last = upToMinute(now);
  if (before && span.start >= before.start && span.end <= before.end) return before;
  const touches = before !== null && span.start < before.end && span.end > before.start;
  const middle = upToMinute((span.start + span.end + HOUR) / 2);
  const end = !touches ? middle : span.end > before.end ? upToMinute(span.end) : downToMinute(span.start) + HOUR;
  const within = Math.min(last, end);
  return { start: within - HOUR, end: within };
}

/** Round times of a span with at least so many pixels between two. */
export function ticksOf(span: Span, width: number, apart: number): { step: number; times: number[] } {
  const length = span.end - span.start;
  const step = STEPS.find((each) => (each / length) * width >= apart) ?? Math.ceil((length * apart) / Math.max(1, width) / DAY) * DAY;
  // Hours and days begin where they do here.
  const east = eastOf(span.start);
  const first = Math.ceil((span.start + east) / step) * step - east;
  // One more than there can be: where the clock is set forward on the way, what follows comes sooner.
  const even = Array.from({ length: Math.max(0, Math.floor((span.end - first) / step) + 2) }, (_, index) => first + index * step);
  const here = step > HOUR ? even.map((at) => at + east - eastOf(at)) : even;
  return { step, times: here.filter((at) => at >= span.start && at <= span.end) };
}

/** Where a time stands on so many pixels. */
export function pixelOf(span: Span, width: number, at: number): number {
  return ((at - span.start) / (span.end - span.start)) * width;
}

/** The time that stands there. */
export function timeAt(span: Span, width: number, pixel: number): number {
  return span.start + (pixel / Math.max(1, width)) * (span.end - span.start);
}

/** Inside of it, or at the end that is nearer. */
export function clamp(span: Span, at: number): number {
  return Math.max(span.start, Math.min(span.end, at));
}

/** By how much the clock here is ahead of UTC. */
function eastOf(at: number): number {
  return -new Date(at).getTimezoneOffset() * MINUTE;
}

function upToMinute(at: number): number {
  return Math.ceil(at / MINUTE) * MINUTE;
}

function downToMinute(at: number): number {
  return Math.floor(at / MINUTE) * MINUTE;
}

/** A moment as the wire has it. */
export function wire(at: number): string {
  return new Date(at).toISOString();
}
