/** Embeddings and overrides: a name needs none, and one that is not closed would turn the rest. */
const TURNS = /[\u202A-\u202E]/g;
const ISOLATES = /[\u2066-\u2069]/g;
const END = "\u2069";
/** Letters written from the right to the left, and the mark that acts like one. */
const FROM_RIGHT = /[\u0590-\u08FF\u200F\uFB1D-\uFDFF\uFE70-\uFEFE]|[\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;

/**
 * Somebody's name or words inside a sentence of ours: where they are written from the right, they stand apart (FSI and
 * PDI), so that the sentence around them keeps its order. Not for what is copied, compared or run.
 */
export function apart(words: string): string {
  const still = words.replace(TURNS, "");
  const own = isClosed(still) ? still : still.replace(ISOLATES, "");
  return FROM_RIGHT.test(own) ? `\u2068${own}${END}` : own;
}

// Words that hold a sentence of ours have isolates already.
function isClosed(words: string): boolean {
  let open = 0;
  for (const [sign] of words.matchAll(ISOLATES)) {
    open += sign === END ? -1 : 1;
    if (open < 0) return false;
  }
  return open === 0;
}
