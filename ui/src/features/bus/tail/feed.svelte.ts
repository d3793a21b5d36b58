import { untrack } from "svelte";
import type { ListMessages } from "../../../generated/ListMessages";
import type { MessageList } from "../../../generated/MessageList";
import type { MessageView } from "../../../generated/MessageView";
import type { Console } from "../../../state/console.svelte";
import { Task } from "../../../state/task.svelte";
import { wire } from "../strip/span";
import type { Seen } from "./window";

const PAGE = 100;
const PAUSE_MS = 120;

/** Rows, the oldest first, between which none is missing. */
interface Page {
  rows: MessageView[];
  /** Older ones are there. */
  more: boolean;
  /** None is missing behind them up to that place. */
  through: number;
}

/** The bus through a filter, a page at a time: it follows the newest, or what is in sight while that is older. */
export class MessageFeed {
  /** The oldest first. */
  rows: MessageView[] = $state.raw([]);
  /** The first page has been read. */
  read = $state(false);
  /** Older ones are there. */
  more = $state(false);
  /** It was brought to an earlier time, and follows what is there until it is back at the newest. */
  past = $state(false);
  /** It is on its way to an earlier time. */
  going = $state(false);
  /** The row that is brought to the foot of the list, each time this is another object. */
  foot: { key: number } | null = $state.raw(null);
  /** When the rows in sight were sent. */
  seen: Seen | null = $state.raw(null);
  readonly task = new Task();
  #pinned = $state(true);
  /** Up to that place nothing is missing behind the first row. */
  #through = $state(0);
  /** Rows in sight: from, and up to but without. */
  #sight: [number, number] = [0, 0];
  #filter: ListMessages = {};
  /** Counts what the rows were asked to be: an answer to anything before is dropped. */
  #asked = 0;
  #older = false;
  #newer = false;
  /** The moment it was last asked to go to. */
  #wish: number | null = null;

  constructor(private readonly host: Console) {}

  /** It stays with the newest. */
  get pinned(): boolean {
    return this.#pinned;
  }

