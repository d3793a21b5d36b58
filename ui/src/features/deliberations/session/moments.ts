import { clock, MINUTE, SECOND } from "../../../format/time";
import type { RoundView } from "../../../generated/RoundView";
import type { Timestamp } from "../../../generated/Timestamp";

/** Milliseconds between two moments of the wire; 0 when one is missing or the clock went back. */
export function span(from: Timestamp | null, to: Timestamp | null): number {
  if (from === null || to === null) return 0;
  return Math.max(0, Date.parse(to) - Date.parse(from));
}

/**
 * What the slowest seat took to answer, and to react; 0 where none did. Every figure of a round's phases is one of these,
 * so that a screen says the same as the seats' own rows.
 */
export function slowest({ answers, reactions }: Pick<RoundView, "answers" | "reactions">): { answer: number; reaction: number } {
  const most = (calls: RoundView["answers"]) => Math.max(0, ...calls.map((call) => span(call.started_at, call.ended_at)));
  return { answer: most(answers), reaction: most(reactions) };
}

/** What the time of a round holds beside its slowest seats: its map, and what they waited for before they were called. */
export interface Rest {
  /** As much as makes them add up, each cut to the unit that the round is told in. */
  ms: number;
  /** No seat waited: it is the map alone. */
  isMap: boolean;
}

/** `null` where it is too little to be told, or not known. */
export function rest(round: RoundView): Rest | null {
  const { round_ms } = round.summary.timings;
  const { answer, reaction } = slowest(round);
  const unit = round_ms < SECOND ? 1 : round_ms < MINUTE ? SECOND / 10 : SECOND;
  const whole = round_ms - answer - reaction;
  if (round.tries.length > 1 || answer === 0 || whole < unit) return null;
  const inUnits = (ms: number) => Math.floor(ms / unit) * unit;
  return { ms: inUnits(round_ms) - inUnits(answer) - inUnits(reaction), isMap: whole - mapping(round) < unit };
}

/** How long the map took; 0 where nobody knows, as of a round that was tried again: its phases are told over all tries. */
export function mapping({ tries, summary: { timings } }: RoundView): number {
  return tries.length > 1 ? 0 : Math.max(0, timings.round_ms - timings.slowest_answer_ms - timings.slowest_reaction_ms);
}

/** "0:28.4": a moment of a round that is over. */
export function stamp(ms: number): string {
  return `${clock(ms)}.${Math.floor(ms / 100) % 10}`;
}

/** When the try of a round began in which a call was made; without one, its last try. */
export function tryBegan({ tries, started_at }: Pick<RoundView, "tries" | "started_at">, called: Timestamp | null = null): Timestamp {
  const before = tries.filter((began) => called === null || Date.parse(began) <= Date.parse(called));
  return before.at(-1) ?? started_at;
}
