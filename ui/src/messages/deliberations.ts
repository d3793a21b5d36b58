import type { SessionSource } from "../generated/SessionSource";
import { count } from "../format/numbers";
import { apart } from "./apart";

/** Words of the list of deliberations and of a new one. */
export const deliberations = {
  title: "Deliberations",
  newOne: "New deliberation",
  loading: "Reading the session",
  loadingList: "Reading the list",
  aside: (n: number) => (n === 1 ? "1 question" : `${count(n)} questions`),
  asideFound: (n: number) => `${count(n)} found`,
  /** Of a session without claims nobody knows that nothing is contested. */
  paletteDetail: (rounds: number, contested: number, claims: number, rehearsal = false, archived = false) =>
    `${roundsOf(rounds)}${claims > 0 ? `, ${contested} contested` : ""}${rehearsal ? ", rehearsal" : ""}${archived ? ", archived" : ""}`,
  passagePlace: {
    question: (round: number) => `question of round ${round}`,
    answer: (round: number, who: string) => `${apart(who)} in round ${round}`,
    reaction: (round: number, who: string) => `reaction of ${apart(who)} in round ${round}`,
    recap: (round: number) => `recap of round ${round}`,
    synthesis: () => "synthesis",
  },
  /** `more` places of the session say the same, or at least so many. */
  passageDetail: (place: string, more: number, mayBeMore: boolean) =>
    `${place}${more === 0 ? "" : ` and ${mayBeMore ? "at least " : ""}${more === 1 ? "1 more place" : `${count(more)} more places`}`}`,
  search: "filter: title, tag, question",
  searchBrief: "filter by words",
  searchLabel: "Filter deliberations by title, tag and question",
  current: "Current",
  archived: "Archived",
  which: "Which deliberations",
  empty: "No question has been put to a panel yet. Three rehearsal seats are ready, free and offline.",
  emptyCurrent: "Every deliberation is archived.",
  unread: "This list could not be read.",
  emptyArchive: "Nothing is archived.",
  emptySearch: (text: string) => `No title, tag or question has “${apart(text)}”. Ctrl F looks through answers too.`,
  clear: "Clear",
  columns: { question: "Question", seats: "Seats", rounds: "Rounds", state: "State", contested: "Contested", cost: "Cost", changed: "Changed" },
  state: {
    running: "running",
    /** It ran when Husting ended. */
    unknown: "not known now",
    failed: "failed",
    interrupted: "interrupted",
    cancelled: "cancelled",
    answered: (n: number, all: number) => `${n} of ${all} answered`,
    unreacted: (n: number) => (n === 1 ? "1 reaction lost" : `${n} reactions lost`),
    /** Lacks a reaction that a person stopped. */
    incomplete: "incomplete",
    ready: "ready",
  },
  rehearsal: "rehearsal",
  /** Words that are looked for stand in what was asked, and not in the title. */
  asked: "in a question",
  /** How it came in, where nobody opened it here. */
  door: { console: "", cli: "from the command line", rest: "over REST", mcp: "over MCP", discord: "from Discord" } satisfies Record<SessionSource, string>,
  contestedOf: (contested: number, claims: number) => (claims === 0 ? "–" : `${contested} of ${claims}`),
  rounds: (n: number) => roundsOf(n),
  open: "Open",
  rename: "Rename and tag",
  again: (real: boolean) => (real ? "Convene again with real seats" : "Convene again"),
  archive: "Archive",
  unarchive: "Take back from the archive",
  remove: "Delete…",
  notArchived: "It was not archived.",
  notUnarchived: "It stays in the archive.",
  archivedDone: (title: string) => `Archived “${apart(title)}”.`,
  unarchivedDone: (title: string) => `“${apart(title)}” is current again.`,
  deletedDone: (title: string) => `Deleted “${apart(title)}”.`,
  renameTitle: "Rename and tag",
  titleElsewhere: (title: string) => `It was named “${apart(title)}” elsewhere meanwhile. Saving puts yours in its place.`,
  tagsElsewhere: (tags: string) => `${tags ? `It was tagged “${apart(tags)}” elsewhere meanwhile` : "Its tags were taken away elsewhere meanwhile"}. Saving puts yours in their place.`,
  renameFailed: "It keeps its name and its tags.",
  titleField: "Title",
  needTitle: "Write a title first.",
  longTitle: (most: number) => `A title has at most ${most} letters.`,
  tagsField: "Tags, with commas between",
  longTag: (tag: string, most: number) => `“${apart(tag)}” is too long: a tag has at most ${most} letters.`,
  manyTags: (n: number, most: number) => `These are ${n} tags; ${most} are the most.`,
  save: "Save",
  deleteTitle: "Delete this deliberation?",
  deleteLead: "Its questions, answers and claims go for good. The ledger keeps what was paid.",
  deleteWord: "delete",
  deleteType: (word: string) => `Type “${word}”`,
  deleteAct: "Delete for good",
  archiveInstead: "Archive instead",
  actsFor: (title: string) => `More for ${apart(title)}`,
};

function roundsOf(n: number): string {
  return n === 1 ? "1 round" : `${n} rounds`;
}
