/**
 * Whether Husting can be asked now. The window has one: clocks stand still by it, and what would ask says by it why
 * it cannot.
 */
class Reach {
  /** When it was there last; `null` while it is. */
  lostAt: Date | null = $state.raw(null);

  get lost(): boolean {
    return this.lostAt !== null;
  }

  /** It does not answer; the moment of the first time counts. */
  lose(): void {
    this.lostAt ??= new Date();
  }

  /** It answers again. */
  regain(): void {
    this.lostAt = null;
  }
}

export const reach = new Reach();

/** The id of the line that says why nothing can be asked. */
export const REASON = "not-connected";
