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
export function keyUnread({ shared }: Console, { provider, unavailable_reason }: ModelView): Unread | null {
  const isKept = shared?.providers.providers.some(({ name, key_tail }) => name === provider && key_tail !== null);
  return shared && isKept && unavailable_reason === "no_key" ? whyUnread(shared.secrets) : null;
}

/** It is still there, and can be read once keys are unlocked. */
const isShut = (unread: Unread | null) => unread === "locked" || unread === "absent";

/** The key of its provider was refused when that was tried last: its seats fail until the key is replaced. */
export function isRefused({ shared }: Console, { provider }: Pick<ModelView, "provider">): boolean {
  return (shared?.providers.providers ?? []).some((each) => each.name === provider && refusesKey(each));
}

/** Why a model cannot be called; `null` where nothing is known against it. */
export function reasonOf(host: Console, id: string): UnavailableReason | null {
  return modelOf(host, id)?.unavailable_reason ?? null;
}

const modelOf = (host: Console, id: string) => host.shared?.models.models.find((model) => model.id === id);

/** Reasons by which something stopped that had worked; by the others it was not set up yet, or is not wanted. */
export const AMISS: readonly UnavailableReason[] = ["credit_exhausted", "unreachable"];

/** Nothing answered where its provider is, when that was tried last. */
function wasSilent({ shared }: Console, { provider }: Pick<ModelView, "provider">): boolean {
  return (shared?.providers.providers ?? []).some((each) => each.name === provider && isUnanswered(each.last_test));
}

/** What is known against a model, each in a word or three: why it cannot be called, and what only a call would tell, that its key is refused or nothing answers there. */
export function troublesOf(host: Console, model: ModelView): string[] {
  const unread = keyUnread(host, model);
  const why = unread ? m.convene.unread[unread].key : model.unavailable_reason && m.convene.why[model.unavailable_reason];
  const isSilent = model.unavailable_reason !== "unreachable" && wasSilent(host, model);
  return [why, isRefused(host, model) && m.convene.keyRefused, isSilent && m.convene.noAnswer].filter((each) => typeof each === "string");
}

/** The same in one run of words, without the reason `told`; empty where nothing is known against it. */
export function whyNot(host: Console, id: string, told?: UnavailableReason): string {
  const model = modelOf(host, id);
  if (!model) return "";
  const untold = model.unavailable_reason === told ? { ...model, unavailable_reason: null } : model;
  return troublesOf(host, untold).join(", ").toLowerCase();
}
