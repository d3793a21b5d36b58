import type { EstimateView } from "../../generated/EstimateView";
import type { MicroUsd } from "../../generated/MicroUsd";
import type { RpcError } from "../../platform";
import type { Console } from "../../state/console.svelte";

/** The limit that stands in the way of a round, and the least that the round needs. */
export interface Shortage {
  limit: "wallet" | "session";
  needed: MicroUsd;
}

/** What a refusal for credit says of the limit to raise; `null` for any other refusal. */
export function shortageOf(error: RpcError): Shortage | null {
  if (error.code !== "credit_exhausted") return null;
  const { limited_by, needed } = (error.details ?? {}) as Record<string, unknown>;
  // A host that does not tell what limits means the wallet; so do holds of other rounds.
  return { limit: limited_by === "session" ? "session" : "wallet", needed: typeof needed === "number" ? needed : 0 };
}

/** The limit that an estimated round runs into; `null` where it can be paid, or nothing is known of it yet. */
export function shortBy(estimate: EstimateView | null): Shortage | null {
  if (!estimate || estimate.affordable) return null;
  const { hold, available } = estimate;
  // What is free of the wallet would cover it: then the session's own limit is the lower one.
  return { limit: available !== null && hold > available ? "wallet" : "session", needed: hold };
}

/** Below the least that any priced call needs, nothing more can be called. */
export function isExhausted({ shared }: Console): boolean {
  const { wallet, models } = shared ?? {};
  if (!wallet || wallet.monthly_limit === null) return false;
  const least = Math.min(...(models?.models ?? []).filter((model) => model.minimum > 0).map((model) => model.minimum));
  return Number.isFinite(least) && wallet.balance - wallet.held < least;
}
