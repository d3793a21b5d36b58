/** A run of a word: quoted, escaped or plain. */
const PIECE = /'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.?)|([^ \t\n'"\\]+)/sy;
/** What a backslash stands before within double quotes to be left out; before all else it stays. */
const ESCAPED = /\\([$`"\\])/g;

/** The program that a command begins with, by the rules of `CommandLine::parse` in `crates/launch`; `undefined` where none is named, or its quote has no end. */
export function programOf(command: string): string | undefined {
  const text = command.trim();
  // There a comment begins.
  if (text.startsWith("#")) return undefined;
  let program = "";
  PIECE.lastIndex = 0;
  for (let piece = PIECE.exec(text); piece !== null; piece = PIECE.exec(text)) {
    const [, single, double, escaped, plain] = piece;
    program += single ?? double?.replace(ESCAPED, "$1") ?? (escaped === "" ? "\\" : escaped) ?? plain ?? "";
    if (PIECE.lastIndex === text.length || /[ \t\n]/.test(text[PIECE.lastIndex] ?? "")) return program || undefined;
  }
  return undefined;
}
