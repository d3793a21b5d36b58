import type { Purpose } from "../../generated/Purpose";
import { m } from "../../messages";
import type { Console } from "../../state/console.svelte";
import { keyUnread } from "../settings/models";
import type { Unread } from "../settings/unread";
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

/** Why keys of these models cannot be read, though they were kept; `null` where all can. */
export function unreadOf(host: Console, models: readonly string[]): Unread | null {
  const seats = (host.shared?.models.models ?? []).filter(({ id }) => models.includes(id));
  return seats.map((model) => keyUnread(host, model)).find((why) => why !== null) ?? null;
}

/** Whom a round that lacks these calls asks where it is tried again: each answer that comes is reacted to by the whole panel. */
export function askedAgain(failed: readonly Failed[], seats: readonly string[]): string[] {
  const asked = failed.map(({ model }) => model);
  return failed.some(({ purpose }) => purpose === "respond") ? [...asked, ...seats] : asked;
}

/**
 * Why a round that lacks these calls cannot be tried again, as a sentence; `null` where nothing is known against it.
 * @param seats its whole panel, which reacts to each answer that comes
 */
export function hindranceOf(host: Console, failed: readonly Failed[], seats: readonly string[]): string | null {
  const called = askedAgain(failed, seats);
  // Before anything is paid, keys are read.
  const unread = unreadOf(host, called);
  if (unread) return m.session.facts.unread[unread];
  if (isUnpayable(host, failed.map(({ model }) => model))) return m.session.facts.unpaid;
  const gone = goneOf(host, called);
  return gone.length > 0 ? m.session.facts.gone(gone) : null;
}
