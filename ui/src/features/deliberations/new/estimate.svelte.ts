import type { EstimateRound } from "../../../generated/EstimateRound";
import type { EstimateView } from "../../../generated/EstimateView";
import type { Console } from "../../../state/console.svelte";

const PAUSE_MS = 150;

/** What the round would cost, asked again when what it depends on changes. */
export class Estimate {
  view: EstimateView | null = $state.raw(null);
  /** The last question had no answer. */
  failed = $state(false);
  /** The view answers what was asked last; until then it may be of other words and seats. */
  current = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  constructor(private readonly host: Console) {}

  /** Asks, once the person has paused, and hands what is answered on. The answer stands aside a refusal: without one nothing is shown. */
  ask(args: EstimateRound, answered?: (view: EstimateView) => void): void {
    this.#forget();
    this.#timer = setTimeout(() => void this.#fetch(args, answered), PAUSE_MS);
  }

  /** Shows none: there is no panel to estimate. */
  clear(): void {
    this.#forget();
    this.#asked += 1;
    this.view = null;
  }

  /** Nothing is known of the cost yet. */
  get waits(): boolean {
    return this.view === null && !this.failed;
  }

  /** What one seat would probably cost at most. */
  seat(model: string): number | null {
    return this.view?.seats.find((seat) => seat.model === model)?.high ?? null;
  }

  #forget(): void {
    clearTimeout(this.#timer);
    [this.#timer, this.current] = [undefined, false];
  }

  async #fetch(args: EstimateRound, answered?: (view: EstimateView) => void): Promise<void> {
    this.#timer = undefined;
    this.#asked += 1;
    const mine = this.#asked;
    try {
      const view = await this.host.call("estimate", args);
      if (mine !== this.#asked) return;
      [this.view, this.failed, this.current] = [view, false, this.#timer === undefined];
      answered?.(view);
    } catch {
      if (mine === this.#asked) [this.view, this.failed] = [null, true];
    }
  }
}
