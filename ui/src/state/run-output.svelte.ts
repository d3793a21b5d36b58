import type { RunPage } from "../generated/RunPage";
import type { RunView } from "../generated/RunView";
import { FrameBatch } from "./frames";
import { added, begun, type Said } from "./run-text";
import { Task } from "./task.svelte";

/** What one run says, while somebody looks at it. */
export class RunOutput {
  /** What is drawn; it grows once a frame. `null` until it was read. */
  shown: Said | null = $state.raw(null);
  readonly reading = new Task();
  #arrived: Said | null = null;
  /** Words that came while it was read. */
  #meanwhile: { offset: number; words: string }[] = [];
  #turn = 0;
  readonly #batch: FrameBatch<RunOutput>;

  constructor(
    private readonly read: () => Promise<RunPage>,
    private readonly told: (run: RunView) => void,
    schedule?: (run: () => void) => void,
  ) {
    this.#batch = new FrameBatch(() => (this.shown = this.#arrived), schedule);
  }

  /** Reads it anew; what stands there stays meanwhile. */
  async load(): Promise<void> {
    const mine = ++this.#turn;
    this.#arrived = null;
    this.#meanwhile = [];
    const page = await this.reading.attempt(this.read);
    if (!page || mine !== this.#turn) return;
    this.told(page.run);
    this.#take(begun(page.offset, page.text));
    const waiting = this.#meanwhile;
    this.#meanwhile = [];
    this.#catchUp(waiting);
  }

  /** Takes words; where some are missing before them, it is read anew. */
  say(offset: number, words: string): void {
    if (!this.#arrived) {
      // Of what could not be read nobody knows where they belong.
      if (this.reading.running) this.#meanwhile.push({ offset, words });
      return;
    }
    const said = added(this.#arrived, offset, words);
    if (said) this.#take(said);
    else void this.load();
  }

  // What was read is newer than words that came before it: only those beyond it are new.
  #catchUp(waiting: { offset: number; words: string }[]): void {
    for (const { offset, words } of waiting) {
      const end = this.#arrived?.end ?? 0;
      if (offset + words.length <= end) continue;
      this.say(Math.max(offset, end), words.slice(Math.max(0, end - offset)));
    }
  }

  #take(said: Said): void {
    if (said === this.#arrived) return;
    this.#arrived = said;
    this.#batch.add(this);
  }
}
