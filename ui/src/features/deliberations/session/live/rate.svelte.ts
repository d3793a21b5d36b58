/** Characters of one token, near enough for a gauge. */
const TOKEN = 4;
const BARS = 20;
const RECENT = 3;

/** How fast a text grows, second by second. */
export class Rate {
  /** Tokens in each of the last seconds, oldest first. */
  bars: number[] = $state.raw([]);
  #length: number | null = null;

  /** Takes the text's length; called once a second. */
  tick(length: number): void {
    const grown = this.#length === null ? 0 : Math.max(0, length - this.#length);
    this.#length = length;
    if (grown > 0 || this.bars.length > 0) this.bars = [...this.bars, grown / TOKEN].slice(-BARS);
  }

  /** Tokens a second over the last few. */
  get perSecond(): number {
    const recent = this.bars.slice(-RECENT);
    return recent.length === 0 ? 0 : Math.round(recent.reduce((sum, each) => sum + each, 0) / recent.length);
  }
}

/** Tokens of so many characters, near enough while the provider has not counted. */
export function roughTokens(characters: number): number {
  return Math.ceil(characters / TOKEN);
}
