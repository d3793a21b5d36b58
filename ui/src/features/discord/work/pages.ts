import type { Traffic } from "../../../generated/Traffic";
import type { TrafficPage } from "../../../generated/TrafficPage";
import { keyOf } from "../reached";

/** The newest page over what was read before; older rows stand on only where nothing between is missing. */
export function renewed(rows: Traffic[], page: TrafficPage): { rows: Traffic[]; kept: boolean } {
  const fresh = new Set(page.traffic.map(keyOf));
  const oldest = page.traffic.at(-1)?.at ?? "";
  const joins = page.next !== null && rows.some((row) => fresh.has(keyOf(row)));
  const below = joins ? rows.filter((row) => row.at <= oldest && !fresh.has(keyOf(row))) : [];
  return { rows: [...page.traffic, ...below], kept: below.length > 0 };
}

/** An older page below what is there; none of it twice. */
export function lengthened(rows: Traffic[], page: TrafficPage): Traffic[] {
  const known = new Set(rows.map(keyOf));
  return [...rows, ...page.traffic.filter((row) => !known.has(keyOf(row)))];
}
