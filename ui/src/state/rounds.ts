import type { RoundView } from "../generated/RoundView";

/** Joins two readings of a session's rounds; of each round the one with more progress stays. */
export function merged(rounds: RoundView[], others: RoundView[]): RoundView[] {
  const byId = new Map(rounds.map((round) => [round.round_id, round]));
  for (const other of others) {
    const known = byId.get(other.round_id);
    if (!known || other.progress_version >= known.progress_version) byId.set(other.round_id, other);
  }
  return [...byId.values()].sort((a, b) => a.index - b.index);
}
