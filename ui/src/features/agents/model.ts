import type { AgentView } from "../../generated/AgentView";
import { m } from "../../messages";
import type { Console } from "../../state/console.svelte";

/** What an agent runs on, as it is called everywhere: of one that Husting runs its seat's name, else what was written; of Husting's bridge, which has no model, what it is. */
export function modelOf({ shared }: Console, { model, kind }: AgentView): string {
  if (model === null) return kind === "connector" ? m.agents.bridge : m.agents.noModel;
  const seat = kind === "managed" ? shared?.models.models.find(({ id }) => id === model) : undefined;
  return seat?.display_name ?? model;
}
