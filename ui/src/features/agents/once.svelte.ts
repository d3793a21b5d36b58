import type { DenialView } from "../../generated/DenialView";
import type { Agents } from "../../state/agents.svelte";
import { undoLine } from "../../state/undo.svelte";

/**
 * Tells that an agent may use a scope for one call, no longer than that holds: the call may be made before the line has
 * been read. The row that was answered has gone by then.
 */
export function tellOnce(agents: Agents, { agent_id, scope }: DenialView, sentence: string): void {
  undoLine.tell(sentence);
  let given = false;
  const stop = $effect.root(() => {
    $effect(() => {
      const holds = agents.byId.get(agent_id)?.grants.some((grant) => grant.scope === scope && grant.once) ?? false;
      const stands = undoLine.told === sentence;
      if (given && !holds && stands) undoLine.hush();
      given ||= holds;
      // An effect cannot end itself while it runs.
      if (!stands || (given && !holds)) queueMicrotask(() => stop());
    });
  });
}
