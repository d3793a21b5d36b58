import type { Drafts } from "./drafts";

const PAUSE_MS = 400;

/** What is typed into one form, kept as a draft a moment after each change, so that leaving the form loses nothing. */
export class Keeper {
  /** What was kept has been read: from here on changes are kept. */
  ready = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** What was kept, or is on its way there. */
  #kept = "";
  #saving: Promise<void> = Promise.resolve();

  constructor(
    private readonly drafts: Drafts,
    /** Under which name it is kept. */
    private readonly key: string,
  ) {}

  /** What was kept last; `null` where nothing was, or it cannot be read now. */
  async read(): Promise<Record<string, unknown> | null> {
    try {
      const body = await this.drafts.read(this.key);
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
    if (body === this.#kept) return;
    this.#timer = setTimeout(() => this.#send(body), atOnce ? 0 : PAUSE_MS);
  }

  // One after the other: what was sent last is what stays.
  #send(body: string): void {
    const before = this.#kept;
    this.#kept = body;
    this.#saving = this.#saving.then(() => this.#save(body, before));
  }

  async #save(body: string, before: string): Promise<void> {
    try {
      await this.drafts.save(this.key, body);
    } catch {
      // The words are still here; the next change tries again.
      if (this.#kept === body) this.#kept = before;
    }
  }
}

function parsed(body: string): Record<string, unknown> | null {
  try {
    return JSON.parse(body) as Record<string, unknown> | null;
  } catch {
    return null;
  }
}
