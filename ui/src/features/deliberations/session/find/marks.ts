import { lengthOf, occurrences, type Hit } from "./hits";

const ALL = "found";
const NOW = "found-now";

/** Marks what was found under an element without touching it, and gives the range of the current one. */
export function mark(view: HTMLElement, query: string, current: Hit | null): Range | null {
  let now: Range | null = null;
  const others: Range[] = [];
  for (const root of view.querySelectorAll<HTMLElement>("[data-find]")) {
    const texts = textsOf(root);
    const text = texts.map(({ data }) => data).join("");
    const all = occurrences(text, query);
    all.forEach((at, nth) => {
      const range = rangeOf(texts, at, endOfLetter(text, at + lengthOf(query)));
      const isNow = current !== null && current.key === root.dataset.find && current.nth === nth;
      if (range && isNow) now ??= range;
      else if (range) others.push(range);
    });
  }
  paint(ALL, others);
  paint(NOW, now ? [now] : []);
  return now;
}

/** Takes the marks away. */
export function unmark(): void {
  paint(ALL, []);
  paint(NOW, []);
}

/** Brings a range into sight, clear of what floats over the ends of its box. */
export function reveal(range: Range): void {
  const from = range.startContainer.parentElement;
  if (!from || typeof range.getBoundingClientRect !== "function") return;
  for (let box: HTMLElement | null = from; box; box = box.parentElement) {
    const { overflowY, scrollPaddingTop } = getComputedStyle(box);
    if (!/auto|scroll/.test(overflowY)) continue;
    const [outer, inner] = [box.getBoundingClientRect(), range.getBoundingClientRect()];
    const above = Math.max(48, parseFloat(scrollPaddingTop) || 0);
    if (inner.top < outer.top + above || inner.bottom > outer.bottom - 24) box.scrollTop += inner.top - outer.top - Math.max(above, outer.height / 3);
  }
}

// Custom highlights leave the drawn text as it is (CSS Custom Highlight API); without them the current one is selected.
function paint(name: string, ranges: Range[]): void {
  const highlights = globalThis.CSS?.highlights;
  if (highlights && ranges.length > 0) highlights.set(name, new Highlight(...ranges));
  else if (highlights) highlights.delete(name);
  else if (name === NOW && ranges[0]) select(ranges[0]);
}

function select(range: Range): void {
  document.getSelection()?.setBaseAndExtent(range.startContainer, range.startOffset, range.endContainer, range.endOffset);
}

/** Signs that are drawn on the letter before them, as vowels in Arabic and Hebrew are, are marked with it. */
function endOfLetter(text: string, at: number): number {
  return at + (/^\p{M}*/u.exec(text.slice(at))?.[0].length ?? 0);
}

// Of rendered Markdown only the runs that stand for source, as in `drawnText`.
function textsOf(root: HTMLElement): Text[] {
  const isMarkdown = root.querySelector("[data-s]") !== null;
  const texts: Text[] = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode as Text;
    if (!isMarkdown || node.parentElement?.hasAttribute("data-s")) texts.push(node);
  }
  return texts;
}

function rangeOf(texts: Text[], from: number, to: number): Range | null {
  const range = document.createRange();
  let [at, begun] = [0, false];
  for (const node of texts) {
    const end = at + node.data.length;
    if (!begun && from < end) {
      range.setStart(node, from - at);
      begun = true;
    }
    if (begun && to <= end) {
      range.setEnd(node, to - at);
      return range;
    }
    at = end;
  }
  return null;
}
