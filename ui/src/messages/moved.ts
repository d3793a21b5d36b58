import { count } from "../format/numbers";
import { apart } from "./apart";

const quoted = "quoted";
const inRound = (index: number) => `in round ${index + 1}`;

/** Words of the view that shows who changed their mind. */
export const moved = {
  label: "Who changed their mind, on what, and why",
  columns: { claim: "Claim", seat: "Seat" },
  changes: (n: number) => (n === 1 ? "1 change" : `${count(n)} changes`),
  by: (seats: number) => (seats === 1 ? "by 1 seat" : `by ${seats} seats`),
  on: (claims: number) => (claims === 1 ? "on 1 claim" : `on ${count(claims)} claims`),
  here: "moved here",
  /** What a seat quoted as it moved; its words stand in an answer of some round. */
  quoted,
  inRound,
  /** The same, by the letter that stands there, and in full. */
  cites: (letter: string, round: number, quote: string, who: string) => `${quoted} ${letter} ${inRound(round)}: “${apart(quote)}”. Open in ${apart(who)}’s answer`,
  /** A SHIFT is a move also where nothing is known of before; without one, it takes a round to move from. */
  oneRound: "No claim of this round has a SHIFT, and no round before it says where anybody stood. Steer another round, and this shows who changes their mind.",
  nobody: "Nobody has changed a stance from one round to the next.",
  noneYet: "Moves show when the first round has its claims.",
  write: "Write the prompt",
  open: "open in the answer",
  openWords: (who: string) => `Open in ${apart(who)}’s answer`,
  next: "Next claim",
  before: "Previous claim",
  hinges: "One seat decides",
  hingesAside: "without it the majority on the claim flips",
  noHinges: "No claim’s majority hangs on one seat.",
  without: (names: string) => `Without ${apart(names)}`,
  toClaim: "Show the claim",
};
