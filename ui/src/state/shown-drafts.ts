/** A draft that a screen shows as long as this is not ended. */
interface Followed {
  follow(): () => void;
}

/**
 * The drafts of one kind that screens show now, by their keys. A draft's object goes with its screen, and its words do
 * not: what is taken back later is so where they stand then, behind all that was written since.
 */
export class ShownDrafts<D extends Followed> {
  readonly #shown = new Map<string, D>();

  constructor(
    /** Reads what was kept of one, once. */
    private readonly read: (draft: D) => Promise<void>,
  ) {}

  /** A screen shows it, until it is ended by what this returns. */
  show(key: string, draft: D): () => void {
    this.#shown.set(key, draft);
    return () => {
      if (this.#shown.get(key) === draft) this.#shown.delete(key);
    };
  }

  /** Changes what stands under this key: in the one that a screen shows, else in one that is made for it; `change` keeps it. */
  async change(key: string, make: () => D, change: (draft: D) => Promise<void>): Promise<void> {
    const shown = this.#shown.get(key);
    const draft = shown ?? make();
    const end = shown ? null : draft.follow();
    let stands = false;
    try {
      await this.read(draft);
      // Its screen came, or went, meanwhile.
      stands = this.#shown.get(key) === draft;
      if (stands) await change(draft);
    } finally {
      end?.();
    }
    if (!stands) await this.change(key, make, change);
  }
}
