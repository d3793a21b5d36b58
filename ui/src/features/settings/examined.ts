import { vendorName } from "../../format/vendors";
import { m } from "../../messages";
import type { Route } from "../../state/route.svelte";
import { type SectionId, SECTIONS } from "./sections";

/** What was looked at, by the console's own name for it. */
export interface Examined {
  name: string;
  /** The screen where it is mended, and how that is called; none where it is mended outside Husting. */
  at?: { to: Route; label: string };
}

const s = m.settings.doctor;
const PROVIDER = "provider ";

const KNOWN: Record<string, Examined> = {
  home: { name: s.subjects.home },
  store: { name: s.subjects.store, at: section("storage") },
  wallet: { name: s.subjects.wallet, at: { to: { place: "wallet" }, label: m.frame.wallet } },
  keys: { name: s.subjects.keys, at: section("providers") },
  providers: { name: s.subjects.providers, at: section("providers") },
  models: { name: s.subjects.models, at: section("models") },
  discord: { name: s.subjects.discord, at: { to: { place: "discord", view: "work", life: null }, label: m.frame.discord } },
  "audit log": { name: s.subjects.auditLog, at: section("audit") },
};

/** One that is not known here stays as it was told. */
export function examined(subject: string): Examined {
  if (subject.startsWith(PROVIDER)) return { name: s.provider(vendorName(subject.slice(PROVIDER.length))), at: section("providers") };
  return KNOWN[subject] ?? { name: subject };
}

function section(id: SectionId): Examined["at"] {
  return { to: { place: "settings", section: id }, label: SECTIONS.find((each) => each.id === id)?.label ?? id };
}
