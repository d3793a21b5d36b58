import { vendorName } from "./vendors";

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
  /** Whom it is called through: it tells namesakes apart. */
  provider?: string;
  kind?: string;
}

/** The mark that a model was given under this name. */
interface Given {
  name: string;
  mark: string;
}

/**
 * The mark of each model, which stands where others put a logo. It is made over all models at once and not over who sits
 * beside whom, so that a model has one mark wherever it is shown.
 *
 * A model has the mark that its own name asks for, whoever else is on the list. Where two ask for the same, the first by
 * id is given it and the other its next choice. A page keeps what it has given (`with`), for models that are gone from the
 * list as well. The next page begins with the list alone, which does not say who had what: only there, and only of models
 * that ask for the same, a mark can be another once one of them has come or gone.
 */
export class Marks {
  readonly #given: ReadonlyMap<string, Given>;

  constructor(models: readonly Marked[] = [], kept: ReadonlyMap<string, Given> = new Map()) {
    const isKept = ({ id, display_name }: Marked) => kept.get(id)?.name === display_name;
    const anew = models.filter((model) => !isKept(model));
    const stays = new Map([...kept].filter(([id]) => !anew.some((model) => model.id === id)));
    this.#given = new Map([...stays, ...given(anew, stays)]);
  }

  /** Those of the list as it is now, in which a model that keeps its name keeps its mark; the same where nothing is new. */
  with(models: readonly Marked[]): Marks {
    const isSame = models.every(({ id, display_name }) => this.#given.get(id)?.name === display_name);
    return isSame ? this : new Marks(models, this.#given);
  }

  /** Of a model that was on no list here it is one that nobody there has. */
  of(id: string, name: string): string {
    return this.#given.get(id)?.mark ?? this.ofPanel([{ model: id, display_name: name }])[0] ?? "?";
  }

  /** Those of one panel, on which no two are alike. */
  ofPanel(seats: readonly { model: string; display_name: string; provider?: string }[]): string[] {
    const shown = new Set<string>();
    const lacking = seats.filter(({ model }) => {
      const known = this.#given.get(model)?.mark;
      if (known === undefined || shown.has(known)) return true;
      shown.add(known);
      return false;
    });
    const lent = given(lacking.map(({ model, ...seat }) => ({ ...seat, id: model })), this.#given);
    return seats.map(({ model }) => (lent.get(model) ?? this.#given.get(model))?.mark ?? "?");
  }
}

// Rehearsal seats are on every list and keep theirs, whatever is added to it; the others go by their ids.
function inOrder(one: Marked, other: Marked): number {
  const [rehearsed, other_] = [one, other].map(({ kind }) => (kind === "rehearsal" ? 0 : 1));
  if (rehearsed !== other_) return (rehearsed ?? 0) - (other_ ?? 0);
  return one.id < other.id ? -1 : 1;
}

/** A mark for each of these that nobody has: first whoever can have the one that it asks for, so that second choices are in nobody's way. */
function given(models: readonly Marked[], others: ReadonlyMap<string, Given>): Map<string, Given> {
  const taken = new Set([...others.values()].map(({ mark }) => mark));
  const marked = new Map<string, Given>();
  const give = ({ id, display_name }: Marked, mark: string) => {
    taken.add(mark);
    marked.set(id, { name: display_name, mark });
  };
  const second = [...models].sort(inOrder).filter((model) => {
    const wish = candidates(model)[0] ?? "?";
    if (taken.has(wish)) return true;
    give(model, wish);
    return false;
  });
  for (const model of second) {
    const names = [...others.values(), ...marked.values()].map(({ name }) => name);
    const all = candidates(model, names.includes(model.display_name));
    give(model, all.find((mark) => !taken.has(mark)) ?? all[0] ?? "?");
  }
  return marked;
}

/** What a model can be marked by, best first: its letter alone, with that of whom a namesake is called through, with what tells it from its like, with the next one, with that of another of its words, with any. */
function candidates({ display_name, provider = "" }: Marked, isNamesake = false): string[] {
  const name = withoutRehearsal(display_name);
  const letters = lettersOf(name);
  const head = letters[0];
  if (head === undefined) return [...LENT, ...pairs("X", [...ALPHABET])];
  const words = name.toUpperCase().split(/[^\p{L}\p{N}]+/u);
  const first = words.find((word) => word.startsWith(head)) ?? words.find((word) => word.includes(head)) ?? head;
  const behind = [...first.slice(first.indexOf(head) + 1)];
  const begin = words.slice(words.indexOf(first) + 1).flatMap((word) => [...word].slice(0, 1));
  const through = isNamesake ? lettersOf(vendorName(provider)).slice(0, 1) : [];
  const best = [...ofItself(letters), ...pairs(head, [...through, ...telling(name, head)])];
  const [next, ...rest] = behind.length > 0 ? behind : begin;
  if (next === undefined) return [...best, `${head}.`, ...pairs(head, [...ALPHABET])];
  const seconds = [next, ...begin.filter((letter) => !/\d/.test(letter)), ...begin, ...rest, ...letters.slice(1), ...ALPHABET];
  return [...best, ...pairs(head, seconds)];
}

/**
 * What tells a name from those of its like, whether they are on the list or not: behind a version the letter of the last
 * word (GPT-5.4 mini), else the last figure of the version that ends the name (GPT-5.4), of a size the first one (20b).
 * Empty where a name has neither. No figure stands behind an R: that is how rounds are called.
 */
function telling(name: string, head: string): string[] {
  const tail = name.toUpperCase().slice(name.toUpperCase().indexOf(head) + 1);
  const [, variant, size, version] = /\d[^\p{L}\p{N}]+(?:.*[^\p{L}\p{N}])?([A-Z])[A-Z]*$|(\d)\d*[BMK]$|(\d)$/u.exec(tail) ?? [];
  const figure = head === "R" ? undefined : (size ?? version);
  return [variant ?? figure ?? []].flat();
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
