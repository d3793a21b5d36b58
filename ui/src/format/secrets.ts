const TAIL = 8;

/** What every token of an agent begins with. */
export const TOKEN_PREFIX = "hst_a_";

/** What every deliberation key begins with. */
export const KEY_PREFIX = "mmo_live_";

/** A token or key with only what a list shows of it; `prefix` says of which kind it is. */
export function hidden(prefix: string, secret: string): string {
  return `${prefix}${"•".repeat(12)}${secret.slice(-TAIL)}`;
}
