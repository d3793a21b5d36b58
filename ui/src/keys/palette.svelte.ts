import type { Component } from "svelte";
import { SvelteMap } from "svelte/reactivity";
import { actions, type Action } from "./actions.svelte";
import type { Keys } from "./chord";
import { controlsOn } from "./controls";
import { marksIn, match, matchBeside, matchSome, phraseOf, wordsBeyond } from "./match";
import { screenBox } from "../state/screen";

/** The kinds of result, each with the sign that asks for only that kind. */
export type ResultKind = "do" | "agents" | "deliberations" | "messages" | "places" | "here";
export const KINDS: readonly { id: ResultKind; sign: string }[] = [
  { id: "do", sign: ">" },
  { id: "agents", sign: "@" },
  { id: "deliberations", sign: '"' },
  { id: "places", sign: "/" },
  { id: "messages", sign: "#" },
  // Last: a name that was typed to go somewhere must not press a button.
  { id: "here", sign: "." },
];

/** One line of the palette. */
export interface Result {
  id: string;
  kind: ResultKind;
  label: string;
  /** The label is a person's own words. */
  said?: boolean;
  detail?: string;
  /** What the detail is about, in a person's own words, behind it: cut at its own end, whichever script it is in. */
  of?: string;
  /** At the right: a figure. */
  aside?: string;
  /** The key that does the same without the palette. */
  keys?: Keys;
  icon?: Component<{ size?: number; strokeWidth?: number }>;
  /** It cannot be taken back. */
  grave?: boolean;
  /** It pays for calls. */
  pays?: boolean;
  /** It is of one of many rows. */
  sought?: boolean;
  /** It is of what this screen is about as a whole. */
  own?: boolean;
  /** Found by these names too, which stand with commas between. */
  words?: string;
  /** What the view of this screen is called that it shows. */
  view?: string;
  run: () => void;
}

/** A result that was found, with what to underline. */
export interface Found extends Result {
  ranges: [number, number][];
  /** Words that are not shown and that it was found by. */
  by?: string[];
  /** It has only some of the words, where no act and no place has all of them. */
  near?: boolean;
  score: number;
}

/** Gives results, of which those that fit what was typed are shown. */
type Source = (typed: string) => Result[];

const sources = new SvelteMap<symbol, Source>();

/** Adds results for as long as the calling component lives. */
export function usePaletteSource(read: Source): void {
  $effect(() => {
    const id = Symbol("source");
    sources.set(id, read);
    return () => sources.delete(id);
  });
}

/** What was found where the page does not hold it. */
export interface LookedUp {
  results: Result[];
  /** Kinds of which there is more than was given. */
  cut: ResultKind[];
}

/** Looks for words where the page does not hold them; whatever it gives has them. */
export type Search = (words: string) => Promise<LookedUp>;

const searches = new SvelteMap<symbol, Search>();

/** Adds a search for as long as the calling component lives. */
export function usePaletteSearch(look: Search): void {
  $effect(() => {
    const id = Symbol("search");
    searches.set(id, look);
    return () => searches.delete(id);
  });
}

/** Asks all searches. */
export async function lookUp(words: string): Promise<LookedUp> {
  return joined(await Promise.all([...searches.values()].map((look) => look(words))));
}

/** What several searches found, as one. */
export function joined(found: LookedUp[]): LookedUp {
  return { results: found.flatMap(({ results }) => results), cut: found.flatMap(({ cut }) => cut) };
}

/** Everything that fits what was typed, and what was looked up for it: best first inside each kind. Kinds have their fixed order, but for a name that was typed: its page comes before what could be done to it. */
export function find(typed: string, only: ResultKind | null, lookedUp: Result[] = []): Found[] {
  const all = everything(typed, only);
  const found = ofKind(all, typed, only, lookedUp);
  // A slash begins a place's name here, and an act's elsewhere: where no place is called so, an act is meant.
  if (only === "places" && found.length === 0) return ofKind(all, typed, "do", []);
  return found.some(({ kind }) => LED_TO.includes(kind)) ? found : [...found, ...nearest(all, typed, only)];
}

/** What is done or gone to, as against what was said. */
const LED_TO: readonly ResultKind[] = ["do", "agents", "places", "here"];
const MOST_NEAR = 6;

/** Whoever asks in a sentence is offered what has most of its words, what pays last; nothing among it that cannot be taken back, and no button, of which that is not known. */
function nearest(all: Result[], typed: string, only: ResultKind | null): Found[] {
  const offered = all.filter(({ kind, grave }) => !grave && kind !== "here" && LED_TO.includes(kind) && (only === null || only === kind));
  const near = offered.flatMap((each): Found[] => {
    const some = matchSome(each.label, each.words ?? "", typed);
    return some ? [{ ...each, ...some, near: true }] : [];
  });
  const last = ({ pays }: Result) => (pays ? 1 : 0);
  return near.sort((a, b) => last(a) - last(b) || b.score - a.score).slice(0, MOST_NEAR);
}

function everything(typed: string, only: ResultKind | null): Result[] {
  return apart([...doable(typed, typed.trim() !== "" || only === "here"), ...[...sources.values()].flatMap((read) => read(typed))]);
}

// Two rows may be called the same, and what is done with them with them: each stands by itself all the same.
function apart(results: Result[]): Result[] {
  const times: Record<string, number> = {};
  return results.map((each) => {
    const name = each.kind + each.id;
    const before = times[name] ?? 0;
    times[name] = before + 1;
    return before === 0 ? each : { ...each, id: `${each.id} ${before}` };
  });
}

