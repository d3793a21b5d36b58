import type { Commands } from "../generated/commands";
import type { DraftView } from "../generated/DraftView";
import type { KeptDraft } from "../generated/KeptDraft";
import { merged } from "./merged";
import type { Known, UnsentInTab } from "./unsent.svelte";

type Call = <Name extends "draft" | "save_draft">(command: Name, args: Commands[Name]["request"]) => Promise<Commands[Name]["response"]>;

/**
 * Shows what another console kept (`theirs`) beside what stands here (`mine`), and answers what is to be kept of both;
 * `null` leaves theirs where it is and unseen: this console meets it again when it next writes. `base` is what both knew.
 */
export type Follower = (base: string, mine: string, theirs: string) => string | null;

/**
 * What is being written, kept on disk. What cannot be sent stays here and in the tab, so that leaving its screen loses
 * nothing, nor does loading the page again. Another console may write at the same: nothing is written over what this one
 * has not seen.
 */
export class Drafts {
  /** The data folder of the store that this is of. */
  #home: string | null = null;
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

  constructor(
    private readonly call: Call,
    private readonly inTab: UnsentInTab,
  ) {}

  /** What was kept last; `null` where nothing was. @throws {RpcError} */
  async read(key: string): Promise<string | null> {
    return this.#unsent.get(key) ?? ((await this.#look(key)).body || null);
  }

  /** Keeps it; an empty one is removed. One after the other: what was kept last is what stays. @throws {RpcError} */
  async save(key: string, body: string): Promise<void> {
    this.#write(key, body);
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

  /** The store in this folder can be asked: sends what could not be sent before, and looks at what was not told meanwhile. */
  async restart(home: string): Promise<void> {
    if (home !== this.#home) this.#moveTo(home);
    const unsent = [...this.#unsent].map(([key, body]) => this.save(key, body));
    const followed = [...this.#followers.keys()].filter((key) => this.#known.has(key) && !this.#unsent.has(key)).map((key) => this.#catchUp(key));
    await Promise.allSettled([...unsent, ...followed]);
  }

  /** Drops what could not be sent: all data is erased, and it is of that. */
  forget(): void {
    for (const key of this.#unsent.keys()) this.#drop(key);
  }

  // What is known, and what could not be sent, is of the store that it was read from and written for.
  #moveTo(home: string): void {
    this.#home = home;
    for (const each of [this.#unsent, this.#known, this.#news, this.#unanswered]) each.clear();
    for (const [key, { body, known, unanswered }] of this.inTab.take(home)) {
      this.#unsent.set(key, body);
      if (known) this.#known.set(key, known);
      if (unanswered !== undefined) this.#unanswered.set(key, unanswered);
    }
  }

  #write(key: string, body: string): void {
    this.#unsent.set(key, body);
    this.#note(key);
  }

  /** Nothing is left to send. */
  #drop(key: string): void {
    this.#unsent.delete(key);
    this.inTab.drop(key);
  }

  /** What is not sent stands in the tab as it is by now. */
  #note(key: string): void {
    const body = this.#unsent.get(key);
    if (body !== undefined) this.inTab.keep(key, { body, known: this.#known.get(key), unanswered: this.#unanswered.get(key) });
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
    if (both === null) return this.#drop(key);
    this.#known.set(key, theirs);
    this.#write(key, both);
    return this.#send(key, both);
  }

  async #ask(key: string, body: string, over: number | undefined): Promise<KeptDraft> {
    try {
      return await this.call("save_draft", { key, body, ...(over === undefined ? {} : { over }) });
    } catch (thrown) {
      this.#unanswered.set(key, body);
      this.#note(key);
      throw thrown;
    }
  }

  #keptAs(key: string, body: string, revision: number | undefined): void {
    this.#unanswered.delete(key);
    this.#known.set(key, { body, revision });
    if (this.#unsent.get(key) === body) this.#drop(key);
    else this.#note(key);
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
    if (this.#isWritten(key)) return;
    // An answer to an earlier look came meanwhile: which of both is the newer one is not known, so it is looked at anew.
    if (this.#known.get(key) !== before) return void this.#news.set(key, theirs.revision);
    if (before?.revision === theirs.revision) return;
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
