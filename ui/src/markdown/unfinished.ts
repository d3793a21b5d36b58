/** A delimiter run that has been opened and not closed. */
interface Opened {
  sign: string;
  length: number;
}

/** Where emphasis of the lines before ends in any case: an empty line, a list item, a heading, a quote, a table row. */
const FRESH_LINE = /^\s*(?:$|(?:[-+*]|\d+[.)])\s|#{1,6}\s|>|\|)/;
const FENCE = /^\s*(?:```|~~~)/;
const RUN = /\\.|`+|\*+|_+|~~/g;

/**
 * A growing text as it will probably read: emphasis and code that are open at its end are closed there, and signs at
 * the very end that may still become markup are held back. All that stands before keeps its place.
 */
export function finished(text: string): string {
  const lines = text.split("\n");
  if (lines.filter((line) => FENCE.test(line)).length % 2 === 1) return text;
  const from = lines.findLastIndex((line) => FRESH_LINE.test(line));
  const tail = lines.slice(Math.max(0, from)).join("\n");
  const held = /(?:[*_~]+|`+)$/.exec(tail)?.[0] ?? "";
  const before = tail.slice(0, tail.length - held.length);
  const open = openIn(before);
  const isHeld = held !== "" && (open.length > 0 || isOpener(tail, before.length, held));
  const kept = isHeld ? text.slice(0, text.length - held.length) : text;
  if (open.length === 0) return kept;
  return kept.trimEnd() + open.reverse().map(({ sign, length }) => sign.repeat(length)).join("");
}

// The runs still open at the end, the outermost first.
function openIn(tail: string): Opened[] {
  const open: Opened[] = [];
  for (const { 0: run, index } of tail.matchAll(RUN)) {
    const sign = run[0] ?? "";
    const top = open.at(-1);
    if (sign === "\\" || (top?.sign === "`" && (sign !== "`" || run.length !== top.length))) continue;
    if (top?.sign === sign && isCloser(tail, index)) close(open, run.length);
    else if (isOpener(tail, index, run)) open.push({ sign, length: run.length });
  }
  return open;
}

function close(open: Opened[], length: number): void {
  const top = open.at(-1);
  if (!top) return;
  if (length >= top.length) open.pop();
  else top.length -= length;
}

function isCloser(tail: string, at: number): boolean {
  return /\S/.test(tail[at - 1] ?? " ");
}

// Signs inside a word or a product ("5*3") are signs; so are those with a space behind them.
function isOpener(tail: string, at: number, run: string): boolean {
  const [before, after] = [tail[at - 1] ?? " ", tail[at + run.length] ?? "x"];
  return /[\s\p{P}]/u.test(before) && /\S/.test(after);
}
