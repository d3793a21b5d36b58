import type { Commands } from "../generated/commands";
import type { DraftView } from "../generated/DraftView";
import type { KeptDraft } from "../generated/KeptDraft";
import { merged } from "./merged";

type Call = <Name extends "draft" | "save_draft">(command: Name, args: Commands[Name]["request"]) => Promise<Commands[Name]["response"]>;

/** What stands in the store, as far as this console knows. */
interface Known {
  body: string;
  /** `undefined` where nothing stands there. */
  revision: number | undefined;
}

/**
 * Shows what another console kept (`theirs`) beside what stands here (`mine`), and answers what is to be kept of both;
 * `null` leaves theirs where it is and unseen: this console meets it again when it next writes. `base` is what both knew.
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
  /** Keys whose news is being read. */
  readonly #catching = new Set<string>();
  /** What was sent and not answered: it may be what stands there. */
  readonly #unanswered = new Map<string, string>();

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
    if (this.#known.has(key) && !this.#isWritten(key) && !this.#catching.has(key)) this.#settle(key);
  }

  /** Sends what could not be sent before, and looks at what was not told meanwhile. */
  async restart(): Promise<void> {
    const unsent = [...this.#unsent].map(([key, body]) => this.save(key, body));
    const followed = [...this.#followers.keys()].filter((key) => this.#known.has(key) && !this.#unsent.has(key)).map((key) => this.#catchUp(key));
    await Promise.allSettled([...unsent, ...followed]);
  }

  async #look(key: string): Promise<Known> {
    const known = knownOf(await this.call("draft", { key }));
    // What is written here meanwhile is written over what was known before, and meets this when it arrives.
    if (this.#unsent.has(key)) return known;
    this.#known.set(key, known);
    this.#settle(key);
    return known;
  }

  /** Words of this console are on their way, or could not be sent. */
  #isWritten(key: string): boolean {
    return this.#sending.has(key) || this.#unsent.has(key);
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
    const { revision, instead } = await this.#ask(key, body, known?.revision);
    if (!instead) return this.#keptAs(key, body, revision);
    const theirs = knownOf(instead);
    const mine = this.#unsent.get(key) ?? body;
    // One's own words, whose answer was lost, are nobody else's.
    const base = this.#unanswered.get(key) === theirs.body ? theirs.body : (known?.body ?? "");
    this.#unanswered.delete(key);
    const both = (this.#followers.get(key) ?? merged)(base, mine, theirs.body);
    if (both === null) return void this.#unsent.delete(key);
    this.#known.set(key, theirs);
    this.#unsent.set(key, both);
    return this.#send(key, both);
  }

  async #ask(key: string, body: string, over: number | undefined): Promise<KeptDraft> {
    try {
      return await this.call("save_draft", { key, body, ...(over === undefined ? {} : { over }) });
    } catch (thrown) {
      this.#unanswered.set(key, body);
      throw thrown;
    }
  }

  #keptAs(key: string, body: string, revision: number | undefined): void {
    this.#unanswered.delete(key);
    this.#known.set(key, { body, revision });
    if (this.#unsent.get(key) === body) this.#unsent.delete(key);
  }

  async #catchUp(key: string): Promise<void> {
    this.#catching.add(key);
    try {
      await this.#show(key);
    } catch {
      // What could not be read now is when it is next written, or somebody answers again.
    } finally {
      this.#catching.delete(key);
      if (!this.#isWritten(key)) this.#settle(key);
    }
  }

  /** Reads what is kept by now and has it shown. @throws {RpcError} */
  async #show(key: string): Promise<void> {
    const before = this.#known.get(key);
    const theirs = knownOf(await this.call("draft", { key }));
    // What is written here by now meets it when it arrives.
    if (this.#isWritten(key) || this.#known.get(key) !== before || before?.revision === theirs.revision) return;
    const base = before?.body ?? "";
    const both = this.#followers.get(key)?.(base, base, theirs.body);
    if (both === null || both === undefined) return;
    this.#known.set(key, theirs);
    if (both !== theirs.body) await this.save(key, both);
  }
}

function knownOf({ body, revision }: DraftView): Known {
  return { body: body ?? "", revision };
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
