import { count } from "../format/numbers";
import { apart } from "./apart";
import { several } from "./several";

/** Words of recaps: what a round came to, and a session. */
export const recap = {
  synthesis: "Synthesis",
  agenda: "Agenda",
  origin: "Origin",
  writtenBy: (name: string) => `written by ${apart(name)}`,
  afterFailed: (name: string, reason: string) => `; ${apart(name)} failed first (${reason})`,
  rehearsal: "Rehearsal: written by rules, not by a model.",
  claimsOf: (topic: string) => `Claims under “${apart(topic)}”`,
  toClaim: (author: string, quote: string) => `Claim of ${apart(author)}: ${apart(quote)}`,
  claimIs: (id: string, quote: string) => `${id}: ${quote}`,
  all: several,

  none: "No recap of this round was asked for. One model reads its answers and claims, and sums them up.",
  roundRuns: "The round is running. Its recap can be written when it is over.",
  nobodyAnswered: "Nobody answered in this round, so there is nothing to sum up.",
  unpaid: "Too little of the limit is left for a recap: raise the limit first.",
  write: "Write recap",
  writeOf: (round: number) => `Write the recap of round ${round}`,
  rewrite: "Write again",
  again: "Try again",
  pending: "The recap is being written from the round’s answers and claims",
  pendingRound: "The recap is written when the round is over",

  noSynthesis: "No synthesis was asked for. It says what came of all rounds together.",
  oneRound: "A synthesis needs two rounds with answers: over one it would only repeat the recap.",
  noRound: "A synthesis needs two rounds with answers, and no round has one yet.",
  writeSynthesis: "Write synthesis",
  pendingSynthesis: "The synthesis is being written from the recaps",
  pendingCascade: (round: number) => `The recap of round ${round} is being written first`,
  pendingRounds: "The synthesis is written when the round is over",

  estimating: "Asking what it would take",
  noEstimate: "What it would take is not known now.",
  nobody: "No model here can write it.",
  choose: "Choose who writes recaps",
  missing: (rounds: number[]) => {
    if (rounds.length === 0) return "All recaps are there.";
    if (rounds.length === 1) return `The recap of round ${rounds[0]} is missing and is written first.`;
    return `${count(rounds.length)} recaps are missing and are written first.`;
  },
  takes: (cost: string, names: string[]) => `${cost[0]?.toUpperCase()}${cost.slice(1)}, by ${names.map(apart).join(", or else ")}.`,
  free: "at no cost",
  atCost: (range: string) => `about ${range}, at cost`,
  notNow: "Not now",
  writeIt: "Write it",

  notWritten: "The recap was not written.",
  synthesisNotWritten: "The synthesis was not written.",
  notBegun: "Nothing was asked to write it.",
  kept: "The rounds are as they were.",
  keptEarlier: "The one before stands below.",
  tried: (names: string) => `Tried: ${apart(names)}.`,

  /** Asked for with a round. */
  thisRound: "Recap this round",
  thisRoundMeaning: "once it is over, at cost",
  /** Beside the round's own range. */
  ofIt: (sum: string) => `including ${sum} for recap and synthesis`,
  withRecap: (recap: string, total: string) => `and recap ${recap}, together ${total}`,
  adds: (range: string) => `+ ${range}`,
  included: "with the synthesis",
  after: "Synthesis after it",
  afterTakes: (missing: number) => (missing === 1 ? "The recap of an earlier round is missing and written too." : `${count(missing)} earlier recaps are missing and written too.`),
};
