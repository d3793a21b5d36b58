import { count } from "../format/numbers";
import { apart } from "./apart";
import { plural } from "./plural";

/** Words of the parts in ui/src/components. */
export const parts = {
  ago: (age: string) => `${age} ago`,
  unanswered: "Husting does not answer; is it still running?",
  /** Where the frame's line says why. */
  unheard: "There is no answer to this yet.",
  stance: { KEEP: "KEEP", EXPLORE: "EXPLORE", CHALLENGE: "CHALLENGE", CORE: "CORE", SHIFT: "SHIFT" },
  /** Of what was not taken into a field. */
  leftOut: (n: number, most: number) => `There is no room for ${plural(n, "more character", "more characters")}: ${count(most)} fit here. What stood here stays.`,
  /** Stands in for a missing comment. */
  stock: {
    KEEP: "This resonates with me.",
    EXPLORE: "Let's go deeper on this.",
    CHALLENGE: "I'm not sold on this.",
    CORE: "This is what it comes down to.",
    SHIFT: "This shifted my perspective.",
  },
  was: (stance: string) => `was ${stance}`,
  wasWord: "was",
  /** Of a SHIFT by whoever had no stance before it. */
  byItsWord: "by its own word",
  quote: {
    exact: "exact",
    typographic: "typographic: only spaces, dashes or quote marks differ",
    elided: "elided: parts of one passage, in order",
    snapped: "snapped: the true sentence stands here, the wording differed slightly",
    misattributed: "misattributed: another seat said it",
    altered: "altered",
    not_found: "not found",
  },
  saidIt: "said it",
  /** In the same words, which are a claim of their own. */
  saidItToo: "said it too",
  silent: "no position",
  close: "Close",
  table: "Table",
  closeAnyway: "Close anyway",
  done: "Done",
  cancel: "Cancel",
  discard: "Discard",
  undo: "Undo",
  paletteWaits: "Close this first to search.",
  notUndone: (why: string) => `It was not taken back. ${why}`,
  words: (whose: string) => `${apart(whose)}’s words`,
  hideWords: (whose: string) => `Hide ${apart(whose)}’s words`,
  theirWords: "The system’s words",
  estimated: "counted here, the provider sent no figures",
  partlyEstimated: "partly counted here, where a provider sent no figures",
  details: "Details",
  hideDetails: "Hide details",
  openLink: {
    title: (host: string) => `Open ${host}?`,
    body: "The link was written by a model. It opens in your own browser.",
    open: "Open",
    stay: "Stay here",
    unopened: "It was not opened. Copy the address into your browser instead.",
    failed: (url: string) => `${apart(url)} was not opened. Copy the address into your browser instead.`,
  },
  bucketOf: (total: string) => `of ${total}`,
  bucketLabel: (free: string, held: string, total: string) => `${free} free, ${held} held, of ${total}`,
  keys: {
    title: "Keys",
    global: "Everywhere",
    places: "Places",
    list: "On this screen",
    views: "Views",
    words: "Among the words",
    tray: "In the steering tray",
    esc: "Close what was opened last, leave a field",
    /** Between two keys that do one thing each way. */
    or: "or",
    singleOff: "Single keys are switched off in Settings, Look.",
  },
  palette: {
    label: "Go to, or do",
    placeholder: "Go to, do, or find what was said",
    looking: "looking",
    found: (n: number) => `${n} found`,
    /** Where nothing has all of the words. */
    onlyNear: (n: number) => `none has all of it, ${n} close`,
    /** There may be more than are shown. */
    first: (n: number) => `the first ${n}; there may be more`,
    /** A word that stands nowhere in the row. */
    by: (word: string) => `found by “${apart(word)}”`,
    /** Above what has some of the words that were typed. */
    near: "Close to what you typed",
    nothing: (text: string) => `Nothing was found for “${apart(text)}”.`,
    clear: "Clear",
    move: "move",
    choose: "choose",
    nextKind: "next kind",
    close: "close",
    kinds: { all: "All", do: "Do", agents: "Agents", deliberations: "Deliberations", messages: "Messages", places: "Places", here: "On this screen" },
  },
  nextRow: "Next row",
  openRow: "Open the row",
  rowBefore: "Previous row",
  shown: (n: number, total: number) => `${n} of ${total}`,
};
