import type { Piece } from "./tree";

/** What a mark means: the words under discussion, a quoted sentence, the sentence the words stand in. */
export type MarkKind = "words" | "quoted" | "chosen";

/** Words to show marked, in UTF-8 bytes of the source. */
export interface Mark {
  start: number;
  end: number;
  kind: MarkKind;
  /** Given to `onmark` when the words are clicked. */
  id?: string;
}

/** The same in units of the lexed text. */
export interface UnitMark extends Mark {
  order: number;
}

/** A part of a piece with the marks that cover all of it. */
export interface Run {
  text: string;
  start: number | null;
  marks: UnitMark[];
}

/** Cuts a piece where marks begin and end, and at `places`. A piece that stands for other characters is never cut. */
export function cutRuns(piece: Piece, marks: UnitMark[], places: number[] = []): Run[] {
  const { text, start, end } = piece;
  if (start === null || end === null) return [{ text, start, marks: [] }];
  const touching = marks.filter((mark) => mark.start < end && mark.end > start);
  const inside = places.filter((place) => place > start && place < end);
  if (touching.length + inside.length === 0 || end - start !== text.length) return [{ text, start, marks: touching }];
  const cuts = new Set([start, end, ...inside]);
  for (const mark of touching) {
    if (mark.start > start) cuts.add(mark.start);
    if (mark.end < end) cuts.add(mark.end);
  }
  const sorted = [...cuts].sort((a, b) => a - b);
  return sorted.slice(0, -1).map((from, index) => {
    const to = sorted[index + 1] ?? end;
    const covering = touching.filter((mark) => mark.start <= from && mark.end >= to);
    return { text: text.slice(from - start, to - start), start: from, marks: covering };
  });
}
