import type { Erasing } from "../generated/Erasing";
import { m } from "../messages";

const KEY = "husting.anew";

/** What Husting begins anew with: a backup that takes the store's place, or nothing, once all data is erased. */
export type Beginning = { backup: string } | { nothing: true; left: string };

/** Husting begins anew, and until it has, what is shown is of a store that is gone. */
class Anew {
  /** With what, from the moment that Husting was told to until its line was read. */
  with: Beginning | null = $state.raw(recall());
  /** Husting has begun anew since. */
  done = $state(false);
  /** The one that was told to has ended. A page that is read anew supposes so. */
  #gone = this.with !== null;
  /** This page saw it end. */
  #seen = false;

  constructor() {
    // Another page of this browser restores, erases, or reads the line. Without a key all was cleared.
    addEventListener("storage", ({ key }) => {
      if (key !== KEY && key !== null) return;
      const told = recall();
      // Whoever was there first with nothing took the note away; what was left is still to be read here.
      if (told === null && key === KEY && this.with && "nothing" in this.with) return;
      [this.with, this.done, this.#gone, this.#seen] = [told, false, false, false];
    });
  }

  /** Husting was told to: what runs ends. */
  begin(beginning: Beginning): void {
    [this.with, this.done, this.#gone, this.#seen] = [beginning, false, false, false];
    localStorage.setItem(KEY, JSON.stringify(beginning));
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
    if (this.with === null || (this.done && this.#seen)) return false;
    [this.done, this.#gone, this.#seen] = [false, true, true];
    return true;
  }

  /** There is a snapshot: of what was begun with, once the one before has ended. */
  started(): void {
    if (!this.#gone) return;
    this.done = true;
    // Of data that is erased no note is left behind either.
    if (this.#seen && this.with && "nothing" in this.with) localStorage.removeItem(KEY);
  }

  /** Its line was read. */
  forget(): void {
    [this.with, this.done, this.#gone, this.#seen] = [null, false, false, false];
    localStorage.removeItem(KEY);
  }
}

/** The window's restore, or its erasing. */
export const anew = new Anew();

function recall(): Beginning | null {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "null") as Beginning | null;
  } catch {
    // Whoever wrote that was not this page.
    return null;
  }
}
