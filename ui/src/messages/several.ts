import { apart } from "./apart";

/** Names in a row, such as `a, b and c`. */
export function several(names: string[]): string {
  const [last, ...before] = names.toReversed().map(apart);
  return before.length ? `${before.toReversed().join(", ")} and ${last}` : (last ?? "");
}
