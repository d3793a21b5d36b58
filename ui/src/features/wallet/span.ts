import { DAY, HOUR, MINUTE, timeOfDay } from "../../format/time";

/** The time that a drawing covers, in milliseconds since 1970, with what is written along it. */
export interface Span {
  from: number;
  to: number;
  ticks: { ms: number; words: string }[];
}

/** Spans of less than a month, each with what lies between two ticks. Those of days are whole ones. */
const SHORT: [span: number, tick: number][] = [
  [5 * MINUTE, MINUTE],
  [20 * MINUTE, 5 * MINUTE],
  [HOUR, 10 * MINUTE],
  [3 * HOUR, 30 * MINUTE],
  [6 * HOUR, HOUR],
  [12 * HOUR, 2 * HOUR],
  [DAY, 4 * HOUR],
  [3 * DAY, DAY],
  [7 * DAY, DAY],
];
/** The part of a short span that is still to come, at the least: what stands at its end has room. */
const ROOM = 1 / 20;
const DAYS = [1, 5, 10, 15, 20, 25, 30];

/**
 * The month; or the shortest span that holds what is drawn of it, where that would be one upright stroke in a month:
 * the first hours and days of a wallet.
 */
export function spanOf(month: { start: number; end: number }, begun: number, now: number): Span {
  for (const [length, tick] of SHORT) {
    const from = Math.min(month.start + Math.floor((begun - month.start) / tick) * tick, month.end - length);
    const to = from + length;
    if (now <= to - length * ROOM || to === month.end) return { from, to, ticks: ticks(month.start, from, to, tick) };
  }
  const days = DAYS.filter((day) => month.start + day * DAY <= month.end);
  return { from: month.start, to: month.end, ticks: days.map((day) => ({ ms: month.start + (day - 1) * DAY, words: String(day) })) };
}

function ticks(monthStart: number, from: number, to: number, tick: number): Span["ticks"] {
  const words = (ms: number) => (tick < DAY ? timeOfDay(new Date(ms)) : String((ms - monthStart) / DAY + 1));
  return Array.from({ length: Math.round((to - from) / tick) + 1 }, (_, at) => from + at * tick)
    .filter((ms) => tick < DAY || ms < to)
    .map((ms) => ({ ms, words: words(ms) }));
}
