import { composes } from "./enter";

/**
 * Keys that are pressed for something that was asked for and does not have the focus yet: they are kept for it,
 * instead of acting on what is still there.
 */
export class EarlyKeys {
  #kept: string[] = [];
  #waiting = false;

  /** From now on keys that write are kept. */
  begin(): void {
    if (this.#waiting) return;
    this.#waiting = true;
    addEventListener("keydown", this.#keep, true);
  }

  /** No more are; gives those that were, in their order. */
  end(): string[] {
    this.#waiting = false;
    removeEventListener("keydown", this.#keep, true);
    const kept = this.#kept;
    this.#kept = [];
    return kept;
  }

  readonly #keep = (event: KeyboardEvent): void => {
    const { key } = event;
    const writes = [...key].length === 1 || key === "Backspace" || key === "Enter";
    // What stands already takes its own.
    if (event.target instanceof Element && event.target.closest("[role=dialog]")) return;
    if (!writes || event.ctrlKey || event.metaKey || event.altKey || composes(event)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.#kept.push(key);
  };
}
