/** Bytes of one token in UTF-8, as the host counts: near enough for a gauge. */
const TOKEN = 4;
/** The clock's seconds are not whole to the millisecond. */
const WHOLE_MS = 900;
const BARS = 20;
const RECENT = 3;

/** How fast a text grows, second by second. */
export class Rate {
  /** Tokens in each of the last seconds, oldest first. */
  bars: number[] = $state.raw([]);
  #last: { bytes: number; at: number } | null = null;

  /** Takes how long the text is at a moment, at each second of the clock: of less than a whole one no rate is told. */
  tick(bytes: number, at: number): void {
    const elapsed = this.#last ? at - this.#last.at : 0;
    if (this.#last && elapsed < WHOLE_MS) return;
    const grown = Math.max(0, bytes - (this.#last?.bytes ?? bytes));
    this.#last = { bytes, at };
    if (grown > 0 || this.bars.length > 0) this.bars = [...this.bars, ((grown / TOKEN) * 1_000) / elapsed].slice(-BARS);
  }

  /** Tokens a second over the last few. */
  get perSecond(): number {
    const recent = this.bars.slice(-RECENT);
    return recent.length === 0 ? 0 : Math.round(recent.reduce((sum, each) => sum + each, 0) / recent.length);
  }
}

/** Tokens of so many bytes, near enough while the provider has not counted. */
export function roughTokens(bytes: number): number {
  return Math.ceil(bytes / TOKEN);
}
