import { roundMoney, wholeCents } from "../../format/money";
import { dayOfMonth } from "../../format/time";
import type { EstimateView } from "../../generated/EstimateView";
import type { MicroUsd } from "../../generated/MicroUsd";
import type { ModelView } from "../../generated/ModelView";
import type { WalletSummary } from "../../generated/WalletSummary";
import { m } from "../../messages";
import type { RpcError } from "../../platform";
import type { Console } from "../../state/console.svelte";

/** The limit that stands in the way of a round, and the least that the round needs. */
export interface Shortage {
  limit: "wallet" | "session";
  needed: MicroUsd;
  /** What is spent and held of the session's own limit; none where that was not told. */
  used?: MicroUsd;
}

/** What a refusal for credit says of the limit to raise; `null` for any other refusal. */
export function shortageOf(error: RpcError): Shortage | null {
  if (error.code !== "credit_exhausted") return null;
  const { limited_by, needed, used } = (error.details ?? {}) as Record<string, unknown>;
  // A host that does not tell what limits means the wallet; so do holds of other rounds.
  return { limit: limited_by === "session" ? "session" : "wallet", needed: typeof needed === "number" ? needed : 0, used: typeof used === "number" ? used : undefined };
}

/** The limit that an estimated round runs into; `null` where it can be paid, or nothing is known of it yet. */
export function shortBy(estimate: EstimateView | null): Shortage | null {
  if (!estimate || estimate.affordable) return null;
  const { least, available } = estimate;
  // What is free of the wallet would cover it: then the session's own limit is the lower one.
  return { limit: available !== null && least > available ? "wallet" : "session", needed: least };
}

/** Changes whenever what a round can be paid with does: holds of other rounds are a part of it. */
export function purseOf(wallet: WalletSummary | undefined): string {
  return `${wallet?.balance} of ${wallet?.monthly_limit}, ${wallet?.held} held`;
}

/** Nothing but money keeps it from a seat of a round that is paid: a rehearsal is none. */
export function lacksMoneyAlone({ kind, unavailable_reason }: ModelView): boolean {
  return kind !== "rehearsal" && (unavailable_reason === null || unavailable_reason === "credit_exhausted");
}

/** The least that a call of any of these models sets aside; `null` where none costs anything. */
export function leastOf(models: readonly ModelView[]): MicroUsd | null {
  const paid = models.filter(lacksMoneyAlone).map(({ minimum }) => minimum).filter((minimum) => minimum > 0);
  return paid.length > 0 ? Math.min(...paid) : null;
}

/** The least that a round with a paid seat sets aside: two seats are the fewest, and the other may be free. */
export function leastRound(models: readonly ModelView[], least: MicroUsd): MicroUsd {
  const seats = models.filter(lacksMoneyAlone).map(({ minimum }) => minimum);
  const cheapest = seats.sort((a, b) => a - b).slice(0, 2);
  return Math.max(least, cheapest.reduce((sum, minimum) => sum + minimum, 0));
}

/** The lowest monthly limit under which what sets aside `least` is paid, as much as is gone of the month; 0 where what was topped up pays it. */
export function neededLimit({ balance, held, monthly_limit, limit_used }: WalletSummary, least: MicroUsd): MicroUsd {
  const beside = balance - Math.max(0, (monthly_limit ?? limit_used) - limit_used);
  const short = least + held - beside;
  return short > 0 ? limit_used + short : 0;
}

/** Nothing is left, and the month's limit was spent and not only held: of a limit of nothing, nothing was used. */
export function isLimitUsed({ balance, held, monthly_limit, limit_used }: WalletSummary): boolean {
  return monthly_limit !== null && monthly_limit > 0 && limit_used >= monthly_limit && balance <= held;
}

/** Why nothing of these models that costs anything can be paid. */
export interface Exhaustion {
  /** The least that is not paid: not one call, or calls and no round with two seats. */
  of: "call" | "round";
  /** A clause. */
  why: string;
  /** The lowest limit under which a round is paid, as it is told. */
  enough: string;
  /** The same as a sentence, and what to do or wait for. */
  note: { happened: string; todo: string };
}

/**
 * What keeps the wallet from paying a round of these models, by default of all; `null` where one can be paid.
 * @param wanted whoever wants a round, and no call alone, is told of what that needs
 */
export function exhaustion({ shared }: Console, among?: readonly ModelView[], wanted?: "round"): Exhaustion | null {
  const wallet = shared?.wallet;
  const models = among ?? shared?.models.models ?? [];
  const call = leastOf(models);
  if (!wallet || wallet.monthly_limit === null || call === null) return null;
  const [left, limit] = [wallet.balance - wallet.held, wallet.monthly_limit];
  const round = leastRound(models, call);
  if (left >= round) return null;
  const of = wanted ?? (left < call ? "call" : "round");
  const least = of === "call" ? call : round;
  const words = m.wallet.exhausted;
  const sums = [roundMoney(limit), roundMoney(least), words.of[of]] as const;
  const isUsed = isLimitUsed(wallet);
  const lacks = () => (isUsed ? words.used(sums[0]) : words.tooLittle(roundMoney(Math.max(0, left)), ...sums));
  const why = limit >= least ? lacks() : isUsed ? words.usedAndLow(...sums) : words.tooLow(...sums);
  // A reset to a limit that is too low brings nothing.
  const resetDay = wallet.resets_at ? dayOfMonth(new Date(wallet.resets_at)) : "";
  const enough = roundMoney(wholeCents(neededLimit(wallet, round)));
  return { of, why, enough, note: { happened: sentence(why), todo: limit < round ? words.raise(enough) : words.waits(resetDay) } };
}

/** Whether each of these models costs something, and the wallet does not cover what they set aside together at least. */
export function isUnpayable(host: Console, asked: readonly string[]): boolean {
  const { wallet, models } = host.shared ?? {};
  if (!wallet || !models || wallet.monthly_limit === null || asked.length === 0 || !asked.every((model) => isPaid(host, model))) return false;
  const needed = models.models.filter(({ id }) => asked.includes(id)).reduce((sum, { minimum }) => sum + minimum, 0);
  return wallet.balance - wallet.held < needed;
}

/** Whether a call of the model costs something. */
export function isPaid({ shared }: Console, model: string): boolean {
  return (shared?.models.models ?? []).some(({ id, minimum }) => id === model && minimum > 0);
}

/** Below the least that any priced call needs, nothing more can be called. */
export function isExhausted(host: Console): boolean {
  return exhaustion(host)?.of === "call";
}

function sentence(clause: string): string {
  return `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`;
}
