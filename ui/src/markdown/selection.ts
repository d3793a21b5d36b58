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
  const range = selection.getRangeAt(0);
  if (!root.contains(range.commonAncestorContainer)) return null;
  const covered = [...root.querySelectorAll<HTMLElement>("[data-s]")].filter((span) => range.intersectsNode(span));
  const units = covered.flatMap((span) => unitsIn(span, range));
  if (units.length === 0) return null;
  const [from, to] = trimmed(map.text, Math.min(...units), Math.max(...units));
  if (from >= to) return null;
  const quote = map.text.slice(from, to);
  return { start: map.byteAt(from), end: map.byteAt(to), quote, rect: rectOf(range) };
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

function trimmed(text: string, from: number, to: number): [number, number] {
  const words = text.slice(from, to);
  return [from + (words.length - words.trimStart().length), to - (words.length - words.trimEnd().length)];
}

function rectOf(range: Range): DOMRect {
  return typeof range.getBoundingClientRect === "function" ? range.getBoundingClientRect() : new DOMRect();
}
