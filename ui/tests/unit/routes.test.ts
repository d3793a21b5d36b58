import { describe, expect, test } from "vitest";
import { href, parseRoute, type Route } from "../../src/state/route.svelte";

describe("routes", () => {
  const routes: Route[] = [
    { place: "hall" },
    { place: "agents", view: "list" },
    { place: "agents", view: "scopes" },
    { place: "agents", view: "mint" },
    { place: "agent", id: "a-1", tab: null },
    { place: "agent", id: "a-1", tab: "mail" },
    { place: "agent", id: "a-1", tab: "memory" },
    { place: "agent", id: "a-1", tab: "audit" },
    { place: "bus", queue: "all", message: null },
    { place: "bus", queue: "parked", message: "7" },
    { place: "bus", queue: "yours", message: "7", reply: true },
    { place: "lanes", message: null },
    { place: "lanes", message: "7" },
    { place: "squads" },
    { place: "deliberations" },
    { place: "deliberations", find: true },
    { place: "new" },
    { place: "new", template: "red-team" },
    { place: "new", again: "s-1" },
    { place: "session", id: "a b/c", tab: "claims", round: 2 },
    { place: "session", id: "x", tab: null, round: null },
    { place: "session", id: "x", tab: "answers", round: 0, find: { words: "50 % / a day", model: "openrouter/x:free" } },
    { place: "session", id: "x", tab: "recap", round: 1, find: { words: "50 % / a day", part: "recap" } },
    { place: "session", id: "x", tab: "recap", round: 1, find: { words: "outbox", part: "synthesis" } },
    { place: "wallet" },
    { place: "settings", section: "look" },
  ];
  test.each(routes)("%o is written and read back", (route) => expect(parseRoute(href(route))).toEqual(route));
  test("words without whose they are are not gone to", () => {
    expect(parseRoute("#/deliberations/x/recap/0/find/depot/gpt-5.4"), "a recap is nobody’s answer").toEqual({ place: "session", id: "x", tab: "recap", round: 0 });
    expect(parseRoute("#/deliberations/x/answers/0/find/depot")).toEqual({ place: "session", id: "x", tab: "answers", round: 0 });
  });
  test("what is unknown is the hall", () => expect(parseRoute("#/elsewhere/7")).toEqual({ place: "hall" }));
  test("that is cut inside a letter is the hall, not an empty window", () => expect(parseRoute("#/bus/%E0%A4%A")).toEqual({ place: "hall" }));
});
