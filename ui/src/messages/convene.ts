import { count } from "../format/numbers";
import { shownTail } from "../format/secrets";
import { RANGES } from "../generated/ranges";
import { apart } from "./apart";

const badFigure = "Write dollars such as 0.50 or 1,000, with a point before the cents.";

/** Words of the form that convenes a panel. */
export const convene = {
  title: "New deliberation",
  back: "Deliberations",
  startFrom: "Start from",
  question: "Question",
  questionHint: "What should the panel decide, weigh or test?",
  tooLong: (n: number) => `${count(n)} characters; a question holds 64,000.`,
  wasQuestion: "Moved from the question",
  moveToReference: "Move it to the reference",
  movedToReference: "The question is the reference now.",
  reference: "Reference",
  referenceMeaning: "every seat reads all of it",
  dropMore: "Drop files, or paste with",
  choose: "Choose a file",
  emptyReference: "A document is optional. Drop text, Markdown, code or a PDF here: its sentences are what the seats quote.",
  dropHere: "Drop to add as reference",
  size: (bytes: number, tokens: number) => `${count(bytes)} bytes, about ${count(tokens)} tokens`,
  reading: (name: string, page: number, pages: number) => `Reading ${apart(name)}, page ${count(page)} of ${count(pages)}`,
  readingFiles: "Reading",
  stopReading: "Cancel",
  pasted: "Pasted text",
  pastedReference: "Paste as reference",
  read: "Read",
  removeFile: (name: string) => `Remove ${apart(name)}`,
  removed: (name: string) => `Removed ${apart(name)}.`,
  refused: {
    empty: (name: string) => `${apart(name)} is empty, so there is nothing in it to read or quote.`,
    too_large: (name: string) => `${apart(name)} is larger than 4 MiB. Nothing of it was taken.`,
    pdf_without_text: (name: string) =>
      `${apart(name)} has pictures of its pages and no text. Have its text recognised first, as with ${ocrmypdf(name)} in a terminal, or paste it here.`,
    pdf_locked: (name: string) => `${apart(name)} wants a password. Save it without one and drop that, or copy its text and paste it here.`,
    pdf_damaged: (name: string) => `${apart(name)} is damaged or no whole PDF, so its text cannot be read. Copy its text and paste it here, or save it anew as a PDF.`,
    pdf_too_large: (name: string) => `${apart(name)} is larger than 64 MiB, or its text than 4 MiB. Nothing of it was taken.`,
    not_text: (name: string) => `${apart(name)} is not text, so no seat could read it. Save it as text or Markdown and drop that, or copy its text and paste it here.`,
    not_utf8: (name: string) => `${apart(name)} is text in another encoding than UTF-8. Save it as UTF-8 and drop it again, or copy its text and paste it here.`,
  },
  /** Follows a refusal, where something was here. */
  stays: "What was here stays.",
  thereAlready: (name: string) => `${apart(name)} was here already, with the same text. It was not taken again.`,
  tooMuch: "Together the files are larger than 4 MiB. The last was not taken.",
  seats: "Seats",
  seatsCount: (n: number, most: number) => `${n} of ${most}, at least 2`,
  presets: "Which seats",
  preset: { panel: "Default panel", rehearsal: "Rehearsal", last: "Last used" },
  find: "name, provider, id",
  findBrief: "name",
  findLabel: "Find a seat",
  noSeat: (text: string) => `No seat is called “${apart(text)}”.`,
  columns: { model: "Model", window: "Window", input: "In / M", output: "Out / M", round: "This round", state: "State" },
  groups: {
    api: { title: "API", meaning: "by your own keys" },
    local: { title: "Local", meaning: "on this machine, $0" },
    rehearsal: { title: "Rehearsal", meaning: "$0, offline, rules instead of a model" },
  },
  rehearsalFold: (n: number) => `${n} rehearsal seats`,
  rehearsalMeaning: "$0, offline, rules instead of a model. The default panel never mixes them with real ones.",
  noRealSeats: "No key and no local model is connected, so the three rehearsal seats stand in.",
  seat: (name: string) => `Seat ${apart(name)}`,
  full: (n: number) => `${n} seats are the most a panel holds${n < RANGES.panel_max_seats.most ? `; the setting can raise it to ${RANGES.panel_max_seats.most}` : ""}.`,
  inDefault: (bucket: number) => `default ${bucket}`,
  keyTail: (tail: string) => `key ${shownTail(tail)}`.trim(),
  noKeyNeeded: "ready",
  rules: "rules, not a model",
  keyRefused: "Key refused",
  /** Two reasons, where what mends the one leaves the other. */
  both: (first: string, second: string) => `${first}, ${second}`,
  why: {
    credit_exhausted: "Beyond the limit",
    disabled: "Switched off",
    no_key: "No key",
    no_price: "No price yet",
    unreachable: "Does not answer",
    not_installed: "Not installed there",
    tier: "Not in this tier",
  },
  mend: {
    credit_exhausted: "Raise the limit",
    disabled: "Switch on",
    no_key: "Add a key",
    no_price: "Set a price",
    unreachable: "Try again",
    not_installed: "Look again",
    tier: "Providers",
  },
  unread: {
    locked: {
      key: "Key locked",
      act: "Unlock",
      panel: "Fewer than two seats can be called: your keys are locked. Unlock them, or take the rehearsal seats.",
    },
    restart: {
      key: "Key locked",
      act: "What to do",
      panel: "Fewer than two seats can be called: your keys are locked. See what opens them, or take the rehearsal seats.",
    },
    absent: {
      key: "Key not at hand",
      act: "Look for keys",
      panel: "Fewer than two seats can be called: no keyring answers, so your keys cannot be read. Look for them, or take the rehearsal seats.",
    },
    gone: {
      key: "Key not there",
      act: "Enter keys anew",
      panel: "Fewer than two seats can be called: keys that were kept are not there any more. Enter them anew, or take the rehearsal seats.",
    },
  },
  panel: "Panel",
  panelCount: (n: number) => (n === 1 ? "1 seat" : `${n} seats`),
  replaced: (template: string) => `Your question was replaced by the template “${template}”.`,
  testFailed: "last test failed",
  panelExhausted: (why: string) => `No seat can be called: ${why}. Raise the limit, or take the rehearsal seats.`,
  overflow: (needed: number, window: number) => `does not fit: needs about ${count(needed)} of ${count(window)} tokens`,
  tooFewFit: "Fewer than two of these seats can read all of this. Shorten the reference, or seat models with a larger window.",
  holdExceeds: "The round would hold more than is left.",
  rehearsalNote: "Rehearsal: rules instead of a model, labelled wherever it appears.",
  blind: "Blind",
  blindMeaning: "Seats see each other as A, B, C. You see names.",
  /** `improvement_consent` on the wire. */
  consent: "Learning allowed",
  consentMeaning: "Programs that read this session may learn from it. Husting sends nothing.",
  spendAtMost: "Spend at most",
  spendMeaning: "this session, all rounds",
  spendNone: "no cap",
  answerLength: "Answer length",
  answerMeaning: "each seat, in tokens",
  deadline: "Deadline",
  deadlineMeaning: "each phase, in seconds",
  deadlineOwn: "seat’s own",
  badFigure,
  badCap: "With a cap of 0 nobody could answer. Leave it empty for no cap.",
  capRefuses: (least: string) => `Too little: this round needs ${least} at least.`,
  capLowers: (hold: string) => `The round holds ${hold} until it ends. With less, answers are shortened or nothing is called.`,
  badTokens: () => `Between ${count(RANGES.panel_max_output_tokens.least)} and ${count(RANGES.panel_max_output_tokens.most)}.`,
  badSeconds: () => `Between ${count(RANGES.panel_deadline_seconds.least)} and ${count(RANGES.panel_deadline_seconds.most)} seconds.`,
  aboutSeconds: (n: number) => `about ${n} s`,
  fromRounds: (n: number) => (n === 1 ? "From 1 round like this." : `From ${n} rounds like this.`),
  fromTable: "From the seats’ prices and typical lengths.",
  lowered: (tokens: number) => `The limit lowers each answer to ${count(tokens)} tokens.`,
  free: "$0, nothing is held.",
  holds: (sum: string) => `holds ${sum} until it ends`,
  left: (sum: string) => `${sum} left`,
  noLimit: "no limit",
  holdBar: "What the round holds",
  estimating: "Estimating what it costs",
  convene: "Convene",
  kept: "Kept as a draft",
  lacks: {
    question: "Write a question first.",
    filling: "Replace the dots in the question first.",
    length: "The question is too long.",
    reading: "A file is still being read.",
    seats: "Choose at least two seats.",
    windows: "Fewer than two of these seats can read all of this.",
    figures: "A figure of the panel cannot be used: what is wrong stands beside it.",
  },
  refusedTitle: (limit: string, month: string) => `Your limit of ${limit} for ${month} leaves too little for this round`,
  refusedNoLimit: "The wallet does not cover this round",
  refusedKept: (files: number) => `Nothing was called. ${keptDraft(files)}`,
  refusedNeeds: (needed: string, left: string) => `At least ${needed} is set aside while it runs, and ${left} is left.`,
  refusedLeft: (left: string, held: string) => `${left} left, ${held} held`,
  refusedReset: (limit: string, day: string) => `${limit} again on ${day}`,
  refusedRehearsal: "Rehearsal seats, $0",
  refusedRaise: "Raise",
  refusedField: "New monthly limit in dollars",
  failed: "The panel was not convened.",
  failedKept: keptDraft,
};

