import type { Stance } from "../../../../components/stance";
import type { Claim } from "../../../../generated/Claim";
import type { ModelId } from "../../../../generated/ModelId";
import type { RoundView } from "../../../../generated/RoundView";
import type { SourceSpan } from "../../../../generated/SourceSpan";
import { passageId } from "../answers/sentences";
import { plain } from "../words";
import { seated } from "./rows";

/** Pixels of the plane at 100 %. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A claim where it stands on the map. */
export interface ClaimPlace {
  kind: "claim";
  id: string;
  round: number;
  row: number;
  box: Box;
  claim: Claim;
}

/** Words that were forwarded to a round that has no map yet. */
export interface Forwarded {
  key: string;
  type: Stance;
  quote: string;
  quoted_model: ModelId;
  comment: string;
  /** Words nobody said. */
  own: boolean;
}

/** A snippet where it stands: outlined, in the column of the round it steers. */
export interface DraftPlace {
  kind: "draft";
  id: string;
  round: number;
  row: number;
  box: Box;
  snippet: Forwarded;
  /** The claim it is about, if any map knows the words. */
  from: string | null;
  source: SourceSpan | null;
}

export type Place = ClaimPlace | DraftPlace;

export const NODE = { width: 224, height: 86 } as const;
/** From one column, or one row, to the next. Between columns a claim's positions find room. */
export const PITCH = { x: 448, y: 108 } as const;
/** Around the outermost nodes. */
export const MARGIN = { x: 20, y: 12 } as const;

/** The tone behind a column, in pixels of the screen. */
export const bandLeft = (round: number, zoom: number): number => (round * PITCH.x + MARGIN.x / 2) * zoom;
export const bandWidth = (zoom: number): number => (NODE.width + MARGIN.x) * zoom;

/** Where the node of a round's row stands. */
export function boxAt(round: number, row: number): Box {
  return { x: MARGIN.x + round * PITCH.x, y: MARGIN.y + row * PITCH.y, ...NODE };
}

/** Every claim of every round. A column is a round, and a row the life of a claim: a place depends on its own round and those before. */
export function claimPlaces(rounds: RoundView[]): ClaimPlace[] {
  const rowOf = new Map<string, number>();
  return rounds.flatMap(({ index, claim_map }) => {
    const claims = claim_map?.claims ?? [];
    const rows = seated(claims.map((claim) => rowOf.get(continued(claim) ?? "")));
    return claims.map((claim, at): ClaimPlace => {
      const [id, row] = [passageId(index, claim), rows[at] ?? 0];
      rowOf.set(id, row);
      return { kind: "claim", id, round: index, row, box: boxAt(index, row), claim };
    });
  });
}

/** The snippets that steer a round, each in the row of the claim it is about. */
export function draftPlaces(round: number, snippets: Forwarded[], claims: ClaimPlace[]): DraftPlace[] {
  const about = snippets.map((snippet) => (snippet.own ? undefined : claimOf(snippet, claims)));
  const rows = seated(about.map((place) => place?.row));
  return snippets.map((snippet, at): DraftPlace => {
    const [row, from] = [rows[at] ?? 0, about[at]];
    const source = from?.claim.source ?? null;
    return { kind: "draft", id: `draft/${round}/${snippet.key}`, round, row, box: boxAt(round, row), snippet, from: from?.id ?? null, source };
  });
}

/** The id of what a claim continues. */
export function continued({ continues }: Claim): string | null {
  return continues ? passageId(continues.round_index, continues) : null;
}

/** The plane that holds these places and this many columns. Beside the last one a claim's positions find room, unless it is a draft's, whose nodes unfold nothing. */
export function extent(places: Place[], columns: number, endsInDraft = false): { width: number; height: number } {
  const rows = places.reduce((most, { row }) => Math.max(most, row + 1), 1);
  const width = endsInDraft ? (columns - 1) * PITCH.x + NODE.width + MARGIN.x * 2 : columns * PITCH.x + MARGIN.x;
  return { width, height: MARGIN.y * 2 + (rows - 1) * PITCH.y + NODE.height };
}

/** Whether two boxes touch. */
export function touches(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

// The newest map that has the words speaks for them.
function claimOf({ quote, quoted_model }: Forwarded, claims: ClaimPlace[]): ClaimPlace | undefined {
  const theirs = claims.filter(({ claim }) => claim.originator === quoted_model).reverse();
  return theirs.find(({ claim }) => claim.quote === quote) ?? theirs.find(({ claim }) => holds(claim.quote, quote) || holds(quote, claim.quote));
}

function holds(whole: string, part: string): boolean {
  return whole.includes(part) || plain(whole).includes(plain(part));
}
