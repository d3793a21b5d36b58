import type { SessionSummary } from "../../generated/SessionSummary";
import type { Action } from "../../keys/actions.svelte";
import type { Keys } from "../../keys/chord";
import { titleWords } from "../../markdown/fragment";
import { m } from "../../messages";
import type { Console } from "../../state/console.svelte";
import { router } from "../../state/route.svelte";
import { undoLine } from "../../state/undo.svelte";

/** The screen on which the acts are done. */
interface Screen {
  /** Does it, and tells what it means that it failed; `false` then. */
  attempt: (failed: string, act: () => Promise<void>) => Promise<boolean>;
  /** It was put away or taken back. */
  took: (session: SessionSummary) => void;
  deleted: (session: SessionSummary) => void;
}

/** One of them, for a menu and for the palette. */
export interface SessionAct {
  id: "again" | "rename" | "archive" | "delete";
  label: string;
  /** It cannot be taken back. */
  grave?: boolean;
  run: () => void;
}

/** The same of a screen that shows it or is on its row, where the palette finds it by its verb. */
export function ofScreen(act: SessionAct, title: string, keys?: Keys[]): Action {
  return { ...act, id: `session-${act.id}`, scope: "list", asks: true, detail: titleWords(title), words: m.frame.alsoCalled.session[act.id], keys };
}

/** What can be done with a deliberation as a whole, from its row in the list and from its own screen. */
export class SessionActs {
  /** Its sheet is open. */
  renaming: SessionSummary | null = $state.raw(null);
  deleting: SessionSummary | null = $state.raw(null);

  constructor(
    private readonly host: Console,
    private readonly screen: Screen,
  ) {}

  /** The acts there are for it, in the order of a menu. */
  of(session: SessionSummary): SessionAct[] {
    const d = m.deliberations;
    return [
      // A panel of rehearsal seats stands in while fewer than two real ones can be called.
      ...(session.rehearsal ? [{ id: "again" as const, label: d.again(this.host.shared?.panel.rehearsal === false), run: () => router.go({ place: "new", again: session.session_id }) }] : []),
      { id: "rename", label: d.rename, run: () => (this.renaming = session) },
      { id: "archive", label: session.archived ? d.unarchive : d.archive, run: () => void this.archive(session) },
      { id: "delete", label: d.remove, grave: true, run: () => (this.deleting = session) },
    ];
  }

  /** Puts it away, or takes it back from there. */
  async archive(session: SessionSummary): Promise<void> {
    this.deleting = null;
    const d = m.deliberations;
    const put = !session.archived;
    if (!(await this.#put(session, put))) return;
    undoLine.show({ done: (put ? d.archivedDone : d.unarchivedDone)(titleWords(session.title)), undo: () => this.#mark(session, !put) });
  }

  deleted(session: SessionSummary): void {
    this.deleting = null;
    const opened = router.current;
    this.screen.deleted(session);
    // Whoever had it open is led to the list, and told there.
    undoLine.tell(m.deliberations.deletedDone(titleWords(session.title)), { goesAlong: router.current !== opened });
  }

  #put(session: SessionSummary, archived: boolean): Promise<boolean> {
    const failed = archived ? m.deliberations.notArchived : m.deliberations.notUnarchived;
    return this.screen.attempt(failed, () => this.#mark(session, archived));
  }

  async #mark({ session_id }: SessionSummary, archived: boolean): Promise<void> {
    this.screen.took(await this.host.call("edit_session", { session_id, archived }));
  }
}
