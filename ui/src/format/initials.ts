/** What panelists are called among each other, in this order. */
export const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/** What the seats of the smallest panels are called among each other: no initial is one of these alone, on whatever panel. */
const PANELISTS: readonly string[] = ["A", "B", "C"];
/** What a name without a free letter of its own is given; those that panelists have come last. */
const LENT = "DEFGHIJKLMNOPQRSTUVWXYZABC";

/** The mark of a model wherever it stands alone; on a panel it gives way only where two would be alike. */
export function initialOf(name: string): string {
  return initials([name])[0] ?? "?";
}

/** A seat's name without what rehearsal seats have in common, which tells none of them. */
export function withoutRehearsal(name: string): string {
  return name.replace(/^rehearsal[:\s]+/i, "");
}

/** An initial for each seat of a panel, distinct while the alphabet lasts: it stands where others put a logo. */
export function initials(names: string[]): string[] {
  const taken = new Set<string>();
  return names.map((whole) => {
    const name = withoutRehearsal(whole);
    const letters = lettersOf(name);
    const found = [...letters, ...LENT].find((letter) => !taken.has(letter)) ?? letters[0] ?? "?";
    taken.add(found);
    return unlikePanelist(found, name);
  });
}

/** The letters as the console gives them to the seats of a panel, in its order. */
export function givenInitials(names: string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const found = givenBehind(name, taken);
    taken.add(found);
    return found;
  });
}

/** The letter as the console gives it to a seat behind others that have `taken` theirs. */
export function givenBehind(name: string, taken: ReadonlySet<string>): string {
  const own = withoutRehearsal(name).replace(/[^A-Za-z\d]/g, "").toUpperCase();
  return [...own, ...ALPHABET].find((letter) => !taken.has(letter)) ?? "?";
}

/** A letter of the name itself where the initial is none of it: in its own script before a lent one, and never a panelist's or one that is `taken`. */
export function ownInitial(initial: string, name: string, panelists: readonly string[], taken: readonly string[]): string {
  const letters = lettersOf(name);
  if (letters.includes(initial)) return initial;
  const free = (letter: string) => !panelists.includes(letter) && !taken.includes(letter);
  return letters.find(free) ?? (free(initial) ? initial : [...LENT].find(free)) ?? initial;
}

/** The letters and digits of a name, those of the Latin script first: machines and people call seats by them. */
function lettersOf(name: string): string[] {
  const all = name.toUpperCase().match(/[\p{L}\p{N}]/gu) ?? [];
  const isLatin = (letter: string) => /[A-Z\d]/.test(letter);
  return [...all.filter(isLatin), ...all.filter((letter) => !isLatin(letter))];
}

/**
 * Adds the letter that follows in the name where the initial alone would read as a panelist: "Cl" beside panelist C. A model
 * has one mark everywhere, so it does where nobody is panelist C as well; larger panels have further `panelists`.
 */
export function unlikePanelist(initial: string, name: string, panelists: readonly string[] = []): string {
  if (!PANELISTS.includes(initial) && !panelists.includes(initial)) return initial;
  const begun = name.search(new RegExp(`\\b${initial}`, "i"));
  const at = begun < 0 ? name.toUpperCase().indexOf(initial) : begun;
  const next = /[a-z\d]/i.exec(name.slice(at + 1))?.[0] ?? "";
  return next === "" ? `${initial}.` : initial + next.toLowerCase();
}
