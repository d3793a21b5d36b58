import type { SourceMap } from "./bytes";

/** Words a person selected in rendered Markdown. */
export interface Selected {
  /** UTF-8 bytes of the source. */
  start: number;
  end: number;
  /** The source between them, byte for byte: what a snippet quotes. */
  quote: string;
  /** Where the words stand on the screen. */
  rect: DOMRect;
}

/** Reads the document's selection if all of it lies in `root` and covers words that stand in the source. */
export function readSelection(root: HTMLElement, map: SourceMap): Selected | null {
  const selection = document.getSelection();
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = upTo(root, selection.getRangeAt(0));
  if (!root.contains(range.commonAncestorContainer)) return null;
  const covered = [...root.querySelectorAll<HTMLElement>("[data-s]")].filter((span) => range.intersectsNode(span));
  const units = covered.flatMap((span) => unitsIn(span, range));
  if (units.length === 0) return null;
  const [from, to] = wholeWords(map.text, Math.min(...units), Math.max(...units));
  if (from >= to) return null;
  const quote = map.text.slice(from, to);
  return { start: map.byteAt(from), end: map.byteAt(to), quote, rect: rectOf(range) };
}

/** A range without the beginning of what follows `root`, up to which three clicks select a last paragraph. */
export function upTo(root: HTMLElement, range: Range): Range {
  if (!root.contains(range.startContainer) || root.contains(range.endContainer)) return range;
  const beyond = range.cloneRange();
  beyond.setStartAfter(root);
  if (beyond.toString().trim() !== "") return range;
  const kept = range.cloneRange();
  kept.setEnd(root, root.childNodes.length);
  return kept;
}

/** Grows a stretch of text to the ends of the words it cuts, and takes the spaces around it off. */
export function wholeWords(text: string, from: number, to: number): [number, number] {
  let [start, end] = [from, to];
  while (start < end && /\s/.test(text[start] ?? "")) start += 1;
  while (end > start && /\s/.test(text[end - 1] ?? "")) end -= 1;
  if (start === end) return [start, end];
  while (start > 0 && isInWord(text, start)) start -= 1;
  while (end < text.length && isInWord(text, end)) end += 1;
  return [start, end];
}

// Scripts without spaces have no word ends to look for: what was selected is what was meant.
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;

// Whether a place lies between two letters of one word.
function isInWord(text: string, at: number): boolean {
  const [before, after] = [text[at - 1] ?? "", text[at] ?? ""];
  return [before, after].every((sign) => /[\p{L}\p{N}]/u.test(sign) && !UNSPACED.test(sign));
}

// First and last unit of the source that the range covers in one span.
function unitsIn(span: HTMLElement, range: Range): number[] {
  const text = span.firstChild;
  const start = Number(span.dataset.s);
  if (!(text instanceof Text) || span.dataset.s === "" || Number.isNaN(start)) return [];
  const whole = Number(span.dataset.e);
  const from = range.startContainer === text ? range.startOffset : 0;
  const to = range.endContainer === text ? range.endOffset : text.length;
  if (to <= from) return [];
  // A span that stands for other characters (an entity) is taken whole.
  return [start + Math.min(from, whole - start), Math.min(start + to, whole)];
}

/** Where a range stands on the screen. */
export function rectOf(range: Range): DOMRect {
  return typeof range.getBoundingClientRect === "function" ? range.getBoundingClientRect() : new DOMRect();
}
