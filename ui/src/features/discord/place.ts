import type { RouteView } from "../../generated/RouteView";
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

/** What the bot may not do in a channel of the map; of one that Discord does not show to it, that. */
export function lackingIn({ name, channel_id, lacking, unseen }: Pick<RouteView, "name" | "channel_id" | "lacking" | "unseen">): string {
  const c = m.discord.channels;
  const place = placeOf(name, channel_id);
  return unseen ? c.unshown(place) : c.lacks(place, (lacking ?? []).join(", "));
}
