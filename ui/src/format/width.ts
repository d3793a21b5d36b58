import { lazily } from "./lazily";

/** Letters as wide as they are high. */
const WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Extended_Pictographic}MWmw@…—]/u;
const segmenter = lazily(() => new Intl.Segmenter());

/** Letters as people count them: a joined emoji is one. */
export function lettersOf(text: string): string[] {
  return Array.from(segmenter().segment(text), ({ segment }) => segment);
}

/** How many usual letters the longest of these texts takes. */
export function longestOf(texts: string[]): number {
  return texts.reduce((most, text) => Math.max(most, roomOf(lettersOf(text))), 0);
}

/** How many usual letters would take as much room; rather too many. */
export function roomOf(letters: string[]): number {
  return letters.reduce((sum, letter) => sum + (WIDE.test(letter) ? 2 : 1), 0);
}
