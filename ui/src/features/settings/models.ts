import type { ModelView } from "../../generated/ModelView";
import { m } from "../../messages";
import type { Console } from "../../state/console.svelte";

/** Models that think; rehearsal seats do not. */
export function realModels(host: Console): ModelView[] {
  return (host.shared?.models.models ?? []).filter((model) => model.kind !== "rehearsal");
}

/** Why a model cannot be called, in a word or three; empty where nothing is known against it. */
export function whyNot(host: Console, id: string): string {
  const reason = host.shared?.models.models.find((model) => model.id === id)?.unavailable_reason;
  return reason ? m.convene.why[reason].toLowerCase() : "";
}
