import type { MicroUsd } from "../generated/MicroUsd";

export type { MicroUsd };

const ONE = 1_000_000;
const MILL = 1_000;
const CENT = 10_000;

/**
 * Writes micro-dollars as dollars without ever dividing into a float that is shown.
 * Without `digits` the sum chooses: two places from a dollar up, four below, six where four would say nothing.
 */
export function money(micro: MicroUsd, digits?: number): string {
  if (micro === 0) return digits === undefined ? "$0" : `$${fixed(0, digits)}`;
  const sign = micro < 0 ? "−" : "";
  const size = Math.abs(micro);
  return `${sign}$${fixed(size, digits ?? chosenDigits(size))}`;
}

/** A limit or a price a person typed: no places where there are none, two or more where there are. */
export function roundMoney(micro: MicroUsd): string {
  if (micro % ONE === 0) return `${micro < 0 ? "−" : ""}$${grouped(Math.abs(micro) / ONE)}`;
  return priceMoney(micro);
}

/** A price in a column of prices: two places at least, more where it has them. */
export function priceMoney(micro: MicroUsd): string {
  const digits = [2, 3, 4, 5].find((places) => micro % 10 ** (6 - places) === 0) ?? 6;
  return money(micro, digits);
}

/** The next whole cent, of a sum that somebody is to write. */
export function wholeCents(micro: MicroUsd): MicroUsd {
  return Math.ceil(micro / CENT) * CENT;
}

/** What must not be told as less than it is, such as the sum that a round needs: its last thousandth of a dollar, begun, counts whole. */
export function wholeMills(micro: MicroUsd): MicroUsd {
  return Math.ceil(micro / MILL) * MILL;
}

/** What is needed and must not be told as less than it is, in as few places as show it. Beside what is left, it is the greater of both as they are written. */
export function neededMoney(micro: MicroUsd): string {
  const digits = placesOf(micro);
  const step = 10 ** (6 - digits);
  return digits === 2 ? priceMoney(wholeMills(micro)) : money(Math.ceil(micro / step) * step, digits);
}

/** What is left and must not be told as more than it is: in whole cents, and what is less than one in as many places as show it. */
export function leftMoney(micro: MicroUsd): string {
  const digits = placesOf(micro);
  const step = 10 ** (6 - digits);
  return money(Math.floor(micro / step) * step, digits);
}

function placesOf(micro: MicroUsd): number {
  const size = Math.abs(micro);
  if (size === 0 || size >= CENT) return 2;
  return size >= 100 ? 4 : 6;
}

/** An estimate: both ends with the places the lower end needs, one dollar sign. */
export function moneyRange(low: MicroUsd, high: MicroUsd): string {
  if (low === 0 && high === 0) return "$0";
  const digits = rangeDigits(low);
  const [from, to] = [fixed(low, digits), fixed(high, digits)];
  return from === to ? `$${to}` : `$${from} – ${to}`;
}

/** The places with which parts and the sum below them add up as they are written, and none of them says less than alone; none are chosen for $0. */
export function digitsOfSum(parts: MicroUsd[], sum: MicroUsd): number | undefined {
  const told = [...parts, sum].filter((micro) => micro !== 0);
  if (told.length === 0) return undefined;
  const least = Math.max(...told.map((micro) => chosenDigits(Math.abs(micro))));
  const addsUp = (places: number) => parts.reduce((all, part) => all + rounded(part, places), 0) === rounded(sum, places);
  return [2, 4].find((places) => places >= least && addsUp(places)) ?? 6;
}

/** How far a sum lies above such an estimate, or below it as a negative sum; of the figures as both are written, so that they add up. */
export function beyondRange(micro: MicroUsd, low: MicroUsd, high: MicroUsd): MicroUsd {
  const [sum, from, to] = [rounded(micro, chosenDigits(micro)), rounded(low, rangeDigits(low)), rounded(high, rangeDigits(low))];
  return sum > to ? sum - to : Math.min(0, sum - from);
}

/**
 * Reads what a person typed as dollars; `null` for anything that is not a sum of at most six places. A comma stands
 * between groups of three, as sums are written here; any other could be meant as a point, so it is no sum.
 */
export function parseMoney(text: string): MicroUsd | null {
  const found = /^\s*\$?\s*(?=\.?\d)(\d{0,9}|[1-9]\d{0,2}(?:,\d{3}){1,2})(?:\.(\d{0,6}))?\s*$/.exec(text);
  if (!found) return null;
  const [, whole = "", places = ""] = found;
  return Number(whole.replaceAll(",", "")) * ONE + Number(places.padEnd(6, "0"));
}

/** Whether a person typed dollars, with places or not, that are more than `most`: also a sum too long to be read. */
export function isAbove(text: string, most: MicroUsd): boolean {
  const [, whole = "", places = ""] = /^\s*\$?\s*(?=\.?\d)(\d*|[1-9]\d{0,2}(?:,\d{3})+)(?:\.(\d{0,6}))?\s*$/.exec(text) ?? [];
  return Number(whole.replaceAll(",", "")) * ONE + Number(places.padEnd(6, "0")) > most;
}

function rangeDigits(low: MicroUsd): number {
  return low >= ONE ? 2 : 3;
}

function chosenDigits(size: number): number {
  if (size >= ONE) return 2;
  return size >= 50 ? 4 : 6;
}

function fixed(size: number, digits: number): string {
  const units = rounded(size, digits) / 10 ** (6 - digits);
  const scale = 10 ** digits;
  const whole = grouped(Math.floor(units / scale));
  return digits === 0 ? whole : `${whole}.${String(units % scale).padStart(digits, "0")}`;
}

/** The micro-dollars that so many places show. */
function rounded(size: MicroUsd, digits: number): MicroUsd {
  const step = 10 ** (6 - digits);
  return (Math.floor(size / step) + (2 * (size % step) >= step ? 1 : 0)) * step;
}

function grouped(whole: number): string {
  return String(whole).replace(/\B(?=(\d{3})+$)/g, ",");
}
