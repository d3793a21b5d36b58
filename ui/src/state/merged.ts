import { joined, unsent } from "./begun";

/** What a form keeps, parsed: `undefined` stands for what is not there. */
type Kept = unknown;

/** Fields in which forms keep what a person writes. */
const WORDS = ["charter", "comment", "prompt", "question", "text"];
/** Fields by which an item of a list is known, whatever else of it changes: a snippet, a file. */
const KNOWN_BY = ["quote", "quoted_model", "name"];

/**
 * A draft that two consoles changed at once, as one: `base` is what both knew, `mine` what stands here and `theirs` what
 * the other kept. What only one of them changed is taken from there. Where both did, words are put behind each other,
 * lists have what either added without what either took out, and of all else mine stands.
 */
export function merged(base: string, mine: string, theirs: string): string {
  if (mine === base) return theirs;
  if (theirs === base || theirs === mine) return mine;
  const both = mergedValue(valueOf(base), valueOf(mine), valueOf(theirs), false);
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

function mergedValue(base: Kept, mine: Kept, theirs: Kept, isWords: boolean): Kept {
  if (same(mine, base)) return theirs;
  if (same(theirs, base) || same(theirs, mine)) return mine;
  if (isWords) return mergedWords(textOf(base), textOf(mine), textOf(theirs));
  if (isItems(mine) || isItems(theirs)) return mergedList(listOf(base), listOf(mine), listOf(theirs));
  if (isRecord(mine) || isRecord(theirs)) return mergedRecord(recordOf(base), recordOf(mine), recordOf(theirs));
  return mine === undefined ? theirs : mine;
}

function mergedRecord(base: Record<string, Kept>, mine: Record<string, Kept>, theirs: Record<string, Kept>): Record<string, Kept> {
  const names = [...new Set([...Object.keys(mine), ...Object.keys(theirs)])];
  const fields = names.map((name) => [name, mergedValue(base[name], mine[name], theirs[name], WORDS.includes(name))] as const);
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}

function mergedList(base: Kept[], mine: Kept[], theirs: Kept[]): Kept[] {
  const of = (list: Kept[], item: Kept) => list.find((each) => nameOf(each) === nameOf(item));
  const kept = theirs.flatMap((item) => {
    const [before, here] = [of(base, item), of(mine, item)];
    if (here === undefined) return before === undefined ? [item] : [];
    return [mergedValue(before, here, item, false)];
  });
  return [...kept, ...mine.filter((item) => of(base, item) === undefined && of(theirs, item) === undefined)];
}

/** What an item is known by. */
function nameOf(item: Kept): string {
  const fields = recordOf(item);
  const known = KNOWN_BY.filter((name) => name in fields).map((name) => fields[name]);
  return JSON.stringify(known.length > 0 ? known : item);
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

/** A list of things that are put together one by one; a choice of names, such as a panel, is one choice. */
function isItems(value: Kept): boolean {
  return Array.isArray(value) && value.some(isRecord);
}

const recordOf = (value: Kept) => (isRecord(value) ? value : {});
const listOf = (value: Kept): Kept[] => (Array.isArray(value) ? (value as Kept[]) : []);
const textOf = (value: Kept) => (typeof value === "string" ? value : "");
