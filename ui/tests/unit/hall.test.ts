import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { tick } from "svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
// Read before the clock of the first test runs: the frame would read them inside that.
import "../../src/components/SheetDialog.svelte";
import "../../src/features/deliberations/session/Session.svelte";
import "../../src/features/settings/Settings.svelte";
import { firstRun } from "../../src/features/hall/first-run.svelte";
import { RpcError } from "../../src/platform";
import { agent, agents, denial } from "../fixtures/agents";
import { open, press } from "../fixtures/page";
import { FakePlatform } from "../fixtures/platform";
import { ACK, liveRound } from "../fixtures/rounds";
import { fresh, model, presets, provider, rehearsalModels, snapshot, summary, walletSummary } from "../fixtures/shared";
import { ledgerRows, walletView } from "../fixtures/wallet";

vi.setConfig({ testTimeout: 30_000 });

beforeEach(() => localStorage.clear());
afterEach(() => {
  cleanup();
  location.hash = "";
});

/** Fills the sheet that adds a provider with a server that is no vendor's. */
async function addRack(): Promise<void> {
  const adding = within(await screen.findByRole("dialog", { name: "Add a provider" }));
  await fireEvent.change(adding.getByLabelText("Vendor"), { target: { value: "other" } });
  await fireEvent.input(adding.getByLabelText("Name"), { target: { value: "rack" } });
  await fireEvent.input(adding.getByLabelText("Address"), { target: { value: "http://127.0.0.1:4010/v1" } });
  await fireEvent.click(adding.getByRole("button", { name: /^Add/ }));
}

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

  test("leads whoever stands nowhere to its first row, and a row that has the focus is its own link's affair", async () => {
    await open("#/hall", new FakePlatform({ ...snapshot, agents }));
    const rows = () => [...document.querySelectorAll<HTMLElement>("#screen [data-row]")];
    await waitFor(() => expect(rows().length).toBeGreaterThan(1));
    document.getElementById("screen")!.focus();
    await press("Enter");
    const first = rows()[0]!;
    expect(first.contains(document.activeElement)).toBe(true);
    expect(location.hash, "it opens nothing yet").toBe("#/hall");
    const opens = vi.fn((event: Event) => event.preventDefault());
    document.activeElement!.addEventListener("keydown", (event) => queueMicrotask(() => event.defaultPrevented || opens(event)));
    await press("Enter");
    expect(opens, "the second press is left to the row").toHaveBeenCalledOnce();
    await press("j");
    expect(rows()[1]!.contains(document.activeElement)).toBe(true);
  });

  test("on a fresh machine convenes a rehearsal in one step", async () => {
    const platform = new FakePlatform(fresh, { convene: () => ({ ...ACK, rehearsal: true }) });
    await open("#/hall", platform);
    await fireEvent.input(await screen.findByRole("textbox", { name: "Question" }), { target: { value: "Hamburg or Rostock?" } });
    await press("Enter", { ctrlKey: true });
    await waitFor(() => expect(platform.argsOf("convene")[0]?.models).toEqual(["rehearsal-advocate", "rehearsal-skeptic", "rehearsal-pragmatist"]));
  });

  test("on a fresh machine takes a paste that no question holds as its document, and asks no question that is too long", async () => {
    await open("#/hall", new FakePlatform(fresh));
    const question = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Question" });
    const paste = (text: string) => fireEvent.paste(question, { clipboardData: { files: [], getData: () => text } });
    expect(await paste("x".repeat(64_000)), "what fits is the field's own").toBe(true);
    expect(await paste("x".repeat(64_001))).toBe(false);
    await screen.findByText("Pasted text");
    expect(question.value).toBe("");
    await fireEvent.input(question, { target: { value: "x".repeat(64_001) } });
    await screen.findByRole("alert");
    expect(screen.getByRole<HTMLButtonElement>("button", { name: /^Convene/ }).disabled).toBe(true);
  });

  test("on a fresh machine takes several documents, chosen or dropped, one after the other", async () => {
    const platform = new FakePlatform(fresh, { convene: () => ACK });
    await open("#/hall", platform);
    const question = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Question" });
    await fireEvent.input(question, { target: { value: "Hamburg or Rostock?" } });
    const chooser = () => document.querySelector<HTMLInputElement>("input[type=file]")!;
    const chosen = vi.spyOn(HTMLInputElement.prototype, "click").mockImplementation(() => {});
    for (const [act, name] of [["Drop or choose a document", "rates.md"], ["Add another document", "berths.md"]] as const) {
      await fireEvent.click(screen.getByRole("button", { name: act }));
      await fireEvent.change(chooser(), { target: { files: [new File([name], name)] } });
      await screen.findByText(name);
    }
    expect(chosen).toHaveBeenCalledTimes(2);
    chosen.mockRestore();
    await fireEvent.drop(question, { dataTransfer: { files: [new File(["three"], "tides.md")], types: ["Files"] } });
    await screen.findByText("tides.md");
    await press("Enter", { ctrlKey: true });
    await waitFor(() => expect(platform.argsOf("convene")[0]?.reference_name).toBe("rates.md, berths.md, tides.md"));
  });

  test("tells of an audit log that is not as it was sealed, until it is accepted", async () => {
    const why = "The log of local is sealed no further: row 7 was changed.";
    const platform = new FakePlatform({ ...snapshot, audit_faults: [why], agents });
    await open("#/hall", platform);
    await screen.findByText("The audit log does not follow from what was sealed.");
    expect(screen.getByText((words) => words.startsWith(why))).toBeTruthy();
    await fireEvent.click(screen.getByRole("button", { name: "Open the log" }));
    await waitFor(() => expect(location.hash).toBe("#/settings/audit"));
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
    const kasra = agent("kasra", { kind: "managed", model: "rehearsal-advocate", token_tail: null, token_created_at: null, last_call_at: null });
    await open("#/hall", new FakePlatform({ ...fresh, agents: [kasra] }));
    const here = () => within(screen.getByRole("region", { name: /^Here/ }));
    await screen.findByRole("region", { name: /^Here/ });
    expect(here().getByRole("link", { name: /^kasra/ }).textContent).toMatch(/rehearsal seat,\s*runs here/);
    expect(here().getByText(/answers mail/).textContent).toBe("kasra answers mail by itself. Until you give it a real seat on its page, its replies begin with Rehearsal:");
    cleanup();
    await open("#/hall", new FakePlatform({ ...fresh, agents: [kasra, { ...kasra, id: "a-loom", agent_name: "loom" }, agent("bruno")] }));
    await screen.findByRole("region", { name: /^Here/ });
    here().getByText(/^kasra and loom answer mail by themselves\./);
    cleanup();
    await open("#/hall", new FakePlatform({ ...snapshot, agents: [{ ...kasra, model: "gpt-5.4" }] }));
    await screen.findByRole("region", { name: /^Here/ });
    expect(here().queryByText(/rehearsal seat|answers? mail/)).toBeNull();
  });

  test("says who is off, also where the list ends before them", async () => {
    const many = Array.from({ length: 9 }, (_, n) => agent(`on-${n}`));
    const suspended = agent("bruno", { status: "suspended" });
    const inactive = agent("kasra", { kind: "managed", status: "inactive" });
    const here = async (agents: ReturnType<typeof agent>[]) => {
      cleanup();
      await open("#/hall", new FakePlatform({ ...snapshot, agents }));
      return within(await screen.findByRole("region", { name: /^Here/ }));
    };
    expect((await here([agent("ada")])).queryByText(/ off\./)).toBeNull();
    const few = await here([agent("ada"), suspended, inactive]);
    expect(few.getByRole("link", { name: /^bruno/ }).textContent, "in place of its last call").toContain("disabled");
    expect(few.getByRole("link", { name: /^kasra/ }).textContent).toContain("switched off");
    expect(few.queryByText(/ off\./), "which is not said twice").toBeNull();
    const ended = await here([agent("discord-connector", { kind: "connector", connections: 0, liveness: "stopped" })]);
    expect(ended.getByRole("link", { name: /^discord-connector/ }).textContent, "its shape alone says that to nobody").toMatch(/discord-connector\s+stopped$/);
    const cut = await here([...many, suspended, inactive]);
    expect(cut.queryByRole("link", { name: /^bruno/ })).toBeNull();
    cut.getByText(/^bruno and kasra are off\./);
    const four = ["a", "b", "c", "d"].map((name) => agent(name, { status: "suspended" }));
    (await here([...many, ...four])).getByText(/^4 more are off\./);
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
    await open("#/hall", new FakePlatform({ ...fresh, sessions: [summary("s-new", "Put elsewhere", { round_status: "failed", answered: 0, outcome: "cancelled" })], session_count: 1, convened: true }));
    const steps = within(await screen.findByRole("region", { name: /Three steps/ }));
    steps.getByText("1 question asked");
    steps.getByRole("button", { name: "Mint an agent" });
    expect(screen.queryByRole("textbox", { name: "Question" })).toBeNull();
    expect(within(screen.getByRole("region", { name: "Lately" })).getByRole("link", { name: /Put elsewhere/ }).textContent).toContain("cancelled");
    await fireEvent.click(steps.getByRole("button", { name: "Hide these steps" }));
    expect(screen.queryByRole("region", { name: /Three steps/ })).toBeNull();
  });

  test("the token of the bridge to Discord takes no step either", async () => {
    await open("#/hall", new FakePlatform({ ...fresh, agents: [agent("discord-connector", { kind: "connector", token_tail: "9f3c" })] }));
    const steps = within(await screen.findByRole("region", { name: /Three steps/ }));
    steps.getByRole("button", { name: "Mint an agent" });
    expect(steps.queryByText(/has a token/)).toBeNull();
  });

  test("an agent without a token takes no step", async () => {
    const without = [agent("athena", { kind: "managed", token_tail: null })];
    await open("#/hall", new FakePlatform({ ...fresh, agents: without }));
    const steps = within(await screen.findByRole("region", { name: /Three steps/ }));
    steps.getByRole("button", { name: "Mint an agent" });
    expect(steps.queryByText(/has a token/)).toBeNull();
  });

  test("says of a round that Husting's own end broke off that it did, what was kept and what a retry asks", async () => {
    const failures = [{ model: "gpt-5.4", purpose: "react" as const, error_code: "stream_interrupted" as const, closed: true, unreadable: false, page: false, spent: null }];
    await open("#/hall", new FakePlatform({ ...snapshot, sessions: [summary("s-broken", "Which bridge?", { degraded: true, failures })] }));
    const row = within(await screen.findByRole("region", { name: /^Needs you/ })).getByText(/^Husting ended while it ran:/).closest("li")!;
    expect(row.textContent?.replace(/\s+/g, " ")).toContain("GPT-5.4’s reaction: Husting ended. What was said is kept. Retry asks again only for what is missing.");
    within(row).getByRole("button", { name: "Retry" });
  });

  test("how long each waits stands with what can be done about it, away from its sentence", async () => {
    await open("#/hall", new FakePlatform({ ...snapshot, denials: { denials: [denial()] } }));
    const waits = await screen.findByRole("region", { name: /^Needs you/ });
    const ages = [...waits.querySelectorAll("li .age")];
    expect(ages.length, "a denial and a session").toBe(2);
    for (const age of ages) expect([age.nextElementSibling?.className, age.parentElement?.className].map((all) => all?.split(" ")[0])).toEqual(["acts", "end"]);
  });

  test("has no retry for seats that nobody can pay now, and says why", async () => {
    const failures = [{ model: "gpt-5.4", purpose: "respond" as const, error_code: "rate_limit" as const, closed: false, unreadable: false, page: false, spent: null }];
    const sessions = [summary("s-broken", "Which bridge?", { degraded: true, answered: 2, failures })];
    const retryOf = async (balance: number, held = sessions) => {
      cleanup();
      await open("#/hall", new FakePlatform({ ...snapshot, sessions: held, wallet: { ...snapshot.wallet, balance } }));
      return within(await screen.findByRole("region", { name: /^Needs you/ })).getByRole<HTMLButtonElement>("button", { name: "Retry" });
    };
    const off = await retryOf(0);
    screen.getByText(/What was answered is kept; the session says who is missing\. Too little of the limit is left: raise it, then retry\.$/);
    expect([off.disabled, off.title]).toEqual([true, "Too little of the limit is left: raise it, then retry."]);
    const on = await retryOf(1_000_000);
    expect([on.disabled, on.title], "and whom it asks").toEqual([false, "Asks 1 seat to answer again, then whoever has answered to react to what they have not seen yet."]);
    const [paid] = failures;
    const two = [paid!, { ...paid!, model: "openrouter/qwen-3.6-plus" }];
    for (const [left, isOff] of [[99_999, true], [100_000, false]] as const) {
      expect((await retryOf(left + snapshot.wallet.held, [summary("s-broken", "Which bridge?", { degraded: true, answered: 1, failures: two })])).disabled, `two seats, ${left} left`).toBe(isOff);
    }
    const free = { ...paid!, model: rehearsalModels[0]!.id };
    for (const asked of [[paid!, free], [free]]) {
      expect((await retryOf(0, [summary("s-broken", "Which bridge?", { degraded: true, answered: 2, failures: asked })])).disabled, "somebody costs nothing").toBe(false);
    }
    expect((await retryOf(0, [summary("s-broken", "Which bridge?", { status: "failed", degraded: true, answered: 0, failures: [] })])).disabled, "nobody is known to be asked").toBe(false);
    await retryOf(0, [summary("s-broken", "Which bridge?", { degraded: true, answered: 2, failures: [{ ...paid!, closed: true }] })]);
    screen.getByText(/What was said is kept\. Too little of the limit is left: raise it, then retry\.$/);
    expect(screen.queryByText(/Retry asks again/)).toBeNull();
  });

  test("has no retry for a seat whose model was removed, and says what brings it back", async () => {
    const failures = [{ model: "gpt-5.4", purpose: "respond" as const, error_code: "rate_limit" as const, closed: false, unreadable: false, page: false, spent: null }];
    const without = snapshot.models.models.filter(({ id }) => id !== "gpt-5.4");
    await open("#/hall", new FakePlatform({ ...snapshot, models: { ...snapshot.models, models: without }, sessions: [summary("s-broken", "Which bridge?", { degraded: true, answered: 2, failures })] }));
    const retry = within(await screen.findByRole("region", { name: /^Needs you/ })).getByRole<HTMLButtonElement>("button", { name: "Retry" });
    expect([retry.disabled, retry.title]).toEqual([true, expect.stringContaining("is no longer on the list of models: put it back in Settings, then retry.")]);
    expect(retry.closest("li")!.textContent).toContain("put it back in Settings, then retry.");
  });

  test("leads from a reason in a word or three to what the provider said", async () => {
    const failures = [{ model: "gpt-5.4", purpose: "respond" as const, error_code: "max_retries_exceeded" as const, closed: false, unreadable: false, page: false, spent: null }];
    await open("#/hall", new FakePlatform({ ...snapshot, sessions: [summary("s-broken", "Which bridge?", { degraded: true, answered: 2, failures })] }));
    const why = within(await screen.findByRole("region", { name: /^Needs you/ })).getByRole<HTMLAnchorElement>("link", { name: "See why" });
    expect(why.parentElement!.textContent?.replace(/\s+/g, " ")).toMatch(/^GPT-5\.4: each try failed\. See why\. /);
    expect(why.hash).toBe("#/deliberations/s-broken/live");
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
    expect(charged).toEqual(["$0.004090", "+$1.500000", "+$20.000000", "−$0.300000"]);
    expect([...table.querySelectorAll(".way")].map((word) => [word.textContent, word.parentElement!.classList.contains("what")]), "what was no call is for nothing else").toEqual([["added", true], ["added", true], ["taken off", true]]);
  });

  test("a model has one mark in its session's row, in the ledger, in the hall and in the settings", async () => {
    const seats = [
      { model: "gpt-5.4", display_name: "GPT-5.4", letter: "B", provider: "openai" },
      { model: "openrouter/qwen-3.6-plus", display_name: "GPT-5.4 mini", letter: "A", provider: "openrouter" },
    ];
    const models = snapshot.models.models.map((each) => (each.id === seats[1]!.model ? { ...each, display_name: "GPT-5.4 mini" } : each));
    const here = { ...snapshot, models: { ...snapshot.models, models }, sessions: [summary("s-event", "Event store", { seats })], panel: { ...snapshot.panel, seats: seats.map(({ model }) => model) } };
    const wallet = () => ({ ...walletView, by_model: seats.map(({ model, display_name }) => ({ key: model, label: display_name, amount: 100, calls: 1 })) });
    const letters = (within: Element) => [...within.querySelectorAll(".initial")].map((each) => each.textContent).slice(0, 2);
    await open("#/wallet", new FakePlatform(here, { wallet, ledger: () => ({ rows: ledgerRows(2), more: false }) }));
    const table = await screen.findByRole("table", { name: "Ledger" });
    expect(letters(table)).toEqual(["G4", "Gm"]);
    cleanup();
    await open("#/hall", new FakePlatform(here, { wallet }));
    const today = screen.getByRole("complementary", { name: "Today" });
    await waitFor(() => expect(letters(today)).toEqual(["G4", "Gm"]));
    cleanup();
    const live = liveRound();
    const answers = [...live.answers].reverse();
    await open("#/hall", new FakePlatform({ ...here, sessions: [], running: [{ ...live, session_id: "s-unknown", phase: "respond", answers }] }));
    expect(letters(await screen.findByRole("region", { name: "Running" })), "of a session that is not known here").toEqual(["Gm", "G4"]);
    cleanup();
    await open("#/settings/models", new FakePlatform(here));
    const markIn = (name: string) => screen.getByTitle(name).closest(".who")?.querySelector(".initial")?.textContent;
    await screen.findByTitle("GPT-5.4 mini");
    expect(["GPT-5.4", "GPT-5.4 mini"].map(markIn)).toEqual(["G4", "Gm"]);
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
    const cover = { ...row!, transaction_id: "cover", kind: "call_cover", debit: null, session_id: null, change: 4_090 };
    await open("#/wallet", new FakePlatform({ ...snapshot, wallet }, { wallet: () => ({ ...walletView, summary: wallet }), ledger: () => ({ rows: [row!, cover], more: false }) }));
    await screen.findByText("No limit is set: nothing runs down.");
    expect(screen.queryByRole("img", { name: /^Balance in/ })).toBeNull();
    await screen.findByTitle("What the call costs is added as it is charged: no limit is set, or it was lowered below what was held for the call.");
    expect(document.body.textContent).not.toMatch(/limit changed|by the reset/);
  });

  test("a key found on the machine is used only when its button is pressed, and the limit is asked", async () => {
    const added = { providers: [provider("openai", { kind: "openai" })], offers: [], presets };
    const platform = new FakePlatform(fresh, { add_provider: () => added, set_limit: () => walletView });
    await open("#/hall", platform);
    expect(platform.argsOf("add_provider")).toEqual([]);
    expect((await screen.findByText("OPENAI_API_KEY")).parentElement!.textContent).toBe("OPENAI_API_KEY in the environment, …w4Kp");
    await fireEvent.click(await screen.findByRole("button", { name: "Use this key" }));
    expect(platform.argsOf("add_provider")).toEqual([{ name: "openai", kind: "openai", key_from_env: "OPENAI_API_KEY", add_known_models: true }]);
    const dialog = await screen.findByRole("dialog");
    expect(within(dialog).getByRole<HTMLInputElement>("textbox").value).toBe("$20");
    await fireEvent.click(within(dialog).getByRole("button", { name: "Set the limit" }));
    await waitFor(() => expect(platform.argsOf("set_limit")).toEqual([{ monthly: 20_000_000 }]));
  });

  test("of a provider that does not answer the limit is asked once it does", async () => {
    const tested = (ok: boolean, status: number | null = ok ? 200 : null) => ({ providers: [provider("openai", { kind: "openai", models: 0, last_test: { at: "2026-11-14T10:00:00.000Z", ok, message: ok ? "2 models" : "nobody listens", millis: 4, status } })], offers: [], presets });
    const platform = new FakePlatform(fresh, { add_provider: () => tested(false), test_provider: () => tested(false) });
    await open("#/hall", platform);
    await fireEvent.click(await screen.findByRole("button", { name: "Use this key" }));
    const again = await screen.findByRole("button", { name: "Test" });
    await fireEvent.click(again);
    await waitFor(() => expect(again).toHaveProperty("disabled", false));
    expect(screen.queryByRole("dialog")).toBeNull();
    platform.emit({ type: "providers_changed", providers: tested(false, 401) });
    await waitFor(() => expect(again.isConnected, "another act stands there").toBe(false));
    expect(screen.queryByRole("dialog"), "a key that is refused costs nothing either").toBeNull();
    // Tested wherever it may be: in its row, in a picker of seats, or in another window.
    platform.emit({ type: "providers_changed", providers: tested(true) });
    const asked = await screen.findByRole("dialog", { name: "What may be spent in a month?" });
    await fireEvent.click(within(asked).getByRole("button", { name: "Cancel" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    platform.emit({ type: "providers_changed", providers: tested(true) });
    await tick();
    expect(screen.queryByRole("dialog"), "once").toBeNull();
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
    steps.getByText("1 provider added, none of whose models can be seated");
    expect(steps.queryByText("done"), "no step is taken").toBeNull();
    await fireEvent.click(screen.getByRole("button", { name: "Add a model" }));
    await waitFor(() => expect(platform.argsOf("refresh_models")).toEqual([{ provider: "rack" }]));
    platform.emit({ type: "models_changed", models: { models: [model("rack/a", "A", { provider: "rack" }), ...rehearsalModels], table_as_of: "2026-11-14", table_rows: 31, removed: [] }, panel: fresh.panel });
    await steps.findByText("1 provider added");
    await screen.findByText("rack is connected: 1 of its models is on the list.");
    const test = { at: "2026-11-20T14:00:00Z", ok: false, millis: 40, status: 401, message: "bad key" };
    platform.emit({ type: "providers_changed", providers: { ...added, providers: [provider("rack", { last_test: test, key_readable: true }), provider("shed")] } });
    await steps.findByText("2 providers added, the key of one is refused");
    platform.emit({ type: "providers_changed", providers: { ...added, providers: [provider("rack", { last_test: test, key_readable: true })] } });
    await steps.findByText("1 provider added, its key is refused");
    expect(steps.queryByText("done"), "no real model can be called").toBeNull();
    platform.emit({ type: "providers_changed", providers: { ...added, providers: [provider("rack", { last_test: test, key_readable: false })] } });
    await steps.findByText("1 provider added");
    platform.emit({ type: "providers_changed", providers: { ...added, providers: ["rack", "shed"].map((name) => provider(name, { last_test: test, key_readable: true })).concat(provider("barn")) } });
    await steps.findByText("3 providers added, the keys of 2 are refused");
    const silent = { ...test, status: null };
    platform.emit({ type: "providers_changed", providers: { ...added, providers: [provider("rack", { last_test: test, key_readable: true }), provider("shed", { last_test: silent }), provider("barn")] } });
    await steps.findByText("3 providers added, the key of one is refused, one does not answer");
    steps.getByText("done");
    platform.emit({ type: "providers_changed", providers: { ...added, providers: [provider("shed", { last_test: silent })] } });
    await steps.findByText("1 provider added, it does not answer");
    expect(steps.queryByText("done")).toBeNull();
  });

  test("a model that only lacks its price is told of, and given one where it is told", async () => {
    const lacking = (id: string, name: string) => model(id, name, { price: null, price_source: null, available: false, unavailable_reason: "no_price" });
    const priced = snapshot.models.models.filter((each) => each.unavailable_reason !== "no_price");
    const listing = (...models: ReturnType<typeof lacking>[]) => ({ ...snapshot.models, models: [...priced, ...models] });
    const platform = new FakePlatform({ ...snapshot, models: listing(lacking("rack/a", "Amber 2")) }, { set_price: () => listing() });
    await open("#/hall", platform);
    await screen.findByText("Amber 2 has no price.");
    await fireEvent.click(screen.getByRole("button", { name: "Set a price" }));
    const sheet = within(await screen.findByRole("dialog"));
    await fireEvent.input(await sheet.findByLabelText("In"), { target: { value: "0" } });
    // Somebody else adds one and prices this one: what is typed here stays, and is of this model.
    platform.emit({ type: "models_changed", models: listing(lacking("rack/z", "Zinc")), panel: snapshot.panel });
    await screen.findByText("Zinc has no price.");
    expect(sheet.getByLabelText<HTMLInputElement>("In").value).toBe("0");
    await fireEvent.input(sheet.getByLabelText("Out"), { target: { value: "0" } });
    await fireEvent.click(sheet.getByRole("button", { name: /^Set/ }));
    await waitFor(() => expect(platform.argsOf("set_price")).toEqual([{ id: "rack/a", price: { input: 0, output: 0, cache_read: null, cache_write: null, long: null } }]));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(screen.queryByText(/has no price/)).toBeNull();

    const four = ["a", "b", "c", "d"].map((id) => lacking(`rack/${id}`, id.toUpperCase()));
    platform.emit({ type: "models_changed", models: listing(...four.slice(0, 3)), panel: snapshot.panel });
    await screen.findByText("A, B and C have no price.");
    platform.emit({ type: "models_changed", models: listing(...four), panel: snapshot.panel });
    await screen.findByText("4 models have no price.");
    await fireEvent.click(screen.getByRole("button", { name: "Set prices" }));
    await waitFor(() => expect(location.hash).toBe("#/settings/models"));
  });

  test("a new provider that refuses its key is told as that, and leads to another one", async () => {
    const at = "2026-11-14T09:00:00Z";
    const refused = provider("rack", { models: 0, last_test: { at, millis: 80, ok: false, status: 401, message: "Incorrect API key" } });
    const replaced = provider("rack", { models: 0, last_test: { at, millis: 80, ok: false, status: null, message: "dns error" } });
    const lists = (one: typeof refused) => ({ providers: [one], offers: [], presets });
    const elsewhere = { ...replaced, base_url: "http://127.0.0.1:4999/v1", last_test: null };
    const answered = { ...elsewhere, last_test: { at, millis: 80, ok: true, status: 200, message: null } };
    let tests = 0;
    const platform = new FakePlatform(fresh, { add_provider: () => lists(refused), replace_key: () => lists(replaced), change_address: () => lists(elsewhere), test_provider: () => lists(++tests === 1 ? replaced : answered) });
    await open("#/settings/providers", platform);
    await screen.findByRole("heading", { name: "Settings" });
    await fireEvent.click(await screen.findByRole("button", { name: "Add a provider" }));
    await addRack();
    await screen.findByText("The key of rack was refused.");
    expect(screen.queryByText(/is connected/)).toBeNull();
    const replacing = within(await screen.findByRole("dialog", { name: "Replace the key of rack" }));
    await fireEvent.input(replacing.getByLabelText("Key"), { target: { value: "sk-right" } });
    await fireEvent.click(replacing.getByRole("button", { name: /^Replace/ }));
    await screen.findByText(`rack was added, and nobody answers at ${replaced.base_url}.`);
    screen.getByText(/If the address is wrong, change it/);
    const note = () => within(screen.getByText(/^rack (was|is) /).closest<HTMLElement>("[role=alert]")!);
    await fireEvent.click(note().getByRole("button", { name: "Change the address…" }));
    const moving = within(await screen.findByRole("dialog", { name: "Address of rack" }));
    await fireEvent.input(moving.getByLabelText("Address"), { target: { value: elsewhere.base_url } });
    await fireEvent.click(moving.getByRole("button", { name: /^Change/ }));
    // With another address the test is gone, and made anew.
    await screen.findByText("rack was changed, and has not been tested with that.");
    await screen.findByText("rack is connected, and none of its models is on the list.");
    note().getByText(/^It answers now\. Add those/);
    note().getByRole("button", { name: "Add a model" });
    expect(platform.argsOf("replace_key")).toEqual([{ name: "rack", key: "sk-right" }]);
  });

  test.each([
    ["without its path", 404, "http://127.0.0.1:4010", "rack was added, and there is no list of models at http://127.0.0.1:4010 (404).", /^None of its models is on the list\. Change its address: many end in \/v1\./, ["Change the address…", "Test"]],
    ["of no method", 405, "http://127.0.0.1:4010/v1/", "rack was added, and there is no list of models at http://127.0.0.1:4010/v1/ (405).", /^None of its models is on the list\. Change its address, then test it again/, ["Change the address…", "Test"]],
    ["of a page", 200, "http://127.0.0.1:4010", "rack was added, and there is no list of models at http://127.0.0.1:4010.", /Change its address: many end/, ["Change the address…", "Test"]],
    ["that answers with an error", 503, "http://127.0.0.1:4010/v1", "rack was added, and answered with an error (503).", /^None of its models is on the list\. Test it again; once it answers/, ["Test", "Add a model"]],
  ])("a new provider at an address %s is not told as connected, and what may be spent is asked once it is", async (_, status, base_url, happened, todo, acts) => {
    const at = "2026-11-14T09:00:00Z";
    const failed = provider("rack", { models: 0, base_url, misaddressed: status !== 503, last_test: { at, millis: 80, ok: false, status, message: "no" } });
    const well = { ...failed, misaddressed: false, base_url: "http://127.0.0.1:4010/v1", last_test: { ...failed.last_test!, ok: true, status: 200, message: null } };
    const lists = (one: typeof failed) => ({ providers: [one], offers: [], presets });
    await open("#/settings/providers", new FakePlatform(fresh, { add_provider: () => lists(failed), test_provider: () => lists(well) }));
    await fireEvent.click(await screen.findByRole("button", { name: "Add a provider" }));
    await addRack();
    const note = () => within(screen.getByText(/^rack (was|is) /).closest<HTMLElement>("[role=alert]")!);
    await screen.findByText(happened);
    note().getByText(todo);
    expect(note().getAllByRole("button").map((each) => each.textContent.trim())).toEqual(acts);
    expect([screen.queryByText(/is connected/), screen.queryByRole("dialog", { name: /month/ })]).toEqual([null, null]);
    await fireEvent.click(note().getByRole("button", { name: "Test" }));
    await screen.findByText("rack is connected, and none of its models is on the list.");
    await screen.findByRole("dialog", { name: /month/ });
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

  test("asks for a session in which nobody answered until it is left as it is, and that can be undone", async () => {
    await open("#/hall", new FakePlatform({ ...fresh, sessions: [summary("s-none", "Which depot?", { status: "failed", round_status: "failed", answered: 0 })], session_count: 1, convened: true }));
    const waits = () => screen.queryByRole("heading", { name: "Needs you" })?.closest("section")?.textContent ?? "";
    await waitFor(() => expect(waits()).toContain("Which depot?"));
    await fireEvent.click(screen.getByRole("button", { name: "Leave it" }));
    await waitFor(() => expect(waits()).not.toContain("Which depot?"));
    expect(location.hash, "there is nothing to read").toBe("#/hall");
    await fireEvent.click(screen.getByRole("button", { name: "Undo" }));
    await waitFor(() => expect(waits()).toContain("Which depot?"));
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

test("a wallet out of which more went than it may now says that, and not that nothing is left of what it passed", async () => {
  await open("#/hall", new FakePlatform({ ...snapshot, wallet: { ...snapshot.wallet, limit_used: 17_400, balance: 0, monthly_limit: 10_000 } }));
  within(screen.getByRole("complementary", { name: "Today" })).getByText(/^\$0\.0174 spent this month, more than the limit of \$0\.01, [\w ]+ to the reset$/);
});

describe("what is left, in the hall", () => {
  const hours = (count: number) => new Date(Math.floor(Date.now() / 60_000) * 60_000 + count * 3_600_000).toISOString();

  test.each([
    [1 / 120, "1 min"],
    [1, "1 h"],
    [3 + 1 / 30, "3 h 2 min"],
    [23.5, "23 h 30 min"],
    [24, "24 hours"],
    [24.9, "24 hours"],
    [29, "29 hours"],
    [47, "47 hours"],
    [49, "2 days"],
    [80, "3 days"],
  ])("%d hours before the reset says so", async (count, words) => {
    await open("#/hall", new FakePlatform({ ...snapshot, wallet: { ...snapshot.wallet, resets_at: hours(count) } }));
    within(screen.getByRole("complementary", { name: "Today" })).getByText(new RegExp(`, ${words} to the reset$`));
  });

  test.each([
    [1_421_165, 1_500_000, /^\$1\.42 left of \$1\.50 this month, [\w ]+ to the reset$/],
    [1_418_900, 1_500_000, /^\$1\.41 left of/],
    [6_421_165, 1_500_000, /^\$6\.42 left, [\w ]+ to the reset$/],
    [0, null, /^no limit is set$/],
    [0, 0, /^The month’s limit is \$0 and nothing is topped up: only seats are called that cost nothing/],
    [4_000_000, 0, /^\$4\.00 left, [\w ]+ to the reset$/],
    [0, 1_500_000, /^\$0\.00 left of \$1\.50 this month/, 1_500_000],
  ])("of a balance of %d under a limit of %s", async (balance, monthly_limit, words, limit_used = 78_835) => {
    await open("#/hall", new FakePlatform({ ...snapshot, wallet: { ...snapshot.wallet, balance, monthly_limit, limit_used } }));
    within(screen.getByRole("complementary", { name: "Today" })).getByText(words);
  });
});
