import type { Stance } from "../../../../components/stance";
import type { Claim } from "../../../../generated/Claim";
import type { ModelId } from "../../../../generated/ModelId";
import type { Move } from "../../../../generated/Move";
import type { Position } from "../../../../generated/Position";
import type { RoundView } from "../../../../generated/RoundView";
import { passageId } from "../answers/sentences";
import { sayersOf } from "../claims/rows";
import { plain } from "../words";

/** A claim in the map of one round. */
export interface Standing {
  id: string;
  round: RoundView;
  claim: Claim;
}

/** What a seat held of a claim in one round. */
export interface Step {
  position: Position;
  /** It changed its mind here. */
  moved: boolean;
  /** The claim as that round has it: where the words are that the seat quoted then. */
  on: Standing;
}

/** A seat's stances on one claim, one for each round; `null` where it was silent. */
export interface SeatPath {
  model: string;
  /** The person, where the moderator passed on what people said. */
  said_by?: string;
  steps: (Step | null)[];
  /** In which of these rounds it said the words: in this claim, or in another that says the same. */
  said: ("here" | "too" | null)[];
}

/** A claim from round to round. */
export interface Thread {
  /** Oldest first. */
  standings: Standing[];
  /** The words as they stand now. */
  newest: Standing;
}

/** A thread on which somebody moved, with the seats that did. */
export interface MovedThread extends Thread {
  paths: SeatPath[];
}

/**
 * Claims with those that continue them, in the order in which they first came up. What a seat says again in the same
 * words is the same claim, whether or not somebody quoted it as the older one.
 */
export function threadsOf(rounds: RoundView[]): Thread[] {
  const threads = new Map<string, Standing[]>();
  const rootOf = new Map<string, string>();
  const rootOfWords = new Map<string, string>();
  for (const round of rounds) {
    const claims = round.claim_map?.claims ?? [];
    const words = claims.map(wordsOf);
    const roots = claims.map((claim, at) => {
      const before = claim.continues && rootOf.get(passageId(claim.continues.round_index, claim.continues));
      return before ?? rootOfWords.get(words[at] ?? "") ?? passageId(round.index, claim);
    });
    claims.forEach((claim, at) => {
      const id = passageId(round.index, claim);
      const root = roots[at] ?? id;
      rootOf.set(id, root);
      rootOfWords.set(words[at] ?? "", root);
      threads.set(root, [...(threads.get(root) ?? []), { id, round, claim }]);
    });
  }
  return [...threads.values()].flatMap((standings) => standings.slice(-1).map((newest) => ({ standings, newest })));
}

/** Where somebody moved: claim by claim, seats in panel order, a step for each round. */
export function movedThreads(rounds: RoundView[], panel: ModelId[]): MovedThread[] {
  const sayers = rounds.map(({ claim_map }) => sayersOf(claim_map?.claims ?? []));
  return threadsOf(rounds).flatMap((thread) => {
    const movers = new Map(thread.standings.flatMap(movesOn).map((move) => [whoOf(move), move]));
    if (movers.size === 0) return [];
    const rank = ({ model }: Move) => (panel.indexOf(model) + panel.length + 1) % (panel.length + 1);
    const sorted = [...movers.values()].sort((a, b) => rank(a) - rank(b));
    const path = ({ model, said_by }: Move): SeatPath => ({
      model,
      ...(said_by !== undefined && { said_by }),
      steps: withoutRepeats(rounds.map(({ index }) => stepIn(thread, index, whoOf({ model, said_by })))),
      said: rounds.map(({ index }, at) => {
        const claims = thread.standings.filter(({ round }) => round.index === index).map(({ claim }) => claim);
        if (claims.some(({ originator }) => originator === model)) return "here";
        return claims.some(({ id }) => sayers[at]?.get(id)?.includes(model)) ? "too" : null;
      }),
    });
    return [{ ...thread, paths: sorted.map(path) }];
  });
}

/** How often somebody changed their mind, as the rows show it. */
export function moveCount(rounds: RoundView[]): number {
  const steps = movedThreads(rounds, []).flatMap(({ paths }) => paths.flatMap((path) => path.steps));
  return steps.filter((step) => step?.moved).length;
}

/** Claims whose majority hangs on one seat, as they stand now. */
export function hinges(rounds: RoundView[]): Standing[] {
  return threadsOf(rounds)
    .map(({ newest }) => newest)
    .filter(({ claim }) => claim.flips_without.length > 0);
}

function wordsOf({ originator, quote }: Claim): string {
  return `${originator} ${plain(quote)}`;
}

function movesOn({ round, claim }: Standing): Move[] {
  return (round.claim_map?.moved ?? []).filter(({ claim_id }) => claim_id === claim.id);
}

/** A seat, or whoever steers; of people whose words were passed on each by themselves. */
export function whoOf({ model, said_by }: Pick<Position, "model" | "said_by">): string {
  return said_by === undefined ? model : `${model}/${said_by}`;
}

// As `mark` in `crates/deliberation/src/claims/moves.rs`; older maps call each SHIFT a move. Said again of the same claim it is the mind that had changed already.
function withoutRepeats(steps: (Step | null)[]): (Step | null)[] {
  let last: Stance | null = null;
  return steps.map((step) => {
    if (!step) return null;
    const isAgain = step.position.type === "SHIFT" && last === "SHIFT";
    last = step.position.type;
    return isAgain ? { ...step, moved: false } : step;
  });
}

// Two claims of one round may continue the same one: the seat's last word counts, and before it one by which it moved.
function stepIn(thread: Thread, round: number, who: string): Step | null {
  const steps = thread.standings
    .filter((standing) => standing.round.index === round)
    .flatMap((standing) =>
      standing.claim.positions
        .filter((position) => whoOf(position) === who)
        .map((position): Step => ({ position, moved: movesOn(standing).some((move) => isOf(move, position)), on: standing })),
    );
  return steps.findLast(({ moved }) => moved) ?? steps.at(-1) ?? null;
}

// Who holds two positions on one claim may have moved to one of them.
function isOf(move: Move, position: Position): boolean {
  return whoOf(move) === whoOf(position) && move.to === position.type && move.from === position.was;
}
