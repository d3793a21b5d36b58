import type { CascadeView } from "../../../../generated/CascadeView";
import { moneyRange } from "../../../../format/money";
import { m } from "../../../../messages";
import { rpcError, type RpcError } from "../../../../platform";
import type { Console } from "../../../../state/console.svelte";

/** What writing a session's synthesis would take: asked anew each time somebody is about to. */
export class Cascade {
  view: CascadeView | null = $state.raw(null);
  error: RpcError | null = $state.raw(null);
  #asked = 0;

  constructor(
    private readonly console: Console,
    private readonly session: string,
  ) {}

  async ask(): Promise<void> {
    const mine = ++this.#asked;
    try {
      const view = await this.console.call("estimate_synthesis", { session_id: this.session });
      if (mine === this.#asked) [this.view, this.error] = [view, null];
    } catch (thrown) {
      if (mine === this.#asked) [this.view, this.error] = [null, rpcError(thrown)];
    }
  }
}

/** "about $0.021 – 0.043, at cost": what summaries cost together. */
export function costOf({ low, high }: Pick<CascadeView, "low" | "high">): string {
  return high === 0 ? m.recap.free : m.recap.atCost(moneyRange(low, high));
}
