import { count } from "../format/numbers";
import { apart } from "./apart";

/** Words of the keys that agents and scripts hold. */
export const keys = {
  title: "Deliberation keys",
  aside: "With a key, an agent or a script convenes panels from your wallet and reads all your sessions.",
  make: "New key",
  loading: "Reading the keys",
  unread: "The keys could not be read.",
  empty: "There is no key yet. With one, an agent over MCP or a script over REST convenes panels here.",
  columns: { name: "Name", tail: "Key", made: "Made", used: "Last used", rounds: "Rounds a day", state: "State" },
  never: "never",
  bySetting: "by the limits",
  noLimit: "no limit",
  state: { live: "live", revoked: (day: string) => `revoked ${day}` },
  revoke: "Revoke…",
  revokeOf: (name: string) => `Revoke… ${apart(name)}`,
  revokeTitle: (name: string) => `Revoke ${apart(name)}?`,
  revokeLead: "It opens nothing any more, from the next call on. What it waits for ends now; rounds it began finish, and their sessions stay.",
  revokeType: (name: string) => `Type ${apart(name)} to revoke it`,
  revokeAct: "Revoke for good",

  newTitle: "New deliberation key",
  newLead: "It spends from your wallet and sees all your sessions, so give each client one of its own.",
  name: "Name",
  nameHint: "where it is used, such as laptop",
  nameLong: "60 characters are the most.",
  nameTaken: (name: string) => `There is a live key called ${apart(name)}.`,
  rounds: "Rounds a day",
  roundsAny: "the limit of all keys",
  roundsHint: "empty for the limit of all keys; 0\u00a0for no\u00a0limit",
  roundsBad: (low: number, high: number) => `From ${count(low)} to ${count(high)}, or nothing.`,
  makeAct: "Make the key",
  failed: "No key was made.",

  onceTitle: (name: string) => `The key ${apart(name)}`,
  onceLead: "It is shown this once. Husting keeps a fingerprint of it, not the key.",
  key: "Key",
  reveal: "Reveal",
  hide: "Hide",
  copy: "Copy key",
  emptyClipboard: "Empty the clipboard",
  copied: {
    taken_back: "Copied. In 60 seconds the clipboard is emptied if it still holds it.",
    taken_back_here: "Copied. In 60 seconds the clipboard is emptied if it still holds it; from another window, as soon as you are back here.",
    left: "Copied. This window may not read the clipboard, so it cannot empty it by itself: it stays there until you copy something else, or empty it here.",
    refused: "This window may not write to the clipboard. Reveal it and copy it by hand.",
    byHand: "Copied by hand: it stays on the clipboard until you copy something else, or empty it here.",
    emptied: "The clipboard is empty.",
  },
  notCopied: "It has not been copied or written yet.",
  notAgain: "It cannot be shown again: who needs it later gets a new key.",
};

/** Words of what keys may do. */
export const limits = {
  title: "Key and agent limits",
  aside: "What one key and one agent may do before they have to wait.",
  rounds: "Rounds a day",
  roundsMeaning: "one key’s rounds from midnight to midnight UTC; 0\u00a0for no\u00a0limit",
  roundsZero: "no limit",
  calls: "Calls a minute",
  callsMeaning: "the pace of one key; a call beyond it is refused, and told when to try again",
  burst: "Calls at once",
  burstMeaning: "how many one key may make without a pause, before it is held to its calls a minute",
  waits: "Open waits",
  waitsMeaning: "waiting calls and event streams that a key holds open",
  lease: "Time for a message",
  leaseMeaning: "how long an agent has for a message before it is delivered again",
  leaseUnit: (n: number) => (n === 1 ? "second" : "seconds"),
  turns: "Turns a day",
  turnsMeaning: "how often one agent that Husting runs may answer in a UTC day; further mail waits for the next day; 0\u00a0allows\u00a0none",
  turnsZero: "none answers",
  cents: "Daily spending",
  centsMeaning: "what one agent that Husting runs may cost in a UTC day; with 0 it answers only on models that cost nothing",
  centsZero: "only at no cost",
  centsBad: (low: string, high: string) => `From ${low} to ${high}, in dollars and whole cents.`,
};

/** Words of who writes recaps. */
export const writers = {
  title: "Recaps",
  aside: "Models that sum up rounds and sessions, each at its price. The first is asked, and when it fails the next.",
  /** Whom it asks for the default panel, in turn; where that panel has nobody to ask, none. */
  auto: (names: string[]) =>
    `${names.length > 0 ? `Until you choose, Husting asks ${names.map(apart).join(", then ")} to sum up the default panel.` : "Until you choose, Husting does."} It prefers cheap models, from different providers and outside the panel; one whose provider failed when it was last tried comes last.`,
  none: "Rehearsal sums up its own rounds. Once a provider’s model is on the list, it sums up the others.",
  order: "Asked in this order",
  who: "Who writes recaps",
  add: "Add a writer",
  choose: "Choose who writes recaps",
  earlier: (id: string) => `Move ${id} earlier`,
  remove: (id: string) => `Take ${id} out`,
  removed: (id: string) => `Took ${id} out of those who write recaps.`,
  unknown: "not on the list",
  empty: "No other model is on the list.",
};
