import type { MessageView } from "../../../generated/MessageView";
import type { Console } from "../../../state/console.svelte";
import { Task } from "../../../state/task.svelte";
import { countsIn } from "../strip/counts";
import { wire, type Span } from "../strip/span";
import { momentsOf } from "./moments";

/** Messages of a page. */
const PAGE = 100;
/** Most messages that are read for a window. */
export const MOST = 10_000;
/** Pages after which a long reading shows what it has. */
const SHOWN_AFTER = 10;
/** While a window is dragged it is not read. */
const PAUSE_MS = 120;
/** Reading again takes at most a quarter of the time. */
const REST = 3;

/** What is to be read; without `until` up to the newest. */
interface Asked {
  since: number;
  until: number | null;
}

/** The messages of a window with what became of them, read page by page and again whenever the bus moves. */
export class Reading {
  /** The oldest first. */
  messages: MessageView[] = $state.raw([]);
  /** From when on all messages are there. */
  from = $state(Infinity);
  /** There were more than can be drawn. */
  capped = $state(false);
  /** So many were read of what is being read. */
  count = $state(0);
  /** What was asked for was read, as far as it can be; else what stands there is of another window, or a part. */
  readonly isWhole: boolean = $derived.by(() => this.#asked !== null && (this.#answered === this.#asked || (this.#done !== null && holds(this.#done, this.#asked))));
  /** How many were sent in each share of the strip. */
  counts: number[] = $state.raw([]);
  readonly task = new Task();
  #asked: Asked | null = $state.raw(null);
  /** What was read to its end, or to the most that is read. */
  #answered: Asked | null = $state.raw(null);
  /** Of what all messages are there. */
  #done: Asked | null = $state.raw(null);
  #turn = 0;
  #strip = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #under = false;
  #stale = false;
  #pace = PAUSE_MS;

  constructor(
    private readonly host: Console,
    private readonly most = MOST,
  ) {}

  /** The newest message of the bus; `undefined` when nobody answered. */
  async newest(): Promise<MessageView | null | undefined> {
    const list = await this.task.attempt(() => this.host.call("list_messages", { limit: 1 }));
    return list && (list.messages[0] ?? null);
  }

  /** When the first message was sent of those from then on; `from` where there are more than are worth reading for it. */
  async firstSince(from: number): Promise<number | undefined> {
    const list = await this.task.attempt(() => this.host.call("list_messages", { since: wire(from), limit: PAGE }));
    const first = list?.messages.at(-1);
    return list && (list.more || !first ? from : momentsOf(first).sent);
  }

  /** Wants what was sent from then on; reads it unless it is there. */
  want(since: number, until: number | null): void {
    const before = this.#asked;
    if (before?.since === since && before.until === until) return;
    this.#asked = { since, until };
    if (this.#done && holds(this.#done, this.#asked)) return;
    this.#turn += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#run(), before ? PAUSE_MS : 0);
  }

  /** The bus moved: reads it again, as often as there is time for. */
  again(): void {
    if (!this.#asked) return;
    if (this.#under) this.#stale = true;
    else this.#timer ??= setTimeout(() => void this.#run(), this.#pace);
  }

  /** Reads it once more after a failure. */
  retry(): void {
    clearTimeout(this.#timer);
    if (this.#asked) void this.#run();
  }

  /** Reads nothing any more. */
  end(): void {
    clearTimeout(this.#timer);
    this.#turn += 1;
    this.#asked = null;
  }

  /** Counts what was sent in each share of the strip. */
  async share(strip: Span): Promise<void> {
    const mine = ++this.#strip;
    try {
      const counts = await countsIn(this.host, strip);
      if (mine === this.#strip) this.counts = counts;
    } catch {
      // What was counted last stays; that messages cannot be read is told by their own reading.
    }
  }

  async #run(): Promise<void> {
    this.#timer = undefined;
    const asked = this.#asked;
    if (!asked) return;
    const mine = ++this.#turn;
    const began = performance.now();
    [this.#under, this.#stale, this.count] = [true, false, 0];
    const isNew = !this.#done || !holds(this.#done, asked);
    await this.task.latest(() => this.#pages(asked, mine, isNew));
    if (mine !== this.#turn) return;
    this.#under = false;
    this.#pace = Math.max(PAUSE_MS, (performance.now() - began) * REST);
    if (this.#stale) this.again();
  }

  async #pages(asked: Asked, mine: number, isNew: boolean): Promise<void> {
    const span = { since: wire(asked.since), ...(asked.until === null ? {} : { until: wire(asked.until) }) };
    let found: MessageView[] = [];
    for (let pages = 1; ; pages += 1) {
      const last = found.at(-1);
      const limit = Math.min(PAGE, this.most - found.length);
      const list = await this.host.call("list_messages", { ...span, ...(last ? { before: last.place } : {}), limit });
      if (mine !== this.#turn) return;
      found = [...found, ...list.messages];
      this.count = found.length;
      const isFull = found.length >= this.most;
      if (!list.more || isFull) {
        this.#take(found, asked, list.more);
        [this.#answered, this.#done] = [asked, list.more ? { ...asked, since: this.from } : asked];
        return;
      }
      if (isNew && pages % SHOWN_AFTER === 0) {
        this.#done = null;
        this.#take(found, asked, true);
      }
    }
  }

  #take(found: MessageView[], asked: Asked, isPart: boolean): void {
    const oldest = found.at(-1);
    this.messages = found.toReversed();
    this.from = isPart && oldest ? momentsOf(oldest).sent : asked.since;
    this.capped = isPart && found.length >= this.most;
  }
}

/** Whether what was read has all of what is asked. */
function holds(done: Asked, asked: Asked): boolean {
  return asked.since >= done.since && (done.until === null || (asked.until !== null && asked.until <= done.until));
}
