import { joined, unsent } from "./drafts";

/** What a form keeps, parsed: nothing stands for a draft that is not there. */
type Kept = unknown;

/**
 * A draft that two consoles changed at once, as one: `base` is what both knew, `mine` what stands here and `theirs` what
 * the other kept. What only one of them changed is taken from there. Where both did, fields named in `words` are put
 * behind each other, lists have what either added without what either took out, and of all else mine stands.
 */
export function merged(base: string, mine: string, theirs: string, words: readonly string[] = []): string {
  if (mine === base) return theirs;
  if (theirs === base || theirs === mine) return mine;
  const both = mergedValue(valueOf(base), valueOf(mine), valueOf(theirs), false, words);
  return both === undefined ? "" : JSON.stringify(both);
}

/** Words that two consoles changed at once. What the other sent or took out is taken out of mine. */
export function mergedWords(base: string, mine: string, theirs: string): string {
  if (mine === base) return theirs;
  if (theirs === base) return mine;
  if (mine === "") return unsent(theirs, base);
  if (theirs.startsWith(mine)) return theirs;
  if (theirs !== "" && mine.startsWith(theirs)) return mine;
  return joined(theirs, unsent(mine, base));
}

function mergedValue(base: Kept, mine: Kept, theirs: Kept, isWords: boolean, words: readonly string[]): Kept {
  if (same(mine, base)) return theirs;
  if (same(theirs, base) || same(theirs, mine)) return mine;
  if (isWords) return mergedWords(textOf(base), textOf(mine), textOf(theirs));
  if (Array.isArray(mine) && Array.isArray(theirs)) return mergedList(Array.isArray(base) ? base : [], mine, theirs);
  if (isRecord(mine) || isRecord(theirs)) return mergedRecord(recordOf(base), recordOf(mine), recordOf(theirs), words);
  return mine === undefined ? theirs : mine;
}

function mergedRecord(base: Record<string, Kept>, mine: Record<string, Kept>, theirs: Record<string, Kept>, words: readonly string[]): Record<string, Kept> {
  const names = [...new Set([...Object.keys(mine), ...Object.keys(theirs)])];
  const fields = names.map((name) => [name, mergedValue(base[name], mine[name], theirs[name], words.includes(name), words)] as const);
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}

function mergedList(base: Kept[], mine: Kept[], theirs: Kept[]): Kept[] {
  const has = (list: Kept[], item: Kept) => list.some((each) => same(each, item));
  const added = mine.filter((item) => !has(base, item) && !has(theirs, item));
  return [...theirs.filter((item) => has(mine, item) || !has(base, item)), ...added];
}

function valueOf(body: string): Kept {
  return body === "" ? undefined : (JSON.parse(body) as Kept);
}

function same(one: Kept, other: Kept): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function isRecord(value: Kept): value is Record<string, Kept> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const recordOf = (value: Kept) => (isRecord(value) ? value : {});
const textOf = (value: Kept) => (typeof value === "string" ? value : "");
