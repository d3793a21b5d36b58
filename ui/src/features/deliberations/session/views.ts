import type { RoundView } from "../../../generated/RoundView";
import type { Keys } from "../../../keys/chord";
import { m } from "../../../messages";
import { SESSION_TABS, type SessionTab } from "../../../state/route.svelte";
import { moveCount } from "./moved/threads";

/** What is particular to a view of a session. */
export interface View {
  keys: Keys;
  /** It shows one round, which is chosen beside the tabs; the others show all of them. */
  byRound: boolean;
  /** The tray stands beside it until somebody closes it. */
  withTray: boolean;
  /** The chosen claim goes to the tray as a whole. */
  takesWhole: boolean;
  /** What is looked for in the session can stand in it; others lead to a view where it does. */
  isSearched: boolean;
}

export const VIEWS: Record<SessionTab, View> = {
  live: { keys: "v l", byRound: true, withTray: false, takesWhole: false, isSearched: true },
  claims: { keys: "v c", byRound: true, withTray: true, takesWhole: true, isSearched: true },
  // Its last column is the tray's content already.
  map: { keys: "v m", byRound: false, withTray: false, takesWhole: true, isSearched: false },
  moved: { keys: "v v", byRound: false, withTray: true, takesWhole: true, isSearched: false },
  answers: { keys: "v a", byRound: true, withTray: true, takesWhole: true, isSearched: true },
  recap: { keys: "v r", byRound: false, withTray: true, takesWhole: false, isSearched: true },
  cost: { keys: "v o", byRound: true, withTray: true, takesWhole: false, isSearched: false },
  transcript: { keys: "v t", byRound: false, withTray: true, takesWhole: false, isSearched: true },
};

/** A view as its tab shows it. */
export interface ViewTab {
  id: SessionTab;
  label: string;
  count?: number;
}

/** The tabs, with how much the views of this round hold. */
export function viewTabs(rounds: RoundView[], round: RoundView | undefined): ViewTab[] {
  const counts: Partial<Record<SessionTab, number>> = {
    claims: round?.claim_map?.claims.length,
    moved: moveCount(rounds) || undefined,
    answers: round?.answers.filter((call) => call.state === "final").length,
    recap: rounds.filter(({ recap }) => recap.recap !== null).length || undefined,
  };
  return SESSION_TABS.map((id) => ({ id, label: m.session.tabs[id], count: counts[id] }));
}
