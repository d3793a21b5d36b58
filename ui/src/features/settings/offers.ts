import type { ProviderOffer } from "../../generated/ProviderOffer";
import type { Console } from "../../state/console.svelte";

/** Connects what was found on the machine, because the operator said so. Resolves to `true`. @throws {RpcError} */
export async function useOffer(host: Console, offer: ProviderOffer): Promise<true> {
  const from = offer.kind === "ollama" ? {} : { key_from_env: offer.found };
  host.share({ providers: await host.call("add_provider", { name: offer.name, kind: offer.kind, add_known_models: true, ...from }) });
  return true;
}
