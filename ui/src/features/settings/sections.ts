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
  { id: "providers", group: "models", label: s.providers.title, words: s.alsoCalled.providers },
  { id: "models", group: "models", label: s.models.title, words: s.alsoCalled.models },
  { id: "panel", group: "models", label: s.panel.title, words: s.alsoCalled.panel },
  { id: "recap", group: "models", label: m.writers.title, words: s.alsoCalled.recap },
  { id: "spending", group: "limits", label: s.spending.title, words: s.alsoCalled.spending },
  { id: "rounds", group: "limits", label: s.rounds.title, words: s.alsoCalled.rounds },
  { id: "limits", group: "limits", label: m.limits.title, words: s.alsoCalled.limits },
  { id: "keys", group: "machine", label: m.keys.title, words: s.alsoCalled.keys },
  { id: "tenants", group: "machine", label: m.tenants.title, words: s.alsoCalled.tenants },
  { id: "address", group: "machine", label: s.address.title, words: s.alsoCalled.address },
  { id: "look", group: "machine", label: s.look.title, words: s.alsoCalled.look },
  { id: "desktop", group: "machine", label: m.desktop.title, words: s.alsoCalled.desktop },
  { id: "audit", group: "machine", label: m.audit.log, words: s.alsoCalled.audit },
  { id: "storage", group: "machine", label: s.storage.title, words: s.alsoCalled.storage },
  { id: "backup", group: "machine", label: s.backup.title, words: s.alsoCalled.backup },
  { id: "doctor", group: "machine", label: s.doctor.title, words: s.alsoCalled.doctor },
  { id: "about", group: "husting", label: s.about.title, words: s.alsoCalled.about },
];
