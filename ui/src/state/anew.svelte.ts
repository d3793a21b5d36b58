import type { Erasing } from "../generated/Erasing";
import type { KeptBackup } from "../generated/KeptBackup";
import { m } from "../messages";

const KEY = "husting.anew";

/** What Husting begins anew with: a backup that takes the store's place, or nothing, once all data is erased. */
export type Beginning = { backup: string } | { nothing: true; left: string };

/** What a browser notes of it. */
interface Note {
  beginning: Beginning;
  /** The start of Husting that was told to, by its moment; `null` where no page has seen it. */
  of: string | null;
  /** The newest start since, once one has begun with it. */
  by: string | null;
}

/** Husting begins anew, and until it has, what is shown is of a store that is gone. */
class Anew {
  /** With what, from the moment that Husting was told to until its line was read. */
  with: Beginning | null = $state.raw(null);
  #of: string | null = null;
  #by: string | null = $state(null);
  /** The start that this page saw last. */
  #start: string | null = null;
  /** As far as that start knows, no other backup has taken the place of this one since. */
  #inForce = $state(false);
  /** Husting has begun anew since. */
  readonly done = $derived(this.#by !== null);
  /** What it was told to begin anew with, until it has. */
  readonly ahead = $derived(this.#by === null ? this.with : null);
  /** What there is to be read of it. */
  readonly line = $derived(this.done && this.with && ("nothing" in this.with || this.#inForce) ? this.with : null);
  /** The same in a sentence: why nothing else can be begun meanwhile. */
  readonly begins = $derived(this.ahead ? begins(this.ahead) : undefined);

  constructor() {
    this.#take(recall());
    // Another page of this browser restores, erases, or reads the line. Without a key all was cleared.
    addEventListener("storage", ({ key }) => {
      if (key !== KEY && key !== null) return;
      const told = recall();
      // Whoever was there first with nothing took the note away; what was left is still to be read here.
      if (told === null && key === KEY && this.with && "nothing" in this.with) return;
      this.#take(told);
    });
  }

  #take(note: Note | null): void {
    // Another page's word of the same one changes nothing of what is known of it.
    if (note?.of !== this.#of || JSON.stringify(note.beginning) !== JSON.stringify(this.with)) this.#inForce = false;
    [this.with, this.#of, this.#by] = [note?.beginning ?? null, note?.of ?? null, note?.by ?? null];
  }

  /** Husting was told to: what runs ends. */
  begin(beginning: Beginning): void {
    this.#take({ beginning, of: this.#start, by: null });
    this.#note();
  }

  #note(): void {
    localStorage.setItem(KEY, JSON.stringify({ ...this.with, of: this.#of, by: this.#by }));
  }

  /** All data is being erased, whoever asked for it: with what this browser noted for itself, which is not in the data folder. */
  erase({ left, not_removed }: Erasing): void {
    const e = m.settings.storage.erase;
    localStorage.clear();
    const stays = [not_removed.length > 0 ? e.notRemoved(not_removed) : "", left.length > 0 ? e.left(left) : ""];
    this.begin({ nothing: true, left: stays.filter(Boolean).join(" ") });
  }

  /** Nobody answers. Says whether what stood here is of a store that is gone. */
  lost(): boolean {
    return this.with !== null && !this.done;
  }

  /** There is a snapshot of this start: of the one that was told to, of the one that began anew, or of one after it. */
  started(start: string): void {
    if (start !== this.#start) this.#inForce = false;
    this.#start = start;
    if (this.with === null || start === this.#of || start === this.#by) return;
    // Of data that is gone there is nothing to do; what a backup brought back goes on waiting until that was read.
    if (this.#by !== null && "nothing" in this.with) return this.forget();
    this.#by = start;
    // Of data that is erased no note is left behind either.
    if ("nothing" in this.with) localStorage.removeItem(KEY);
    else this.#note();
  }

  /** Whether there is a line to be read once `restored` was told what is kept. */
  get isUnsure(): boolean {
    return this.done && this.with !== null && "backup" in this.with && !this.#inForce;
  }

  /**
   * Each restore keeps the store before it among the backups: the first since the start that was told to is this one's,
   * and with a second another backup is in force, of which nothing is known here.
   */
  restored(kept: readonly KeptBackup[]): void {
    if (!this.isUnsure) return;
    const told = Date.parse(this.#of ?? "");
    const since = kept.filter(({ made, path }) => made === "before_restore" && !(replacedAt(path) < told));
    if (since.length > 1) this.forget();
    else this.#inForce = true;
  }

  /** Its line was read. */
  forget(): void {
    this.#take(null);
    localStorage.removeItem(KEY);
  }
}

/** The window's restore, or its erasing. */
export const anew = new Anew();

function begins(beginning: Beginning): string {
  const { backup, erased } = m.frame.anew;
  return "backup" in beginning ? backup.begins(beginning.backup) : erased.begins;
}

/** When a store was set aside, as its file is named: `replaced-2026-11-20T08-04-21.123Z.db`. */
function replacedAt(path: string): number {
  const [, day, hours, minutes, seconds] = /replaced-([\d-]+)T(\d\d)-(\d\d)-([\d.]+Z)\.db$/.exec(path) ?? [];
  return Date.parse(`${day}T${hours}:${minutes}:${seconds}`);
}

function recall(): Note | null {
  try {
    const { of = null, by = null, ...beginning } = JSON.parse(localStorage.getItem(KEY) ?? "null") as Beginning & Partial<Note>;
    return { beginning, of, by };
  } catch {
    // There is none, or whoever wrote that was not this page.
    return null;
  }
}
