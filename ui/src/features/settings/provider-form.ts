import type { ProviderView } from "../../generated/ProviderView";
import type { ProviderKind } from "../../generated/ProviderKind";
import type { ProviderPreset } from "../../generated/ProviderPreset";
import type { ProviderTest } from "../../generated/ProviderTest";
import { m } from "../../messages";

/** What is chosen for a server that is no vendor's. */
export const OTHER = "other";

/** The vendors that are known by their name, and any other server. */
export function choices(presets: ProviderPreset[]): { id: string; label: string }[] {
  return [...presets.map(({ name, label }) => ({ id: name, label })), { id: OTHER, label: m.settings.providers.otherServer }];
}

/** What a choice stands for; any other server speaks chat completions and may need no key. */
export function chosen(presets: ProviderPreset[], choice: string): ProviderPreset {
  const other: ProviderPreset = { name: "local", label: "", kind: "openai-compatible", base_url: "", needs_key: false };
  return presets.find((preset) => preset.name === choice) ?? other;
}

/** Where the vendor of that name is; empty for a provider that is named after none. */
export function vendorAddress(presets: ProviderPreset[], provider: { name: string } | null): string {
  return presets.find((preset) => preset.name === provider?.name)?.base_url ?? "";
}

/** Whether a provider of this kind runs on this machine and takes no key. */
export function isKeyless(kind: ProviderKind): boolean {
  return kind === "ollama" || kind === "openai-local";
}

/** The wire's own rule for a provider's name. */
export function nameFault(name: string): boolean {
  return !/^[a-z][a-z0-9-]{0,62}$/.test(name);
}

/** An address is needed where no vendor has one of its own; it must be http or https. */
export function addressFault(address: string, ofVendor: string): boolean {
  if (address.trim() === "") return ofVendor === "";
  try {
    return !["http:", "https:"].includes(new URL(address.trim()).protocol);
  } catch {
    return true;
  }
}

/** The provider was reached and does not take the key. */
export const isKeyRefused = (test: ProviderTest | null | undefined): boolean => test?.status === 401 || test?.status === 403;
/** Whether nothing answered when it was tried last. */
export const isUnanswered = (test: ProviderTest | null | undefined): boolean => test?.ok === false && test.status === null;
/** Whether it was tried last and did not answer as it is to, whatever came. */
export const isFailed = (test: ProviderTest | null | undefined): boolean => test?.ok === false;
/** Its key can be read, and was refused when it was tried last. What was found with a key tells nothing once the key cannot be had. */
export const refusesKey = ({ key_readable, last_test }: Pick<ProviderView, "key_readable" | "last_test">): boolean => key_readable && isKeyRefused(last_test);
