/** What a field did not take in: it is told for as long as the words stand beside which it was left out. */
export class LeftOut {
  #told: { sentence: string; beside: string } | null = $state.raw(null);

  /** @param words what stands in the field */
  constructor(readonly words: () => string) {}

  /** In a sentence. */
  get sentence(): string | null {
    return this.#told?.beside === this.words() ? this.#told.sentence : null;
  }

  tell(sentence: string): void {
    this.#told = { sentence, beside: this.words() };
  }

  /** Something was taken in since. */
  forget(): void {
    this.#told = null;
  }
}
