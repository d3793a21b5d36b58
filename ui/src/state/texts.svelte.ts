import { SvelteMap } from "svelte/reactivity";
import type { Purpose } from "../generated/Purpose";
import type { RoundView } from "../generated/RoundView";
import { FrameBatch } from "./frames";

/** The words of one seat in one phase as they arrive. */
export class LiveText {
  /** What is drawn; it grows once a frame. */
  shown = $state.raw("");
  /** What has arrived. */
  arrived = "";
}

/** The words of all running seats. */
export class LiveTexts {
  #texts = new SvelteMap<string, LiveText>();
  #batch: FrameBatch<LiveText>;

  constructor(schedule?: (run: () => void) => void) {
    this.#batch = new FrameBatch((dirty) => dirty.forEach((text) => (text.shown = text.arrived)), schedule);
  }

  /** Begins again from a snapshot's running rounds. */
  start(running: RoundView[]): void {
    this.#batch.clear();
    this.#texts.clear();
    for (const round of running) {
      for (const seat of [...round.answers, ...round.reactions]) {
        const text = this.#at(round.round_id, seat.model, seat.purpose);
        text.arrived = seat.text;
        text.shown = seat.text;
      }
    }
  }

  /**
   * Adds words. Those that are here already are dropped: a snapshot knows more than its number tells. `false` when
   * words are missing before them or differ from those here; other words at offset 0 begin again: a retry.
   */
  add(round: string, model: string, purpose: Purpose, offset: number, words: string): boolean {
    const text = this.#at(round, model, purpose);
    if (offset > text.arrived.length) return false;
    const known = text.arrived.slice(offset, offset + words.length);
    const agrees = words.startsWith(known);
    if (!agrees && offset > 0) return false;
    if (agrees && known.length === words.length) return true;
    text.arrived = agrees ? text.arrived + words.slice(known.length) : words;
    this.#batch.add(text);
    return true;
  }

  /** The words of a seat, to be read while drawing. */
  of(round: string, model: string, purpose: Purpose): string {
    return this.#texts.get(key(round, model, purpose))?.shown ?? "";
  }

  /** Drops a round's words: its view holds the final ones. */
  drop(round: string): void {
    for (const name of [...this.#texts.keys()]) {
      if (name.startsWith(`${round}/`)) this.#texts.delete(name);
    }
  }

  #at(round: string, model: string, purpose: Purpose): LiveText {
    const name = key(round, model, purpose);
    const known = this.#texts.get(name);
    if (known) return known;
    const text = new LiveText();
    this.#texts.set(name, text);
    return text;
  }
}

function key(round: string, model: string, purpose: Purpose): string {
  return `${round}/${purpose}/${model}`;
}
