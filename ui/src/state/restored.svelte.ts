const KEY = "husting.restored";

/** A backup that takes the store's place: Husting begins anew with it, and until then what is shown is of a store that is gone. */
class Restored {
  /** The backup, from the moment that Husting took it in until its line was read. */
  file: string | null = $state(recall());
  /** Husting has begun anew since. */
  done = $state(false);
  /** The one that took it in has ended. A page that is read anew knows no other than the next. */
  #gone = this.file !== null;

  constructor() {
    // Another page of this browser restores, or reads the line.
    addEventListener("storage", ({ key, newValue }) => {
      if (key === KEY) [this.file, this.done, this.#gone] = [newValue, false, false];
    });
  }

  /** It was taken in: what runs ends. */
  begin(file: string): void {
    [this.file, this.done, this.#gone] = [file, false, false];
    localStorage.setItem(KEY, file);
  }

  /** Nobody answers. Says whether that is the end of what stood here. */
  lost(): boolean {
    this.#gone ||= this.file !== null && !this.done;
    return this.#gone && !this.done;
  }

  /** There is a snapshot: of what was restored, once the one before has ended. */
  started(): void {
    if (this.#gone) this.done = true;
  }

  /** Its line was read. */
  forget(): void {
    [this.file, this.done, this.#gone] = [null, false, false];
    localStorage.removeItem(KEY);
  }
}

/** The window's restore. */
export const restored = new Restored();

function recall(): string | null {
  return localStorage.getItem(KEY);
}
