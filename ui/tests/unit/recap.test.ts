import { cleanup, configure, fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import axe from "axe-core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import App from "../../src/App.svelte";
// Read before the clock of the first test runs: the frame would read it inside that.
import "../../src/features/deliberations/session/Session.svelte";
import { readFailure } from "../../src/features/deliberations/session/recap/failure";
import type { SessionView } from "../../src/generated/SessionView";
import { RpcError, rpcError } from "../../src/platform";
import { OpenSession } from "../../src/state/open-session.svelte";
import { FakePlatform } from "../fixtures/platform";
import { FAILURE, FIRST_RECAP, none, recapped, SECOND_RECAP, SYNTHESIS } from "../fixtures/recaps";
import { firstRound, secondRound, steered, streamingRound } from "../fixtures/sessions";
import { snapshot } from "../fixtures/shared";
import { estimate } from "../fixtures/wallet";

configure({ defaultHidden: true });
vi.setConfig({ testTimeout: 30_000 });

type Answers = ConstructorParameters<typeof FakePlatform>[1];

async function open(view: SessionView, tab = "recap", answers: Answers = {}): Promise<FakePlatform> {
  const running = view.rounds.filter((round) => round.status === "in_progress");
  const platform = new FakePlatform({ ...snapshot, running }, { get_session: () => view, ...answers });
  location.hash = `#/deliberations/s-event/${tab}`;
  dispatchEvent(new HashChangeEvent("hashchange"));
  render(App, { platform });
  await screen.findByRole("tablist", { name: "Views of the session" });
  return platform;
}

const part = (name: string) => within(screen.getByRole("article", { name }));
const button = (name: string) => screen.getByRole("button", { name });
const click = (name: string) => fireEvent.click(button(name));

beforeEach(() => localStorage.clear());
afterEach(() => {
  cleanup();
  location.hash = "";
});

describe("what a session came to", () => {
  test("stands above what each round came to, each with who wrote it, their words in serif", async () => {
    await open(recapped());
    expect(screen.getAllByRole("article").map((each) => each.getAttribute("aria-labelledby"))).toEqual(["synthesis", "recap-0", "recap-1"]);
    part("Synthesis").getByText("written by Claude Opus 4.7");
    part("Round 1").getByText("written by GPT-5.4");
    part("Round 2").getByText("written by Qwen 3.6 Plus");
    const said = [SYNTHESIS.synthesis!.tldr, SYNTHESIS.synthesis!.origin, FIRST_RECAP.recap!.title, SECOND_RECAP.recap!.tldr];
    for (const words of said) expect(screen.getByText(words).closest(".said"), words).not.toBeNull();
    expect(screen.getByRole("tab", { name: /^Recap/ }).textContent).toContain("2");
  });

  test("names who was to write it first and why it did not", async () => {
    const [GPT] = FIRST_RECAP.model ? [FIRST_RECAP.model] : [];
    const second = { ...SECOND_RECAP, failed: [{ model: GPT!, code: "rate_limit" as const, message: "HTTP 429" }] };
    await open(recapped(SYNTHESIS, second));
    const by = part("Round 2").getByTitle(second.model!);
    expect(by.textContent?.trim()).toBe("written by Qwen 3.6 Plus; GPT-5.4 failed first (rate limit)");
    part("Round 2").getByTitle("HTTP 429");
  });

  test("is found, and each found place is gone to", async () => {
    await open(recapped(), "claims");
    await fireEvent.keyDown(document.body, { key: "f", ctrlKey: true });
    const field = await screen.findByRole("searchbox", { name: "Find in this session" });
    await fireEvent.input(field, { target: { value: "named in passing" } });
    const bar = within(screen.getByRole("search", { name: "Find in this session" }));
    await bar.findByText("1 found");
    await fireEvent.keyDown(field, { key: "Enter" });
    await bar.findByText("1 of 1");
    bar.getByText("Synthesis");
    await waitFor(() => expect(location.hash).toContain("/recap"));
    const body = await waitFor(() => screen.getByText(/^Named in passing/));
    expect(body.closest("[data-find]")?.getAttribute("data-find")).toBe("synthesis/body/0");
  });

  test.each([
    ["second, though the first has it too", "Qwen", "1", "recap", /^recap\/1\/tldr$/],
    ["first", "Concurrency", "0", "recap", /^recap\/0\/heading\/0$/],
    ["first, as it is drawn", "that **a compound index", "0", "recap", /^recap\/0\//],
    ["last", "outbox", "1", "synthesis", /^synthesis\/tldr$/],
  ])("opens at the word that a search over everything found in it: the %s", async (_, words, round, part, where) => {
    await open(recapped(), `recap/${round}/find/${encodeURIComponent(words)}/${part}`);
    const bar = within(await screen.findByRole("search", { name: "Find in this session" }));
    await bar.findByText(/^\d+ of \d+$/);
    bar.getByText(part === "synthesis" ? "Synthesis" : "Recap");
    if (part !== "synthesis") bar.getByText(`Round ${Number(round) + 1},`);
    const marked = () => document.getSelection()!;
    await waitFor(() => expect(marked().toString().toLowerCase()).toBe(words.includes("**") ? "that" : words.toLowerCase()));
    expect(marked().anchorNode!.parentElement!.closest<HTMLElement>("[data-find]")!.dataset.find).toMatch(where);
    expect(screen.getByRole("tab", { selected: true }).textContent).toMatch(/^Recap/);
  });

  test("leads from an arc to its rounds, and from a topic to its claims", async () => {
    await open(recapped());
    await fireEvent.click(part("Synthesis").getAllByRole("button", { name: "Round 2" })[0]!);
    expect(document.activeElement?.id).toBe("recap-1");
    await fireEvent.click(part("Round 1").getByTitle(/^c2: /));
    await waitFor(() => expect(location.hash).toBe("#/deliberations/s-event/claims/0"));
    expect((await screen.findByRole("row", { selected: true })).dataset.claim).toBe("c2");
  });

  test("names no claim that the round's map has not", async () => {
    const recap = { ...FIRST_RECAP, recap: { ...FIRST_RECAP.recap!, sections: [{ ...FIRST_RECAP.recap!.sections[0]!, claim_ids: ["c1", "c99"] }] } };
    await open({ ...steered([firstRound({ recap })]) });
    const [claim, ...others] = part("Round 1").getAllByRole("button", { name: /^Claim of / });
    expect(others).toEqual([]);
    expect(claim!.title, "its id is where one rests on it").toMatch(/^c1: /);
    expect(claim!.textContent, "and does not stand before its words").not.toContain("c1");
  });

  test("is in the transcript too, as in the file that is exported", async () => {
    await open(recapped(), "transcript");
    for (const words of [SYNTHESIS.synthesis!.tldr, FIRST_RECAP.recap!.tldr, SECOND_RECAP.recap!.tldr]) screen.getByText(words);
  });

  test("of a rehearsal says that rules wrote it", async () => {
    const view = recapped();
    await open({ ...view, summary: { ...view.summary, rehearsal: true } });
    expect(screen.getAllByText("Rehearsal: written by rules, not by a model.").length).toBeGreaterThanOrEqual(2);
  });
});

describe("a recap that is not there", () => {
  test("is asked for of its round, and its coming is told by an event and kept over a gap", async () => {
    let now = recapped(none, none);
    const platform: FakePlatform = new FakePlatform(snapshot, {
      get_session: () => now,
      write_recap: () => ({}),
      snapshot: () => ({ ...snapshot, seq: platform.seq }),
    });
    location.hash = "#/deliberations/s-event/recap";
    dispatchEvent(new HashChangeEvent("hashchange"));
    render(App, { platform });
    await fireEvent.click(await screen.findByRole("button", { name: "Write recap" }));
    expect(platform.argsOf("write_recap")).toEqual([{ session_id: "s-event", round_id: "r-2" }]);
    now = recapped(none, { ...none, status: "pending" });
    platform.emit({ type: "round_changed", round: now.rounds[1]! });
    await screen.findByText("The recap is being written from the round’s answers and claims");
    now = recapped(none, SECOND_RECAP);
    platform.emit({ type: "round_changed", round: now.rounds[1]! }, 2);
    await screen.findByText(SECOND_RECAP.recap!.title);
  });

  test("of a round that runs is not offered", async () => {
    await open(steered([firstRound(), secondRound(), streamingRound()]));
    expect(part("Round 3").queryByRole("button")).toBeNull();
    part("Round 3").getByText(/^The round is running\./);
  });

  test("says whom it was asked of and what they answered, a click away, and is asked for again", async () => {
    const platform = await open(recapped(none, { ...none, status: "failed", failure: FAILURE }), "recap", { write_recap: () => ({}) });
    const alert = part("Round 2").getByRole("alert");
    expect(alert.textContent).toContain("Tried: Qwen 3.6 Plus and GPT-5.4.");
    expect(alert.textContent).not.toContain("No capacity");
    await click("Qwen 3.6 Plus and GPT-5.4’s words");
    expect(alert.textContent).toContain("No capacity");
    await click("Try again");
    expect(platform.argsOf("write_recap")).toHaveLength(1);
  });

  test("that nobody can be paid for waits and says why, unless one who costs nothing would write it", async () => {
    const before = [snapshot.wallet, snapshot.models] as const;
    const models = before[1].models.filter(({ kind }) => kind !== "rehearsal").map((each) => ({ ...each, unavailable_reason: null, minimum: 900 }));
    const why = "Too little of the limit is left for a recap: raise the limit first.";
    const act = async (which: typeof models) => {
      snapshot.models = { ...before[1], models: which };
      await open(recapped(none, none));
      return part("Round 2").getByRole<HTMLButtonElement>("button", { name: "Write recap" });
    };
    try {
      snapshot.wallet = { ...before[0], monthly_limit: 1_000_000, balance: 0, held: 0 };
      const waits = await act(models);
      expect([waits.disabled, waits.title]).toEqual([true, why]);
      part("Round 2").getByText(why);
      cleanup();
      expect((await act(models.map((each, at) => ({ ...each, minimum: at === 0 ? 0 : 900 })))).disabled).toBe(false);
    } finally {
      [snapshot.wallet, snapshot.models] = before;
    }
  });

  test("that is refused says so above the view", async () => {
    const refuse = () => {
      throw new RpcError("not_found", "There is no such round.");
    };
    await open(recapped(none, none), "recap", { write_recap: refuse });
    await click("Write recap");
    await screen.findByText("Nothing was asked to write it.");
  });
});

describe("a synthesis", () => {
  test("is begun only after its cascade was shown, and told by its own event", async () => {
    const platform = await open(recapped(none, none), "recap", { write_synthesis: () => ({}) });
    await click("Write synthesis");
    await screen.findByText("2 recaps are missing and are written first.");
    screen.getByText("About $0.012 – 0.031, at cost, by Qwen 3.6 Plus, or else GPT-5.4.");
    expect(platform.argsOf("write_synthesis")).toEqual([]);
    await click("Not now");
    await click("Write synthesis");
    await screen.findByText("2 recaps are missing and are written first.");
    await click("Write it");
    await waitFor(() => expect(platform.argsOf("write_synthesis")).toEqual([{ session_id: "s-event" }]));
    platform.emit({ type: "synthesis_changed", session_id: "s-event", synthesis: { ...none, status: "pending" } });
    await screen.findByText("The synthesis is being written from the recaps");
    platform.emit({ type: "synthesis_changed", session_id: "s-event", synthesis: SYNTHESIS });
    await screen.findByText(SYNTHESIS.synthesis!.title);
  });

  test("of one round is not offered, and the reason is given", async () => {
    await open(steered([firstRound()]));
    screen.getByText("A synthesis needs two rounds with answers: over one it would only repeat the recap.");
    expect(screen.queryByRole("button", { name: "Write synthesis" })).toBeNull();
    cleanup();
    await open(steered([{ ...firstRound(), status: "failed" }]));
    screen.getByText("A synthesis needs two rounds with answers, and no round has one yet.");
  });

  test("that nobody here can write leads to the setting", async () => {
    const platform = await open(recapped(none, none), "recap", { estimate_synthesis: () => ({ missing_rounds: [1], model: null, fallbacks: [], low: 0, high: 0 }) });
    await click("Write synthesis");
    expect((await screen.findByRole("link", { name: "Choose who writes recaps" })).getAttribute("href")).toBe("#/settings/recap");
    expect(screen.getByRole<HTMLButtonElement>("button", { name: "Write it" }).disabled).toBe(true);
    expect(platform.argsOf("write_synthesis")).toEqual([]);
  });

  test("that failed stands beside the one before, and is tried again through the same question", async () => {
    const failed = { ...SYNTHESIS, status: "failed" as const, failure: "Round 2 has no recap, so there is no synthesis." };
    const platform = await open(recapped(failed), "recap", { write_synthesis: () => ({}), estimate_synthesis: () => ({ missing_rounds: [1], model: "gpt-5.4", fallbacks: [], low: 0, high: 0 }) });
    expect(part("Synthesis").getByRole("alert").textContent).toContain("The one before stands below. Round 2 has no recap");
    part("Synthesis").getByText(SYNTHESIS.synthesis!.title);
    await click("Try again");
    await screen.findByText("The recap of round 2 is missing and is written first.");
    await click("Write it");
    await waitFor(() => expect(platform.argsOf("write_synthesis")).toHaveLength(1));
  });
});

describe("the tray", () => {
  const ACK = {
    session_id: "s-event",
    round_id: "r-3",
    round_index: 2,
    status: "processing" as const,
    progress_url: "",
    poll_after_ms: 1000,
    progress_version: 0,
    rehearsal: false,
  };
  const check = (name: string) => screen.getByRole<HTMLInputElement>("checkbox", { name });

  test("warns of the cascade before it is begun, asks for both, and forgets them with the round", async () => {
    const platform = await open(recapped(none, none), "claims", { append_round: () => ACK });
    await screen.findByText("+ $0.004 – 0.021");
    const said = (name: string) => document.getElementById(check(name).getAttribute("aria-describedby") ?? "")?.textContent;
    expect(said("Recap this round"), "its price is read out with it").toBe("+ $0.004 – 0.021");
    await fireEvent.click(check("Recap this round"));
    await fireEvent.click(check("Synthesis after it"));
    expect(said("Recap this round")).toBe("with the synthesis");
    await screen.findByText("2 earlier recaps are missing and written too.");
    expect(check("Recap this round").disabled, "it comes with the synthesis").toBe(true);
    await fireEvent.click(within(screen.getByRole("complementary", { name: "Steering tray" })).getByRole("button", { name: "Next round" }));
    await waitFor(() => expect(platform.argsOf("append_round")).toHaveLength(1));
    expect(platform.argsOf("append_round")[0]).toMatchObject({ recap_round: true, recap_session: true });
    await waitFor(() => expect(check("Synthesis after it").checked).toBe(false));
    expect(check("Recap this round").checked).toBe(false);
  });

  test("has the price of a synthesis before it is ticked: with the recap that comes with it, unless that is ticked", async () => {
    const part = { model: "gpt-5.4", fallbacks: [], low: 1_000, high: 2_000 };
    await open(recapped(none, none), "claims", { estimate: () => ({ ...estimate([]), recap: part, synthesis: { ...part, low: 3_000, high: 4_000 } }) });
    await screen.findByText("+ $0.004 – 0.006");
    await fireEvent.click(check("Recap this round"));
    await screen.findByText("+ $0.003 – 0.004");
    await fireEvent.click(check("Synthesis after it"));
    await screen.findByText("+ $0.004 – 0.006");
  });

  test("keeps both with the draft", async () => {
    const platform = await open(recapped(none, none), "claims", { save_draft: () => ({}), draft: () => ({ body: JSON.stringify({ prompt: "", snippets: [], recap: true }) }) });
    await waitFor(() => expect(check("Recap this round").checked).toBe(true));
    await fireEvent.click(check("Synthesis after it"));
    await waitFor(() => expect(platform.argsOf("save_draft").at(-1)?.body).toContain('"recap":true,"synthesis":true'));
  });
});

test("a session that was opened from Discord says so once", async () => {
  const view = steered([firstRound()]);
  await open({ ...view, summary: { ...view.summary, source: "discord" }, application: "Discord" }, "claims");
  screen.getByText("opened from Discord");
});

describe("a session that came in by a key", () => {
  const round = { moderator_name: "Scout", asked_by: "key laptop" };
  const keyed = (part = round): SessionView => {
    const view = steered([firstRound(part), secondRound(part)]);
    return { ...view, summary: { ...view.summary, source: "mcp" }, opened_by: "key laptop", application: "Claude Code" };
  };

  test("says so, and nobody but the operator is You", async () => {
    await open(keyed(), "claims");
    screen.getByText("opened by key laptop over MCP, with Claude Code");
    expect(screen.getByTitle("Scout · key laptop").textContent).toBe("Scoutkey laptop");
    expect(screen.queryByText("You")).toBeNull();
    expect(document.querySelector(".initial.human")).toBeNull();
  });

  test("whose moderator gave no name is shown by its key", async () => {
    await open(keyed({ moderator_name: null as unknown as string, asked_by: "key laptop" }), "claims");
    screen.getByTitle("key laptop");
    expect(document.querySelector(".initial.human")).toBeNull();
  });

  test("names its moderator in the transcript", async () => {
    await open(keyed(), "transcript");
    expect(screen.getAllByText("steered by Scout · key laptop")).toHaveLength(2);
  });
});

test("a synthesis that is told while its session is read is newer than what is read", async () => {
  let answer: (view: SessionView) => void = () => {};
  const session = new OpenSession("s-event", () => new Promise((done) => (answer = done)), rpcError);
  const loading = session.load();
  session.synthesis(SYNTHESIS);
  answer(recapped({ ...none, status: "pending" }));
  await loading;
  expect(session.view?.synthesis).toEqual(SYNTHESIS);
  const again = session.load();
  answer(recapped({ ...none, status: "pending" }));
  await again;
  expect(session.view?.synthesis.status, "what was told before a read began is in it").toBe("pending");
});

describe("why a summary was not written", () => {
  const isModel = (id: string) => ["a/b:20b", "gpt-5.4"].includes(id);

  test("is told apart by models, whose ids may hold colons", () => {
    const text = "a/b:20b: refused\nerror: no such host\ngpt-5.4: No words.";
    expect(readFailure(text, isModel)).toEqual({ asked: ["a/b:20b", "gpt-5.4"], sentence: null, words: text });
  });

  test("is a sentence where nobody was asked", () => {
    expect(readFailure("Round 2: no answers.", isModel)).toEqual({ asked: [], sentence: "Round 2: no answers.", words: null });
  });
});

test.each([
  ["everything is there", () => recapped()],
  ["nothing was asked for", () => recapped(none, none)],
  ["both failed", () => recapped({ ...none, status: "failed", failure: FAILURE }, { ...none, status: "failed", failure: FAILURE })],
])("axe finds nothing where %s", async (_, view) => {
  await open(view());
  await screen.findByRole("article", { name: "Synthesis" });
  const { violations } = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
  expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
});

test("a recap that the wallet cannot pay for is not offered, whoever would be chosen to write it", async () => {
  const wallet = { ...snapshot.wallet, balance: 0, held: 0, monthly_limit: 10_000 };
  const models = snapshot.models.models.map((model) => (model.minimum > 0 && model.unavailable_reason === null ? { ...model, available: false, unavailable_reason: "credit_exhausted" as const } : model));
  const view = recapped(none, none);
  const platform = new FakePlatform({ ...snapshot, wallet, models: { ...snapshot.models, models } }, { get_session: () => view });
  location.hash = "#/deliberations/s-event/recap";
  dispatchEvent(new HashChangeEvent("hashchange"));
  render(App, { platform });
  const [write] = await screen.findAllByRole<HTMLButtonElement>("button", { name: "Write recap" });
  expect(write!.disabled).toBe(true);
  expect(write!.title).toBe("Too little of the limit is left for a recap: raise the limit first.");
});

test("a recap has its price beside its switch before it is asked for, and is in the total after", async () => {
  const platform = new FakePlatform(snapshot);
  location.hash = "#/deliberations/new";
  dispatchEvent(new HashChangeEvent("hashchange"));
  render(App, { platform });
  await screen.findByText("about $0.004 – 0.021, at cost");
  expect(platform.argsOf("estimate").at(-1)).toMatchObject({ recap_round: false });
  expect(screen.queryByText("$0.042 – 0.074")).toBeNull();
  await fireEvent.click(screen.getByRole("switch", { name: "Recap this round" }));
  await screen.findByText("$0.042 – 0.074");
  expect(platform.argsOf("estimate").at(-1)).toMatchObject({ recap_round: true });
});
