import { untrack } from "svelte";
import type { Component } from "svelte";
import { SvelteMap } from "svelte/reactivity";
import { reach } from "../state/reach.svelte";
import { screenBox } from "../state/screen";
import { chordOf, edits, isSingle, type Keys, type Stroke } from "./chord";
import { composes } from "./enter";

/** Where an action holds: everywhere, in the list that has the screen, in the steering tray, or among words chosen by keys. */
export type Scope = "global" | "list" | "tray" | "words";

/** One thing the operator can do. The palette, the key overlay and the key handler all read it from here. */
export interface Action {
  id: string;
  label: string;
  scope: Scope;
  /** The first is the one shown. */
  keys?: Keys[];
  /** One line for the palette. */
  detail?: string;
  /** Stands before it in the palette. */
  icon?: Component<{ size?: number; strokeWidth?: number }>;
  /** Names the palette also finds it by, with commas between. */
  words?: string;
  /** What the view is called that it shows: whoever types that means this one before what is called so elsewhere. */
  view?: string;
  /** The palette has it only once something was typed: an act on one of many rows. */
  sought?: boolean;
  /** It cannot be taken back: the palette has it last. */
  grave?: boolean;
  /** It pays for calls: whoever asked for something like it is offered what pays last. */
  pays?: boolean;
  /** `false` keeps it out of the palette: moves in a list, for example. */
  listed?: boolean;
  /** The action does not exist while this is false. */
  when?: () => boolean;
  /** It asks Husting, and does not exist while that cannot be reached. */
  asks?: boolean;
  /** Its keys act over a dialog too. */
  everywhere?: boolean;
  run: () => void;
}

const SEQUENCE_MS = 1_500;
/** What goes from row to row. */
const MOVES: readonly Keys[] = ["j", "k", "Down", "Up"];
const RANK: Record<Scope, number> = { words: 3, tray: 2, list: 1, global: 0 };

/** The registry. One for the window; screens add their actions while they are shown. */
export class Actions {
  /** As they were registered together. */
  #all = new SvelteMap<symbol, Action[]>();
  #escapes: (() => void)[] = [];
  #modals = $state(0);
  #pending: { keys: Keys; at: number } | null = null;
  /** Letters and digits act only while this is on (a setting). */
  singleKeys = $state(true);

  /** Adds actions; the answer removes them. A later action with the same keys and scope wins. */
  register(actions: Action[]): () => void {
    const id = Symbol("actions");
    this.#all.set(id, actions);
    return () => this.#all.delete(id);
  }

  /** What can be done now, in the order it was registered. */
  available(): Action[] {
    return this.#registered().filter(({ asks, when }) => !(asks && reach.lost) && (when?.() ?? true));
  }

  /** Whether a screen that is shown has it, be it that it cannot be done now. */
  has(wanted: string): boolean {
    return this.#registered().some(({ id }) => id === wanted);
  }

  /** What each key does now: an action whose key means another one here is left out. */
  reachable(): Action[] {
    const available = this.available();
    return available.filter(({ keys }) => keys?.[0] !== undefined && foremost(available, keys[0])?.keys === keys);
  }

  #registered(): Action[] {
    return [...this.#all.values()].flat();
  }

  /** A dialog is open. */
  get modal(): boolean {
    return this.#modals > 0;
  }

