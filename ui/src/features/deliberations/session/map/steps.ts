import type { Place } from "./layout";
import type { Link } from "./links";

export type Direction = "up" | "down" | "left" | "right";

/**
 * The node one step away: up and down in the column, left and right to the next column that has any, along a line
 * where one leads there, else to the nearest row. A line over a round in between is not followed: where all lines
 * are such, no key would lead to that round.
 */
export function beside(places: Place[], links: Link[], from: Place, direction: Direction): Place | undefined {
  if (direction === "up" || direction === "down") return inColumn(places, from, direction === "down" ? 1 : -1);
  const column = nextColumn(places, from, direction === "right" ? 1 : -1);
  const linked = links.flatMap(({ from: left, to: right }) => (direction === "right" ? (left === from ? [right] : []) : right === from ? [left] : []));
  return linked.find((place) => column.includes(place)) ?? nearest(column, from);
}

/** The nodes in the order in which they are read: by round, then by row. */
export function ordered(places: Place[]): Place[] {
  return [...places].sort((a, b) => a.round - b.round || a.row - b.row);
}

function inColumn(places: Place[], from: Place, by: 1 | -1): Place | undefined {
  const column = ordered(places.filter(({ round }) => round === from.round));
  return column[column.indexOf(from) + by];
}

// A round without nodes is passed over.
function nextColumn(places: Place[], from: Place, by: 1 | -1): Place[] {
  const ahead = places.filter(({ round }) => (round - from.round) * by > 0);
  const next = ahead.reduce((nearest, { round }) => (Math.abs(round - from.round) < Math.abs(nearest - from.round) ? round : nearest), Infinity);
  return ordered(ahead.filter(({ round }) => round === next));
}

function nearest(column: Place[], from: Place): Place | undefined {
  return column.reduce<Place | undefined>((best, each) => (best && away(best, from) <= away(each, from) ? best : each), undefined);
}

function away(a: Place, b: Place): number {
  return Math.abs(a.row - b.row);
}
