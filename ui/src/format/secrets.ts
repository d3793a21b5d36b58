const TAIL = 8;

/** A token or key with only what a list shows of it; `prefix` says of which kind it is. */
export function hidden(prefix: string, secret: string): string {
  return `${prefix}${"•".repeat(12)}${secret.slice(-TAIL)}`;
}
