import type { Console } from "../../state/console.svelte";

/** Holds all agents, or lets them go on. That nothing changed is seen where the state stands. */
export async function pause(host: Console, paused: boolean): Promise<void> {
  try {
    await host.call("set_pause", { paused });
    host.agents.hold(paused);
  } catch {
    // The status bar still says how it stands, and why nothing can be asked.
  }
}
