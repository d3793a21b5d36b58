import type { Keys } from "../keys/chord";
import { m } from "../messages";

/** What a key does where it does something: `?` lists it also on the screens where it does nothing. */
export interface Elsewhere {
  label: string;
  from: Keys;
  /** The last of a range. */
  to?: Keys;
  /** The other one of a pair. */
  or?: Keys;
  /** The acts that it does, where the same keys do others on other screens. Without any they are of every list. */
  acts?: readonly string[];
  /** The first of the acts that it does once something is chosen: a screen that has it lists the keys as its own. */
  first?: string;
}

type Place = keyof typeof m.frame.keysElsewhere.places;

const there = m.frame.keysElsewhere;

/** Keys of lists, of texts and of single screens, by where they are pressed. */
export const ELSEWHERE: readonly { place: Place; keys: readonly Elsewhere[] }[] = [
  {
    place: "lists",
    keys: [
      { label: there.down, from: "j" },
      { label: there.up, from: "k" },
      { label: m.parts.openRow, from: "Enter" },
      { label: there.filter, from: "/" },
    ],
  },
  {
    place: "writing",
    keys: [
      { label: there.send, from: "Ctrl+Enter", acts: ["convene", "convene-rehearsal", "start-bridge"] },
      { label: there.undo, from: "Ctrl+Z", acts: ["undo"] },
    ],
  },
  {
    place: "deliberations",
    keys: [
      { label: there.rename, from: "r", acts: ["rename"] },
      { label: there.archive, from: "e", acts: ["archive"] },
    ],
  },
  {
    place: "session",
    keys: [
      { label: there.view, from: "v", acts: ["view-claims"] },
      { label: there.round, from: "[", or: "]", acts: ["round-older", "round-newer"] },
      { label: there.seat, from: "h", or: "l", acts: ["reader-before", "reader-next"] },
      { label: there.words, from: "w", acts: ["words"] },
      { label: there.stance, from: "1", to: "5", acts: ["take-KEEP"], first: "take-KEEP" },
      { label: there.tray, from: "t", acts: ["tray"] },
      { label: there.prompt, from: "p", acts: ["prompt"] },
      { label: there.comment, from: "c", acts: ["comment"] },
      { label: there.unverified, from: "u", acts: ["unverified"] },
      { label: there.nextRound, from: "Ctrl+Enter", acts: ["next-round"] },
      { label: there.retry, from: "Shift+R", acts: ["retry"] },
      { label: there.cancel, from: "Ctrl+.", acts: ["cancel-round"] },
      { label: there.findOn, from: "F3", acts: ["find-next"] },
      { label: there.findBack, from: "Shift+F3", acts: ["find-before"] },
    ],
  },
  {
    place: "map",
    keys: [
      { label: there.mapAs, from: "m", acts: ["map-as"] },
      { label: there.along, from: "h", or: "l", acts: ["map-left", "map-right"] },
      { label: there.inAnswer, from: "o", acts: ["map-open", "row-open", "moved-open"] },
      { label: there.size, from: "+", or: "-", acts: ["map-grow", "map-shrink"] },
      { label: there.whole, from: "0", acts: ["map-whole"] },
      { label: there.fit, from: "f", acts: ["map-fit"] },
    ],
  },
  {
    place: "agents",
    keys: [
      { label: there.mint, from: "m", acts: ["mint-here"] },
      { label: there.launch, from: "l", acts: ["launch"] },
      { label: there.scope, from: "Space", acts: [], first: "scope-hour" },
      { label: there.hour, from: "h", acts: ["scope-hour"], first: "scope-hour" },
    ],
  },
  {
    place: "bus",
    keys: [
      { label: there.write, from: "w", acts: ["write-here"] },
      { label: there.reply, from: "r", acts: ["reply"] },
      { label: there.showInLanes, from: "l", acts: ["show-in-lanes"] },
    ],
  },
  {
    place: "lanes",
    keys: [
      { label: there.play, from: "Space", acts: ["lanes-play"] },
      { label: there.event, from: "Left", or: "Right", acts: ["lanes-before", "lanes-next"] },
      { label: there.window, from: "+", or: "-", acts: ["lanes-shorter", "lanes-longer"] },
      { label: there.message, from: "o", acts: ["lanes-message"] },
    ],
  },
  {
    place: "discord",
    keys: [
      { label: there.origin, from: "1", to: "5", acts: ["origin-0"] },
      { label: there.always, from: "a", acts: ["origin-always"] },
      { label: there.discard, from: "x", acts: ["reply-discard"] },
    ],
  },
];
