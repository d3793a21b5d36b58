import { parsed, type Drafts } from "./drafts";

const PAUSE_MS = 400;

/** What is typed into one form, kept as a draft a moment after each change, so that leaving the form loses nothing. */
export class Keeper {
  /** What was kept has been read: from here on changes are kept. */
  ready = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** What is kept once the pause is over. */
  #next: string | null = null;
  /** What was kept, or is on its way there. */
  #kept = "";
  #flying = 0;

  constructor(
    private readonly drafts: Drafts,
    /** Under which name it is kept. */
    private readonly key: string,
  ) {}

  /** What was kept last; `null` where nothing was, or it cannot be read now. */
  async read(): Promise<Record<string, unknown> | null> {
    try {
      // A form may be opened again before its pause was over, or before what it kept has arrived.
      this.#hurry();
      const body = this.#flying > 0 ? this.#kept : await this.drafts.read(this.key);
      this.#kept = body ?? "";
      return body ? parsed(body) : null;
    } catch {
      // It is not lost, only not shown: the frame says that nobody answers.
      return null;
    } finally {
      this.ready = true;
    }
  }

  /** Keeps a body soon, or at once; an empty one forgets it. */
  keep(body: string, atOnce = false): void {
    clearTimeout(this.#timer);
    this.#next = body === this.#kept ? null : body;
    if (atOnce) this.#hurry();
    else if (this.#next !== null) this.#timer = setTimeout(() => this.#hurry(), PAUSE_MS);
  }

  #hurry(): void {
    clearTimeout(this.#timer);
    const body = this.#next;
    this.#next = null;
    if (body !== null) void this.#send(body);
  }

  async #send(body: string): Promise<void> {
    const before = this.#kept;
    this.#kept = body;
    this.#flying += 1;
    try {
      await this.drafts.save(this.key, body);
    } catch {
      // The words are still here; the next change tries again.
      if (this.#kept === body) this.#kept = before;
    } finally {
      this.#flying -= 1;
    }
  }
}
