/** A channel or thread for people: by its name, else by its id. */
export function placeOf(name: string | null, id: string): string {
  if (name === null) return id;
  return name.startsWith("#") ? name : `#${name}`;
}

/** What tells ids apart: they begin alike, as they are as old as their clock. */
export function shortId(id: string): string {
  return `${id.slice(0, 4)}…${id.slice(-4)}`;
}
