import type { ListMessages } from "../../../generated/ListMessages";
import type { MessageView } from "../../../generated/MessageView";
import type { Console } from "../../../state/console.svelte";
import { Task } from "../../../state/task.svelte";

const PAGE = 100;
const PAUSE_MS = 120;

/** The bus through a filter, a page at a time: it follows the newest, or what is in sight while that is older. */
export class MessageFeed {
  /** The oldest first. */
  rows: MessageView[] = $state.raw([]);
  /** The first page has been read. */
  read = $state(false);
  /** Older ones are there. */
  more = $state(false);
  /** It stays with the newest. */
  pinned = $state(true);
  readonly task = new Task();
  /** Rows in sight: from, and up to but without. */
  sight: [number, number] = [0, 0];
  #filter: ListMessages = {};
  /** Counts what was asked of a filter: an answer to another one is dropped. */
  #asked = 0;
  #older = false;

  constructor(private readonly host: Console) {}

  /** Newer ones were written than are shown. */
  get behind(): boolean {
    return !this.pinned && this.host.bus.stand.newest > (this.rows.at(-1)?.place ?? 0);
  }

  /** Asks soon for the newest that fit. Returns what cancels it. */
  ask(filter: ListMessages): () => void {
    this.#filter = filter;
    const asked = ++this.#asked;
    const timer = setTimeout(() => {
      [this.rows, this.read, this.more, this.pinned] = [[], false, false, true];
      void this.#newest(asked);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }

  /** The bus moved: what is in sight is read again. */
  follow(): void {
    if (!this.read && !this.task.error) return;
    if (this.pinned) void this.#newest(this.#asked);
    else void this.#sight(this.#asked);
  }

  /** Goes to the newest. */
  newest(): void {
    this.pinned = true;
    void this.#newest(this.#asked);
  }

  /** Reads the next older page. */
  async older(): Promise<void> {
    const first = this.rows[0];
    if (!first || !this.more || this.#older) return;
    this.#older = true;
    await this.#page(this.#asked, { before: first.place, limit: PAGE }, (page, more) => {
      this.rows = [...page, ...this.rows];
      this.more = more;
    });
    this.#older = false;
  }

  async #newest(asked: number): Promise<void> {
    await this.#page(asked, { limit: PAGE }, (page, more) => {
      const lowest = page[0]?.place ?? 0;
      // Older rows stand only where no message between them and the page is missing.
      const joins = more && (this.rows.at(-1)?.place ?? -1) >= lowest;
      const kept = joins ? this.rows.filter((row) => row.place < lowest) : [];
      if (!joins) this.more = more;
      this.rows = [...kept, ...page];
      this.read = true;
    });
  }

  async #sight(asked: number): Promise<void> {
    const [from, to] = this.sight;
    const seen = this.rows.slice(from, to);
    const [first, last] = [seen[0], seen.at(-1)];
    if (!first || !last) return;
    await this.#page(asked, { before: last.place + 1, limit: seen.length }, (page, more) => {
      const lowest = more ? Math.max(first.place, page[0]?.place ?? 0) : first.place;
      const fresh = page.filter((row) => row.place >= lowest);
      const [above, below] = [this.rows.filter((row) => row.place < lowest), this.rows.filter((row) => row.place > last.place)];
      this.rows = [...above, ...fresh, ...below];
    });
  }

  async #page(asked: number, part: ListMessages, take: (page: MessageView[], more: boolean) => void): Promise<void> {
    const list = await this.task.attempt(() => this.host.call("list_messages", { ...this.#filter, ...part }));
    if (list && asked === this.#asked) take(list.messages.reverse(), list.more);
  }
}
