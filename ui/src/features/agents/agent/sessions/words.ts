import { count } from "../../../../format/numbers";
import type { RunView } from "../../../../generated/RunView";
import { m } from "../../../../messages";

/** How a run stands, in a word or two. */
export function stateOf(run: RunView): string {
  const s = m.runs.state;
  if (run.ended_at !== null) return exitOf(run);
  if (run.booted_at) return s.runs;
  return run.hindrance ? s.silent : s.boots;
}

/** How a run ended, in words. */
export function exitOf({ exit, stopped }: Pick<RunView, "exit" | "stopped">): string {
  const s = m.runs.exit;
  if (stopped) return s.stopped;
  if (exit?.kind === "code") return exit.code === 0 ? s.done : s.code(count(exit.code));
  if (exit?.kind === "signal") return s.signal(exit.signal, NAMES[exit.signal]);
  return exit?.kind === "not_started" ? s.notStarted : s.unseen;
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

/** The signals that end programs, by their numbers. */
const NAMES: Record<number, string | undefined> = { 1: "HUP", 2: "INT", 3: "QUIT", 6: "ABRT", 9: "KILL", 11: "SEGV", 13: "PIPE", 15: "TERM" };
