import type { Purpose } from "../../generated/Purpose";
import { m } from "../../messages";
import type { Console } from "../../state/console.svelte";
import { isUnpayable } from "../wallet/shortage";

/** A call that failed. */
interface Failed {
  model: string;
  purpose: Purpose;
}

/** Which of these models are on this machine no more; none while nothing is known. */
export function goneOf({ shared }: Console, models: readonly string[]): string[] {
  if (!shared) return [];
  const here = new Set(shared.models.models.map(({ id }) => id));
  return [...new Set(models)].filter((id) => !here.has(id));
}

/**
 * Why a round that lacks these calls cannot be tried again, as a sentence; `null` where nothing is known against it.
 * @param seats its whole panel, which reacts to each answer that comes
 */
export function hindranceOf(host: Console, failed: readonly Failed[], seats: readonly string[]): string | null {
  const asked = failed.map(({ model }) => model);
  if (isUnpayable(host, asked)) return m.session.facts.unpaid;
  const gone = goneOf(host, failed.some(({ purpose }) => purpose === "respond") ? [...asked, ...seats] : asked);
  return gone.length > 0 ? m.session.facts.gone(gone) : null;
}
