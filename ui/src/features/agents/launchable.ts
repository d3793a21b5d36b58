import type { AgentView } from "../../generated/AgentView";

/** A program of its own can be started for it: Husting runs the managed ones itself, and the bridge runs within it. */
export function mayLaunch({ kind, status }: AgentView): boolean {
  return kind === "custom" && status === "active";
}
