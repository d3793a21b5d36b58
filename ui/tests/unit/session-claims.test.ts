import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, test, vi } from "vitest";
import type { RoundView } from "../../src/generated/RoundView";
import { m } from "../../src/messages";
import { mapOf, wonOver } from "../fixtures/maps";
import { CLAIMS, position } from "../fixtures/rounds";
import { firstRound, fromDiscord, large, secondRound, steered, twice } from "../fixtures/sessions";
import { seats } from "../fixtures/shared";
import { cards, CLAUDE, GPT, open, press, QWEN, rows, shownTab, tray } from "./session-screen";

describe("the claims of a finished round", () => {
  test("are what it opens with: contested first, under the one line", async () => {
    await open(steered());
    expect(shownTab()).toMatch(/^Claims/);
    expect(rows().map((row) => row.dataset.claim)).toEqual(CLAIMS.map((claim) => claim.id));
    const line = screen.getByRole("group", { name: "The result in one line" }).textContent?.replace(/\s+/g, " ");
    expect(line).toContain("3 of 3 answered, 3 of 3 reacted");
    expect(line).toContain("16 quotes, 2 unverified");
    expect(line).toContain("63 % converged from 50");
  });

  test("count who moved in this round, and say that it is here: the tab counts all rounds", async () => {
    const [first, second] = [firstRound(), secondRound()];
    const held = ({ claim_map }: RoundView) => claim_map!.claims.flatMap(({ id, positions }) => positions.map(({ model, type }) => ({ claim_id: id, model, from: null, to: type })));
    const mapped = (round: RoundView, n: number) => ({ ...round, claim_map: { ...round.claim_map!, moved: held(round).slice(0, n) }, summary: { ...round.summary, moved: n } });
    await open(steered([mapped(first, 1), mapped(second, 3)]));
    expect(screen.getByRole("tab", { name: /^Moved/ }).textContent?.replace(/\s+/g, " ").trim()).toBe("Moved 4");
    expect(screen.getByRole("group", { name: "The result in one line" }).textContent?.replace(/\s+/g, " ")).toContain("3 moved here");
  });

  test("tell of each counted move what was held before, or that it is one by its own word, and of nothing else", async () => {
    const { rounds } = wonOver();
    const [, second] = rounds;
    const [claim] = second!.claim_map!.claims;
    claim!.positions.push(position("moderator", "SHIFT", "So do I."));
    second!.claim_map!.moved.push({ model: "moderator", claim_id: "c1", from: null, to: "SHIFT" });
    // On the same side, in other words.
    const stays = { ...claim!, continues: { round_index: 1, id: "c1" }, positions: [position(QWEN, "CORE", "", { was: "SHIFT" })] };
    rounds.push(mapOf(2, [stays]));
    await open(steered(rounds), "moved");
    const table = await screen.findByRole("table", { name: /^Who changed their mind/ });
    const before = [...table.querySelectorAll(".was")].map(({ textContent }) => textContent?.replace(/\s+/g, " ").trim());
    expect(before).toEqual(["was CHALLENGE", "by its own word"]);
    expect(screen.getByRole("tab", { name: /^Moved/ }).textContent).toMatch(/2\s*$/);
    screen.getByText("2 changes");
  });

  test("count a SHIFT of the only round as a move, and say what is missing where there is none", async () => {
    const said = /^No claim of this round has a SHIFT, and no round before it says where anybody stood\./;
    const { rounds, panel } = wonOver();
    const [claim] = rounds[0]!.claim_map!.claims;
    const only = (type: "KEEP" | "SHIFT") => ({ ...mapOf(0, [{ ...claim!, positions: [position(panel[1], type, "Yes.")] }]), index: 0 });
    await open(steered([only("KEEP")]), "moved");
    await screen.findByText(said);
    cleanup();
    const shifted = only("SHIFT");
    shifted.claim_map!.moved = [{ model: panel[1], claim_id: claim!.id, from: null, to: "SHIFT" }];
    await open(steered([shifted]), "moved");
    await screen.findByText("1 change");
    expect(screen.queryByText(said)).toBeNull();
  });

  test("say where a seat said the same words, which are a claim of its own", async () => {
    const [first] = CLAIMS;
    const [one, other] = [GPT, QWEN];
    const said = (id: string, originator: string, quote: string, positions = [position(CLAUDE, "KEEP", "Yes.")]) => ({ ...first!, id, originator, quote, positions, source: { ...first!.source, model: originator } });
    const claims = [said("c1", one, "Use **one** store."), said("c2", other, "Use one  store."), said("c3", other, "Use two stores.")];
    await open(steered([firstRound(), mapOf(1, claims)]));
    const cells = (at: number) => within(rows()[at]!).getAllByRole("gridcell").map((cell) => cell.textContent?.trim());
    expect(cells(0)[seats.findIndex(({ model }) => model === other)]).toBe(m.parts.saidItToo);
    expect(cells(1)[seats.findIndex(({ model }) => model === one)]).toBe(m.parts.saidItToo);
    expect(cells(2)).not.toContain(m.parts.saidItToo);
    cleanup();
    const took = [said("c1", one, "Use one store.", [position(other, "CHALLENGE", "Two.")]), said("c2", other, "Use one store.")];
    await open(steered([firstRound(), mapOf(1, took)]));
    expect(cells(0), "what it holds of them says more").not.toContain(m.parts.saidItToo);
  });

  test("j and Enter open the answer with the claim's words marked, Enter leads back to the row", async () => {
    await open(steered());
    await press("j");
    await press("j");
    await press("Enter");
    await waitFor(() => expect(shownTab()).toMatch(/^Answers/));
    expect(screen.getByRole("radio", { name: /Qwen/ })).toHaveProperty("checked", true);
    const marked = [...document.querySelectorAll("mark.words")].map((mark) => mark.textContent).join("");
    expect(marked).toBe(CLAIMS[1]!.quote);
    await press("Enter");
    await waitFor(() => expect(shownTab()).toMatch(/^Claims/));
    expect(screen.getByRole("row", { selected: true }).dataset.claim).toBe("c2");
  });

  test("heads have two lines for a name, and more height where namesakes are told apart under it", async () => {
    await open(steered());
    const heads = () => screen.getAllByRole("columnheader").slice(1);
    expect(heads().map((head) => head.querySelector(".name")?.textContent)).toEqual([...seats.map(({ display_name }) => display_name), "You"]);
    expect(heads().filter((head) => head.querySelector(".cut")), "one line").toEqual([]);
    expect(screen.getByRole("grid").classList).not.toContain("tall");
    cleanup();
    const view = steered();
    const twins = view.summary.seats.map((seat, at) => (at === 0 ? { ...seat, display_name: "GPT-5.4" } : seat));
    await open({ ...view, summary: { ...view.summary, seats: twins } });
    expect(screen.getByRole("grid").classList).toContain("tall");
  });

  test("a row opens wherever it is pressed, and a cell with its seat's position beside the words", async () => {
    await open(steered());
    const row = rows()[1]!;
    const words = within(row).getByText(CLAIMS[1]!.positions[1]!.comment);
    const intoView = vi.spyOn(Element.prototype, "scrollIntoView");
    await fireEvent.click(words);
    await waitFor(() => expect(shownTab()).toMatch(/^Answers/));
    expect([...document.querySelectorAll("mark.words")].map((mark) => mark.textContent).join("")).toBe(CLAIMS[1]!.quote);
    const heard = [...document.querySelectorAll<HTMLElement>('[role=listitem] [aria-current="true"]')];
    expect(heard.map((each) => each.textContent)).toEqual([expect.stringContaining(CLAIMS[1]!.positions[1]!.comment)]);
    await waitFor(() => expect(intoView.mock.contexts).toContain(heard[0]));
    intoView.mockRestore();
    await press("j");
    expect(document.querySelector('[role=listitem] [aria-current="true"]')).toBeNull();
  });

  test("a row's handle, and what is selected in it, only choose it", async () => {
    await open(steered());
    const row = rows()[1]!;
    await fireEvent.click(row.querySelector("[draggable]")!.firstElementChild!);
    const comment = within(row).getByText(CLAIMS[1]!.positions[1]!.comment).firstChild as Text;
    document.getSelection()!.setBaseAndExtent(comment, 0, comment, 4);
    await fireEvent.click(comment.parentElement!);
    expect(shownTab()).toMatch(/^Claims/);
  });

  test("a claim that is pressed stays under the pointer, and comes into view when keys choose it", async () => {
    await open(steered());
    const grid = await screen.findByRole("grid");
    const [, row, next] = within(grid).getAllByRole("row").filter((each) => each.dataset.claim);
    const moved = vi.fn();
    Object.defineProperty(grid, "scrollTop", { get: () => 0, set: moved });
    await fireEvent.pointerDown(row!);
    expect(row!.getAttribute("aria-selected")).toBe("true");
    expect(moved, "let go elsewhere, it would open another answer").not.toHaveBeenCalled();
    await fireEvent.pointerUp(row!);
    await press("j");
    expect(next!.getAttribute("aria-selected")).toBe("true");
    expect(moved).toHaveBeenCalled();
  });

  test("1 to 5 take the chosen claim whole, and change the stance when pressed again", async () => {
    await open(steered());
    await press("j");
    await press("3");
    await waitFor(() => expect(cards()).toEqual([`CHALLENGE: ${CLAIMS[0]!.quote}`]));
    await press("4");
    await waitFor(() => expect(cards()).toEqual([`CORE: ${CLAIMS[0]!.quote}`]));
  });

  test("what was added is told without the marks of its words", async () => {
    const marked = secondRound();
    const [claim, ...others] = marked.claim_map!.claims;
    await open(steered([firstRound(), { ...marked, claim_map: { ...marked.claim_map!, claims: [{ ...claim!, quote: "The *manifest* goes into `depot.toml`." }, ...others] } }]));
    await press("j");
    await press("2");
    const said = "The manifest goes into depot.toml.";
    await waitFor(() => expect(cards()).toEqual([`EXPLORE: ${said}`]));
    expect([...document.querySelectorAll("[role=status]")].map((each) => each.textContent)).toContain(`Added as EXPLORE: ${said}`);
  });

  test("a claim that is graded leaves the keys with the claims; what asks why names the key that leads there", async () => {
    await open(steered());
    const why = () => tray().getAllByRole<HTMLTextAreaElement>("textbox", { name: /^Comment/ });
    await press("j");
    await press("3");
    await waitFor(() => expect(why()).toHaveLength(1));
    await press("j");
    await press("1");
    await waitFor(() => expect(why()).toHaveLength(2));
    expect(why().map(({ placeholder }) => placeholder)).toEqual(Array(2).fill("Say why, or this goes with it:"));
    const caps = () => tray().getAllByRole("article").map((card) => card.querySelector("kbd")?.textContent ?? "");
    expect([caps(), why().map((each) => each.getAttribute("aria-keyshortcuts"))]).toEqual([["", "c"], [null, "c"]]);
    await press("c");
    expect(document.activeElement).toBe(why()[1]);
    await press("c");
    expect(why(), "letters are the comment’s there").toHaveLength(2);
  });

  test("a filter narrows them, and says so when nothing fits", async () => {
    await open(steered());
    await press("/");
    const filter = within(await screen.findByRole("group", { name: "Filter claims" }));
    await fireEvent.click(filter.getByRole("button", { name: "SHIFT" }));
    await waitFor(() => expect(rows().map((row) => row.dataset.claim)).toEqual(["c4", "c5"]));
    await fireEvent.click(filter.getByRole("button", { name: "Open" }));
    await screen.findByText("No claim fits the filter.");
    await fireEvent.click(screen.getAllByRole("button", { name: /^Clear/ })[0]!);
    await waitFor(() => expect(rows()).toHaveLength(CLAIMS.length));
  });

  test("200 of them draw only the rows in sight", async () => {
    await open(large(200));
    expect(rows().length).toBeGreaterThan(5);
    expect(rows().length).toBeLessThan(40);
    expect(screen.getByRole("grid").getAttribute("aria-rowcount")).toBe("201");
  });

  test("an empty map says why", async () => {
    const round = firstRound();
    const summary = { ...round.summary, answered: 1, claims: 0, no_claims_because: "one_answer" as const };
    await open(steered([{ ...round, claim_map: { ...round.claim_map!, claims: [] }, summary }]));
    screen.getByText("Only one seat answered, so there was nobody to react.");
  });
});

