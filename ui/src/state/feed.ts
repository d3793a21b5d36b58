import type { Envelope } from "../generated/Envelope";
import type { Snapshot } from "../generated/Snapshot";

/** The version of the event protocol this console was built for. */
export const EVENT_VERSION = 1;

/** Below every number. */
const NONE = -1;

/** What a feed needs: somewhere to take snapshots from and someone to tell. */
export interface FeedEnds {
  take(): Promise<Snapshot>;
  start(snapshot: Snapshot): void;
  apply(event: Envelope): void;
  /** A snapshot could not be had. The next hello or `refresh` tries again. */
  failed(error: unknown): void;
  /** The program speaks another protocol: this page is of another version. */
  outdated(): void;
}

/** Keeps a snapshot and numbered deltas in step. A gap, a reconnect or a mismatch asks for a new snapshot. */
export class Feed {
  #seq: number | null = null;
  #loading = false;
  /** The newest number a hello told while a snapshot was on its way: that one may be older. */
  #told = NONE;
  #waiting: Envelope[] = [];

  constructor(private readonly ends: FeedEnds) {}

  /** Starts from a snapshot that came with the page. */
  begin(snapshot: Snapshot): void {
    this.#seq = snapshot.seq;
    this.ends.start(snapshot);
  }

  /** Takes the next event from the host. */
  receive(event: Envelope): void {
    if (event.version !== EVENT_VERSION) this.ends.outdated();
    else if (event.type === "hello") this.#hello(event.seq);
    else if (this.#loading || this.#seq === null) this.#waiting.push(event);
    else this.#next(event);
  }

  /** Asks for a new snapshot, once however often it is called before that arrives. */
  async refresh(): Promise<void> {
    if (this.#loading) return;
    this.#loading = true;
    try {
      const snapshot = await this.ends.take();
      this.begin(snapshot);
    } catch (error) {
      this.#seq = null;
      this.ends.failed(error);
    } finally {
      this.#loading = false;
    }
    // A hello that came meanwhile says that it is there again, also after a snapshot that failed.
    const behind = this.#told > (this.#seq ?? NONE);
    this.#told = NONE;
    if (this.#seq !== null) this.#drain();
    if (behind) void this.refresh();
  }

  #hello(seq: number): void {
    if (this.#loading) this.#told = seq;
    else if (seq !== this.#seq) void this.refresh();
  }

  #next(event: Envelope): void {
    const seq = this.#seq ?? 0;
    if (event.seq <= seq) return;
    if (event.seq > seq + 1) {
      this.#waiting.push(event);
      void this.refresh();
      return;
    }
    this.#seq = event.seq;
    this.ends.apply(event);
  }

  #drain(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const event of waiting) this.receive(event);
  }
}
