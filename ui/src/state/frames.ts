import { nextFrame } from "../platform/paint";

/** Joins what arrives between two frames, so that a thousand tokens a second cost sixty updates. */
export class FrameBatch<Item> {
  #waiting: Item[] = [];
  #scheduled = false;

  constructor(
    private readonly flush: (items: Item[]) => void,
    private readonly schedule: (run: () => void) => void = nextFrame,
  ) {}

  /** Takes an item; `flush` gets it with the others before the next paint. */
  add(item: Item): void {
    this.#waiting.push(item);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.schedule(() => this.#run());
  }

  /** Forgets what has not been flushed: a new snapshot holds it already. */
  clear(): void {
    this.#waiting = [];
  }

  #run(): void {
    this.#scheduled = false;
    const items = this.#waiting;
    this.#waiting = [];
    if (items.length > 0) this.flush(items);
  }
}
