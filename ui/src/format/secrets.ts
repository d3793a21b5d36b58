const TAIL = 8;

/** What every token of an agent begins with. */
export const TOKEN_PREFIX = "hst_a_";

/** What every deliberation key begins with. */
export const KEY_PREFIX = "mmo_live_";

/** In the place of a tail where a key is too short to show any of it: `NO_TAIL` of the wire’s providers. */
const NO_TAIL = "…";

/** The end of a key as a list shows it; nothing where of the key only that it is there may be seen. */
export function shownTail(tail: string): string {
  return tail === NO_TAIL ? "" : `…${tail}`;
}

/** A token or key with only what a list shows of it; `prefix` says of which kind it is. */
export function hidden(prefix: string, secret: string): string {
  return `${prefix}${"•".repeat(12)}${secret.slice(-TAIL)}`;
}

/** How tokens and keys begin: Husting's own, and those of others that are known by it. */
const BEGINNINGS = /(?:hst_[ato]_|mmo_live_|\bsk-|\bgh[pousr]_|\bgithub_pat_|\bxox[abprs]-|\bAIza|\bAKIA)[\w-]{12,}/;

/** It seems to hold a token or a key, which belongs into no draft. */
export function looksSecret(text: string): boolean {
  return BEGINNINGS.test(text);
}
