/** Where the letters of what was typed stand in a label, and how good a find that is. */
export interface Match {
  /** Higher is better. */
  score: number;
  /** Half-open ranges of the label. */
  ranges: [number, number][];
}

/** Words that say nothing of what is looked for, and those that are underlined all the same where they stand. */
const VERBS = ["open", "show", "go"];
const SMALL = new Set([...VERBS, "a", "an", "the", "this", "that", "it", "of", "to", "as", "for", "my", "me", "him", "her", "them", "who", "please", "and", "with", "i", "you", "can", "want", "would", "like", "how", "do"]);
const BEFORE_WORDS = /[\s\-/(“"]/;

/** Finds every typed word in the label, whole before scattered; `null` if one of them is not there. */
export function match(label: string, typed: string): Match | null {
  const hay = label.toLowerCase();
  const words = wordsOf(typed);
  let score = 0;
  for (const word of words) {
    const found = whole(hay, word);
    if (!found) return null;
    score += found.score;
  }
  return { score: score - hay.length / 1000, ranges: marksIn(label, typed) };
}

/** What is found beside the label comes after labels; by words picked from here and there, last. */
const [BY_NAME, BY_WORDS] = [-5, -10];

/** The same where a word may also stand beside the label: there, nothing is underlined, and only what begins with it is meant. Other names that are not shown at all stand with commas between, and what was found of them is told as `by`: whole first. */
export function matchBeside(label: string, beside: string, typed: string, unseen = ""): (Match & { by: string[] }) | null {
  const [hay, shown, hidden] = [label, beside, unseen].map((each) => each.toLowerCase()) as [string, string, string];
  const phrase = phraseOf(typed);
  const name = hidden.split(", ").find((each) => phrase !== "" && each.startsWith(phrase));
  if (name) return { score: BY_NAME - (name.length - phrase.length) / 100 - hay.length / 1000, ranges: marksIn(label, typed), by: [name] };
  const ranges: [number, number][] = [];
  const by: string[] = [];
  for (const word of wordsOf(typed)) {
    const inLabel = whole(hay, word);
    if (inLabel) ranges.push(inLabel.range);
    else if (begins(shown, word)) continue;
    else if (begins(hidden, word)) by.push(hidden.split(/[\s,]+/).find((each) => begins(each, word)) ?? word);
    else return null;
  }
  return { score: BY_WORDS - hay.length / 1000, ranges: ranges.sort((a, b) => a[0] - b[0]), by };
}

/** Where typed words stand in a label that was found by them; some may stand elsewhere, as in a tag. */
export function marksIn(label: string, typed: string): Match["ranges"] {
  const hay = label.toLowerCase();
  const found = markedOf(typed).map((word) => whole(hay, word)?.range);
  return found.filter((range) => range !== undefined).sort((a, b) => a[0] - b[0]);
}

/** The same in words beside the label, of which only what begins with a typed word was meant. */
export function marksBeside(beside: string, typed: string): Match["ranges"] {
  const hay = beside.toLowerCase();
  const found = markedOf(typed).map((word): [number, number] => [beginning(hay, word), word.length]);
  return found.flatMap(([at, length]): Match["ranges"] => (at < 0 ? [] : [[at, at + length]])).sort((a, b) => a[0] - b[0]);
}

/** Words that were typed and stand elsewhere than in the label. */
export function wordsBeyond(label: string, typed: string): string[] {
  const hay = label.toLowerCase();
  return wordsOf(typed).filter((word) => !hay.includes(word));
}

/** Cuts a label into parts that are underlined and parts that are not. */
export function parts(label: string, ranges: [number, number][]): { text: string; hit: boolean }[] {
  const out: { text: string; hit: boolean }[] = [];
  let at = 0;
  for (const [from, to] of ranges) {
    if (from < at) continue;
    if (from > at) out.push({ text: label.slice(at, from), hit: false });
    out.push({ text: label.slice(from, to), hit: true });
    at = to;
  }
  if (at < label.length) out.push({ text: label.slice(at), hit: false });
  return out;
}

/** Of how much is meant, and not of what: alone they bring nothing near. */
const OF_ANYTHING = new Set(["everything", "anything", "all", "now"]);

/** Letters of a word whose other endings are meant too; the beginning of a shorter one is that of many. */
const STEM = 5;

/** The same where only some of the words stand in the label or in names that are not shown: the more, the better. */
export function matchSome(label: string, unseen: string, typed: string): (Match & { by: string[] }) | null {
  const [inLabel, inNames] = [label, unseen].map((text) => text.toLowerCase().split(/[\s,:…]+/)) as [string[], string[]];
  const found = (among: string[], word: string) => among.find((each) => each === word || (word.length >= STEM && each.startsWith(word)));
  const shown = wordsOf(typed).filter((word) => found(inLabel, word) !== undefined);
  const by = wordsOf(typed).flatMap((word) => (shown.includes(word) ? [] : (found(inNames, word) ?? [])));
  if (![...shown, ...by].some((word) => !OF_ANYTHING.has(word))) return null;
  // Of two with as many, what is called so is meant before what is also called so.
  return { score: shown.length + by.length * 0.9 - label.length / 1000, ranges: marksBeside(label, shown.join(" ")), by };
}

/** What was typed as one, without small words where it has others. */
export function phraseOf(typed: string): string {
  return wordsOf(typed).join(" ");
}

/** What was typed, without small words where it has others. */
function wordsOf(typed: string): string[] {
  return telling(typed, (word) => !SMALL.has(word));
}

function markedOf(typed: string): string[] {
  return telling(typed, (word) => !SMALL.has(word) || VERBS.includes(word));
}

function telling(typed: string, tells: (word: string) => boolean): string[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const some = words.filter(tells);
  return some.length > 0 ? some : words;
}

function whole(hay: string, word: string): { score: number; range: [number, number] } | null {
  const at = hay.indexOf(word);
  if (at < 0) return null;
  const starts = at === 0 ? 3 : BEFORE_WORDS.test(hay[at - 1] ?? "") ? 2 : 1;
  return { score: starts, range: [at, at + word.length] };
}

/** Where the first word of the text stands that begins so; -1 where none does. */
function beginning(hay: string, word: string): number {
  let at = hay.indexOf(word);
  while (at > 0 && !BEFORE_WORDS.test(hay[at - 1] ?? "")) at = hay.indexOf(word, at + 1);
  return at;
}

const begins = (hay: string, word: string) => beginning(hay, word) >= 0;
