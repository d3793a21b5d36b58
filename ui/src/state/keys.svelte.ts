import type { KeyList } from "../generated/KeyList";
import { rpcError, type RpcError } from "../platform";

/** The keys to the deliberation contract: read when somebody first looks, then kept in step by events. */
export class Keys {
  /** `null` until they were read. */
  list: KeyList | null = $state.raw(null);
  error: RpcError | null = $state.raw(null);
  #wanted = false;
  /** Counts what was read and told, so that a read that something overtook is dropped. */
  #turn = 0;

  constructor(private readonly read: () => Promise<KeyList>) {}

  /** Reads them (again). */
  async load(): Promise<void> {
    this.#wanted = true;
    const mine = ++this.#turn;
    try {
      const list = await this.read();
      if (mine === this.#turn) [this.list, this.error] = [list, null];
    } catch (thrown) {
      if (mine === this.#turn) this.error = rpcError(thrown);
    }
  }

  /** Takes all keys as they stand now. */
  take(list: KeyList): void {
    this.#turn += 1;
    [this.list, this.error] = [list, null];
  }

  /** Events may have been missed: what somebody looked at is read again. */
  restart(): void {
    if (this.#wanted) void this.load();
  }
}
