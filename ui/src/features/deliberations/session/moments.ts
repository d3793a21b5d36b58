import { clock } from "../../../format/time";
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

/** "0:28.4": a moment of a round that is over. */
export function stamp(ms: number): string {
  return `${clock(ms)}.${Math.floor(ms / 100) % 10}`;
}

/** When the try of a round began in which a call was made; without one, its last try. */
export function tryBegan({ tries, started_at }: Pick<RoundView, "tries" | "started_at">, called: Timestamp | null = null): Timestamp {
  const before = tries.filter((began) => called === null || Date.parse(began) <= Date.parse(called));
  return before.at(-1) ?? started_at;
}
