import { untrack } from "svelte";
import type { Console } from "../../../state/console.svelte";
import { now } from "../../../state/now.svelte";
import { countsIn } from "../strip/counts";
import { BINS, type Span } from "../strip/span";
import type { MessageFeed } from "./feed.svelte";
import { endFor, stretchOf, windowOf } from "./window";

/** Counting takes at most a quarter of the time. */
const REST = 3;
/** While the bus moves, a bar is counted so often before the next one begins. */
const COUNTS = 120;

/** A strip with its bars. */
interface Drawn {
  strip: Span;
  counts: number[];
}

/** The time over the tail: how many messages were sent when, and which part of that is in sight. */
export class Stretch {
  /** What was counted last. */
  drawn: Drawn | null = $state.raw(null);
  /** The newest moment there is; it moves when the bus does, and once in a minute. */
  now = $state(Date.now());
  /** What is in sight; while the pointer has it, where it was dragged to. */
  readonly window: Span | null = $derived.by(() => {
    const { seen, pinned, going } = this.feed;
    if (this.#dragged && (this.#held || going)) return this.#dragged;
    return seen && windowOf(seen, pinned, this.now);
  });
  #dragged: Span | null = $state.raw(null);
  #held = $state(false);
  #strip: Span | null = null;
  #under = false;
  #stale = false;
  #ended = false;
  #pace = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly host: Console,
    private readonly feed: MessageFeed,
  ) {}

  /** Keeps it in step for as long as the calling component lives. */
  attend(): void {
    $effect(() => {
      void this.host.bus.moved;
      const minute = now.minute.getTime();
      const { seen } = this.feed;
      // Another clock may be ahead of this machine's.
      untrack(() => (this.now = Math.max(this.now, minute, Date.now(), seen?.last ?? 0)));
    });
    $effect(() => {
      void this.host.bus.moved;
      const { seen, pinned } = this.feed;
      // Under the pointer it stands still.
      if (!seen || this.#held) return;
      const clock = this.now;
      untrack(() => {
        // It grows with what is looked at, and is short again with the newest.
        const least = pinned || !this.#strip ? 0 : this.#strip.end - this.#strip.start;
        this.#want(stretchOf(Math.min(seen.first, seen.last), least, clock));
      });
    });
    $effect(() => () => {
      this.#ended = true;
      clearTimeout(this.#timer);
    });
  }

  /** The window is to end there: the list goes to what was sent before. */
  move(end: number, by: "key" | "pointer"): void {
    const { window } = this;
    const { seen } = this.feed;
    if (!window || !seen) return;
    if (by === "pointer") {
      const last = Math.min(end, this.now);
      [this.#dragged, this.#held] = [{ start: last - (window.end - window.start), end: last }, true];
    }
    if (by === "key") this.#dragged = null;
    if (end < this.now) void this.feed.at(by === "key" ? endFor(end, window, seen) : end);
    else if (!this.feed.pinned || this.feed.going) this.feed.newest();
  }

  /** The pointer let go: the window stands over what is in sight again. */
  drop(): void {
    this.#held = false;
  }

  #want(strip: Span): void {
    this.#strip = strip;
    this.drawn ??= { strip, counts: [] };
    if (this.#under) {
      this.#stale = true;
      return;
    }
    if (!same(strip, this.drawn.strip)) this.#pace = 0;
    if (this.#pace === 0) clearTimeout(this.#timer);
    if (this.#pace === 0) void this.#count(strip);
    else this.#timer ??= setTimeout(() => void this.#count(this.#strip ?? strip), this.#pace);
  }

  async #count(strip: Span): Promise<void> {
    this.#timer = undefined;
    [this.#under, this.#stale] = [true, false];
    const began = performance.now();
    let counts = this.drawn && same(strip, this.drawn.strip) ? this.drawn.counts : [];
    try {
      counts = await countsIn(this.host, strip);
    } catch {
      // What was counted last stays; that messages cannot be read is told by their own reading.
    }
    this.#under = false;
    if (this.#ended) return;
    this.drawn = { strip, counts };
    this.#pace = Math.max((performance.now() - began) * REST, (strip.end - strip.start) / BINS / COUNTS);
    if (this.#stale && this.#strip) this.#want(this.#strip);
  }
}

function same(one: Span, other: Span): boolean {
  return one.start === other.start && one.end === other.end;
}
