import type { Action } from "../../keys/actions.svelte";
import { m } from "../../messages";

/** An act that one screen has, and that the palette offers on every other too. */
export type ScreenAct = Pick<Action, "id" | "label" | "words" | "grave">;

const by = m.frame.alsoCalled;

/** Each by one name for both: the screen that has it adds what it does, the palette where it is done. */
export const screenActs = {
  topUp: { id: "top-up", label: m.wallet.topUp, words: by.topUp },
  takeBack: { id: "take-back", label: m.wallet.takeBack, words: by.takeBack },
  limit: { id: "limit", label: m.wallet.raise, words: by.limit },
  autoRefill: { id: "auto", label: m.wallet.autoSet, words: by.autoRefill },
  exportLedger: { id: "export-ledger", label: m.wallet.exportCsv, words: by.exportLedger },
  addProvider: { id: "add-provider", label: m.settings.providers.add, words: by.addProvider },
  addModel: { id: "add-model", label: m.settings.models.add, words: by.addModel },
  newKey: { id: "new-key", label: m.keys.make, words: by.newKey },
  newTenant: { id: "new-tenant", label: m.tenants.make, words: by.newTenant },
  doctor: { id: "look", label: m.settings.doctor.act, words: by.doctor },
  bundle: { id: "bundle", label: m.settings.doctor.bundle, words: by.bundle },
  eraseAll: { id: "erase-all", label: m.settings.storage.erase.open, words: by.eraseAll, grave: true },
} as const satisfies Record<string, ScreenAct>;
