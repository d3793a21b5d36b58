import type { SessionSummary } from "../../generated/SessionSummary";
import type { Console } from "../../state/console.svelte";
import { Task } from "../../state/task.svelte";

const PAGE = 100;
/** The longest page that the console gives. */
const LONGEST = 200;
const PAUSE_MS = 120;

/** What is asked for; `revision` asks again when something changed. */
export interface Wanted {
  query: string;
  archived: boolean;
  revision: number;
}

/**
 * The list of deliberations, a page at a time. However much of it has been read, so much is read
 * again when something changed, and shown at once: it never gets shorter under the reader.
 */
export class SessionPages {
  rows: SessionSummary[] = $state.raw([]);
  /** `null` until it was read once. */
  total: number | null = $state(null);
  /** The words that these rows were found by; what is being typed may be ahead of them. */
  query = $state("");
  readonly task = new Task();
  #wanted: Wanted = { query: "", archived: false, revision: 0 };
  #asked = 0;
  #reading = false;
  /** All of it was read. */
  #whole = false;

  constructor(private readonly host: Console) {}

  /** Asks soon; the answer to an older question is dropped. Returns what cancels it. */
  ask(wanted: Wanted): () => void {
    const sameList = wanted.query === this.#wanted.query && wanted.archived === this.#wanted.archived;
    this.#wanted = wanted;
    const timer = setTimeout(() => (sameList ? this.again() : void this.#read([], PAGE)), PAUSE_MS);
    return () => clearTimeout(timer);
  }

  /** Asks for the same again, and for all of it where all was read. */
  again(): void {
    void this.#read([], Math.max(PAGE, this.#whole ? Infinity : this.rows.length));
  }

  /** Fetches older ones, if there are any. */
  more(): void {
    if (!this.#reading && this.rows.length < (this.total ?? 0)) void this.#read(this.rows, this.rows.length + PAGE);
  }

  /** Takes a row out ahead of the list's own news of it. */
  drop(id: string): void {
    this.rows = this.rows.filter((row) => row.session_id !== id);
  }

  /** Reads on from `known` until there are `reach` rows or no more. */
  async #read(known: SessionSummary[], reach: number): Promise<void> {
    const mine = ++this.#asked;
    this.#reading = true;
    let rows = known;
    const { query, archived } = this.#wanted;
    let [offset, total] = [known.length, reach];
    try {
      while (offset < Math.min(reach, total)) {
        const limit = Math.min(reach - offset, LONGEST);
        const page = await this.host.call("list_sessions", { archived, limit, offset, ...(query ? { query } : {}) });
        if (mine !== this.#asked) return;
        const held = rows.map((row) => row.session_id);
        // A session that moved up between two pages would stand twice.
        rows = [...rows, ...page.sessions.filter((session) => !held.includes(session.session_id))];
        [offset, total] = [offset + limit, page.total];
      }
      [this.rows, this.total, this.query] = [rows, total, query];
      this.#whole = reach === Infinity || rows.length >= total;
      this.task.error = null;
    } catch (thrown) {
      if (mine === this.#asked) await this.task.run(() => Promise.reject(thrown));
    } finally {
      if (mine === this.#asked) this.#reading = false;
    }
  }
}
