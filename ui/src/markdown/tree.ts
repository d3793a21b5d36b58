import { Lexer, type MarkedToken, type Token, type Tokens } from "marked";
import { Cursor } from "./cursor";

/** A run of shown text and the units of the source it stands for. */
export interface Piece {
  kind: "text";
  text: string;
  /** `null` where the text stands for nothing that could be found in the source. */
  start: number | null;
  end: number | null;
}

/** An element the console draws. There is no kind for raw HTML or an image: both arrive as text. */
export type Node =
  | Piece
  | { kind: "break" | "rule" }
  | { kind: "strong" | "em" | "del" | "code" | "paragraph" | "quote" | "item" | "row"; children: Node[] }
  | { kind: "link"; href: string; children: Node[] }
  | { kind: "heading"; depth: number; children: Node[] }
  | { kind: "list"; ordered: boolean; first: number; children: Node[] }
  | { kind: "pre"; children: Node[] }
  | { kind: "table"; head: Node[]; children: Node[] };

/** One top-level block: drawn once and kept while text streams in below it. */
export interface Block {
  /** Units of the source. */
  start: number;
  end: number;
  nodes: Node[];
}

/** Reads Markdown into blocks. `text` has `\n` line ends; `offset` is where it begins in the whole source. */
export function readBlocks(text: string, offset = 0): Block[] {
  const blocks: Block[] = [];
  let at = offset;
  for (const token of Lexer.lex(text, { gfm: true })) {
    const end = at + token.raw.length;
    const cursor = new Cursor(text, at - offset, end - offset, offset);
    blocks.push({ start: at, end, nodes: block(token, cursor) });
    at = end;
  }
  return blocks;
}

/** All runs of shown text in nodes, in the order of the page. */
export function piecesOf(nodes: Node[]): Piece[] {
  return nodes.flatMap((node) => {
    if (node.kind === "text") return [node];
    const head = node.kind === "table" ? piecesOf(node.head) : [];
    return "children" in node ? [...head, ...piecesOf(node.children)] : head;
  });
}

function block(generic: Token, cursor: Cursor): Node[] {
  const token = generic as MarkedToken;
  switch (token.type) {
    case "space":
    case "def":
    case "checkbox":
      return [];
    case "hr":
      return [{ kind: "rule" }];
    case "heading":
      cursor.pass(/^ {0,3}#*[ \t]*/);
      return [{ kind: "heading", depth: token.depth, children: inlines(token.tokens, cursor) }];
    case "paragraph":
      return [{ kind: "paragraph", children: inlines(token.tokens, cursor) }];
    case "blockquote":
      return [{ kind: "quote", children: blocksOf(token.tokens, cursor) }];
    case "list":
      return [list(token, cursor)];
    case "code":
      return [code(token, cursor)];
    case "table":
      return [table(token, cursor)];
    case "html":
      return [{ kind: "paragraph", children: cursor.take(token.raw.trimEnd()) }];
    case "text":
      return token.tokens ? inlines(token.tokens, cursor) : cursor.take(token.text);
    default:
      return inline(token, cursor);
  }
}

function blocksOf(tokens: Token[], cursor: Cursor): Node[] {
  return tokens.flatMap((token) => block(token, cursor));
}

function list(token: Tokens.List, cursor: Cursor): Node {
  const children = token.items.map((item): Node => {
    cursor.pass(/^[\s>]*(?:[*+-]|\d{1,9}[.)])[ \t]*(?:\[[ xX]\][ \t]+)?/);
    const box: Node[] = item.task ? [{ kind: "text", text: item.checked ? "☑ " : "☐ ", start: null, end: null }] : [];
    return { kind: "item", children: [...box, ...blocksOf(item.tokens, cursor)] };
  });
  return { kind: "list", ordered: token.ordered, first: Number(token.start) || 1, children };
}

function code(token: Tokens.Code, cursor: Cursor): Node {
  if (token.codeBlockStyle !== "indented") cursor.pass(/^[ \t>]*(?:`{3,}|~{3,})[^\n]*\n?/);
  return { kind: "pre", children: cursor.take(token.text) };
}

function table(token: Tokens.Table, cursor: Cursor): Node {
  const head = token.header.map((cell): Node => ({ kind: "item", children: inlines(cell.tokens, cursor) }));
  // The line of dashes must not be taken for a cell that reads "-".
  cursor.pass(/^[^\n]*\n[^\n]*(?:\n|$)/);
  const children = token.rows.map(
    (row): Node => ({
      kind: "row",
      children: row.map((cell) => ({ kind: "item", children: inlines(cell.tokens, cursor) })),
    }),
  );
  return { kind: "table", head, children };
}

function inlines(tokens: Token[] | undefined, cursor: Cursor): Node[] {
  return (tokens ?? []).flatMap((token) => inline(token as MarkedToken, cursor));
}

function inline(token: MarkedToken, cursor: Cursor): Node[] {
  switch (token.type) {
    case "strong":
    case "em":
    case "del":
      cursor.pass(/^[\s>]*(?:[*_]{1,2}|~{1,2})/);
      return [{ kind: token.type, children: inlines(token.tokens, cursor) }];
    case "codespan":
      cursor.pass(/^[\s>]*`+/);
      return [{ kind: "code", children: cursor.take(token.text) }];
    case "link":
      return link(token, cursor);
    case "br":
      return [{ kind: "break" }];
    case "image":
      return cursor.takeAll(token.raw, token.text || token.href);
    case "escape":
      return cursor.takeAll(token.raw, token.text);
    case "text":
      return token.tokens ? inlines(token.tokens, cursor) : cursor.takeEntities(token.raw);
    default:
      return "raw" in token ? cursor.take(token.raw) : [];
  }
}

function link(token: Tokens.Link, cursor: Cursor): Node[] {
  const after = cursor.after(token.raw);
  cursor.pass(/^[\s>]*[[<]/);
  const children = inlines(token.tokens, cursor);
  // What stands between the words and the end of the link is its address.
  cursor.moveTo(after);
  return /^https?:/i.test(token.href) ? [{ kind: "link", href: token.href, children }] : children;
}
