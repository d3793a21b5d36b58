import type { ModelView } from "../../../generated/ModelView";
import type { ModelId } from "../../../generated/ModelId";
import type { SeatEstimate } from "../../../generated/SeatEstimate";

/** What a seat would have to hold, and what it holds, in tokens. */
export interface Overflow {
  needed: number;
  window: number;
}

/** Tokens of what Husting itself tells a seat, roughly. */
const INSTRUCTIONS = 300;

/** Tokens as models commonly count them: a quarter of each ASCII character, a whole one of any other. */
export function tokensAbout(text: string): number {
  let [ascii, others] = [0, 0];
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) ascii += 1;
    // The second half of a pair belongs to the character before it.
    else if (unit < 0xdc00 || unit > 0xdfff) others += 1;
  }
  return Math.ceil(ascii / 4) + others;
}

/** Models whose window probably cannot hold what is read and one answer: their call would be refused before it is made. */
export function overflows(models: ModelView[], read: number, answer: number): Map<ModelId, Overflow> {
  const found = models.flatMap(({ id, kind, context_window: window, max_output_tokens }): [ModelId, Overflow][] => {
    const needed = read + INSTRUCTIONS + Math.min(answer, max_output_tokens || answer);
    return kind !== "rehearsal" && window > 0 && needed > window ? [[id, { needed, window }]] : [];
  });
  return new Map(found);
}

/**
 * The same with the host's figures for the seats it has counted. It was told bytes and takes each for a letter;
 * `beyond` are the tokens that the words take beyond that.
 */
export function counted(guessed: Map<ModelId, Overflow>, seats: SeatEstimate[], beyond: number): Map<ModelId, Overflow> {
  const found = new Map(guessed);
  for (const { model, needed_tokens, context_window: window } of seats) {
    const needed = needed_tokens + beyond;
    if (needed > window) found.set(model, { needed, window });
    else found.delete(model);
  }
  return found;
}

/** Tokens of words beyond a quarter of each of their bytes. */
export function beyondBytes(tokens: number, bytes: number): number {
  return Math.max(0, Math.ceil(tokens - bytes / 4));
}

/** Three figures are all that an estimate is worth. */
export function roughly(tokens: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, tokens))) - 2);
  return Math.ceil(tokens / step) * step;
}
