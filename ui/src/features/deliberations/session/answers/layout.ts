import type { SentenceView } from "../../../../generated/SentenceView";

/** Something that wants to stand at a height beside the text. */
export interface Wanting {
  id: string;
  top: number;
  height: number;
}

const GAP = 8;

/** Puts each as high as it wants, or below the one before it; nothing overlaps and the order stays. */
export function stacked(wanting: Wanting[]): { tops: Record<string, number>; height: number } {
  const tops: Record<string, number> = {};
  let free = 0;
  for (const { id, top, height } of wanting) {
    tops[id] = Math.max(top, free);
    free = (tops[id] ?? 0) + height + GAP;
  }
  return { tops, height: free };
}

/** Where the first line of each marked passage stands in the drawn text. */
export function topsOf(text: HTMLElement): Record<string, number> {
  const from = text.getBoundingClientRect().top;
  const tops: Record<string, number> = {};
  for (const mark of text.querySelectorAll<HTMLElement>("mark[data-mark]")) {
    const id = mark.dataset.mark;
    if (id && tops[id] === undefined) tops[id] = Math.max(0, mark.getBoundingClientRect().top - from - 4);
  }
  return tops;
}

/** Labels by a sentence's first byte: sentences that begin on one line share the first one's label, "C.1, 2". */
export function joinedAnchors(text: HTMLElement, sentences: SentenceView[], letter: string): Map<number, string> {
  const numbers = new Map(sentences.map((sentence) => [sentence.start, sentence.number]));
  const labels = new Map<number, string>();
  let line = { top: Number.NEGATIVE_INFINITY, first: 0, numbers: [] as number[] };
  for (const anchor of text.querySelectorAll<HTMLElement>(".anchor")) {
    const [at, top] = [Number(anchor.dataset.at), anchor.getBoundingClientRect().top];
    const shares = Math.abs(line.top - top) < 6;
    if (!shares) line = { top, first: at, numbers: [] };
    line.numbers.push(numbers.get(at) ?? 0);
    labels.set(at, "");
    labels.set(line.first, `${letter}.${line.numbers.join(", ")}`);
  }
  return labels;
}