  set pinned(on: boolean) {
    const comes = on && !this.#pinned;
    this.#pinned = on;
    if (!comes) return;
    this.past = false;
    if (this.#missing > 0) void this.#newest();
  }

  /** Newer ones are there than those in sight, as far as is known without looking. */
  get behind(): boolean {
    return !this.pinned && (this.past || this.#missing > 0);
  }

  /** Nothing newer is missing, as far as the bus has told. */
  get whole(): boolean {
    return this.#missing <= 0;
  }

  /** What is missing comes with the newest page. */
  get ends(): boolean {
    return this.#missing < PAGE;
  }

  /** Asks for the newest that fit: soon, where words are typed, so that not each letter asks; else at once, so that no other list's rows stand under its name. Returns what cancels it. */
  ask(filter: ListMessages): () => void {
    const types = filter.query !== this.#filter.query && withoutWords(filter) === withoutWords(this.#filter);
    this.#filter = filter;
    this.#asked += 1;
    const timer = types ? setTimeout(() => this.#begin(), PAUSE_MS) : undefined;
    if (!types) untrack(() => this.#begin());
    return () => clearTimeout(timer);
  }

  /** Empty, until what was asked for comes. */
  #begin(): void {
    [this.rows, this.read, this.more, this.seen, this.#through] = [[], false, false, null, 0];
    this.#stay();
    this.newest();
  }

  /** The bus moved: what is in sight is read again. */
  follow(): void {
    if (!this.read && !this.task.error) return;
    if (this.pinned) void this.#newest();
    else void this.#again();
  }

  /** Goes to the newest. */
  newest(): void {
    this.#wish = null;
    this.#home();
  }

  /** Goes to what was sent before that moment, the last of it at the foot. On the way only the last wish counts. */
  async at(moment: number): Promise<void> {
    this.#wish = moment;
    if (this.going) return;
    this.going = true;
    for (let wish = this.#taken(); wish !== null; wish = this.#taken()) await this.#go(wish);
    this.going = false;
  }

  /** Reads the next older page. */
  async older(): Promise<void> {
    const first = this.rows[0];
    if (!first || !this.more || this.#older) return;
    this.#older = true;
    const { place } = first;
    await this.#attempt(
      () => this.#list({ before: place, limit: PAGE }),
      (page) => {
        if (this.rows[0]?.place !== place) return;
        [this.rows, this.more] = [[...page.messages, ...this.rows], page.more];
      },
    );
    this.#older = false;
  }

  /** Reads the next newer page, which is there only while it does not follow the newest. */
  async newer(): Promise<void> {
    if (this.pinned || !this.read || this.#newer || this.#missing <= 0) return;
    this.#newer = true;
    await this.#attempt(
      () => this.#after(this.#through),
      (page) => {
        const last = this.rows.at(-1)?.place ?? 0;
        this.rows = [...this.rows, ...page.rows.filter((row) => row.place > last)];
        this.#through = Math.max(this.#through, page.through);
      },
    );
    this.#newer = false;
  }

  /** These rows are in sight now: from, and up to but without. */
  see(from: number, to: number): void {
    this.#sight = [from, to];
    const [first, last, next] = [this.rows[from], this.rows[to - 1], this.rows[to]];
    this.seen = first && last ? { first: sent(first), last: sent(last), next: next ? sent(next) : null } : null;
  }

  /** Places behind those that were looked at. */
  get #missing(): number {
    return this.host.bus.stand.newest - this.#through;
  }

  #home(): void {
    this.#asked += 1;
    void this.#newest(() => this.#stay());
  }

  #stay(): void {
    [this.#pinned, this.past, this.foot] = [true, false, null];
  }

  #taken(): number | null {
    const wish = this.#wish;
    this.#wish = null;
    return wish;
  }

  async #go(moment: number): Promise<void> {
    this.#asked += 1;
    await this.#attempt(
      () => this.#before(moment),
      ({ rows, more, through, foot }) => {
        if (rows.length === 0 || foot >= this.host.bus.stand.newest) {
          this.#home();
          return;
        }
        [this.rows, this.more, this.read, this.#through] = [rows, more, true, through];
        [this.#pinned, this.past, this.foot] = [false, true, { key: foot }];
      },
    );
  }

  async #newest(then?: () => void): Promise<void> {
    const { newest } = this.host.bus.stand;
    await this.#attempt(
      () => this.#list({ limit: PAGE }),
      ({ messages: page, more }) => {
        const lowest = page[0]?.place ?? 0;
        // Older rows stand only where no message between them and the page is missing.
        const joins = more && (this.rows.at(-1)?.place ?? -1) >= lowest;
        const kept = joins ? this.rows.filter((row) => row.place < lowest) : [];
        if (!joins) this.more = more;
        this.rows = [...kept, ...page];
        [this.read, this.#through] = [true, Math.max(newest, page.at(-1)?.place ?? 0)];
        then?.();
      },
    );
  }

  async #again(): Promise<void> {
    const [from, to] = this.#sight;
    const seen = this.rows.slice(from, to);
    const [first, last] = [seen[0], seen.at(-1)];
    if (!first || !last) return;
    await this.#attempt(
      () => this.#list({ before: last.place + 1, limit: seen.length }),
      ({ messages: page, more }) => {
        const lowest = more ? Math.max(first.place, page[0]?.place ?? 0) : first.place;
        const fresh = page.filter((row) => row.place >= lowest);
        const [above, below] = [this.rows.filter((row) => row.place < lowest), this.rows.filter((row) => row.place > last.place)];
        this.rows = [...above, ...fresh, ...below];
      },
    );
  }

  /** The page that ends with the last that was sent before a moment; the first there is where nobody had written yet. */
  async #before(moment: number): Promise<Page & { foot: number }> {
    const { messages: found } = await this.#list({ until: wire(moment), limit: 1 });
    const [last] = found;
    if (last) {
      // By its place: times may be out of order, and between the rows none may be missing.
      const { messages: rows, more } = await this.#list({ before: last.place + 1, limit: PAGE });
      return { rows, more, through: last.place, foot: last.place };
    }
    const page = await this.#after(0);
    return { ...page, foot: page.rows[0]?.place ?? Infinity };
  }

  /**
   * What comes behind a place, about a page of it. Pages are read from their end, so one is asked to end so near that it
   * reaches back to the place: as many places have no more messages, however many of them have the same time.
   */
  async #after(place: number): Promise<Page> {
    const { newest } = this.host.bus.stand;
    let [through, reach, rows]: [number, number, MessageView[]] = [place, PAGE, []];
    while (through < newest && rows.length < PAGE / 2) {
      const end = Math.min(newest, through + reach);
      const { messages, more } = await this.#list({ before: end + 1, limit: PAGE });
      const fresh = messages.filter((row) => row.place > through);
      if (more && fresh.length === messages.length && reach > PAGE) {
        reach /= 2;
        continue;
      }
      [rows, through] = [[...rows, ...fresh], end];
      // Places that the filter leaves out are passed in ever longer steps.
      if (fresh.length < PAGE / 2) reach *= 2;
    }
    return { rows, more: false, through };
  }

  /** A page, the oldest first. */
  async #list(part: ListMessages): Promise<MessageList> {
    const { messages, more } = await this.host.call("list_messages", { ...this.#filter, ...part });
    return { messages: messages.reverse(), more };
  }

  async #attempt<Answer>(read: () => Promise<Answer>, take: (answer: Answer) => void): Promise<void> {
    const asked = this.#asked;
    const answer = await this.task.attempt(read);
    if (answer !== undefined && asked === this.#asked) take(answer);
  }
}

function sent({ sent_at }: MessageView): number {
  return Date.parse(sent_at);
}

/** A filter to be compared with another, but for its words. */
function withoutWords(filter: ListMessages): string {
  return JSON.stringify({ ...filter, query: "" });
}
