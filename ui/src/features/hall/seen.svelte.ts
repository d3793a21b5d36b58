import { SvelteSet } from "svelte/reactivity";
import type { SessionSummary } from "../../generated/SessionSummary";

const KEY = "husting.seen";
const KEPT = 200;

/** Incomplete rounds the operator chose to read as they are. A new round of the session asks again. */
class Seen {
  #marks = new SvelteSet<string>(recall());

  has(session: SessionSummary): boolean {
    return this.#marks.has(mark(session));
  }

  add(session: SessionSummary): void {
    this.#marks.add(mark(session));
    this.#keep();
  }

  remove(session: SessionSummary): void {
    this.#marks.delete(mark(session));
    this.#keep();
  }

  /** Each session with its rounds then. */
  get list(): [string, number][] {
    return [...this.#marks].map((each) => {
      const cut = each.lastIndexOf("/");
      return [each.slice(0, cut), Number(each.slice(cut + 1))];
    });
  }

  #keep(): void {
    localStorage.setItem(KEY, JSON.stringify([...this.#marks].slice(-KEPT)));
  }
}

/** The window's marks. */
export const seen = new Seen();

function mark(session: SessionSummary): string {
  return `${session.session_id}/${session.round_count}`;
}

function recall(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter((each): each is string => typeof each === "string") : [];
  } catch {
    return [];
  }
}
