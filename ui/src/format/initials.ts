/** What the seats of any panel are called among each other: no initial is one of these alone, on whatever panel. */
const PANELISTS = "ABCDEFGH";
/** What a name without a letter of its own is given. */
const LENT = "IJKLMNOPQRSTUVWXYZ";
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** A seat's name without what rehearsal seats have in common, which tells none of them. */
export function withoutRehearsal(name: string): string {
  return name.replace(/^rehearsal[:\s]+/i, "");
}

/** A model as its mark is made of it. */
export interface Marked {
  id: string;
  display_name: string;
  kind?: string;
}

/**
 * The mark of each model, which stands where others put a logo. It is made over all models at once and not over who sits
 * beside whom, so that a model has one mark wherever it is shown.
 */
export class Marks {
  readonly #known = new Map<string, string>();
  readonly #taken = new Set<string>();

  constructor(models: readonly Marked[] = []) {
    for (const { id, display_name } of [...models].sort(inOrder)) this.#known.set(id, taking(display_name, this.#taken));
  }

  /** Of a model that is on the list no more it is one that nobody there has. */
  of(id: string, name: string): string {
    return this.#known.get(id) ?? taking(name, new Set(this.#taken));
  }

  /** Those of one panel, on which no two are alike. */
  ofPanel(seats: readonly { model: string; display_name: string }[]): string[] {
    const [gone, shown] = [new Set(this.#taken), new Set<string>()];
    return seats.map(({ model, display_name }) => {
      const known = this.#known.get(model);
      const mark = known !== undefined && !shown.has(known) ? known : taking(display_name, gone);
      shown.add(mark);
      return mark;
    });
  }
}

// Rehearsal seats are on every list and keep theirs, whatever is added to it; the others go by their ids, so their marks are steady until the list changes.
function inOrder(one: Marked, other: Marked): number {
  const [rehearsed, other_] = [one, other].map(({ kind }) => (kind === "rehearsal" ? 0 : 1));
  if (rehearsed !== other_) return (rehearsed ?? 0) - (other_ ?? 0);
  return one.id < other.id ? -1 : 1;
}

/** The first of a name's marks that nobody has; where all are taken, the first. */
function taking(whole: string, taken: Set<string>): string {
  const all = candidates(withoutRehearsal(whole));
  const found = all.find((mark) => !taken.has(mark)) ?? all[0] ?? "?";
  taken.add(found);
  return found;
}

/** What a name can be marked by, best first: its letter alone, with the next one, with that of another of its words, with any. */
function candidates(name: string): string[] {
  const letters = lettersOf(name);
  const head = letters[0];
  if (head === undefined) return [...LENT, ...pairs("X", [...ALPHABET])];
  const words = name.toUpperCase().split(/[^\p{L}\p{N}]+/u);
  const first = words.find((word) => word.startsWith(head)) ?? words.find((word) => word.includes(head)) ?? head;
  const behind = [...first.slice(first.indexOf(head) + 1)];
  const begin = words.slice(words.indexOf(first) + 1).flatMap((word) => [...word].slice(0, 1));
  const [next, ...rest] = behind.length > 0 ? behind : begin;
  if (next === undefined) return [...ofItself(letters), `${head}.`, ...pairs(head, [...ALPHABET])];
  const seconds = [next, ...begin.filter((letter) => !/\d/.test(letter)), ...begin, ...rest, ...letters.slice(1), ...ALPHABET];
  return [...ofItself(letters), ...pairs(head, seconds)];
}

/** Letters that are a mark alone: the first one, in another script any, since a Latin letter behind it would be none of the name. */
function ofItself(letters: string[]): string[] {
  const [head = ""] = letters;
  return (isLatin(head) ? [head] : letters).filter((letter) => !PANELISTS.includes(letter));
}

function pairs(head: string, seconds: string[]): string[] {
  return seconds.map((second) => head + second.toLowerCase());
}

/** The letters and digits of a name, those of the Latin script first: machines and people call seats by them. */
function lettersOf(name: string): string[] {
  const all = name.toUpperCase().match(/[\p{L}\p{N}]/gu) ?? [];
  return [...all.filter(isLatin), ...all.filter((letter) => !isLatin(letter))];
}

function isLatin(letter: string): boolean {
  return /[A-Z\d]/.test(letter);
}
