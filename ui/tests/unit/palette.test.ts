import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { flushSync } from "svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
// Read before the clock of the first test runs: the frame would read them inside that.
import "../../src/components/SheetDialog.svelte";
import "../../src/features/settings/Settings.svelte";
import { ELSEWHERE, type Elsewhere } from "../../src/components/keys-elsewhere";
import { actions } from "../../src/keys/actions.svelte";
import { matchSome } from "../../src/keys/match";
import { RpcError } from "../../src/platform";
import { peopled } from "../fixtures/agents";
import { bridged } from "../fixtures/discord";
import { open, press } from "../fixtures/page";
import { FakePlatform } from "../fixtures/platform";
import { fresh, snapshot, summary } from "../fixtures/shared";
import { undoLine } from "../../src/state/undo.svelte";
import { sessionView } from "../fixtures/rounds";
import { walletView } from "../fixtures/wallet";

vi.setConfig({ testTimeout: 30_000 });

beforeEach(() => localStorage.clear());
afterEach(() => {
  cleanup();
  location.hash = "";
});

describe("the palette", () => {
  test("reaches a session by words of its question, with the typed letters underlined", async () => {
    await open("#/hall", new FakePlatform());
    await press("k", { ctrlKey: true });
    const input = await screen.findByRole("combobox", { name: "Go to, or do" });
    await fireEvent.input(input, { target: { value: "pricing" } });
    const option = screen.getByRole("option", { selected: true });
    expect(option.querySelector("u")?.textContent).toBe("pricing");
    await fireEvent.keyDown(input, { key: "Enter" });
    await waitFor(() => expect(location.hash).toBe("#/deliberations/s-pricing"));
  });

  test("says how many it found, and where there may be more how many it shows", async () => {
    const passage = { session_id: "s-pricing", title: "Resolve the pricing model", round_index: 0, kind: "question" as const, model: null, before: "Is ", after: " right?", sentence: "Is it right?", at: "2026-11-20T09:00:00Z" };
    const passages = (hit: string, limit: number) => Array.from({ length: hit === "seventy" ? 1 : limit }, (_, at) => ({ ...passage, session_id: hit === "fifty" ? "s-0" : `s-${at}`, hit }));
    const platform = new FakePlatform(snapshot, {
      list_sessions: () => ({ sessions: [], total: 0 }),
      list_messages: () => ({ messages: [], more: false }),
      search_passages: ({ query, limit }) => ({ passages: passages(query, limit ?? 0) }),
    });
    await open("#/hall", platform);
    await press("k", { ctrlKey: true });
    const input = await screen.findByRole("combobox", { name: "Go to, or do" });
    await fireEvent.input(input, { target: { value: "seventy" } });
    await screen.findByText("1 found");
    await fireEvent.input(input, { target: { value: "forty" } });
    await screen.findByText("the first 12; there may be more");
    // As many as were asked for: there may be more of each.
    await fireEvent.input(input, { target: { value: "fifty" } });
    expect((await screen.findByRole("option", { name: /Is fifty right/ })).textContent).toContain("and at least 35 more places");
    await fireEvent.input(input, { target: { value: "/forty" } });
    await screen.findByText("0 found");
  });

  test.each([
    ["max seats", /^Most seats on a panel/, "#/settings/rounds"],
    ["export the ledger", /^Export CSV/, "#/wallet"],
    ["sealed file", /^Providers and keys/, "#/settings/providers"],
    ["bot token", /^Set up the Discord bridge/, "#/discord/setup"],
    ["license", /^About/, "#/settings/about"],
    ["create agent", /^Mint an agent/, "#/agents/mint"],
    ["convene", /^New deliberation/, "#/deliberations/new"],
    ["/deliberate", /^New deliberation/, "#/deliberations/new"],
    ["/deliberations", /^Deliberations/, "#/deliberations"],
  ])("finds “%s” by words that people have for it", async (typed, option, address) => {
    await open("#/hall", new FakePlatform());
    await press("k", { ctrlKey: true });
    await fireEvent.input(await screen.findByRole("combobox", { name: "Go to, or do" }), { target: { value: typed } });
    const found = screen.getAllByRole("option").find((each) => option.test(each.textContent!.replace(/\s+/g, " ").trim()));
    await fireEvent.click(found!);
    await waitFor(() => expect(location.hash).toBe(address));
  });

  test.each([
    ["convene", "New deliberation"],
    ["ask", "New deliberation"],
    ["new question", "New deliberation"],
    ["take back", "Take back"],
    ["dark mode", "Switch between dark and light"],
    ["light mode", "Switch between dark and light"],
    ["keyboard", "Show the keys"],
    ["shortcuts", "Show the keys"],
    ["help", "Show the keys", "Save a report"],
    ["create agent", "Mint an agent"],
    ["new agent", "Mint an agent"],
    ["audit", "Audit log"],
    ["log", "Save a report", "Audit log"],
    ["wake", "Agents"],
    ["redeliver", "Bus", "Discord"],
    ["allow", "Hall"],
  ])("means by “%s” what people mean by it", async (typed, ...acts) => {
    await open("#/deliberations", new FakePlatform(bridged));
    await press("k", { ctrlKey: true });
    await fireEvent.input(await screen.findByRole("combobox", { name: "Go to, or do" }), { target: { value: typed } });
    const found = screen.getAllByRole("option").map((each) => each.querySelector(".label")!.textContent);
    expect(found[0]).toBe(acts[0]);
    expect(found).toEqual(expect.arrayContaining(acts));
  });

  test("leaves the focus where it is once a screen has come, unless it is nowhere", async () => {
    await open("#/hall", new FakePlatform());
    const place = within(screen.getByRole("navigation", { name: "Places" })).getByRole("link", { name: /^Agents/ });
    place.focus();
    location.hash = "#/agents";
    await screen.findByRole("heading", { name: "Agents", level: 1 });
    for (let frame = 0; frame < 4; frame += 1) await new Promise(requestAnimationFrame);
    expect(document.activeElement).toBe(place);
  });

  test("takes only a slash for the beginning of an act: where no agent is called so, nothing is found", async () => {
    await open("#/hall", new FakePlatform());
    await press("k", { ctrlKey: true });
    const input = await screen.findByRole("combobox", { name: "Go to, or do" });
    await fireEvent.input(input, { target: { value: "/mint an agent" } });
    await screen.findByRole("option", { name: /^Mint an agent/ });
    await fireEvent.input(input, { target: { value: "@mint an agent" } });
    await screen.findByText("0 found");
    expect(screen.queryByRole("option")).toBeNull();
  });

  test("finds a row by its words, and what is done with it only by words of that", async () => {
    await open("#/deliberations", new FakePlatform());
    await screen.findByRole("button", { name: "More for Resolve the pricing model. Pick one." });
    await press("k", { ctrlKey: true });
    const input = await screen.findByRole("combobox", { name: "Go to, or do" });
    const found = () => within(screen.getByRole("dialog")).getAllByRole("option").map((each) => each.textContent!.replace(/\s+/g, " ").trim());
    await fireEvent.input(input, { target: { value: "pricing" } });
    expect(found().filter((each) => /Archive|Delete|Rename/.test(each))).toEqual([]);
    await fireEvent.input(input, { target: { value: "archive pricing" } });
    expect(found()[0]).toMatch(/^Archive ?Resolve the pricing model/);
  });

  test("has what is done with each of several rows that are called the same, while letters are typed one by one", async () => {
    const title = "Should we open a second depot in Ghent?";
    const twins = ["s-one", "s-two", "s-three"].map((id) => summary(id, title));
    await open("#/deliberations", new FakePlatform({ ...snapshot, sessions: twins }, { list_sessions: () => ({ sessions: twins, total: 3 }) }));
    await waitFor(() => expect(screen.getAllByRole("button", { name: `More for ${title}` })).toHaveLength(3));
    await press("k", { ctrlKey: true });
    const input = await screen.findByRole("combobox", { name: "Go to, or do" });
    const found = () => within(screen.getByRole("dialog")).getAllByRole("option").map((each) => each.textContent!.replace(/\s+/g, " ").trim());
    const typed = "depot archive";
    for (let letters = 1; letters <= typed.length; letters += 1) await fireEvent.input(input, { target: { value: typed.slice(0, letters) } });
    expect(found().filter((each) => each.startsWith("Archive"))).toHaveLength(3);
    expect(screen.getAllByRole("option", { selected: true })).toHaveLength(1);
  });

  test("finds the open deliberation by words of its title, and what is done with it only by words of that", async () => {
    await open("#/deliberations/s-event", new FakePlatform(snapshot, { get_session: () => sessionView() }));
    await screen.findByRole("heading", { level: 1, name: /^Should we/ });
    await press("k", { ctrlKey: true });
    const input = await screen.findByRole("combobox", { name: "Go to, or do" });
    const found = () => within(screen.getByRole("dialog")).getAllByRole("option").map((each) => each.textContent!.replace(/\s+/g, " ").trim());
    await fireEvent.input(input, { target: { value: "event" } });
    expect(found()[0]).toMatch(/^Should we/);
    expect(found().filter((each) => /^(Archive|Delete|Rename)/.test(each))).toEqual([]);
    await fireEvent.input(input, { target: { value: "archive event" } });
    expect(found()[0]).toMatch(/^Archive/);
  });

  test("takes the last act back while it can be taken back", async () => {
    await open("#/hall", new FakePlatform());
    const undo = vi.fn();
    undoLine.show({ done: "Archived it.", undo });
    await press("k", { ctrlKey: true });
    await fireEvent.input(await screen.findByRole("combobox", { name: "Go to, or do" }), { target: { value: "undo" } });
    expect(screen.getAllByRole("option")[0]!.querySelector(".label")!.textContent).toBe("Undo");
    await fireEvent.click(screen.getAllByRole("option")[0]!);
    expect(undo).toHaveBeenCalledOnce();
  });

  test.each(["Scope matrix", "Swim lanes", "Squads", "Set up the Discord bridge", "loom"])("has led to “%s”, whose screen has the focus", async (typed) => {
    await open("#/hall", new FakePlatform({ ...peopled, discord: bridged.discord }));
    await press("k", { ctrlKey: true });
    const input = await screen.findByRole("combobox", { name: "Go to, or do" });
    await fireEvent.input(input, { target: { value: typed } });
    await fireEvent.keyDown(input, { key: "Enter" });
    await waitFor(() => expect(location.hash).not.toBe("#/hall"));
    await waitFor(() => expect(document.getElementById("screen")!.contains(document.activeElement)).toBe(true));
  });

  test("has what is both an act and a row of the settings once", async () => {
    await open("#/hall", new FakePlatform());
    await press("k", { ctrlKey: true });
    await fireEvent.input(await screen.findByRole("combobox", { name: "Go to, or do" }), { target: { value: "erase all data" } });
    const found = screen.getAllByRole("option").map((each) => each.querySelector(".label")!.textContent);
    expect(found.filter((each) => each?.startsWith("Erase all data"))).toEqual(["Erase all data…"]);
  });

  test("shows the key that a screen has for an act of everywhere", async () => {
    await open("#/agents", new FakePlatform(peopled));
    await screen.findByRole("heading", { name: "Agents", level: 1 });
    await press("k", { ctrlKey: true });
    await fireEvent.input(await screen.findByRole("combobox", { name: "Go to, or do" }), { target: { value: "mint an agent" } });
    expect(within(screen.getByRole("dialog")).getAllByRole("option")[0]!.querySelector("kbd")?.textContent).toBe("m");
  });

  test("leads to no zoom where the browser has it", async () => {
    await open("#/hall", new FakePlatform());
    await press("k", { ctrlKey: true });
    await fireEvent.input(await screen.findByRole("combobox", { name: "Go to, or do" }), { target: { value: "zoom" } });
    expect(screen.queryAllByRole("option")).toEqual([]);
  });

  test("brings a single setting into sight, from elsewhere and from beside it", async () => {
    await open("#/hall", new FakePlatform());
    const seek = async (typed: string) => {
      await press("k", { ctrlKey: true });
      await fireEvent.input(await screen.findByRole("combobox", { name: "Go to, or do" }), { target: { value: `/${typed}` } });
      await fireEvent.click(screen.getAllByRole("option")[0]!);
    };
    const lit = () => document.querySelector("[data-lit]")?.getAttribute("data-setting");
    await seek("panel.max_seats");
    await waitFor(() => expect(lit()).toBe("Most seats on a panel"));
    await seek("rehearsal.tokens");
    await waitFor(() => expect(lit()).toBe("Pace of rehearsal seats"));
  });

  test("counts nothing before something is typed, and says while it is still looking", async () => {
    let answer: () => void = () => {};
    const waiting = new Promise<{ passages: [] }>((done) => (answer = () => done({ passages: [] })));
    await open("#/hall", new FakePlatform(snapshot, { list_sessions: () => ({ sessions: [], total: 0 }), list_messages: () => ({ messages: [], more: false }), search_passages: () => waiting }));
    await press("k", { ctrlKey: true });
    const input = await screen.findByRole("combobox", { name: "Go to, or do" });
    const status = within(screen.getByRole("dialog")).getByRole("status");
    expect(status.textContent).toBe("");
    await fireEvent.input(input, { target: { value: "zeppelin" } });
    expect(status.textContent).toBe("looking");
    expect(screen.queryByText(/^Nothing was found/)).toBeNull();
    answer();
    await waitFor(() => expect(status.textContent).toBe("0 found"));
    screen.getByText("Nothing was found for “zeppelin”.");
    await fireEvent.input(input, { target: { value: "z" } });
    expect(status.textContent, "a letter is not looked for").toMatch(/found$/);
  });

  test("shows what was found for the words that stand there, and never what came late for others", async () => {
    const said = { session_id: "s-pricing", title: "Resolve the pricing model", round_index: 0, kind: "question" as const, model: null, before: "Is ", after: " right?", sentence: "Is it right?", at: "2026-11-20T09:00:00Z" };
    let late: () => void = () => {};
    const platform = new FakePlatform(snapshot, {
      list_sessions: () => ({ sessions: [], total: 0 }),
      list_messages: () => ({ messages: [], more: false }),
      search_passages: ({ query }) => {
        if (query === "forty") return new Promise((done) => (late = () => done({ passages: [{ ...said, hit: "forty" }] })));
        return query === "seventy" ? { passages: [{ ...said, hit: "seventy" }] } : new Promise(() => {});
      },
    });
    await open("#/hall", platform);
    await press("k", { ctrlKey: true });
    const input = await screen.findByRole("combobox", { name: "Go to, or do" });
    await fireEvent.input(input, { target: { value: "forty" } });
    await waitFor(() => expect(platform.argsOf("search_passages")).toHaveLength(1));
    await fireEvent.input(input, { target: { value: "seventy" } });
    await screen.findByRole("option", { name: /Is seventy right/ });
    late();
    await new Promise((done) => setTimeout(done));
    screen.getByRole("option", { name: /Is seventy right/ });
    await fireEvent.input(input, { target: { value: "ninety" } });
    expect(screen.queryByRole("option", { name: /Is seventy right/ })).toBeNull();
  });

  test("asks the list and the archive at once, and what the one is refused hides nothing of the other", async () => {
    const old = summary("s-old", "Which depot gets the night run?", { archived: true });
    let refuse: (fault: RpcError) => void = () => undefined;
    const listed = new Promise<never>((_, no) => (refuse = no));
    const platform = new FakePlatform(snapshot, { list_sessions: ({ archived }) => (archived ? { sessions: [old], total: 1 } : listed) });
    await open("#/hall", platform);
    await press("k", { ctrlKey: true });
    await fireEvent.input(await screen.findByRole("combobox"), { target: { value: "depot" } });
    // The archive is asked while the list has not answered yet.
    await waitFor(() => expect(platform.argsOf("list_sessions").filter(({ query }) => query === "depot").map(({ archived }) => archived)).toEqual([false, true]));
    refuse(new RpcError("store_unavailable", "No."));
    await screen.findByRole("option", { name: /Which depot gets the night run\?/ });
  });

  test("finds what is archived by its title and tags too, and says that it is", async () => {
    const old = summary("s-old", "Which depot gets the night run?", { archived: true, tags: ["hamburg"], round_count: 1 });
    const platform = new FakePlatform(snapshot, { list_sessions: ({ archived }) => ({ sessions: archived ? [old] : [], total: archived ? 1 : 0 }) });
    await open("#/hall", platform);
    await press("k", { ctrlKey: true });
    const input = await screen.findByRole("combobox", { name: "Go to, or do" });
    for (const typed of ["depot gets", "hamburg"]) {
      await fireEvent.input(input, { target: { value: typed } });
      const option = await screen.findByRole("option", { name: /Which depot gets/ });
      expect(option.textContent).toContain("1 round, 3 contested, archived");
      expect(option.textContent?.includes("by “hamburg”"), "what is not seen is said").toBe(typed === "hamburg");
    }
    await fireEvent.click(screen.getByRole("option", { name: /Which depot gets/ }));
    await waitFor(() => expect(location.hash).toBe("#/deliberations/s-old"));
  });

  test("finds what was said in an answer and in a question, and leads to the words", async () => {
    const said = { session_id: "s-pricing", title: "Resolve the pricing model", round_index: 1, at: "2026-11-20T09:00:00Z" };
    const platform = new FakePlatform(snapshot, {
      search_passages: ({ query }) => ({
        passages:
          query === "per seat"
            ? [
                { ...said, kind: "answer" as const, model: "gpt-5.4", before: "We should charge ", hit: "per seat", after: " at first.", sentence: "We should charge per seat at first." },
                { ...said, round_index: 0, kind: "question" as const, model: null, before: "Is ", hit: "per seat", after: " right?", sentence: "Is per seat right?" },
              ]
            : [],
      }),
    });
    await open("#/hall", platform);
    await press("k", { ctrlKey: true });
    const input = await screen.findByRole("combobox", { name: "Go to, or do" });
    await fireEvent.input(input, { target: { value: "per seat" } });
    const answer = await screen.findByRole("option", { name: /We should charge per seat at first\./ });
    expect(answer.textContent).toContain("GPT-5.4 in round 2, Resolve the pricing model");
    expect((await screen.findByRole("option", { name: /Is per seat right\?/ })).textContent).toContain("question of round 1, Resolve the pricing model");
    await fireEvent.click(answer);
    await waitFor(() => expect(location.hash).toMatch(/^#\/deliberations\/s-pricing\/answers\/1/));
  });

  test("has a sentence that a session says more than once a single time, with how many more places do", async () => {
    const said = { session_id: "s-pricing", title: "Resolve the pricing model. Pick one.", round_index: 0, kind: "answer" as const, model: "gpt-5.4", hit: "Pick", at: "2026-11-20T09:00:00Z" };
    const platform = new FakePlatform(snapshot, {
      list_messages: () => ({ messages: [], more: false }),
      search_passages: () => ({
        passages: [
          { ...said, kind: "question" as const, model: null, before: "", after: " one.", sentence: "Pick one." },
          { ...said, kind: "reaction" as const, before: "It is late. ", after: " seats, as they are…", sentence: "Pick seats, as they are what a customer counts." },
          { ...said, before: "", after: " seats, as they are what a customer counts. Then wait.", sentence: "Pick seats, as they are what a customer counts." },
          { ...said, model: "qwen-3.6-plus", before: "", after: " seats, as they are…", sentence: "Pick **seats**, as they are what a customer counts!" },
          { ...said, kind: "recap" as const, before: "What to charge for ", after: " seats, as they are…", sentence: "Pick seats, as they are what a customer counts." },
          { ...said, before: "Do not ", hit: "pick", after: " seats, as they are what a customer counts.", sentence: "Do not pick seats, as they are what a customer counts." },
          { ...said, before: "…| ", after: " | no sentence | ", sentence: "" },
          { ...said, before: "…| ", after: " | nor this | ", sentence: "" },
          { ...said, session_id: "s-other", title: "Another", before: "", after: " seats, as they are what a customer counts.", sentence: "Pick seats, as they are what a customer counts." },
        ],
      }),
    });
    await open("#/hall", platform);
    await press("k", { ctrlKey: true });
    await fireEvent.input(await screen.findByRole("combobox", { name: "Go to, or do" }), { target: { value: "pick" } });
    await screen.findByRole("option", { name: /Do not pick seats/ });
    const options = screen.getAllByRole("option").map(({ textContent }) => textContent!.replace(/\s+/g, " ").trim()).filter((text) => /pick/i.test(text));
    expect(options.map((text) => text.replace(/ ?\d+ Nov.*$/, ""))).toEqual([
      expect.stringMatching(/^Resolve the pricing model\. Pick one\./),
      expect.stringMatching(/^Pick seats, .* Then wait\. ?GPT-5\.4 in round 1 and 3 more places, Resolve/),
      expect.stringMatching(/^Do not pick seats, .* ?GPT-5\.4 in round 1, Resolve/),
      expect.stringMatching(/no sentence/),
      expect.stringMatching(/nor this/),
      expect.stringMatching(/^Pick seats, .* ?GPT-5\.4 in round 1, Another/),
    ]);
  });

  test("has a message to a squad once, in however many mailboxes it is", async () => {
    const platform = new FakePlatform(snapshot, {});
    await open("#/hall", platform);
    await press("k", { ctrlKey: true });
    await fireEvent.input(await screen.findByRole("combobox", { name: "Go to, or do" }), { target: { value: "pallet" } });
    await waitFor(() => expect(platform.argsOf("list_messages")).toContainEqual({ query: "pallet", together: true, limit: 12 }));
  });

  test("shows what was found as words, without the signs of its Markdown", async () => {
    const said = { session_id: "s-pricing", title: "Resolve the pricing model", round_index: 1, at: "2026-11-20T09:00:00Z", kind: "answer" as const, model: "gpt-5.4" };
    const platform = new FakePlatform(snapshot, {
      search_passages: () => ({ passages: [{ ...said, before: "…| key | value | |---|:--| | plan | ", hit: "per seat", after: " | Retention.* And", sentence: "" }] }),
    });
    await open("#/hall", platform);
    await press("k", { ctrlKey: true });
    await fireEvent.input(await screen.findByRole("combobox", { name: "Go to, or do" }), { target: { value: "per seat" } });
    await screen.findByRole("option", { name: /…key value plan per seat Retention\. And/ });
  });

  test("begins what was found so near to the word that a narrow row still has it", async () => {
    const said = { session_id: "s-pricing", title: "Resolve the pricing model", round_index: 1, at: "2026-11-20T09:00:00Z", kind: "answer" as const, model: "gpt-5.4", sentence: "" };
    const platform = new FakePlatform(snapshot, {
      search_passages: () => ({
        passages: [
          { ...said, before: "…a plan by volume is the only one that the two depots could ever ", hit: "defend", after: " to a customer." },
          { ...said, before: "It stands at https://example.org/pricing/models/", hit: "defend", after: " in full." },
        ],
      }),
    });
    await open("#/hall", platform);
    await press("k", { ctrlKey: true });
    await fireEvent.input(await screen.findByRole("combobox", { name: "Go to, or do" }), { target: { value: "defend" } });
    await screen.findByRole("option", { name: /^…depots could ever defend to a customer\./ });
    await screen.findByRole("option", { name: /^….*models\/ ?defend in full\./ });
  });

  test.each([
    ["reaction", "reaction of GPT-5.4 in round 2, Resolve the pricing model", "claims/1$"],
    ["recap", "recap of round 2, Resolve the pricing model", "recap/1/find/per%20seat/recap$"],
    ["synthesis", "synthesis, Resolve the pricing model", "recap/1/find/per%20seat/synthesis$"],
  ] as const)("finds words of a %s, says what it is and leads to where it stands", async (kind, detail, tab) => {
    const said = { session_id: "s-pricing", title: "Resolve the pricing model", round_index: 1, at: "2026-11-20T09:00:00Z", kind, model: "gpt-5.4", before: "The ", hit: "per seat" };
    const platform = new FakePlatform(snapshot, {
      // A seat says more than one thing of a round.
      search_passages: () => ({ passages: [{ ...said, after: " plan.", sentence: "The per seat plan." }, { ...said, after: " price.", sentence: "The per seat price." }] }),
    });
    await open("#/hall", platform);
    await press("k", { ctrlKey: true });
    const input = await screen.findByRole("combobox", { name: "Go to, or do" });
    await fireEvent.input(input, { target: { value: "per seat" } });
    const option = await screen.findByRole("option", { name: /The per seat plan\./ });
    expect(option.textContent).toContain(detail);
    await screen.findByRole("option", { name: /The per seat price\./ });
    await fireEvent.click(option);
    await waitFor(() => expect(location.hash).toMatch(new RegExp(`^#/deliberations/s-pricing/${tab}`)));
  });

  describe("an act of another screen", () => {
    const found = async (typed: string) => {
      await press("k", { ctrlKey: true });
      await fireEvent.input(await screen.findByRole("combobox", { name: "Go to, or do" }), { target: { value: typed } });
      return screen.getAllByRole("option").map(({ textContent }) => textContent!.replace(/\s+/g, " ").trim());
    };
    /** A console whose wallet is read once the test lets it. */
    const awaited = () => {
      let answer: () => void = () => {};
      const read = new Promise<typeof walletView>((done) => (answer = () => done(walletView)));
      return { platform: new FakePlatform(snapshot, { wallet: () => read }), answer };
    };
    const first = () => fireEvent.click(screen.getAllByRole("option")[0]!);

    test("begins once its screen has it", async () => {
      const { platform, answer } = awaited();
      await open("#/hall", platform);
      expect((await found("auto-refill"))[0]).toMatch(/^Auto-refill/);
      await first();
      await screen.findByRole("heading", { name: "Wallet", level: 1 });
      await waitFor(() => expect(platform.calls.map(({ command }) => command)).toContain("wallet"));
      expect(screen.queryByRole("dialog")).toBeNull();
      answer();
      await screen.findByRole("dialog");
    });

    test.each([
      ["a key", () => press("Tab")],
      ["the pointer", () => fireEvent.pointerDown(document.body)],
      ["another place", async () => {
        location.hash = "#/discord";
        await screen.findByRole("heading", { name: "Discord", level: 1 });
      }],
    ])("is let go of by %s meanwhile", async (_, meanwhile) => {
      const { platform } = awaited();
      await open("#/hall", platform);
      await found("auto-refill");
      await first();
      await screen.findByRole("heading", { name: "Wallet", level: 1 });
      await meanwhile();
      const run = vi.fn();
      const leave = actions.register([{ id: "auto", label: "Auto-refill", scope: "list", run }]);
      location.hash = "#/wallet";
      await screen.findByRole("heading", { name: "Wallet", level: 1 });
      flushSync();
      leave();
      expect(run).not.toHaveBeenCalled();
    });

    test("stands once where the screen that has it is shown, and not before something was typed", async () => {
      await open("#/wallet", new FakePlatform());
      await screen.findByRole("heading", { name: "Wallet", level: 1 });
      expect((await found("top up")).filter((each) => each.startsWith("Top up"))).toHaveLength(1);
      cleanup();
      await open("#/hall", new FakePlatform());
      expect((await found("")).filter((each) => each.startsWith("Top up"))).toHaveLength(0);
    });

    test("of the screen stand in its order, those of its rows' menus behind them, and what cannot be taken back last", async () => {
      await open("#/deliberations", new FakePlatform());
      await screen.findByRole("list", { name: "Deliberations" });
      const acts = await found(".");
      const menus = acts.findIndex((each) => /^(?:Rename and tag|Archive) ?(?!d)/.test(each));
      const last = acts.findIndex((each) => each.startsWith("Delete…"));
      expect(acts.slice(0, menus)).toEqual(["Current", "Archived"]);
      expect(acts.slice(menus, last).some((each) => /^Archive (?!d)/.test(each))).toBe(true);
      expect(acts.length - last, "one of each row").toBeGreaterThan(1);
      expect(acts.slice(last).every((each) => each.startsWith("Delete…"))).toBe(true);
    });

    test("that shows a view of the open deliberation comes before what is called so elsewhere", async () => {
      await open("#/deliberations/s-event", new FakePlatform());
      await screen.findByRole("tab", { name: /^Claims/ });
      for (const view of ["recap", "cost", "open map", "go to transcript"]) {
        expect((await found(view))[0], view).toMatch(new RegExp(`^Show ${view.replace(/^.* /, "")}`));
      }
    });

    test("in a sentence that nothing has all of is offered by its words, and chosen by nobody before it is come to", async () => {
      await open("#/hall", new FakePlatform());
      const near = await found("give loom more rights");
      expect(near[0]).toMatch(/^Scope matrix/);
      screen.getByText("Close to what you typed");
      expect(screen.queryByRole("option", { selected: true })).toBeNull();
      expect(near.some((each) => /^(?:Revoke|Erase|Delete)/.test(each)), "nothing that cannot be taken back").toBe(false);
      const input = screen.getByRole("combobox", { name: "Go to, or do" });
      await fireEvent.keyDown(input, { key: "Enter" });
      screen.getByRole("dialog", { name: "Go to, or do" });
      await fireEvent.keyDown(input, { key: "ArrowUp" });
      expect(screen.getByRole("option", { selected: true })).toBe(screen.getAllByRole("option").at(-1));
      await fireEvent.keyDown(input, { key: "ArrowDown" });
      await fireEvent.keyDown(input, { key: "Enter" });
      await waitFor(() => expect(location.hash).toBe("#/agents/scopes"));
    });

    test("that are only close are few, are told as that, and no button is among them", async () => {
      await open("#/hall", new FakePlatform(bridged));
      await screen.findByRole("button", { name: /^Always/ });
      const near = await found("stop provider key model limit tenant theme rights loom");
      expect(near).toHaveLength(6);
      await screen.findByText("none has all of it, 6 close");
      expect(near.filter((each) => /^(?:Always|Refuse|Revoke)/.test(each))).toEqual([]);
      expect((await found("can you delete everything"))[0], "words of politeness are none").toMatch(/^Erase all data/);
      expect(matchSome("Look", "letters, rights", "let loo right"), "the beginning of a short word is that of many").toMatchObject({ by: ["rights"], ranges: [] });
    });

    test("are not offered for a word of how much alone, and what pays is offered last", async () => {
      await open("#/deliberations/s-event", new FakePlatform());
      await screen.findByRole("tab", { name: /^Claims/ });
      const near = await found("stop the round");
      expect(near[0], "none runs that could be stopped").toMatch(/^Older round/);
      expect(near.slice(0, 4).filter((each) => /^Next round/.test(each))).toEqual([]);
      expect((await found("back up now"))[0]).toMatch(/^Backup/);
      for (const typed of ["mark everything read", "quit", "undo"]) {
        await fireEvent.input(screen.getByRole("combobox", { name: "Go to, or do" }), { target: { value: typed } });
        expect(screen.queryAllByRole("option", { name: /^Stop/ }), typed).toEqual([]);
      }
      undoLine.show({ done: "Removed.", undo: () => undefined });
      expect((await found("undo"))[0]).toMatch(/^Undo/);
      undoLine.dismiss();
    });

    test("of the deliberation that is open are meant by their verb alone", async () => {
      await open("#/deliberations/s-event", new FakePlatform());
      await screen.findByRole("tab", { name: /^Claims/ });
      expect((await found("delete it"))[0]).toMatch(/^Delete…/);
      expect((await found("add a tag"))[0]).toMatch(/^Rename and tag/);
      expect((await found("write the synthesis"))[0]).toMatch(/^Show recap/);
    });

    test("that end something at once are not found by what they only have to do with", async () => {
      await open("#/hall", new FakePlatform(bridged));
      for (const typed of ["reply", "bot token", "channel"]) {
        expect((await found(typed)).filter((each) => /^(?:Stop|Pause) the Discord bridge/.test(each)), typed).toEqual([]);
      }
      expect((await found("bot token"))[0]).toMatch(/^Set up the Discord bridge/);
    });

    test("of one agent are not offered where a sentence names none", async () => {
      await open("#/hall", new FakePlatform(peopled));
      expect(await found("stop all")).toContainEqual(expect.stringMatching(/^Stop everything/));
      expect((await found("turn off notifications")).filter((each) => /^Disable/.test(each))).toEqual([]);
      expect(await found("turn off voice"), "by any word of a name").toContainEqual(expect.stringMatching(/^Disable: bruno-voice/));
      expect(await found("turn off")).toContainEqual(expect.stringMatching(/^Disable: loom/));
      expect((await found("mint ines"))[0], "what is called so before what is also called so").toMatch(/^Mint an agent/);
    });

    test("of the row that the keys are on come before those of all others", async () => {
      await open("#/deliberations", new FakePlatform());
      const first = (await screen.findAllByRole("button", { name: /^More for / }))[0]!.getAttribute("aria-label")!.replace("More for ", "");
      for (const [typed, label] of [["archive", "Archive"], ["delete", "Delete…"], ["rename", "Rename and tag"]] as const) {
        const all = await found(typed);
        expect(all[0], typed).toMatch(new RegExp(`^${label} ?${first.slice(0, 12)}`));
        expect(all.filter((each) => each.startsWith(label) && each.includes(first)), "once").toHaveLength(1);
      }
    });

    test("on a card of the hall stand beside what the card says, and the hall is not offered where one is in it", async () => {
      await open("#/hall", new FakePlatform());
      await screen.findByRole("button", { name: "Retry" });
      expect((await found("retry"))[0]).toMatch(/^Retry.+\S/);
      expect(await found("retry")).not.toContainEqual(expect.stringMatching(/^Hall/));
    });

    test("of a row stand beside its name, which its own buttons are no part of", async () => {
      await open("#/settings/models", new FakePlatform());
      await screen.findByRole("switch", { name: "Offer Mistral Large 3 on panels" });
      expect((await found("Offer Mistral")).map((each) => each.trim())).toEqual(["Offer Mistral Large 3 on panels Mistral Large 3 not in the table"]);
    });

    test("on an agent is found by its verb, and its name finds the agent", async () => {
      await open("#/hall", new FakePlatform(bridged));
      expect((await found("rot")).filter((each) => each.startsWith("Rotate: loom"))).toHaveLength(1);
      await press("Escape");
      await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
      expect((await found("loom")).filter((each) => /Rotate|Revoke|Disable/.test(each))).toHaveLength(0);
    });
  });

  test("the keys that move among rows are listed where there are rows", async () => {
    for (const [from, rows] of [[fresh, false], [peopled, true]] as const) {
      await open("#/hall", new FakePlatform(from));
      await screen.findByRole("heading", { name: "Hall", level: 1 });
      await press("?");
      await screen.findByRole("dialog");
      const elsewhere = screen.getByRole("region", { name: "On other screens" });
      for (const act of ["Next row", "Open the row"]) {
        const places = screen.getAllByText(act).map((each) => elsewhere.contains(each));
        expect(places, "once, and by itself only where it does nothing").toEqual([!rows]);
      }
      cleanup();
    }
  });

  test("? lists by themselves the keys that do nothing here, and what they do elsewhere", async () => {
    await open("#/hall", new FakePlatform(fresh));
    await screen.findByRole("heading", { name: "Hall", level: 1 });
    await press("?");
    const there = within(await screen.findByRole("region", { name: "On other screens" }));
    const told = (place: string) => within(there.getByText(place).parentElement!).getAllByRole("term").map((term) => [term.textContent, term.nextElementSibling?.textContent?.replace(/\s+/g, "")]);
    expect(told("In lists")).toEqual([["Next row", "j"], ["Previous row", "k"], ["Open the row", "Enter"], ["Filter the list", "/"]]);
    expect(told("In a session")).toContainEqual(["Add selected words as KEEP, EXPLORE, CHALLENGE, CORE or SHIFT", "1–5"]);
    expect(told("In a session")).toContainEqual(["Try a round again", "ShiftR"]);
    expect(told("In a session"), "two keys are no range").toContainEqual(["An older or newer round", "[or]"]);
    expect(told("On Agents and Scopes")).toEqual([["Mint an agent", "m"], ["Launch the agent", "l"], ["Grant a scope or take it away", "Space"], ["Grant it for an hour", "h"]]);
    expect(told("On the Bus")).toEqual([["Write as the operator", "w"], ["Reply to the message", "r"], ["Show the message in the lanes", "l"]]);
    expect(told("In the lanes")).toEqual([["Play or pause", "Space"], ["To the event before or after", "←or→"], ["A shorter or longer window", "+or-"], ["Open the message", "o"]]);
    expect(told("On an unplaced reply")).toEqual([["Choose a question", "1–5"], ["Post it, and later ones too", "a"], ["Discard the reply", "x"]]);
    cleanup();
    await open("#/deliberations", new FakePlatform());
    await screen.findByRole("button", { name: "More for Resolve the pricing model. Pick one." });
    await press("?");
    const rest = within(await screen.findByRole("region", { name: "On other screens" }));
    expect(rest.queryByText("Next row"), "the screen's own stands above").toBeNull();
    rest.getByText("Choose words by keys");
    cleanup();
    await open("#/agents", new FakePlatform());
    await screen.findByRole("heading", { name: "Agents", level: 1 });
    await press("?");
    const other = within(await screen.findByRole("region", { name: "On other screens" }));
    expect(other.queryByText("Mint an agent"), "the same key, and another act").toBeNull();
    other.getByText("Graph or table");
    cleanup();
    await open("#/bus/all", new FakePlatform());
    await screen.findByRole("heading", { name: "Bus", level: 1 });
    await press("?");
    const bus = within(await screen.findByRole("region", { name: "On other screens" }));
    expect(bus.queryByText("Write as the operator")).toBeNull();
    bus.getByText("Choose words by keys");
  });

  test("? knows every key that a screen takes or shows", () => {
    const sources = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((path) => /^(features|components)\/.*\.(svelte|ts)$/.test(path) && !path.endsWith("keys-elsewhere.ts"));
    const known = ELSEWHERE.flatMap(({ keys }) => keys);
    // Keys of the frame are listed on each screen as its own; what closes, chooses or moves is every control's.
    const ofAll = ["Esc", "Tab", "Up", "Down", "Left", "Right", "Ctrl+K", "Ctrl+F", "Ctrl+N", "Ctrl+Q", "Ctrl+V", "Ctrl+Z", "Shift", "n", "?", "@", "#", "/", ">"];
    const within = ({ from, to, or }: Elsewhere) => (to ? Array.from({ length: 5 }, (_, at) => String(at + 1)) : [from, ...(or ? [or] : [])]);
    const byKey = new Set([...ofAll, ...known.flatMap(within)]);
    const unknown: string[] = [];
    for (const path of sources) {
      const text = readFileSync(join("src", path), "utf8");
      for (const [, shown] of text.matchAll(/\bkeys="([^"]+)"/g)) for (const key of shown!.split(" ")) if (!byKey.has(key)) unknown.push(`${path} shows ${key}`);
      for (const [, id, keys] of text.matchAll(/\bid: "([\w-]+)",(?:[^{}[\]]|\{[^{}]*\})*?\bkeys: \["([^"]+)"/g)) {
        const told = known.some((each) => within(each).includes(keys!) && (each.acts?.includes(id!) ?? true));
        if (!told && !ofAll.includes(keys!)) unknown.push(`${path} takes ${keys} for ${id}`);
      }
      for (const [, keys] of text.matchAll(/\bkeys: \["([^"]+)"/g)) if (!byKey.has(keys!)) unknown.push(`${path} takes ${keys}`);
    }
    expect(unknown).toEqual([]);
    expect(sources.some((path) => path.endsWith("UnplacedCard.svelte"))).toBe(true);
  });

  test("g and a letter jump; ? lists the keys", async () => {
    await open("#/hall", new FakePlatform());
    await press("g");
    await press("w");
    await screen.findByRole("heading", { name: "Wallet", level: 1 });
    await press("?");
    const dialog = await screen.findByRole("dialog");
    const groups = within(dialog).getAllByRole("region");
    expect(groups.map((group) => within(group).getByRole("heading", { level: 3 }).textContent), "what does something here comes first").toEqual(["Everywhere", "Places", "On other screens"]);
    expect(within(groups[1]!).getAllByRole("term").map(({ textContent }) => textContent)).toContain("Wallet");
    expect(within(groups[0]!).queryByText("Wallet")).toBeNull();
    expect(groups[0]!.textContent).toContain("Close what was opened last");
    expect(groups[2]!.querySelectorAll(".long"), "only what is long may be broken").toHaveLength(1);
  });
});

test("of what a find was said in, words from right to left follow what stands before them", () => {
  expect(readFileSync("src/components/Palette.svelte", "utf8")).toContain(".of:dir(rtl) { word-break: break-all; text-align: left; }");
});
