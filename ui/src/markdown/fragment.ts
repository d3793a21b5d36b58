/** White space, or the end of what there is. */
const isBlank = (letter: string | undefined) => letter === undefined || /\s/.test(letter);
const isWord = (letter: string | undefined) => letter !== undefined && /[\p{L}\p{N}]/u.test(letter);

/** A link or a picture, of which its words are read. */
const LINK = /!?\[([^\][]*)\]\([^()\s]*\)/g;

/** What a heading, a quoted line or an item of a list begins with. */
const BLOCK = /^(?:#{1,6}|>+|[-*+])\s+/;

/** Between cells of a table: the line below its head, which holds nothing but signs. */
const DELIMITERS = /(?:\|\s*:?-{2,}:?\s*)+\|?|:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)+\|?/g;

/**
 * The words of a piece that was cut out of Markdown and put on one line, without its signs. Half of a pair may be cut off
 * with the rest, so that it cannot be read as a document.
 */
export function fragmentWords(piece: string): string {
  const [, dots = "", body = ""] = /^(\s*…?\s*)(.*)$/su.exec(piece) ?? [];
  const cells = withoutTable(body.replace(LINK, "$1"));
  const blocks = cells.replace(BLOCK, "").replace(/(^|\s)(?:#{2,6}|-{3,}|={3,})(?=\s|$)/g, "$1");
  const inline = withoutStars(blocks.replace(/`+|~~+/g, "")).replace(/(?<![\p{L}\p{N}_])(_{1,3})(?=\S)(.+?)(?<=\S)\1(?![\p{L}\p{N}_])/gu, "$2");
  return `${dots.trim()}${inline.replace(/\s+/g, " ").trim()}`;
}

/**
 * A session's title as a line shows it: without the signs of the question that it was taken from, of which it is the first
 * line until somebody writes another. Nothing tells the two apart. Signs alone stay, as there is nothing else to show.
 */
export function titleWords(title: string): string {
  return (title.trimEnd().endsWith("…") ? fragmentWords(title) : wholeWords(title)) || title;
}

// Of a line that was not cut only signs in pairs are signs: "*.lock" is a file's name.
function wholeWords(line: string): string {
  const blocks = line.trim().replace(BLOCK, "").replace(LINK, "$1");
  const code = blocks.replace(/(`+|~~)(?=\S)(.+?)(?<=\S)\1/g, "$2");
  return code.replace(/(?<![\p{L}\p{N}_*])(\*{1,3}|_{1,3})(?=[^\s*_])(.+?)(?<=[^\s*_])\1(?![\p{L}\p{N}_*])/gu, "$2").replace(/\s+/g, " ");
}

// A bar between words may be one of theirs: it is a table's where a row begins or ends.
function withoutTable(line: string): string {
  const rows = line.replace(DELIMITERS, " ");
  const isTable = rows !== line || /^\||\|…?$|\|\s+\|/.test(line.trim());
  return isTable ? rows.replace(/(^|\s)\|+(?=\s|$|…)|\|(?=…?$)/g, "$1").replace(/(^|\s)\|(?=\S)/g, "$1") : line;
}

// Between two letters, or alone, a star stands for itself.
function withoutStars(line: string): string {
  return line.replace(/\*+/g, (stars, at: number) => {
    const [before, behind] = [line[at - 1], line[at + stars.length]];
    const stays = (isWord(before) && isWord(behind)) || (isBlank(before) && isBlank(behind) && at > 0);
    return stays && stars.length === 1 ? stars : "";
  });
}
