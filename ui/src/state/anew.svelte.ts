const KEY = "husting.anew";

/** What Husting begins anew with: a backup that takes the store's place, or nothing, once all data is erased. */
export type Beginning = { backup: string } | { nothing: true; left: string };

/** Husting begins anew, and until it has, what is shown is of a store that is gone. */
class Anew {
  /** With what, from the moment that Husting was told to until its line was read. */
  with: Beginning | null = $state.raw(recall());
  /** Husting has begun anew since. */
  done = $state(false);
  /** The one that was told to has ended. A page that is read anew knows no other than the next. */
  #gone = this.with !== null;

  constructor() {
    // Another page of this browser restores, erases, or reads the line. Without a key all was cleared.
    addEventListener("storage", ({ key }) => {
      if (key === KEY || key === null) [this.with, this.done, this.#gone] = [recall(), false, false];
    });
  }

  /** Husting was told to: what runs ends. */
  begin(beginning: Beginning): void {
    [this.with, this.done, this.#gone] = [beginning, false, false];
    localStorage.setItem(KEY, JSON.stringify(beginning));
  }

  /** Nobody answers. Says whether that is the end of what stood here. */
  lost(): boolean {
    this.#gone ||= this.with !== null && !this.done;
    return this.#gone && !this.done;
  }

  /** There is a snapshot: of what was begun with, once the one before has ended. */
  started(): void {
    if (!this.#gone) return;
    this.done = true;
    // Of data that is erased no note is left behind either.
    if (this.with && "nothing" in this.with) localStorage.removeItem(KEY);
  }

  /** Its line was read. */
  forget(): void {
    [this.with, this.done, this.#gone] = [null, false, false];
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
