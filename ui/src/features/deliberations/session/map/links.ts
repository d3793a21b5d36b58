import type { Stance } from "../../../../components/stance";
import type { Box, ClaimPlace, DraftPlace, Place } from "./layout";
import { continued, PITCH } from "./layout";

/** A line from a claim to what became of it. */
export interface Link {
  id: string;
  from: Place;
  to: Place;
  /** How the moderator took it along; `null` where the seats took it further by themselves. */
  stance: Stance | null;
  path: string;
  /** Where the stance is drawn on it: at its end, beyond the positions that fan out at its start. */
  sign: { x: number; y: number };
  /** What it covers. */
  box: Box;
}

/** From the middle of a stance's sign to the node its line leads to. */
const SIGN = 16;

/** Claims taken further, and snippets about claims. */
export function linksOf(claims: ClaimPlace[], drafts: DraftPlace[]): Link[] {
  const known = new Map(claims.map((place) => [place.id, place]));
  return [...claims, ...drafts].flatMap((to) => {
    const from = known.get((to.kind === "claim" ? continued(to.claim) : to.from) ?? "");
    return from ? [link(from, to)] : [];
  });
}

/** A curve that leaves and arrives level. */
export function curve(x1: number, y1: number, x2: number, y2: number): string {
  if (y1 === y2) return `M${x1} ${y1}H${x2}`;
  const bend = (x2 - x1) / 2;
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}

function link(from: ClaimPlace, to: Place): Link {
  const stance = to.kind === "draft" ? to.snippet.type : carried(to);
  const start = { x: from.box.x + from.box.width, y: middleOf(from.box) };
  const stops = [start, ...between(from, to), { x: to.box.x, y: middleOf(to.box) }];
  const path = stops.slice(1).map((stop, at) => {
    const { x, y } = stops[at] ?? start;
    return curve(x, y, stop.x, stop.y);
  });
  const ys = stops.map(({ y }) => y);
  return {
    id: `${from.id}>${to.id}`,
    from,
    to,
    stance,
    path: path.join(""),
    sign: { x: to.box.x - SIGN, y: middleOf(to.box) },
    box: { x: start.x, y: Math.min(...ys), width: to.box.x - start.x, height: Math.max(...ys) - Math.min(...ys) + 1 },
  };
}

// A line over a round in which the claim rested passes between two rows, not behind another's node.
function between(from: ClaimPlace, to: Place): { x: number; y: number }[] {
  const y = from.box.y + from.box.height + (PITCH.y - from.box.height) / 2;
  const passed = Array.from({ length: Math.max(0, to.round - from.round - 1) }, (_, at) => from.box.x + (at + 1) * PITCH.x);
  return passed.flatMap((x) => [
    { x, y },
    { x: x + from.box.width, y },
  ]);
}

function carried({ claim }: ClaimPlace): Stance | null {
  return claim.positions.findLast(({ model }) => model === "moderator")?.type ?? null;
}

function middleOf({ y, height }: Box): number {
  return y + height / 2;
}
