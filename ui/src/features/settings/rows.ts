import type { EditSettings } from "../../generated/EditSettings";
import { m } from "../../messages";
import type { Platform } from "../../platform";
import type { SectionId } from "./sections";

/** What stands in a section and can be looked for. */
export interface Row {
  section: SectionId;
  /** As it is called in its section, where it is found again by it. */
  label: string;
  meaning?: string;
  /** What `config.toml` and `husting config` call it. */
  name?: string;
  /** Other names that it is found by, with commas between. */
  words?: string;
  /** The other one lacks it. */
  only?: "desktop" | "browser";
}

const address = m.settings.address;
const about = m.settings.about;
const backup = m.settings.backup;
const find = m.settings.find;
const look = m.settings.look;
const rounds = m.settings.rounds;
const secrets = m.settings.secrets;
const spending = m.settings.spending;
const storage = m.settings.storage;
const desktop = m.desktop;
const limits = m.limits;
const writers = m.writers;
const { notices } = desktop;

/** Each setting that is changed here, by its name on the wire. */
export const ROWS = {
  theme: { section: "look", label: look.theme, meaning: look.themeMeaning, name: "theme" },
  density: { section: "look", label: look.density, meaning: look.densityMeaning, name: "density" },
  zoom: { section: "look", label: look.zoom, meaning: look.zoomMeaning, name: "zoom", only: "desktop" },
  single_keys: { section: "look", label: look.single, meaning: look.singleMeaning, name: "single_keys" },
  panel_max_seats: { section: "rounds", label: rounds.seats, meaning: rounds.seatsMeaning, name: "panel.max_seats" },
  panel_max_output_tokens: { section: "rounds", label: rounds.tokens, meaning: rounds.tokensMeaning, name: "panel.max_output_tokens" },
  panel_deadline_seconds: { section: "rounds", label: rounds.deadline, meaning: rounds.deadlineMeaning, name: "panel.deadline_seconds" },
  rehearsal_tokens_per_second: { section: "rounds", label: rounds.pace, meaning: rounds.paceMeaning, name: "rehearsal.tokens_per_second" },
  retention_message_days: { section: "storage", label: storage.ended, meaning: storage.endedMeaning, name: "retention.message_days" },
  retention_partial_days: { section: "storage", label: storage.partial, meaning: storage.partialMeaning, name: "retention.partial_days" },
  retention_recorder_days: { section: "storage", label: storage.recorder, meaning: storage.recorderMeaning, name: "retention.recorder_days" },
  recap_model: { section: "recap", label: writers.who, meaning: writers.aside, name: "recap.model" },
  limits_rounds_per_day: { section: "limits", label: limits.rounds, meaning: limits.roundsMeaning, name: "limits.rounds_per_day" },
  limits_calls_per_minute: { section: "limits", label: limits.calls, meaning: limits.callsMeaning, name: "limits.calls_per_minute" },
  limits_burst: { section: "limits", label: limits.burst, meaning: limits.burstMeaning, name: "limits.burst" },
  limits_open_waits: { section: "limits", label: limits.waits, meaning: limits.waitsMeaning, name: "limits.open_waits" },
  bus_lease_seconds: { section: "limits", label: limits.lease, meaning: limits.leaseMeaning, name: "bus.lease_seconds" },
  agents_turns_per_day: { section: "limits", label: limits.turns, meaning: limits.turnsMeaning, name: "agents.turns_per_day" },
  agents_cents_per_day: { section: "limits", label: limits.cents, meaning: limits.centsMeaning, name: "agents.cents_per_day" },
  notify_rounds: { section: "desktop", label: notices.notify_rounds.name, meaning: notices.notify_rounds.meaning, name: "notify.rounds" },
  notify_needs_you: { section: "desktop", label: notices.notify_needs_you.name, meaning: notices.notify_needs_you.meaning, name: "notify.needs_you" },
  notify_parked: { section: "desktop", label: notices.notify_parked.name, meaning: notices.notify_parked.meaning, name: "notify.parked" },
  window_close: { section: "desktop", label: desktop.close, meaning: desktop.closeMeaning, name: "window.close" },
} as const satisfies Record<keyof EditSettings, Row>;

/** What stands beside them: acts, and what is only told. */
const BESIDE: readonly Row[] = [
  { section: "spending", label: spending.limit, meaning: spending.limitMeaning },
  { section: "address", label: address.address },
  { section: "address", label: address.bus },
  { section: "address", label: address.deliberations },
  { section: "address", label: address.rest },
  { section: "address", label: address.origins },
  { section: "address", label: address.another, meaning: address.anotherIs.replaceAll("`", ""), name: "listen" },
  { section: "address", label: m.frame.act.logOut, meaning: address.logOutMeaning, words: m.frame.alsoCalled.logOut, only: "browser" },
  { section: "desktop", label: desktop.tray, only: "desktop" },
  { section: "desktop", label: desktop.login, meaning: desktop.loginMeaning, only: "desktop" },
  { section: "storage", label: storage.erase.title },
  { section: "backup", label: backup.act, meaning: backup.aside },
  { section: "backup", label: backup.restore.title },
  { section: "about", label: about.version },
  { section: "about", label: about.home },
  { section: "about", label: about.licence },
  { section: "about", label: about.others },
  { section: "about", label: about.prices },
  { section: "about", label: about.fonts },
  { section: "about", label: about.telemetry },
];

/** Read when Husting starts; the section that it bears on has no row for it. */
const AT_START: readonly Row[] = [
  { section: "providers", label: secrets.where, meaning: find.secretsMeaning, name: "secrets" },
  { section: "providers", label: find.keyFile, meaning: find.keyFileMeaning, name: "secrets_key_file" },
];

/** All of them, in the order of their sections. */
export const ALL_ROWS: readonly Row[] = [...AT_START, ...Object.values(ROWS), ...BESIDE];

/** Those that stand in the settings of a window, or in those of a browser. */
export function rowsIn(kind: Platform["kind"]): Row[] {
  return ALL_ROWS.filter(({ only = kind }) => only === kind);
}

/** What 0 does where it is no number like the others, and nothing is counted beside it: else its row says that below its name. */
const ZEROS: Partial<Record<keyof EditSettings, string>> = {
  limits_rounds_per_day: limits.roundsZero,
  agents_turns_per_day: limits.turnsZero,
  agents_cents_per_day: limits.centsZero,
};

/** What is counted, where the name does not say it. */
const UNITS: Partial<Record<keyof EditSettings, (n: number) => string>> = {
  panel_max_output_tokens: rounds.tokensUnit,
  panel_deadline_seconds: rounds.deadlineUnit,
  rehearsal_tokens_per_second: rounds.paceUnit,
  retention_message_days: storage.keptUnit,
  retention_partial_days: storage.keptUnit,
  retention_recorder_days: storage.keptUnit,
  bus_lease_seconds: limits.leaseUnit,
};

/** What a whole number among the settings is called and means, in what it is counted and what its 0 does, for its row. */
export function figure<Id extends keyof typeof ROWS>(id: Id): { id: Id; name: string; meaning: string; unit?: (n: number) => string; zero?: string } {
  const { label, meaning } = ROWS[id];
  return { id, name: label, meaning, unit: UNITS[id], zero: ZEROS[id] };
}
