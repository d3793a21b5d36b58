import { lazily } from "../format/lazily";

/** A place in drawn text. */
interface Place {
  node: Text;
  offset: number;
}

/** One word of drawn text; its ends may stand in different runs. */
export interface Word {
  start: Place;
  end: Place;
}

const BLOCK = "p, li, td, th, pre, dd, blockquote";
const segmenter = lazily(() => new Intl.Segmenter(undefined, { granularity: "word" }));

/** The words under an element in reading order. */
export function wordsIn(root: HTMLElement): Word[] {
  return blocksOf(root).flatMap(wordsOf);
}

/** Chooses words by keys: one word, or the run from where it was held to where it is now. */
export class WordCaret {
  #at: number;
  #held: number;

  private constructor(
    readonly root: HTMLElement,
    at: number,
  ) {
    [this.#at, this.#held] = [at, at];
  }

  /** Stands at the first word in sight, or inside `near` if that is given; `null` where there are no words. */
  static in(root: HTMLElement, near: Element | null): WordCaret | null {
    const words = wordsIn(root);
    const wanted = near ? words.findIndex(({ start }) => near.contains(start.node)) : words.findIndex((word) => inSight(word, root));
    if (words.length === 0) return null;
    const caret = new WordCaret(root, Math.max(0, wanted));
    caret.#select(words);
    return caret;
  }

  /** Moves by words; `hold` keeps the other end where it is. */
  step(by: number, hold: boolean): void {
    const words = wordsIn(this.root);
    this.#goTo(words, this.#at + by, hold);
  }

  /** Moves by lines as they are drawn. */
  line(by: 1 | -1, hold: boolean): void {
    const words = wordsIn(this.root);
    const rects = words.map(rectOf);
    this.#goTo(words, onLine(rects, this.#at, by), hold);
  }

  /** Moves to the first or the last word of the line. */
  edge(by: 1 | -1, hold: boolean): void {
    const words = wordsIn(this.root);
    const rects = words.map(rectOf);
    const own = rects[this.#at];
    let to = this.#at;
    while (own && rects[to + by] && isSameLine(own, rects[to + by])) to += by;
    this.#goTo(words, to, hold);
  }

  /** Lets go of the run and stands at the word it ended with. */
  rest(): void {
    this.step(0, false);
  }

  #goTo(words: Word[], wanted: number, hold: boolean): void {
    this.#at = Math.max(0, Math.min(words.length - 1, wanted));
    if (!hold) this.#held = this.#at;
    this.#select(words);
  }

  #select(words: Word[]): void {
    const [at, held] = [words[this.#at], words[Math.min(this.#held, words.length - 1)]];
    const selection = document.getSelection();
    if (!at || !held || !selection) return;
    const [from, to] = this.#at < this.#held ? [held.end, at.start] : [held.start, at.end];
    selection.setBaseAndExtent(from.node, from.offset, to.node, to.offset);
    reveal(rectOf(at), this.root);
  }
}

// Texts that are read without a break: runs of one paragraph, one item, one cell.
function blocksOf(root: HTMLElement): Text[][] {
  const blocks: Text[][] = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  let last: Element | null | undefined;
  while (walker.nextNode()) {
    const node = walker.currentNode as Text;
    const block = node.parentElement?.closest(BLOCK) ?? null;
    if (block === last) blocks.at(-1)?.push(node);
    else blocks.push([node]);
    last = block;
  }
  return blocks;
}

function wordsOf(block: Text[]): Word[] {
  const text = block.map(({ data }) => data).join("");
  return [...segmenter().segment(text)]
    .filter((segment) => segment.isWordLike)
    .flatMap(({ index, segment }) => {
      const [start, end] = [placeAt(block, index, false), placeAt(block, index + segment.length, true)];
      return start && end ? [{ start, end }] : [];
    });
}

// An end stands behind its last letter, not before the next run's first.
function placeAt(block: Text[], index: number, isEnd: boolean): Place | null {
  let rest = index;
  for (const node of block) {
    if (rest < node.data.length || (isEnd && rest === node.data.length)) return { node, offset: rest };
    rest -= node.data.length;
  }
  return null;
}

function rectOf({ start, end }: Word): DOMRect {
  const range = document.createRange();
  range.setStart(start.node, start.offset);
  range.setEnd(end.node, end.offset);
  return typeof range.getBoundingClientRect === "function" ? range.getBoundingClientRect() : new DOMRect();
}

function isSameLine(one: DOMRect, other: DOMRect | undefined): boolean {
  return other !== undefined && Math.abs(one.bottom - other.bottom) < one.height / 2;
}

/** Of the next line that way, the word that stands nearest below or above. */
export function onLine(rects: DOMRect[], at: number, by: 1 | -1): number {
  const own = rects[at];
  if (!own) return at;
  let next = at + by;
  while (isSameLine(own, rects[next])) next += by;
  const line = rects[next];
  if (!line) return by > 0 ? rects.length - 1 : 0;
  let [best, least] = [next, Number.POSITIVE_INFINITY];
  for (let each = next; isSameLine(line, rects[each]); each += by) {
    const rect = rects[each] ?? own;
    const off = Math.abs(rect.left + rect.width / 2 - (own.left + own.width / 2));
    if (off < least) [best, least] = [each, off];
  }
  return best;
}

function inSight(word: Word, root: HTMLElement): boolean {
  return rectOf(word).top >= (scrollerOf(root)?.getBoundingClientRect().top ?? 0);
}

const MARGIN = 56;

function reveal(rect: DOMRect, root: HTMLElement): void {
  const box = scrollerOf(root);
  if (!box) return;
  const { top, bottom } = box.getBoundingClientRect();
  if (rect.top < top + MARGIN) box.scrollTop -= top + MARGIN - rect.top;
  else if (rect.bottom > bottom - MARGIN) box.scrollTop += rect.bottom - bottom + MARGIN;
}

function scrollerOf(root: HTMLElement): HTMLElement | null {
  for (let each: HTMLElement | null = root; each; each = each.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(each).overflowY)) return each;
  }
  return null;
}
