import type { AuditRow } from "../../generated/AuditRow";
import type { ListAudit } from "../../generated/ListAudit";
import type { Sealing } from "../../generated/Sealing";
import type { Console } from "../../state/console.svelte";
import { Task } from "../../state/task.svelte";

const PAGE = 100;
const PAUSE_MS = 250;

/** Rows of the log, newest first: of one agent, what it did and what was done to it; without one, all of the operator's own, as each tenant has a log of its own. The log only grows, so what was read stands. */
export class AuditRows {
  rows: AuditRow[] = $state.raw([]);
  /** Older ones are there. */
  more = $state(false);
  /** The first page has been read. */
  read = $state(false);
  sealing: Sealing | null = $state.raw(null);
  readonly task = new Task();

  constructor(
    private readonly host: Console,
    /** Whose rows, and of which kinds. */
    private readonly only: Pick<ListAudit, "agent_id" | "actions"> = {},
  ) {}

  /** Asks soon for what is new. Returns what cancels it. */
  follow(): () => void {
    const timer = setTimeout(() => void this.newer(), this.read ? PAUSE_MS : 0);
    return () => clearTimeout(timer);
  }

  /** Reads what came after the newest that is shown. */
  async newer(): Promise<void> {
    const page = await this.#page({});
    if (!page) return;
    const newest = this.rows[0]?.row ?? 0;
    const fresh = page.rows.filter(({ row }) => row > newest);
    // More came than a page holds: what was read does not join on to it any more.
    const apart = fresh.length === page.rows.length && page.more;
    if (!this.read || apart) this.more = page.more;
    this.rows = apart ? page.rows : [...fresh, ...this.rows];
    [this.read, this.sealing] = [true, page.sealing];
  }

  /** Reads the next older page. */
  async older(): Promise<void> {
    const last = this.rows.at(-1);
    if (!last || !this.more || this.task.running) return;
    const page = await this.#page({ before: last.row });
    if (!page || this.rows.at(-1) !== last) return;
    [this.rows, this.more] = [[...this.rows, ...page.rows], page.more];
  }

  #page(part: ListAudit) {
    return this.task.attempt(() => this.host.call("list_audit", { ...this.only, limit: PAGE, ...part }));
  }
}
