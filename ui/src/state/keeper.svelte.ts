import { untrack } from "svelte";
import { parsed, type Drafts, type Follower } from "./drafts";
import { merged } from "./merged";

const PAUSE_MS = 400;

/** What is typed into one form, kept as a draft a moment after each change, so that leaving the form loses nothing. */
export class Keeper {
  /** What was kept has been read, and is shown: from here on changes are kept. */
  ready = $state(false);
  /** What was kept could not be read, and nothing has been kept since. */
  unread = $state(false);
  /** What was typed last could not be kept. */
  unkept = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** What is kept once the pause is over. */
  #next: string | null = null;
  /** What was kept, or is on its way there. */
  #kept = "";
  #flying = 0;
  /** Counts what was sent. */
  #turn = 0;
  /** What stands there by now, where that was put together before the form had read it, and what of it was typed here. */
  #late: { both: string; mine: string } | null = null;
  /** What was sent last. */
  #sent = Promise.resolve();

  constructor(
    private readonly drafts: Drafts,
    /** Under which name it is kept. */
    private readonly key: string,
  ) {}

  /** What was kept last; `null` where nothing was, or it cannot be read now. */
  read(): Promise<Record<string, unknown> | null> {
    return this.#read((kept) => kept);
  }

  /**
   * Reads what was kept last, and has `show` show it, put together with what was written into the form meanwhile. `whole`
   * is all that stands in the form, also while nothing is written.
   */
  async readBeside(whole: () => string, show: (kept: Record<string, unknown>) => void): Promise<void> {
    const untouched = untrack(whole);
    await this.#read((kept, mine) => {
      // What stood here when another's words came is in them already.
      if (kept) show(parsed(merged(mine || untouched, whole(), JSON.stringify(kept))) ?? {});
    });
  }

  // Between the reading and the showing nothing else comes in.
  async #read<T>(take: (kept: Record<string, unknown> | null, mine: string) => T): Promise<T> {
    // A form may be opened again before its pause was over, or before what it kept has arrived.
    void this.#hurry();
    let read: string | null | undefined;
    try {
      read = this.#flying > 0 ? await Promise.resolve(this.#kept) : await this.drafts.read(this.key);
    } catch {
      // It is not lost, only not shown: the frame says that nobody answers.
    }
    const late = this.#late;
    const body = late?.both ?? read;
    [this.#late, this.unread] = [null, body === undefined];
    if (body !== undefined) this.#kept = body ?? "";
    const taken = take(body ? parsed(body) : null, late?.mine ?? "");
    this.ready = true;
    return taken;
  }

  /**
   * Shows what another console keeps of the same form, from now until it is ended by what this returns: `take` shows a
   * body and answers the one that then stands in the form. `together` puts together what both changed; `null` leaves
   * theirs unseen.
   */
  follow(take: (body: string) => string, together: Follower = merged): () => void {
    const unfollow = this.drafts.follow(this.key, (base, sent, theirs) => {
      const mine = this.#next ?? (this.unkept || sent !== base ? sent : this.#kept);
      const both = together(base, mine, theirs);
      if (both === null) return null;
      // What was kept is on its way here: it is shown with that.
      if (!this.ready) {
        this.#late = { both, mine };
        return both;
      }
      clearTimeout(this.#timer);
      this.#next = null;
      this.#kept = both === mine ? mine : take(both);
      // Two consoles may write the same differently: that is no change.
      return both === theirs ? theirs : this.#kept;
    });
    // What is kept last may meet what another wrote.
    return () => void this.#hurry().then(unfollow);
  }

  /** Keeps a body soon, or at once; an empty one forgets it. */
  keep(body: string, atOnce = false): void {
    this.#take(body);
    if (atOnce) void this.#hurry();
    else if (this.#next !== null) this.#timer = setTimeout(() => void this.#hurry(), PAUSE_MS);
  }

  /** Keeps a body at once; resolves when it is kept, or could not be. */
  async keepNow(body: string): Promise<void> {
    this.#take(body);
    await this.#hurry();
  }

  // What could not be kept is sent once somebody answers again, unless something else takes its place before.
  #take(body: string): void {
    clearTimeout(this.#timer);
    // Whoever keeps in an effect does so for what is typed, and not for what became of it.
    const isKept = body === this.#kept && !untrack(() => this.unkept);
    this.#next = isKept ? null : body;
  }

  async #hurry(): Promise<void> {
    clearTimeout(this.#timer);
    const body = this.#next;
    this.#next = null;
    if (body !== null) this.#sent = this.#send(body);
    await this.#sent;
  }

  async #send(body: string): Promise<void> {
    const before = this.#kept;
    const turn = ++this.#turn;
    this.#kept = body;
    this.#flying += 1;
    try {
      await this.drafts.save(this.key, body);
      if (this.#turn === turn) [this.unkept, this.unread] = [false, false];
    } catch {
      // The words are still here; the next change tries again.
      if (this.#turn === turn) [this.#kept, this.unkept] = [before, true];
    } finally {
      this.#flying -= 1;
    }
  }
}