function ofKind(all: Result[], typed: string, only: ResultKind | null, lookedUp: Result[]): Found[] {
  const meant = (each: Result) => only === null || each.kind === only;
  const fitting = all.filter(meant).flatMap((each) => scored(each, typed));
  for (const each of lookedUp.filter(meant)) {
    if (fitting.some(({ id, kind }) => id === each.id && kind === each.kind)) continue;
    // What has other names that are not shown may be found by one of them, or by what was asked in it.
    const by = each.words === undefined ? [] : wordsBeyond(each.label, typed).flatMap((word) => namedBy(each.words ?? "", word));
    fitting.push({ ...each, ranges: marksIn(each.label, typed), by, score: -Infinity });
  }
  const order = ordered(fitting, typed);
  const last = ({ grave, own, kind }: Result) => (grave && !(own && kind === "do") ? 1 : 0);
  return fitting.sort((a, b) => order(a.kind) - order(b.kind) || last(a) - last(b) || compared(a.score, b.score));
}

/** The names that a word stands in; of what was asked nothing is known here but the word. */
function namedBy(names: string, word: string): string[] {
  const found = names.split(", ").filter((name) => name.toLowerCase().includes(word));
  return found.length > 0 ? found : [word];
}

/** Kinds whose results are pages called by a name. */
const NAMED: readonly ResultKind[] = ["agents", "places"];

// What begins an act's words asks for the act, whatever else is called so.
function ordered(found: Found[], typed: string): (kind: ResultKind) => number {
  const begun = typed.trim().toLowerCase();
  const begins = (each: Result) => begun !== "" && (each.label.toLowerCase().startsWith(begun) || isView(each, typed) || isBegun(each, typed));
  const acts = found.some((each) => each.kind === "do" && (begins(each) || (each.own && isAskedFor(each, typed))));
  const isName = (kind: ResultKind) => found.some((each) => each.kind === kind && each.label.toLowerCase() === begun);
  const begunBy = NAMED.filter((kind) => found.some((each) => each.kind === kind && begins(each)));
  // A whole name is meant before one that begins so.
  const named = [...begunBy.filter(isName), ...begunBy.filter((kind) => !isName(kind))];
  const first = acts ? [] : named;
  const kinds = [...first, ...KINDS.map(({ id }) => id).filter((kind) => !first.includes(kind))];
  return (kind) => kinds.indexOf(kind);
}

/** Letters of a view's name by which it is known; by fewer, much else is meant. */
const OF_A_VIEW = 3;
/** More than a word at the beginning of another label has. */
const BEFORE_LABELS = 4;

function isView({ view }: Result, typed: string): boolean {
  const phrase = phraseOf(typed);
  return view !== undefined && phrase.length >= OF_A_VIEW && view.toLowerCase().startsWith(phrase);
}

// Two that were looked up stay as they came: they differ by nothing that is known here.
function compared(one: number, other: number): number {
  return one === other ? 0 : other - one;
}

/** Actions, and behind them whatever else can be pressed on the screen; an act that cannot be taken back is of the screen as well, unless it was asked for by its verb. */
function doable(typed: string, sought: boolean): Result[] {
  const listed = actions.available().filter((action) => action.listed !== false && (sought || !action.sought));
  const reachable = actions.reachable();
  const acts = listed.map((action): Result => {
    const own = action.scope !== "global" && !action.sought;
    const here = action.sought || (action.grave && !(own && isAskedFor(action, typed)));
    return { ...action, kind: here ? "here" : "do", own, keys: keyOf(action, reachable) };
  });
  // What stands on the screen, in its order, comes before what menus of its rows hold.
  return sought ? [...pressable(listed), ...acts] : acts;
}

/** "delete it" asks for what is called "Delete…". */
function isBegun({ label }: Pick<Result, "label">, typed: string): boolean {
  const phrase = phraseOf(typed);
  return phrase !== "" && label.toLowerCase().startsWith(phrase);
}

/** "delete it" asks for what is also called so. */
function isAskedFor(act: Pick<Result, "label" | "words">, typed: string): boolean {
  return isBegun(act, typed) || (act.words ?? "").split(", ").includes(phraseOf(typed));
}

/** Its own key, or the one that a screen has for what is called the same. */
function keyOf({ keys, label }: Action, reachable: Action[]): Keys | undefined {
  return keys?.[0] ?? reachable.find((other) => other.label === label)?.keys?.[0];
}

/** What can be pressed and is no action: an action of this screen says more than its button does, such as whom it is about. */
function pressable(listed: Action[]): Result[] {
  const screen = screenBox();
  const isAction = (name: string) => {
    const begins = name.replace(/…$/, "");
    return listed.some(({ label, scope }) => label === name || (scope !== "global" && label.startsWith(begins)));
  };
  const controls = (screen ? controlsOn(screen) : []).filter(({ name }) => !isAction(name));
  const first = controls.filter((one, index) => controls.findIndex(({ name, of }) => name === one.name && of === one.of) === index);
  return first.map(({ name, of, isCard, press }, index) => ({ id: `pressed-${index}`, kind: "here", label: name, detail: of, sought: isCard, run: press }));
}

function scored(result: Result, typed: string): Found[] {
  if (typed.trim() === "") return [{ ...result, ranges: [], score: 0 }];
  const whole = match(result.label, typed);
  // What is open is meant before another that is found alike.
  const own = result.own ? 0.5 : 0;
  if (whole) return [{ ...result, ...whole, score: whole.score + own + (isView(result, typed) ? BEFORE_LABELS : 0) }];
  const beside = matchBeside(result.label, result.detail ?? "", typed, result.words);
  // The words of a row, or a screen's title, find that itself: what is done with it is meant once a word of that was typed.
  const isOfSomething = result.sought || result.own;
  const isMeant = beside && (!isOfSomething || beside.ranges.length > 0 || beside.by.length > 0);
  return isMeant ? [{ ...result, ...beside, score: beside.score + own }] : [];
}
