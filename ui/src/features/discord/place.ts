import { m } from "../../messages";

/** A channel or thread for people: by its name, else by its id. */
export function placeOf(name: string | null, id: string): string {
  if (name === null) return id;
  return name.startsWith("#") ? name : `#${name}`;
}

/** What tells ids apart: they begin alike, as they are as old as their clock. */
export function shortId(id: string): string {
  return `${id.slice(0, 4)}…${id.slice(-4)}`;
}

/** What the bot may not do in a place: Discord shows it none in which it may not look. */
export function lackingIn(place: string, lacking: string[]): string {
  const c = m.discord.channels;
  const [view] = c.needed;
  return view && lacking.includes(view.permission) ? c.unshown(place) : c.lacks(place, lacking.join(", "));
}
