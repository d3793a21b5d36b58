import { locale } from "../messages/locale";
import { lazily } from "./lazily";

const plain = lazily(() => new Intl.NumberFormat(locale));

/** A whole number with thousands marked. */
export function count(value: number): string {
  // Nearly every number on a screen has nothing to mark.
  return value >= 0 && value < 1_000 ? String(value) : plain().format(value);
}

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

/** A size on the disk: "412 kB", "1.2 MB". A unit is a thousand of the one before. */
export function bytes(value: number): string {
  const power = Math.min(UNITS.length - 1, value < 1_000 ? 0 : Math.floor(Math.log10(value) / 3));
  const shown = value / 1_000 ** power;
  const digits = power > 0 && shown < 10 ? 1 : 0;
  return new Intl.NumberFormat(locale, { style: "unit", unit: UNITS[power], unitDisplay: power ? "short" : "long", maximumFractionDigits: digits }).format(shown);
}

const encoder = new TextEncoder();

/** UTF-8 bytes of a text. */
export function utf8(text: string): number {
  return encoder.encode(text).length;
}

/** Characters of a text, of which some are two of its units. */
export function characters(text: string): number {
  return [...text].length;
}

/** A context window, the way model cards write it: "200 k", "1 M". */
export function windowSize(tokens: number): string {
  if (tokens >= 1_000_000) return `${trimmed(tokens / 1_000_000)} M`;
  return tokens >= 1_000 ? `${Math.round(tokens / 1_000)} k` : String(tokens);
}

function trimmed(value: number): string {
  return value.toFixed(1).replace(/\.0$/, "");
}
