import type { RunView } from "../generated/RunView";

/** Of two views of one run the one that is further: an answer can be overtaken by an event that is newer than it. */
export function further(known: RunView | undefined, next: RunView): RunView {
  return known && passed(known) > passed(next) ? known : next;
}

/** How far a run has come: begun, at work, ended. */
function passed({ booted_at, ended_at }: RunView): number {
  if (ended_at !== null) return 2;
  return booted_at === null ? 0 : 1;
}
