import { cleanup, configure, fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import { tick } from "svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import App from "../../src/App.svelte";
// Read before the clock of the first test runs: the frame would read them inside that.
import "../../src/components/SheetDialog.svelte";
import "../../src/features/deliberations/NewDeliberation.svelte";
import "../../src/features/deliberations/session/Session.svelte";
import { firstRun } from "../../src/features/hall/first-run.svelte";
import type { BackupOccasion } from "../../src/generated/BackupOccasion";
import type { Snapshot } from "../../src/generated/Snapshot";
import { RpcError } from "../../src/platform";
import { anew } from "../../src/state/anew.svelte";
import { href, parseRoute, type Route } from "../../src/state/route.svelte";
import Linked from "./Linked.svelte";
import { agent, agents } from "../fixtures/agents";
import { Thread } from "../fixtures/pdf-thread";
import { FakePlatform } from "../fixtures/platform";
import { liveRound } from "../fixtures/rounds";
import { fresh, model, models, presets, provider, rehearsalModels, snapshot, summary, walletSummary } from "../fixtures/shared";
import { estimate, ledgerRows, walletView } from "../fixtures/wallet";

// A busy machine gets time.
configure({ asyncUtilTimeout: 8_000 });
vi.setConfig({ testTimeout: 30_000 });

const ACK = {
  session_id: "s-new",
  round_id: "r-new",
  round_index: 0,
  status: "processing" as const,
  progress_url: "/api/sessions/s-new/progress",
  poll_after_ms: 1000,
  progress_version: 0,
  rehearsal: false,
};

async function open(fragment: string, platform: FakePlatform): Promise<void> {
  location.hash = fragment;
  dispatchEvent(new HashChangeEvent("hashchange"));
  render(App, { platform });
  await screen.findByRole("navigation", { name: "Places" });
}

/** Fills the sheet that adds a provider with a server that is no vendor's. */
async function addRack(): Promise<void> {
  const adding = within(await screen.findByRole("dialog", { name: "Add a provider" }));
  await fireEvent.change(adding.getByLabelText("Vendor"), { target: { value: "other" } });
  await fireEvent.input(adding.getByLabelText("Name"), { target: { value: "rack" } });
  await fireEvent.input(adding.getByLabelText("Address"), { target: { value: "http://127.0.0.1:4010/v1" } });
  await fireEvent.click(adding.getByRole("button", { name: /^Add/ }));
}

const press = (key: string, init: KeyboardEventInit = {}) => fireEvent.keyDown(document.activeElement ?? document.body, { key, ...init });

beforeEach(() => localStorage.clear());
afterEach(() => {
  vi.unstubAllGlobals();
  cleanup();
  location.hash = "";
});

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

describe("a new deliberation", () => {
  test("is convened from the keyboard with the default panel, its document byte for byte", async () => {
    const platform = new FakePlatform(snapshot, { convene: () => ACK });
    await open("#/deliberations/new", platform);
    const text = "# Volumes\r\n\r\nForty events a second. Größe: 18 kB.\n";
    const question = await screen.findByRole("textbox", { name: "Question" });
    await fireEvent.input(question, { target: { value: "Postgres or MongoDB?" } });
    await fireEvent.drop(question, { dataTransfer: { files: [new File([text], "volumes.md")], types: ["Files"] } });
    await screen.findByText("volumes.md");
    question.focus();
    await press("Enter", { ctrlKey: true });
    await waitFor(() => expect(platform.argsOf("convene")).toHaveLength(1));
    expect(platform.argsOf("convene")[0]).toEqual({
      prompt: "Postgres or MongoDB?",
      models: ["claude-opus-4-7", "gpt-5.4", "openrouter/qwen-3.6-plus"],
      recap_round: false,
      blind: true,
      reference: text,
      reference_name: "volumes.md",
    });
    await waitFor(() => expect(location.hash).toBe("#/deliberations/s-new"));
  });

  test("says what it was begun from, which for own words is nothing", async () => {
    await open("#/deliberations/new", new FakePlatform());
    const begun = () => within(screen.getByRole("radiogroup", { name: "Start from" })).getByRole("radio", { checked: true });
    const question = await screen.findByRole("textbox", { name: "Question" });
    expect(begun()).toHaveProperty("value", "blank");
    await fireEvent.input(question, { target: { value: "Postgres or MongoDB?" } });
    expect(begun()).toHaveProperty("value", "blank");
    await fireEvent.input(question, { target: { value: "" } });
    await fireEvent.click(screen.getByRole("radio", { name: "Red team" }));
    await waitFor(() => expect(question).toHaveProperty("value", expect.stringContaining("Here is our plan")));
    await fireEvent.input(question, { target: { value: "Here is our plan: a second depot." } });
    expect(begun()).toHaveProperty("value", "red-team");
  });

  test("takes a template that its address comes to name while it stands, but not over own words", async () => {
    const go = (fragment: string) => {
      location.hash = fragment;
      dispatchEvent(new HashChangeEvent("hashchange"));
    };
    await open("#/deliberations/new", new FakePlatform());
    const question = await screen.findByRole("textbox", { name: "Question" });
    go("#/deliberations/new/red-team");
    await waitFor(() => expect(question).toHaveProperty("value", expect.stringContaining("Here is our plan")));
    await fireEvent.input(question, { target: { value: "Postgres or MongoDB?" } });
    go("#/deliberations/new/design-review");
    await tick();
    expect(question).toHaveProperty("value", "Postgres or MongoDB?");
  });

  test("keeps no template that nobody filled: it is no question of the hall’s either", async () => {
    const kept = new Map<string, string>();
    const platform = new FakePlatform(fresh, { draft: ({ key }) => ({ body: kept.get(key) ?? null }), save_draft: ({ key, body }) => (kept.set(key, body), {}) });
    await open("#/deliberations/new/red-team", platform);
    const question = await screen.findByRole("textbox", { name: "Question" });
    await waitFor(() => expect(question).toHaveProperty("value", expect.stringContaining("Here is our plan")));
    location.hash = "#/hall";
    dispatchEvent(new HashChangeEvent("hashchange"));
    await waitFor(() => expect(screen.getByPlaceholderText("What should the three seats weigh?")).toHaveProperty("value", ""));
    await new Promise((done) => setTimeout(done, 500));
    expect(kept.get("new") ?? "").toBe("");
    expect(screen.getByPlaceholderText("What should the three seats weigh?")).toHaveProperty("value", "");
  });

  test("takes no damaged PDF and no binary file, says what to do instead, and keeps what was there", async () => {
    vi.stubGlobal("Worker", Thread);
    await open("#/deliberations/new", new FakePlatform());
    const question = await screen.findByRole("textbox", { name: "Question" });
    await fireEvent.input(question, { target: { value: "Which plan?" } });
    const drop = (...files: File[]) => fireEvent.drop(question, { dataTransfer: { files, types: ["Files"] } });
    await drop(new File(["Forty a second."], "volumes.md"));
    await screen.findByText("volumes.md");
    await drop(
      new File(["\ufeff%PDF-1.7\n%\u00e2\u00e3"], "the plan.pdf"),
      new File([new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 13])], "chart.png"),
      new File([new Uint8Array([0xff, 0xfe, 0x48, 0])], "wide.txt"),
      new File([new Uint8Array([0x47, 0x72, 0xf6, 0xdf, 0x65])], "latin.txt"),
      new File([], "nothing.md"),
      new File(["\ufeff \n"], "blank.md"),
    );
    await waitFor(() => expect(screen.getAllByRole("alert")).toHaveLength(6));
    const alerts = screen.getAllByRole("alert").map((each) => each.textContent ?? "");
    expect(alerts[0]).toMatch(/^the plan\.pdf is damaged.*paste it here/);
    expect(alerts[1]).toMatch(/^chart\.png is not text/);
    for (const text of alerts.slice(4)) expect(text).toMatch(/^(nothing|blank)\.md is empty, so there is nothing in it to read or quote\. What was here stays\.$/);
    for (const text of alerts.slice(2, 4)) expect(text).toMatch(/^(wide|latin)\.txt is text in another encoding than UTF-8/);
    screen.getByText("volumes.md");
    expect(question).toHaveProperty("value", "Which plan?");
  });

  test("that refuses its first file speaks of nothing that was there", async () => {
    await open("#/deliberations/new", new FakePlatform());
    await fireEvent.drop(await screen.findByRole("textbox", { name: "Question" }), { dataTransfer: { files: [new File([], "nothing.md")], types: ["Files"] } });
    await waitFor(() => expect(screen.getByRole("alert").textContent).toBe("nothing.md is empty, so there is nothing in it to read or quote."));
  });

  test("takes a file back until it is sent: then there is nothing to undo", async () => {
    await open("#/deliberations/new", new FakePlatform(snapshot, { convene: () => ACK }));
    const question = await screen.findByRole("textbox", { name: "Question" });
    await fireEvent.input(question, { target: { value: "Q?" } });
    await fireEvent.drop(question, { dataTransfer: { files: [new File(["Forty a second."], "volumes.md")], types: ["Files"] } });
    await fireEvent.click(await screen.findByRole("button", { name: "Remove volumes.md" }));
    await screen.findByRole("button", { name: /^Undo/ });
    await fireEvent.click(screen.getByRole("button", { name: /^Convene/ }));
    await waitFor(() => expect(screen.queryByRole("button", { name: /^Undo/ })).toBeNull());
  });

  test("sends its options, and not while one of them cannot be read", async () => {
    const platform = new FakePlatform(snapshot, { convene: () => ACK });
    await open("#/deliberations/new", platform);
    await fireEvent.input(await screen.findByRole("textbox", { name: "Question" }), { target: { value: "Q?" } });
    await fireEvent.input(screen.getByRole("textbox", { name: "Spend at most" }), { target: { value: "much" } });
    const button = screen.getByRole<HTMLButtonElement>("button", { name: "Convene" });
    expect(button.disabled).toBe(true);
    screen.getByText(/^Write dollars/);
    await fireEvent.input(screen.getByRole("textbox", { name: "Spend at most" }), { target: { value: "0" } });
    expect(button.disabled, "nothing is no limit").toBe(true);
    screen.getByText(/^With a cap of 0/);
    await fireEvent.input(screen.getByRole("textbox", { name: "Spend at most" }), { target: { value: "99999999999" } });
    screen.getByText("That is too much: a limit is at most $1,000,000.");
    expect(button.disabled, "too much").toBe(true);
    await fireEvent.input(screen.getByRole("textbox", { name: "Spend at most" }), { target: { value: "$0.50" } });
    expect(screen.queryByText(/^Write dollars|^With a cap of 0|^That is too much/)).toBeNull();
    await fireEvent.input(screen.getByRole("textbox", { name: "Answer length" }), { target: { value: "4,096" } });
    await fireEvent.input(screen.getByRole("textbox", { name: "Deadline" }), { target: { value: "90" } });
    await fireEvent.click(screen.getByRole("switch", { name: "Blind" }));
    await fireEvent.click(screen.getByRole("switch", { name: "Recap this round" }));
    const consent = screen.getByRole("switch", { name: "Improvement consent" });
    expect(consent.getAttribute("aria-checked"), "off unless somebody says otherwise").toBe("false");
    screen.getByText(/sends nothing because of it\.$/);
    await fireEvent.click(consent);
    await fireEvent.click(button);
    await waitFor(() => expect(platform.argsOf("convene")).toHaveLength(1));
    expect(platform.argsOf("convene")[0]).toMatchObject({ spend_limit: 500_000, max_output_tokens: 4096, deadline_seconds: 90, blind: false, recap_round: true, improvement_consent: true });
  });

  test("refused by the wallet: its limit is raised in place and the panel convened", async () => {
    let isShort = true;
    const platform = new FakePlatform(snapshot, {
      convene: () => {
        if (isShort) throw new RpcError("credit_exhausted", "Nothing was called.", { needed: 100_000, limited_by: "holds" });
        return ACK;
      },
      set_limit: () => {
        isShort = false;
        return walletView;
      },
    });
    await open("#/deliberations/new", platform);
    await fireEvent.input(await screen.findByRole("textbox", { name: "Question" }), { target: { value: "Q?" } });
    await fireEvent.click(screen.getByRole("button", { name: "Convene" }));
    await fireEvent.click(within(await screen.findByRole("dialog", { name: /^Your limit of/ })).getByRole("button", { name: /Raise/ }));
    await waitFor(() => expect(platform.argsOf("convene")).toHaveLength(2));
  });

  test("refused by its own cap: that one is raised, to what the round fits under, and nothing else", async () => {
    const platform = new FakePlatform(snapshot, {
      convene: ({ spend_limit }) => {
        if ((spend_limit ?? 0) < 1_200_000) throw new RpcError("credit_exhausted", "Nothing was called.", { needed: 1_200_000, limited_by: "session" });
        return ACK;
      },
    });
    await open("#/deliberations/new", platform);
    await fireEvent.input(await screen.findByRole("textbox", { name: "Question" }), { target: { value: "Q?" } });
    await fireEvent.input(screen.getByRole("textbox", { name: "Spend at most" }), { target: { value: "0.50" } });
    await fireEvent.click(screen.getByRole("button", { name: "Convene" }));
    const dialog = within(await screen.findByRole("dialog", { name: /This session’s limit of \$0\.50/ }));
    dialog.getByText(/kept as a draft/);
    expect(dialog.getByRole("textbox")).toHaveProperty("value", "$2");
    await fireEvent.click(dialog.getByRole("button", { name: /Raise/ }));
    await waitFor(() => expect(platform.argsOf("convene").map(({ spend_limit }) => spend_limit)).toEqual([500_000, 2_000_000]));
    expect(platform.argsOf("set_limit")).toEqual([]);
    await waitFor(() => expect(location.hash).toBe("#/deliberations/s-new"));
  });

  test("a cap under what the round holds says so at once, with the sum that is enough", async () => {
    await open("#/deliberations/new", new FakePlatform(snapshot, {}));
    await screen.findByText(/^holds \$0\.211/);
    const cap = screen.getByRole("textbox", { name: "Spend at most" });
    const type = (value: string) => fireEvent.input(cap, { target: { value } });
    await type("0.01");
    const least = "Too little: this round needs $0.15 at least.";
    expect(document.getElementById(cap.getAttribute("aria-describedby") ?? "")?.textContent, "it is the field's").toBe(least);
    await type("0.20");
    screen.getByText("The round holds $0.211 until it ends. With less, answers are shortened or nothing is called.");
    await type("0.211");
    expect(screen.queryByText(/^Too little|^The round holds \$/), "what is named is enough").toBeNull();
    expect(cap.getAttribute("aria-invalid")).toBeNull();
    await type("");
    expect(cap.getAttribute("aria-invalid"), "no cap").toBeNull();
  });

  test("a seat that cannot be taken says why and offers the one act that mends it", async () => {
    await open("#/deliberations/new", new FakePlatform());
    const row = (await screen.findByText("Gemini 3 Pro")).closest("tr")!;
    expect(within(row).getByRole<HTMLInputElement>("checkbox").disabled).toBe(true);
    expect(row.textContent).toContain("No key");
    await fireEvent.click(within(row).getByRole("button", { name: "Add a key" }));
    await waitFor(() => expect(location.hash).toBe("#/settings/providers"));
  });

  test("with the limit used up says that no seat can be called, and raises it or takes the rehearsal seats", async () => {
    const used = models.map((each) => (each.kind === "rehearsal" ? each : { ...each, available: false, unavailable_reason: each.available ? ("credit_exhausted" as const) : each.unavailable_reason }));
    const platform = new FakePlatform({
      ...snapshot,
      models: { ...snapshot.models, models: used },
      panel: { ...snapshot.panel, seats: [] },
      wallet: { ...walletSummary, monthly_limit: 10_000, balance: 0 },
    });
    await open("#/deliberations/new", platform);
    const panel = within(await screen.findByRole("complementary", { name: "Panel" }));
    panel.getByText("No seat can be called: the limit of $0.01 is used. Raise it, or take the rehearsal seats.");
    expect(panel.queryByText("Choose at least two seats.")).toBeNull();
    await fireEvent.click(panel.getByRole("button", { name: "Raise the limit" }));
    const limit = within(await screen.findByRole("dialog", { name: "What may be spent in a month?" }));
    expect(limit.getByRole<HTMLInputElement>("textbox").value).toBe("$0.01");
    for (const much of ["99999999999999999999", "1,000,001"]) {
      await fireEvent.input(limit.getByRole("textbox"), { target: { value: much } });
      limit.getByText("That is too much: a limit is at most $1,000,000.");
      expect(limit.getByRole<HTMLButtonElement>("button", { name: /^Set the limit/ }).disabled).toBe(true);
    }
    await fireEvent.click(limit.getByRole("button", { name: "Cancel" }));
    await fireEvent.click(panel.getByRole("button", { name: "Rehearsal seats, $0" }));
    expect(screen.getByRole<HTMLInputElement>("checkbox", { name: "Seat Rehearsal skeptic" }).checked).toBe(true);
    expect(panel.queryByText(/^No seat can be called/)).toBeNull();
  });

  test("a full panel takes no fourth seat until one leaves", async () => {
    await open("#/deliberations/new", new FakePlatform());
    const fourth = await screen.findByRole<HTMLInputElement>("checkbox", { name: "Seat DeepSeek V4" });
    expect(fourth.disabled).toBe(true);
    expect(fourth.title).toBe("3 seats are the most a panel holds; the setting can raise it to 8.");
    await fireEvent.click(screen.getByRole("checkbox", { name: "Seat GPT-5.4" }));
    expect(fourth.disabled).toBe(false);
    expect(fourth.title).toBe("");
  });

  test("a seat has one letter in the list and on the panel, where two names begin alike as well", async () => {
    const mini = { ...snapshot.models.models.find(({ id }) => id === "gpt-5.4")!, id: "gpt-5.4-mini", display_name: "GPT-5.4 mini" };
    const panel = { ...snapshot.panel, seats: ["gpt-5.4", mini.id, "openrouter/qwen-3.6-plus"] };
    await open("#/deliberations/new", new FakePlatform({ ...snapshot, models: { ...snapshot.models, models: [...snapshot.models.models, mini] }, panel }));
    const side = within(await screen.findByRole("complementary", { name: "Panel" }));
    const onPanel = side.getAllByRole("listitem").map((each) => each.querySelector(".initial")?.textContent);
    expect(onPanel).toEqual(["G", "P", "Q"]);
    const inList = ["GPT-5.4", "GPT-5.4 mini", "Qwen 3.6 Plus"].map((name) => screen.getByRole("checkbox", { name: `Seat ${name}` }).closest("tr")?.querySelector(".initial")?.textContent);
    expect(inList).toEqual(onPanel);
  });

  test("an act that cannot be done yet says what it waits for", async () => {
    await open("#/deliberations/new", new FakePlatform());
    const convene = await screen.findByRole<HTMLButtonElement>("button", { name: "Convene" });
    expect([convene.disabled, convene.title]).toEqual([true, "Write a question first."]);
    await fireEvent.input(screen.getByRole("textbox", { name: "Question" }), { target: { value: "Q?" } });
    await waitFor(() => expect([convene.disabled, convene.title]).toEqual([false, ""]));
  });

  test("nothing typed is lost: it is kept as a draft and comes back", async () => {
    const platform = new FakePlatform();
    await open("#/deliberations/new", platform);
    const question = await screen.findByRole("textbox", { name: "Question" });
    await waitFor(() => expect(platform.argsOf("draft")).toHaveLength(1));
    await fireEvent.input(question, { target: { value: "Half a question" } });
    await waitFor(() => expect(platform.argsOf("save_draft")).toHaveLength(1), { timeout: 2000 });
    const body = platform.argsOf("save_draft")[0]!.body;
    cleanup();
    await open("#/deliberations/new", new FakePlatform(snapshot, { draft: () => ({ body }) }));
    const again = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Question" });
    await waitFor(() => expect(again.value).toBe("Half a question"));
  });

  test("refused for credit: the limit is raised in place and the question goes through", async () => {
    let limit = 20_000_000;
    const platform = new FakePlatform(
      { ...snapshot, wallet: { ...walletSummary, monthly_limit: limit } },
      {
        convene: () => {
          if (limit === 20_000_000) throw new RpcError("credit_exhausted", "The wallet does not cover the round.");
          return ACK;
        },
        set_limit: ({ monthly }) => {
          limit = monthly ?? 0;
          return { ...walletView, summary: { ...walletSummary, monthly_limit: monthly } };
        },
      },
    );
    await open("#/deliberations/new", platform);
    await fireEvent.input(await screen.findByRole("textbox", { name: "Question" }), { target: { value: "Q?" } });
    await press("Enter", { ctrlKey: true });
    const dialog = await screen.findByRole("dialog");
    expect(dialog.textContent).toContain("Nothing was called.");
    const field = within(dialog).getByRole<HTMLInputElement>("textbox", { name: "New monthly limit in dollars" });
    expect(field.value).toBe("$30");
    await fireEvent.keyDown(field, { key: "Enter" });
    await waitFor(() => expect(platform.argsOf("convene")).toHaveLength(2));
    expect(platform.argsOf("set_limit")).toEqual([{ monthly: 30_000_000 }]);
  });

  test("refused by the wallet names what is needed, suggests a sum it fits under, and lowers nothing", async () => {
    const platform = new FakePlatform(
      { ...snapshot, wallet: { ...walletSummary, monthly_limit: 20_000_000, balance: 790_000, held: 0 } },
      {
        convene: () => {
          throw new RpcError("credit_exhausted", "Nothing was called.", { needed: 6_300_000, limited_by: "wallet" });
        },
      },
    );
    await open("#/deliberations/new", platform);
    await fireEvent.input(await screen.findByRole("textbox", { name: "Question" }), { target: { value: "Q?" } });
    await fireEvent.click(screen.getByRole("button", { name: "Convene" }));
    const dialog = within(await screen.findByRole("dialog", { name: /^Your limit of \$20 for November leaves too little/ }));
    dialog.getByText(/It needs \$6\.30 while it runs, and \$0\.79 is free\./);
    const field = dialog.getByRole<HTMLInputElement>("textbox");
    expect(field.value).toBe("$30");
    for (const [typed, fault] of [["5", "The limit is $20 now: write a higher one."], ["", "Write dollars"], ["-5", "Write dollars"], ["abc", "Write dollars"]] as const) {
      await fireEvent.input(field, { target: { value: typed } });
      expect((await dialog.findByRole("alert")).textContent).toContain(fault);
      await fireEvent.keyDown(field, { key: "Enter" });
      expect(dialog.getByRole("button", { name: /Raise/ })).toHaveProperty("disabled", true);
    }
    expect(platform.argsOf("set_limit")).toEqual([]);
  });

  describe("a document that does not fit", () => {
    const begin = async (answers: ConstructorParameters<typeof FakePlatform>[1] = {}) => {
      await open("#/deliberations/new", new FakePlatform(snapshot, answers));
      const question = await screen.findByRole("textbox", { name: "Question" });
      await fireEvent.input(question, { target: { value: "Q?" } });
      return (text: string) => fireEvent.drop(question, { dataTransfer: { files: [new File([text], "long.txt")], types: ["Files"] } });
    };
    const row = () => screen.getByText("Claude Opus 4.7", { selector: "td b" }).closest("tr")!.textContent;
    const needs = (tokens: string) => waitFor(() => expect(row()).toContain(`does not fit: needs about ${tokens} of 200,000 tokens`));
    const convene = () => screen.getByRole<HTMLButtonElement>("button", { name: "Convene" });

    test("marks the seat by the host's count, and fewer than two that can read it are not convened", async () => {
      const drop = await begin();
      await drop("x".repeat(820_000));
      await needs("215,000");
      expect(row()).not.toContain("key …");
      expect(convene().disabled).toBe(false);
      await drop("x".repeat(820_000));
      await screen.findByText(/Fewer than two of these seats can read all of this/);
      expect(convene().disabled).toBe(true);
    });

    test("is first counted by the page; a count of other words is not taken for one of these", async () => {
      const drop = await begin({ estimate: ({ models = [], reference_bytes }) => (reference_bytes > 0 ? new Promise(() => {}) : estimate(models)) });
      await screen.findByText(/\$0\.038/);
      await drop("x".repeat(820_000));
      await needs("214,000");
    });

    test("may fit all the same by the host's count: for one, the wallet lowers answers", async () => {
      let answer = () => {};
      const lowered = (models: string[]) => {
        const whole = estimate(models, 766_800);
        return { ...whole, lowered_output_tokens: 4_096, seats: whole.seats.map((seat) => ({ ...seat, fits: true, needed_tokens: seat.needed_tokens - 4_096 })) };
      };
      const held = (models: string[]) => new Promise<ReturnType<typeof lowered>>((done) => (answer = () => done(lowered(models))));
      const drop = await begin({ estimate: ({ models = [], reference_bytes }) => (reference_bytes > 0 ? held(models) : estimate(models)) });
      await drop("x".repeat(766_800));
      await needs("201,000");
      await waitFor(() => (answer(), expect(row()).not.toContain("does not fit")));
    });

    test("is counted by its characters, of which the host knows only the bytes", async () => {
      const drop = await begin();
      await drop("數".repeat(195_000));
      await needs("205,000");
    });
  });

  test("a hold beyond what is free is warned of, and drawn full", async () => {
    const short = () => ({ ...estimate(snapshot.panel.seats), hold: 500_000, available: 100_000, affordable: false });
    await open("#/deliberations/new", new FakePlatform(snapshot, { estimate: short }));
    await screen.findByText("The round would hold more than is free.");
    const bar = screen.getByRole("img", { name: /^What the round holds/ });
    expect(bar.querySelector<HTMLElement>(".held")!.style.flexGrow).toBe("1");
  });

  const amber = () => [...document.querySelectorAll("aside .button.primary .words")].map((each) => each.textContent);

  test("is amber once its price is known; before, it says what is awaited", async () => {
    let answer = () => {};
    await open("#/deliberations/new", new FakePlatform(snapshot, { estimate: ({ models = [] }) => new Promise((done) => (answer = () => done(estimate(models)))) }));
    await fireEvent.input(await screen.findByRole("textbox", { name: "Question" }), { target: { value: "Q?" } });
    await screen.findByText("Estimating what it costs");
    expect(amber()).toEqual([]);
    await waitFor(() => (answer(), expect(amber()).toEqual(["Convene"])));
  });

  test("gives the amber to the limit that it exceeds; raised, it is not convened unasked", async () => {
    let available = 100_000;
    const platform = new FakePlatform(snapshot, {
      estimate: () => ({ ...estimate(snapshot.panel.seats), hold: 500_000, available, affordable: available > 500_000 }),
      convene: () => ACK,
      set_limit: ({ monthly }) => {
        available = 9_000_000;
        return { ...walletView, summary: { ...walletSummary, monthly_limit: monthly } };
      },
    });
    await open("#/deliberations/new", platform);
    await fireEvent.input(await screen.findByRole("textbox", { name: "Question" }), { target: { value: "Q?" } });
    await waitFor(() => expect(amber()).toEqual(["Raise the limit"]));
    await fireEvent.click(screen.getByRole("button", { name: "Raise the limit" }));
    await fireEvent.click(within(await screen.findByRole("dialog", { name: /^Your limit of/ })).getByRole("button", { name: /Raise/ }));
    await waitFor(() => expect(amber()).toEqual(["Convene"]));
    expect(platform.argsOf("convene")).toEqual([]);
  });

  test("a rehearsal is convened again with real seats, question and document kept", async () => {
    const platform = new FakePlatform(snapshot, { convene: () => ACK });
    await open("#/deliberations/new/again/s-event", platform);
    const question = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Question" });
    await waitFor(() => expect(question.value).toBe("Should we use Postgres or MongoDB for an event store?"));
    await press("Enter", { ctrlKey: true });
    await waitFor(() => expect(platform.argsOf("convene")).toHaveLength(1));
    expect(platform.argsOf("convene")[0]).toMatchObject({ models: snapshot.panel.seats, reference_name: "volumes.md" });
  });

  test("a file that is not text is named, not guessed at", async () => {
    await open("#/deliberations/new", new FakePlatform());
    const question = await screen.findByRole("textbox", { name: "Question" });
    await fireEvent.drop(question, { dataTransfer: { files: [new File([new Uint8Array([0xff, 0xd8, 0xff, 0xe0])], "photo.jpg")], types: ["Files"] } });
    expect((await screen.findByRole("alert")).textContent).toContain("photo.jpg is not text");
  });
});

