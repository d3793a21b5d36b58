import type { Console } from "../../state/console.svelte";
import { hasRealSeat } from "../settings/models";
import { isUnanswered, refusesKey } from "../settings/provider-form";

/** Whether a real model can be called: not while each provider that has any refuses its key or does not answer. */
export function hasCallableSeat(host: Console): boolean {
  const seating = host.shared?.providers.providers.filter(({ models }) => models > 0) ?? [];
  const isAmiss = seating.length > 0 && seating.every((provider) => refusesKey(provider) || isUnanswered(provider.last_test));
  return hasRealSeat(host) && !isAmiss;
}