describe("a round that several people in Discord steered", () => {
  const REASONS = { alice: "Alice’s reason.", bob: "Bob’s reason." };
  /** Bob began it; `people` said something of its first claim. */
  const peopled = (people: (keyof typeof REASONS)[]) => {
    const whole = secondRound();
    const [like] = whole.snippets;
    const snippets = people.map((said_by) => ({ ...like!, comment: REASONS[said_by], said_by }));
    const of = (said_by: keyof typeof REASONS) => position("moderator", "CHALLENGE", REASONS[said_by], { said_by });
    const claims = CLAIMS.map((claim, at) => {
      const seats = claim.positions.filter(({ model }) => model !== "moderator");
      return { ...claim, positions: at === 0 ? [...seats, ...people.map(of)] : seats };
    });
    const unverified = [{ ...whole.claim_map!.unverified[0]!, model: "moderator", said_by: people[0] }];
    const round = { ...whole, moderator_name: "bob", snippets, claim_map: { ...whole.claim_map!, claims, unverified } };
    return { ...fromDiscord(), rounds: [firstRound(), round] };
  };
  const column = () => screen.getAllByRole("columnheader").at(-1)?.querySelector(".who")?.textContent;

  test("shows each word under whoever said it, and not under the one who began it", async () => {
    await open(peopled(["alice", "bob"]));
    expect(column()).toBe("alice and bob");
    for (const [who, reason] of Object.entries(REASONS)) {
      const cell = within(rows()[0]!).getByText(reason).closest<HTMLElement>(".cell");
      within(cell!).getByText(who);
    }
  });

  test("of one person's words says the name once, above them", async () => {
    await open(peopled(["alice"]));
    expect(column()).toBe("alice");
    const cell = within(rows()[0]!).getByText(REASONS.alice).closest<HTMLElement>(".cell");
    expect(within(cell!).queryByText("alice")).toBeNull();
  });

  test("names them in the transcript: with what goes out, on the map, and of words that nobody said", async () => {
    await open(peopled(["alice", "bob"]), "transcript");
    for (const [who, reason] of Object.entries(REASONS)) {
      const told = screen.getAllByText(reason).map((each) => within(each.closest("li")!).getByText(who));
      expect(told, who).toHaveLength(2);
    }
    screen.getByText(/^.?alice.? quoted /);
  });
});

