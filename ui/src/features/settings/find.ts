import { marksBeside, match, matchBeside, type Match } from "../../keys/match";
import { m } from "../../messages";
import type { Platform } from "../../platform";
import { rowsIn, type Row } from "./rows";
import { SECTIONS, type SectionId } from "./sections";

/** A section or a row of one that has what was typed. */
export interface Found {
  /** Unique among them. */
  id: string;
  section: SectionId;
  /** The row's label; `null` for the section itself. */
  row: string | null;
  label: string;
  /** What it stands in. */
  of: string;
  meaning?: string;
  name?: string;
  /** What is underlined, in the label, in the name and in the meaning. */
  ranges: Match["ranges"];
  nameRanges: Match["ranges"];
  meaningRanges: Match["ranges"];
}

type Sought = Omit<Found, "ranges" | "nameRanges" | "meaningRanges"> & { words?: string; called?: string };

const LABELS = Object.fromEntries(SECTIONS.map(({ id, label }) => [id, label]));
/** What is found by its name comes after labels, in the order in which it stands. */
const BY_NAME = -5;

/** Everything in the settings that has these words in its label, its name or its meaning, the best first. */
export function findSettings(typed: string, kind: Platform["kind"]): Found[] {
  if (typed.trim() === "") return [];
  const sought = [...SECTIONS.map(ofSection), ...rowsIn(kind).map(ofRow)];
  const found = sought.flatMap((each) => scored(each, typed));
  return found.sort((a, b) => b.score - a.score).map(({ found }) => found);
}

function ofSection({ id, group, label, words }: (typeof SECTIONS)[number]): Sought {
  return { id, section: id, row: null, label, of: m.settings.groups[group], words };
}

function ofRow({ section, label, meaning, name, words }: Row): Sought {
  return { id: `${section}/${label}`, section, row: label, label, of: LABELS[section] ?? "", meaning, name, called: words };
}

function scored({ words = "", called, ...each }: Sought, typed: string): { found: Found; score: number }[] {
  const name = each.name ?? "";
  const byName = match(name, typed);
  const nameRanges = name && byName ? byName.ranges : [];
  const meaningRanges = marksBeside(each.meaning ?? "", typed);
  const beside = [each.of, nameWords(name), each.meaning, words].join(" ");
  const byLabel = match(each.label, typed) ?? (nameRanges.length > 0 ? null : matchBeside(each.label, beside, typed, called));
  if (byLabel) return [{ found: { ...each, ranges: byLabel.ranges, nameRanges, meaningRanges }, score: byLabel.score }];
  return byName && nameRanges.length > 0 ? [{ found: { ...each, ranges: [], nameRanges, meaningRanges }, score: BY_NAME }] : [];
}

/** A name as `config.toml` has it, and its words, which are meant as well. */
export function nameWords(name: string): string {
  return `${name}, ${name.replace(/[._]/g, " ")}`;
}
