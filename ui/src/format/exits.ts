import type { RunView } from "../generated/RunView";
import { m } from "../messages";
import { count } from "./numbers";

/** The signals that end programs, by their numbers. */
const NAMES: Record<number, string | undefined> = { 1: "HUP", 2: "INT", 3: "QUIT", 6: "ABRT", 9: "KILL", 11: "SEGV", 13: "PIPE", 15: "TERM" };

/** How a run ended, in words. */
export function exitOf({ exit, stopped }: Pick<RunView, "exit" | "stopped">): string {
  const s = m.runs.exit;
  if (stopped) return s.stopped;
  if (exit?.kind === "code") return exit.code === 0 ? s.done : s.code(count(exit.code));
  if (exit?.kind === "signal") return s.signal(exit.signal, NAMES[exit.signal]);
  return exit?.kind === "not_started" ? s.notStarted : s.unseen;
}