describe("a seat, or the moderator, that holds two positions on one claim", () => {
  test("is shown with both in the row, and with all of each one's words a click away", async () => {
    await open(twice());
    const row = within(rows()[0]!);
    row.getByText("And a second thought.");
    row.getByText("The moderator again.");
    await fireEvent.click(row.getAllByRole("button", { name: /^Both positions of/ })[0]!);
    const both = within(await screen.findByRole("group", { name: /^Both positions of/ }));
    both.getByText("EXPLORE");
    both.getByText("And a second thought.");
  });

  test.each(["live", "answers", "transcript"])("does not break the %s view", async (tab) => {
    await open(twice(), tab);
    expect(screen.queryByText("This view could not be drawn.")).toBeNull();
    const { originator } = CLAIMS[0]!;
    if (tab !== "answers") return void screen.getAllByText(new RegExp(tab === "live" ? "EXPLORE" : "And a second thought"));
    const { display_name } = seats.find(({ model }) => model === originator)!;
    await fireEvent.click(screen.getByRole("radio", { name: new RegExp(display_name) }));
    screen.getByText("And a second thought.");
    expect(screen.getByRole("region", { name: `What ${display_name} answered` }).textContent).toContain(CLAIMS[0]!.quote.slice(0, 12));
  });

  test("is found with each of its comments", async () => {
    await open(twice());
    await press("f", { ctrlKey: true });
    await fireEvent.input(await screen.findByRole("searchbox", { name: "Find in this session" }), { target: { value: "second thought" } });
    within(screen.getByRole("search")).getByText("1 of 1");
    await waitFor(() => expect(document.getSelection()!.toString()).toBe("second thought"));
  });
});

