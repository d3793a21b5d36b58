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

/** All sections in the order of the list at the left. */
export const SECTIONS: readonly Section[] = [
  { id: "providers", group: "models", label: m.settings.providers.title, words: m.settings.alsoCalled.providers },
  { id: "models", group: "models", label: m.settings.models.title, words: m.settings.alsoCalled.models },
  { id: "panel", group: "models", label: m.settings.panel.title, words: m.settings.alsoCalled.panel },
  { id: "recap", group: "models", label: m.writers.title, words: m.settings.alsoCalled.recap },
  { id: "spending", group: "limits", label: m.settings.spending.title, words: m.settings.alsoCalled.spending },
  { id: "rounds", group: "limits", label: m.settings.rounds.title, words: m.settings.alsoCalled.rounds },
  { id: "limits", group: "limits", label: m.limits.title, words: m.settings.alsoCalled.limits },
  { id: "keys", group: "machine", label: m.keys.title, words: m.settings.alsoCalled.keys },
  { id: "tenants", group: "machine", label: m.tenants.title, words: m.settings.alsoCalled.tenants },
  { id: "address", group: "machine", label: m.settings.address.title, words: m.settings.alsoCalled.address },
  { id: "look", group: "machine", label: m.settings.look.title, words: m.settings.alsoCalled.look },
  { id: "desktop", group: "machine", label: m.desktop.title, words: m.settings.alsoCalled.desktop },
  { id: "audit", group: "machine", label: m.audit.log, words: m.settings.alsoCalled.audit },
  { id: "storage", group: "machine", label: m.settings.storage.title, words: m.settings.alsoCalled.storage },
  { id: "backup", group: "machine", label: m.settings.backup.title, words: m.settings.alsoCalled.backup },
  { id: "doctor", group: "machine", label: m.settings.doctor.title, words: m.settings.alsoCalled.doctor },
  { id: "about", group: "husting", label: m.settings.about.title, words: m.settings.alsoCalled.about },
];
