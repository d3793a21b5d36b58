import { SvelteMap } from "svelte/reactivity";
import type { EstimateView } from "../../../../generated/EstimateView";
import type { RoundId } from "../../../../generated/RoundId";

/** The range a round was begun with, for as long as this window is open. */
export type Promised = Pick<EstimateView, "low" | "high" | "hold">;

const byRound = new SvelteMap<RoundId, Promised>();

/** Remembers what was shown beside the button that began the round. */
export function remember(round: RoundId, estimate: EstimateView | null): void {
  if (estimate) byRound.set(round, { low: estimate.low, high: estimate.high, hold: estimate.hold });
}

/** What was shown when the round was begun, if it was begun in this window. */
export function promised(round: RoundId): Promised | undefined {
  return byRound.get(round);
}
