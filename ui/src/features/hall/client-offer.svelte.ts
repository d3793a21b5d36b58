import type { Client } from "../../generated/Client";
import type { ClientView } from "../../generated/ClientView";
import type { Console } from "../../state/console.svelte";
import { router } from "../../state/route.svelte";
import { remember } from "../wiring/clients";

const KEY = "husting.client-offer";

/** Somebody wants no client offered. */
class ClientOffers {
  hidden = $state(localStorage.getItem(KEY) === "hidden");

  /** None is offered from here on. */
  hide(): void {
    this.hidden = true;
    localStorage.setItem(KEY, "hidden");
  }
}

/** The window's offers. */
export const clientOffers = new ClientOffers();

/** Most agents whose files are looked at. Whoever has more knows the way. */
const MOST = 50;

/** The client that is worth a word: found here, and no agent of the operator's own is wired to it. @throws {RpcError} */
export async function offered(host: Console): Promise<ClientView | undefined> {
  const own = host.agents.list.filter(({ kind, tenant_id }) => kind === "custom" && tenant_id === "local");
  if (own.length > MOST) return undefined;
  // What can be started from here is worth the most.
  let left = host.clients.found.toSorted((a, b) => Number(b.runs) - Number(a.runs));
  for (const { id } of own) {
    if (left.length === 0) return undefined;
    const { wired } = await host.call("get_agent", { agent_id: id });
    const to = wired.filter(({ state }) => state !== "gone").map(({ client }) => client);
    left = left.filter(({ client }) => !to.includes(client));
  }
  return left[0];
}

/** Opens the sheet that mints, which then begins with that client's file. */
export function toMint(client: Client): void {
  remember(client);
  router.go({ place: "agents", view: "mint" });
}
