import { exitOf } from "../../../../format/exits";
import type { RunView } from "../../../../generated/RunView";
import { m } from "../../../../messages";

/** How a run stands, in a word or two. */
export function stateOf(run: RunView): string {
  const s = m.runs.state;
  if (run.ended_at !== null) return exitOf(run);
  if (run.booted_at) return s.runs;
  return run.hindrance ? s.silent : s.boots;
}

/** How it ended: as it should or not, by somebody's hand, or while nobody looked. */
export type End = "well" | "badly" | "stopped" | "unseen";

/** Its end; `null` while it goes on. */
export function endOf({ exit, stopped, ended_at }: Pick<RunView, "exit" | "stopped" | "ended_at">): End | null {
  if (ended_at === null) return null;
  if (stopped) return "stopped";
  if (!exit || exit.kind === "unseen") return "unseen";
  return exit.kind === "code" && exit.code === 0 ? "well" : "badly";
}
