import { count } from "../format/numbers";
import { MINUTE, waited } from "../format/time";
import { plural } from "./plural";
import { several } from "./several";

const HOUR = 3_600_000;

/** What is left whole: the last day to the minute, the one before it in hours (two days could be one and an hour), else days. */
const toReset = (ms: number | null) => {
  if (ms === null) return "";
  const hours = Math.floor(ms / HOUR);
  return `, ${hours < 24 ? waited(Math.max(MINUTE, ms)) : hours < 48 ? plural(hours, "hour", "hours") : plural(Math.floor(hours / 24), "day", "days")} to the reset`;
};

/** Words of the hall. */
export const hall = {
  title: "Hall",
  newDeliberation: "New deliberation",
  needsYou: "Needs you",
  running: "Running",
  nothingRuns: "Nothing is running.",
  /** What ran may have ended with the Husting before. */
  runsUnknown: "What runs now is told once this browser is logged in again.",
  lately: "Lately",
  all: "All deliberations",
  here: "Here",
  allAgents: (n: number) => `All ${n} agents`,
  /** Agents that may not call, below those that are listed. */
  off: (names: string[]) => (names.length > 3 ? `${names.length} more are off.` : `${several(names)} ${names.length === 1 ? "is" : "are"} off.`),
  /** Agents that Husting runs, while no model has been chosen for them. */
  house: {
    seat: "rehearsal seat",
    until: (names: string[]) =>
      names.length === 1
        ? `${several(names)} answers mail by itself. Until you give it a real seat on its page, its replies begin with`
        : `${several(names)} answer mail by themselves. Until you give them a real seat on their pages, their replies begin with`,
    begin: "Rehearsal:",
  },
  today: "Today",
  /** Without a limit to compare with, what is left alone. */
  left: (free: string, limit: string | null, ms: number | null) => `${free} left${limit ? ` of ${limit} this month` : ""}${toReset(ms)}`,
  /** More was spent before the limit was lowered. */
  passed: (spent: string, limit: string, ms: number | null) => `${spent} spent this month, more than the limit of ${limit}${toReset(ms)}`,
  noLimit: "no limit is set",
  /** It stands below what was spent, a sum that it must not be taken for. */
  limitZero: "The month’s limit is $0 and nothing is topped up: only seats are called that cost nothing, such as rehearsal and local models.",
  nothingSpent: "Nothing can be spent without a key of yours.",
  monthSoFar: (month: string) => `${month} so far`,
  round: (n: number, phase: string) => `Round ${n}, ${phase}`,
  phase: { respond: "respond", react: "react", map: "map", done: "done" } as Record<string, string>,
  cancel: "Cancel",
  cancelRunning: "Cancel the running round",
  seat: {
    queued: "waiting",
    streaming: "writing",
    final: "answered",
    reacted: "reacted",
    error: "failed",
    absent: "–",
  },
  degraded: {
    lead: "Not every seat was heard on",
    detail: "What was answered is kept; the session says who is missing.",
    retry: "Retry",
    raise: "Open it to raise its limit",
    read: "Read as it is",
    seen: "Read as it is: it no longer waits for you.",
  },
  interrupted: { lead: "Husting ended while it ran:", detail: "What was said is kept.", again: "Retry asks again only for what is missing." },
  failed: { lead: "No seat answered", detail: "Nothing was lost: what you asked is kept whole.", left: "Left as it is: it no longer waits for you." },
  /** Beside a reason in a word or three: leads to what the provider said. */
  why: "See why",
  leave: "Leave it",
  raiseLimit: "Raise the limit",
  hindered: { lead: (agent: string) => `${agent} leaves its mail unread.` },
  givenUp: { lead: (agent: string) => `The program of ${agent} fails again and again.`, detail: "After its last end Husting did not start it again. What it said then names the cause.", act: "See what it said", left: "Left as it is: it no longer waits for you." },
  moved: {
    lead: (address: string, asked: string) => `Husting listens on ${address}, and not on ${asked}.`,
    todo: "Clients that are wired to that address reach whoever holds it. End that program and start Husting again, or wire them anew.",
  },
  locked: { lead: "The sealed file with your keys is locked.", detail: "Seats that need a key stay out until it is opened.", act: "Open it" },
  restart: { lead: "The sealed file with your keys is locked.", detail: "Seats that need a key stay out until what hinders it is mended and Husting starts again.", act: "What to do" },
  noFile: { lead: "There is no sealed file yet.", detail: "Keys that were kept cannot be read, and new ones need a place.", act: "Choose where" },
  keyringLocked: { lead: "Your keyring is locked.", detail: "Keys are neither read nor kept until you unlock it or choose a sealed file instead.", act: "What to do" },
  choice: { lead: "No keyring answers on this machine.", detail: "Keys kept in one cannot be read, keys in memory went when Husting ended, and new ones need a place.", act: "Choose where" },
  tampered: { lead: "The audit log does not follow from what was sealed.", detail: "After a restore this is so, and it can be accepted there. Otherwise keep a copy of the data folder first.", act: "Open the log" },
  refusedKey: {
    lead: (name: string) => `The key of ${name} was refused.`,
    detail: "Its seats fail until it is replaced.",
    act: "Replace the key",
  },
  keysGone: (names: string[]) =>
    names.length === 1
      ? { lead: `The key of ${several(names)} is not where keys are kept now.`, detail: "Its seats stay out until it is entered anew.", act: "Enter the key" }
      : { lead: `The keys of ${names.length > 3 ? plural(names.length, "provider", "providers") : several(names)} are not where keys are kept now.`, detail: "Their seats stay out until they are entered anew.", act: "Enter the keys" },
  unpriced: (names: string[]) =>
    names.length === 1
      ? { lead: `${several(names)} has no price.`, detail: "It sits on no panel until it has one; 0 is a price too.", act: "Set a price" }
      : { lead: `${names.length > 3 ? `${names.length} models` : several(names)} have no price.`, detail: "They sit on no panel until they have one; 0 is a price too.", act: "Set prices" },
  first: {
    steps: "Three steps, in any order",
    taken: "done",
    hide: "Hide these steps",
    convened: (n: number) => (n === 0 ? "A question asked" : n === 1 ? "1 question asked" : `${n} questions asked`),
    convene: "Put a question to three seats",
    conveneLead: "Rehearsal seats run on this machine, free and offline. They follow rules, not a model, and say so on every answer.",
    question: "Question",
    questionPlaceholder: "What should the three seats weigh?",
    document: "Drop or choose a document",
    another: "Add another document",
    cost: "3 seats, $0",
    act: "Convene",
    more: "More options",
    key: "Seat a real model",
    keyLead: "Found on this machine. None of it is used until you press its button.",
    keyLeadNone: "Add a provider by its key, or a local server. No keys and no local models were found on this machine.",
    mint: "Give an agent a token",
    mintLead: "Its client then writes and reads mail here, under a name that nobody else can use, and does only what you allow.",
    minted: (n: number) => (n === 1 ? "1 agent has a token" : `${n} agents have a token`),
    inEnvironment: (tail?: string) => (tail ? `in the environment, …${tail}` : "in the environment"),
    atAddress: "answers on this machine",
    asks: "asks first what it may spend in a month",
    free: "local, $0",
    use: "Use this key",
    useLocal: "Use these models",
    again: "Look again",
    discord: { asks: "Agents in Discord?", act: "Connecting a bot", takes: "takes about five minutes in Discord’s portal, and can wait." },
    unseated: (n: number) => `${n === 1 ? "1 provider" : `${n} providers`} added, none of whose models can be seated`,
    connected: (n: number, refused: number, silent: number) => {
      const keys = refused === 0 ? null : n === 1 ? "its key is refused" : `the ${refused === 1 ? "key of one is" : `keys of ${count(refused)} are`} refused`;
      const answers = silent === 0 ? null : n === 1 ? "it does not answer" : silent === 1 ? "one does not answer" : `${count(silent)} do not answer`;
      return [plural(n, "provider added", "providers added"), keys, answers].filter(Boolean).join(", ");
    },
  },
  kept: {
    title: "Kept here",
    written: "Everything you write",
    machine: "this machine",
    keys: "Keys",
    memory: "in memory only",
    listening: "Listens on",
    nowhere: "this window only",
    account: "Account, telemetry",
    none: "none",
  },
};
