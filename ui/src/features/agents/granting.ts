import type { Scope } from "../../generated/Scope";
import type { Console } from "../../state/console.svelte";

/** What the key for a while gives. */
export const HOUR_SECONDS = 3_600;

/** Gives a scope, for a while where it says so, or takes it. @throws {RpcError} */
export async function setScope(host: Console, agent: string, scope: Scope, held: boolean, seconds?: number): Promise<void> {
  const limit = seconds === undefined ? {} : { for_seconds: seconds };
  host.agents.take((await host.call("set_scope", { agent_id: agent, scope, held, ...limit })).agent);
}