function keptDraft(files: number): string {
  const what = files === 0 ? "The question is" : files === 1 ? "The question and its file are" : "The question and its files are";
  return `${what} kept as a draft.`;
}

function ocrmypdf(name: string): string {
  const [from, to] = [name, name.replace(/(\.pdf)?$/i, ".text.pdf")].map((each) => (/^[\w.-]+$/.test(each) ? each : `"${each}"`));
  return `ocrmypdf ${from} ${to}`;
}

/** A way to begin: a question with its gaps and what suits it. */
export interface Template {
  id: string;
  label: string;
  question: string;
}

/** Questions to begin with, of the kinds that gain most by being put to several; the first is none. */
export const templates: Template[] = [
  { id: "blank", label: "Blank", question: "" },
  {
    id: "decision",
    label: "Contested decision",
    question:
      "We must choose between … and …\n\nWhat we know: …\nWhat it would cost to be wrong: …\n\nPick one. Name the single measurement that would change your mind.",
  },
  {
    id: "design-review",
    label: "Design review",
    question:
      "Review the attached design. It must hold under …\n\nFor each weakness say where in the document it stands, what breaks first, and the smallest change that mends it. Say what you would keep as it is.",
  },
  {
    id: "widen",
    label: "Widen the options",
    question:
      "We are about to … because …\n\nName options we have not considered, each with the strongest case for it and the first thing to try. Leave out what only differs in wording.",
  },
  {
    id: "red-team",
    label: "Red team",
    question:
      "Here is our plan: …\n\nAssume that it failed a year from now. Say how, in order of likelihood, what the first sign was, and what we could have done by then. Attack the strongest part too.",
  },
];
