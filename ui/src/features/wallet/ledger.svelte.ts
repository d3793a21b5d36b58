import type { LedgerRow } from "../../generated/LedgerRow";
import type { Console } from "../../state/console.svelte";
import { Task } from "../../state/task.svelte";

const PAGE = 100;
const PAUSE_MS = 150;

/** The ledger, newest first, a page at a time. */
export class Ledger {
  rows: LedgerRow[] = $state.raw([]);
  /** Older entries are there. */
  more = $state(false);
  /** The first page has been read. */
  read = $state(false);
  readonly task = new Task();
  #query = "";
  /** What the rows answer. */
  #answered: string | null = null;
  /** Counts readings of the first page: the newest one is shown, whichever comes last. */
  #asked = 0;

  constructor(private readonly host: Console) {}

  /** Asks soon for the newest entries that fit. Returns what cancels it. */
  ask(query: string): () => void {
    this.#query = query;
    const timer = setTimeout(() => void this.#first(), PAUSE_MS);
    return () => clearTimeout(timer);
  }

  /** Reads the next older page. */
  async older(): Promise<void> {
    const last = this.rows.at(-1);
    if (!last || !this.more || this.task.running) return;
    const asked = this.#asked;
    const page = await this.task.run(() => this.host.call("ledger", this.#args({ before: last.transaction_id })));
    if (!page || asked !== this.#asked) return;
    this.rows = [...this.rows, ...page.rows];
    this.more = page.more;
  }

  async #first(): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    const query = this.#query;
    const page = await this.task.attempt(() => this.host.call("ledger", this.#args({})));
    if (asked !== this.#asked) return;
    if (!page) return;
    this.read = true;
    // Bookings are never changed: the older ones that were read stand, where the newest join on to them.
    const last = page.rows.at(-1)?.transaction_id;
    const joint = query === this.#answered ? this.rows.findIndex((row) => row.transaction_id === last) : -1;
    const older = joint < 0 ? [] : this.rows.slice(joint + 1);
    this.rows = [...page.rows, ...older];
    if (older.length === 0) this.more = page.more;
    this.#answered = query;
  }

  #args(part: { before?: string }) {
    return { limit: PAGE, ...(this.#query ? { query: this.#query } : {}), ...part };
  }
}
