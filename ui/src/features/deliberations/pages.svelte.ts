import type { SessionSummary } from "../../generated/SessionSummary";
import type { Console } from "../../state/console.svelte";
import { Task } from "../../state/task.svelte";

const PAGE = 100;
const PAUSE_MS = 120;

/** What is asked for; `revision` asks again when something changed. */
export interface Wanted {
  query: string;
  archived: boolean;
  revision: number;
}

/** The list of deliberations, a page at a time. Rows keep their place while what is in them changes. */
export class SessionPages {
  rows: SessionSummary[] = $state.raw([]);
  /** `null` until the first answer. */
  total: number | null = $state(null);
  readonly task = new Task();
  #wanted: Wanted = { query: "", archived: false, revision: 0 };
  #asked = 0;

  constructor(private readonly host: Console) {}

  /** Asks soon; the answer to an older question is dropped. Returns what cancels it. */
  ask(wanted: Wanted): () => void {
    const sameList = wanted.query === this.#wanted.query && wanted.archived === this.#wanted.archived;
    this.#wanted = wanted;
    const timer = setTimeout(() => void this.#fetch(0, sameList ? Math.max(PAGE, this.rows.length) : PAGE), PAUSE_MS);
    return () => clearTimeout(timer);
  }

  /** Asks for the same again. */
  again(): void {
    void this.#fetch(0, Math.max(PAGE, this.rows.length));
  }

  /** Fetches older ones, if there are any. */
  more(): void {
    if (!this.task.running && this.rows.length < (this.total ?? 0)) void this.#fetch(this.rows.length, PAGE);
  }

  /** Takes a row out ahead of the list's own news of it. */
  drop(id: string): void {
    this.rows = this.rows.filter((row) => row.session_id !== id);
  }

  async #fetch(offset: number, limit: number): Promise<void> {
    this.#asked += 1;
    const mine = this.#asked;
    const { query, archived } = this.#wanted;
    try {
      const page = await this.host.call("list_sessions", { archived, limit: Math.min(limit, 200), offset, ...(query ? { query } : {}) });
      if (mine !== this.#asked) return;
      const known = offset === 0 ? [] : this.rows.map((row) => row.session_id);
      // A session that moved up while pages were read would stand twice.
      const fresh = page.sessions.filter((session) => !known.includes(session.session_id));
      this.rows = offset === 0 ? fresh : [...this.rows, ...fresh];
      this.total = page.sessions.length < limit && fresh.length === 0 ? this.rows.length : page.total;
      this.task.error = null;
    } catch (thrown) {
      if (mine === this.#asked) await this.task.run(() => Promise.reject(thrown));
      this.total ??= 0;
    }
  }
}
