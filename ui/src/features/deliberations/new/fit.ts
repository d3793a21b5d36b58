import type { ModelView } from "../../../generated/ModelView";
import type { ModelId } from "../../../generated/ModelId";

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

/** The models whose window cannot hold what is read and one answer: their call would be refused before it is made. */
export function overflows(models: ModelView[], read: number, answer: number): Map<ModelId, Overflow> {
  const found = models.flatMap(({ id, kind, context_window: window, max_output_tokens }): [ModelId, Overflow][] => {
    const needed = read + INSTRUCTIONS + Math.min(answer, max_output_tokens || answer);
    return kind !== "rehearsal" && window > 0 && needed > window ? [[id, { needed, window }]] : [];
  });
  return new Map(found);
}

/** Three figures are all that an estimate is worth. */
export function roughly(tokens: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, tokens))) - 2);
  return Math.ceil(tokens / step) * step;
}
