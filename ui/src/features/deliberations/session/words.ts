import { readBlocks, type Node } from "../../../markdown/tree";

/** The shown words of a Markdown passage, without its marks: how a quote reads in a row. */
export function plain(markdown: string): string {
  const blocks = readBlocks(markdown.replace(/\r\n|\r/g, "\n"));
  return blocks.map((block) => block.nodes.map(wordsOf).join("")).filter(Boolean).join(" ").replace(/\s+/g, " ").trim();
}

/** Words selected inside an element, with where they stand; `null` when the selection lies elsewhere or is empty. */
export function selectedWords(root: HTMLElement): { quote: string; rect: DOMRect } | null {
  const selection = document.getSelection();
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  if (!root.contains(range.commonAncestorContainer)) return null;
  const quote = range.toString().replace(/\s+/g, " ").trim();
  if (quote === "") return null;
  return { quote, rect: typeof range.getBoundingClientRect === "function" ? range.getBoundingClientRect() : new DOMRect() };
}

function wordsOf(node: Node): string {
  if (node.kind === "text") return node.text;
  if (node.kind === "break") return " ";
  return "children" in node ? node.children.map(wordsOf).join(node.kind === "row" || node.kind === "list" ? " " : "") : "";
}
