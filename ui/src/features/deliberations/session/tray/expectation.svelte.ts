import type { EstimateView } from "../../../../generated/EstimateView";
import { rpcError, type RpcError } from "../../../../platform";
import type { Console } from "../../../../state/console.svelte";

const PAUSE_MS = 300;

/** What the next round is expected to cost and take, asked again when the draft has rested. */
export class Expectation {
  view: EstimateView | null = $state.raw(null);
  error: RpcError | null = $state.raw(null);

  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  constructor(
    private readonly console: Console,
    private readonly session: string,
  ) {}

  /** Asks once nothing has changed for a moment. */
  askSoon(promptBytes: number, referenceBytes: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.ask(promptBytes, referenceBytes), PAUSE_MS);
  }

  /** Asks now; an answer that a newer question has overtaken is dropped. */
  async ask(promptBytes: number, referenceBytes: number): Promise<void> {
    const mine = ++this.#asked;
    const args = { session_id: this.session, prompt_bytes: promptBytes, reference_bytes: referenceBytes };
    try {
      const view = await this.console.call("estimate", args);
      if (mine === this.#asked) [this.view, this.error] = [view, null];
    } catch (thrown) {
      if (mine === this.#asked) [this.view, this.error] = [null, rpcError(thrown)];
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
