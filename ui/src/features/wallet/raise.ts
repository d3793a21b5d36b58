import { parseMoney, roundMoney, wholeCents } from "../../format/money";
import type { MicroUsd } from "../../generated/MicroUsd";
import { m } from "../../messages";
import { MOST, sumFault } from "./sums";

const DOLLAR = 1_000_000;

/** A round sum above `limit` under which what is short fits too; the next ten dollars where that is not known. */
export function raisedLimit(limit: MicroUsd, short: MicroUsd): MicroUsd {
  if (short <= 0) return (Math.floor(limit / (10 * DOLLAR)) + 1) * 10 * DOLLAR;
  const least = limit + short;
  const step = DOLLAR * (least < 10 * DOLLAR ? 1 : least < 100 * DOLLAR ? 5 : 10);
  return Math.ceil(least / step) * step;
}

/** Why what was typed can be no limit; `null` for what can. */
export function limitFault(typed: string): string | null {
  return sumFault(typed, MOST.limit, { bad: m.wallet.limitBad, most: m.wallet.limitMost });
}

/** Why a sum that was typed raises no limit; `null` for one that does. */
export function raiseFault(typed: string, limit: MicroUsd): string | null {
  return limitFault(typed) ?? ((parseMoney(typed) ?? 0) > limit ? null : m.wallet.raiseLower(roundMoney(limit)));
}

/** What is said of a sum that was typed and under which a round is refused again; `null` for one that suffices, or where `least` is 0: nobody knows then. */
export function refusedAgain(typed: string, least: MicroUsd): string | null {
  return (parseMoney(typed) ?? 0) < least ? m.convene.refusedBelow(roundMoney(wholeCents(least))) : null;
}
