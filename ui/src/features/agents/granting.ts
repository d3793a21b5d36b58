import type { AgentView } from "../../generated/AgentView";
import type { Scope } from "../../generated/Scope";
import { m } from "../../messages";
import type { Console } from "../../state/console.svelte";
import { tellRefusal } from "../../state/refused";
import { undoLine } from "../../state/undo.svelte";

/** What the key for a while gives. */
export const HOUR_SECONDS = 3_600;

async function setScope(host: Console, agent: string, scope: Scope, held: boolean, seconds?: number): Promise<void> {
  const limit = seconds === undefined ? {} : { for_seconds: seconds };
  host.agents.take((await host.call("set_scope", { agent_id: agent, scope, held, ...limit })).agent);
}

/** Gives a scope, for a while where it says so, or takes it, told in a line that takes it back. @throws {RpcError} */
export async function switchScope(host: Console, agent: AgentView, scope: Scope, held: boolean, seconds?: number): Promise<void> {
  const had = agent.grants.find((grant) => grant.scope === scope);
  await setScope(host, agent.id, scope, held, seconds);
  const s = m.agents;
  const done = (held ? (seconds === undefined ? s.scopeGiven : s.scopeGivenHour) : s.scopeTaken)(agent.agent_name, scope);
  // What was held for one call can be given back only for longer.
  if (had?.once) undoLine.tell(done);
  else undoLine.show({ done, undo: () => void put() });

  /** What was there before: nothing, or the grant for as long as is left of it. */
  async function put(): Promise<void> {
    const left = had?.ends_at ? Math.floor((Date.parse(had.ends_at) - Date.now()) / 1_000) : undefined;
    const isOver = left !== undefined && left <= 0;
    if (!held && isOver) {
      undoLine.tell(s.scopeOver(agent.agent_name, scope));
      return;
    }
    try {
      const back = had !== undefined && !isOver;
      await setScope(host, agent.id, scope, back, back ? left : undefined);
    } catch (thrown) {
      tellRefusal(s.scopeFailed, thrown);
    }
  }
}
