import type { NoteView } from "../../../../generated/NoteView";
import type { Console } from "../../../../state/console.svelte";
import { Task } from "../../../../state/task.svelte";

const PAUSE_MS = 150;

/** Whose notes, and the words they must have. */
export interface Wanted {
  agent: string;
  /** Empty for its own. */
  squad: string;
  query: string;
}

/** What an agent remembers, or a squad of it. */
export class Notes {
  rows: NoteView[] = $state.raw([]);
  more = $state(false);
  /** What the rows answer; `null` until the first answer. */
  answers: Wanted | null = $state.raw(null);
  readonly task = new Task();
  #asked = 0;

  constructor(private readonly host: Console) {}

  /** Asks soon; the answer to an older question is dropped. Returns what cancels it. */
  ask(wanted: Wanted): () => void {
    const timer = setTimeout(() => void this.#read(wanted), this.answers ? PAUSE_MS : 0);
    return () => clearTimeout(timer);
  }

  async #read(wanted: Wanted): Promise<void> {
    const mine = ++this.#asked;
    const { agent, squad, query } = wanted;
    const list = await this.task.attempt(() => this.host.call("list_notes", { agent_id: agent, ...(squad ? { squad } : {}), ...(query ? { query } : {}) }));
    if (list && mine === this.#asked) [this.rows, this.more, this.answers] = [list.notes, list.more, wanted];
  }
}
