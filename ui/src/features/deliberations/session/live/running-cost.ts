import { utf8 } from "../../../../format/numbers";
import type { MicroUsd } from "../../../../generated/MicroUsd";
import type { ModelId } from "../../../../generated/ModelId";
import type { Price } from "../../../../generated/Price";
import type { RoundView } from "../../../../generated/RoundView";
import type { SeatCallView } from "../../../../generated/SeatCallView";
import { roughTokens } from "./rate.svelte";

/** Bytes of instructions and fences around what an answer reads, and what a reaction reads on top. */
const ANSWER_FRAME = 1_200;
const REACTION_FRAME = 1_000;
const MILLION = 1_000_000;

/** UTF-8 bytes that an answer of the round reads: the document, what was said before, what is asked. */
export function answerReads(round: RoundView, all: RoundView[], reference: string | null): number {
  // A failed round enters no later context.
  const before = all.filter((each) => each.index < round.index && each.status !== "failed");
  const said = before.flatMap((each) => [each.prompt, ...finalWords(each)]);
  const forwarded = round.snippets.flatMap(({ quote, comment }) => [quote, comment ?? ""]);
  return [reference ?? "", ...said, ...forwarded, round.prompt].reduce((sum, text) => sum + utf8(text), ANSWER_FRAME);
}

/** What the calls that are under way have probably cost so far, by seat. Settled calls are not in it. */
export function runningCosts(
  round: RoundView,
  reads: number,
  prices: ReadonlyMap<ModelId, Price | null>,
  wordsOf: (model: ModelId) => string,
): Map<ModelId, MicroUsd> {
  const costs = new Map<ModelId, MicroUsd>();
  if (round.status !== "in_progress") return costs;
  const answered = round.answers.filter(isFinal).reduce((sum, { model }) => sum + utf8(wordsOf(model)), 0);
  for (const call of [...round.answers, ...round.reactions]) {
    const price = prices.get(call.model);
    if (call.state !== "streaming" || !price) continue;
    const isAnswer = call.purpose === "respond";
    const read = isAnswer ? reads : reads + REACTION_FRAME + answered;
    const written = Math.max(call.usage.output, isAnswer ? roughTokens(utf8(wordsOf(call.model))) : 0);
    costs.set(call.model, costOf(price, roughTokens(read), written));
  }
  return costs;
}

/** What a seat's calls of the round have cost, as far as they are settled. */
export function settledCost(...calls: (SeatCallView | undefined)[]): MicroUsd {
  return calls.reduce((sum, call) => sum + (call?.cost ?? 0), 0);
}

function costOf(price: Price, input: number, output: number): MicroUsd {
  const { input: read, output: written } = price.long && input > price.long.above ? price.long : price;
  return Math.round((read * input + written * output) / MILLION);
}

function finalWords(round: RoundView): string[] {
  return round.answers.filter(isFinal).map((call) => call.text);
}

function isFinal(call: SeatCallView): boolean {
  return call.state === "final";
}
