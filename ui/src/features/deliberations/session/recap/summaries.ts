import type { RoundView } from "../../../../generated/RoundView";

/** A synthesis says more than a recap from so many rounds on. */
export const LEAST_ROUNDS = 2;

/** Whether there is something to sum up: the round is over and somebody answered. */
export function isUsable({ status }: RoundView): boolean {
  return status === "complete" || status === "partial_failure";
}
