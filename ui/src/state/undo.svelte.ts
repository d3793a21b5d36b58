import { m } from "../messages";
import { rpcError } from "../platform";

/** How long a line stands. */
const STANDS_MS = 10_000;

/** An act that was done, and what takes it back for ten seconds. */
export interface Undoable {
  /** What was done: "Removed 2 snippets." */
  done: string;
  /** Its screen may be gone by then: it acts on what stands now, and what it throws is told here. */
  undo: () => unknown;
  /** What it changes, such as a draft by its key: once that is sent or changed again there is nothing to take back. */
  of?: string;
}

class UndoLine {
  offer: Undoable | null = $state(null);
  /** What was done that nothing takes back, and whose row has gone. */
  told: string | null = $state(null);
  /** The stable code of what refused it, where it was not done. */
  code: string | null = $state(null);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #telling: ReturnType<typeof setTimeout> | undefined;
  /** What is told is of leaving a screen: the next one shows it. */
  #goesAlong = false;

  /** Offers to take an act back. The offer before it stands no longer. */
  show(offer: Undoable): void {
    clearTimeout(this.#timer);
    this.offer = offer;
    this.#timer = setTimeout(() => this.dismiss(), STANDS_MS);
  }

  /** Takes the last act back. */
  take(): void {
    const offer = this.offer;
    this.dismiss();
    if (offer) void this.#undo(offer);
  }

  async #undo(offer: Undoable): Promise<void> {
    try {
      await offer.undo();
    } catch (thrown) {
      const { message, code } = rpcError(thrown);
      this.tell(m.parts.notUndone(message), { code });
    }
  }

  /** It was sent, and what was taken out of it with it, or changed again. */
  over(of: string): void {
    if (this.offer?.of === of) this.dismiss();
  }

  /** Withdraws the offer. */
  dismiss(): void {
    clearTimeout(this.#timer);
    this.offer = null;
  }

  /** Says what was done, or with its `code` why it was not, beside an offer that stands; what came of leaving a screen `goesAlong` to the next. */
  tell(sentence: string, { goesAlong = false, code = null }: { goesAlong?: boolean; code?: string | null } = {}): void {
    clearTimeout(this.#telling);
    [this.told, this.code, this.#goesAlong] = [sentence, code, goesAlong];
    this.#telling = setTimeout(() => this.hush(), STANDS_MS);
  }

  /** Another screen is shown: what was told is of the one before, unless it came of leaving that. */
  turn(): void {
    if (!this.#goesAlong) this.hush();
    this.#goesAlong = false;
  }

  /** What was told has been read. */
  hush(): void {
    clearTimeout(this.#telling);
    this.told = null;
  }
}

/** The window's undo line. */
export const undoLine = new UndoLine();
