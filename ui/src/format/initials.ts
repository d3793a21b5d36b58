/** One capital letter for each name, distinct while the alphabet lasts: an initial stands where others put a logo. */
export function initials(names: string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const letters = name.toUpperCase().replace(/[^A-Z]/g, "");
    const found = [...letters, ..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"].find((letter) => !taken.has(letter)) ?? letters[0] ?? "?";
    taken.add(found);
    return found;
  });
}
