import type { ClaimGroup } from "../../../../generated/ClaimGroup";
import type { Column } from "./columns";
import { continued, type ClaimPlace, type DraftPlace, type Place } from "./layout";

/** A line of the table: a round's head, a claim, or a snippet that steers a round. */
export type TableRow =
  | { kind: "round"; id: string; column: Column; count: number }
  | { kind: "place"; id: string; place: Place; /** Rounds in which it was taken further. */ later: number[] };

/** The map's nodes as rows: by round, and in each as its matrix has them, contested first. */
export function tableRows(columns: Column[], claims: ClaimPlace[], drafts: DraftPlace[]): TableRow[] {
  const later = laterRounds(claims, drafts);
  return columns.flatMap((column) => {
    const own = [...claims, ...drafts].filter(({ round }) => round === column.index);
    const head: TableRow = { kind: "round", id: `round/${column.index}`, column, count: own.length };
    return [head, ...own.map((place): TableRow => ({ kind: "place", id: place.id, place, later: later.get(place.id) ?? [] }))];
  });
}

/** Where the panel stands on a node's words; nobody has said so of a snippet. */
export function groupOf(place: Place): ClaimGroup | null {
  return place.kind === "claim" ? place.claim.group : null;
}

const LINE = 18;
const AROUND = 12;

/** Pixels of a row, by what it holds: the table draws only what is in sight. */
export function heightOf(row: TableRow): number {
  if (row.kind === "round") return 36;
  const lines = row.place.kind === "claim" ? row.place.claim.positions.length : 1;
  return AROUND + LINE * Math.max(2, lines) + 2;
}

function laterRounds(claims: ClaimPlace[], drafts: DraftPlace[]): Map<string, number[]> {
  const later = new Map<string, number[]>();
  const known = (from: string | null, round: number) => {
    if (from !== null) later.set(from, [...new Set([...(later.get(from) ?? []), round])]);
  };
  for (const { claim, round } of claims) known(continued(claim), round);
  for (const { from, round } of drafts) known(from, round);
  return later;
}
