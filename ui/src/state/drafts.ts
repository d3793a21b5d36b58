import type { Commands } from "../generated/commands";

type Call = <Name extends "draft" | "save_draft">(command: Name, args: Commands[Name]["request"]) => Promise<Commands[Name]["response"]>;

/** What is being written, kept on disk. What cannot be sent stays here, so that leaving its screen loses nothing. */
export class Drafts {
  readonly #unsent = new Map<string, string>();

  constructor(private readonly call: Call) {}

  /** What was kept last; `null` where nothing was. @throws {RpcError} */
  async read(key: string): Promise<string | null> {
    return this.#unsent.get(key) ?? (await this.call("draft", { key })).body;
  }

  /** Keeps it; an empty one is removed. @throws {RpcError} */
  async save(key: string, body: string): Promise<void> {
    this.#unsent.set(key, body);
    await this.call("save_draft", { key, body });
    if (this.#unsent.get(key) === body) this.#unsent.delete(key);
  }

  /** Sends what could not be sent before. */
  async restart(): Promise<void> {
    await Promise.allSettled([...this.#unsent].map(([key, body]) => this.save(key, body)));
  }
}
