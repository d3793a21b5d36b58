/** A channel or thread for people: by its name, else by its id. */
export function placeOf(name: string | null, id: string): string {
  if (name === null) return id;
  return name.startsWith("#") ? name : `#${name}`;
}
