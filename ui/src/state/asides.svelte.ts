import { joined, unsent, withoutLast } from "./begun";
import { parsed, type Drafts } from "./drafts";
import { merged } from "./merged";

/** Words begun for one reader while another is written to. */
export interface Aside {
  /** What the reader is called: its name may be known nowhere else once it is gone. */
  name: string;
  text: string;
  /** An answer is to be asked for. */
  asks: boolean;
}

const KEY = "message/for";

/** What waits for readers of messages, all under one key: so that it is known for whom words wait, also if they read no more. */
export class Asides {
  /** By whom it was begun for, as the list of readers names them. */
  waiting: Record<string, Aside> = $state.raw({});
  #changes = 0;
  /** Readers whose words were taken and are still kept. */
  #taken: string[] = [];

  constructor(private readonly drafts: Drafts) {
    // Another console puts words aside too.
    drafts.follow(KEY, (base, mine, theirs) => {
      const both = merged(base, mine, theirs);
      this.#change(without(asidesIn(both), ...this.#taken));
      return both;
    });
  }

  /** Whom words wait for, and what they are called. */
  get names(): Record<string, string> {
    return Object.fromEntries(Object.entries(this.waiting).map(([reader, { name }]) => [reader, name]));
  }

  /** Reads what was kept last. @throws {RpcError} */
  async read(): Promise<Record<string, Aside>> {
    if (this.#taken.length > 0) return this.waiting;
    const changes = this.#changes;
    const body = await this.drafts.read(KEY);
    // What was put here meanwhile is newer than what was read.
    if (changes === this.#changes) this.waiting = asidesIn(body);
    return this.waiting;
  }

  /** Puts words behind those that wait for the reader. To be called after a read that succeeded. @throws {RpcError} they wait here, and are kept once that can be */
  put(reader: string, words: Aside): Promise<void> {
    const before = this.waiting[reader];
    return this.#keep({ ...this.waiting, [reader]: { ...words, text: behind(before?.text ?? "", words.text), asks: words.asks || before?.asks === true } });
  }

  /** Takes what waits for the reader, to stand elsewhere. It is kept here too until it is `settled`. */
  take(reader: string): Aside | undefined {
    const waiting = this.waiting[reader];
    if (waiting) {
      this.#change(without(this.waiting, reader));
      this.#taken.push(reader);
    }
    return waiting;
  }

  /** What was taken is kept elsewhere by now. @throws {RpcError} */
  settled(): Promise<void> {
    return this.#keep(this.waiting);
  }

  /** Forgets what was sent of the words that wait for the reader. @throws {RpcError} */
  async sent(reader: string, written: string): Promise<void> {
    const kept = (await this.read())[reader];
    if (!kept) return;
    // What was put aside before more was typed went with it.
    const text = written.startsWith(kept.text) ? "" : (withoutLast(kept.text, written) ?? unsent(kept.text, written));
    await this.#keep(text === "" ? without(this.waiting, reader) : { ...this.waiting, [reader]: { ...kept, text } });
  }

  #keep(waiting: Record<string, Aside>): Promise<void> {
    this.#change(waiting);
    this.#taken = [];
    return this.drafts.save(KEY, Object.keys(waiting).length === 0 ? "" : JSON.stringify(waiting));
  }

  #change(waiting: Record<string, Aside>): void {
    this.#changes += 1;
    this.waiting = waiting;
  }
}

function without(waiting: Record<string, Aside>, ...readers: string[]): Record<string, Aside> {
  return Object.fromEntries(Object.entries(waiting).filter(([each]) => !readers.includes(each)));
}

/** Words behind those that wait; what only says more, or less, of the same stands once. */
function behind(waiting: string, words: string): string {
  if (waiting.startsWith(words)) return waiting;
  return words.startsWith(waiting) ? words : joined(waiting, words);
}

function asidesIn(body: string | null): Record<string, Aside> {
  return Object.fromEntries(Object.entries(parsed(body ?? "") ?? {}).filter((each): each is [string, Aside] => isAside(each[1])));
}

function isAside(kept: unknown): kept is Aside {
  const { name, text, asks } = (kept ?? {}) as Record<string, unknown>;
  return typeof name === "string" && typeof text === "string" && typeof asks === "boolean";
}
