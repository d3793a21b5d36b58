import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { afterEach, describe, expect, test } from "vitest";
import { href, parseRoute, type Route } from "../../src/state/route.svelte";
import { open } from "../fixtures/page";
import { FakePlatform } from "../fixtures/platform";

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
  test.each(["", "#", "#/", "#/hall", "#code=c0de"])("“%s” is the hall", (fragment) => expect(parseRoute(fragment)).toEqual({ place: "hall" }));
  test.each(["#/elsewhere/7", "#elsewhere", "#/bus/%E0%A4%A", "#/bus/all/0199d1f0", "#/bus/lanes/write", "#/bus/nonsense", "#/settings/nonsense", "#/discord/nonsense"])("“%s” names nothing", (fragment) => expect(parseRoute(fragment)).toEqual({ place: "nowhere" }));
  test("the operator’s own letter stands where a message would", () => expect(parseRoute("#/bus/all/write")).toEqual({ place: "bus", queue: "all", message: "write" }));
});

describe("the window’s title", () => {
  afterEach(cleanup);

  test.each([["#/hall", "Hall"], ["#/bus", "Bus"], ["#/wallet", "Wallet"], ["#/deliberations", "Deliberations"], ["#/settings", "Settings"], ["#/agents", "Agents"], ["#/discord", "Discord"]])("at %s is the place’s name", async (fragment, name) => {
    await open(fragment, new FakePlatform());
    await waitFor(() => expect(document.title).toBe(`${name} · Husting`));
  });
});

describe("an address that names nothing", () => {
  afterEach(cleanup);

  test("is told as that, under its own title, and leads to the hall from the keyboard", async () => {
    await open("#/nonsense", new FakePlatform());
    screen.getByRole("heading", { level: 1, name: "No such place" });
    screen.getByText("There is nothing at this address.");
    await waitFor(() => expect(document.title).toBe("No such place · Husting"));
    expect(within(screen.getByRole("navigation", { name: "Places" })).queryByRole("link", { current: "page" }), "no place is shown as the one that one is at").toBeNull();
    const lead = screen.getByRole("button", { name: /Go to the Hall/ });
    lead.focus();
    expect(document.activeElement).toBe(lead);
    await fireEvent.click(lead);
    await screen.findByRole("heading", { level: 1, name: "Hall" });
    expect(location.hash).toBe("#/hall");
  });
});
