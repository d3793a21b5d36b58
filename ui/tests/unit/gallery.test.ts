// The table of screens that are looked at has every place that an address can name.

import { describe, expect, it } from "vitest";

import { ADDRESSES, TWINS, type Screen } from "../../../tests/browser/gallery/screens";
import { SECTIONS } from "../../src/features/settings/sections";
import { AGENT_TABS, BUS_QUEUES, href, parseRoute, SESSION_TABS, type AgentsView, type DiscordPart, type Route } from "../../src/state/route.svelte";

// A place that is new is missing here, and the types say so.
const PLACES: Record<Route["place"], true> = { hall: true, agents: true, agent: true, bus: true, lanes: true, squads: true, deliberations: true, new: true, session: true, wallet: true, discord: true, settings: true, nowhere: true };
const VIEWS: Record<AgentsView, true> = { list: true, scopes: true, mint: true };
const PARTS: Record<DiscordPart, true> = { work: true, setup: true };

const routes = Object.values(ADDRESSES).map((address) => parseRoute(address.replace(/[{}]/g, "")));

/** What the table has of each route of a place. */
function seen<P extends Route["place"], T>(place: P, part: (route: Extract<Route, { place: P }>) => T): T[] {
  return routes.filter((route): route is Extract<Route, { place: P }> => route.place === place).map(part);
}

describe("the table of screens", () => {
  it("has every place and every view of one", () => {
    expect(new Set(routes.map(({ place }) => place))).toEqual(new Set(Object.keys(PLACES)));
    expect(seen("session", ({ tab }) => tab)).toEqual(expect.arrayContaining([...SESSION_TABS]));
    expect(seen("agent", ({ tab }) => tab)).toEqual(expect.arrayContaining([...AGENT_TABS]));
    expect(seen("bus", ({ queue }) => queue)).toEqual(expect.arrayContaining([...BUS_QUEUES]));
    expect(seen("agents", ({ view }) => view)).toEqual(expect.arrayContaining(Object.keys(VIEWS)));
    expect(seen("discord", ({ view }) => view)).toEqual(expect.arrayContaining(Object.keys(PARTS)));
    expect(seen("settings", ({ section }) => section)).toEqual(SECTIONS.map(({ id }) => id));
  });

  it("names each place as the window does, and leaves a page of each group of settings to the quick walk", () => {
    for (const [screen, address] of Object.entries(ADDRESSES)) {
      const plain = address.replace(/[{}]/g, "");
      const said = href(parseRoute(plain)).slice(2);
      if (screen !== "session-found" && screen !== "discord") expect(said === plain || plain.startsWith("bus/") || plain.endsWith("/0"), screen).toBe(true);
    }
    const walked = SECTIONS.filter(({ id }) => !TWINS.includes(`settings-${id}` as Screen)).map(({ group }) => group);
    expect(new Set(walked)).toEqual(new Set(SECTIONS.map(({ group }) => group)));
  });
});
