const OFFER_MS = 10_000;

/** An act that was done, and what takes it back for ten seconds. */
export interface Undoable {
  /** What was done: "Removed 2 snippets." */
  done: string;
  /** Left out where nothing takes it back, and its row has gone: it is only told. */
  undo?: () => void;
}

class UndoLine {
  offer: Undoable | null = $state(null);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Offers to take an act back. The offer before it stands no longer. */
  show(offer: Undoable): void {
    clearTimeout(this.#timer);
    this.offer = offer;
    this.#timer = setTimeout(() => this.dismiss(), OFFER_MS);
  }

  /** Takes the last act back. */
  take(): void {
    const offer = this.offer;
    this.dismiss();
    offer?.undo?.();
  }

  /** Withdraws the offer. */
  dismiss(): void {
    clearTimeout(this.#timer);
    this.offer = null;
  }
}

/** The window's undo line. */
export const undoLine = new UndoLine();
