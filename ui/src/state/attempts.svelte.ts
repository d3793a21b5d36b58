import { SvelteMap } from "svelte/reactivity";
import type { Purpose } from "../generated/Purpose";
import type { RetryNote } from "../generated/RetryNote";
import type { RoundView } from "../generated/RoundView";

/** What calls were tried again for. The wire tells it only until the next try's first words. */
export class Attempts {
  #notes = new SvelteMap<string, RetryNote>();

  /** Takes note of a round's new state. A call that waits without a note has begun afresh. */
  take(round: RoundView): void {
    for (const call of [...round.answers, ...round.reactions]) {
      const name = key(round.round_id, call.model, call.purpose);
      if (call.retrying) this.#notes.set(name, call.retrying);
      else if (call.state === "queued") this.#notes.delete(name);
    }
  }

  /** Why the call that runs, or ran last, is not the first try; `undefined` where it is. */
  of(round: string, model: string, purpose: Purpose): RetryNote | undefined {
    return this.#notes.get(key(round, model, purpose));
  }
}

function key(round: string, model: string, purpose: Purpose): string {
  return `${round}/${purpose}/${model}`;
}
