import type { Commands } from "../generated/commands";

type Call = <Name extends "draft" | "save_draft">(command: Name, args: Commands[Name]["request"]) => Promise<Commands[Name]["response"]>;

/** What is being written, kept on disk. What cannot be sent stays here, so that leaving its screen loses nothing. */
export class Drafts {
  readonly #unsent = new Map<string, string>();
  /** What is on its way, by its key. */
  readonly #sending = new Map<string, Promise<void>>();

  constructor(private readonly call: Call) {}

  /** What was kept last; `null` where nothing was. @throws {RpcError} */
  async read(key: string): Promise<string | null> {
    return this.#unsent.get(key) ?? (await this.call("draft", { key })).body;
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
      if (this.#sending.get(key) === over) this.#sending.delete(key);
    }
  }

  async #send(key: string, body: string): Promise<void> {
    // Something newer is on its way, or was kept as this.
    if (this.#unsent.get(key) !== body) return;
    await this.call("save_draft", { key, body });
    if (this.#unsent.get(key) === body) this.#unsent.delete(key);
  }

  /** Sends what could not be sent before. */
  async restart(): Promise<void> {
    await Promise.allSettled([...this.#unsent].map(([key, body]) => this.save(key, body)));
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
