/** Lines of a run's output, cut so that a new word draws little anew. */
export interface Block {
  /** UTF-16 code units said before it. */
  at: number;
  text: string;
}

/** What a run said, as far as it is kept: its newest part. */
export interface Said {
  blocks: readonly Block[];
  /** UTF-16 code units said so far. */
  end: number;
}

/** Most of one run that is kept, in UTF-16 code units. */
export const MOST = 256 * 1024;
/** A block is closed at the first end of a line beyond it. */
const BLOCK = 4 * 1024;
/** A line without an end is cut here. */
const LONGEST = 4 * BLOCK;

/** Text of which `offset` code units are not here. */
export function begun(offset: number, text: string): Said {
  return grown({ blocks: [], end: offset }, text);
}

/** With words that stand at `offset`; `null` where something is missing before them, or they differ from what is here. */
export function added(said: Said, offset: number, words: string): Said | null {
  if (offset > said.end) return null;
  const first = said.blocks[0]?.at ?? said.end;
  // What was said before the part that is kept is not known any more.
  const known = words.slice(Math.max(0, first - offset), said.end - offset);
  const from = Math.max(offset, first);
  if (known !== "" && textOf(said).slice(from - first, from - first + known.length) !== known) return null;
  return grown(said, words.slice(said.end - offset));
}

/** All of it that is kept. */
export function textOf({ blocks }: Said): string {
  return blocks.map(({ text }) => text).join("");
}

function grown(said: Said, words: string): Said {
  if (words === "") return said;
  const blocks = [...said.blocks];
  const open = blocks.at(-1);
  const last = open && !isFull(open.text) ? blocks.pop() : undefined;
  let at = last?.at ?? said.end;
  for (const text of cut((last?.text ?? "") + words)) {
    blocks.push({ at, text });
    at += text.length;
  }
  return { blocks: kept(blocks, at), end: at };
}

function isFull(text: string): boolean {
  return text.length >= LONGEST || (text.length >= BLOCK && text.endsWith("\n"));
}

function cut(text: string): string[] {
  const parts: string[] = [];
  let from = 0;
  while (text.length - from > BLOCK) {
    const line = text.indexOf("\n", from + BLOCK - 1);
    const to = Math.min(line < 0 ? Infinity : line + 1, from + LONGEST);
    if (to >= text.length) break;
    parts.push(text.slice(from, to));
    from = to;
  }
  parts.push(text.slice(from));
  return parts;
}

function kept(blocks: Block[], end: number): Block[] {
  const first = blocks.findIndex(({ at }) => end - at <= MOST);
  return first <= 0 ? blocks : blocks.slice(first);
}
