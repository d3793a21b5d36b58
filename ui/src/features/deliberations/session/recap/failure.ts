/** Why a summary was not written, taken apart for people. */
export interface Failure {
  /** Who was to write it, in the order in which they were asked. */
  asked: string[];
  /** What was told, where nobody was asked. */
  sentence: string | null;
  /** What each of them said, word for word. */
  words: string | null;
}

/** Reads what the wire tells of a failed summary: a line for each model, "id: words", or a sentence alone. */
export function readFailure(text: string, isModel: (id: string) => boolean): Failure {
  const ids = text.split("\n").map((line) => /^(\S+): /.exec(line)?.[1] ?? "");
  const asked = [...new Set(ids.filter(isModel))];
  return asked.length > 0 ? { asked, sentence: null, words: text } : { asked, sentence: text, words: null };
}
