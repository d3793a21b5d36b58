import type { SessionSource } from "../generated/SessionSource";
import { count } from "../format/numbers";

/** Words of the list of deliberations and of a new one. */
export const deliberations = {
  title: "Deliberations",
  newOne: "New deliberation",
  loading: "Reading the session",
  loadingList: "Reading the list",
  aside: (n: number) => (n === 1 ? "1 question" : `${count(n)} questions`),
  paletteDetail: (rounds: number, contested: number, rehearsal = false) =>
    `${roundsOf(rounds)}, ${contested} contested${rehearsal ? ", rehearsal" : ""}`,
  passageDetail: (title: string, round: number, who: string | null) => `${who ? `${who} in` : "Question of"} round ${round}, ${title}`,
  search: "title, tag, words of the question",
  searchLabel: "Search deliberations",
  current: "Current",
  archived: "Archived",
  which: "Which deliberations",
  empty: "No question has been put to a panel yet. Three rehearsal seats are ready, free and offline.",
  unread: "This list could not be read.",
  emptyArchive: "Nothing is archived.",
  emptySearch: (text: string) => `No deliberation has “${text}”.`,
  clear: "Clear",
  columns: { question: "Question", seats: "Seats", rounds: "Rounds", state: "State", contested: "Contested", cost: "Cost", changed: "Changed" },
  state: {
    running: "running",
    failed: "failed",
    interrupted: "interrupted",
    stopped: "stopped",
    stoppedWith: (word: string) => (word === "stopped" ? word : `stopped, ${word}`),
    answered: (n: number, all: number) => `${n} of ${all} answered`,
    unreacted: (n: number) => (n === 1 ? "1 reaction lost" : `${n} reactions lost`),
    /** Lacks a reaction that a person stopped. */
    incomplete: "incomplete",
    ready: "ready",
  },
  rehearsal: "rehearsal",
  /** How it came in, where nobody opened it here. */
  door: { console: "", cli: "from the command line", rest: "over REST", mcp: "over MCP", discord: "from Discord" } satisfies Record<SessionSource, string>,
  contestedOf: (contested: number, claims: number) => (claims === 0 ? "–" : `${contested} of ${claims}`),
  rounds: (n: number) => roundsOf(n),
  open: "Open",
  rename: "Rename and tag",
  again: "Convene again with real seats",
  archive: "Archive",
  unarchive: "Take back from the archive",
  remove: "Delete…",
  archivedDone: (title: string) => `Archived “${title}”.`,
  unarchivedDone: (title: string) => `“${title}” is current again.`,
  renameTitle: "Rename and tag",
  titleField: "Title",
  tagsField: "Tags, with commas between",
  save: "Save",
  deleteTitle: (title: string) => `Delete “${title}”?`,
  deleteLead: "Its questions, answers and claims go for good. The ledger keeps what was paid.",
  deleteType: "Type the title to delete it",
  deleteAct: "Delete for good",
  archiveInstead: "Archive instead",
  actsFor: (title: string) => `More for ${title}`,
};

function roundsOf(n: number): string {
  return n === 1 ? "1 round" : `${n} rounds`;
}
