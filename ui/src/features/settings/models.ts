import type { ModelView } from "../../generated/ModelView";
import type { UnavailableReason } from "../../generated/UnavailableReason";
import { m } from "../../messages";
import type { Console } from "../../state/console.svelte";
import { isUnanswered, refusesKey } from "./provider-form";
import { whyUnread, type Unread } from "./unread";

/** Models that think; rehearsal seats do not. */
export function realModels(host: Console): ModelView[] {
  return (host.shared?.models.models ?? []).filter((model) => model.kind !== "rehearsal");
}

/** Whether a model of a provider can be seated, or could be until something stopped it. */
export function hasRealSeat(host: Console): boolean {
  return realModels(host).some((model) => model.available || (model.unavailable_reason !== null && AMISS.includes(model.unavailable_reason)) || isShut(keyUnread(host, model)));
}

/** Why the key of a model, which was kept, cannot be read; `null` where that is not what it lacks. */
export function keyUnread(host: Console, model: ModelView): Unread | null {
  const isKept = (providerOf(host, model)?.key_tail ?? null) !== null;
  return isKept && model.unavailable_reason === "no_key" ? whyUnread(host.shared?.secrets) : null;
}

const providerOf = ({ shared }: Console, { provider }: Pick<ModelView, "provider">) => shared?.providers.providers.find(({ name }) => name === provider);

/** It is still there, and can be read once keys are unlocked. */
const isShut = (unread: Unread | null) => unread === "locked" || unread === "absent";

/** The key of its provider was refused when that was tried last: its seats fail until the key is replaced. */
export function isRefused(host: Console, model: Pick<ModelView, "provider">): boolean {
  const provider = providerOf(host, model);
  return provider !== undefined && refusesKey(provider);
}

/** Why a model cannot be called; `null` where nothing is known against it. */
export function reasonOf(host: Console, id: string): UnavailableReason | null {
  return modelOf(host, id)?.unavailable_reason ?? null;
}

const modelOf = (host: Console, id: string) => host.shared?.models.models.find((model) => model.id === id);

/** Reasons by which something stopped that had worked; by the others it was not set up yet, or is not wanted. */
export const AMISS: readonly UnavailableReason[] = ["credit_exhausted", "unreachable"];

/** What is known against a model, each in a word or three: why it cannot be called, and what only a call would tell, that its key is refused or nothing answers there. */
export function troublesOf(host: Console, model: ModelView): string[] {
  const unread = keyUnread(host, model);
  const why = unread ? m.convene.unread[unread].key : model.unavailable_reason && m.convene.why[model.unavailable_reason];
  const isSilent = model.unavailable_reason !== "unreachable" && isUnanswered(providerOf(host, model)?.last_test);
  return [why, isRefused(host, model) && m.convene.keyRefused, isSilent && m.convene.noAnswer].filter((each) => typeof each === "string");
}

/** The same in one run of words, without the reason `told`; empty where nothing is known against it. */
export function whyNot(host: Console, id: string, told?: UnavailableReason): string {
  const model = modelOf(host, id);
  if (!model) return "";
  const untold = model.unavailable_reason === told ? { ...model, unavailable_reason: null } : model;
  return troublesOf(host, untold).join(", ").toLowerCase();
}
