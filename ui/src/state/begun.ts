/** Stands between words that were begun at different times. */
const BETWEEN = "\n\n";

/** Words that were begun one after the other, as one text. */
export function joined(...begun: (string | undefined)[]): string {
  return begun.filter(Boolean).join(BETWEEN);
}

/** The same without those behind the others that were sent; `null` where those do not stand there. */
export function withoutLast(words: string, sent: string): string | null {
  const last = BETWEEN + sent;
  return words.endsWith(last) ? words.slice(0, -last.length) : null;
}

/** What is left of words of which these were sent: what was typed behind them meanwhile, or all that they became. */
export function unsent(words: string, sent: string): string {
  return words.startsWith(sent) ? words.slice(sent.length).trimStart() : words;
}
