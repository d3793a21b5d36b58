import type { Console } from "../../state/console.svelte";
import { router } from "../../state/route.svelte";

/** Holds all agents, or lets them go on. That nothing changed is seen where the state stands. */
export async function pause(host: Console, paused: boolean): Promise<void> {
  try {
    await host.call("set_pause", { paused });
    host.agents.hold(paused);
  } catch {
    // The status bar still says how it stands, and why nothing can be asked.
  }
}

/** Agents that Husting runs itself, once they are activated (spec 3.3). */
export const MANAGED = ["kasra", "athena", "calliope"];

/** Activates an agent that Husting runs itself, and shows it; where it cannot be, the list says who is there. */
export async function activate(host: Console, name: string): Promise<void> {
  try {
    const { agent } = await host.call("activate_agent", { agent_name: name });
    host.agents.take(agent);
    router.go({ place: "agent", id: agent.id, tab: null });
  } catch {
    router.go({ place: "agents", view: "list" });
  }
}
