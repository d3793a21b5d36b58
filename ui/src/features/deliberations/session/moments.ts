import { clock, MINUTE, SECOND, took } from "../../../format/time";
import type { RoundView } from "../../../generated/RoundView";
import type { Timestamp } from "../../../generated/Timestamp";
import { m } from "../../../messages";

/** Below a minute a time is told in these. */
const TENTH = SECOND / 10;

/** Milliseconds between two moments of the wire; 0 when one is missing or the clock went back. */
export function span(from: Timestamp | null, to: Timestamp | null): number {
  if (from === null || to === null) return 0;
  return Math.max(0, Date.parse(to) - Date.parse(from));
}

/**
 * What the slowest seat took to answer, and to react, or to fail at it: the others waited for it as well; 0 where none did. Every figure of a round's phases is one of these,
 * so that a screen says the same as the seats' own rows.
 */
export function slowest({ answers, reactions }: Pick<RoundView, "answers" | "reactions">): { answer: number; reaction: number } {
  const most = (calls: RoundView["answers"]) => Math.max(0, ...calls.map((call) => span(call.started_at, call.ended_at)));
  return { answer: most(answers), reaction: most(reactions) };
}

/** How long something of a round took. */
export interface Figure {
  /** As it is told by itself, and in its seat's row. */
  told: string;
  /** As it is told beside the whole: in that one's unit, where it is long enough. */
  beside: string;
}

/** The times of a round's phases, as they are shown together. None is untrue, and they come to the whole as far as cut figures do. */
export interface Figures {
  answer: Figure;
  /** `null` where nobody reacted. */
  reaction: Figure | null;
  /** What the time holds beside its slowest seats: the map, and what they waited for before they were called. `null` where it is too little to be told, not known, or nobody reacted. */
  rest: (Figure & { /** No seat waited: it is the map alone. */ isMap: boolean }) | null;
  map: Figure | null;
}

export function figures(round: RoundView): Figures {
  const { round_ms } = round.summary.timings;
  const { answer, reaction } = slowest(round);
  const figure = (ms: number, besideMs = ms): Figure => ({ told: took(ms), beside: beside(besideMs, round_ms) });
  const map = mapping(round);
  const whole = round_ms - answer - reaction;
  // Where the seats' own times are cut to seconds, less than one is within what is cut off them.
  const unit = round_ms < SECOND ? 1 : Math.max(answer, reaction) < MINUTE ? TENTH : SECOND;
  const isTold = round.tries.length === 1 && answer > 0 && reaction > 0 && whole >= unit;
  const isMap = isTold && whole - map < unit;
  const shown = completing(cut(answer) + cut(reaction), whole, round_ms);
  // Less than a second is told by itself to the millisecond.
  const rest = figure(whole < SECOND ? whole : shown, shown);
  return {
    answer: figure(answer),
    reaction: reaction > 0 ? figure(reaction) : null,
    rest: isTold ? { ...rest, isMap } : null,
    map: map === 0 ? null : isMap ? rest : figure(map),
  };
}

/** The rest of a whole, rounded up instead of down where that makes the figures add up. */
function completing(others: number, rest: number, whole: number): number {
  const up = Math.ceil(rest / TENTH) * TENTH;
  return whole >= SECOND && rest < MINUTE && cut(others + cut(rest)) < cut(whole) && cut(others + up) === cut(whole) ? up : rest;
}

function beside(ms: number, whole: number): string {
  return whole < SECOND || whole >= MINUTE || ms < TENTH ? took(ms) : `${(cut(ms) / SECOND).toFixed(1)} s`;
}

/** To what is shown of it. */
function cut(ms: number): number {
  const unit = ms < MINUTE ? TENTH : SECOND;
  return Math.floor(ms / unit) * unit;
}

/** How long the map took; 0 where nobody knows, as of a round that was tried again: its phases are told over all tries. */
function mapping({ tries, summary: { timings } }: RoundView): number {
  return tries.length > 1 ? 0 : Math.max(0, timings.round_ms - timings.slowest_answer_ms - timings.slowest_reaction_ms);
}

/** "1:28.4", "2.8 s", "412 ms": a moment of a round that is over, from its beginning. */
export function stamp(ms: number): string {
  if (ms < MINUTE) return took(ms);
  return `${clock(ms)}.${Math.floor(ms / 100) % 10}`;
}

/** "in 2 tries": what is said wherever the time of a round is told, which holds those that broke off. Empty of one that was tried once. */
export function inTries({ tries }: Pick<RoundView, "tries">): string {
  return tries.length > 1 ? m.session.facts.inTries(tries.length) : "";
}

/** "1 min 15 s in 2 tries": how long a round was at work. */
export function roundTook(round: Pick<RoundView, "tries" | "summary">): string {
  return [took(round.summary.timings.round_ms), inTries(round)].filter(Boolean).join(" ");
}

/** "in the second try": of an answer of a later one, whose own time holds nothing of those before. Empty of the first. */
export function inTry({ tries }: Pick<RoundView, "tries">, called: Timestamp | null): string {
  const before = tries.filter((began) => called !== null && Date.parse(began) <= Date.parse(called));
  return before.length > 1 ? m.session.answers.inTry(before.length) : "";
}

/** When the try of a round began in which a call was made; without one, its last try. */
export function tryBegan({ tries, started_at }: Pick<RoundView, "tries" | "started_at">, called: Timestamp | null = null): Timestamp {
  const before = tries.filter((began) => called === null || Date.parse(began) <= Date.parse(called));
  return before.at(-1) ?? started_at;
}
