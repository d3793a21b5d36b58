import { m } from "../../messages";
import type { SETTINGS } from "../../state/route.svelte";

/** A page of the settings; sections of one group are read together. */
export type SectionId = (typeof SETTINGS)[number];
export type GroupId = keyof typeof m.settings.groups;

export interface Section {
  id: SectionId;
  group: GroupId;
  label: string;
  /** The palette finds it by these too. */
  words: string;
}

const s = m.settings;

/** All sections in the order of the list at the left. */
export const SECTIONS: readonly Section[] = [
  { id: "providers", group: "models", label: s.providers.title, words: "api key openai anthropic ollama test keyring sealed file passphrase memory" },
  { id: "models", group: "models", label: s.models.title, words: "price context window enable" },
  { id: "panel", group: "models", label: s.panel.title, words: "bucket seats default" },
  { id: "recap", group: "models", label: m.writers.title, words: "synthesis writer" },
  { id: "spending", group: "limits", label: s.spending.title, words: "monthly limit dollars" },
  { id: "rounds", group: "limits", label: s.rounds.title, words: "rehearsal" },
  { id: "limits", group: "limits", label: m.limits.title, words: "agents bus" },
  { id: "keys", group: "machine", label: m.keys.title, words: "mmo_live mcp rest api token agent revoke" },
  { id: "tenants", group: "machine", label: m.tenants.title, words: "tenant tier free starter growth scale hst_t mint rest" },
  { id: "address", group: "machine", label: s.address.title, words: "port host origin cors url mcp rest openapi bus" },
  { id: "look", group: "machine", label: s.look.title, words: "theme dark light density zoom single keys letters" },
  { id: "desktop", group: "machine", label: m.desktop.title, words: "tray notifications start at login autostart" },
  { id: "storage", group: "machine", label: s.storage.title, words: "bytes disk size retention data folder erase all delete" },
  { id: "backup", group: "machine", label: s.backup.title, words: "restore copy" },
  { id: "doctor", group: "machine", label: s.doctor.title, words: "doctor check problems helper bundle log" },
  { id: "about", group: "husting", label: s.about.title, words: "version licence data folder" },
];
