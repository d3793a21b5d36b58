import type { Action } from "../../keys/actions.svelte";
import { m } from "../../messages";

/** An act that one screen has, and that the palette offers on every other too. */
export type ScreenAct = Pick<Action, "id" | "label" | "words" | "grave">;

const s = m.settings;

/** Each by one name for both: the screen that has it adds what it does, the palette where it is done. */
export const screenActs = {
  topUp: { id: "top-up", label: m.wallet.topUp, words: "money refill add" },
  limit: { id: "limit", label: m.wallet.raise, words: "month budget raise" },
  autoRefill: { id: "auto", label: m.wallet.autoSet, words: "plan" },
  exportLedger: { id: "export-ledger", label: m.wallet.exportCsv, words: "ledger save" },
  addProvider: { id: "add-provider", label: s.providers.add, words: "key openai anthropic ollama connect" },
  addModel: { id: "add-model", label: s.models.add, words: "price seat" },
  newKey: { id: "new-key", label: m.keys.make, words: "deliberation mmo_live mcp rest token agent" },
  newTenant: { id: "new-tenant", label: m.tenants.make, words: "tenant tier hst_t mint rest" },
  doctor: { id: "look", label: s.doctor.act, words: "doctor check problems" },
  bundle: { id: "bundle", label: s.doctor.bundle, words: "diagnostics support helper log" },
  eraseAll: { id: "erase-all", label: s.storage.erase.open, words: "delete reset", grave: true },
} as const satisfies Record<string, ScreenAct>;
