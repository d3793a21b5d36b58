import type { OpenSession } from "./open-session.svelte";

/** Sessions left last that stay in step, so that the way back is at once. */
const KEPT = 3;

interface Opened {
  session: OpenSession;
  watchers: number;
}

/** The sessions that screens look at, and the last few that were left. */
export class OpenSessions {
  /** Those left last stand at the end. */
  readonly #opened = new Map<string, Opened>();

  constructor(private readonly begin: (id: string) => OpenSession) {}

  /** The session for one more screen; read when it is not here yet, or could not be read last. */
  open(id: string): OpenSession {
    const known = this.#opened.get(id);
    if (known?.session.error) void known.session.anew();
    const opened = known ?? this.#read(id);
    opened.watchers += 1;
    return opened.session;
  }

  /** One screen fewer looks at it. */
  leave(id: string): void {
    const opened = this.#opened.get(id);
    if (!opened) return;
    opened.watchers = Math.max(0, opened.watchers - 1);
    this.#opened.delete(id);
    this.#opened.set(id, opened);
    for (const old of this.#left().slice(0, -KEPT)) this.#opened.delete(old);
  }

  /** What is here of a session. */
  get(id: string): OpenSession | undefined {
    return this.#opened.get(id)?.session;
  }

  /** Forgets one that is gone. */
  remove(id: string): void {
    this.get(id)?.remove();
    this.#opened.delete(id);
  }

  /** Events may have been missed: what is looked at is read again, the rest when it is opened again. */
  restart(): void {
    for (const id of this.#left()) this.#opened.delete(id);
    for (const { session } of this.#opened.values()) void session.load();
  }

  #read(id: string): Opened {
    const opened = { session: this.begin(id), watchers: 0 };
    this.#opened.set(id, opened);
    void opened.session.load();
    return opened;
  }

  #left(): string[] {
    return [...this.#opened].filter(([, { watchers }]) => watchers === 0).map(([id]) => id);
  }
}
