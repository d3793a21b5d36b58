import { rectOf, upTo, wholeWords } from "../../../markdown/selection";
import { readBlocks, type Node } from "../../../markdown/tree";

/** The shown words of a Markdown passage, without its marks: how a quote reads in a row. */
export function plain(markdown: string): string {
  const blocks = readBlocks(withoutHalves(markdown.replace(/\r\n|\r/g, "\n")));
  return blocks.map((block) => block.nodes.map(wordsOf).join("")).filter(Boolean).join(" ").replace(/\s+/g, " ").trim();
}

/** Words cut out of bold ones keep one mark of the pair, their own or the neighbour's: what has no other half is left out. */
function withoutHalves(markdown: string): string {
  const kept = markdown.replace(/^\s*(?:\*{2,3}|_{2,3})(?=\s)/, "").replace(/\s(?:\*{2,3}|_{2,3})\s*$/, "").trim();
  const [opened, halves]: [number[], number[]] = [[], []];
  let ticksAhead = kept.split("`").length - 1;
  for (const { 0: mark, index: at } of kept.matchAll(/`|\*\*/g)) {
    if (mark === "`") {
      ticksAhead -= 1;
      continue;
    }
    const [before, after] = [kept[at - 1] ?? " ", kept[at + 2] ?? " "];
    const [isLetterBefore, isLetterAfter] = [before, after].map((sign) => /[\p{L}\p{N}]/u.test(sign));
    // In code, and between two letters as in 2**8, they are signs of their own.
    if (ticksAhead % 2 === 1 || (isLetterBefore && isLetterAfter)) continue;
    if (!/\s/.test(after) && !isLetterBefore) opened.push(at);
    else if (!/\s/.test(before) && opened.pop() === undefined) halves.push(at);
  }
  const alone = new Set([...halves, ...opened]);
  return kept.replace(/\*\*/g, (mark, at: number) => (alone.has(at) ? "" : mark));
}

/** How a document begins: the heading above its first words stands aside, as it is no sentence of theirs. */
export function opening(markdown: string): string {
  const blocks = readBlocks(markdown.replace(/\r\n|\r/g, "\n"));
  const first = blocks.find(({ nodes }) => nodes.length > 0 && nodes[0]?.kind !== "heading");
  return plain(first ? markdown.replace(/\r\n|\r/g, "\n").slice(first.start) : markdown);
}

/** Whole words selected inside an element of plain text, with where they stand; `null` when there are none. */
export function selectedWords(root: HTMLElement): { quote: string; rect: DOMRect } | null {
  const selection = document.getSelection();
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = upTo(root, selection.getRangeAt(0));
  if (!root.contains(range.commonAncestorContainer)) return null;
  const before = document.createRange();
  before.setStart(root, 0);
  before.setEnd(range.startContainer, range.startOffset);
  const [text, from] = [root.textContent ?? "", before.toString().length];
  const quote = text.slice(...wholeWords(text, from, from + range.toString().length));
  return quote === "" ? null : { quote, rect: rectOf(range) };
}

function wordsOf(node: Node): string {
  if (node.kind === "text") return node.text;
  if (node.kind === "break") return " ";
  return "children" in node ? node.children.map(wordsOf).join(node.kind === "row" || node.kind === "list" ? " " : "") : "";
}
