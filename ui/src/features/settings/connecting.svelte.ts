import type { ProviderList } from "../../generated/ProviderList";
import type { ProviderOffer } from "../../generated/ProviderOffer";
import type { ProviderView } from "../../generated/ProviderView";
import type { Console } from "../../state/console.svelte";
import { isFailed, isKeyless, isKeyRefused } from "./provider-form";

/** A provider that was just added. */
export interface Connected {
  provider: ProviderView;
  /** Its well-known models were asked for. */
  asked: boolean;
}

/** Providers that are added from one screen, and what is asked and said once one is. */
export class Connecting {
  /** The sheet that adds one is open. */
  adding = $state(false);
  /** Another key is asked for: the one that was given is not taken. */
  refused = $state(false);
  /** What may be spent in a month is asked. */
  limiting = $state(false);
  /** The newest. */
  connected: Connected | null = $state.raw(null);
  /** The newest's test failed: what may be spent is asked once it answers as it is to. */
  #awaited = false;

  constructor(private readonly host: Console) {}

  /** Connects what was found on the machine, because the operator said so. @throws {RpcError} */
  async use(offer: ProviderOffer): Promise<void> {
    const from = offer.kind === "ollama" ? {} : { key_from_env: offer.found };
    this.take(await this.host.call("add_provider", { name: offer.name, kind: offer.kind, add_known_models: true, ...from }), offer.name, true);
  }

  /** Takes what adding one answered. */
  take(list: ProviderList, name: string, asked: boolean): void {
    this.host.share({ providers: list });
    const provider = list.providers.find((each) => each.name === name);
    this.connected = provider ? { provider, asked } : null;
    this.refused = provider !== undefined && isKeyRefused(provider.last_test);
    this.#awaited = isFailed(provider?.last_test);
    // What answers no question costs nothing yet, and its trouble comes first.
    if (!this.#awaited) this.askLimit();
  }

  /** Heeds what a later test of the newest says, wherever it was asked for. */
  heed({ last_test: test }: ProviderView): void {
    if (!this.#awaited || this.refused || !test?.ok) return;
    this.#awaited = false;
    this.askLimit();
  }

  /** Asks what may be spent in a month, where what was added takes money and nobody has chosen that yet. */
  askLimit(): void {
    const kind = this.connected?.provider.kind;
    this.limiting = kind !== undefined && !isKeyless(kind) && !this.host.shared?.wallet.limit_chosen;
  }

  /** The other key was given, or is not: what else is asked comes now, or once the provider answers. */
  answerRefusal(provider: ProviderView | undefined): void {
    this.refused = false;
    this.#awaited = isFailed(provider?.last_test);
    if (!this.#awaited) this.askLimit();
  }
}
