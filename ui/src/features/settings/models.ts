import type { ModelView } from "../../generated/ModelView";
import type { UnavailableReason } from "../../generated/UnavailableReason";
import { m } from "../../messages";
import type { Console } from "../../state/console.svelte";
import { whyUnread } from "./unread";

/** Models that think; rehearsal seats do not. */
export function realModels(host: Console): ModelView[] {
  return (host.shared?.models.models ?? []).filter((model) => model.kind !== "rehearsal");
}

/** Whether a model of a provider can be seated, or could be until something stopped it. */
export function hasRealSeat(host: Console): boolean {
  return realModels(host).some((model) => model.available || (model.unavailable_reason !== null && AMISS.includes(model.unavailable_reason)) || isShut(host, model));
}

/** Its key is kept, and cannot be read before keys are unlocked. */
function isShut({ shared }: Console, { provider, unavailable_reason: why }: ModelView): boolean {
  if (why !== "no_key" || !shared || whyUnread(shared.secrets) === "gone") return false;
  return shared.providers.providers.some(({ name, key_tail }) => name === provider && key_tail !== null);
}

/** Why a model cannot be called; `null` where nothing is known against it. */
export function reasonOf(host: Console, id: string): UnavailableReason | null {
  return modelOf(host, id)?.unavailable_reason ?? null;
}

const modelOf = (host: Console, id: string) => host.shared?.models.models.find((model) => model.id === id);

/** Reasons by which something stopped that had worked; by the others it was not set up yet, or is not wanted. */
export const AMISS: readonly UnavailableReason[] = ["credit_exhausted", "unreachable"];

/** The same in a word or three; empty where nothing is known against it. */
export function whyNot(host: Console, id: string): string {
  const model = modelOf(host, id);
  if (!model?.unavailable_reason) return "";
  return (isShut(host, model) ? m.convene.unread[whyUnread(host.shared?.secrets)].key : m.convene.why[model.unavailable_reason]).toLowerCase();
}
