import type { Stance, QuoteStatus } from "../../../../components/stance";
import type { Claim } from "../../../../generated/Claim";
import type { ClaimGroup } from "../../../../generated/ClaimGroup";
import type { ModelId } from "../../../../generated/ModelId";
import type { Position } from "../../../../generated/Position";
import { plain } from "../words";

export const GROUPS: readonly ClaimGroup[] = ["contested", "agreed", "open"];

/** Which claims are shown; an empty list lets everything through. */
export interface Filter {
  types: Stance[];
  /** Said it or reacted to it. */
  seats: ModelId[];
  groups: ClaimGroup[];
}

/** A line of the matrix: a group's head or a claim. */
export type Row = { kind: "group"; group: ClaimGroup; count: number } | { kind: "claim"; claim: Claim };

/** Lets everything through. */
export function noFilter(): Filter {
  return { types: [], seats: [], groups: [] };
}

/** How many conditions a filter has. */
export function conditions(filter: Filter): number {
  return filter.types.length + filter.seats.length + filter.groups.length;
}

/** The claims that fit, in the map's order. */
export function fitting(claims: Claim[], filter: Filter): Claim[] {
  return claims.filter((claim) => fits(claim, filter));
}

/** Heads and claims in the map's order; a group without claims has no head. */
export function rowsOf(claims: Claim[]): Row[] {
  return GROUPS.flatMap((group): Row[] => {
    const own = claims.filter((claim) => claim.group === group);
    if (own.length === 0) return [];
    return [{ kind: "group", group, count: own.length }, ...own.map((claim): Row => ({ kind: "claim", claim }))];
  });
}

/** A position with its place in the claim's list. */
export interface PlacedPosition {
  position: Position;
  at: number;
}

/** What a reactor holds of a claim: it may have quoted the words more than once. */
export function positionsOf(claim: Claim, reactor: string): PlacedPosition[] {
  return claim.positions.map((position, at) => ({ position, at })).filter(({ position }) => position.model === reactor);
}

/** By the id of each claim of one map, who else said its words: the same sentence of two seats is a claim of each, whatever marks and blanks stand in their answers. */
export function sayersOf(claims: Claim[]): Map<string, ModelId[]> {
  const sayers = new Map<string, ModelId[]>();
  const said = claims.map(({ id, quote, originator }) => ({ id, originator, words: plain(quote) }));
  for (const { words, originator } of said) sayers.set(words, [...(sayers.get(words) ?? []), originator]);
  return new Map(said.map(({ id, words, originator }) => [id, (sayers.get(words) ?? []).filter((model) => model !== originator)]));
}

const FIRMNESS: readonly QuoteStatus[] = ["exact", "typographic", "elided", "snapped", "misattributed"];

/** The least firm of the quotes a claim rests on: what its mark shows. */
export function weakest(claim: Claim): QuoteStatus {
  const at = claim.positions.map((position) => FIRMNESS.indexOf(position.quote_status));
  return FIRMNESS[Math.max(0, ...at)] ?? "exact";
}

/** A quote that was mended before it could carry its stance. */
export function isMended(status: QuoteStatus): boolean {
  return status === "snapped" || status === "misattributed";
}

function fits(claim: Claim, { types, seats, groups }: Filter): boolean {
  const reactors = [claim.originator, ...claim.positions.map((position) => position.model)];
  return (
    (groups.length === 0 || groups.includes(claim.group)) &&
    (types.length === 0 || claim.positions.some((position) => types.includes(position.type))) &&
    (seats.length === 0 || seats.some((seat) => reactors.includes(seat)))
  );
}
