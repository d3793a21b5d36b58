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

/** The client that is worth a word: found here, while no agent of the operator's own has a token. */
export function offered({ agents, clients }: Console): ClientView | undefined {
  if (agents.list.some(({ kind, tenant_id }) => kind === "custom" && tenant_id === "local")) return undefined;
  return clients.found.find(({ runs }) => runs) ?? clients.found[0];
}

/** Opens the sheet that mints, which then begins with that client's file. */
export function toMint(client: Client): void {
  remember(client);
  router.go({ place: "agents", view: "mint" });
}
