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
    const page = await this.task.attempt(() => this.host.call("ledger", this.#args({})));
    if (asked !== this.#asked) return;
    this.read = true;
    if (!page) return;
    this.rows = page.rows;
    this.more = page.more;
  }

  #args(part: { before?: string }) {
    return { limit: PAGE, ...(this.#query ? { query: this.#query } : {}), ...part };
  }
}
