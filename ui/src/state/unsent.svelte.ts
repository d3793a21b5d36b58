import type { Tab } from "../platform";

/** What stands in the store, as far as this console knows. */
export interface Known {
  body: string;
  /** `undefined` where nothing stands there. */
  revision: number | undefined;
}

/** What is not in the store yet, and what it was written over. */
export interface Unsent {
  body: string;
  /** Left out where nobody has read yet what stands there. */
  known?: Known;
  /** What was sent before and not answered. */
  unanswered?: string;
}

/**
 * What is not in the store yet, for the next page in this tab: whoever loads the page again, or opens a new link in
 * place of it, goes on with that. It is kept by the data folder, for at one address another Husting may answer.
 */
export class UnsentInTab {
  /** Some of it is in this page alone, which is left only after a question then. */
  inPageAlone = $state(false);
  /** Before the first snapshot there is nothing to keep. */
  #home = "";
  /** Keys of what the tab did not take. */
  #refused: string[] = [];

  constructor(private readonly tab: Tab) {}

  /** From here on it is of the store in this folder. What an earlier page in this tab could not send there, by its key. */
  take(home: string): [key: string, unsent: Unsent][] {
    this.#home = home;
    this.#refuse([]);
    const begins = this.#nameOf("");
    return this.tab.kept(begins).flatMap(([name, text]) => {
      const unsent = unsentIn(text);
      return unsent ? [[name.slice(begins.length), unsent]] : [];
    });
  }

  keep(key: string, unsent: Unsent): void {
    const others = this.#refused.filter((each) => each !== key);
    this.#refuse(this.tab.keep(this.#nameOf(key), JSON.stringify(unsent)) ? others : [...others, key]);
  }

  /** It is in the store. */
  drop(key: string): void {
    this.tab.drop(this.#nameOf(key));
    this.#refuse(this.#refused.filter((each) => each !== key));
  }

  #nameOf(key: string): string {
    return `husting.unsent/${encodeURIComponent(this.#home)}/${key}`;
  }

  #refuse(keys: string[]): void {
    this.#refused = keys;
    this.inPageAlone = keys.length > 0;
    this.tab.askBeforeLeaving(keys.length > 0);
  }
}

function unsentIn(text: string): Unsent | null {
  try {
    const kept: unknown = JSON.parse(text);
    return isUnsent(kept) ? kept : null;
  } catch {
    // Whoever wrote that was not a page of Husting’s.
    return null;
  }
}

function isUnsent(kept: unknown): kept is Unsent {
  const { body, known, unanswered } = (kept ?? {}) as Record<string, unknown>;
  return typeof body === "string" && (known === undefined || isKnown(known)) && (unanswered === undefined || typeof unanswered === "string");
}

function isKnown(kept: unknown): kept is Known {
  const { body, revision } = (kept ?? {}) as Record<string, unknown>;
  return typeof body === "string" && (revision === undefined || typeof revision === "number");
}
