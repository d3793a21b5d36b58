import type { Erasing } from "../generated/Erasing";
import { m } from "../messages";

const KEY = "husting.anew";
/** Whoever was told to has ended after so long: who ends later is the one that began anew. */
const ENDS_MS = 60_000;
/** A page that is read so long after the line was shown is most likely of another start, to which it does not belong. */
const STANDS_MS = 600_000;

/** What Husting begins anew with: a backup that takes the store's place, or nothing, once all data is erased. */
export type Beginning = { backup: string } | { nothing: true; left: string };

/** What a browser notes of it: when it was begun, and when its line was shown first. */
interface Note {
  beginning: Beginning;
  at: number;
  shown: number | null;
}

/** Husting begins anew, and until it has, what is shown is of a store that is gone. */
class Anew {
  /** With what, from the moment that Husting was told to until its line was read. */
  with: Beginning | null = $state.raw(null);
  /** Husting has begun anew since. */
  done = $state(false);
  /** The one that was told to has ended. A page that is read anew supposes so. */
  #gone = false;
  /** This page saw it end. */
  #seen = false;
  #at = 0;
  #shown: number | null = null;

  constructor() {
    this.#take(recall());
    this.#gone = this.with !== null;
    // Another page of this browser restores, erases, or reads the line. Without a key all was cleared.
    addEventListener("storage", ({ key }) => {
      if (key !== KEY && key !== null) return;
      const told = recall();
      // Whoever was there first with nothing took the note away; what was left is still to be read here.
      if (told === null && key === KEY && this.with && "nothing" in this.with) return;
      // That its line was shown there is no other beginning.
      if (told !== null && told.shown !== null && told.at === this.#at) return;
      this.#take(told);
    });
  }

  #take(note: Note | null): void {
    [this.with, this.done, this.#gone, this.#seen] = [note?.beginning ?? null, false, false, false];
    [this.#at, this.#shown] = [note?.at ?? 0, note?.shown ?? null];
  }

  /** Husting was told to: what runs ends. */
  begin(beginning: Beginning): void {
    this.#take({ beginning, at: Date.now(), shown: null });
    this.#note();
  }

  #note(): void {
    localStorage.setItem(KEY, JSON.stringify({ ...this.with, at: this.#at, shown: this.#shown }));
  }

  /** All data is being erased, whoever asked for it: with what this browser noted for itself, which is not in the data folder. */
  erase({ left, not_removed }: Erasing): void {
    const e = m.settings.storage.erase;
    localStorage.clear();
    const stays = [not_removed.length > 0 ? e.notRemoved(not_removed) : "", left.length > 0 ? e.left(left) : ""];
    this.begin({ nothing: true, left: stays.filter(Boolean).join(" ") });
  }

  /** Nobody answers. Says whether that is the end of what stood here: of a page that was read meanwhile, what it took for the next. */
  lost(): boolean {
    if (this.with === null) return false;
    // The one that began anew ends: the line was of its time.
    if (this.done && (this.#seen || Date.now() - this.#at > ENDS_MS)) {
      this.forget();
      return false;
    }
    [this.done, this.#gone, this.#seen] = [false, true, true];
    return true;
  }

  /** There is a snapshot: of what was begun with, once the one before has ended. */
  started(): void {
    if (!this.#gone) return;
    this.done = true;
    // Of data that is erased no note is left behind either.
    if (this.#seen && this.with && "nothing" in this.with) localStorage.removeItem(KEY);
    else if (this.#shown === null) {
      this.#shown = Date.now();
      this.#note();
    }
  }

  /** Its line was read. */
  forget(): void {
    this.#take(null);
    localStorage.removeItem(KEY);
  }
}

/** The window's restore, or its erasing. */
export const anew = new Anew();

function recall(): Note | null {
  try {
    const { at = Date.now(), shown = null, ...beginning } = JSON.parse(localStorage.getItem(KEY) ?? "null") as Beginning & Partial<Note>;
    return shown !== null && Date.now() - shown > STANDS_MS ? null : { beginning, at, shown };
  } catch {
    // There is none, or whoever wrote that was not this page.
    return null;
  }
}
