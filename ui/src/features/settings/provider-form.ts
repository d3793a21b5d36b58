import type { ProviderKind } from "../../generated/ProviderKind";
import { m } from "../../messages";

/** The wires a provider can speak, in the order they are offered. */
export const KINDS: { id: ProviderKind; label: string }[] = (["openai", "anthropic", "openai-compatible", "ollama"] as const).map((id) => ({
  id,
  label: m.settings.providers.kinds[id],
}));

/** Where each vendor is called when no address is given; shown, not sent. */
export const DEFAULT_ADDRESS: Partial<Record<ProviderKind, string>> = {
  openai: "https://api.openai.com/v1",
  anthropic: "https://api.anthropic.com",
  ollama: "http://127.0.0.1:11434/v1",
};

/** The wire's own rule for a provider's name. */
export function nameFault(name: string): boolean {
  return !/^[a-z][a-z0-9-]{0,62}$/.test(name);
}

/** An address is needed where no vendor has one of its own; it must be http or https. */
export function addressFault(address: string, kind: ProviderKind): boolean {
  if (address.trim() === "") return kind === "openai-compatible";
  try {
    return !["http:", "https:"].includes(new URL(address.trim()).protocol);
  } catch {
    return true;
  }
}
