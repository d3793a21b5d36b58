import type { MicroUsd } from "../../../generated/MicroUsd";
import type { QuoteStatus } from "../../../generated/QuoteStatus";
import type { RoundSummary } from "../../../generated/RoundSummary";
import type { RoundView } from "../../../generated/RoundView";
import type { SeatCallView } from "../../../generated/SeatCallView";
import { money } from "../../../format/money";
import { m } from "../../../messages";
import { failureOf } from "../failures";
import { roundTook } from "./moments";

/** The seats whose answer failed, in panel order. */
export function failedSeats(round: RoundView): string[] {
  return round.answers.filter((call) => call.state === "error").map((call) => call.model);
}

/** The seats that answered and whose reaction failed. */
export function lostReactions(round: RoundView): string[] {
  return round.reactions.filter((call) => call.state === "error").map((call) => call.model);
}

/** A call of a seat that failed: its silence says nothing. */
export type Missing = "answer" | "reaction";

/** What of a seat is missing in a round; `null` where it was heard on everything. */
export function unheard(round: RoundView, model: string): Missing | null {
  if (failedSeats(round).includes(model)) return "answer";
  return lostReactions(round).includes(model) ? "reaction" : null;
}

/** What of a seat is missing in a round, and why. */
export function unheardBecause(round: RoundView, model: string): string | null {
  const missing = unheard(round, model);
  const call = failedCalls(round).find((each) => each.model === model);
  return missing && call ? [`${m.session.unheard[missing]}.`, failureOf(call, round.cancelled)].filter(Boolean).join(" ") : null;
}

/** The act that runs again what failed: its name, and whom exactly it calls. */
export interface Retry {
  name: string;
  exactly: string;
}

/** A new answer has been shown to nobody, so that everybody who answered before is asked to react to it too. */
export function retryOf(round: RoundView, nameOf: (model: string) => string): Retry {
  const words = m.session.retrying;
  const failed = failedSeats(round);
  const names = failed.map(nameOf);
  const [only] = names;
  if (only === undefined) {
    const answered = round.answers.filter((call) => call.state === "final").map((call) => call.model);
    const reacted = round.reactions.filter((call) => call.state === "final").map((call) => call.model);
    return { name: words.reactions, exactly: words.asksToReact(answered.filter((model) => !reacted.includes(model)).map(nameOf)) };
  }
  const others = round.answers.some((call) => call.state === "final");
  const name = names.length === 1 ? words.seat(only, others) : words.seats(names.length, others);
  return { name, exactly: words.asksToAnswer(names, others) };
}

/** The calls that failed or were stopped, answers first, in panel order. */
export function failedCalls(round: RoundView): SeatCallView[] {
  return [...round.answers, ...round.reactions].filter((call) => call.state === "error");
}

/** Husting ended while it ran: a part of it was broken off by nobody else. */
export function isBrokenOff(round: RoundView): boolean {
  return round.status !== "in_progress" && failedCalls(round).some(({ closed }) => closed);
}

/** Whoever comes back to such a round saw it last as it ran: before it is tried again, they ask what was asked. */
export function isToTryAgain(round: RoundView): boolean {
  return isBrokenOff(round) && round.can_retry;
}

/** Asked something of its own: the first round's question is the session's title. */
export function isSteered({ index, snippets }: Pick<RoundView, "index" | "snippets">): boolean {
  return index > 0 || snippets.length > 0;
}

/** Words of the moderator that no seat said: they are attributed to nobody. */
export function isOwn(status: QuoteStatus): boolean {
  return status === "altered" || status === "not_found";
}

/** Whether the round's time says anything: one that broke off before its first answer has none. */
export function isTimed({ answered, timings }: RoundSummary): boolean {
  return timings.round_ms >= 100 || (timings.round_ms > 0 && answered > 0);
}

/** Whether its claims have been weighed: where no seat reacted, what was quoted to the panel stands unanswered. */
export function hasConverging({ claims, reacted }: RoundSummary): boolean {
  return claims > 0 && reacted > 0;
}

/** The one line above a result, as it is read out. */
export function spokenLine(round: RoundView): string {
  const { summary } = round;
  const { facts } = m.session;
  return [
    `${facts.of(summary.answered, summary.seats)} ${facts.answered}`,
    summary.asked_to_react > 0 ? `${facts.of(summary.reacted, summary.asked_to_react)} ${facts.reacted}` : "",
    summary.quotes > 0 ? `${summary.quotes} ${facts.quotes(summary.quotes)}, ${facts.unverified(summary.unverified)}` : "",
    money(summary.cost),
    isTimed(summary) ? roundTook(round) : "",
  ]
    .filter(Boolean)
    .join(", ");
}

/** What a round's recap and synthesis cost where they were asked for afterwards: its estimate holds nothing of them. */
export function unforeseen({ debits, estimate }: RoundView): MicroUsd {
  if (!estimate || estimate.recap_high > 0) return 0;
  return debits.filter(({ purpose }) => purpose === "recap" || purpose === "synthesis").reduce((sum, { cost }) => sum + cost, 0);
}

/** What was expected of a round with what was to be written after it, which is booked with it. */
export function wholeEstimate({ estimate }: RoundView): { low: MicroUsd; high: MicroUsd } | null {
  return estimate && { low: estimate.low + estimate.recap_low, high: estimate.high + estimate.recap_high };
}
