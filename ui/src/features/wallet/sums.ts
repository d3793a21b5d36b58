import { isAbove, parseMoney, roundMoney } from "../../format/money";
import type { MicroUsd } from "../../generated/MicroUsd";

const DOLLAR = 1_000_000;

/** The most that the console takes of each sum that is typed. */
export const MOST = {
  limit: 1_000_000 * DOLLAR,
  topUp: 10_000 * DOLLAR,
  refill: 1_000_000 * DOLLAR,
  /** For a million tokens. */
  price: 100_000 * DOLLAR,
} as const;

/** What is said of a sum that cannot be. */
interface Words {
  /** It is not written as dollars. */
  bad: string;
  /** It is more than the most. */
  most: (most: string) => string;
}

/** Why what was typed is no sum up to `most`; `null` for one that is. A sum too long to be read is written well, and too much. */
export function sumFault(typed: string, most: MicroUsd, words: Words): string | null {
  if (isAbove(typed, most)) return words.most(roundMoney(most));
  return parseMoney(typed) === null ? words.bad : null;
}
