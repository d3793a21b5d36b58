import type { Piece } from "./tree";

const ENTITY = /&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[a-zA-Z][a-zA-Z\d]{1,31});/g;

/**
 * Walks the source beside the token tree. The lexer strips list indents and quote marks before it reads what is
 * inside, so a token's place is not the sum of its siblings' lengths: each line is looked for from here on.
 */
export class Cursor {
  constructor(
    private readonly text: string,
    private at: number,
    private readonly limit: number,
    private readonly offset: number,
  ) {}

  /** Steps over markup that shows nothing. */
  pass(markup: RegExp): void {
    const found = markup.exec(this.text.slice(this.at, this.limit));
    if (found) this.at += found[0].length;
  }

  /** Where the cursor will be behind `raw`, or here if it cannot be found. */
  after(raw: string): number {
    const found = this.#find(raw);
    return found === null ? this.at : found + raw.length;
  }

  /** Moves on, never back. */
  moveTo(unit: number): void {
    this.at = Math.max(this.at, Math.min(unit, this.limit));
  }

  /** Pieces for text shown as written, one for each line of it. */
  take(shown: string): Piece[] {
    return shown.split(/(?<=\n)/).flatMap((line) => this.#line(line));
  }

  /** Pieces for text in which entities stand for other characters. */
  takeEntities(raw: string): Piece[] {
    const pieces: Piece[] = [];
    let from = 0;
    for (const found of raw.matchAll(ENTITY)) {
      pieces.push(...this.take(raw.slice(from, found.index)), ...this.takeAll(found[0], decoded(found[0])));
      from = found.index + found[0].length;
    }
    return [...pieces, ...this.take(raw.slice(from))];
  }

  /** One piece for source that shows as something else; it is marked whole or not at all. */
  takeAll(raw: string, shown: string): Piece[] {
    const found = this.#find(raw);
    if (found !== null) this.at = found + raw.length;
    return [this.#piece(shown, found, raw.length)];
  }

  #line(line: string): Piece[] {
    if (line === "") return [];
    const found = this.#find(line) ?? this.#find(line.trimStart());
    // Only table cells hold pipes that the lexer has already unescaped.
    if (found === null) return line.includes("|") ? this.takeAll(line.replaceAll("|", "\\|"), line) : [this.#piece(line, null, 0)];
    const text = this.text.startsWith(line, found) ? line : line.trimStart();
    this.at = found + text.length;
    return [this.#piece(text, found, text.length)];
  }

  #find(wanted: string): number | null {
    if (wanted === "") return null;
    const found = this.text.indexOf(wanted, this.at);
    return found < 0 || found + wanted.length > this.limit ? null : found;
  }

  #piece(text: string, found: number | null, length: number): Piece {
    if (found === null) return { kind: "text", text, start: null, end: null };
    return { kind: "text", text, start: found + this.offset, end: found + length + this.offset };
  }
}

// The browser knows all 2,231 names; the parsed document is never attached and runs nothing.
function decoded(entity: string): string {
  return new DOMParser().parseFromString(entity, "text/html").documentElement.textContent ?? entity;
}
