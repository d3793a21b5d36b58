import { clamp, endAround, lengthBeside, lengthFor, LENGTHS, MINUTE, USUAL, type Span } from "../strip/span";
import { eventAfter, eventBefore } from "./moments";

export type Speed = "1" | "4" | "16";
export const SPEEDS: Speed[] = ["1", "4", "16"];

/** What is looked at: a window in time, and in it a playhead. */
export class Sight {
  /** The newest moment there is; it moves when something happens, and once in a minute. */
  now = $state(Date.now());
  length = $state(USUAL);
  playing = $state(false);
  speed: Speed = $state("4");
  /** `null` while the window ends now. */
  #end: number | null = $state(null);
  /** `null` while the playhead is as far as it can be. */
  #head: number | null = $state(null);

  readonly span: Span = $derived({ start: (this.#end ?? this.now) - this.length, end: this.#end ?? this.now });
  /** Where the playhead is. */
  readonly at: number = $derived(this.#head === null ? this.span.end : clamp(this.span, this.#head));
  /** What comes moves in. */
  readonly follows = $derived(this.#end === null);
  /** Nothing is right of the playhead. */
  readonly isWhole = $derived(this.at >= this.span.end);

  get canGrow(): boolean {
    return this.length < (LENGTHS.at(-1) ?? 0);
  }

  get canShrink(): boolean {
    return this.length > (LENGTHS[0] ?? 0);
  }

  /** The clock went on, or something has a time that is later than it. */
  tick(now: number): void {
    this.now = Math.max(this.now, now);
  }

  /** Begins with a window that what lies between fills: up to now, with room for it to move as time goes on, or with the last a little before its end. */
  open(first: number, last: number | null): void {
    const held = (last ?? this.now) - first;
    this.length = lengthFor(held + (last === null ? MINUTE / 2 : held / 7));
    if (last !== null) this.moveTo(last + Math.min(this.length / 8, this.length - held));
  }

  /** Goes to where the window ends now. */
  follow(): void {
    [this.#end, this.#head] = [null, null];
  }

  /** Moves the window; one that ends now, or would end later, follows. A playhead at its end stays there, any other at its time. */
  moveTo(end: number): void {
    this.#end = end >= this.now ? null : end;
  }

  /** Brings a moment into the window, with most of it behind. */
  show(at: number): void {
    if (at >= this.span.start && at <= this.span.end) return;
    this.moveTo(at + this.length * 0.75);
    this.#head = null;
  }

  /** A longer or a shorter window around the playhead. */
  zoom(step: 1 | -1): void {
    const length = lengthBeside(this.length, step);
    const end = this.follows && this.isWhole ? this.now : endAround(this.span, length, this.at);
    this.length = length;
    this.moveTo(end);
  }

  /** A window of that length that ends there. */
  resize(length: number, end: number): void {
    this.length = length;
    this.moveTo(end);
  }

  /** Puts the playhead there and holds it. */
  scrub(at: number): void {
    this.playing = false;
    this.#put(at);
  }

  /** To the next event, or to the one before. */
  step(events: number[], way: 1 | -1): void {
    const next = way > 0 ? (eventAfter(events, this.at) ?? this.span.end) : (eventBefore(events, this.at) ?? this.span.start);
    this.scrub(next);
  }

  /** Begins where the playhead is, or at the start where it can go no further. */
  play(): void {
    if (this.isWhole) this.#head = this.span.start;
    this.playing = true;
  }

  pause(): void {
    this.playing = false;
  }

  /** Goes on by so much of real time, in real steps. */
  advance(real: number): void {
    this.#put(this.at + real * Number(this.speed));
    if (this.isWhole) this.playing = false;
  }

  /** The next of these, and how long that is to wait for: for who wants no motion. */
  next(events: number[]): { at: number; wait: number } {
    const at = eventAfter(events, this.at) ?? this.span.end;
    return { at, wait: (at - this.at) / Number(this.speed) };
  }

  /** Goes on to there. */
  reach(at: number): void {
    this.#put(at);
    if (this.isWhole) this.playing = false;
  }

  #put(at: number): void {
    this.#head = at >= this.span.end ? null : Math.max(this.span.start, at);
  }
}
