import type { Commands } from "../generated/commands";

type Call = <Name extends "draft" | "save_draft">(command: Name, args: Commands[Name]["request"]) => Promise<Commands[Name]["response"]>;

/** What stands in the store, as far as this console knows. */
interface Known {
  body: string;
  /** `undefined` where nothing stands there. */
  revision: number | undefined;
}

/**
 * Shows what another console kept (`theirs`) beside what stands here (`mine`), and answers what is to be kept of both;
 * `null` where that cannot be said now. `base` is what both knew.
 */
export type Follower = (base: string, mine: string, theirs: string) => string | null;

/**
 * What is being written, kept on disk. What cannot be sent stays here, so that leaving its screen loses nothing. Another
 * console may write at the same: nothing is written over what this one has not seen.
 */
export class Drafts {
  readonly #unsent = new Map<string, string>();
  /** What is on its way, by its key. */
  readonly #sending = new Map<string, Promise<void>>();
  readonly #known = new Map<string, Known>();
  readonly #followers = new Map<string, Follower>();
  /** The newest revision that was told of while something of the same key was on its way, or not read yet: mostly that one itself. */
  readonly #news = new Map<string, number | undefined>();

  constructor(private readonly call: Call) {}

  /** What was kept last; `null` where nothing was. @throws {RpcError} */
  async read(key: string): Promise<string | null> {
    return this.#unsent.get(key) ?? ((await this.#look(key)).body || null);
  }

  /** Keeps it; an empty one is removed. One after the other: what was kept last is what stays. @throws {RpcError} */
  async save(key: string, body: string): Promise<void> {
    this.#unsent.set(key, body);
    const before = this.#sending.get(key);
    const sending = before ? before.then(() => this.#send(key, body)) : this.#send(key, body);
    // Whoever comes next waits for it, and not for how it went.
    const over = sending.catch(() => {});
    this.#sending.set(key, over);
    try {
      await sending;
    } finally {
      if (this.#sending.get(key) === over) {
        this.#sending.delete(key);
        this.#settle(key);
      }
    }
  }

  /** Shows what other consoles keep under this key, as long as it is not ended by what this returns. */
  follow(key: string, follower: Follower): () => void {
    this.#followers.set(key, follower);
    return () => {
      if (this.#followers.get(key) === follower) this.#followers.delete(key);
    };
  }

  /** It was kept or dropped, here or elsewhere. */
  changed(key: string, revision: number | undefined): void {
    if (!this.#followers.has(key)) return;
    this.#news.set(key, revision);
    if (this.#known.has(key) && !this.#sending.has(key) && !this.#unsent.has(key)) this.#settle(key);
  }

  /** Sends what could not be sent before, and looks at what was not told meanwhile. */
  async restart(): Promise<void> {
    const unsent = [...this.#unsent].map(([key, body]) => this.save(key, body));
    const followed = [...this.#followers.keys()].filter((key) => this.#known.has(key) && !this.#unsent.has(key)).map((key) => this.#catchUp(key));
    await Promise.allSettled([...unsent, ...followed]);
  }

  async #look(key: string): Promise<Known> {
    const { body, revision } = await this.call("draft", { key });
    const known = { body: body ?? "", revision };
    this.#known.set(key, known);
    this.#settle(key);
    return known;
  }

  /** Looks at what was told of meanwhile, where it is not what is known by now. */
  #settle(key: string): void {
    const isNews = this.#news.has(key) && this.#news.get(key) !== this.#known.get(key)?.revision;
    this.#news.delete(key);
    if (isNews) void this.#catchUp(key);
  }

  async #send(key: string, body: string): Promise<void> {
    // Something newer is on its way, or was kept as this.
    if (this.#unsent.get(key) !== body) return;
    const known = this.#known.get(key);
    const { revision, instead } = await this.call("save_draft", { key, body, ...(known?.revision === undefined ? {} : { over: known.revision }) });
    if (instead) {
      const theirs = { body: instead.body ?? "", revision: instead.revision };
      this.#known.set(key, theirs);
      const mine = this.#unsent.get(key) ?? body;
      const both = this.#followers.get(key)?.(known?.body ?? "", mine, theirs.body) ?? mine;
      this.#unsent.set(key, both);
      return this.#send(key, both);
    }
    this.#known.set(key, { body, revision });
    if (this.#unsent.get(key) === body) this.#unsent.delete(key);
  }

  // What could not be read now is when it is next written, or somebody answers again.
  async #catchUp(key: string): Promise<void> {
    const before = this.#known.get(key);
    let theirs: Known;
    try {
      const { body, revision } = await this.call("draft", { key });
      theirs = { body: body ?? "", revision };
    } catch {
      return;
    }
    // What is written here by now meets it when it arrives.
    if (this.#sending.has(key) || this.#unsent.has(key) || this.#known.get(key) !== before || before?.revision === theirs.revision) return;
    const base = before?.body ?? "";
    const both = this.#followers.get(key)?.(base, base, theirs.body);
    if (both === null || both === undefined) return;
    this.#known.set(key, theirs);
    if (both !== theirs.body) await this.save(key, both).catch(() => {});
  }
}

/** What a form kept; `null` where that is not what a form keeps. */
export function parsed(body: string): Record<string, unknown> | null {
  try {
    const kept: unknown = JSON.parse(body);
    return typeof kept === "object" ? (kept as Record<string, unknown> | null) : null;
  } catch {
    return null;
  }
}

/** Stands between words that were begun at different times. */
const BETWEEN = "\n\n";

/** Words that were begun one after the other, as one text. */
export function joined(...begun: (string | undefined)[]): string {
  return begun.filter(Boolean).join(BETWEEN);
}

/** The same without those behind the others that were sent; `null` where those do not stand there. */
export function withoutLast(words: string, sent: string): string | null {
  const last = BETWEEN + sent;
  return words.endsWith(last) ? words.slice(0, -last.length) : null;
}

/** What is left of words of which these were sent: what was typed behind them meanwhile, or all that they became. */
export function unsent(words: string, sent: string): string {
  return words.startsWith(sent) ? words.slice(sent.length).trimStart() : words;
}
