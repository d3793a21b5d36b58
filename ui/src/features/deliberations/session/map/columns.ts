import type { RoundView } from "../../../../generated/RoundView";
import { isOwn } from "../summary";
import type { Forwarded } from "./layout";

/** A round on the map, or the one that is being drafted. */
export interface Column {
  index: number;
  /** `null` while it is a draft. */
  round: RoundView | null;
  /** What steers it, while it has no map of its own. */
  snippets: Forwarded[];
}

/** All rounds, and the draft of the next one unless a round runs. */
export function columnsOf(rounds: RoundView[], draft: Forwarded[]): Column[] {
  const columns = rounds.map((round): Column => ({ index: round.index, round, snippets: round.claim_map ? [] : forwarded(round) }));
  const newest = rounds.at(-1);
  if (!newest || newest.status === "in_progress") return columns;
  return [...columns, { index: newest.index + 1, round: null, snippets: draft }];
}

function forwarded({ snippets }: RoundView): Forwarded[] {
  return snippets.map(({ type, quote, quoted_model, comment, quote_status }, at) => ({
    key: String(at),
    type,
    quote,
    quoted_model,
    comment: comment ?? "",
    own: isOwn(quote_status),
  }));
}
