import { cleanup, configure, fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import axe from "axe-core";
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import App from "../../src/App.svelte";
// Read before the clock of the first test runs: the frame would read it inside that.
import "../../src/features/deliberations/session/Session.svelte";
import { unwritten } from "../../src/features/deliberations/session/tray/unwritten";
import { plain } from "../../src/features/deliberations/session/words";
import type { BridgeState } from "../../src/generated/BridgeState";
import type { ClaimGroup } from "../../src/generated/ClaimGroup";
import type { EstimateRound } from "../../src/generated/EstimateRound";
import type { RoundView } from "../../src/generated/RoundView";
import type { SaidInDiscord } from "../../src/generated/SaidInDiscord";
import type { SeatCallView } from "../../src/generated/SeatCallView";
import type { SessionView } from "../../src/generated/SessionView";
import type { SnippetAck } from "../../src/generated/SnippetAck";
import { m } from "../../src/messages";
import { RpcError } from "../../src/platform";
import { stand } from "../fixtures/discord";
import { FakePlatform } from "../fixtures/platform";
import { mapOf, wonOver } from "../fixtures/maps";
import { call, CLAIMS, liveRound, position } from "../fixtures/rounds";
import { SYNTHESIS } from "../fixtures/recaps";
import { CUT, debit, degradedRound, firstRound, fromDiscord, large, secondRound, steered, streamingRound, twice } from "../fixtures/sessions";
import { seats, snapshot } from "../fixtures/shared";
import { estimate, walletView } from "../fixtures/wallet";

// A matrix is a large page for jsdom: what is hidden is not asked of each element, and a busy machine gets time.
configure({ defaultHidden: true });
vi.setConfig({ testTimeout: 30_000 });

const [CLAUDE, GPT, QWEN] = seats.map(({ model }) => model) as [string, string, string];
const ACK = {
  session_id: "s-event",
  round_id: "r-3",
  round_index: 2,
  status: "processing" as const,
  progress_url: "/api/sessions/s-event/progress",
  poll_after_ms: 1000,
  progress_version: 0,
  rehearsal: false,
};

type Answers = ConstructorParameters<typeof FakePlatform>[1];

async function open(view: SessionView | (() => SessionView), tab = "", answers: Answers = {}): Promise<FakePlatform> {
  const read = typeof view === "function" ? view : () => view;
  const running = read().rounds.filter((round) => round.status === "in_progress");
  const platform = new FakePlatform({ ...snapshot, running }, { get_session: read, ...answers });
  location.hash = `#/deliberations/s-event${tab && `/${tab}`}`;
  dispatchEvent(new HashChangeEvent("hashchange"));
  render(App, { platform });
  await screen.findByRole("tablist", { name: "Views of the session" });
  return platform;
}

const press = (key: string, init: KeyboardEventInit = {}) => fireEvent.keyDown(document.activeElement ?? document.body, { key, ...init });
const shownTab = () => screen.getByRole("tab", { selected: true }).textContent.trim();
const rows = () => screen.getAllByRole("row").filter((row) => row.dataset.claim);
const tray = () => within(screen.getByRole("complementary", { name: "Steering tray" }));
const cards = () => tray().queryAllByRole("article").map((card) => card.getAttribute("aria-label"));

/** Without the words: as events carry a round. */
function bare(round: RoundView): RoundView {
  const silent = (calls: SeatCallView[]) => calls.map((call) => ({ ...call, text: "" }));
  return { ...round, answers: silent(round.answers), reactions: silent(round.reactions) };
}

beforeEach(() => localStorage.clear());
afterEach(() => {
  document.getSelection()?.removeAllRanges();
  cleanup();
  location.hash = "";
});

describe("what is sent unwritten is shown first", () => {
  const asked = () => tray().getByRole("textbox", { name: "Prompt" }).getAttribute("aria-describedby");
  const told = () => document.getElementById(asked() ?? "")?.textContent?.replace(/\s+/g, " ").trim();

  test("a stance's own sentence stands under the field until a comment does, and is told where the stance is chosen", async () => {
    await open(steered());
    await press("j");
    await press("3");
    const card = within(await tray().findByRole("article"));
    const field = card.getByRole("textbox");
    expect(document.getElementById(field.getAttribute("aria-describedby")!)?.textContent).toBe("I'm not sold on this.");
    await fireEvent.click(card.getByRole("button", { name: /Change the stance/ }));
    expect((await screen.findByRole("button", { name: "Add as SHIFT" })).title).toBe("This shifted my perspective.");
    await fireEvent.input(field, { target: { value: "Who pays?" } });
    expect(card.queryByText("I'm not sold on this.")).toBeNull();
    await fireEvent.input(field, { target: { value: "  " } });
    card.getByText("I'm not sold on this.");
  });

  test("Husting's own prompt stands above the empty field, which stays where it is at the first letter, with the claims that go along", async () => {
    await open(steered());
    expect(told()).toBe(
      `If you leave it empty, Husting asks: ${m.session.tray.unwritten.takeUp} The 3 most contested claims go with it as CHALLENGE, and the most agreed as KEEP.`,
    );
    await press("j");
    await press("3");
    await waitFor(() => expect(told()).toBe(`If you leave it empty, Husting asks this with your snippet: ${m.session.tray.unwritten.takeUp}`));
    const field = tray().getByRole("textbox", { name: "Prompt" });
    expect(field.compareDocumentPosition(document.getElementById(asked()!)!)).toBe(Node.DOCUMENT_POSITION_PRECEDING);
    await fireEvent.input(field, { target: { value: "Pick one." } });
    expect(asked()).toBeNull();
  });

  test("while a round runs nobody knows yet what it will be, and it is not told", async () => {
    await open(steered([firstRound(), streamingRound()]));
    expect(told()).toBe("If you leave it empty, Husting chooses what to ask once round 3 is over.");
    expect(screen.getByRole("group", { name: "Steering tray" }).textContent).toContain("If you leave it empty, Husting chooses what to ask once round 3 is over.");
  });

  test("and is what the rules behind the round say", () => {
    const rust = (path: string) => readFileSync(`../crates/${path}`, "utf8");
    const { takeUp, examine, answerAgain } = m.session.tray.unwritten;
    for (const words of [takeUp, examine, answerAgain]) expect(rust("deliberation/src/steering.rs")).toContain(`"${words}"`);
    for (const words of Object.values(m.parts.stock)) expect(rust("domain/src/snippets.rs")).toContain(`"${words}"`);
    const of = (...groups: ClaimGroup[]) => [{ ...firstRound(), claim_map: { ...firstRound().claim_map!, claims: groups.map((group) => ({ ...CLAIMS[0]!, group })) } }];
    expect(unwritten(of("agreed", "agreed", "open"), [])).toEqual({ prompt: examine, contested: 0, agreed: 1 });
    expect(unwritten(of("open"), [])).toEqual({ prompt: answerAgain, contested: 0, agreed: 0 });
    expect(unwritten([...of("contested"), ...of("agreed")], []), "of the newest map").toEqual({ prompt: examine, contested: 0, agreed: 1 });
    expect(unwritten([...of("contested"), { ...firstRound(), claim_map: null }], [])).toEqual({ prompt: takeUp, contested: 1, agreed: 0 });
    const [keep, challenge] = [{ type: "KEEP" }, { type: "CHALLENGE" }] as const;
    expect(unwritten(of("agreed"), [keep]).prompt).toBe(examine);
    expect(unwritten(of("agreed"), [keep, challenge]).prompt, "a CHALLENGE of the operator’s is to be taken up").toBe(takeUp);
  });
});

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

  test("what steered a finished round stands above its answers and where it is watched; nothing does above the first's", async () => {
    await open(steered(), "answers");
    const line = () => document.querySelector(".line .asked")?.textContent;
    await waitFor(() => expect(line()).toBe(plain(secondRound().prompt)));
    await fireEvent.click(screen.getByRole("tab", { name: "Live" }));
    await screen.findByRole("region", { name: "Live" });
    expect(line()).toBe(plain(secondRound().prompt));
    await press("[");
    await waitFor(() => expect(line()).toBeUndefined());
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

  describe("the window’s Back", () => {
    const back = async () => {
      const before = location.hash;
      history.back();
      await waitFor(() => expect(location.hash).not.toBe(before));
    };

    test("leads from words in their answer to the claim they were followed from, and one step further to where the session was opened from", async () => {
      location.hash = "#/hall";
      await open(steered());
      await press("j");
      await press("j");
      await press("Enter");
      await waitFor(() => expect(shownTab()).toMatch(/^Answers/));
      await press("h");
      expect(screen.getByRole("radio", { name: /GPT/ })).toHaveProperty("checked", true);
      await back();
      await waitFor(() => expect(shownTab()).toMatch(/^Claims/));
      expect(screen.getByRole("row", { selected: true }).dataset.claim, "the row is as it was left").toBe("c2");
      history.forward();
      await waitFor(() => expect(shownTab()).toMatch(/^Answers/));
      expect(screen.getByRole("radio", { name: /Qwen/ }), "and so is what was gone to").toHaveProperty("checked", true);
      await back();
      await press("v");
      await press("m");
      await waitFor(() => expect(shownTab()).toMatch(/^Map/));
      await back();
      expect(location.hash, "a view is no step").toBe("#/hall");
    });

    test("leads from what was looked for to where that began, however often it was followed", async () => {
      await open(steered(), "answers/0");
      await press("f", { ctrlKey: true });
      const bar = within(await screen.findByRole("search"));
      await fireEvent.input(bar.getByRole("searchbox"), { target: { value: "resonates with me" } });
      for (const at of ["1 of 4", "2 of 4", "3 of 4"]) {
        await press("Enter");
        await bar.findByText(at);
      }
      await waitFor(() => expect(shownTab()).toMatch(/^Claims/));
      await back();
      await waitFor(() => expect(shownTab()).toMatch(/^Answers/));
    });
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

  test("selected words go to the tray, whole, with their author; digits typed into the prompt do not", async () => {
    const platform = await open(steered(), "", { append_round: () => ACK });
    const said = rows()[1]!.querySelector(".quote-words")!.firstChild as Text;
    const at = said.data.indexOf("end up running");
    document.getSelection()!.setBaseAndExtent(said, at + 1, said, at + 10);
    document.dispatchEvent(new Event("selectionchange"));
    await screen.findByRole("button", { name: "Add as SHIFT" });
    await press("5");
    await waitFor(() => expect(cards()).toEqual(["SHIFT: end up running"]));
    const prompt = tray().getByRole("textbox", { name: "Prompt" });
    prompt.focus();
    await press("1");
    expect(cards()).toHaveLength(1);
    await fireEvent.input(prompt, { target: { value: "Pick one." } });
    await press("Enter", { ctrlKey: true });
    await waitFor(() => expect(platform.argsOf("append_round")).toHaveLength(1));
    expect(platform.argsOf("append_round")[0]).toEqual({
      session_id: "s-event",
      prompt: "Pick one.",
      snippets: [{ type: "SHIFT", quote: "end up running", quoted_model: QWEN, comment: null, confidence: null }],
      recap_round: false,
      recap_session: false,
    });
  });

  test.each([["j", "k"], ["ArrowDown", "ArrowUp"]])("%s and %s go through what was quoted of an answer", async (next, before) => {
    await open(steered(), "answers/0");
    await waitFor(() => expect(shownTab()).toMatch(/^Answers/));
    const chosen = () => [...document.querySelectorAll("#screen [aria-current], #screen .chosen, #screen [aria-selected=true]:not([role=tab])")].map((each) => each.textContent).join("|");
    const at = chosen();
    await press(next);
    await waitFor(() => expect(chosen()).not.toBe(at));
    const first = chosen();
    await press(next);
    await waitFor(() => expect(chosen()).not.toBe(first));
    await press(before);
    await waitFor(() => expect(chosen()).toBe(first));
  });

  test("any run of words goes to the tray by keys alone", async () => {
    await open(steered());
    const key = async (name: string, init: KeyboardEventInit = {}) => {
      await press(name, init);
      document.dispatchEvent(new Event("selectionchange"));
    };
    await key("j");
    await key("Enter");
    await waitFor(() => expect(shownTab()).toMatch(/^Answers/));
    await key("w");
    expect(document.getSelection()!.toString()).toBe("A");
    for (let each = 0; each < 4; each += 1) await key("ArrowRight");
    await key("ArrowRight", { shiftKey: true });
    await key("ArrowRight", { shiftKey: true });
    await key("3");
    await waitFor(() => expect(cards()).toEqual(["CHALLENGE: key gives optimistic"]));
    expect(document.getSelection()!.toString()).toBe("optimistic");
    const added = "Added as CHALLENGE: key gives optimistic";
    within(screen.getByRole("note")).getByText(added);
    await key("ArrowLeft");
    expect(within(screen.getByRole("note")).queryByText(added), "until the keys move on").toBeNull();
    await key("Escape");
    expect(document.getSelection()!.toString()).toBe("");
    await key("ArrowRight");
    await waitFor(() => expect(screen.getByRole("radio", { name: /GPT/ })).toHaveProperty("checked", true));
  });

  test("words are chosen in the answer that has taken the place of another", async () => {
    await open(steered(), "answers");
    const said = (name: string) => screen.getByRole("region", { name: `What ${name} answered` });
    await press("w");
    await press("ArrowRight");
    expect(said("Claude Opus 4.7").contains(document.getSelection()!.anchorNode)).toBe(true);
    await press("l");
    await waitFor(() => expect(said("GPT-5.4")).toBeTruthy());
    await press("ArrowRight");
    expect(document.getSelection()!.toString()).toBe("A");
    expect(said("GPT-5.4").contains(document.getSelection()!.anchorNode)).toBe(true);
    await press("ArrowRight");
    expect(document.getSelection()!.toString()).toBe("transactional");
  });

  test("words that keys had chosen go with their view, and the next one does not say that they cannot be taken", async () => {
    await open(steered(), "answers");
    await press("w");
    await press("ArrowRight", { shiftKey: true });
    expect(document.getSelection()!.toString()).not.toBe("");
    await press("v");
    await press("c");
    await screen.findByRole("grid");
    await waitFor(() => expect(document.getSelection()!.toString()).toBe(""));
    expect(screen.queryByText("Only words of an answer can be forwarded.")).toBeNull();
  });

  test("the keys of words stand below the view, which keeps its own in sight", async () => {
    await open(steered());
    await press("w");
    const keys = await screen.findByRole("note");
    expect(keys.textContent).toContain("add to the tray");
    const said = screen.getByText(/^A\. The arrow keys go from word to word/, { selector: "[role=status]" });
    await press("ArrowRight");
    await waitFor(() => expect(said.textContent).toBe(document.getSelection()!.toString()));
    expect(keys.parentElement!.lastElementChild).toBe(keys);
    expect(screen.getByRole("grid").compareDocumentPosition(keys) & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy();
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

describe("words that are selected", () => {
  const choose = async (text: Text, from: number, to: number) => {
    document.getSelection()!.setBaseAndExtent(text, from, text, to);
    document.dispatchEvent(new Event("selectionchange"));
    await Promise.resolve();
  };

  test("of a comment are not forwarded, and nor is the claim it stands on: a hint says why", async () => {
    await open(steered());
    await press("j");
    const position = CLAIMS[0]!.positions[0]!;
    const comment = within(rows()[0]!).getByText(position.comment).firstChild as Text;
    await choose(comment, 0, 8);
    await screen.findByText("Only words of an answer can be forwarded.");
    await press("2");
    expect(cards()).toEqual([]);
    await press("j");
    await press("k");
    document.dispatchEvent(new Event("selectionchange"));
    await waitFor(() => expect(screen.queryByText("Only words of an answer can be forwarded.")).toBeNull());
    await press("2");
    await waitFor(() => expect(cards()).toEqual([`EXPLORE: ${CLAIMS[0]!.quote}`]));
  });

  test("of an answer in the transcript go to the tray", async () => {
    await open(steered(), "transcript");
    const said = [...document.querySelectorAll<HTMLElement>("[data-s]")].find((each) => each.textContent?.includes("Change streams hand you"))!;
    const text = said.firstChild as Text;
    const at = text.data.indexOf("resumable feed");
    await choose(text, at, at + "resumable feed".length);
    await screen.findByRole("button", { name: "Add as SHIFT" });
    await press("5");
    await waitFor(() => expect(cards()).toEqual(["SHIFT: resumable feed"]));
  });

  test("of a claim in the transcript go to the tray with their author", async () => {
    await open(steered(), "transcript");
    const quote = document.querySelector<HTMLElement>(`[data-author="${QWEN}"]`)!.firstChild as Text;
    await choose(quote, 0, quote.data.length);
    await press("1");
    await waitFor(() => expect(cards()).toHaveLength(1));
    expect(tray().getByRole("article").textContent).toContain(quote.data.slice(0, 20));
  });
});

describe("finding words in a session", () => {
  const find = async (typed: string) => {
    await press("f", { ctrlKey: true });
    const field = await screen.findByRole("searchbox", { name: "Find in this session" });
    await fireEvent.input(field, { target: { value: typed } });
    return within(screen.getByRole("search"));
  };
  const selected = () => document.getSelection()!.toString();

  test("counts answers, claims and comments of all rounds, and goes from one to the next wherever it stands", async () => {
    await open(steered());
    const bar = await find("DEBEZIUM");
    // Each round: the answer and the claim about it. The second round is shown, with its claims.
    bar.getByText("4 of 4");
    await waitFor(() => expect(selected()).toBe("Debezium"));
    expect(screen.getByRole("row", { selected: false, name: /Change streams/ })).toBeTruthy();
    await press("Enter");
    await bar.findByText("1 of 4");
    bar.getByText("Round 1,");
    bar.getByText("Qwen 3.6 Plus");
    await waitFor(() => expect(shownTab()).toMatch(/^Answers/));
    expect(screen.getByRole("radio", { name: "Round 1" })).toHaveProperty("checked", true);
    expect(screen.getByRole("radio", { name: /Qwen/ })).toHaveProperty("checked", true);
    await waitFor(() => expect(selected()).toBe("Debezium"));
    await press("Enter");
    await waitFor(() => expect(shownTab()).toMatch(/^Claims/));
    expect(screen.getByRole("row", { selected: true }).dataset.claim).toBe("c2");
    await press("Enter", { shiftKey: true });
    await waitFor(() => expect(shownTab()).toMatch(/^Answers/));
    await press("Escape");
    expect(screen.queryByRole("search")).toBeNull();
  });

  test.each(["debezium", "**Debezium** or polling"])("goes to “%s” in the answer that a search over everything found", async (sought) => {
    await open(steered(), `answers/0/find/${encodeURIComponent(sought)}/${encodeURIComponent(QWEN)}`);
    const bar = within(await screen.findByRole("search"));
    await bar.findByText("1 of 4");
    expect(screen.getByRole("radio", { name: /Qwen/ })).toHaveProperty("checked", true);
    await waitFor(() => expect(selected().toLowerCase()).toBe("debezium"));
  });

  test("goes first to the first one, though none is in sight", async () => {
    await open(steered(), "answers/0");
    const bar = await find("resonates with me");
    // A comment on one claim of the first round, and on three of the second.
    bar.getByText("4 found");
    expect(shownTab()).toMatch(/^Answers/);
    await press("Enter");
    await bar.findByText("1 of 4");
    await waitFor(() => expect(shownTab()).toMatch(/^Claims/));
    expect(screen.getByRole("radio", { name: "Round 1" })).toHaveProperty("checked", true);
    expect(screen.getByRole("row", { selected: true }).dataset.claim).toBe("c3");
    await waitFor(() => expect(selected()).toBe("resonates with me"));
  });

  test("opens the answer that has it in the place of another seat's", async () => {
    await open(steered(), "answers");
    const bar = await find("debezium");
    bar.getByText("4 found");
    expect(screen.getByRole("radio", { name: /Claude/ })).toHaveProperty("checked", true);
    await press("Enter");
    await bar.findByText("3 of 4");
    bar.getByText("Round 2,");
    bar.getByText("Qwen 3.6 Plus");
    expect(screen.getByRole("radio", { name: /Qwen/ })).toHaveProperty("checked", true);
    expect(shownTab()).toMatch(/^Answers/);
    await waitFor(() => expect(selected()).toBe("Debezium"));
  });

  test("finds what a seat said to a claim, though a filter hides the row", async () => {
    await open(steered());
    await press("/");
    const filter = within(await screen.findByRole("group", { name: "Filter claims" }));
    await fireEvent.click(filter.getByRole("button", { name: "Open" }));
    await waitFor(() => expect(rows()).toHaveLength(1));
    await press("Escape");
    const bar = await find("cheap now");
    await press("Enter");
    await bar.findByText("1 of 1");
    await waitFor(() => expect(selected()).toBe("Cheap now"));
    expect(rows()).toHaveLength(CLAIMS.length);
  });

  test("unfolds the quotes that could not be verified", async () => {
    await open(steered());
    const bar = await find("inside one shard");
    await press("Enter");
    await bar.findByText("1 of 1");
    await waitFor(() => expect(selected()).toBe("inside one shard"));
  });

  test("ends where nothing it found can stand, and begins again there when asked", async () => {
    await open(steered(), "answers");
    await find("debezium");
    await fireEvent.click(screen.getByRole("tab", { name: /^Cost/ }));
    await waitFor(() => expect(screen.queryByRole("search")).toBeNull());
    await find("debezium");
    await press("Enter");
    await waitFor(() => expect(shownTab()).not.toBe("Cost"));
    expect(screen.queryByRole("search")).not.toBeNull();
  });

  test("stays with the words that stream, and says when nothing is found", async () => {
    await open(steered([firstRound(), secondRound(), streamingRound()]));
    const bar = await find("flexible documents");
    bar.getByText(/^\d+ of \d+$/);
    expect(shownTab()).toBe("Live");
    await fireEvent.input(screen.getByRole("searchbox", { name: "Find in this session" }), { target: { value: "zeppelin" } });
    bar.getByText("Not found");
    expect(bar.getByRole("button", { name: "Next match" })).toHaveProperty("disabled", true);
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

test.each([
  [0, 3, "before it is drawn"],
  [300, 1, "one, however narrow"],
  [280 + 2 * 176 - 1, 1, "a pixel short of two"],
  [280 + 2 * 176, 2, "as wide as two"],
  [1_160, 5, "in the design's window"],
  [4_000, 6, "all there are"],
])("a line %s pixels wide shows %s of the words that steered a round: %s", async (width, shown) => {
  const widths = vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(width);
  const [first] = secondRound().snippets;
  const snippets = Array.from({ length: 6 }, (_, at) => ({ ...first!, quote: `Words ${at}.` }));
  await open(steered([firstRound(), secondRound({ snippets })]), "answers");
  const line = (await screen.findByText("Words 0.")).closest<HTMLElement>(".line")!;
  expect([...line.querySelectorAll("q")].map((quote) => quote.textContent)).toEqual(snippets.slice(0, shown).map(({ quote }) => quote));
  const more = within(line).queryByRole("link");
  expect(more?.textContent ?? null).toBe(shown < 6 ? `and ${6 - shown} more` : null);
  if (more) expect(more.getAttribute("href"), "the transcript has them all").toBe("#/deliberations/s-event/transcript/1");
  widths.mockRestore();
});

describe("a round that lacks a seat", () => {
  test("says so in amber, keeps what was written and offers one act", async () => {
    const platform = await open(steered([firstRound(), degradedRound()]), "live", { retry_round: () => ({ ...ACK, round_id: "r-2" }) });
    expect(document.querySelector(".missing")?.textContent).toBe("2 of 3 answered");
    const column = within(screen.getByRole("article", { name: "Qwen 3.6 Plus’s answer" }));
    column.getByText(/The connection broke while words were coming/);
    column.getByText(`${CUT.length} characters kept for you. No other seat reads them. Retry asks it again.`);
    await fireEvent.click(column.getByRole("button", { name: "Details" }));
    column.getByText(/upstream reset/);
    await press("r", { shiftKey: true });
    await waitFor(() => expect(platform.argsOf("retry_round")).toEqual([{ session_id: "s-event", round_id: "r-2" }]));
  });

  test("names and tells all whom its act calls: who answers anew, and that others react anew", async () => {
    const lost = [CLAUDE, GPT].map((model) => call(model, "react", { state: "error", error_code: "provider_error", error_message: null, unreadable: true }));
    await open(steered([firstRound(), degradedRound({ reactions: lost })]), "claims");
    const asks = "Asks Qwen 3.6 Plus to answer again, then whoever has answered to react to what they have not seen yet.";
    const act = () => within(screen.getByRole("group", { name: "The result in one line" })).getByRole<HTMLButtonElement>("button", { name: /^Retry/ });
    expect([act().querySelector(".words")?.textContent, act().title]).toEqual(["Retry Qwen 3.6 Plus, then the reactions", asks]);
    await press("v");
    await press("l");
    const beside = within(await screen.findByRole("article", { name: "GPT-5.4’s answer" })).getByRole<HTMLButtonElement>("button", { name: /^Retry/ });
    expect([beside.getAttribute("aria-label"), beside.title], "in the column of a seat whose reaction is lost too").toEqual(["Retry Qwen 3.6 Plus, then the reactions", asks]);
    cleanup();
    const heard = secondRound();
    await open(steered([firstRound(), { ...heard, can_retry: true, reactions: heard.reactions.map((each, at) => (at === 1 ? { ...each, state: "error" } : each)) }]), "claims");
    const { display_name } = heard.reactions[1]!;
    expect([act().querySelector(".words")?.textContent, act().title]).toEqual(["Retry reactions", `Asks ${display_name} to react to what they have not seen yet.`]);
  });

  test("that still runs says at the seat that it can be asked again once it is over, and has no act for that yet", async () => {
    const running = streamingRound();
    const codes = ["stream_interrupted", "provider_auth_failure", "cancelled"] as const;
    const answers = running.answers.map((each, at) => ({ ...each, state: "error" as const, error_code: codes[at]! }));
    await open(steered([firstRound(), { ...running, answers }]), "live");
    const said = [...document.querySelectorAll(".trouble .rest")].map((each) => each.textContent!.replace(/\s+/g, " ").trim().replace(/^[\d,]+ characters kept for you\. No other seat reads them\. |^It had written nothing\. /, ""));
    expect(said).toEqual(["It can be asked again once the round is over.", "Replace the key in Settings, then retry once the round is over.", "It can be asked again once the round is over."]);
    expect(screen.queryByRole("button", { name: /^Retry/ })).toBeNull();
  });

  test.each(["live", "claims"] as const)("because Husting was closed says in its %s what was asked, which a retry asks again", async (tab) => {
    const whole = degradedRound({ prompt: "Which of both\nis **cheaper**?" });
    const closed = { ...whole, answers: whole.answers.map((each) => ({ ...each, closed: each.state === "error" })) };
    await open(steered([firstRound(), closed]), tab);
    const asked = screen.getByTitle(/^Which of both/);
    expect(asked.textContent).toBe("Which of both is cheaper?");
    cleanup();
    await open(steered([firstRound(), whole]), tab);
    expect(screen.queryAllByTitle(/^Which of both/), "which nobody left").toHaveLength(tab === "live" ? 1 : 0);
  });

  test.each([
    ["answers", 1, "1 answer is kept whole. “Retry 2 seats, then the reactions” asks again only for what is missing."],
    ["reactions", 3, "3 answers are kept whole. “Retry reactions” asks again only for what is missing."],
  ] as const)("because Husting ended during its %s says so in its head and its line, with what was kept and what to do", async (during, answered, rest) => {
    const whole = secondRound();
    const cut = { state: "error" as const, error_code: "stream_interrupted" as const, error_message: "Husting was closed while the call ran.", closed: true };
    const broken = (calls: SeatCallView[], from: number) => calls.map((each, at) => (at < from ? each : { ...each, ...cut }));
    const answers = during === "answers" ? broken(whole.answers, 1) : whole.answers;
    const reactions = during === "answers" ? whole.reactions.map((each) => ({ ...each, state: "absent" as const })) : broken(whole.reactions, 0);
    const summary = { ...whole.summary, answered, reacted: 0, asked_to_react: during === "answers" ? 0 : 3, claims: 0, degraded: true, no_claims_because: "no_reactions" as const };
    const round = { ...whole, answers, reactions, summary, can_retry: true, claim_map: { ...whole.claim_map!, claims: [] } };
    await open(steered([firstRound(), round]), "claims");
    const told = () => document.body.textContent!.replace(/\s+/g, " ");
    const head = () => screen.getByRole("heading", { level: 1 }).closest("header")!.textContent;
    expect(told()).toContain(`Husting ended while this round ran. ${rest}`);
    expect(head()).toContain("Husting ended while it ran");
    expect(screen.getAllByText(/^Husting ended while the call ran\./)).toHaveLength(during === "answers" ? 2 : 3);
    await press("v");
    await press("l");
    await waitFor(() => expect(shownTab()).toBe("Live"));
    const column = within(screen.getByRole("article", { name: "Qwen 3.6 Plus’s answer" }));
    column.getByText("Interrupted at 34.0 s");
    column.getByRole("button", { name: during === "answers" ? "Retry 2 seats, then the reactions" : "Retry reactions" });
    expect(told()).toContain("Husting ended while this round ran.");
    await press("v");
    await press("a");
    await waitFor(() => expect(shownTab()).toMatch(/^Answers/));
    expect(head()).toContain("Husting ended while it ran");
    cleanup();
    const before = snapshot.wallet;
    try {
      snapshot.wallet = { ...before, monthly_limit: 1_000_000, balance: 0, held: 0 };
      for (const view of ["claims", "live"]) {
        await open(steered([firstRound(), round]), view);
        expect(told(), view).toContain(`Husting ended while this round ran. ${rest.split(" “Retry")[0]}`);
        expect(told(), `${view}: nothing that is off is promised`).not.toMatch(/asks again only|asks it again/);
        cleanup();
      }
    } finally {
      snapshot.wallet = before;
    }
  });

  test("a retry that the session's limit does not cover offers to raise it, and then retries", async () => {
    let limit = 20_000;
    const view = () => ({ ...steered([firstRound(), degradedRound()]), spend_limit: limit });
    const platform = await open(view, "claims", {
      retry_round: () => {
        if (limit < 1_000_000) throw new RpcError("credit_exhausted", "Nothing was called.", { needed: 50_000, limited_by: "session" });
        return ACK;
      },
      edit_session: ({ spend_limit }) => {
        limit = spend_limit ?? 0;
        return view().summary;
      },
    });
    await press("r", { shiftKey: true });
    const dialog = within(await screen.findByRole("dialog", { name: /This session’s limit of \$0\.02/ }));
    dialog.getByText(/Nothing was called again/);
    const field = dialog.getByRole<HTMLInputElement>("textbox");
    const suggested = field.value;
    await fireEvent.input(field, { target: { value: "99999999999" } });
    expect(dialog.getByRole("alert").textContent).toBe("That is too much: a limit is at most $1,000,000.");
    await fireEvent.input(field, { target: { value: suggested } });
    await fireEvent.click(dialog.getByRole("button", { name: /Raise/ }));
    await waitFor(() => expect(platform.argsOf("retry_round")).toHaveLength(2));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });

  test("in which nobody answered opens on each seat's reason with the provider's own words a click away, and offers one retry", async () => {
    const whole = degradedRound();
    const answers = [GPT, QWEN].map((model, at) =>
      call(model, "respond", { state: "error", text: "", sentences: [], error_code: at === 0 ? "provider_auth_failure" : "rate_limit", error_message: '{"error":{"code":429}}' }),
    );
    const summary = { ...whole.summary, answered: 0, claims: 0, no_claims_because: "nobody_answered" as const };
    await open(steered([{ ...whole, index: 0, status: "failed", answers, reactions: [], claim_map: null, summary }]));
    screen.getByText("No seat answered.");
    const failed = within(screen.getByRole("region", { name: "What failed, and why" }));
    expect(failed.getAllByRole("listitem").map((each) => each.querySelector("h2")?.textContent)).toEqual(["GPT-5.4", "Qwen 3.6 Plus"]);
    failed.getByText(/^The provider refused the key, or the key may not use this model\./);
    await fireEvent.click(failed.getByRole("button", { name: "OpenRouter’s words" }));
    failed.getByText('{"error":{"code":429}}');
    expect(screen.getAllByRole("button", { name: /Retry/ })).toHaveLength(1);
  });

  test("in which nobody answered speaks of no words to select", async () => {
    const whole = degradedRound();
    const hints = /select words by keys|on selected words|^Select words of/;
    for (const answered of [0, 1]) {
      await open(steered([{ ...whole, index: 0, status: "failed", summary: { ...whole.summary, answered } }]), "answers");
      expect(screen.queryAllByText(hints).length > 0, "below the answers or in the tray").toBe(answered > 0);
      await fireEvent.click(screen.getByRole("tab", { name: "Live" }));
      await screen.findByRole("region", { name: "Live" });
      expect(screen.queryAllByText(hints).length > 0, "below what came").toBe(answered > 0);
      cleanup();
    }
  });

  test("of which the first answer is on its way already speaks of words to select", async () => {
    const { summary } = degradedRound();
    await open(steered([{ ...liveRound(), session_id: "s-event", index: 0, summary: { ...summary, answered: 0 } }]), "live");
    tray().getByText(/^Select words of/);
  });

  test("says of each failure what to do, and leads to the settings where it is done there", async () => {
    const whole = degradedRound();
    const codes = ["provider_auth_failure", "cancelled", "max_retries_exceeded"] as const;
    const answers = seats.map(({ model }, at) => call(model, "respond", { state: "error", text: "", sentences: [], error_code: codes[at] ?? null }));
    const summary = { ...whole.summary, answered: 0, claims: 0, no_claims_because: "nobody_answered" as const };
    const round = { ...whole, index: 0, status: "failed" as const, answers, reactions: [], claim_map: null, summary };
    await open(steered([round]), "claims");
    const failed = within(screen.getByRole("region", { name: "What failed, and why" }));
    const said = () => failed.getAllByRole("listitem").map((each) => each.querySelector(".rest")?.textContent?.replace(/\s+/g, " ").trim());
    expect(said()).toEqual([
      "It had written nothing. Replace the key in Settings, then retry.",
      "It had written nothing. Retry asks it again.",
      "It had written nothing. Test the provider in Settings, then retry.",
    ]);
    expect(failed.getAllByRole("link").map((link) => [link.textContent, link.getAttribute("href")])).toEqual([
      ["Replace the key in Settings", "#/settings/providers"],
      ["Test the provider in Settings", "#/settings/providers"],
    ]);
    cleanup();
    await open(steered([round]), "answers");
    screen.getByText(/^It had written nothing\./);
    expect(screen.queryByText("No words came from this seat."), "told once").toBeNull();
    cleanup();
    // Nothing asks it again where the round cannot be tried again.
    await open(steered([{ ...round, can_retry: false }]), "claims");
    expect(screen.queryByText(/Retry asks it again/)).toBeNull();
  });

  test("and whose session waits for it is retried from the tray as well, where the tray says so", async () => {
    const whole = degradedRound();
    const answers = [GPT, QWEN].map((model) => call(model, "respond", { state: "error", text: "", sentences: [], error_code: "provider_auth_failure" }));
    const summary = { ...whole.summary, answered: 0, claims: 0, no_claims_because: "nobody_answered" as const };
    const view = steered([{ ...whole, index: 0, status: "failed", answers, reactions: [], claim_map: null, summary }]);
    const platform = await open({ ...view, summary: { ...view.summary, status: "failed" } }, "claims", { retry_round: () => ACK });
    tray().getByText("No seat answered the first round. Retry it before the next one.");
    await fireEvent.click(tray().getByRole("button", { name: "Retry 2 seats" }));
    await waitFor(() => expect(platform.argsOf("retry_round")).toEqual([{ session_id: "s-event", round_id: "r-2" }]));
    const strip = within(screen.getByRole("group", { name: "Steering tray" }));
    strip.getByRole("button", { name: "Retry 2 seats" });
    for (const each of [tray(), strip]) {
      expect(each.queryByText(/Husting asks|Estimat|\$/), "of a round that cannot follow nothing is asked, and it has no price").toBeNull();
      expect(each.queryByRole("button", { name: /^Next round/ })).toBeNull();
    }
    expect(tray().queryByRole("checkbox")).toBeNull();
    expect(tray().queryByRole("textbox", { name: "Prompt" })).toBeNull();
    await press("p");
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("complementary", { name: "Steering tray" })));
  });

  test("and whose session waits for it keeps the field that somebody wrote in", async () => {
    const whole = degradedRound();
    const running = { ...whole, index: 0, status: "in_progress" as const, answers: [], reactions: [], claim_map: null };
    const before = steered([running]);
    const platform = await open({ ...before, summary: { ...before.summary, status: "streaming" } }, "live");
    const field = () => screen.queryByRole<HTMLTextAreaElement>("textbox", { name: "Prompt" });
    await fireEvent.input(field()!, { target: { value: "And then?" } });
    field()!.focus();
    const summary = { ...whole.summary, answered: 0, claims: 0, no_claims_because: "nobody_answered" as const };
    const failed = steered([{ ...running, status: "failed", summary }]);
    platform.emit({ type: "round_changed", round: failed.rounds[0]! });
    platform.emit({ type: "session_changed", session: { ...failed.summary, status: "failed" } });
    await tray().findByText("No seat answered the first round. Retry it before the next one.");
    expect(field()?.value).toBe("And then?");
    await fireEvent.input(field()!, { target: { value: "" } });
    expect(document.activeElement, "it does not go from under whoever empties it").toBe(field());
  });

  test("in which every reaction failed shows them under the empty map, and leads to what was written", async () => {
    const whole = degradedRound();
    const reactions = [GPT, QWEN].map((model) => call(model, "react", { state: "error", error_code: "rate_limit", error_message: null }));
    const summary = { ...whole.summary, reacted: 0, claims: 0, no_claims_because: "no_reactions" as const };
    await open(steered([{ ...whole, index: 0, reactions, claim_map: { ...whole.claim_map!, claims: [] }, summary }]), "claims");
    const failed = within(screen.getByRole("region", { name: "What failed, and why" }));
    failed.getByText("GPT-5.4’s reaction");
    screen.getByRole("button", { name: "Read the answers" });
  });

  test.each([
    ["rate_limit", "OpenRouter’s words"],
    ["max_retries_exceeded", "OpenRouter’s words"],
    ["internal_deadline_reached", "Details"],
    ["cancelled", null],
  ] as const)("calls words the provider's only where it said them: %s", async (error_code, label) => {
    const whole = degradedRound();
    const failed = { ...whole.answers[2]!, error_code, error_message: "what is kept" };
    await open(steered([firstRound(), { ...whole, answers: [...whole.answers.slice(0, 2), failed] }]), "live");
    const column = within(screen.getByRole("article", { name: "Qwen 3.6 Plus’s answer" }));
    expect(column.queryByRole("button", { name: /words|Details/ })?.textContent?.trim() ?? null).toBe(label);
  });

  test("and whose account at the provider is empty says so, with what mends it", async () => {
    const whole = degradedRound();
    const failed = { ...whole.answers[2]!, error_code: "rate_limit" as const, spent: "credit" as const, error_message: "the account at the provider does not cover the call: You exceeded your quota." };
    await open(steered([firstRound(), { ...whole, answers: [...whole.answers.slice(0, 2), failed] }]), "live");
    const column = within(screen.getByRole("article", { name: "Qwen 3.6 Plus’s answer" }));
    expect(column.getByText("rate_limit").parentElement!.textContent).toBe("The account at the provider does not cover this call: its credit, or its budget, is used up. rate_limit");
    column.getByText(/Top it up or raise its budget there, then retry\./);
    expect(column.queryByText(/Retry asks it again/)).toBeNull();
    await fireEvent.click(column.getByRole("button", { name: "Details" }));
    column.getByText(/You exceeded your quota\./);
  });

  test("and of whose answer its provider's filter let no word through says so, and that nothing else broke it off", async () => {
    const whole = degradedRound();
    const failed = { ...whole.answers[2]!, error_code: "provider_error" as const, text: "", filtered: true, finish_reason: "content_filter", error_message: "The model ended (content_filter) without a word." };
    await open(steered([firstRound(), { ...whole, answers: [...whole.answers.slice(0, 2), failed] }]), "live");
    const column = within(screen.getByRole("article", { name: "Qwen 3.6 Plus’s answer" }));
    expect(column.getByText("provider_error").parentElement!.textContent).toBe("The provider’s filter let no word of it through. provider_error");
    column.getByText(/Ask in other words, or seat another model\.$/);
    expect(column.queryByText(/Retry asks it again/)).toBeNull();
    await fireEvent.click(column.getByRole("button", { name: "Details" }));
  });

  test("and whose answer its provider's filter cut off says so, not that it reached its length", async () => {
    const whole = degradedRound();
    const cut = (filtered: boolean) => ({ ...whole.answers[0]!, is_partial: true, finish_reason: filtered ? "content_filter" : "length", filtered });
    for (const [filtered, said] of [
      [true, "The provider’s filter cut this answer off here."],
      [false, "The answer reached its length and ends here."],
    ] as const) {
      for (const tab of ["live", "answers"] as const) {
        await open(steered([firstRound(), { ...whole, answers: [cut(filtered), ...whole.answers.slice(1)] }]), tab);
        expect(screen.getAllByText(said), `in ${tab}, of this answer alone`).toHaveLength(1);
        cleanup();
      }
    }
  });

  test("that was tried again tells each call's time from the start of its own try", async () => {
    const whole = secondRound({ tries: ["2026-11-20T14:11:00Z", "2026-11-20T15:00:00Z"] });
    const again = { ...whole.answers[2]!, started_at: "2026-11-20T15:00:00Z", ended_at: "2026-11-20T15:00:12.500Z" };
    const reactions = whole.reactions.map((each) => ({ ...each, state: "absent" as const }));
    await open(steered([firstRound(), { ...whole, reactions, answers: [...whole.answers.slice(0, 2), again] }]), "live");
    screen.getByText("Answered at 12.5 s");
    expect(screen.getAllByText("Answered at 34.0 s")).toHaveLength(2);
  });

  test.each([[412, "Answered at 412 ms"], [999, "Answered at 999 ms"], [1_000, "Answered at 1.0 s"]])("that answered after %s ms tells it", async (ms, said) => {
    const began = "2026-11-20T14:11:00.000Z";
    const whole = secondRound({ tries: [began] });
    const soon = { ...whole.answers[2]!, started_at: began, ended_at: new Date(Date.parse(began) + ms).toISOString() };
    const reactions = whole.reactions.map((each) => ({ ...each, state: "absent" as const }));
    await open(steered([firstRound(), { ...whole, reactions, answers: [...whole.answers.slice(0, 2), soon] }]), "live");
    screen.getByText(said);
  });

  test("that broke off before anything was said tells no reactions and no time", async () => {
    const whole = degradedRound();
    const answers = whole.answers.map(({ model }) => call(model, "respond", { state: "error", text: "", sentences: [], error_code: "cancelled", error_message: null }));
    const timings = { slowest_answer_ms: 0, slowest_reaction_ms: 0, round_ms: 0 };
    const summary = { ...whole.summary, answered: 0, asked_to_react: 0, reacted: 0, quotes: 0, unverified: 0, claims: 0, timings };
    await open(steered([{ ...whole, status: "failed", cancelled: true, answers, reactions: [], claim_map: null, summary }]), "live");
    const line = screen.getByRole("group", { name: "The result in one line" }).textContent!;
    expect(line).toContain("0 of 3 answered");
    expect(line).not.toMatch(/reacted|0\.0 s|0 ms/);
    const facts = screen.getByRole("group", { name: "The result in one line" }).querySelector(".facts")!;
    expect(facts.firstElementChild?.querySelector(".sign"), "the sign stands before all else").toBeTruthy();
    expect(facts.querySelectorAll(".sign")).toHaveLength(1);
    expect(screen.getAllByText("It was cancelled.")).toHaveLength(3);
    expect(screen.getAllByText(/^Cancelled at /)).toHaveLength(3);
    expect(document.querySelector("code"), "its code says nothing beside that").toBeNull();
    expect(screen.getByRole("main").textContent, "one word for it").not.toMatch(/stopped/i);
    await press("v");
    await press("t");
    await waitFor(() => expect(shownTab()).toBe("Transcript"));
    expect(screen.getByRole("article").textContent).not.toMatch(/0 of 0|reacted|0 ms/);
  });

  test("is tried again before the next round where there are no claims to go on from", async () => {
    const [, , failed] = degradedRound().answers;
    const empty = { ...degradedRound().summary, answered: 0, claims: 0, no_claims_because: "nobody_answered" as const };
    const broken = degradedRound({ index: 0, status: "failed", answers: [failed!], reactions: [], claim_map: null, summary: empty });
    const primary = () => [...document.querySelectorAll("button.primary .words")].map((each) => each.textContent?.trim());
    await open(steered([broken]), "claims");
    expect(primary()).toEqual(["Retry Qwen 3.6 Plus"]);
    tray().getByText("Round 1 gave no claims to go on from: retry it first, or go on without them.");
    expect(m.session.tray.raiseFirst(1), "both ways need the limit raised").toMatch(/: raise it, then retry the round or go on without them\.$/);
    await waitFor(() => expect(tray().getByRole<HTMLButtonElement>("button", { name: "Next round" }).disabled).toBe(false));
    cleanup();
    await open(steered([firstRound(), { ...broken, index: 1 }]), "claims");
    await waitFor(() => expect(new Set(primary()), "the first round’s claims are there").toEqual(new Set(["Next round"])));
    expect(tray().queryByText(/gave no claims/)).toBeNull();
  });

  test("is tried again where a call can be paid, and no round of two seats", async () => {
    const { wallet: before } = snapshot;
    try {
      snapshot.wallet = { ...before, monthly_limit: 1_500_000, balance: 90_000, held: 0, limit_used: 1_410_000 };
      await open(steered([firstRound(), degradedRound()]), "claims");
      const result = within(screen.getByRole("group", { name: "The result in one line" }));
      expect(result.getByRole<HTMLButtonElement>("button", { name: /^Retry/ }).disabled).toBe(false);
    } finally {
      snapshot.wallet = before;
    }
  });

  test("that the wallet cannot pay again gives the amber to the limit in each view, and says why beside the act that waits for it", async () => {
    const [, , failed] = degradedRound().answers;
    const empty = { ...degradedRound().summary, answered: 0, claims: 0, no_claims_because: "nobody_answered" as const };
    const broken = degradedRound({ index: 0, status: "failed", answers: [failed!], reactions: [], claim_map: null, summary: empty });
    const { wallet: before, models } = snapshot;
    const short = () => ({ ...estimate(snapshot.panel.seats), hold: 211_000, least: 211_000, available: 0, affordable: false });
    const primary = () => new Set([...document.querySelectorAll("button.primary .words")].map((each) => each.textContent?.trim()));
    try {
      snapshot.wallet = { ...before, monthly_limit: 1_000_000, balance: 0, held: 0 };
      for (const view of ["live", "claims", "cost"]) {
        const platform = await open(steered([broken]), view, { estimate: short });
        await waitFor(() => expect(primary(), view).toEqual(new Set(["Raise the limit"])));
        const line = screen.getByRole("group", { name: "The result in one line" });
        expect(line.textContent).toContain("Too little of the limit is left: raise it, then retry.");
        expect(screen.queryByText(/Retry asks it again/), `${view}: nothing that is off is promised`).toBeNull();
        await press("r", { shiftKey: true });
        expect(platform.argsOf("retry_round"), `${view}: nor by its key`).toEqual([]);
        const retry = within(line).getByRole<HTMLButtonElement>("button", { name: "Retry Qwen 3.6 Plus" });
        expect([retry.disabled, retry.title], "nobody whom it asks can be paid").toEqual([true, "Too little of the limit is left: raise it, then retry."]);
        await fireEvent.click(within(line).getByRole("button", { name: "Raise the limit" }));
        await screen.findByRole("dialog", { name: /^Your limit of/ });
        cleanup();
      }
      await open(steered([broken]), "answers", { estimate: short });
      const beside = await screen.findByRole<HTMLButtonElement>("button", { name: "Retry Qwen 3.6 Plus" });
      expect([beside.disabled, beside.title]).toEqual([true, "Too little of the limit is left: raise it, then retry."]);
      cleanup();
      const refused = { ...failed!, error_code: "provider_auth_failure" as const };
      const RAISE = "Too little of the limit is left: raise it, then retry.";
      for (const view of ["live", "claims", "answers"] as const) {
        for (const [one, way] of [
          [failed!, RAISE],
          [{ ...failed!, closed: true }, RAISE],
          [{ ...failed!, error_code: "pre_stream_provider_error" as const, error_message: "No such model." }, `The provider’s words say why. ${RAISE}`],
          [refused, `Replace the key in Settings. ${RAISE}`],
          [{ ...failed!, spent: "credit" as const }, `Top it up or raise its budget there. ${RAISE}`],
        ] as const) {
          await open(steered([{ ...broken, answers: [one] }]), view, { estimate: short });
          await waitFor(() => expect(document.querySelector(".trouble .rest")?.textContent?.replace(/\s+/g, " ").trim(), `${view}: what is left, and the one way on`).toBe(`${CUT.length} characters kept for you. No other seat reads them. ${way}`));
          cleanup();
        }
      }
      await open(steered([{ ...broken, answers: [refused] }]), "answers", { estimate: short });
      await screen.findByRole("button", { name: "Retry Qwen 3.6 Plus" });
      expect(document.querySelector(".rest")?.textContent?.replace(/\s+/g, " "), "one way on, in the order in which it is gone").toContain("Replace the key in Settings. Too little of the limit is left: raise it, then retry.");
      cleanup();
      await open(steered([{ ...broken, answers: [{ ...refused, error_code: "pre_stream_failure" }] }]), "answers", { estimate: short });
      await screen.findByRole("button", { name: "Retry Qwen 3.6 Plus" });
      expect(document.querySelector(".rest")?.textContent).toContain("The details say what is missing.");
      cleanup();
      await open(steered([{ ...broken, answers: [refused], can_retry: false }]), "answers", { estimate: short });
      await screen.findByText(/Replace the key in Settings/);
      expect(document.querySelector(".rest")?.textContent?.replace(/\s+/g, " "), "nothing is tried again there").toMatch(/Replace the key in Settings\.$/);
      cleanup();
      const view = steered([broken]);
      const free = view.summary.seats.map((seat) => ({ ...seat, model: `ollama/${seat.model}` }));
      const rounds = [{ ...broken, answers: [{ ...failed!, model: `ollama/${failed!.model}` }] }];
      const line = () => screen.getByRole("group", { name: "The result in one line" });
      await open({ ...view, rounds, summary: { ...view.summary, seats: free } }, "claims");
      expect(screen.getByRole<HTMLButtonElement>("button", { name: /^Retry/ }).disabled, "nobody asks a model that is not here").toBe(true);
      expect(line().textContent).toContain(" are no longer on the list of models: put them back in Settings, then retry.");
      tray().getByText(/ are no longer on the list of models: put them back in Settings, or ask another panel\.$/);
      expect(tray().getByRole<HTMLButtonElement>("button", { name: /^Next round/ }).disabled, "no round can follow").toBe(true);
      expect(within(line()).queryByRole("button", { name: "Raise the limit" })).toBeNull();
      cleanup();
      const here = snapshot.models.models.map((model) => ({ ...model, id: `ollama/${model.id}`, minimum: 0 }));
      snapshot.models = { ...models, models: [...models.models, ...here] };
      await open({ ...view, rounds, summary: { ...view.summary, seats: free } }, "claims");
      expect(screen.getByRole<HTMLButtonElement>("button", { name: /^Retry/ }).disabled).toBe(false);
      expect(screen.getByRole("group", { name: "The result in one line" }).textContent, "nothing is paid for seats that cost nothing").not.toContain("limit");
      cleanup();
      await open({ ...view, summary: { ...view.summary, status: "failed" } }, "claims", { estimate: short });
      await waitFor(() => expect(primary(), "no round can follow it").toEqual(new Set(["Raise the limit"])));
      tray().getByText("No seat answered the first round, and too little of the limit is left: raise it, then retry the round.");
      await fireEvent.click(tray().getByRole("button", { name: "Raise the limit" }));
      await screen.findByRole("dialog", { name: /^Your limit of/ });
    } finally {
      snapshot.wallet = before;
      snapshot.models = models;
    }
  });

  test("tells a seat whose call failed from one that took no position, over its column and in each cell", async () => {
    const WHY = `Its answer failed. ${m.session.failure[degradedRound().answers[2]!.error_code!]}`;
    await open(steered([degradedRound()]), "claims");
    // The moderator has the last column.
    const heads = screen.getAllByRole("columnheader").slice(1, 4);
    const signs = heads.map((head) => within(head).queryByRole<HTMLAnchorElement>("link", { name: WHY }));
    expect(signs.map((sign) => sign !== null)).toEqual([false, false, true]);
    expect([signs[2]?.title, signs[2]?.hash]).toEqual([signs[2]?.ariaLabel ?? signs[2]?.getAttribute("aria-label"), expect.stringMatching(/\/live\/\d+$/)]);
    for (const row of rows()) {
      const cell = within(row).getAllByRole("gridcell")[2]!;
      expect(cell.textContent?.trim()).toBe("Its answer failed");
    }
    expect(document.querySelectorAll(".silent").length, "who was asked and is silent keeps the dot").toBe(4);
    cleanup();
    await open(steered([degradedRound()]), "answers");
    const seatsOf = within(await screen.findByRole("radiogroup", { name: m.session.answers.seats }));
    expect(seatsOf.getAllByRole("img", { name: WHY })).toHaveLength(1);
    cleanup();
    const whole = secondRound();
    const lost = whole.reactions.map((each, index) => (index === 1 ? { ...each, state: "error" as const } : each));
    await open(steered([{ ...whole, reactions: lost }]), "claims");
    expect(screen.getAllByRole("columnheader").slice(1, 4).map((head) => within(head).queryByRole("link", { name: "Its reaction failed." }) !== null)).toEqual([false, true, false]);
  });

  test("whose reaction could not be read did react, and is not said to have broken off", async () => {
    const whole = secondRound({ status: "complete", can_retry: true });
    const error_message = 'The reaction could not be read: no JSON object with "snippets" was found.';
    const reactions = whole.reactions.map((each) => (each.model === QWEN ? { ...each, state: "error" as const, text: "I agree.", error_code: "provider_error" as const, error_message, unreadable: true } : each));
    await open(steered([firstRound(), { ...whole, reactions }]), "live");
    const column = within(screen.getByRole("article", { name: "Qwen 3.6 Plus’s answer" }));
    column.getByText(/^The reaction came, but could not be read\./);
    column.getByRole("button", { name: "Details" });
    await press("v");
    await press("t");
    await waitFor(() => expect(shownTab()).toBe("Transcript"));
    screen.getByText("Qwen 3.6 Plus reacted, but its reaction could not be read.");
    expect(document.body.textContent).not.toMatch(/broke off/);
  });

  test("a refused retry is told above the view", async () => {
    await open(steered([firstRound(), degradedRound()]), "claims", {
      retry_round: () => {
        throw new RpcError("unknown_models", "A seat of this session was removed.");
      },
    });
    await press("r", { shiftKey: true });
    const alert = await screen.findByText("Nothing was called again.", { exact: false });
    expect(alert.closest("[role=alert]")?.textContent).toContain("A seat of this session was removed.");
  });
});

describe("a running round", () => {
  const live = () => steered([firstRound(), secondRound(), streamingRound()]);

  test("that many snippets steer shows as many as can be read, and leads to the others", async () => {
    const snippet = (quote: string) => ({ type: "KEEP" as const, quote, quoted_model: GPT, comment: null, confidence: null, quote_status: "exact" as const });
    const many = ["first words", "second words", "third words", "fourth words", "fifth words"].map(snippet);
    await open(steered([firstRound(), secondRound(), streamingRound({ snippets: many })]), "live");
    await screen.findByText("third words");
    expect(screen.queryByText("fourth words")).toBeNull();
    expect(screen.getByRole<HTMLAnchorElement>("link", { name: "and 2 more" }).hash).toBe("#/deliberations/s-event/transcript/2");
  });

  test("steered by words of its steerer's own names no seat beside them", async () => {
    const own = { type: "KEEP" as const, quote: "Nobody said this.", quoted_model: GPT, comment: null, confidence: null, quote_status: "not_found" as const };
    await open(steered([firstRound(), secondRound(), streamingRound({ snippets: [own], moderator_name: "Scout" })]), "live");
    const line = screen.getByText("Nobody said this.").parentElement!;
    expect(line.textContent!.replace(/\s+/g, " ").trim()).toBe("KEEP their own words Nobody said this.");
    expect(line.querySelector("q")).toBeNull();
  });

  test("opens live, grows in place, and turns into its claims when it ends", async () => {
    let view = live();
    const platform = await open(() => view);
    expect(shownTab()).toBe("Live");
    const written = streamingRound().answers[1]!.text;
    platform.emit({ type: "seat_text", session_id: "s-event", round_id: "r-3", model: GPT, purpose: "respond", offset: written.length, text: " Sehr wohl." });
    await screen.findByText(/Sehr wohl\./);

    const ended = secondRound({ round_id: "r-3", index: 2, progress_version: 0 });
    view = steered([firstRound(), secondRound(), ended]);
    platform.emit({ type: "round_changed", round: bare(ended) });
    await waitFor(() => expect(shownTab()).toMatch(/^Claims/));
    await press("v");
    await press("a");
    await screen.findByText(/Never let a consumer read the event table/);
  });

  test("shows a second try with the provider's words a click away", async () => {
    await open(live());
    const column = within(screen.getByRole("article", { name: "Qwen 3.6 Plus’s answer" }));
    expect(column.getByText(/Second try, 4 s after/).textContent).toContain("rate_limit");
    await fireEvent.click(column.getByRole("button", { name: "OpenRouter’s words" }));
    column.getByText(/Slow down/);
  });

  test("shows what kept a second try waiting as nobody's words where the provider may not have been reached", async () => {
    const running = streamingRound();
    const retrying = { attempt: 2, code: "max_retries_exceeded" as const, message: "127.0.0.1:9 was not reached: Connection refused", after_ms: 4_000 };
    const answers = running.answers.map((one) => (one.retrying ? { ...one, retrying } : one));
    await open(steered([firstRound(), secondRound(), { ...running, answers }]));
    const column = within(screen.getByRole("article", { name: "Qwen 3.6 Plus’s answer" }));
    expect(column.queryByRole("button", { name: /words/ })).toBeNull();
    await fireEvent.click(column.getByRole("button", { name: "Details" }));
    column.getByText(retrying.message);
  });

  test("keeps the second try on the seat while its words come", async () => {
    const platform = await open(live());
    const round = streamingRound();
    const answers = round.answers.map((each) => ({ ...each, retrying: null }));
    platform.emit({ type: "round_changed", round: bare({ ...round, progress_version: 41, answers }) });
    platform.emit({ type: "seat_text", session_id: "s-event", round_id: "r-3", model: QWEN, purpose: "respond", offset: round.answers[2]!.text.length, text: " again" });
    const column = within(screen.getByRole("article", { name: "Qwen 3.6 Plus’s answer" }));
    await column.findByText(/ again$/);
    column.getByText(/Second try, 4 s after/);
  });

  test.each([
    ["error", "stream_interrupted", "1 streaming, 1 answered, 1 failed"],
    ["error", "cancelled", "1 streaming, 1 answered, 1 stopped"],
    ["streaming", null, "2 streaming, 1 answered"],
  ] as const)("counts every seat of the panel: the last is %s, %s", async (state, error_code, said) => {
    const round = streamingRound();
    const answers = round.answers.map((each, at) => (at === 2 ? { ...each, state, error_code, retrying: null } : each));
    await open(steered([firstRound(), secondRound(), { ...round, answers }]), "live");
    expect(screen.getByRole("list", { name: "Phases of the round" }).textContent).toContain(said);
  });

  test("says of a phase that is to come only what it waits for", async () => {
    await open(steered([firstRound(), secondRound(), streamingRound()]), "live");
    const phases = within(screen.getByRole("list", { name: "Phases of the round" })).getAllByRole("listitem");
    expect(phases.slice(1).map((each) => each.textContent!.replace(/\s+/g, " ").trim())).toEqual(["React when all have answered", "Map"]);
  });

  test("is timed against the last deadline of those still at work, not of one that is done", async () => {
    const round = streamingRound();
    const answers = round.answers.map((each, at) => ({ ...each, deadline_at: at === 0 ? "2026-11-20T14:42:16Z" : "2026-11-20T14:34:46Z" }));
    const whole = { ...round, deadline_at: "2026-11-20T14:42:16Z", answers };
    const clock = () => within(screen.getByRole("list", { name: "Phases of the round" })).getByText(/ of /).textContent;
    await open(steered([firstRound(), secondRound(), whole]), "live");
    expect(clock()).toMatch(/ of 2:30$/);
    cleanup();
    const waiting = answers.map((each, at) => (at === 0 ? { ...each, state: "streaming" as const } : each));
    await open(steered([firstRound(), secondRound(), { ...whole, answers: waiting }]), "live");
    expect(clock()).toMatch(/ of 10:00$/);
  });

  test("shows about what a priced seat has cost so far, until the settled figure takes its place", async () => {
    const whole = streamingRound();
    const round = { ...whole, reactions: whole.reactions.map((each) => ({ ...each, cost: 0 })) };
    const unsettled = round.answers.map((each) => (each.state === "streaming" ? { ...each, cost: 0 } : each));
    const platform = await open(steered([firstRound(), secondRound(), { ...round, answers: unsettled }]), "live");
    const column = screen.getByRole("article", { name: "GPT-5.4’s answer" });
    const figure = () => column.querySelector(".figures b")!.textContent;
    expect(figure()).toMatch(/^≈\s\$0\.0\d{3}$/);
    const spent = () => screen.getByText(/^Spent/).textContent!.replace(/\s+/g, " ").trim();
    expect(spent()).toMatch(/^Spent ≈ \$0\.\d{4} so far$/);
    const settled = unsettled.map((each) => (each.model === GPT ? { ...each, state: "final" as const, cost: 6_120 } : each));
    platform.emit({ type: "round_changed", round: bare({ ...round, answers: settled }) });
    await waitFor(() => expect(figure()).toBe("$0.0061"));
  });

  test("one seat can be stopped, and the round cancelled, from the keyboard", async () => {
    const platform = await open(live(), "", { stop_seat: () => ({}), cancel_round: () => ({}) });
    const column = within(screen.getByRole("article", { name: "GPT-5.4’s answer" }));
    await fireEvent.click(column.getByRole("button", { name: /Stop/ }));
    await press(".", { ctrlKey: true });
    await waitFor(() => expect(platform.argsOf("cancel_round")).toEqual([{ session_id: "s-event" }]));
    expect(platform.argsOf("stop_seat")).toEqual([{ session_id: "s-event", model: GPT }]);
  });

  test("changes of state are read out, streaming words are not", async () => {
    const platform = await open(live());
    const voice = () => [...document.querySelectorAll("p.sr-only[role=status]")].map((each) => each.textContent).join("");
    platform.emit({ type: "seat_text", session_id: "s-event", round_id: "r-3", model: GPT, purpose: "respond", offset: streamingRound().answers[1]!.text.length, text: " more" });
    await screen.findByText(/ more$/);
    expect(voice()).toBe("");
    const round = streamingRound();
    const answers = round.answers.map((call) => (call.model === GPT ? { ...call, state: "final" as const } : call));
    platform.emit({ type: "round_changed", round: bare({ ...round, answers }) });
    await waitFor(() => expect(voice()).toBe("GPT-5.4 answered. 2 of 3."));
  });

  test("numbers the sentences of an answer once its served words are known", async () => {
    let view = live();
    const platform = await open(() => view, "answers");
    await fireEvent.click(screen.getByRole("radio", { name: /GPT/ }));
    const round = streamingRound();
    const [offset, ended] = [round.answers[1]!.text.length, secondRound({ round_id: "r-3", index: 2 })];
    platform.emit({ type: "seat_text", session_id: "s-event", round_id: "r-3", model: GPT, purpose: "respond", offset, text: " And then some." });
    const answers = round.answers.map((call) => (call.model === GPT ? ended.answers[1]! : call));
    platform.emit({ type: "round_changed", round: bare({ ...round, answers }) });
    await screen.findByText(/And then some\./);
    await waitFor(() => expect(document.querySelector(".markdown.live")).toBeNull());
    expect(document.querySelector(".anchor")).toBeNull();

    view = steered([firstRound(), secondRound(), ended]);
    platform.emit({ type: "round_changed", round: bare(ended) });
    await waitFor(() => expect(document.querySelectorAll(".anchor")).toHaveLength(ended.answers[1]!.sentences.length));
    expect(screen.queryByText(/And then some\./)).toBeNull();
  });

  test("what it cost is read out as it is seen, again once its recap is paid too", async () => {
    let view = live();
    const platform = await open(() => view);
    const ended = secondRound({ round_id: "r-3", index: 2 });
    const costs = (cost: number) => {
      const round = { ...ended, summary: { ...ended.summary, cost } };
      view = steered([firstRound(), secondRound(), round]);
      platform.emit({ type: "round_changed", round: bare(round) });
    };
    costs(9_200);
    await screen.findByText(/^The round is over\. .*\$0\.0092/);
    costs(10_900);
    await screen.findByText("With its recap, the round cost $0.0109.");
  });

  test("the next round waits, and the tray says for what", async () => {
    const platform = await open(live());
    await press("t");
    tray().getByText(/Round 3 is running/);
    await press("Enter", { ctrlKey: true });
    expect(platform.argsOf("append_round")).toEqual([]);
  });
});

describe("what people in Discord have said for the next round", () => {
  const ana: SaidInDiscord = { author: "Ana", stance: "CHALLENGE", quote: "Ship **on** Friday.", quoted_model: GPT, comment: "Who is on call?" };
  const bo: SaidInDiscord = { author: "Bo", stance: "KEEP", quote: "Ship on Monday.", quoted_model: QWEN, comment: "" };
  const region = () => tray().queryByRole("region", { name: /^Said in Discord/ });
  const moves = (platform: FakePlatform, bridge: BridgeState = { state: "delivering" }) => platform.emit({ type: "discord_moved", discord: stand({ bridge }) });
  const readOut = () => screen.getAllByRole("status").map((each) => each.textContent);
  const shown = () => within(region()!).getAllByRole("listitem").map((each) => each.textContent.replace(/\s+/g, " ").trim());

  test("stands in the tray, is counted beside it, and goes with no round of the operator's", async () => {
    const platform = await open(fromDiscord(), "", { list_said: () => ({ said: [ana, bo] }) });
    await waitFor(() => expect(region()?.querySelector("h3")?.textContent).toBe("Said in Discord: 2"));
    const [gpt, qwen] = ["GPT-5.4", "Qwen 3.6 Plus"].map((name) => within(region()!).getAllByLabelText(name).length || within(region()!).getAllByTitle(name).length);
    expect([gpt, qwen]).toEqual([1, 1]);
    expect(shown()).toEqual([expect.stringMatching(/^CHALLENGE \S+ Ship on Friday\. Ana Who is on call\?$/), expect.stringMatching(/^KEEP \S+ Ship on Monday\. Bo$/)]);
    within(screen.getByRole("group", { name: "Steering tray" })).getByText("2 said in Discord");
    await press("Enter", { ctrlKey: true });
    await waitFor(() => expect(platform.argsOf("append_round").map((asked) => (asked as { snippets?: unknown[] }).snippets ?? [])).toEqual([[]]));
  });

  test("comes as soon as it is said, which is read out, and goes once a round took it along", async () => {
    let said: SaidInDiscord[] = [];
    const platform = await open(fromDiscord(), "", { list_said: () => ({ said }) });
    await waitFor(() => expect(platform.argsOf("list_said")).toEqual([{ session_id: "s-event" }]));
    expect(region()).toBeNull();
    said = [ana];
    moves(platform);
    await waitFor(() => expect(shown()).toHaveLength(1));
    expect(readOut()).toContain("Said in Discord: 1");
    said = [];
    moves(platform);
    await waitFor(() => expect(region()).toBeNull());
    expect(readOut()).not.toContain("Said in Discord: 0");
  });

  test("is not read out for standing there already, nor for being given back, and stays where nobody can be asked", async () => {
    let said = [ana, bo];
    let isAway = false;
    const answered = () => {
      if (isAway) throw new RpcError("internal", "Away.");
      return { said };
    };
    const platform = await open(fromDiscord(), "", { list_said: answered });
    await waitFor(() => expect(shown()).toHaveLength(2));
    said = [ana];
    moves(platform);
    await waitFor(() => expect(shown()).toHaveLength(1));
    said = [ana, bo];
    moves(platform);
    await waitFor(() => expect(shown()).toHaveLength(2));
    isAway = true;
    const before = platform.argsOf("list_said").length;
    moves(platform);
    await waitFor(() => expect(platform.argsOf("list_said").length).toBeGreaterThan(before));
    expect(shown()).toHaveLength(2);
    expect(readOut().filter((each) => each.startsWith("Said in Discord"))).toEqual([]);
  });

  test("is that of the newest answer, whichever comes last", async () => {
    const answers: ((list: { said: SaidInDiscord[] }) => void)[] = [];
    const platform = await open(fromDiscord(), "", { list_said: () => new Promise((resolve) => answers.push(resolve)) as never });
    await waitFor(() => expect(answers).toHaveLength(1));
    moves(platform);
    await waitFor(() => expect(answers).toHaveLength(2));
    answers[1]!({ said: [ana] });
    await waitFor(() => expect(shown()).toHaveLength(1));
    answers[0]!({ said: [ana, bo] });
    moves(platform);
    await waitFor(() => expect(answers).toHaveLength(3));
    expect(shown()).toHaveLength(1);
  });

  test("is asked for again when a round of the session begins or ends", async () => {
    const platform = await open(fromDiscord());
    await waitFor(() => expect(platform.argsOf("list_said")).toHaveLength(1));
    platform.emit({ type: "round_changed", round: secondRound({ round_id: "r-3", index: 2, status: "in_progress" }) });
    await waitFor(() => expect(platform.argsOf("list_said")).toHaveLength(2));
  });

  test("is told at the tray's button where the tray is closed", async () => {
    await open(fromDiscord(), "", { list_said: () => ({ said: [ana] }) });
    await waitFor(() => expect(region()).not.toBeNull());
    await press("t");
    const beside = screen.getAllByRole("button", { name: /^Tray/ }).map((each) => each.parentElement?.textContent.includes("1 said in Discord"));
    expect(beside, "in a wide window, and in a narrow one").toEqual([true, true]);
  });

  test("moves nothing that is read: the session is not read again for it", async () => {
    let said: SaidInDiscord[] = [];
    const platform = await open(fromDiscord(), "", { list_said: () => ({ said }) });
    await waitFor(() => expect(platform.argsOf("list_said")).toHaveLength(1));
    said = [ana];
    moves(platform);
    await waitFor(() => expect(region()).not.toBeNull());
    expect(platform.argsOf("get_session")).toHaveLength(1);
  });

  test("says that it rests while the bridge does not deliver", async () => {
    const platform = await open(fromDiscord(), "", { list_said: () => ({ said: [ana] }) });
    await waitFor(() => expect(region()).not.toBeNull());
    for (const bridge of [{ state: "off" }, { state: "paused" }, { state: "connecting", after: null }, { state: "stopped", why: "It is over." }] as BridgeState[]) {
      moves(platform);
      await within(region()!).findByText(/not with a new one that is begun here/);
      moves(platform, bridge);
      await within(region()!).findByText(/once the bridge delivers again/);
    }
  });

  test("is asked for where a session was convened there, and nowhere else", async () => {
    const platform = await open(steered());
    moves(platform);
    await waitFor(() => expect(platform.argsOf("estimate")).toHaveLength(1));
    expect(platform.argsOf("list_said")).toEqual([]);
  });
});

test("where the tray covers the view, it has the focus while it is open, and the view has it after", async () => {
  vi.stubGlobal("matchMedia", () => ({ matches: true }));
  await open(steered());
  const region = screen.getByRole("complementary", { name: "Steering tray" });
  const view = screen.getByRole("tabpanel");
  for (const closing of ["t", "Escape"]) {
    await press("t");
    await waitFor(() => expect(document.activeElement).toBe(region));
    await press(closing);
    await waitFor(() => expect(document.activeElement, closing).toBe(view));
  }
  vi.unstubAllGlobals();
});

test("where the tray covers the view, it goes for the figures, which give it no words, and for no other view", async () => {
  vi.stubGlobal("matchMedia", () => ({ matches: true }));
  await open(steered());
  const isOpen = () => document.querySelector(".desk > .tray")!.matches(".open");
  await press("t");
  for (const [view, keys] of [["Answers", "a"], ["Moved", "v"], ["Recap", "r"]] as const) {
    await press("v");
    await press(keys);
    await waitFor(() => expect(screen.getByRole("tab", { selected: true }).textContent).toContain(view));
    expect(isOpen(), view).toBe(true);
  }
  await press("v");
  await press("o");
  await waitFor(() => expect(screen.getByRole("tab", { selected: true }).textContent).toContain("Cost"));
  await waitFor(() => expect(isOpen()).toBe(false));
  vi.unstubAllGlobals();
});

test("the tray that a key opens in a narrow window has all that is in sight, however far the page was scrolled", async () => {
  vi.stubGlobal("matchMedia", () => ({ matches: true }));
  await open(steered());
  const seen: Element[] = [];
  const intoView = vi.spyOn(Element.prototype, "scrollIntoView").mockImplementation(function (this: Element) {
    seen.push(this);
  });
  await press("t");
  const region = await screen.findByRole("complementary", { name: "Steering tray" });
  await waitFor(() => expect(document.activeElement).toBe(region));
  const field = screen.getByRole("textbox", { name: "Prompt" });
  const prompt = screen.getByText("Prompt", { selector: "label" });
  expect(seen, "and in it what it is opened for, with what it is called").toEqual([region, field, prompt]);
  await press("t");
  await press("p");
  await waitFor(() => expect(document.activeElement?.tagName).toBe("TEXTAREA"));
  await waitFor(() => expect(seen).toEqual([region, field, prompt, region, field, prompt]));
  seen.length = 0;
  window.dispatchEvent(new Event("resize"));
  await waitFor(() => expect(seen, "a page that is made larger keeps what is written in sight").toEqual([region, field, prompt]));
  intoView.mockRestore();
  vi.unstubAllGlobals();
});

test("in a low window what the next round costs stays with the act that begins it, told once", async () => {
  for (const isLow of [false, true]) {
    vi.stubGlobal("matchMedia", (query: string) => ({ matches: isLow && query.includes("max-height: 699px"), addEventListener: () => {}, removeEventListener: () => {} }));
    await open(steered());
    const region = within(screen.getByRole("complementary", { name: "Steering tray" }));
    const act = region.getByRole("button", { name: /^Next round/ });
    await waitFor(() => expect(region.getByRole("group", { name: "Estimate" }).querySelector(".sum b")?.textContent).toMatch(/^\$/));
    expect(region.getAllByRole("group", { name: "Estimate" })).toHaveLength(1);
    expect(act.closest(".acts")!.contains(region.getByRole("group", { name: "Estimate" })), isLow ? "it stays" : "it has the room").toBe(isLow);
    const rest = document.querySelector(".foot .cost")!;
    expect(rest.textContent, "what is said of it stands with the rest").not.toBe("");
    expect(region.getByRole("group", { name: "Estimate" }).getAttribute("aria-describedby")).toBe(isLow ? rest.id : null);
    cleanup();
  }
  vi.unstubAllGlobals();
});

test.each([
  [900, "the rest, above the act", 0],
  [600, "the act that mends it", 1],
  [300, "the rest, which scrolls", 0],
])("in a window of %i pixels that the next round cannot be paid is told once, with %s", async (height, _, withAct) => {
  vi.stubGlobal("matchMedia", (query: string) => ({ matches: height <= Number(/max-height: (\d+)px/.exec(query)?.[1] ?? 0), addEventListener: () => {}, removeEventListener: () => {} }));
  await open(steered(), "claims", { estimate: () => ({ ...estimate(snapshot.panel.seats), affordable: false, least: 450_000, available: 20_000 }) });
  const region = within(screen.getByRole("complementary", { name: "Steering tray" }));
  const told = await region.findAllByText(/^The round sets aside at least/);
  expect(told.map((each) => each.closest(".acts") !== null)).toEqual([withAct === 1]);
  vi.unstubAllGlobals();
});

test("what is small stands clear of its edges: a state of two lines, and the retry beside what went wrong", () => {
  const source = (path: string) => readFileSync(`src/features/deliberations/${path}.svelte`, "utf8");
  expect(source("new/SeatPicker")).toMatch(/td\.state \{ padding-block: 5px;/);
  expect(source("session/live/SeatTrouble"), "it is higher than its line by as much").toMatch(/\.act \{ flex: none; margin: -5px 0 -5px auto; \}/);
  expect(source("session/live/PhaseBar"), "the running phase has the room").toMatch(/max-width: 460px\) \{[^}]*\} \.ahead \{ min-width: 56px;/);
});

test("how sure a seat says it is stands beside the words that it says it of, which are quoted", async () => {
  const round = firstRound();
  const [first, ...others] = round.answers;
  await open(steered([{ ...round, answers: [{ ...first!, claim_confidence: [{ text: "What would change **my** mind is one number.", score: 900 }] }, ...others] }]), "answers");
  const said = (await screen.findByText("Confidence")).parentElement!;
  expect([...said.querySelector("dd")!.children].map(({ textContent }) => textContent)).toEqual(["90 %", "“What would change my mind is one number.”"]);
});

test("a key that its provider refused is told in the same words of a seat, where it is chosen and where it is kept", () => {
  expect([m.convene.keyRefused.toLowerCase(), m.settings.providers.refused(401)]).toEqual([m.session.reason.provider_auth_failure, `${m.session.reason.provider_auth_failure} (401)`]);
});

test("what scrolls in the tray fades at both its ends, in a low window beneath the title, and its field is of whole lines", () => {
  const source = readFileSync("src/features/deliberations/session/tray/Tray.svelte", "utf8");
  expect(source).toMatch(/class="snippets" data-from-end \{@attach edges\}/);
  expect(source).toMatch(/<aside [^>]*\{@attach edges\}/);
  expect(source).toMatch(/aside:global\(\[data-more~="above"\]\) > header::after \{[^}]*linear-gradient/);
  const heights = [...source.matchAll(/(?:min|max)-height: calc\((?:(\d+) \* )?21px \+ 16px\)/g)].map(([, lines = "1"]) => Number(lines));
  expect(heights, "lines, with the room above and below them").toEqual([4, 9, 1, 4, 3, 2]);
  expect(source, "which does not scroll with them").toMatch(/padding: 0 10px; border: solid transparent; border-width: 8px 0;/);
});

test("Home and End lead to the first and the last view, as arrows do to the next", async () => {
  await open(steered(), "answers");
  const tabs = () => screen.getAllByRole("tab");
  screen.getByRole("tab", { selected: true }).focus();
  for (const [key, at] of [["End", -1], ["Home", 0], ["ArrowLeft", -1], ["ArrowRight", 0]] as const) {
    await press(key);
    await waitFor(() => expect(tabs().at(at)!.getAttribute("aria-selected"), key).toBe("true"));
    await waitFor(() => expect(document.activeElement, key).toBe(tabs().at(at)));
  }
  expect(await press("End", { altKey: true }), "with a modifier it is the browser's").toBe(true);
});

test.each(["live", "map"])("the tray that does not stand beside the view %s is opened by a button, as by its key", async (tab) => {
  await open(steered(), tab);
  const box = document.querySelector(".desk > .tray")!;
  const beside = () => box.matches(".default, .open");
  expect(beside()).toBe(false);
  const bar = within(screen.getByRole("tablist", { name: "Views of the session" }).parentElement!);
  await fireEvent.click(bar.getByRole("button", { name: "Tray" }));
  expect(beside()).toBe(true);
  expect(bar.queryByRole("button", { name: "Tray" }), "beside the view it says itself how it closes").toBeNull();
  await press("t");
  await waitFor(() => expect(beside()).toBe(false));
  bar.getByRole("button", { name: "Tray" });
});

describe("the next round", () => {
  test("is estimated with its figures parted", async () => {
    await open(steered());
    const cost = await tray().findByRole("group", { name: "Estimate" });
    await waitFor(() => expect(cost.textContent).toContain("$0.038 – 0.053 about 55 s"));
  });

  const draft = JSON.stringify({ prompt: "Pick one.", snippets: [] });

  test("does not begin with a prompt that is too long, and the strip says so too", async () => {
    const platform = await open(steered(), "", { draft: () => ({ body: JSON.stringify({ prompt: "x".repeat(64_001), snippets: [] }) }) });
    const strip = within(screen.getByRole("group", { name: "Steering tray" }));
    const begin = strip.getByRole<HTMLButtonElement>("button", { name: "Next round" });
    await waitFor(() => expect([begin.disabled, begin.title]).toEqual([true, "64,001 characters; a prompt holds 64,000."]));
    await press("Enter", { ctrlKey: true });
    expect(platform.argsOf("append_round")).toEqual([]);
  });

  /** What is amber in the tray, in the strip. */
  const amber = () => [screen.getByRole("complementary", { name: "Steering tray" }), screen.getByRole("group", { name: "Steering tray" })].map((part) => [...part.querySelectorAll(".button.primary .words")].map((each) => each.textContent));

  test("that keys of its seats are locked is said before it is asked for, and gives the amber to what unlocks them", async () => {
    const platform = await open(steered(), "", { draft: () => ({ body: draft }) });
    await waitFor(() => expect(amber()).toEqual([["Next round"], ["Next round"]]));
    const mute = snapshot.models.models.map((each) => (each.kind === "rehearsal" ? each : { ...each, available: false, unavailable_reason: "no_key" as const }));
    platform.emit({ type: "models_changed", models: { ...snapshot.models, models: mute }, panel: snapshot.panel });
    platform.emit({ type: "secrets_changed", secrets: { state: "locked", message: "secrets.sealed is locked." } });
    await waitFor(() => expect(amber()).toEqual([["Unlock"], ["Unlock"]]));
    tray().getByText("Its seats cannot be called: their keys are locked.");
    await fireEvent.click(tray().getByRole("button", { name: "Unlock" }));
    await screen.findByRole("dialog", { name: "The sealed file is locked" });
    platform.emit({ type: "secrets_changed", secrets: snapshot.secrets });
    platform.emit({ type: "models_changed", models: snapshot.models, panel: snapshot.panel });
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await waitFor(() => expect(amber()).toEqual([["Next round"], ["Next round"]]));
  });

  test("that the wallet cannot pay gives the amber to what mends it, and has it back after", async () => {
    let isShort = true;
    const platform = await open(steered(), "", {
      draft: () => ({ body: draft }),
      estimate: () => ({ ...estimate(snapshot.panel.seats), hold: 211_000, least: 211_000, available: isShort ? 100_000 : 9_000_000, affordable: !isShort }),
      set_limit: () => {
        isShort = false;
        return { ...walletView, summary: { ...walletView.summary, monthly_limit: 30_000_000 } };
      },
    });
    await waitFor(() => expect(amber()).toEqual([["Raise the limit"], ["Raise the limit"]]));
    tray().getByText(/The round sets aside at least \$0\.211, more than the \$0\.10 that is left\./);
    expect(tray().getByRole<HTMLButtonElement>("button", { name: "Next round" }).disabled, "a refusal says what is lacking by then").toBe(false);
    await fireEvent.click(tray().getByRole("button", { name: "Raise the limit" }));
    const dialog = within(await screen.findByRole("dialog", { name: /^Your limit of/ }));
    await fireEvent.click(dialog.getByRole("button", { name: /Raise/ }));
    await waitFor(() => expect(amber()).toEqual([["Next round"], ["Next round"]]));
    expect(platform.argsOf("append_round"), "it was not asked for yet").toEqual([]);
  });

  test("that the session’s own limit does not cover has that one raised", async () => {
    const view = { ...steered(), spend_limit: 1_500_000 };
    let read = view;
    const platform = await open(() => read, "", {
      estimate: () => ({ ...estimate(snapshot.panel.seats), hold: 1_500_000, least: 1_500_000, available: 1_500_000, affordable: read.spend_limit > 1_500_000 }),
      edit_session: ({ spend_limit }) => {
        read = { ...view, spend_limit: spend_limit ?? 0 };
        return read.summary;
      },
    });
    await tray().findByText(/The round sets aside at least \$1\.50, more than this session’s limit leaves\./);
    await fireEvent.click(tray().getByRole("button", { name: "Raise the limit" }));
    const dialog = within(await screen.findByRole("dialog", { name: /^This session’s limit of \$1\.50/ }));
    const field = dialog.getByRole<HTMLInputElement>("textbox");
    const suggested = field.value;
    const raise = dialog.getByRole<HTMLButtonElement>("button", { name: /Raise/ });
    // What is spent of it, and the $1.50 that the round begins with.
    const least = view.summary.cost + 1_500_000;
    const cents = Math.ceil(least / 10_000) / 100;
    for (const [sum, falls] of [[least - 1, true], [least, false]] as const) {
      await fireEvent.input(field, { target: { value: (sum / 1e6).toFixed(6) } });
      expect(dialog.queryByRole("status")?.textContent, `${sum}`).toBe(falls ? `Below $${cents.toFixed(2)} this round is refused again.` : undefined);
      expect(raise.disabled).toBe(falls);
      if (falls) await fireEvent.keyDown(field, { key: "Enter" });
    }
    expect(platform.argsOf("edit_session")).toEqual([]);
    await fireEvent.input(field, { target: { value: suggested } });
    await fireEvent.click(raise);
    await waitFor(() => expect(amber()).toEqual([["Next round"], ["Next round"]]));
  });

  test("is no amber act before its price is known, and is one where none can be told", async () => {
    let answer = () => {};
    await open(steered(), "", { estimate: () => new Promise((_, fail) => (answer = () => fail(new RpcError("internal", "no")))) });
    expect(amber()).toEqual([[], []]);
    tray().getByText("Estimating what it costs");
    await waitFor(() => (answer(), expect(amber()).toEqual([["Next round"], ["Next round"]])));
  });

  test("says of a snippet that another seat said it, and whose it goes as, be it kept as one's own", async () => {
    const snippets = [CLAIMS[0]!, CLAIMS[1]!].map(({ quote }, at) => ({ type: "KEEP", quote, quoted_model: CLAUDE, comment: "So it is.", own: at === 1 }));
    const found = (asked: EstimateRound): SnippetAck[] =>
      (asked.snippets ?? []).map((_, index) => (index === 1 ? { index, quote_status: "misattributed", said_by: QWEN } : { index, quote_status: "exact" }));
    const platform = await open(steered(), "", {
      draft: () => ({ body: JSON.stringify({ prompt: "", snippets }) }),
      estimate: (asked: EstimateRound) => ({ ...estimate([CLAUDE, GPT, QWEN]), snippets: found(asked) }),
    });
    const said = "Qwen 3.6 Plus said it: it goes as Qwen 3.6 Plus’s.";
    await waitFor(() => expect(tray().getAllByRole("article").map((card) => within(card).queryByText(said) !== null)).toEqual([false, true]));
    const [, theirs] = tray().getAllByRole("article");
    expect(within(theirs!).queryByText("my words"), "words are one's own or another's").toBeNull();
    within(theirs!).getByRole("img", { name: "Qwen 3.6 Plus" });
    const asked = platform.argsOf("estimate").at(-1)?.snippets?.map(({ quote, comment }) => ({ quote, comment }));
    expect(asked, "whose they are does not hang on what is said to them").toEqual(snippets.map(({ quote }) => ({ quote, comment: null })));
    const soughtNow = () => platform.argsOf("estimate").map((each) => each.snippets?.length);
    const once = soughtNow().length;
    await fireEvent.input(tray().getByRole("textbox", { name: "Prompt" }), { target: { value: "Pick one." } });
    await waitFor(() => expect(soughtNow().slice(once), "what is typed moves no quote").toEqual([0]));
    await fireEvent.input(within(theirs!).getByRole("textbox", { name: /^Comment/ }), { target: { value: "So it is not." } });
    await waitFor(() => expect(soughtNow().slice(once)).toEqual([0, 0]));
    within(theirs!).getByText(said);
    // What stood before it is gone, and nobody has answered anew.
    await fireEvent.click(within(tray().getAllByRole("article")[0]!).getByRole("button", { name: /^Remove/ }));
    expect(tray().getAllByRole("article").map((card) => within(card).queryByText(said) !== null)).toEqual([true]);
  });

  test("says of the same words under two names for which of them another said it", async () => {
    const { quote } = CLAIMS[0]!;
    const [one, other] = steered().summary.seats.map(({ model }) => model);
    const snippets = [one, other].map((quoted_model) => ({ type: "KEEP", quote, quoted_model, comment: "", own: false }));
    await open(steered(), "", {
      draft: () => ({ body: JSON.stringify({ prompt: "", snippets }) }),
      estimate: ({ snippets: asked }: EstimateRound) => ({
        ...estimate([CLAUDE, GPT, QWEN]),
        snippets: (asked ?? []).map((_, index) => ({ index, ...(index === 1 ? { quote_status: "misattributed", said_by: one } : { quote_status: "exact" }) })),
      }),
    } as never);
    const told = () => tray().getAllByRole("article").map((card) => within(card).queryByText(/ said it: it goes as /) !== null);
    await waitFor(() => expect(told()).toEqual([false, true]));
  });

  test("begins nothing before what was put together for it has been read", async () => {
    let answer = () => {};
    const platform = await open(steered(), "", { draft: () => new Promise((done) => (answer = () => done({ body: draft }))), append_round: () => ACK });
    await waitFor(() => expect(platform.argsOf("draft")).toHaveLength(1));
    await waitFor(() => expect(platform.argsOf("estimate").length).toBeGreaterThan(0));
    const begin = () => tray().getByRole<HTMLButtonElement>("button", { name: "Next round" });
    expect(begin().disabled).toBe(true);
    await press("Enter", { ctrlKey: true });
    answer();
    await waitFor(() => expect(begin().disabled).toBe(false));
    expect(platform.argsOf("append_round")).toEqual([]);
    await press("Enter", { ctrlKey: true });
    await waitFor(() => expect(platform.argsOf("append_round")).toMatchObject([{ prompt: "Pick one." }]));
  });

  test("whose draft could not be read begins nothing without it, and reads it again", async () => {
    let fails = true;
    const platform = await open(steered(), "", { append_round: () => ACK, draft: () => {
      if (fails) throw new RpcError("store_unavailable", "The store does not answer.");
      return { body: draft };
    } });
    const said = await tray().findByText(/^What was put together here before could not be read\. It is kept\./);
    const begin = tray().getByRole<HTMLButtonElement>("button", { name: "Next round" });
    expect([begin.disabled, begin.title]).toEqual([true, "What was put together here before could not be read. It is kept."]);
    await press("Enter", { ctrlKey: true });
    fails = false;
    await fireEvent.click(within(said).getByRole("button", { name: "Try again" }));
    await tray().findByDisplayValue("Pick one.");
    expect(platform.argsOf("append_round")).toEqual([]);
    expect(tray().queryByText(/could not be read/)).toBeNull();
    await waitFor(() => expect(begin.disabled).toBe(false));
  });

  test("begins with one that is just as long, each sign counted once", async () => {
    const prompt = "🌊".repeat(64_000);
    const platform = await open(steered(), "", { draft: () => ({ body: JSON.stringify({ prompt, snippets: [] }) }), append_round: () => ACK });
    const begin = within(screen.getByRole("group", { name: "Steering tray" })).getByRole<HTMLButtonElement>("button", { name: "Next round" });
    await waitFor(() => expect([begin.disabled, begin.title]).toEqual([false, ""]));
    await press("Enter", { ctrlKey: true });
    await waitFor(() => expect(platform.argsOf("append_round")).toMatchObject([{ prompt }]));
  });

  test("gives the focus to the view, also where the round was told before the call was answered", async () => {
    let answer: (ack: typeof ACK) => void = () => undefined;
    const platform = await open(steered([firstRound()]), "", { draft: () => ({ body: draft }), append_round: () => new Promise((resolve) => (answer = resolve)) });
    const prompt = await tray().findByDisplayValue("Pick one.");
    prompt.focus();
    await press("Enter", { ctrlKey: true });
    await waitFor(() => expect(platform.argsOf("append_round")).toHaveLength(1));
    platform.emit({ type: "round_changed", round: bare({ ...liveRound(), round_id: "r-2", index: 1 }) });
    await waitFor(() => expect(shownTab()).toMatch(/^Live/));
    answer(ACK);
    await waitFor(() => expect(document.activeElement?.getAttribute("role")).toBe("tabpanel"));
  });

  test("that begins elsewhere while an earlier one is read is new at the switcher until it is shown", async () => {
    let now = steered();
    const platform = await open(() => now, "claims/0");
    const named = () => within(screen.getByRole("radiogroup", { name: "Which round" })).getAllByRole("radio").map((each) => each.closest("label")!.textContent.trim());
    expect(named(), "what was there is not new").toEqual(["Round 1", "Round 2"]);
    const third = { ...liveRound(), round_id: "r-3", index: 2 };
    now = steered([...now.rounds, third]);
    platform.emit({ type: "round_changed", round: bare(third) });
    await waitFor(() => expect(named()).toEqual(["Round 1", "Round 2", "Round 3, new"]));
    const over = { ...third, status: "complete" as const, phase: "done" as const };
    now = steered([...now.rounds.slice(0, 2), over]);
    platform.emit({ type: "round_changed", round: bare(over) });
    await waitFor(() => expect(named(), "nobody has looked at it").toEqual(["Round 1", "Round 2", "Round 3, new"]));
    await fireEvent.click(screen.getByRole("radio", { name: "Round 3, new" }));
    await waitFor(() => expect(named()).toEqual(["Round 1", "Round 2", "Round 3"]));
    await fireEvent.click(screen.getByRole("radio", { name: "Round 1" }));
    await waitFor(() => expect(location.hash).toMatch(/claims\/0$/));
    expect(named(), "it was read").toEqual(["Round 1", "Round 2", "Round 3"]);
  });

  test("that is new behind a closed list of rounds is told beside it, and opened there", async () => {
    const copies = (n: number) => Array.from({ length: n }, (_, index) => ({ ...secondRound(), round_id: `r-${index + 1}`, index }));
    let now = steered(copies(4));
    const platform = await open(() => now, "claims/0");
    const rounds = () => screen.getByRole<HTMLSelectElement>("combobox", { name: "Which round" });
    const told = () => screen.queryByRole("button", { name: /^Round \d is new$/ })?.textContent.trim();
    expect(told(), "what was there is not new").toBeUndefined();
    now = steered(copies(5));
    platform.emit({ type: "round_changed", round: bare(now.rounds[4]!) });
    await waitFor(() => expect(told()).toBe("Round 5 is new"));
    expect([...rounds().options].map(({ label }) => label)).toEqual(["Round 1", "Round 2", "Round 3", "Round 4", "Round 5, new"]);
    await fireEvent.click(screen.getByRole("button", { name: "Round 5 is new" }));
    await waitFor(() => expect(location.hash).toMatch(/claims\/4$/));
    expect(told(), "it is shown").toBeUndefined();
    await waitFor(() => expect(document.activeElement).toBe(rounds()));
  });

  test("is refused for credit: the limit is raised in place and the draft stays", async () => {
    let isShort = true;
    const platform = await open(steered(), "", {
      draft: () => ({ body: draft }),
      append_round: () => {
        if (isShort) throw new RpcError("credit_exhausted", "Nothing was called.", { needed: 100_000, limited_by: "balance" });
        return ACK;
      },
      set_limit: () => {
        isShort = false;
        return walletView;
      },
    });
    await tray().findByDisplayValue("Pick one.");
    await press("Enter", { ctrlKey: true });
    const dialog = within(await screen.findByRole("dialog"));
    dialog.getByText(/kept as a draft/);
    await fireEvent.click(dialog.getByRole("button", { name: /Raise/ }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(platform.argsOf("set_limit")).toHaveLength(1);
    tray().getByDisplayValue("Pick one.");
    await press("Enter", { ctrlKey: true });
    await waitFor(() => expect(tray().getByRole("textbox", { name: "Prompt" })).toHaveProperty("value", ""));
    expect(platform.argsOf("save_draft").at(-1)).toEqual({ key: "session/s-event", body: "" });
  });

  test("is refused by the session's own limit: that one is raised, to what the round fits under", async () => {
    const view = { ...steered(), spend_limit: 1_500_000 };
    view.summary = { ...view.summary, cost: 1_400_000 };
    const raised = { ...view, spend_limit: 3_000_000 };
    let read = view;
    const platform = await open(() => read, "cost", {
      // Of the round that would follow with other words: the refusal knows better what it refused.
      estimate: () => ({ ...estimate(snapshot.panel.seats), least: 5_000_000 }),
      draft: () => ({ body: draft }),
      append_round: () => {
        throw new RpcError("credit_exhausted", "Nothing was called.", { needed: 1_000_000, effective_balance: 9_000_000, limited_by: "session" });
      },
      edit_session: () => {
        read = raised;
        return raised.summary;
      },
    });
    await tray().findByDisplayValue("Pick one.");
    await tray().findByText(/\$0\.038/);
    await press("Enter", { ctrlKey: true });
    const dialog = within(await screen.findByRole("dialog"));
    dialog.getByRole("heading", { name: /This session’s limit of \$1.50/ });
    const field = dialog.getByRole("textbox", { name: /New limit of this session/ });
    expect(field).toHaveProperty("value", "$3");
    await fireEvent.input(field, { target: { value: "1.50" } });
    expect(dialog.getByRole("button", { name: /Raise/ })).toHaveProperty("disabled", true);
    await fireEvent.input(field, { target: { value: "3" } });
    await fireEvent.click(dialog.getByRole("button", { name: /Raise/ }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(platform.argsOf("edit_session")).toEqual([{ session_id: "s-event", spend_limit: 3_000_000 }]);
    expect(platform.argsOf("set_limit")).toEqual([]);
    tray().getByDisplayValue("Pick one.");
    await screen.findByText(/\$3\.00/);
  });

  test("a busy session is explained and nothing typed is lost", async () => {
    await open(steered(), "", {
      draft: () => ({ body: draft }),
      append_round: () => {
        throw new RpcError("session_busy", "busy");
      },
    });
    await tray().findByDisplayValue("Pick one.");
    await press("Enter", { ctrlKey: true });
    await tray().findByText(/A round of this session is running/);
    tray().getByDisplayValue("Pick one.");
  });

  test("that a session is busy is said only until its round has ended, another trouble until the next try", async () => {
    let code = "session_busy";
    const ended = secondRound({ round_id: "r-3", index: 2 });
    let view = steered();
    const platform = await open(() => view, "", {
      draft: () => ({ body: draft }),
      append_round: () => {
        throw new RpcError(code as "session_busy", "Of the store.");
      },
    });
    await tray().findByDisplayValue("Pick one.");
    await press("Enter", { ctrlKey: true });
    await tray().findByText(/A round of this session is running/);
    view = steered([firstRound(), secondRound(), ended]);
    platform.emit({ type: "round_changed", round: bare(ended) });
    await waitFor(() => expect(tray().queryByText(/A round of this session is running/)).toBeNull());
    tray().getByDisplayValue("Pick one.");
    code = "internal";
    await press("Enter", { ctrlKey: true });
    await tray().findByText(/Of the store/);
    const another = secondRound({ round_id: "r-4", index: 3 });
    view = steered([firstRound(), secondRound(), ended, another]);
    platform.emit({ type: "round_changed", round: bare(another) });
    await tray().findByRole("heading", { name: /Round 5/ });
    tray().getByText(/Of the store/);
  });

  test("a snippet's stance, comment and place can be changed, and its removal undone", async () => {
    const snippets = [{ type: "KEEP", quote: "Measure a full rebuild.", quoted_model: GPT, comment: "", own: false }];
    await open(steered(), "", { draft: () => ({ body: JSON.stringify({ prompt: "", snippets }) }) });
    const card = await tray().findByRole("article");
    within(card).getByRole("button", { name: /Change the stance/ }).focus();
    await press("2");
    await waitFor(() => expect(cards()).toEqual(["EXPLORE: Measure a full rebuild."]));
    await press("Delete");
    await waitFor(() => expect(cards()).toEqual([]));
    await press("z", { ctrlKey: true });
    await waitFor(() => expect(cards()).toEqual(["EXPLORE: Measure a full rebuild."]));
  });
});

describe("title, cost and transcript", () => {
  test.each(["Cost", "Recap", "Transcript"])("%s fades where it goes on below", async (name) => {
    await open(steered(), name.toLowerCase());
    const box = await screen.findByRole("region", { name });
    Object.defineProperty(box, "scrollHeight", { value: 900 });
    await fireEvent.scroll(box);
    expect(box.dataset.more).toBe("below");
  });

  test("F2 is the key of the one act that renames and tags", async () => {
    const summary = () => ({ ...steered().summary, title: "Event store", tags: ["events"] });
    const platform = await open(steered(), "", { edit_session: summary });
    await press("k", { ctrlKey: true });
    await fireEvent.input(await screen.findByRole("combobox", { name: "Go to, or do" }), { target: { value: "title" } });
    expect(screen.queryAllByRole("option", { name: /title/i }).map((each) => each.querySelector(".label")!.textContent)).not.toContain("Change the title");
    await press("Escape");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await press("F2");
    const sheet = within(await screen.findByRole("dialog", { name: "Rename and tag" }));
    await fireEvent.input(sheet.getByLabelText("Title"), { target: { value: "Event store" } });
    await fireEvent.keyDown(sheet.getByLabelText("Title"), { key: "Enter" });
    await waitFor(() => expect(platform.argsOf("edit_session")).toEqual([expect.objectContaining({ session_id: "s-event", title: "Event store" })]));
  });

  test("a view takes the focus of a screen that was just led to", async () => {
    await open(steered(), "recap");
    document.getElementById("screen")!.focus();
    await press("v");
    await press("o");
    await waitFor(() => expect(document.activeElement?.getAttribute("role")).toBe("tabpanel"));
  });

  test("a click on the title renames in place", async () => {
    const platform = await open(steered(), "", { edit_session: ({ title }) => ({ ...steered().summary, title: title ?? "" }) });
    await fireEvent.click(within(await screen.findByRole("heading", { level: 1 })).getByRole("button"));
    const field = await screen.findByRole("textbox", { name: "Title" });
    await fireEvent.input(field, { target: { value: "  Event store  " } });
    await fireEvent.submit(field.closest("form")!);
    await waitFor(() => expect(screen.getByRole("heading", { level: 1 }).textContent).toBe("Event store"));
    expect(platform.argsOf("edit_session")).toEqual([{ session_id: "s-event", title: "Event store" }]);
  });

  test("the debits of a round sum to what it cost", async () => {
    await open(steered(), "cost");
    const table = within(screen.getAllByRole("table")[0]!);
    expect(table.getAllByRole("row")).toHaveLength(8);
    expect(table.getAllByRole("row").at(-1)?.textContent).toContain("$0.027400");
  });

  test("rounds and their sum are written with so many places that they add up", async () => {
    const view = steered();
    const costs = [6_060, 9_960];
    const rounds = view.rounds.slice(0, 2).map((each, at) => ({ ...each, summary: { ...each.summary, cost: costs[at]! } }));
    await open({ ...view, rounds, summary: { ...view.summary, cost: 16_020 } }, "cost");
    const rows = within(screen.getAllByRole("table").at(-1)!).getAllByRole("row").slice(1);
    expect(rows.map((row) => row.textContent!.match(/\$.*$/)![0].trim())).toEqual(["$0.006060", "$0.009960", "$0.016020"]);
  });

  test("the rounds add up to what the session cost, also when a synthesis was written since", async () => {
    const written = (view: SessionView): SessionView => {
      const rounds = view.rounds.map((each) => {
        const debits = [...each.debits, ...(each.index === 1 ? [debit(GPT, "respond", 887, { purpose: "synthesis", transaction_id: "t-synthesis" })] : [])];
        return { ...each, debits, summary: { ...each.summary, cost: debits.reduce((sum, { cost }) => sum + cost, 0) } };
      });
      return { ...steered(rounds), synthesis: SYNTHESIS };
    };
    let view = steered();
    const platform = await open(() => view, "cost");
    view = written(view);
    for (const round of view.rounds) platform.emit({ type: "round_changed", round });
    platform.emit({ type: "session_changed", session: view.summary });
    platform.emit({ type: "synthesis_changed", session_id: "s-event", synthesis: SYNTHESIS });
    await screen.findByRole("cell", { name: "synthesis" });
    const figures = within(screen.getAllByRole("table").at(-1)!).getAllByRole("row").slice(1).map((row) => Number(row.lastElementChild!.textContent!.replace("$", "")));
    expect(figures).toEqual([0.0274, 0.0283, 0.0557]);
  });

  test.each([
    ["live", /^Respondtook 12\.0 s.*Reacttook 6\.4 s ?Maptook 1\.4 s/],
    ["cost", /respond 12\.0 s, react 6\.4 s, waits and map 2\.6 s, round 21\.0 s/],
  ])("the %s view takes the times of the phases from the seats' own, as the line above it does", async (tab, said) => {
    const took = (seconds: number) => ({ started_at: "2026-11-20T14:11:00Z", ended_at: new Date(Date.parse("2026-11-20T14:11:00Z") + seconds * 1_000).toISOString() });
    const whole = secondRound();
    const timed = secondRound({
      answers: [call("claude-code", "respond", took(9.1)), call(GPT, "respond", took(12)), call(QWEN, "respond", took(3))],
      reactions: [call("claude-code", "react", took(6.4)), call(GPT, "react", took(2)), call(QWEN, "react", took(3))],
      summary: { ...whole.summary, timings: { slowest_answer_ms: 12_700, slowest_reaction_ms: 6_900, round_ms: 21_000 } },
    });
    await open(steered([firstRound(), timed]), tab);
    expect(screen.getByRole("group", { name: "The result in one line" }).textContent).toMatch(/21\.0 s\s*respond 12\.0 s, react 6\.4 s, waits and map 2\.6 s/);
    expect([...document.querySelectorAll("ol, header, section")].map(({ textContent }) => textContent!.replace(/\s+/g, " ").replaceAll(" took", "took").trim()).some((text) => said.test(text))).toBe(true);
  });

  test("a call that failed is told as such among the times, and no map was reached where nobody reacted", async () => {
    const took = (seconds: number) => ({ started_at: "2026-11-20T14:11:00Z", ended_at: new Date(Date.parse("2026-11-20T14:11:00Z") + seconds * 1_000).toISOString() });
    const broken = { state: "error" as const, text: "", sentences: [], error_message: null };
    const whole = secondRound();
    const round = secondRound({
      answers: [
        call("claude-code", "respond", { ...broken, error_code: "max_retries_exceeded", ...took(0.191) }),
        call(GPT, "respond", { ...broken, error_code: "cancelled", ...took(0.15) }),
        call(QWEN, "respond", took(0.1)),
      ],
      reactions: [],
      claim_map: null,
      summary: { ...whole.summary, answered: 1, asked_to_react: 0, reacted: 0, claims: 0, timings: { slowest_answer_ms: 100, slowest_reaction_ms: 0, round_ms: 200 } },
    });
    await open(steered([round]), "cost");
    const cost = screen.getByRole("region", { name: "Cost" });
    expect(within(cost).getAllByRole("img", { name: /: answer / }).map((bar) => bar.getAttribute("aria-label")!.split(": ")[1])).toEqual([
      "answer failed after 191 ms, reaction 0 ms", "answer stopped after 150 ms, reaction 0 ms", "answer 100 ms, reaction 0 ms",
    ]);
    expect(cost.textContent).toContain("respond 191 ms, round 200 ms");
    cleanup();
    await open(steered([round]), "live");
    const phases = within(screen.getByRole("list", { name: "Phases of the round" })).getAllByRole("listitem");
    expect(phases.slice(1).map(({ textContent }) => textContent!.replace(/\s+/g, " ").trim())).toEqual(["React not reached", "Map not reached"]);
  });

  test("the parts of a round's time add up to it, and what is too little or not known is not named", async () => {
    const times = (answer: number, reaction: number, part: Partial<RoundView["summary"]["timings"]>, tries = 1) => {
      const took = (ms: number) => ({ started_at: "2026-11-20T14:11:00.000Z", ended_at: new Date(Date.parse("2026-11-20T14:11:00Z") + ms).toISOString() });
      const timings = { slowest_answer_ms: answer, slowest_reaction_ms: reaction, round_ms: 0, ...part };
      const whole = secondRound();
      return secondRound({
        answers: [call(GPT, "respond", took(answer))],
        reactions: [call(GPT, "react", took(reaction))],
        tries: Array.from({ length: tries }, () => whole.started_at),
        summary: { ...whole.summary, timings },
      });
    };
    const told = async (round: RoundView) => {
      cleanup();
      await open(steered([firstRound(), round]), "cost");
      const line = screen.getByRole("group", { name: "The result in one line" }).textContent!.replace(/\s+/g, " ");
      return /(?:\d+ min )?\S+ (?:s|ms) (?:in \d tries )?respond .*?(?= *$)/.exec(line)?.[0];
    };
    expect(await told(times(41_200, 9_800, { round_ms: 51_100 }))).toBe("51.1 s respond 41.2 s, react 9.8 s, map 0.1 s");
    expect(await told(times(41_290, 9_890, { round_ms: 51_300 })), "no part is told as two tenths more than it was").toBe("51.3 s respond 41.2 s, react 9.8 s, map 0.1 s");
    expect(await told(times(41_250, 9_830, { round_ms: 51_220 })), "but is rounded up where that makes them add up").toBe("51.2 s respond 41.2 s, react 9.8 s, map 0.2 s");
    expect(await told(times(3_170, 20, { round_ms: 3_220 }))).toBe("3.2 s respond 3.1 s, react 20 ms");
    expect(await told(times(3_900, 85, { round_ms: 4_390 })), "where the parts have not one unit, each has its own").toBe("4.3 s respond 3.9 s, react 85 ms, map 0.4 s");
    expect(await told(times(180, 90, { round_ms: 302 }))).toBe("302 ms respond 180 ms, react 90 ms, map 32 ms");
    expect(await told(times(41_900, 31_900, { round_ms: 75_400 }))).toBe("1 min 15 s respond 41.9 s, react 31.9 s, map 1.6 s");
    expect(screen.getByRole("region", { name: "Cost" }).textContent).toContain("respond 41.9 s, react 31.9 s, map 1.6 s, round 1 min 15 s");
    expect(await told(times(41_940, 31_940, { round_ms: 75_010 })), "rounded up").toBe("1 min 15 s respond 41.9 s, react 31.9 s, map 1.2 s");
    expect(await told(times(400_300, 190_900, { round_ms: 605_000 }))).toBe("10 min 5 s respond 6 min 40 s, react 3 min 10 s, map 13.8 s");
    expect(await told(times(400_300, 204_000, { round_ms: 605_000 })), "within what is cut off").toBe("10 min 5 s respond 6 min 40 s, react 3 min 24 s");
    expect(await told(times(12_000, 6_000, { round_ms: 30_000 }, 2)), "of two tries").toBe("30.0 s in 2 tries respond 12.0 s, react 6.0 s");
  });

  test("a round that was tried again says so wherever its time stands, and of an answer in which try it came", async () => {
    const whole = secondRound();
    const [broke, again] = ["2026-11-20T14:32:16Z", "2026-11-20T14:50:00Z"];
    const came = (began: string) => ({ started_at: began, ended_at: new Date(Date.parse(began) + 12_000).toISOString() });
    const round = secondRound({
      answers: [call(GPT, "respond", came(broke)), call(QWEN, "respond", came(again))],
      tries: [broke, again],
      summary: { ...whole.summary, timings: { slowest_answer_ms: 12_000, slowest_reaction_ms: 9_800, round_ms: 51_100 } },
    });
    const said = async (tab: string) => {
      cleanup();
      await open(steered([firstRound(), round]), tab);
      return screen.getByRole("tabpanel").textContent!.replace(/\s+/g, " ");
    };
    for (const tab of ["live", "claims", "cost", "transcript"]) expect(await said(tab), tab).toContain("51.1 s in 2 tries");
    const cost = await said("cost");
    expect(cost).toContain("round 51.1 s in 2 tries");
    expect(cost).toMatch(/Round 1 ?(?:\d+ min )?[\d.]+ s ?\$.*Round 2 ?51\.1 s in 2 tries ?\$/);
    await said("answers");
    const bar = document.querySelector(".bar .figures")!;
    const read = async (seat: RegExp) => {
      await fireEvent.click(screen.getByRole("radio", { name: seat }));
      return bar.textContent!.replace(/\s+/g, " ");
    };
    expect(await read(/Qwen/)).toContain("12.0 s in the second try");
    expect(await read(/GPT/)).not.toContain("try");
  });

  test("says what converged means where it stands, by pointer and by key", async () => {
    await open(steered(), "claims");
    const share = screen.getByRole("button", { name: "63 % converged" });
    const meaning = "A claim has converged while no CHALLENGE stands against it, be it agreed or open: 5 of 8 in this round.";
    expect(share.title).toBe(meaning);
    await fireEvent.click(share);
    within(screen.getByRole("group", { name: "converged" })).getByText(meaning);
    expect(share.getAttribute("aria-expanded")).toBe("true");
    await press("Escape");
    expect(screen.queryByRole("group", { name: "converged" })).toBeNull();
  });

  test("calls nothing converged where no seat reacted: what was quoted to the panel stands unanswered", async () => {
    const whole = degradedRound();
    await open(steered([{ ...whole, summary: { ...whole.summary, reacted: 0 } }]), "claims");
    expect(screen.getByRole("group", { name: "The result in one line" }).textContent).not.toContain("converged");
    cleanup();
    await open(steered([whole]), "claims");
    expect(screen.getByRole("group", { name: "The result in one line" }).textContent).toContain("converged");
  });

  test("what a button opened beside it is closed by it, and by a press anywhere else", async () => {
    const first = CLAIMS[0]!;
    const [position] = first.positions;
    const round = secondRound();
    const held = [{ ...first, positions: [position!, { ...position!, type: "SHIFT" as const, comment: "Later." }, ...first.positions.slice(1)] }, ...CLAIMS.slice(1)];
    await open(steered([firstRound(), { ...round, claim_map: { ...round.claim_map!, claims: held } }]), "claims");
    const pressOn = async (button: Element) => {
      await fireEvent.pointerDown(button);
      await fireEvent.click(button);
    };
    for (const [name, group] of [[/converged$/, "converged"], [/^Filter/, "Filter claims"], [/^Both positions of/, /^Both positions of/], ["Show what differs", "Show what differs"]] as const) {
      const button = screen.getAllByRole("button", { name })[0]!;
      const shown = () => screen.queryByRole("group", { name: group });
      await pressOn(button);
      expect(shown(), String(name)).not.toBeNull();
      await pressOn(button);
      expect(shown(), String(name)).toBeNull();
      await pressOn(button);
      await fireEvent.pointerDown(document.body);
      expect(shown(), String(name)).toBeNull();
    }
  });

  test("what each seat's two times are stands over them, in the tones of its bar", async () => {
    await open(steered(), "cost");
    const heads = [...document.querySelectorAll(".heads span")];
    expect(heads.map((head) => [head.textContent, head.querySelector("i")!.classList[0]])).toEqual([["answer", "answer"], ["reaction", "reaction"]]);
    expect([...document.querySelector("[role=img].bar")!.children].map(({ classList }) => classList[0])).toEqual(["answer", "reaction"]);
  });

  test("a sum with an estimate in it has the sign of one, at the output as its call", async () => {
    await open(steered(), "cost");
    const outputs = () => [...screen.getAllByRole("table")[0]!.querySelectorAll("tr")].map((row) => row.children[row.closest("tfoot") ? 3 : 4]?.textContent?.trim() ?? "").slice(1);
    expect(outputs().at(-1)).toMatch(/^≈\u00a0[\d,]+$/);
    expect(outputs().filter((each) => each.startsWith("≈"))).toHaveLength(2);
    cleanup();
    const whole = degradedRound();
    const sure = { ...whole, debits: whole.debits.map((each) => ({ ...each, usage: { ...each.usage, estimated: false } })) };
    await open(steered([firstRound(), sure]), "cost");
    expect(outputs().join()).not.toContain("≈");
  });

  test("the estimate a round began with stands beside what it cost, whoever began it and whenever", async () => {
    const estimated = secondRound({ estimate: { low: 21_000, high: 25_000, recap_low: 0, recap_high: 0 } });
    await open(steered([firstRound(), estimated]), "cost");
    const figure = screen.getByText("Estimate", { selector: "dt" }).nextElementSibling!;
    expect(figure.textContent!.replace(/\s+/g, " ").trim()).toBe("$0.021 – 0.025 $0.0024 above the estimate");
    cleanup();
    // Of what was asked for later, its estimate holds nothing: it is told by itself, and not as above.
    const later = secondRound({ estimate: { low: 21_000, high: 25_000, recap_low: 0, recap_high: 0 } });
    const written = [...later.debits, debit(CLAUDE, "respond", 947, { purpose: "recap" }), debit(CLAUDE, "respond", 529, { purpose: "synthesis" })];
    const summed = { ...later, debits: written, summary: { ...later.summary, cost: later.summary.cost + 947 + 529 } };
    await open(steered([firstRound(), summed]), "cost");
    expect(screen.getByText("Estimate", { selector: "dt" }).nextElementSibling!.textContent, "0.0289 − 0.0015 − 0.025").toContain("the round alone: $0.0024 above the estimate");
    expect(screen.getByText("Per claim", { selector: "dt" }).nextElementSibling!.textContent).toMatch(/^\$0\.\d+$/);
    expect(screen.getByText("Actual", { selector: "dt" }).nextElementSibling!.textContent).toContain("$0.0289 including $0.0015 for recap and synthesis");
    cleanup();
    const foreseen = { ...summed, estimate: { low: 21_000, high: 25_000, recap_low: 1_000, recap_high: 4_000 } };
    await open(steered([firstRound(), foreseen]), "cost");
    expect(screen.getByText("Actual", { selector: "dt" }).nextElementSibling!.textContent).not.toContain("written later");
    cleanup();
    const withRecap = secondRound({ estimate: { low: 21_000, high: 25_000, recap_low: 1_000, recap_high: 4_000 } });
    await open(steered([firstRound(), withRecap]), "live");
    screen.getByText("estimate $0.022 – 0.029");
  });

  test("the transcript says who steered, what was only said to be said, and who did not react", async () => {
    const whole = degradedRound({ moderator_name: "Scout", asked_by: "key laptop" });
    const lost = call(GPT, "react", { state: "error", error_code: "rate_limit", error_message: "429" });
    const own = { type: "KEEP" as const, quote: "Nobody said this.", quoted_model: GPT, comment: null, confidence: null, quote_status: "not_found" as const };
    await open(steered([firstRound(), { ...whole, snippets: [own], reactions: [whole.reactions[0]!, lost] }]), "transcript");
    const round = within(screen.getByRole("article", { name: "Round 2" }));
    round.getByText("steered by Scout · key laptop");
    round.getByText(/^GPT-5.4 did not react\./);
    within(round.getByRole("list", { name: "Forwarded" })).getByText("their own words");
    round.getByText("2 quotes not verified");
    round.getByText("Qwen 3.6 Plus quoted GPT-5.4");
    await press("f", { ctrlKey: true });
    await fireEvent.input(await screen.findByRole("searchbox", { name: "Find in this session" }), { target: { value: "inside one shard" } });
    await waitFor(() => expect(document.getSelection()!.toString()).toBe("inside one shard"));
    expect(shownTab()).toBe("Transcript");
  });

  test("the transcript holds every answer of every round and is saved as it is exported", async () => {
    const platform = await open(steered([firstRound(), degradedRound()]), "transcript", {
      export_session: ({ format }) => ({ file_name: `event-store.${format}`, text: `as ${format}` }),
    });
    expect(document.body.textContent).toContain(CUT);
    expect(screen.getAllByText(/Never let a consumer read/)).toHaveLength(2);
    await fireEvent.click(screen.getByRole("button", { name: "Save as JSON" }));
    await waitFor(() => expect(platform.saved).toEqual([{ name: "event-store.json", text: "as json" }]));
    expect((await screen.findByText("Handed to your downloads.")).closest(".sr-only"), "for those who see it, too").toBeNull();
  });
});

describe("for those who do not see it", () => {
  const views: [string, () => SessionView][] = [
    ["claims", steered],
    ["answers", steered],
    ["cost", steered],
    ["transcript", () => steered([firstRound(), degradedRound()])],
    ["live", () => steered([firstRound(), degradedRound()])],
    ["live", () => steered([firstRound(), secondRound(), streamingRound()])],
  ];
  test.each(views)("axe finds nothing in %s", async (tab, view) => {
    await open(view(), tab);
    await press("u");
    // Without layout there are no colours to judge: the browser suite does, in both themes, with every rule on.
    HTMLCanvasElement.prototype.getContext = () => null;
    const { violations } = await axe.run(document.body);
    expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
  });

  test("a view that is left by a key hands the focus to the one in its place", async () => {
    await open(steered());
    await press("j");
    expect(document.activeElement?.getAttribute("role")).toBe("row");
    await press("v");
    await press("o");
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("tabpanel", { name: "Cost" })));
    await press("v");
    await press("c");
    await waitFor(() => expect(document.activeElement?.getAttribute("aria-selected")).toBe("true"));
  });

  test("a view and a place that a key leads to have the focus from beside the screen too", async () => {
    await open(steered());
    const bar = within(screen.getByRole("contentinfo", { name: "Status" }));
    bar.getAllByRole("link")[0]!.focus();
    await press("v");
    await press("o");
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("tabpanel", { name: "Cost" })));
    within(screen.getByRole("navigation", { name: "Places" })).getAllByRole("link")[0]!.focus();
    await press("g");
    await press("w");
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("main")));
  });

  test("the overlay names the keys that act now, and no other", async () => {
    await open(steered());
    await press("?");
    const overlay = await screen.findByRole("dialog");
    for (const word of ["Choose words by keys (F7 too)", "Show answers", "Open or close the tray", "Write the prompt", "Next round"]) within(overlay).getByText(word);
    expect(within(overlay).queryByText("Add as KEEP")).toBeNull();
    const digits = within(overlay).getByText("Add selected words as KEEP, EXPLORE, CHALLENGE, CORE or SHIFT");
    expect(within(overlay).getByRole("region", { name: "On this screen" }).contains(digits), "once words are selected they act here").toBe(true);
    expect(digits.nextElementSibling?.textContent?.replace(/\s+/g, "")).toBe("1–5");
  });
});

test("of a call's two sums the charged one is set strong, as in the ledger", async () => {
  await open(steered([firstRound(), secondRound()]), "cost");
  const charged = within(await screen.findByRole("region", { name: m.session.tabs.cost })).getByRole("columnheader", { name: m.session.cost.columns.charged });
  const table = charged.closest("table")!;
  const at = [...charged.parentElement!.children].indexOf(charged);
  const rows = [...table.querySelectorAll("tbody tr")];
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) expect([...row.children].flatMap((cell, index) => (cell.classList.contains("strong") ? [index] : []))).toEqual([at]);
  const total = table.querySelector("tfoot tr")!;
  expect(total.querySelectorAll(".strong")).toHaveLength(1);
  expect([...total.children].at(-2)!.classList.contains("strong"), "the last before the time").toBe(true);
});
