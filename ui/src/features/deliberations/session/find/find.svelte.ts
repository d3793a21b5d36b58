import type { RoundView } from "../../../../generated/RoundView";
import type { SessionTab, SoughtWords } from "../../../../state/route.svelte";
import { passageId } from "../answers/sentences";
import type { Desk } from "../desk.svelte";
import { findables, hitsIn, type Hit, type Place } from "./hits";

const FIRST_WORD = /[\p{L}\p{N}’']+/u;

/** Looks for words in everything that was said in a session, and takes the reader there. */
export class Find {
  open = $state(false);
  query = $state("");
  /** What is on the screen. */
  shown: { tab: SessionTab; round: number } = $state.raw({ tab: "claims", round: 0 });
  #current: Pick<Hit, "key" | "nth"> | null = $state.raw(null);
  /** The reader has been taken to the current one. */
  #isThere = $state(false);
  /** It has led away from where it was begun: one step of the history, however far it is followed. */
  #hasLed = false;

  readonly hits: Hit[] = $derived.by(() => (this.open && this.query.trim() ? hitsIn(this.#texts(), this.query) : []));
  /** 0-based place of the current hit; -1 before there is one. */
  readonly at: number = $derived(this.hits.findIndex(({ key, nth }) => key === this.#current?.key && nth === this.#current.nth));

  constructor(private readonly desk: Desk) {}

  /** The occurrence the reader is at, once taken there. */
  get current(): Hit | null {
    return this.#isThere ? (this.hits[this.at] ?? null) : null;
  }

  /** It begins: with what was looked for before, unless it is at a place that it was asked for. */
  begin(): void {
    this.stand();
    if (!this.current) this.type(this.query);
  }

  /** From where the reader is now, the next step away is one of the history. */
  stand(): void {
    this.#hasLed = false;
  }

  /** Takes what is looked for, and stands at the first of it in sight, else after it. Nothing else is shown for that. */
  type(query: string): void {
    this.query = query;
    const { hits } = this;
    const first = hits.find((hit) => this.#isShown(hit.place)) ?? hits.find(({ place }) => place.round >= this.shown.round) ?? hits[0];
    this.#current = first ?? null;
    this.#isThere = first !== undefined && this.#isShown(first.place);
  }

  /** Goes to the next one, or the one before, around the ends. */
  step(by: 1 | -1): void {
    const { hits, at } = this;
    if (hits.length === 0) return;
    const next = at < 0 ? hits[0] : this.#isThere ? hits[(at + by + hits.length) % hits.length] : hits[at];
    if (!next) return;
    [this.#current, this.#isThere] = [next, true];
    this.#show(next.place);
  }

  /**
   * Looks for words that are known to stand in a seat's answer, in a round's recap or in the synthesis, and goes there.
   * Where they are not drawn as they were written, as with a mark of emphasis between them, it looks for the first of them.
   */
  lookFor(sought: SoughtWords, round: number): void {
    const isThere = (place: Place) => {
      if ("model" in sought) return place.kind === "answer" && place.round === round && place.model === sought.model;
      return place.kind === sought.part && (place.kind === "synthesis" || place.round === round);
    };
    this.open = true;
    // Whoever goes to such words comes by an address of their own.
    this.#hasLed = true;
    for (const query of [sought.words, FIRST_WORD.exec(sought.words)?.[0] ?? sought.words]) {
      this.query = query;
      const there = this.hits.find(({ place }) => isThere(place));
      [this.#current, this.#isThere] = [there ?? null, there !== undefined];
      if (there) return this.#show(there.place);
    }
  }

  /** Ends it; what was looked for comes back with the next one. */
  close(): void {
    [this.open, this.#isThere] = [false, false];
  }

  #texts() {
    const { console, rounds } = this.desk;
    return findables(rounds, (round: RoundView, model) => console.words(round, model, "respond"), this.desk.view?.synthesis.synthesis);
  }

  #isShown(place: Place): boolean {
    const { tab, round } = this.shown;
    if (tab === "transcript") return true;
    if (place.kind === "recap" || place.kind === "synthesis") return tab === "recap";
    if (place.round !== round) return false;
    if (tab === "live") return place.kind === "answer";
    if (tab === "answers") return place.kind === "unverified" || (place.kind === "answer" && place.model === this.#reader());
    return tab === "claims" && place.kind !== "answer";
  }

  #reader(): string | undefined {
    const answers = this.desk.rounds.find((round) => round.index === this.shown.round)?.answers ?? [];
    return (answers.find((call) => call.model === this.desk.reader) ?? answers[0])?.model;
  }

  #show(place: Place): void {
    const { desk } = this;
    const claim = place.kind === "claim" ? { chosen: passageId(place.round, { id: place.claim }) } : {};
    if (this.#isShown(place)) return void Object.assign(desk, claim);
    const to = place.kind === "answer" ? { reader: place.model, chosen: null, lookAt: null } : claim;
    if (!this.#hasLed) desk.follow(tabOf(place), place.round, to);
    else {
      Object.assign(desk, to);
      desk.go(tabOf(place), place.round);
    }
    this.#hasLed = true;
  }
}

/** The view that shows what stands there. */
function tabOf({ kind }: Place): SessionTab {
  if (kind === "recap" || kind === "synthesis") return "recap";
  return kind === "answer" ? "answers" : "claims";
}
