import type { Traffic } from "../../../generated/Traffic";
import type { Console } from "../../../state/console.svelte";
import { Task } from "../../../state/task.svelte";
import { lengthened, renewed } from "./pages";

const PAGE = 50;
/** Most that the host gives at once. */
const MOST = 200;

/** What passed through the bridge, the newest first, a page at a time. */
export class TrafficFeed {
  rows: Traffic[] = $state.raw([]);
  /** The first page has been read. */
  read = $state(false);
  readonly task = new Task();
  /** Asks for what is older; `null` behind the last. */
  #next: string | null = null;
  #reading = false;
  /** Counts readings from the top: an older answer is dropped. */
  #turn = 0;

  constructor(private readonly host: Console) {}

  /** Reads the newest, and of what is shown below them as much as may have changed. */
  async follow(): Promise<void> {
    const mine = ++this.#turn;
    const limit = Math.min(MOST, Math.max(PAGE, this.rows.length));
    const page = await this.task.attempt(() => this.host.call("list_traffic", { limit }));
    if (!page || mine !== this.#turn) return;
    const { rows, kept } = renewed(this.rows, page);
    if (!kept) this.#next = page.next;
    this.rows = rows;
    this.read = true;
  }

  /** Reads the next older page. */
  async older(): Promise<void> {
    const before = this.#next;
    if (before === null || this.#reading) return;
    this.#reading = true;
    const turn = this.#turn;
    const page = await this.task.attempt(() => this.host.call("list_traffic", { before, limit: PAGE }));
    this.#reading = false;
    // The newest were read anew meanwhile: their end is asked for again when it comes near.
    if (!page || (turn !== this.#turn && before !== this.#next)) return;
    this.rows = lengthened(this.rows, page);
    this.#next = page.next;
  }
}