  /** Called by a dialog while it is open: nothing beneath it listens but what holds everywhere. */
  holdModal(): () => void {
    // Called from effects, which must not run again because of the count they raise.
    untrack(() => (this.#modals += 1));
    return () => {
      this.#modals -= 1;
    };
  }

  /** Pushes something Esc closes, topmost last. Dialogs close themselves and need no entry. */
  onEscape(close: () => void): () => void {
    this.#escapes.push(close);
    return () => {
      this.#escapes = this.#escapes.filter((each) => each !== close);
    };
  }

  /** Runs what the key means here, if anything. */
  handle(event: KeyboardEvent): void {
    if (event.defaultPrevented || composes(event) || pressesControl(event)) return;
    // Whoever sends what cannot be sent presses no button that has the focus by chance.
    if (this.#take(event, inField(event.target), event.timeStamp) || sendsByChance(event)) event.preventDefault();
    else if (this.#modals === 0 && chordOf(event) === "Esc" && isLeft(event.target)) leave();
  }

  #take(stroke: Stroke, typing: boolean, now: number): boolean {
    const chord = chordOf(stroke);
    if (!chord) return false;
    if (this.#modals > 0) return this.#do(this.#find(chord, ({ everywhere }) => everywhere === true), stroke);
    if (chord === "Esc") return this.#escape();
    const waiting = this.#pending && now - this.#pending.at < SEQUENCE_MS ? this.#pending.keys : null;
    this.#pending = null;
    const keys = waiting ? `${waiting} ${chord}` : chord;
    if ((typing && edits(keys)) || (!this.singleKeys && isSingle(keys))) return false;
    if (this.#do(this.#find(keys), stroke)) return true;
    if (!this.#startsSequence(keys)) return false;
    this.#pending = { keys, at: now };
    return true;
  }

  #do(found: Action | undefined, stroke: Stroke): boolean {
    // A key that is held down moves on and on, and asks Husting for nothing a second time.
    if (!found) return false;
    const [had, address] = [document.activeElement, location.hash];
    if (!(found.asks && stroke.repeat)) found.run();
    if (document.activeElement !== had) return true;
    if (location.hash !== address) letGo(had);
    else if (found.scope === "list" && MOVES.includes(chordOf(stroke) ?? "")) release(had);
    return true;
  }

  #find(keys: Keys, counts: (action: Action) => boolean = () => true): Action | undefined {
    return foremost(this.available().filter(counts), keys);
  }

  #startsSequence(keys: Keys): boolean {
    return this.available().some((action) => action.keys?.some((each) => each.startsWith(`${keys} `)));
  }

  #escape(): boolean {
    this.#pending = null;
    const close = this.#escapes.pop();
    close?.();
    return close !== undefined;
  }
}

/** The one of `among`, in the order they were registered, that the keys mean. */
function foremost(among: Action[], keys: Keys): Action | undefined {
  const fitting = among.filter((action) => action.keys?.includes(keys));
  return fitting.reverse().sort((a, b) => RANK[b.scope] - RANK[a.scope])[0];
}

/** The window's registry. */
export const actions = new Actions();

/** Registers actions for as long as the calling component lives; re-read when what they use changes. */
export function useActions(read: () => Action[]): void {
  $effect(() => actions.register(read()));
}

/** Closes with Esc while `open()` holds. */
export function useEscape(open: () => boolean, close: () => void): void {
  $effect(() => (open() ? actions.onEscape(close) : undefined));
}

const CONTROLS = "button, input, textarea, select, summary, [role=option]";

// Enter and Space belong to the control that has the focus; Space does nothing with a link.
function pressesControl(event: KeyboardEvent): boolean {
  if (event.key !== "Enter" && event.key !== " ") return false;
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
  return plain && event.target instanceof Element && event.target.closest(event.key === "Enter" ? `a, ${CONTROLS}` : CONTROLS) !== null;
}

/** Out of a field, so that letters are the screen's keys again. */
export function leave(): void {
  screenBox()?.focus({ preventScroll: true });
}

function sendsByChance(event: KeyboardEvent): boolean {
  return chordOf(event) === "Ctrl+Enter" && event.target instanceof Element && event.target.closest("button") !== null;
}

/** What was sought is emptied first, which the browser does. */
function isLeft(field: EventTarget | null): boolean {
  return inField(field) && !(field instanceof HTMLInputElement && field.type === "search" && field.value !== "");
}

/** Whoever moves in a list has left what stands beside it: Enter would press that, and not open the row. */
function release(had: Element | null): void {
  if (had?.closest("a, button, summary, [role=tab]") && !had.closest("main :is(li, tr, article, [role=row], [role=listitem], [role=option])")) leave();
}

/** Whoever went elsewhere by a key has left what stands beside the screen: what comes takes the focus, which nothing has. */
function letGo(had: Element | null): void {
  if (had instanceof HTMLElement && !had.closest("main, dialog")) had.blur();
}

/** Whether letters are written there, and are no keys of the screen. */
export function inField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button", "range"].includes(target.type);
}
