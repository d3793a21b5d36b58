import type { Console } from "../../state/console.svelte";
import { m } from "../../messages";
import { tellRefusal } from "../../state/refused";
import { router } from "../../state/route.svelte";

/** Pauses all agents, or lets them go on. */
export async function pause(host: Console, paused: boolean): Promise<void> {
  try {
    await host.call("set_pause", { paused });
    host.agents.hold(paused);
  } catch (thrown) {
    tellRefusal(paused ? m.agents.pauseFailed : m.agents.goOnFailed, thrown);
  }
}

/** Activates an agent that Husting runs itself, and shows it. */
export async function activate(host: Console, name: string): Promise<void> {
  try {
    const { agent } = await host.call("activate_agent", { agent_name: name });
    host.agents.take(agent);
    router.go({ place: "agent", id: agent.id, tab: null });
  } catch (thrown) {
    tellRefusal(m.agents.activateFailed(name), thrown);
  }
}