describe("quotes that could not be verified", () => {
  test("are folded with their number, and unfold to what was quoted over what was said", async () => {
    await open(steered());
    const fold = screen.getByRole("button", { name: /2 quotes not verified/ });
    expect(fold.getAttribute("aria-expanded")).toBe("false");
    await press("u");
    await waitFor(() => expect(document.querySelector("del")?.textContent).toBe("ten thousand"));
    expect(document.querySelector("ins")?.textContent).toBe("a thousand");
    screen.getByText("A.3 says");
  });

  test.each([
    [1, "1 altered. It carries no stance."],
    [2, "1 altered, 1 not found. They carry no stance."],
  ])("are told in words that fit their number: %i", async (n, said) => {
    const whole = secondRound();
    await open(steered([firstRound(), { ...whole, claim_map: { ...whole.claim_map!, unverified: whole.claim_map!.unverified.slice(0, n) } }]));
    screen.getByText(said);
  });

  test("can be quoted right, or kept as the moderator's own words", async () => {
    await open(steered());
    await press("u");
    await fireEvent.click(await screen.findByRole("button", { name: "Quote it right" }));
    await fireEvent.click(screen.getByRole("button", { name: "Keep as my words" }));
    expect(cards()).toEqual([
      "KEEP: Below a thousand events a second the bottleneck is your projections, not the store.",
      "CHALLENGE: MongoDB only promises order inside one shard.",
    ]);
    tray().getByText("my words");
  });

  test("that are the quoter's own are quoted right as the quoter's: they are nobody else's to keep", async () => {
    const whole = secondRound();
    const [, unsaid] = whole.claim_map!.unverified;
    const own = { ...unsaid!, model: QWEN, quoted_model: GPT, quote_status: "misattributed" as const, nearest: null };
    await open(steered([firstRound(), { ...whole, claim_map: { ...whole.claim_map!, unverified: [own] } }]));
    await press("u");
    await fireEvent.click(await screen.findByRole("button", { name: "Quote it right" }));
    expect(screen.queryByRole("button", { name: "Keep as my words" })).toBeNull();
    const [card] = tray().getAllByRole("article");
    expect(within(card!).queryByText("my words")).toBeNull();
    within(card!).getByRole("img", { name: "Qwen 3.6 Plus" });
  });

  test("lead to the true words in the answer", async () => {
    await open(steered());
    await press("u");
    await fireEvent.click(await screen.findByRole("button", { name: "Open A.3" }));
    await waitFor(() => expect(screen.getByRole("radio", { name: /GPT/ })).toHaveProperty("checked", true));
    expect(document.querySelector("mark.words")?.textContent).toContain("Below a thousand");
  });
});