describe("the hall", () => {
  test("has the acts of the last step beside its words while nothing was found, and fades where it goes on", async () => {
    await open("#/hall", new FakePlatform({ ...fresh, providers: { ...fresh.providers, offers: [] } }));
    const acts = (await screen.findByRole("button", { name: "Look again" })).parentElement!;
    expect(acts.previousElementSibling?.textContent).toContain("Seat a real model");
    const box = acts.closest<HTMLElement>(".screen")!;
    Object.defineProperty(box, "scrollHeight", { value: 900 });
    await fireEvent.scroll(box);
    expect(box.dataset.more).toBe("below");
  });

  test("on a fresh machine convenes a rehearsal in one step", async () => {
    const platform = new FakePlatform(fresh, { convene: () => ({ ...ACK, rehearsal: true }) });
    await open("#/hall", platform);
    await fireEvent.input(await screen.findByRole("textbox", { name: "Question" }), { target: { value: "Hamburg or Rostock?" } });
    await press("Enter", { ctrlKey: true });
    await waitFor(() => expect(platform.argsOf("convene")[0]?.models).toEqual(["rehearsal-advocate", "rehearsal-skeptic", "rehearsal-pragmatist"]));
  });

  test("tells of an audit log that is not as it was sealed, until it is taken for right", async () => {
    const why = "The log of local is sealed no further: row 7 was changed.";
    const platform = new FakePlatform({ ...snapshot, audit_faults: [why], agents });
    await open("#/hall", platform);
    await screen.findByText("The audit log does not follow from what was sealed.");
    expect(screen.getByText((words) => words.startsWith(why))).toBeTruthy();
    await fireEvent.click(screen.getByRole("button", { name: "Open the log" }));
    await waitFor(() => expect(location.hash).toMatch(/^#\/agents\/a-[a-z-]+\/audit$/));
    location.hash = "#/hall";
    await screen.findByText("The audit log does not follow from what was sealed.");
    platform.emit({ type: "audit_changed", faults: [] });
    await waitFor(() => expect(screen.queryByText("The audit log does not follow from what was sealed.")).toBeNull());
  });

  test("what was convened from it is no draft any more, whatever overtakes the answer", async () => {
    const kept = { new: "" } as Record<string, string>;
    let answer = () => {};
    const platform = new FakePlatform(fresh, {
      convene: () => new Promise((done) => (answer = () => done(ACK))),
      save_draft: ({ key, body }) => new Promise((done) => setTimeout(() => ((kept[key] = body), done({})), body ? 20 : 0)),
    });
    await open("#/hall", platform);
    await fireEvent.input(await screen.findByRole("textbox", { name: "Question" }), { target: { value: "Old question?" } });
    await press("Enter", { ctrlKey: true });
    await waitFor(() => expect(platform.argsOf("convene")).toHaveLength(1));
    // The round's event is faster than the command's answer, and takes the first steps away.
    platform.emit({ type: "round_changed", round: { ...liveRound(), session_id: "s-new" } });
    await waitFor(() => expect(platform.argsOf("save_draft")).toHaveLength(1));
    answer();
    await waitFor(() => expect(location.hash).toBe("#/deliberations/s-new"));
    await waitFor(() => expect(platform.argsOf("save_draft").at(-1)).toEqual({ key: "new", body: "" }));
    await waitFor(() => expect(kept.new).toBe(""));
  });

  test("what was last done is told without what is archived, and not at all where there is nothing else", async () => {
    const old = summary("s-old", "Put away", { archived: true, round_status: "complete" });
    await open("#/hall", new FakePlatform({ ...snapshot, sessions: [old, summary("s-new", "Still here", { round_status: "complete" })] }));
    const lately = within(await screen.findByRole("region", { name: "Lately" }));
    lately.getByRole("link", { name: /Still here/ });
    expect(lately.queryByText("Put away")).toBeNull();
    cleanup();
    await open("#/hall", new FakePlatform({ ...snapshot, sessions: [old] }));
    await screen.findByRole("region", { name: "Running" });
    expect(screen.queryByRole("region", { name: "Lately" })).toBeNull();
  });

  test("explains the agent that was there first, until it is given a real seat", async () => {
    const kasra = agent("kasra", { kind: "managed", model: "rehearsal-advocate", token_tail: null, token_created_at: null });
    await open("#/hall", new FakePlatform({ ...fresh, agents: [kasra] }));
    const here = () => within(screen.getByRole("region", { name: /^Here/ }));
    await screen.findByRole("region", { name: /^Here/ });
    expect(here().getByRole("link", { name: /^kasra/ }).textContent).toContain("on a rehearsal seat");
    expect(here().getByText(/^The house agent/).textContent).toBe("The house agent answers mail by itself. Until you give it a real seat, its replies begin with Rehearsal:");
    cleanup();
    await open("#/hall", new FakePlatform({ ...snapshot, agents: [{ ...kasra, model: "gpt-5.4" }] }));
    await screen.findByRole("region", { name: /^Here/ });
    expect(here().queryByText(/rehearsal seat|^The house agent/)).toBeNull();
  });

  test("a first start leads to a backup and to Discord as well", async () => {
    await open("#/hall", new FakePlatform(fresh));
    const bot = await screen.findByRole("link", { name: "Connecting a bot" });
    expect(bot.getAttribute("href")).toBe("#/discord/setup");
    expect(bot.parentElement?.textContent).toBe("Agents in Discord? Connecting a bot takes about five minutes in Discord’s portal, and can wait.");
    await fireEvent.click(screen.getByRole("button", { name: "Restore a backup" }));
    await screen.findByRole("textbox", { name: "Backup to restore, a file on this machine" });
  });

  test("the steps that are left stay when another window took one, until they are hidden", async () => {
    const platform = new FakePlatform(fresh);
    await open("#/hall", platform);
    await screen.findByRole("textbox", { name: "Question" });
    cleanup();
    await open("#/hall", new FakePlatform({ ...fresh, sessions: [summary("s-new", "Put elsewhere", { round_status: "failed", answered: 0 })], session_count: 1, convened: true }));
    const steps = within(await screen.findByRole("region", { name: /Three steps/ }));
    steps.getByText("1 question was put");
    steps.getByRole("button", { name: "Mint an agent" });
    expect(screen.queryByRole("textbox", { name: "Question" })).toBeNull();
    expect(within(screen.getByRole("region", { name: "Lately" })).getByRole("link", { name: /Put elsewhere/ }).textContent).toContain("stopped");
    await fireEvent.click(steps.getByRole("button", { name: "Hide these steps" }));
    expect(screen.queryByRole("region", { name: /Three steps/ })).toBeNull();
  });

  test("an agent without a token takes no step", async () => {
    const without = [agent("athena", { kind: "managed", token_tail: null })];
    await open("#/hall", new FakePlatform({ ...fresh, agents: without }));
    const steps = within(await screen.findByRole("region", { name: /Three steps/ }));
    steps.getByRole("button", { name: "Mint an agent" });
    expect(steps.queryByText(/has a token/)).toBeNull();
  });

  test("says of a round that Husting's own end broke off that it did, what was kept and what a retry asks", async () => {
    const failures = [{ model: "gpt-5.4", purpose: "react" as const, error_code: "stream_interrupted" as const, closed: true, unreadable: false }];
    await open("#/hall", new FakePlatform({ ...snapshot, sessions: [summary("s-broken", "Which bridge?", { degraded: true, failures })] }));
    const row = within(await screen.findByRole("region", { name: /^Needs you/ })).getByText(/^Husting ended while it ran:/).closest("li")!;
    expect(row.textContent?.replace(/\s+/g, " ")).toContain("GPT-5.4’s reaction: Husting ended. What was said is kept. Retry asks again only for what is missing.");
    within(row).getByRole("button", { name: "Retry" });
  });

  test("speaks of a kept file only where there is one", async () => {
    const refuse = () => {
      throw new RpcError("invalid_request", "No.");
    };
    await open("#/hall", new FakePlatform(fresh, { convene: refuse }));
    await fireEvent.input(await screen.findByRole("textbox", { name: "Question" }), { target: { value: "Hamburg or Rostock?" } });
    await press("Enter", { ctrlKey: true });
    expect((await screen.findByRole("alert")).textContent).toContain("The question is kept as a draft.");
  });

  test("the ledger tells what was added from what was charged, by a sign and a word", async () => {
    const [call] = ledgerRows(1);
    const added = (kind: string, change: number) => ({ ...call!, kind, change, debit: null, transaction_id: kind, session_id: null, session_title: null, entries: [] });
    const rows = [call!, added("grant", 1_500_000), added("top_up", 20_000_000), added("expiry", -300_000)];
    await open("#/wallet", new FakePlatform(snapshot, { wallet: () => walletView, ledger: () => ({ rows, more: false }) }));
    const table = await screen.findByRole("table", { name: "Ledger" });
    const charged = [...table.querySelectorAll("[role=cell].charged")].map((cell) => cell.textContent);
    expect(charged).toEqual(["$0.004090", "added +$1.500000", "added +$20.000000", "taken off −$0.300000"]);
  });

  test("a seat has one letter, in its session's row, in the ledger and in the hall", async () => {
    const seats = [
      { model: "gpt-5.4", display_name: "GPT-5.4", initial: "G", letter: "B", provider: "openai" },
      { model: "openrouter/qwen-3.6-plus", display_name: "GPT-5.4 mini", initial: "P", letter: "A", provider: "openrouter" },
    ];
    const models = snapshot.models.models.map((each) => (each.id === seats[1]!.model ? { ...each, display_name: "GPT-5.4 mini" } : each));
    const here = { ...snapshot, models: { ...snapshot.models, models }, sessions: [summary("s-event", "Event store", { seats })], panel: { ...snapshot.panel, seats: seats.map(({ model }) => model) } };
    const wallet = () => ({ ...walletView, by_model: seats.map(({ model, display_name }) => ({ key: model, label: display_name, amount: 100, calls: 1 })) });
    const letters = (within: Element) => [...within.querySelectorAll(".initial")].map((each) => each.textContent).slice(0, 2);
    await open("#/wallet", new FakePlatform(here, { wallet, ledger: () => ({ rows: ledgerRows(2), more: false }) }));
    const table = await screen.findByRole("table", { name: "Ledger" });
    expect(letters(table)).toEqual(["G", "P"]);
    cleanup();
    await open("#/hall", new FakePlatform(here, { wallet }));
    const today = screen.getByRole("complementary", { name: "Today" });
    await waitFor(() => expect(letters(today)).toEqual(["G", "P"]));
    cleanup();
    const live = liveRound();
    const answers = [...live.answers].reverse().map((call, place) => ({ ...call, display_name: ["Claude Opus", "Claude Sonnet", "GPT-5.4"][place]! }));
    await open("#/hall", new FakePlatform({ ...here, sessions: [], running: [{ ...live, session_id: "s-unknown", phase: "respond", answers }] }));
    expect(letters(await screen.findByRole("region", { name: "Running" })), "of a session that is not known here").toEqual(["Cl", "L"]);
  });

  test("the ledger marks what is estimated at its output, as a round's cost does", async () => {
    const [sure, other] = ledgerRows(2);
    const estimated = { ...other!, debit: { ...other!.debit!, usage: { ...other!.debit!.usage, input: 219, output: 18, estimated: true } } };
    await open("#/wallet", new FakePlatform(snapshot, { wallet: () => walletView, ledger: () => ({ rows: [sure!, estimated], more: false }) }));
    const table = await screen.findByRole("table", { name: "Ledger" });
    const tokens = [...table.querySelectorAll("[role=cell].tokens")].map((cell) => cell.textContent);
    expect(tokens.slice(2)).toEqual(["219", "≈\u00a018"]);
    expect(tokens.slice(0, 2).join()).not.toMatch(/[≈~]/);
    within(table).getByRole("img", { name: "counted here, the provider sent no figures" });
  });

  test("without a limit the wallet draws no balance and calls what covers a call no change of a limit", async () => {
    const wallet = { ...walletSummary, balance: 0, monthly_limit: null, resets_at: null };
    const [row] = ledgerRows(1);
    const cover = { ...row!, transaction_id: "cover", kind: "no_limit", debit: null, session_id: null, change: 4_090 };
    await open("#/wallet", new FakePlatform({ ...snapshot, wallet }, { wallet: () => ({ ...walletView, summary: wallet }), ledger: () => ({ rows: [row!, cover], more: false }) }));
    await screen.findByText("No limit is set: nothing runs down.");
    expect(screen.queryByRole("img", { name: /^Balance in/ })).toBeNull();
    await screen.findByTitle("No limit is set: what the call costs is added as it is charged.");
    expect(document.body.textContent).not.toMatch(/limit changed|by the reset/);
  });

  test("a key found on the machine is used only when its button is pressed, and the limit is asked", async () => {
    const added = { providers: [provider("openai", { kind: "openai" })], offers: [], presets };
    const platform = new FakePlatform(fresh, { add_provider: () => added, set_limit: () => walletView });
    await open("#/hall", platform);
    expect(platform.argsOf("add_provider")).toEqual([]);
    await fireEvent.click(await screen.findByRole("button", { name: "Use this key" }));
    expect(platform.argsOf("add_provider")).toEqual([{ name: "openai", kind: "openai", key_from_env: "OPENAI_API_KEY", add_known_models: true }]);
    const dialog = await screen.findByRole("dialog");
    expect(within(dialog).getByRole<HTMLInputElement>("textbox").value).toBe("$20");
    await fireEvent.click(within(dialog).getByRole("button", { name: "Set the limit" }));
    await waitFor(() => expect(platform.argsOf("set_limit")).toEqual([{ monthly: 20_000_000 }]));
  });

  test("asks for the limit too where the provider is the last of the steps, which are gone before it is added", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
    const added = { providers: [provider("openai", { kind: "openai" })], offers: [], presets };
    const models = { models: [model("gpt-5.4", "GPT-5.4"), ...rehearsalModels], table_as_of: "2026-11-14", table_rows: 31, removed: [] };
    const platform: FakePlatform = new FakePlatform(
      { ...fresh, agents: [agent("porter")], sessions: [summary("s-new", "Put before")], session_count: 1, convened: true },
      {
        add_provider: async () => {
          // The news is faster than the answer, and takes the steps away.
          platform.emit({ type: "providers_changed", providers: added });
          platform.emit({ type: "models_changed", models, panel: fresh.panel });
          await waitFor(() => expect(screen.queryByRole("region", { name: /Three steps/ })).toBeNull());
          return added;
        },
      },
    );
    firstRun.begin();
    await open("#/hall", platform);
    const steps = within(await screen.findByRole("region", { name: /Three steps/ }));
    await fireEvent.click(await steps.findByRole("button", { name: "Add a provider" }));
    const adding = within(await screen.findByRole("dialog", { name: "Add a provider" }));
    await fireEvent.input(adding.getByLabelText("Key"), { target: { value: "sk-test" } });
    await fireEvent.click(adding.getByRole("button", { name: /^Add/ }));
    const asked = within(await screen.findByRole("dialog", { name: "What may be spent in a month?" }));
    expect(asked.getByRole<HTMLInputElement>("textbox").value).toBe("$20");
    await screen.findByText("OpenAI is connected: 2 of its models are on the list.");
    expect(warned.mock.calls.flat().join(" ")).not.toContain("derived_inert");
    warned.mockRestore();
  });

  test("a provider without a model that can be seated takes no step, and says why and what to do", async () => {
    const added = { providers: [provider("rack", { models: 0 })], offers: [], presets };
    const platform = new FakePlatform(fresh, { add_provider: () => added, refresh_models: () => ({ offered: [] }) });
    await open("#/hall", platform);
    await fireEvent.click(await screen.findByRole("button", { name: "Add a provider" }));
    await addRack();
    await screen.findByText("rack is connected, and none of its models is on the list.");
    screen.getByText(/^The price table knows none of them/);
    const steps = within(screen.getByRole("region", { name: /Three steps/ }));
    steps.getByText("1 provider connected, none of whose models can be seated");
    expect(steps.queryByText("done"), "no step is taken").toBeNull();
    await fireEvent.click(screen.getByRole("button", { name: "Add a model" }));
    await waitFor(() => expect(platform.argsOf("refresh_models")).toEqual([{ provider: "rack" }]));
    platform.emit({ type: "models_changed", models: { models: [model("rack/a", "A", { provider: "rack" }), ...rehearsalModels], table_as_of: "2026-11-14", table_rows: 31, removed: [] }, panel: fresh.panel });
    await steps.findByText("1 provider connected");
    await screen.findByText("rack is connected: 1 of its models is on the list.");
  });

  test("a new provider that refuses its key is told as that, and leads to another one", async () => {
    const at = "2026-11-14T09:00:00Z";
    const refused = provider("rack", { models: 0, last_test: { at, millis: 80, ok: false, status: 401, message: "Incorrect API key" } });
    const replaced = provider("rack", { models: 0, last_test: { at, millis: 80, ok: false, status: null, message: "dns error" } });
    const lists = (one: typeof refused) => ({ providers: [one], offers: [], presets });
    const platform = new FakePlatform(fresh, { add_provider: () => lists(refused), replace_key: () => lists(replaced) });
    await open("#/settings/providers", platform);
    await screen.findByRole("heading", { name: "Settings" });
    await fireEvent.click(await screen.findByRole("button", { name: "Add a provider" }));
    await addRack();
    await screen.findByText("The key of rack was refused.");
    expect(screen.queryByText(/is connected/)).toBeNull();
    await fireEvent.click(screen.getByRole("button", { name: "Replace the key" }));
    const replacing = within(await screen.findByRole("dialog", { name: "Replace the key of rack" }));
    await fireEvent.input(replacing.getByLabelText("Key"), { target: { value: "sk-right" } });
    await fireEvent.click(replacing.getByRole("button", { name: /^Replace/ }));
    await screen.findByText("rack is connected, and none of its models is on the list.");
    screen.getByText(/^It could not be reached, so none was put there\./);
    expect(platform.argsOf("replace_key")).toEqual([{ name: "rack", key: "sk-right" }]);
  });

  test("says that clients would reach somebody else where the address was taken", async () => {
    await open("#/hall", new FakePlatform({ ...snapshot, address: "127.0.0.1:46741", address_note: "127.0.0.1:6070, which python3 (process 41) holds" }));
    await screen.findByText("Husting listens on 127.0.0.1:46741, and not on 127.0.0.1:6070, which python3 (process 41) holds.");
    await fireEvent.click(screen.getByRole("button", { name: "Address and origins" }));
    expect(location.hash).toBe("#/settings/address");
    cleanup();
    await open("#/hall", new FakePlatform());
    await screen.findByRole("heading", { name: "Hall" });
    expect(screen.queryByText(/and not on/)).toBeNull();
  });

  test("asks for a degraded panel until it is read as it is, and that can be undone", async () => {
    await open("#/hall", new FakePlatform());
    const title = () => screen.queryByRole("heading", { name: "Needs you" })?.closest("section");
    expect((await screen.findByRole("heading", { name: "Needs you" })).closest("section")?.textContent).toContain("Resolve the pricing model");
    await fireEvent.click(screen.getByRole("button", { name: "Read as it is" }));
    location.hash = "#/hall";
    await waitFor(() => expect(title()?.textContent ?? "").not.toContain("Resolve the pricing model"));
    await fireEvent.click(screen.getByRole("button", { name: "Undo" }));
    await waitFor(() => expect(title()?.textContent).toContain("Resolve the pricing model"));
  });

  test("says which seat failed and why, and raises the limit a retry lacks", async () => {
    let isShort = true;
    const platform = new FakePlatform(snapshot, {
      retry_round: () => {
        if (isShort) throw new RpcError("credit_exhausted", "Nothing was called.", { needed: 100_000, limited_by: "balance" });
        return ACK;
      },
      set_limit: () => {
        isShort = false;
        return walletView;
      },
    });
    await open("#/hall", platform);
    const row = (await screen.findByText(/^Qwen 3\.6 Plus: connection broke\.$/)).closest("li")!;
    expect(row.textContent).toContain("Resolve the pricing model");
    await fireEvent.click(within(row).getByRole("button", { name: "Retry" }));
    await fireEvent.click(within(await screen.findByRole("dialog", { name: /^Your limit of/ })).getByRole("button", { name: /Raise/ }));
    await waitFor(() => expect(platform.argsOf("retry_round")).toHaveLength(2));
  });

  test("shows what runs, as events tell it, and cancels it", async () => {
    const platform = new FakePlatform(snapshot, { cancel_round: () => ({}) });
    await open("#/hall", platform);
    expect(screen.getByText("Nothing is running.")).toBeTruthy();
    platform.emit({ type: "round_changed", round: liveRound() });
    const cancel = await screen.findByRole("button", { name: "Cancel" });
    // One run of words, with a space between each two.
    expect(screen.getByRole("link", { name: /1 round running/ }).querySelector(":scope > span")?.textContent).toBe("1 round running");
    await fireEvent.click(cancel);
    expect(platform.argsOf("cancel_round")).toEqual([{ session_id: "s-event" }]);
    platform.emit({ type: "round_changed", round: { ...liveRound(), status: "failed", phase: "done" } });
    await screen.findByText("Nothing is running.");
  });
});

describe("what is left, in the hall", () => {
  test.each([
    [1_421_165, 1_500_000, /^\$1\.42 left of \$1\.50 this month, \d+ days? to the reset$/],
    [6_421_165, 1_500_000, /^\$6\.42 left, \d+ days? to the reset$/],
    [0, null, /^no limit is set$/],
  ])("of a balance of %d under a limit of %s", async (balance, monthly_limit, words) => {
    await open("#/hall", new FakePlatform({ ...snapshot, wallet: { ...snapshot.wallet, balance, monthly_limit } }));
    within(screen.getByRole("complementary", { name: "Today" })).getByText(words);
  });
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
    const passage = { session_id: "s-pricing", title: "Resolve the pricing model", round_index: 0, kind: "question" as const, model: null, before: "Is ", after: " right?", at: "2026-11-20T09:00:00Z" };
    const passages = (hit: string, limit: number) => Array.from({ length: hit === "forty" ? limit : 1 }, (_, at) => ({ ...passage, session_id: `s-${at}`, hit }));
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
    await screen.findByText("first 12 found");
    await fireEvent.input(input, { target: { value: "/forty" } });
    await screen.findByText("0 found");
  });

  test("shows what was found for the words that stand there, and never what came late for others", async () => {
    const said = { session_id: "s-pricing", title: "Resolve the pricing model", round_index: 0, kind: "question" as const, model: null, before: "Is ", after: " right?", at: "2026-11-20T09:00:00Z" };
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
                { ...said, kind: "answer" as const, model: "gpt-5.4", before: "We should charge ", hit: "per seat", after: " at first." },
                { ...said, round_index: 0, kind: "question" as const, model: null, before: "Is ", hit: "per seat", after: " right?" },
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
    const said = { session_id: "s-pricing", title: "Resolve the pricing model. Pick one.", round_index: 0, kind: "answer" as const, model: "gpt-5.4", at: "2026-11-20T09:00:00Z" };
    const platform = new FakePlatform(snapshot, {
      list_messages: () => ({ messages: [], more: false }),
      search_passages: () => ({
        passages: [
          { ...said, kind: "question" as const, model: null, before: "", hit: "Pick", after: " one." },
          { ...said, kind: "reaction" as const, before: "As Claude says: ", hit: "Pick", after: " seats, as they are what a customer counts." },
          { ...said, before: "", hit: "Pick", after: " seats, as they are what a customer counts. Then wait." },
          { ...said, model: "qwen-3.6-plus", before: "It is late. ", hit: "Pick", after: " seats, as they are what a customer counts!" },
          { ...said, kind: "recap" as const, before: "What to charge for ", hit: "Pick", after: " seats, as they are what a customer counts." },
          { ...said, before: "Do not ", hit: "pick", after: " usage." },
          { ...said, session_id: "s-other", title: "Another", before: "", hit: "Pick", after: " seats, as they are what a customer counts." },
        ],
      }),
    });
    await open("#/hall", platform);
    await press("k", { ctrlKey: true });
    await fireEvent.input(await screen.findByRole("combobox", { name: "Go to, or do" }), { target: { value: "pick" } });
    await screen.findByRole("option", { name: /Do not pick usage/ });
    const options = screen.getAllByRole("option").map(({ textContent }) => textContent!.replace(/\s+/g, " ").trim()).filter((text) => /pick/i.test(text));
    expect(options.map((text) => text.replace(/ ?\d+ Nov.*$/, ""))).toEqual([
      expect.stringMatching(/^Resolve the pricing model\. Pick one\./),
      expect.stringMatching(/^Pick seats, .* Then wait\. ?GPT-5\.4 in round 1 and 3 more places, Resolve/),
      expect.stringMatching(/^Do not pick usage\. ?GPT-5\.4 in round 1, Resolve/),
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
      search_passages: () => ({ passages: [{ ...said, before: "…| key | value | |---|:--| | plan | ", hit: "per seat", after: " | Retention.* And" }] }),
    });
    await open("#/hall", platform);
    await press("k", { ctrlKey: true });
    await fireEvent.input(await screen.findByRole("combobox", { name: "Go to, or do" }), { target: { value: "per seat" } });
    await screen.findByRole("option", { name: /…key value plan per seat Retention\. And/ });
  });

  test.each([
    ["reaction", "reaction of GPT-5.4 in round 2, Resolve the pricing model", "claims/1$"],
    ["recap", "recap of round 2, Resolve the pricing model", "recap/1/find/per%20seat/recap$"],
    ["synthesis", "synthesis, Resolve the pricing model", "recap/1/find/per%20seat/synthesis$"],
  ] as const)("finds words of a %s, says what it is and leads to where it stands", async (kind, detail, tab) => {
    const said = { session_id: "s-pricing", title: "Resolve the pricing model", round_index: 1, at: "2026-11-20T09:00:00Z", kind, model: "gpt-5.4", before: "The ", hit: "per seat" };
    const platform = new FakePlatform(snapshot, {
      // A seat says more than one thing of a round.
      search_passages: () => ({ passages: [{ ...said, after: " plan." }, { ...said, after: " price." }] }),
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

  test("g and a letter jump; ? lists the keys", async () => {
    await open("#/hall", new FakePlatform());
    await press("g");
    await press("w");
    await screen.findByRole("heading", { name: "Wallet", level: 1 });
    await press("?");
    const dialog = await screen.findByRole("dialog");
    const groups = within(dialog).getAllByRole("region");
    expect(groups.map((group) => within(group).getByRole("heading").textContent).slice(-2)).toEqual(["Everywhere", "Places"]);
    expect(within(groups.at(-1)!).getAllByRole("term").map(({ textContent }) => textContent)).toContain("Go to the wallet");
    expect(groups.at(-2)!.textContent).not.toContain("Go to the wallet");
  });
});

test.each([
  ["#/deliberations", "New deliberation"],
  ["#/agents", "Mint an agent"],
])("what an empty list at %s teaches stands in its place alone", async (address, act) => {
  await open(address, new FakePlatform(fresh));
  const main = within(screen.getByRole("main"));
  await waitFor(() => expect(main.getAllByRole("button", { name: act })).toHaveLength(1));
});

test("a limit that is used up is told once above the default panel, with what to do", async () => {
  const stopped = snapshot.models.models.map((each) => (each.kind === "rehearsal" ? each : { ...each, available: false, unavailable_reason: "credit_exhausted" as const }));
  const panel = { ...snapshot.panel, seats: [], collapsed_buckets: [0, 1, 2] };
  await open("#/settings/panel", new FakePlatform({ ...snapshot, panel, models: { ...snapshot.models, models: stopped } }));
  const section = within(await screen.findByRole("region", { name: "Default panel" }));
  await section.findByText("Your limit of $1.50 is used.");
  expect(section.queryByText(/limit reached|nobody here can be called/)).toBeNull();
  await fireEvent.click(section.getByRole("button", { name: "Raise the limit" }));
  await screen.findByRole("dialog", { name: "What may be spent in a month?" });
});

test("what may be spent in a day is read and written in dollars", async () => {
  const platform = new FakePlatform({ ...snapshot, settings: { ...snapshot.settings, agents_cents_per_day: 50 } });
  await open("#/settings/limits", platform);
  const field = await screen.findByRole<HTMLInputElement>("textbox", { name: "Spend a day" });
  expect(field.value).toBe("$0.50");
  await fireEvent.change(field, { target: { value: "0.005" } });
  await screen.findByText("From $0 to $10,000, in dollars and whole cents.");
  await fireEvent.change(field, { target: { value: "99999999999" } });
  await screen.findByText("That is too much: at most $10,000.");
  await fireEvent.change(field, { target: { value: "$2.25" } });
  await waitFor(() => expect(platform.argsOf("edit_settings")).toEqual([{ agents_cents_per_day: 225 }]));
});

test("a path can be broken behind its slashes", async () => {
  await open("#/settings/about", new FakePlatform());
  const folder = (await screen.findByText("Data folder")).nextElementSibling!;
  expect(folder.textContent?.trim()).toBe(snapshot.home);
  expect(folder.querySelectorAll("wbr")).toHaveLength(snapshot.home.split("/").length);
});

describe("the list of deliberations", () => {
  test("says of each by which door it came in, unless it was opened here", async () => {
    const came = (["console", "cli", "rest", "mcp", "discord"] as const).map((source) => summary(`s-${source}`, `Asked ${source}`, { source }));
    await open("#/deliberations", new FakePlatform({ ...snapshot, sessions: came }));
    const doors = { console: "Asked console", cli: "from the command line", rest: "over REST", mcp: "over MCP", discord: "from Discord" };
    const list = within(screen.getByRole("main"));
    for (const [source, words] of Object.entries(doors)) {
      const row = await list.findByText(`Asked ${source}`);
      expect(row.closest("a")!.textContent?.trim().replace(/\s+/g, " ")).toContain(words);
    }
    expect((await list.findByText("Asked console")).closest("a")!.textContent?.trim()).toBe("Asked console");
  });

  test("has a field that filters it; Ctrl F looks through everything there too", async () => {
    await open("#/deliberations", new FakePlatform());
    const field = await screen.findByRole("searchbox", { name: "Filter deliberations by title, tag and question" });
    await press("/");
    expect(document.activeElement).toBe(field);
    await press("f", { ctrlKey: true });
    await screen.findByRole("combobox", { name: "Go to, or do" });
  });

  test("is searched, and a row is archived and taken back", async () => {
    const platform = new FakePlatform(snapshot, { edit_session: ({ session_id, archived }) => summary(session_id, "t", { archived: archived ?? false }) });
    await open("#/deliberations", platform);
    await screen.findByRole("button", { name: /More for Should we use Postgres/ });
    await press("e");
    await screen.findByText("Archived “Should we use Postgres or MongoDB for an event store?”.");
    await press("z", { ctrlKey: true });
    await waitFor(() => expect(platform.argsOf("edit_session").map((edit) => edit.archived)).toEqual([true, false]));
    await fireEvent.input(screen.getByRole("searchbox"), { target: { value: "nothing like it" } });
    await screen.findByText(/^No title, tag or question has “nothing like it”\./);
  });

  test("is not renamed to nothing, and says what is lacking", async () => {
    await open("#/deliberations", new FakePlatform());
    await screen.findByRole("button", { name: /More for Should we use Postgres/ });
    await press("r");
    const dialog = within(await screen.findByRole("dialog", { name: "Rename and tag" }));
    const save = dialog.getByRole<HTMLButtonElement>("button", { name: /^Save/ });
    await waitFor(() => expect([save.disabled, save.title]).toEqual([false, ""]));
    await fireEvent.input(dialog.getByRole("textbox", { name: "Title" }), { target: { value: " " } });
    expect([save.disabled, save.title]).toEqual([true, "Write a title first."]);
  });

  test("deletes only after the title is typed", async () => {
    const platform = new FakePlatform(snapshot, { delete_session: () => ({}) });
    await open("#/deliberations", platform);
    const more = await screen.findByRole("button", { name: "More for Resolve the pricing model. Pick one." });
    more.focus();
    await fireEvent.keyDown(more, { key: "Enter" });
    await fireEvent.click(await screen.findByRole("menuitem", { name: "Delete…" }));
    const dialog = await screen.findByRole("dialog");
    const act = within(dialog).getByRole<HTMLButtonElement>("button", { name: "Delete for good" });
    expect(act.disabled).toBe(true);
    await fireEvent.input(within(dialog).getByRole("textbox"), { target: { value: "Resolve the pricing model. Pick one." } });
    expect(act.disabled).toBe(false);
    await fireEvent.click(act);
    expect(platform.argsOf("delete_session")).toEqual([{ session_id: "s-pricing" }]);
  });
});

test("the wallet of a person with own keys speaks of their limit, and of no bucket they have not", async () => {
  await open("#/wallet", new FakePlatform());
  await screen.findByRole("region", { name: "Monthly spending limit" });
  expect(screen.queryByRole("region", { name: "Subscription" })).toBeNull();
  expect(document.body.textContent).not.toMatch(/subscription|drained/);
  cleanup();
  const buckets = walletView.buckets.map((bucket) => ({ ...bucket, used: true }));
  await open("#/wallet", new FakePlatform(snapshot, { wallet: () => ({ ...walletView, buckets }) }));
  await screen.findByText("drained first: the monthly limit, then subscription, then refill");
});

test("the wallet asks for a limit beginning with the one in force, and keeps what is typed when it is told anew", async () => {
  const platform = new FakePlatform({ ...snapshot, wallet: { ...walletSummary, limit_chosen: false } });
  await open("#/wallet", platform);
  await fireEvent.click(await screen.findByRole("button", { name: /^Limit/ }));
  const dialog = within(await screen.findByRole("dialog", { name: "What may be spent in a month?" }));
  const field = dialog.getByRole<HTMLInputElement>("textbox");
  expect(field.value).toBe("$1.50");
  await fireEvent.input(field, { target: { value: "3" } });
  platform.emit({ type: "wallet_changed", wallet: { ...walletSummary, monthly_limit: 2_000_000 } });
  await tick();
  expect(field.value).toBe("3");
});

test("the wallet says that the limit is used up, and raises it there", async () => {
  const used = { ...walletSummary, balance: 0, held: 0 };
  const full = { ...walletView, summary: { ...walletSummary, monthly_limit: 40_000_000, balance: 40_000_000 } };
  let view = { ...walletView, summary: used };
  const platform = new FakePlatform({ ...snapshot, wallet: used }, { wallet: () => view, set_limit: () => (view = full) });
  await open("#/wallet", platform);
  const note = within((await screen.findByText("Your limit of $1.50 is used.")).closest<HTMLElement>("[role=alert]")!);
  await fireEvent.click(note.getByRole("button", { name: "Raise the limit" }));
  const dialog = within(await screen.findByRole("dialog", { name: "What may be spent in a month?" }));
  await fireEvent.input(dialog.getByRole("textbox"), { target: { value: "40" } });
  await fireEvent.click(dialog.getByRole("button", { name: /^Set the limit/ }));
  await waitFor(() => expect(screen.queryByText(/^Your limit of/)).toBeNull());
  cleanup();
  await open("#/wallet", new FakePlatform());
  await screen.findByRole("region", { name: "Monthly spending limit" });
  expect(screen.queryByText(/^Your limit of/)).toBeNull();
});

test.each([["Top up", "Top up the wallet", /^What is added stands beside the month’s limit, as Refill,/], [/^Auto-refill/, "Auto-refill", /What it adds stands beside the month’s limit, as Refill\.$/]])("what is added is told by where it will stand, before it does: %s", async (act, title, said) => {
  await open("#/wallet", new FakePlatform());
  await screen.findByRole("region", { name: "Monthly spending limit" });
  expect(screen.queryByRole("region", { name: "Refill" })).toBeNull();
  await fireEvent.click(screen.getByRole("button", { name: act }));
  const sheet = await screen.findByRole("dialog", { name: title });
  within(sheet).getByText(said);
  expect(sheet.textContent, "nothing on the page is called that yet").not.toContain("the refill bucket");
});

test("a sum to add that is too large is told as that, and not as no sum", async () => {
  await open("#/wallet", new FakePlatform());
  await fireEvent.click(await screen.findByRole("button", { name: "Top up" }));
  const sheet = within(await screen.findByRole("dialog", { name: "Top up the wallet" }));
  for (const [typed, fault] of [["10,000.01", "That is too much: at most $10,000 are added at once."], ["99999999999999999999", "That is too much: at most $10,000 are added at once."], ["0", "Write a sum above $0."], ["five", /^Write dollars/]] as const) {
    await fireEvent.input(sheet.getByRole("textbox"), { target: { value: typed } });
    sheet.getByText(fault);
    expect(sheet.getByRole<HTMLButtonElement>("button", { name: "Top up" }).disabled).toBe(true);
  }
  await fireEvent.input(sheet.getByRole("textbox"), { target: { value: "10,000" } });
  expect(sheet.getByRole<HTMLButtonElement>("button", { name: "Top up" }).disabled).toBe(false);
});

test("a sum of the automatic refill that is too large is told as that", async () => {
  await open("#/wallet", new FakePlatform());
  await fireEvent.click(await screen.findByRole("button", { name: /^Auto-refill/ }));
  const sheet = within(await screen.findByRole("dialog", { name: "Auto-refill" }));
  const save = sheet.getByRole<HTMLButtonElement>("button", { name: "Save" });
  for (const field of sheet.getAllByRole("textbox")) {
    for (const [typed, fault] of [["9999999999", "That is too much: at most $1,000,000."], ["1,000,000.01", "That is too much: at most $1,000,000."], ["five", /^Write dollars/]] as const) {
      await fireEvent.input(field, { target: { value: typed } });
      sheet.getByText(fault);
      expect(save.disabled).toBe(true);
    }
    await fireEvent.input(field, { target: { value: "1,000,000" } });
    expect(save.disabled).toBe(false);
  }
});

test("the wallet says by whom it was spent only where something was", async () => {
  await open("#/wallet", new FakePlatform());
  await screen.findByRole("region", { name: "Spent by" });
  cleanup();
  await open("#/wallet", new FakePlatform(fresh));
  await screen.findByText("nothing spent yet");
  expect(screen.queryByRole("region", { name: "Spent by" })).toBeNull();
});

test("what is not listed of who spent is told together", async () => {
  const rows = [90_000, 40_000, 5_000, 700, 60].map((amount, index) => ({ key: `m-${index}`, label: `Model ${index}`, amount, calls: 1 }));
  await open("#/wallet", new FakePlatform(snapshot, { wallet: () => ({ ...walletView, by_model: rows }) }));
  const spent = within(await screen.findByRole("region", { name: "Spent by" }));
  const others = spent.getByText("2 others").closest("div")!;
  expect(others.textContent).toContain("$0.0008");
  expect(spent.queryByText("Model 3")).toBeNull();
  cleanup();
  await open("#/wallet", new FakePlatform(snapshot, { wallet: () => ({ ...walletView, by_model: rows.slice(0, 4) }) }));
  await within(await screen.findByRole("region", { name: "Spent by" })).findByText("Model 3");
  expect(screen.queryByText(/other/)).toBeNull();
});

test("an address that names no deliberation says so, and leads to the list", async () => {
  const refused = new RpcError("invalid_request", "UUID parsing failed: invalid character");
  await open("#/deliberations/zzz", new FakePlatform(snapshot, { get_session: () => Promise.reject(refused) }));
  await screen.findByText("There is no such deliberation.");
  expect(document.body.textContent).not.toContain("UUID");
  expect(screen.getByRole("link", { name: "All deliberations" }).getAttribute("href")).toBe("#/deliberations");
});

test("a deliberation that is deleted while it is open says so at once, and leads to the list", async () => {
  const { session_id } = snapshot.sessions[0]!;
  const platform = new FakePlatform();
  await open(`#/deliberations/${session_id}`, platform);
  await screen.findByRole("tablist");
  platform.emit({ type: "session_removed", session_id });
  const note = (await screen.findByText("This deliberation was deleted.")).closest<HTMLElement>("[role=alert]")!;
  within(note).getByRole("link", { name: "All deliberations" });
  expect(screen.queryByRole("tablist")).toBeNull();
});

describe("providers", () => {
  test("a vendor that is chosen says its name and its address, and any other server is asked for them", async () => {
    const add_provider = () => ({ providers: [provider("groq")], offers: [], presets });
    const platform = new FakePlatform(fresh, { add_provider });
    await open("#/settings/providers", platform);
    await fireEvent.click((await screen.findAllByRole("button", { name: "Add a provider" }))[0]!);
    const dialog = within(await screen.findByRole("dialog", { name: "Add a provider" }));
    const add = () => dialog.getByRole<HTMLButtonElement>("button", { name: "Add" });
    const choose = (value: string) => fireEvent.change(dialog.getByLabelText("Vendor"), { target: { value } });
    const isReady = () => !add().disabled;
    await choose("other");
    expect(isReady()).toBe(false);
    await fireEvent.input(dialog.getByLabelText("Address"), { target: { value: "http://127.0.0.1:4010/v1" } });
    expect(isReady()).toBe(true);
    await fireEvent.input(dialog.getByLabelText("Address"), { target: { value: "" } });
    await choose("ollama");
    expect(isReady()).toBe(true);
    expect(dialog.queryByLabelText("Key")).toBeNull();
    await choose("groq");
    expect([isReady(), add().title]).toEqual([false, "Paste its key first."]);
    await fireEvent.input(dialog.getByLabelText("Key"), { target: { value: "gsk_test" } });
    expect(add().title).toBe("");
    await fireEvent.click(add());
    await waitFor(() => expect(platform.argsOf("add_provider")).toEqual([
      { name: "groq", kind: "openai-compatible", base_url: "https://api.groq.com/openai/v1", key: "gsk_test", add_known_models: true },
    ]));
  });

  test("what was refused is forgotten once something else is typed", async () => {
    const add_provider = () => Promise.reject(new RpcError("already_exists", "There is a provider of that name."));
    await open("#/settings/providers", new FakePlatform(snapshot, { add_provider }));
    await fireEvent.click((await screen.findAllByRole("button", { name: /^Add a provider/ }))[0]!);
    const dialog = within(await screen.findByRole("dialog", { name: "Add a provider" }));
    await fireEvent.input(dialog.getByLabelText("Key"), { target: { value: "sk-test" } });
    await fireEvent.click(dialog.getByRole("button", { name: /^Add/ }));
    await dialog.findByText(/There is a provider of that name/);
    await fireEvent.input(dialog.getByLabelText("Name"), { target: { value: "other" } });
    await waitFor(() => expect(dialog.queryByText(/There is a provider of that name/)).toBeNull());
  });

  test("without a keyring the pasted key waits while a place is chosen, and goes nowhere else", async () => {
    const KEY = "sk-test-4711-never-shown";
    let ready = false;
    const platform = new FakePlatform(
      { ...fresh, secrets: { state: "needs_choice", system_words: "no such interface" } },
      {
        add_provider: () => {
          if (!ready) throw new RpcError("secrets_unavailable", "No key store is ready.");
          return { providers: [provider("openai")], offers: [], presets };
        },
        choose_secrets: () => {
          ready = true;
          return { state: "ready", kept_in: "sealed_file" };
        },
      },
    );
    await open("#/settings/providers", platform);
    await fireEvent.click((await screen.findAllByRole("button", { name: "Add a provider" }))[0]!);
    const key = await screen.findByLabelText("Key");
    await fireEvent.input(key, { target: { value: KEY } });
    await fireEvent.click(screen.getByRole("button", { name: "Add" }));
    const phrase = await screen.findByLabelText("Passphrase, at least 12 characters");
    await fireEvent.input(phrase, { target: { value: "short" } });
    const seal = screen.getAllByRole<HTMLButtonElement>("button", { name: "Seal the file" }).at(-1)!;
    expect(seal.disabled).toBe(true);
    await fireEvent.input(phrase, { target: { value: "a longer passphrase" } });
    expect(seal.disabled, "typed once").toBe(true);
    const again = screen.getByLabelText("The same passphrase again");
    await fireEvent.input(again, { target: { value: "a longer" } });
    expect(screen.queryByText("The two differ."), "while it is being typed").toBeNull();
    await fireEvent.focusOut(again);
    screen.getByText("The two differ.");
    await fireEvent.focusIn(again);
    expect(screen.queryByText("The two differ.")).toBeNull();
    await fireEvent.input(again, { target: { value: "a longer parsephrase" } });
    screen.getByText("The two differ.");
    expect(seal.disabled).toBe(true);
    screen.getByText(/^A forgotten passphrase cannot be recovered: .* are lost.* take secrets\.sealed out/);
    await fireEvent.input(again, { target: { value: "a longer passphrase" } });
    await fireEvent.click(seal);
    await waitFor(() => expect(platform.argsOf("add_provider")).toHaveLength(2));
    expect(platform.argsOf("choose_secrets")).toEqual([{ keep_in: "sealed_file", passphrase: "a longer passphrase", make: true }]);
    await screen.findByText("…w4Kp");
    expect(document.documentElement.outerHTML).not.toContain(KEY);
    expect(JSON.stringify(localStorage)).not.toContain(KEY);
  });

  test("a locked file is opened with one passphrase, and says what to do when that is forgotten", async () => {
    const platform = new FakePlatform({ ...snapshot, secrets: { state: "locked", message: "The sealed file waits for its passphrase." } }, { choose_secrets: () => ({ state: "ready", kept_in: "sealed_file" }) });
    await open("#/settings/providers", platform);
    await fireEvent.click(await screen.findByRole("button", { name: "Open it" }));
    const sheet = within(await screen.findByRole("dialog", { name: "The sealed file is locked" }));
    expect(sheet.queryByLabelText("The same passphrase again")).toBeNull();
    await fireEvent.click(sheet.getByRole("button", { name: "I forgot the passphrase" }));
    sheet.getByText(/take secrets\.sealed out of the data folder/);
    await fireEvent.input(sheet.getByLabelText("Passphrase"), { target: { value: "short" } });
    await fireEvent.click(sheet.getByRole("button", { name: "Open the file" }));
    await waitFor(() => expect(platform.argsOf("choose_secrets")).toEqual([{ keep_in: "sealed_file", passphrase: "short", make: false }]));
  });

  test("the hall leads to the very field: of a locked file, a refused key and a limit that is used up", async () => {
    const used = { ...snapshot.wallet, balance: 0 };
    const locked = { state: "locked" as const, message: "The sealed file waits for its passphrase." };
    const view = { ...walletView, summary: { ...used, monthly_limit: 40_000_000, balance: 40_000_000 } };
    const platform = new FakePlatform({ ...snapshot, secrets: locked, wallet: used }, { choose_secrets: () => ({ state: "ready", kept_in: "sealed_file" }), set_limit: () => view, replace_key: () => snapshot.providers });
    await open("#/hall", platform);
    const leads = async (act: string, field: string, typed: string) => {
      await fireEvent.click(await screen.findByRole("button", { name: act }));
      const sheet = within(await screen.findByRole("dialog"));
      const focused = await sheet.findByLabelText(field);
      await waitFor(() => expect(document.activeElement, act).toBe(focused));
      await fireEvent.input(focused, { target: { value: typed } });
      await fireEvent.keyDown(focused, { key: "Enter" });
      const form = focused.closest("form");
      if (form) await fireEvent.submit(form);
      await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    };
    await leads("Open it", "Passphrase", "the passphrase");
    await leads("Replace the key", "Key", "another-key");
    await leads("Raise the limit", "Dollars a month", "40");
    expect(platform.argsOf("choose_secrets")).toEqual([{ keep_in: "sealed_file", passphrase: "the passphrase", make: false }]);
    expect(platform.argsOf("replace_key")).toEqual([{ name: "mistral", key: "another-key" }]);
    expect(platform.argsOf("set_limit")).toEqual([{ monthly: 40_000_000 }]);
    expect(location.hash, "it is all done where it was told").toBe("#/hall");
  });

  test("a test that was answered with an error does not look like a key that was refused", async () => {
    const [first, ...others] = snapshot.providers.providers;
    const failing = { ...first!, last_test: { at: "2026-11-20T14:00:00Z", millis: 20, ok: false, status: 500, message: "the server is broken" } };
    await open("#/settings/providers", new FakePlatform({ ...snapshot, providers: { ...snapshot.providers, providers: [failing, ...others] } }));
    await screen.findByText("answered with an error (500)");
  });

  test("the last test of a provider goes with its key, and comes back with it", async () => {
    const given = provider("rack");
    const gone = { ...given, key_readable: false };
    const shown = async (one: typeof given, from = snapshot) => {
      await open("#/settings/providers", new FakePlatform({ ...from, providers: { ...from.providers, providers: [one] } }));
      const row = (await screen.findByRole("rowheader", { name: "rack" })).closest("tr")!;
      const words = within(row).getByRole("status").textContent?.replace(/\s+/g, " ").trim();
      cleanup();
      return words;
    };
    expect(await shown(given)).toMatch(/^answered in 412 ms/);
    expect(await shown(gone)).toBe("its key is not there: replace it");
    expect(await shown(gone, { ...snapshot, secrets: { ...snapshot.secrets, state: "locked" } as typeof snapshot.secrets }), "nobody knows while it is locked").toBe("not tested");
  });

  test("where nothing is connected, adding a provider stands in the list’s place alone", async () => {
    const none = { ...fresh, providers: { ...fresh.providers, providers: [], offers: [] } };
    await open("#/settings/providers", new FakePlatform(none));
    await screen.findByText(/^No provider is connected/);
    expect(screen.getAllByRole("button", { name: "Add a provider" })).toHaveLength(1);
  });

  test("a locked keyring asks for no passphrase: it is unlocked and tried again", async () => {
    let unlocked = false;
    const choose = () => {
      if (!unlocked) throw new RpcError("secrets_unavailable", "Your keyring is locked (prompt dismissed). Unlock it and try again.");
      return { state: "ready" as const, kept_in: "keyring" as const };
    };
    const platform = new FakePlatform({ ...snapshot, secrets: { state: "keyring_locked", system_words: "prompt dismissed" } }, { choose_secrets: choose });
    await open("#/settings/providers", platform);
    await screen.findByText("Your keyring is locked.");
    screen.getByText("keyring, locked");
    expect(screen.queryByText(/sealed file/), "there is none").toBeNull();
    await fireEvent.click(screen.getByRole("button", { name: "What to do" }));
    const dialog = await screen.findByRole("dialog", { name: "Your keyring is locked" });
    let sheet = within(dialog);
    expect(dialog.querySelector("input"), "a place for the login password").toBeNull();
    await fireEvent.click(sheet.getByRole("button", { name: "Cancel" }));
    await waitFor(() => expect(dialog.isConnected).toBe(false));
    expect(platform.argsOf("choose_secrets"), "nothing was chosen").toEqual([]);
    await fireEvent.click(screen.getByRole("button", { name: "What to do" }));
    sheet = within(await screen.findByRole("dialog", { name: "Your keyring is locked" }));
    await fireEvent.click(sheet.getByRole("button", { name: "Try again" }));
    await sheet.findByText(/prompt dismissed\)/);
    unlocked = true;
    await fireEvent.click(sheet.getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(screen.queryByText("Your keyring is locked.")).toBeNull());
    expect(platform.argsOf("choose_secrets")).toEqual([{ keep_in: "keyring" }, { keep_in: "keyring" }]);
  });

  test("whoever wants a sealed file instead of a locked keyring types its passphrase twice", async () => {
    const platform = new FakePlatform({ ...snapshot, secrets: { state: "keyring_locked", system_words: "prompt dismissed" } }, { choose_secrets: () => ({ state: "ready", kept_in: "sealed_file" }) });
    await open("#/settings/providers", platform);
    await screen.findByText("Your keyring is locked.");
    await fireEvent.click(screen.getByRole("button", { name: "What to do" }));
    const sheet = within(await screen.findByRole("dialog", { name: "Your keyring is locked" }));
    await fireEvent.click(sheet.getByRole("button", { name: "Keep keys elsewhere" }));
    await fireEvent.input(sheet.getByLabelText("Passphrase, at least 12 characters"), { target: { value: "a longer passphrase" } });
    const seal = sheet.getAllByRole<HTMLButtonElement>("button", { name: "Seal the file" }).at(-1)!;
    expect(seal.disabled, "typed once").toBe(true);
    await fireEvent.input(sheet.getByLabelText("The same passphrase again"), { target: { value: "a longer passphrase" } });
    await fireEvent.click(seal);
    await waitFor(() => expect(platform.argsOf("choose_secrets")).toEqual([{ keep_in: "sealed_file", passphrase: "a longer passphrase", make: true }]));
  });

  test("a refused test shows the status, and the provider's own words one click away", async () => {
    await open("#/settings/providers", new FakePlatform());
    await screen.findByText("key refused (401)");
    expect(screen.queryByText(/Unauthorized/)).toBeNull();
    await fireEvent.click(screen.getByRole("button", { name: "Mistral’s words" }));
    screen.getByText(/Unauthorized/);
  });

  test("a provider is asked once which models it has, and what is typed meanwhile stays", async () => {
    const providers = [provider("local"), provider("rack")];
    const platform = new FakePlatform(
      { ...snapshot, providers: { ...snapshot.providers, providers } },
      { refresh_models: ({ provider: name }: { provider: string }) => ({ offered: [{ provider_model: `of-${name}`, table_price: null, known_as: null }] }) },
    );
    await open("#/settings/models", platform);
    await fireEvent.click(await screen.findByRole("button", { name: /^Add a model/ }));
    const sheet = within(await screen.findByRole("dialog"));
    await sheet.findByText("of-local");
    const typed = sheet.getByRole("textbox");
    await fireEvent.input(typed, { target: { value: "gpt-zeta" } });
    // Asking is told as a change of the provider.
    platform.emit({ type: "providers_changed", providers: { ...snapshot.providers, providers: [...providers] } });
    await new Promise((drawn) => requestAnimationFrame(drawn));
    expect(sheet.getByRole<HTMLInputElement>("textbox").value).toBe("gpt-zeta");
    const asked = () => platform.calls.filter(({ command }) => command === "refresh_models").map(({ args }) => args);
    expect(asked()).toEqual([{ provider: "local" }]);
    await fireEvent.input(typed, { target: { value: "" } });
    await fireEvent.change(sheet.getByRole("combobox"), { target: { value: "rack" } });
    await sheet.findByText("of-rack");
    expect(asked()).toEqual([{ provider: "local" }, { provider: "rack" }]);
  });

  test("an id that the provider does not list is remarked on under its field, and may be added all the same", async () => {
    const platform = new FakePlatform(
      { ...snapshot, providers: { ...snapshot.providers, providers: [provider("rack")] } },
      { refresh_models: () => ({ offered: [{ provider_model: "gpt-zeta", table_price: null, known_as: null }] }), add_model: () => snapshot.models },
    );
    await open("#/settings/models", platform);
    await fireEvent.click(await screen.findByRole("button", { name: /^Add a model/ }));
    const sheet = within(await screen.findByRole("dialog"));
    await sheet.findByText("gpt-zeta");
    const field = sheet.getByRole("textbox");
    const remark = () => document.getElementById(field.getAttribute("aria-describedby") ?? "")?.textContent ?? null;
    expect(remark()).toBeNull();
    await fireEvent.input(field, { target: { value: "gpt-zeta" } });
    expect(remark()).toBeNull();
    await fireEvent.input(field, { target: { value: "gpt-zeta-2" } });
    expect(remark()).toBe("rack does not list this id. It can be added all the same.");
    expect([field.getAttribute("aria-invalid"), sheet.queryByRole("alert")]).toEqual([null, null]);
    await fireEvent.click(sheet.getByRole("button", { name: "Put on the list" }));
    await waitFor(() => expect(platform.argsOf("add_model")).toEqual([{ provider: "rack", provider_model: "gpt-zeta-2" }]));
  });

  test("a provider that refuses the key is told by what happened and what to do, its words apart, and the key is replaced there", async () => {
    const words = "invalid x-api-key: [secret removed]";
    const refused = provider("rack", { last_test: { at: "2026-11-20T14:31:00Z", millis: 40, ok: false, status: 401, message: words } });
    const mended = { ...snapshot.providers, providers: [provider("rack")] };
    let isRefused = true;
    const platform = new FakePlatform(
      { ...snapshot, providers: { ...snapshot.providers, providers: [provider("rack")] } },
      {
        list_providers: () => ({ ...snapshot.providers, providers: [refused] }),
        refresh_models: () => {
          if (isRefused) throw new RpcError("provider_error", `The provider's models could not be read: ${words}.`, { message: words });
          return { offered: [{ provider_model: "of-rack", table_price: null, known_as: null }] };
        },
        replace_key: () => {
          isRefused = false;
          return mended;
        },
      },
    );
    await open("#/settings/models", platform);
    await fireEvent.click(await screen.findByRole("button", { name: /^Add a model/ }));
    const sheet = within(await screen.findByRole("dialog"));
    await sheet.findByText("The key of rack was refused.");
    sheet.getByText("Replace the key to list the models, or type an id that you know.");
    expect([sheet.queryByText("Nothing was changed."), sheet.queryByText(/x-api-key/)]).toEqual([null, null]);
    await fireEvent.click(sheet.getByRole("button", { name: "rack’s words" }));
    expect(sheet.getByText(words).classList).toContain("mono");
    await fireEvent.click(sheet.getByRole("button", { name: "Replace the key" }));
    const other = within(await screen.findByRole("dialog", { name: "Replace the key of rack" }));
    await fireEvent.input(other.getByLabelText("Key"), { target: { value: "another" } });
    await fireEvent.click(other.getByRole("button", { name: /^Replace/ }));
    await screen.findByText("of-rack");
    expect(platform.argsOf("replace_key")).toEqual([{ name: "rack", key: "another" }]);
  });

  test("a provider that does not answer is asked again, and the system's words stand apart", async () => {
    const silent = provider("rack", { last_test: { at: "2026-11-20T14:31:00Z", millis: 40, ok: false, status: null, message: "connection refused" } });
    const platform = new FakePlatform(
      { ...snapshot, providers: { ...snapshot.providers, providers: [silent] } },
      {
        list_providers: () => ({ ...snapshot.providers, providers: [silent] }),
        refresh_models: () => {
          throw new RpcError("provider_error", "The provider's models could not be read: connection refused.", { message: "connection refused" });
        },
      },
    );
    await open("#/settings/models", platform);
    await fireEvent.click(await screen.findByRole("button", { name: /^Add a model/ }));
    const sheet = within(await screen.findByRole("dialog"));
    await sheet.findByText("rack did not say which models it has.");
    sheet.getByRole("button", { name: "The system’s words" });
    expect(sheet.queryByRole("button", { name: "Replace the key" })).toBeNull();
    await fireEvent.click(sheet.getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(platform.argsOf("refresh_models")).toHaveLength(2));
  });

  test("of a provider that is asked no more nobody is told how it failed", async () => {
    const providers = [provider("gone"), provider("rack")];
    let fail: (fault: RpcError) => void = () => undefined;
    const never = new Promise<never>((_, refuse) => (fail = refuse));
    const platform = new FakePlatform(
      { ...snapshot, providers: { ...snapshot.providers, providers } },
      { refresh_models: ({ provider: name }: { provider: string }) => (name === "gone" ? never : { offered: [{ provider_model: "of-rack", table_price: null, known_as: null }] }) },
    );
    await open("#/settings/models", platform);
    await fireEvent.click(await screen.findByRole("button", { name: /^Add a model/ }));
    const sheet = within(await screen.findByRole("dialog"));
    await fireEvent.change(sheet.getByRole("combobox"), { target: { value: "rack" } });
    await waitFor(() => expect(platform.argsOf("refresh_models")).toHaveLength(2));
    fail(new RpcError("provider_error", "Nobody answered."));
    await sheet.findByText("of-rack");
    expect(sheet.queryByText(/Nobody answered/)).toBeNull();
  });

  test("a model's name and id are whole where they are cut, and its menu does what its row has no room for", async () => {
    const platform = new FakePlatform(snapshot, { set_price: () => snapshot.models });
    await open("#/settings/models", platform);
    const own = snapshot.models.models.find(({ price_source }) => price_source === "operator")!;
    expect((await screen.findByText(own.display_name, { selector: "th *" })).title).toBe(own.display_name);
    expect(screen.getByText(own.id, { selector: "td" }).title).toBe(own.id);
    const more = screen.getByRole("button", { name: `More for ${own.display_name}` });
    more.focus();
    await fireEvent.keyDown(more, { key: "Enter" });
    await fireEvent.click(await screen.findByRole("menuitem", { name: "Use the table’s price" }));
    expect(platform.argsOf("set_price")).toEqual([{ id: own.id, price: null }]);
  });

  test("a price is set in dollars and sent in micro-dollars", async () => {
    const platform = new FakePlatform(snapshot, { set_price: () => snapshot.models });
    await open("#/settings/models", platform);
    await fireEvent.click(await screen.findByRole("button", { name: "Set a price" }));
    const dialog = await screen.findByRole("dialog");
    await fireEvent.input(within(dialog).getByLabelText("In"), { target: { value: "3" } });
    expect(within(dialog).getByRole("button", { name: "Set the price" }).title).toBe("Write In and Out first: zero is a price.");
    for (const [typed, fault] of [["1234567890", "That is too much: at most $100,000."], ["100,000.01", "That is too much: at most $100,000."], ["much", /^Write dollars/]] as const) {
      await fireEvent.input(within(dialog).getByLabelText("Out"), { target: { value: typed } });
      within(dialog).getByText(fault);
      expect(within(dialog).getByRole<HTMLButtonElement>("button", { name: "Set the price" }).disabled).toBe(true);
    }
    await fireEvent.input(within(dialog).getByLabelText("Out"), { target: { value: "15.25" } });
    await fireEvent.click(within(dialog).getByRole("button", { name: "Set the price" }));
    expect(platform.argsOf("set_price")).toEqual([
      { id: "mistral-large-3", price: { input: 3_000_000, output: 15_250_000, cache_read: null, cache_write: null, long: null } },
    ]);
  });
});

describe("storage", () => {
  test("says what each kind takes, the largest with the longest bar, and measures again", async () => {
    let logs = 2_000_000;
    const platform = new FakePlatform(snapshot, {
      storage: () => ({ folder: "/home/ana/.local/share/husting", uses: [{ kind: "deliberations", bytes: 4_000_000 }, { kind: "logs", bytes: logs }], bytes: 4_000_000 + logs }),
    });
    await open("#/settings/storage", platform);
    const table = await screen.findByRole("table", { name: "Storage" });
    const rows = () => within(table).getAllByRole("row").slice(1).map((row) => row.textContent?.trim());
    expect(rows()).toEqual(["Deliberations4 MB", "Logs2 MB"]);
    const bars = [...table.querySelectorAll<HTMLElement>(".share span")].map((bar) => bar.style.width);
    expect(bars).toEqual(["100%", "50%"]);
    screen.getByText("6 MB");
    logs = 1_000;
    await fireEvent.click(screen.getByRole("button", { name: "Measure" }));
    await waitFor(() => expect(rows()).toEqual(["Deliberations4 MB", "Logs1 kB"]));
  });

  test("what could not be measured is said, and the rest of the page stands", async () => {
    const platform = new FakePlatform(snapshot, {
      storage: () => {
        throw new RpcError("internal", "The data folder cannot be read: permission denied.");
      },
    });
    await open("#/settings/storage", platform);
    await screen.findByText(/The data folder cannot be read/);
    screen.getByRole("textbox", { name: "Unfinished answers and output" });
  });
});

describe("restoring a backup", () => {
  afterEach(() => anew.forget());

  test("the hints of both its fields are written alike", async () => {
    await open("#/settings/backup", new FakePlatform(snapshot, { list_backups: () => ({ backups: [] }) }));
    const hint = async (label: string) => document.getElementById((await screen.findByRole("textbox", { name: label })).getAttribute("aria-describedby") ?? "")?.textContent?.trim();
    expect([await hint("New file on this machine"), await hint("Backup to restore, a file on this machine")]).toEqual(["a path that does not exist yet", "one that Husting wrote, also elsewhere"]);
  });

  const found = { version: 27, known: 28, written_at: "2025-11-20T09:05:00Z", newest_at: "2025-11-19T18:30:00Z", sessions: 1, messages: 1204, agents: 3 };

  async function named(platform: FakePlatform, path: string): Promise<void> {
    await open("#/settings/backup", platform);
    const field = await screen.findByRole("textbox", { name: "Backup to restore, a file on this machine" });
    await fireEvent.input(field, { target: { value: path } });
    await fireEvent.keyDown(field, { key: "Enter" });
  }

  test("tells what is in it before its word can be typed, and restores the file that it told of", async () => {
    const platform = new FakePlatform(snapshot, { look_at_backup: () => found, restore_backup: () => ({}) });
    await named(platform, " /srv/kept.db ");
    const sheet = await screen.findByRole("dialog", { name: "Restore a backup" });
    within(sheet).getByText(/^Written 20 Nov 2025 \d\d:05; 1 deliberation, 1,204 messages, 3 agents\. The newest of them is of 19 Nov 2025 \d\d:30\. Its store has version 27 and is brought up to this Husting’s, 28\.$/);
    expect(platform.argsOf("look_at_backup")).toEqual([{ path: "/srv/kept.db" }]);
    const word = within(sheet).getByLabelText("Type “restore” to go on");
    await fireEvent.input(word, { target: { value: "restore" } });
    await fireEvent.keyDown(word, { key: "Enter" });
    await screen.findByText(/^Husting begins anew with this backup/);
    expect(platform.argsOf("restore_backup")).toEqual([{ path: "/srv/kept.db" }]);
  });

  test("those of the data folder are offered, the newest first, a week of them until more are asked for", async () => {
    const kept = (day: number, made: BackupOccasion) => ({ path: `/srv/backups/${day}.db`, made, bytes: 2_411_724, written_at: `2025-11-${day}T09:05:00Z` });
    const backups = [kept(29, "before_restore"), ...Array.from({ length: 8 }, (_, at) => kept(28 - at, "daily"))];
    const platform = new FakePlatform(snapshot, { list_backups: () => ({ backups }), look_at_backup: () => found });
    await open("#/settings/backup", platform);
    const table = await screen.findByRole("table", { name: "Backups in the data folder" });
    expect(within(table).getAllByRole("rowheader").map((head) => head.title)).toEqual(backups.slice(0, 7).map(({ path }) => path));
    within(table).getByText("before a restore");
    await fireEvent.click(screen.getByRole("button", { name: "Show all 9" }));
    expect(within(table).getAllByRole("row")).toHaveLength(10);
    await fireEvent.click(within(table).getByRole("button", { name: /^Restore the backup of 21 Nov 2025 \d\d:05, made by itself/ }));
    await screen.findByRole("dialog", { name: "Restore a backup" });
    expect(platform.argsOf("look_at_backup")).toEqual([{ path: "/srv/backups/21.db" }]);
  });

  test("without one it is said when there will be, and what went wrong is told", async () => {
    await open("#/settings/backup", new FakePlatform(snapshot, { list_backups: () => ({ backups: [] }) }));
    await screen.findByText(/^There is no backup in the data folder yet/);
    cleanup();
    const failing = () => {
      throw new RpcError("store_unavailable", "The folder cannot be read.");
    };
    await open("#/settings/backup", new FakePlatform(snapshot, { list_backups: failing }));
    await screen.findByText(/could not be listed/);
    screen.getByRole("textbox", { name: "Backup to restore, a file on this machine" });
  });

  test("takes what was shown away until Husting is there with it, and then tells what waits", async () => {
    let code = "";
    const anew = {
      ...snapshot,
      seq: 3,
      sessions: [summary("s-old", "Of the backup")],
      session_count: 1,
      secrets: { state: "locked" as const, message: "secrets.sealed is locked." },
      discord: { ...snapshot.discord, bridge: { state: "off" as const } },
    };
    let now: Snapshot = snapshot;
    const platform = new FakePlatform(snapshot, { look_at_backup: () => found, restore_backup: () => ({}), snapshot: () => (code ? Promise.reject(new RpcError(code, "No.")) : now) });
    await named(platform, "/srv/kept.db");
    const word = await screen.findByLabelText("Type “restore” to go on");
    await fireEvent.input(word, { target: { value: "restore" } });
    await fireEvent.keyDown(word, { key: "Enter" });
    await screen.findByText(/^Husting begins anew with this backup/);
    const rail = () => screen.queryByRole("navigation", { name: "Places" });
    expect(rail()).not.toBeNull();
    code = "invalid_token";
    platform.connection("lost");
    await waitFor(() => expect(rail(), "which counted the store that is gone").toBeNull());
    const told = await screen.findByRole("alert");
    expect(told.textContent).toContain("Husting begins anew with the backup /srv/kept.db.");
    expect(told.textContent).toContain("Run “husting console link”");
    [code, now] = ["", anew];
    platform.connection("open");
    await waitFor(() => expect(rail()).not.toBeNull());
    expect(within(rail()!).getByRole("link", { name: /^Deliberations/ }).textContent).toContain("1");
    const line = within(screen.getByText(/^Husting began anew with the backup/).closest<HTMLElement>("[role=alert]")!);
    line.getByText(/The sealed file with your keys is locked\. The Discord bridge is not started\.$/);
    await fireEvent.click(line.getByRole("button", { name: "To the bridge" }));
    expect(location.hash).toBe("#/discord");
    cleanup();
    await open("#/hall", new FakePlatform(anew));
    await screen.findByText(/^Husting began anew with the backup/);
    await fireEvent.click(screen.getByRole("button", { name: "Dismiss" }));
    expect(screen.queryByText(/^Husting began anew with the backup/)).toBeNull();
  });

  test.each([
    ["a paused bridge", { discord: { ...snapshot.discord, bridge: { state: "paused" as const } } }, /The Discord bridge is paused\.$/],
    ["no place for keys, of which there is none,", { secrets: { state: "needs_choice" as const, system_words: "no keyring" }, providers: { ...snapshot.providers, providers: [] } }, /Nothing waits for you\.$/],
  ])("%s is told of afterwards as what it is", async (_, differing, told) => {
    anew.begin({ backup: "/srv/kept.db" });
    anew.lost();
    await open("#/hall", new FakePlatform({ ...snapshot, ...differing }));
    const line = within((await screen.findByText(/^Husting began anew with the backup/)).closest<HTMLElement>("[role=alert]")!);
    line.getByText(told);
    await fireEvent.click(line.getByRole("button", { name: "Dismiss" }));
  });

  test("a file is looked at once, however often it is asked for meanwhile", async () => {
    let answer: () => void = () => {};
    const platform = new FakePlatform(snapshot, { look_at_backup: () => new Promise((done) => (answer = () => done(found))) });
    await named(platform, "/srv/kept.db");
    await fireEvent.keyDown(screen.getByRole("textbox", { name: "Backup to restore, a file on this machine" }), { key: "Enter" });
    await screen.findByText("Looking at the backup");
    answer();
    await screen.findByRole("dialog", { name: "Restore a backup" });
    expect(platform.argsOf("look_at_backup")).toHaveLength(1);
  });

  test("a file that cannot be restored is told of beside its path, and no word is asked for", async () => {
    const platform = new FakePlatform(snapshot, {
      look_at_backup: () => {
        throw new RpcError("invalid_request", "This cannot be restored: /srv/kept.db is damaged: try another backup.");
      },
    });
    await named(platform, "/srv/kept.db");
    await screen.findByText(/kept\.db is damaged: try another backup\./);
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(platform.argsOf("restore_backup")).toEqual([]);
  });
});

describe("erasing all data", () => {
  // What is begun anew is the window's, and outlives the screen.
  afterEach(() => anew.forget());

  const storage = () => ({ folder: "/home/ana/.local/share/husting", uses: [], bytes: 0 });

  async function asked(platform: FakePlatform): Promise<HTMLElement> {
    await open("#/settings/storage", platform);
    await fireEvent.click(await screen.findByRole("button", { name: "Erase all data…" }));
    return screen.findByRole("dialog", { name: "Erase all data" });
  }

  test("is done once its word was typed, says what stays, and leaves no note in the browser", async () => {
    let code = "";
    let now: Snapshot = snapshot;
    const platform = new FakePlatform(snapshot, {
      storage,
      snapshot: () => (code ? Promise.reject(new RpcError(code, "No.")) : now),
      erase_all: () => ({ left: ["/home/ana/.local/share/husting/mine.txt"], not_removed: ["/mnt/backups"] }),
    });
    const sheet = await asked(platform);
    within(sheet).getByText(/agent’s program in tmux.*numbers of Discord bots/);
    const act = within(sheet).getByRole<HTMLButtonElement>("button", { name: "Erase all data" });
    const word = within(sheet).getByLabelText("Type “erase” to go on");
    expect(within(sheet).queryByText("erase"), "its sentence has the word").toBeNull();
    await fireEvent.input(word, { target: { value: "erased" } });
    await fireEvent.keyDown(word, { key: "Enter" });
    expect(act.disabled).toBe(true);
    expect(platform.argsOf("erase_all")).toEqual([]);
    localStorage.setItem("husting.seen", "[]");
    await fireEvent.input(word, { target: { value: "erase" } });
    await fireEvent.click(act);
    await screen.findByText("Husting erases all data and begins anew with nothing.");
    expect(platform.argsOf("erase_all")).toEqual([{}]);
    expect(localStorage.getItem("husting.seen")).toBeNull();
    expect(screen.getByRole<HTMLButtonElement>("button", { name: "Erase all data…" }).disabled).toBe(true);
    const left = /Not removed.*: \/mnt\/backups\. Left, because Husting did not write it: \/home\/ana\/\.local\/share\/husting\/mine\.txt\./;
    const rail = () => screen.queryByRole("navigation", { name: "Places" });
    code = "invalid_token";
    platform.connection("lost");
    await waitFor(() => expect(rail(), "which counted what is erased").toBeNull());
    const told = await screen.findByRole("alert");
    expect(told.textContent).toMatch(left);
    expect(told.textContent).toContain("Run “husting console link”");
    expect(told.textContent).not.toMatch(/on disk|draft/);
    [code, now] = ["", fresh];
    platform.connection("open");
    const line = (await screen.findByText("All data is erased: Husting began anew with nothing.")).closest("[role=alert]")!;
    expect(line.textContent).toMatch(left);
    expect(localStorage.getItem("husting.anew")).toBeNull();
  });

  test("what is refused is said in the sheet, and nothing is forgotten", async () => {
    const platform = new FakePlatform(snapshot, {
      storage,
      erase_all: () => {
        throw new RpcError("secrets_unavailable", "Nothing was erased: keys may be in the keyring.");
      },
    });
    const sheet = await asked(platform);
    localStorage.setItem("husting.seen", "[]");
    const word = within(sheet).getByLabelText("Type “erase” to go on");
    await fireEvent.input(word, { target: { value: "erase" } });
    await fireEvent.keyDown(word, { key: "Enter" });
    await within(sheet).findByText(/Nothing was erased/);
    expect(localStorage.getItem("husting.seen")).toBe("[]");
    await fireEvent.click(within(sheet).getByRole("button", { name: "Cancel" }));
    await fireEvent.click(screen.getByRole("button", { name: "Erase all data…" }));
    await waitFor(() => expect(screen.queryByText(/Nothing was erased/)).toBeNull());
  });
});

describe("the look", () => {
  test("a theme acts at once, and letters can be switched off", async () => {
    const platform = new FakePlatform();
    await open("#/settings/look", platform);
    await fireEvent.click(await screen.findByRole("radio", { name: "Light" }));
    await waitFor(() => expect(document.documentElement.dataset.theme).toBe("light"));
    await fireEvent.click(screen.getByRole("switch", { name: "Single keys" }));
    await waitFor(() => expect(platform.argsOf("edit_settings").at(-1)).toEqual({ single_keys: false }));
    (document.activeElement as HTMLElement | null)?.blur();
    await press("?");
    expect(screen.queryByRole("dialog")).toBeNull();
  });
});

describe("the connection", () => {
  test("without a login says how to get one; with one it begins", async () => {
    let allowed = false;
    const platform = new FakePlatform(snapshot, {
      snapshot: () => {
        if (!allowed) throw new RpcError("unauthorized", "No credentials.");
        return snapshot;
      },
    });
    render(App, { platform });
    expect((await screen.findByRole("alert")).textContent).toContain("husting console link");
    allowed = true;
    await fireEvent.click(screen.getByRole("button", { name: "Try again" }));
    await screen.findByRole("navigation", { name: "Places" });
  });

  describe("that is lost", () => {
    const list = (listed: () => boolean) => () => {
      if (!listed()) throw new RpcError("unreachable", "Husting does not answer.");
      return { sessions: snapshot.sessions, total: snapshot.sessions.length };
    };
    const gone = () => Promise.reject(new RpcError("unreachable", "Husting does not answer."));

    test("leaves no list empty: what could not be read is said so in one quiet line, and read when it is back", async () => {
      let isThere = true;
      const platform = new FakePlatform(snapshot, { snapshot: () => (isThere ? snapshot : gone()), list_sessions: list(() => isThere) });
      await open("#/hall", platform);
      isThere = false;
      platform.connection("lost");
      location.hash = "#/deliberations";
      dispatchEvent(new HashChangeEvent("hashchange"));
      await screen.findByText("This list could not be read.");
      expect(screen.getAllByRole("alert")).toHaveLength(1);
      expect(screen.queryByText(/No question has been put/)).toBeNull();
      expect(screen.queryByText(/0 questions/)).toBeNull();
      isThere = true;
      platform.connection("open");
      await screen.findByRole("list", { name: "Deliberations" });
      expect(screen.queryByText("This list could not be read.")).toBeNull();
    });

    test.each([["#/bus", /^No message/], ["#/wallet", /No call has been paid/]])("%s says nothing of an emptiness it cannot know", async (place, empty) => {
      const platform = new FakePlatform(snapshot, { list_messages: gone, ledger: gone });
      await open("#/hall", platform);
      platform.connection("lost");
      location.hash = place;
      dispatchEvent(new HashChangeEvent("hashchange"));
      await waitFor(() => expect(platform.calls.some(({ command }) => command === "list_messages" || command === "ledger")).toBe(true));
      await screen.findByText(/does not answer|could not be read/, { selector: "[role=status]" });
      expect(screen.queryByText(empty)).toBeNull();
      expect(screen.getAllByRole("alert")).toHaveLength(1);
    });

    test("estimates nothing, and says so instead of estimating for ever", async () => {
      const platform = new FakePlatform(snapshot, { estimate: gone, draft: gone });
      await open("#/hall", platform);
      platform.connection("lost");
      location.hash = "#/deliberations/new";
      dispatchEvent(new HashChangeEvent("hashchange"));
      await screen.findByText("No estimate now.");
    });

    test("because its login has ended, is not said to be tried again", async () => {
      let code = "unreachable";
      const platform: FakePlatform = new FakePlatform(snapshot, { snapshot: () => (platform.calls.length > 1 ? Promise.reject(new RpcError(code, "No.")) : snapshot) });
      await open("#/hall", platform);
      platform.connection("lost");
      const status = screen.getByRole("contentinfo", { name: "Status" });
      await waitFor(() => expect(status.textContent).toContain("Not connected. Trying again."));
      code = "invalid_token";
      await waitFor(() => {
        platform.connection("lost");
        expect(status.textContent).toContain("Not connected. The login has ended.");
      });
      expect((await screen.findByRole("alert")).textContent).toContain("This browser’s login has ended");
    });
  });

  test("a gap in the events takes a new snapshot", async () => {
    const titles = ["Before the gap", "After the gap"];
    const platform: FakePlatform = new FakePlatform(snapshot, {
      snapshot: () => ({ ...snapshot, seq: platform.seq, sessions: [summary("s-1", titles.shift() ?? "")] }),
    });
    await open("#/hall", platform);
    await screen.findAllByText("Before the gap");
    platform.emit({ type: "wallet_changed", wallet: walletSummary }, 3);
    await screen.findAllByText("After the gap");
  });
});

test("what diagnostics find comes into sight, each time anew", async () => {
  const intoView = vi.spyOn(Element.prototype, "scrollIntoView");
  await open("#/settings/doctor", new FakePlatform(snapshot, { doctor: () => ({ findings: [{ subject: "the store", ok: true, untested: false, message: "whole" }] }) }));
  for (let time = 0; time < 2; time += 1) {
    intoView.mockClear();
    await fireEvent.click(await screen.findByRole("button", { name: "Look now" }));
    await screen.findByText("the store");
    await waitFor(() => expect(intoView.mock.instances.some((each) => (each as unknown as Element).textContent?.includes("the store"))).toBe(true));
  }
  intoView.mockRestore();
});

test("another version of the program is told, with the way out", async () => {
  const platform = new FakePlatform();
  await open("#/hall", platform);
  platform.emit({ type: "wallet_changed", wallet: walletSummary }, 0, 2);
  expect((await screen.findByRole("alert")).textContent).toContain("Load the page again.");
});

test("a damaged store names its commands and files as code", async () => {
  const reason = "The store's file is damaged: restore a backup with `husting restore FILE`; backups are in its folder `backups`.";
  const platform = new FakePlatform(snapshot, { snapshot: () => Promise.reject(new RpcError("store_unavailable", reason)) });
  render(App, { platform });
  await screen.findByText("husting restore FILE", { selector: "code" });
  expect(document.body.textContent).not.toContain("`");
});

test("a link a model wrote is opened outside, and only after its host was shown", async () => {
  const platform = new FakePlatform();
  render(Linked, { platform, source: "See [the docs](https://evil.test/x)." });
  await fireEvent.click(screen.getByRole("link", { name: "the docs" }));
  expect(platform.opened).toEqual([]);
  const dialog = await screen.findByRole("dialog", { name: "Open evil.test?" });
  await fireEvent.click(within(dialog).getByRole("button", { name: "Open" }));
  expect(platform.opened).toEqual(["https://evil.test/x"]);
});
