import { cleanup, configure, fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import axe from "axe-core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import App from "../../src/App.svelte";
// Read before the clock of the first test runs: the frame would read them inside that.
import "../../src/features/deliberations/session/map/Map.svelte";
import "../../src/features/deliberations/session/Session.svelte";
import type { SessionView } from "../../src/generated/SessionView";
import { carried, wide, wonOver } from "../fixtures/maps";
import { FakePlatform } from "../fixtures/platform";
import { CLAIMS, position } from "../fixtures/rounds";
import { m } from "../../src/messages";
import { firstRound, steered, streamingRound } from "../fixtures/sessions";
import { snapshot } from "../fixtures/shared";

configure({ defaultHidden: true });
vi.setConfig({ testTimeout: 30_000 });

async function open(view: SessionView, tab: string, draft: object | null = null): Promise<FakePlatform> {
  const platform = new FakePlatform(snapshot, { get_session: () => view, draft: () => ({ body: draft && JSON.stringify(draft) }) });
  location.hash = `#/deliberations/s-event/${tab}`;
  dispatchEvent(new HashChangeEvent("hashchange"));
  render(App, { platform });
  await screen.findByRole("tablist", { name: "Views of the session" });
  return platform;
}

const press = (key: string) => fireEvent.keyDown(document.activeElement ?? document.body, { key });
const shownTab = () => screen.getByRole("tab", { selected: true }).textContent.trim();
const nodes = () => [...document.querySelectorAll<HTMLElement>("[data-node]")];
const node = (id: string) => document.querySelector<HTMLElement>(`[data-node="${id}"]`)!;
const chosen = () => document.activeElement?.getAttribute("data-node");
const marked = () => [...document.querySelectorAll("mark.words")].map((mark) => mark.textContent).join("");
const map = () => screen.findByRole("group", { name: "Map of the claims, by round" });
const DRAFT = { prompt: "", snippets: [{ type: "CORE", quote: CLAIMS[3]!.quote, quoted_model: CLAIMS[3]!.originator, comment: "Our criterion.", own: false }] };

beforeEach(() => localStorage.clear());
afterEach(() => {
  cleanup();
  location.hash = "";
});

describe("the map", () => {
  test("shows every claim of every round, and what is drafted for the next one", async () => {
    await open(carried(), "map", DRAFT);
    await map();
    await waitFor(() => expect(nodes().map((each) => each.dataset.node)).toContain("draft/2/1"));
    expect(nodes()).toHaveLength(4 + CLAIMS.length + 1);
    screen.getByRole("heading", { name: /Round 3.*draft, 1 snippet/ });
    expect(node("1/c4").getAttribute("aria-label")).toBe(
      `GPT-5.4: ${CLAIMS[3]!.quote} Agreed. CORE Claude Opus 4.7, SHIFT Qwen 3.6 Plus, CORE You. Goes on from round 1`,
    );
  });

  test("says why it grows no further", async () => {
    await open(steered(), "map");
    await map();
    const larger = screen.getByRole<HTMLButtonElement>("button", { name: "Larger" });
    expect(larger.title).toBe("Larger");
    for (let step = 0; step < 4; step += 1) await fireEvent.click(larger);
    await waitFor(() => expect([larger.disabled, larger.title]).toEqual([true, "It is as large as it can be"]));
  });

  test.each([
    { room: 2, shown: "100 %" },
    { room: 1, shown: "100 %" },
    { room: 0.9, shown: "90 %" },
    { room: 0.6, shown: "100 %" },
  ])("first shows all its rows in $room of the room that they take, where that leaves them legible", async ({ room, shown }) => {
    // Heads of 34 and a rim of 12 pixels around rows of 108, the last of 86, with 12 above and below.
    const rows = CLAIMS.length;
    const height = vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(34 + 12 + room * (24 + (rows - 1) * 108 + 86));
    try {
      await open(steered([{ ...firstRound(), claim_map: { ...firstRound().claim_map!, claims: CLAIMS } }]), "map");
      await map();
      await waitFor(() => expect(screen.getByRole("button", { name: /back to 100 %$/ }).textContent.trim()).toBe(shown));
    } finally {
      height.mockRestore();
    }
  });

  test("explains only signs and lines that it has", async () => {
    const legend = () => within(screen.getByRole("list", { name: "Signs and lines" })).queryAllByRole("listitem");
    const lines = () => legend().filter((item) => item.querySelector(".line")).map((item) => item.textContent!.trim());
    const kept = { ...firstRound(), claim_map: { ...firstRound().claim_map!, claims: [CLAIMS[6]!] } };
    await open(steered([kept]), "map");
    await map();
    expect(legend().map((item) => item.textContent!.trim())).toEqual(["KEEP"]);
    expect(lines()).toEqual([]);
    cleanup();
    await open(carried(), "map");
    await map();
    expect(lines()).toEqual(["EXPLORE", "CORE", "taken further"]);
    cleanup();
    const view = carried();
    const [first, second] = view.rounds as [(typeof view.rounds)[0], (typeof view.rounds)[0]];
    const steeredOnly = second.claim_map!.claims.map((claim) => (claim.id === "c5" ? { ...claim, continues: null } : claim));
    await open({ ...view, rounds: [first, { ...second, claim_map: { ...second.claim_map!, claims: steeredOnly } }] }, "map");
    await map();
    expect(lines()).toEqual(["EXPLORE", "CORE"]);
    expect(legend().map((item) => item.textContent!.trim())).not.toContain("taken further");
  });

  test("is walked by keys: along a line, down a column, and to the words in their answer", async () => {
    await open(carried(), "map/0");
    await map();
    await press("j");
    await waitFor(() => expect(chosen()).toBe("0/c1"));
    await press("ArrowDown");
    await waitFor(() => expect(chosen()).toBe("0/c2"));
    await press("ArrowRight");
    await waitFor(() => expect(chosen()).toBe("1/c5"));
    await press("h");
    await waitFor(() => expect(chosen()).toBe("0/c2"));
    await press("l");
    await press("o");
    await waitFor(() => expect(shownTab()).toMatch(/^Answers/));
    expect(marked()).toBe(CLAIMS[4]!.quote);
  });

  test("fans one claim out at a time, and opens its words when it is asked again", async () => {
    await open(carried(), "map");
    await map();
    const [first, second] = [node("1/c1"), node("1/c4")];
    await fireEvent.click(first);
    await waitFor(() => expect(first.getAttribute("aria-expanded")).toBe("true"));
    within(screen.getByRole("group", { name: "Positions" })).getByText("The constraint is most of the argument.");
    await fireEvent.click(second);
    await waitFor(() => expect(second.getAttribute("aria-expanded")).toBe("true"));
    expect(first.getAttribute("aria-expanded")).toBe("false");
    expect(screen.getAllByRole("group", { name: "Positions" })).toHaveLength(1);
    await press("Escape");
    await waitFor(() => expect(second.getAttribute("aria-expanded")).toBe("false"));
    await fireEvent.click(second);
    await fireEvent.click(second);
    await waitFor(() => expect(shownTab()).toMatch(/^Answers/));
    expect(marked()).toBe(CLAIMS[3]!.quote);
  });

  test("a click on the words, or on a position, ends at the words in the answer", async () => {
    await open(carried(), "map");
    await map();
    await fireEvent.click(node("1/c2").querySelector(".quote")!, { detail: 1 });
    await waitFor(() => expect(shownTab()).toMatch(/^Answers/));
    expect(marked()).toBe(CLAIMS[1]!.quote);
    await fireEvent.click(screen.getByRole("tab", { name: "Map" }));
    await map();
    await fireEvent.click(node("1/c3"));
    await fireEvent.click(await screen.findByRole("button", { name: /^KEEP, GPT-5.4: .* Open the words$/ }));
    await waitFor(() => expect(marked()).toBe(CLAIMS[2]!.quote));
  });

  test("takes the chosen claim into the next round's column", async () => {
    await open(carried(), "map");
    await map();
    screen.getByText("What you take from the map with 1 to 5 is drafted here.");
    node("1/c5").focus();
    await press("3");
    await waitFor(() => expect(node("draft/2/1").getAttribute("aria-label")).toBe(`Round 3, CHALLENGE: ${CLAIMS[4]!.quote}`));
    expect(node("draft/2/1").style.top).toBe(node("1/c5").style.top);
    await fireEvent.click(node("draft/2/1"));
    await waitFor(() => expect(document.activeElement?.getAttribute("aria-label")).toBe(`Comment: ${CLAIMS[4]!.quote}`));
  });

  test("of 400 claims draws those in sight", async () => {
    await open(wide(200), "map");
    await map();
    expect(nodes().length).toBeGreaterThan(10);
    expect(nodes().length).toBeLessThan(60);
  });

  test("has a table twin with the same claims by round", async () => {
    await open(carried(), "map");
    await map();
    await press("m");
    const table = await screen.findByRole("table", { name: "Map of the claims, by round" });
    expect(within(table).getAllByRole("rowheader").map((head) => head.textContent?.replace(/\s+/g, " ").trim()).slice(0, 2)).toEqual([
      "Round 1 4 claims",
      `C7 ${CLAIMS[0]!.quote}`,
    ]);
    const row = within(table).getAllByRole("row").filter((each) => each.textContent?.includes(CLAIMS[4]!.quote)).at(-1)!;
    expect(row.textContent).toContain("from round 1");
    await fireEvent.click(within(row).getByRole("button"));
    await waitFor(() => expect(shownTab()).toMatch(/^Answers/));
    expect(marked()).toBe(CLAIMS[4]!.quote);
  });

  test("says so when there is nothing to show", async () => {
    const round = firstRound();
    const silent = { ...round, claim_map: { ...round.claim_map!, claims: [] }, summary: { ...round.summary, claims: 0, no_claims_because: "no_reactions" as const } };
    const later = { ...silent, round_id: "r-later", index: 1, summary: { ...silent.summary, answered: 1, no_claims_because: "one_answer" as const } };
    await open(steered([silent, later]), "map");
    expect((await screen.findByRole("group", { name: m.session.facts.label })).textContent, "of the round that is shown").toContain("1 of");
    cleanup();
    await open(steered([silent]), "map");
    await screen.findByText("No round has claims. No reaction came in. The answers are kept.");
    screen.getByRole("group", { name: m.session.facts.label });
    // Nothing could be shown as the other.
    expect(screen.queryByRole("radio", { name: "Table" })).toBeNull();
    await fireEvent.click(screen.getByRole("button", { name: "Read the answers" }));
    await waitFor(() => expect(shownTab()).toMatch(/^Answers/));
  });

  test("and while the first round runs leads to where its words come", async () => {
    await open(steered([{ ...streamingRound(), index: 0 }]), "map");
    await fireEvent.click(await screen.findByRole("button", { name: "Watch it live" }));
    await waitFor(() => expect(shownTab()).toBe("Live"));
  });

  test.each(["graph", "table"])("axe finds nothing in its %s", async (as) => {
    await open(carried(), "map", DRAFT);
    await map();
    await fireEvent.click(node("1/c4"));
    if (as === "table") await fireEvent.click(screen.getByRole("radio", { name: "Table" }));
    // Colours and sizes need a layout: the browser suite looks at them.
    HTMLCanvasElement.prototype.getContext = () => null;
    const { violations } = await axe.run(document.body);
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
  });
});

describe("who moved", () => {
  test("shows spec 4.4's example: C on “Usage aligns incentives.”, from CHALLENGE to SHIFT, and why", async () => {
    const { rounds, words } = wonOver();
    await open(steered(rounds), "moved");
    expect(shownTab()).toBe("Moved 1");
    const table = screen.getByRole("table", { name: "Who changed their mind, on what, and why" });
    expect(within(table).getAllByRole("columnheader").map((head) => head.textContent)).toEqual(["Claim", "Seat", "Round 1", "Round 2"]);
    const [row, ...others] = within(table).getAllByRole("row").slice(1);
    expect(others).toEqual([]);
    // Behind the words stands how they were checked.
    within(row!).getByRole("button", { name: (name) => name.startsWith(words) });
    within(row!).getByText("Qwen 3.6 Plus");
    const cells = within(row!).getAllByRole("cell").map((cell) => cell.textContent?.replace(/\s+/g, " ").trim());
    expect(cells[0]).toBe("CHALLENGE For whom?");
    expect(cells[1]).toBe("SHIFT was CHALLENGE The pilot’s bills show it. moved here quoted C7 in round 1");
    const cited = within(row!).getAllByRole("button", { name: /^quoted C7 in round 1: “Usage aligns incentives\.”\. Open in .*answer$/ });
    expect(cited, "only where it moved").toHaveLength(1);
    await fireEvent.click(cited[0]!);
    expect(location.hash, "where the words stand that it quoted").toMatch(/\/answers\/0$/);
  });

  test("a change of mind without a stance before it is told as one by its own word; said again it is marked no more", async () => {
    const { rounds, panel } = wonOver();
    const [, , c] = panel;
    for (const round of rounds) {
      round.claim_map!.claims[0]!.positions = [position(c, "SHIFT", "The bills show it.")];
      round.claim_map!.moved = [{ model: c, claim_id: "c1", from: null, to: "SHIFT" }];
    }
    await open(steered(rounds), "moved");
    const table = await screen.findByRole("table", { name: /^Who changed/ });
    const cells = within(table).getAllByRole("cell").map((cell) => cell.textContent?.replace(/\s+/g, " ").trim());
    expect(cells).toEqual(["SHIFT by its own word The bills show it. moved here quoted C7 in round 1", "SHIFT The bills show it."]);
    HTMLCanvasElement.prototype.getContext = () => null;
    const { violations } = await axe.run(table, { runOnly: ["label-content-name-mismatch"] });
    expect(violations, "what is seen is a part of what is heard").toEqual([]);
  });

  test("j and Enter end at the words", async () => {
    await open(carried(), "moved");
    await screen.findByRole("table", { name: /^Who changed/ });
    await press("j");
    await waitFor(() => expect(document.activeElement?.textContent?.startsWith(CLAIMS[3]!.quote)).toBe(true));
    await fireEvent.click(document.activeElement!);
    await waitFor(() => expect(shownTab()).toMatch(/^Answers/));
    expect(marked()).toBe(CLAIMS[3]!.quote);
  });

  test("with one round there is nothing to compare, and the next step is one key away", async () => {
    await open(steered([firstRound()]), "moved");
    await fireEvent.click(await screen.findByRole("button", { name: /^Write the prompt/ }));
    await waitFor(() => expect(document.activeElement?.tagName).toBe("TEXTAREA"));
  });

  test("from four seats on it warns of a majority that hangs on one", async () => {
    const view = carried();
    const [, second] = view.rounds;
    const claims = second!.claim_map!.claims.map((claim, at) => (at === 0 ? { ...claim, flips_without: [claim.positions[0]!.model] } : claim));
    const hanging = { ...view, rounds: [view.rounds[0]!, { ...second!, claim_map: { ...second!.claim_map!, claims } }] };
    await open(hanging, "moved");
    expect(screen.queryByText("One seat decides")).toBeNull();
    cleanup();
    const fourth = { ...view.summary.seats[0]!, model: "pine", display_name: "Pine", letter: "D" };
    await open({ ...hanging, summary: { ...view.summary, seats: [...view.summary.seats, fourth] } }, "moved");
    await screen.findByText("Without GPT-5.4");
    await fireEvent.click(screen.getByTitle("Show the claim"));
    await waitFor(() => expect(screen.getByRole("row", { selected: true }).dataset.claim).toBe("c1"));
  });
});
