/** What the seats of the smallest panels are called among each other: no initial is one of these alone. */
const PANELISTS: readonly string[] = ["A", "B", "C"];

/** The mark of a model wherever it stands alone; on a panel it gives way only where two would be alike. */
export function initialOf(name: string): string {
  return initials([name])[0] ?? "?";
}

/** An initial for each seat of a panel, distinct while the alphabet lasts: it stands where others put a logo. */
export function initials(names: string[]): string[] {
  const taken = new Set<string>();
  return names.map((whole) => {
    // What rehearsal seats have in common tells none of them.
    const name = whole.replace(/^rehearsal[:\s]+/i, "");
    const letters = name.toUpperCase().replace(/[^A-Z\d]/g, "");
    const found = [...letters, ..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"].find((letter) => !taken.has(letter)) ?? letters[0] ?? "?";
    taken.add(found);
    return unlikePanelist(found, name, PANELISTS);
  });
}

/** Adds the letter that follows in the name where the initial alone would read as a panelist: "Cl" beside panelist C. */
export function unlikePanelist(initial: string, name: string, panelists: readonly string[]): string {
  if (!panelists.includes(initial)) return initial;
  const begun = name.search(new RegExp(`\\b${initial}`, "i"));
  const at = begun < 0 ? name.toUpperCase().indexOf(initial) : begun;
  const next = /[a-z\d]/i.exec(name.slice(at + 1))?.[0] ?? "";
  return next === "" ? `${initial}.` : initial + next.toLowerCase();
}
