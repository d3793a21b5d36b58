import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
// Read before the clock of the first test runs: the frame would read them inside that.
import "../../src/components/SheetDialog.svelte";
import "../../src/features/settings/Settings.svelte";
import { hasRealSeat } from "../../src/features/settings/models";
import { m } from "../../src/messages";
import type { Console } from "../../src/state/console.svelte";
import { open, press } from "../fixtures/page";
import { FakePlatform } from "../fixtures/platform";
import { snapshot } from "../fixtures/shared";

vi.setConfig({ testTimeout: 30_000 });

beforeEach(() => localStorage.clear());
afterEach(() => {
  cleanup();
  location.hash = "";
});

test("a limit that is used up is told once above the default panel, with what to do", async () => {
  const stopped = snapshot.models.models.map((each) => (each.kind === "rehearsal" ? each : { ...each, available: false, unavailable_reason: "credit_exhausted" as const }));
  const panel = { ...snapshot.panel, seats: [], collapsed_buckets: [0, 1, 2] };
  await open("#/settings/panel", new FakePlatform({ ...snapshot, panel, models: { ...snapshot.models, models: stopped }, wallet: { ...snapshot.wallet, balance: 0, held: 0, limit_used: 1_500_000 } }));
  const section = within(await screen.findByRole("region", { name: "Default panel" }));
  await section.findByText("Your limit of $1.50 is used.");
  expect(section.queryByText(/limit reached|beyond the limit|nobody here can be called/)).toBeNull();
  expect(section.queryByText(/✓ sits now/), "nobody sits").toBeNull();
  await fireEvent.click(section.getByRole("button", { name: "Raise the limit" }));
  await screen.findByRole("dialog", { name: "What may be spent in a month?" });
});

test("the settings say beside a limit that is used up when there is something again", async () => {
  const used = { ...snapshot.wallet, monthly_limit: 2_000_000, balance: 0, held: 0, limit_used: 2_000_000 };
  await open("#/settings/spending", new FakePlatform({ ...snapshot, wallet: used }));
  await screen.findByText(/^Your limit of \$2 is used\. The whole sum is there again on /);
  cleanup();
  await open("#/settings/spending", new FakePlatform());
  await screen.findByText("$1.50");
  expect(screen.queryByText(/^Your limit of/)).toBeNull();
});

test("what a bucket is stands there before there is one, and a third one of two models is told as one to spare", async () => {
  const two = snapshot.models.models.filter(({ kind }) => kind !== "rehearsal").slice(0, 2);
  const ids = two.map(({ id }) => id);
  const opened = async (panel: Partial<typeof snapshot.panel>) => {
    cleanup();
    await open("#/settings/panel", new FakePlatform({ ...snapshot, models: { ...snapshot.models, models: two }, panel: { ...snapshot.panel, ...panel } }));
    return within(await screen.findByRole("region", { name: "Default panel" }));
  };
  const none = await opened({ buckets: [], seats: [], collapsed_buckets: [], rehearsal: true });
  none.getByText("In no bucket");
  none.getByText(/^A bucket is a list of models\. A seat is taken from each/);
  const three = await opened({ buckets: [ids, ids, ids], seats: ids, collapsed_buckets: [2], rehearsal: false });
  const spare = within(three.getByRole("listitem", { name: "Bucket 3" })).getByText("to spare: its models sit above already");
  expect(spare.classList).not.toContain("amiss");
  three.getByText(/✓ sits now\.$/);
});

test("whose buckets they are is told; Husting's own choice can be taken back whole, and what was added to it since stays", async () => {
  const [mine, own] = [[["gpt-5.4"], ["gemini-3-pro"]], [["claude-opus-4-7"], ["gpt-5.4"]]];
  const answer = (buckets: string[][], chosen: boolean) => ({ ...snapshot.panel, buckets, chosen });
  const platform = new FakePlatform({ ...snapshot, panel: answer(mine, true) }, { set_default_panel: ({ buckets }) => (buckets.length ? answer(buckets, true) : answer(own, false)) });
  await open("#/settings/panel", platform);
  const section = within(await screen.findByRole("region", { name: "Default panel" }));
  const leave = () => fireEvent.click(section.getByRole("button", { name: "Let Husting choose the buckets" }));
  const undo = async () => fireEvent.click(await screen.findByRole("button", { name: /^Undo/ }));
  const asked = () => platform.argsOf("set_default_panel").map(({ buckets }) => buckets);
  expect(section.queryByText(/^Husting chooses these buckets/)).toBeNull();
  await leave();
  await section.findByText(/^Husting chooses these buckets/);
  expect(section.queryByRole("button", { name: "Let Husting choose the buckets" }), "it does so already").toBeNull();
  await undo();
  await waitFor(() => expect(asked()).toEqual([[], mine]));
  await waitFor(leave);
  await waitFor(() => expect(asked()).toHaveLength(3));
  await fireEvent.click(await section.findByRole("button", { name: "Remove bucket 1" }));
  await waitFor(() => expect(asked().at(-1)).toEqual([["gpt-5.4"]]));
});

test("a section that is chosen in the list by keys is gone on in", async () => {
  await open("#/settings/providers", new FakePlatform(snapshot));
  const link = within(await screen.findByRole("navigation", { name: "Sections" })).getByRole("link", { name: "Backup" });
  link.focus();
  location.hash = link.getAttribute("href") ?? "";
  await waitFor(() => expect(document.activeElement?.id).toBe("settings-backup"));
});

test("a default panel that waits for keys says that once, and of no bucket that the panel is full", async () => {
  const locked = snapshot.models.models.map((each) => (each.kind === "rehearsal" ? each : { ...each, available: false, unavailable_reason: "no_key" as const }));
  const panel = { ...snapshot.panel, seats: [], waits_for_keys: true };
  await open("#/settings/panel", new FakePlatform({ ...snapshot, panel, models: { ...snapshot.models, models: locked } }));
  const section = within(await screen.findByRole("region", { name: "Default panel" }));
  await section.findByText(m.settings.panel.waits);
  expect(section.queryByText(m.settings.panel.rehearsal)).toBeNull();
  expect(section.queryByText(m.settings.panel.over(0))).toBeNull();
});

test("over locked keys a model whose key is kept waits for them, and lacks none", async () => {
  const shut = snapshot.models.models.map((each) => (each.kind === "rehearsal" ? each : { ...each, available: false, unavailable_reason: "no_key" as const }));
  const locked = { ...snapshot, models: { ...snapshot.models, models: shut }, panel: { ...snapshot.panel, seats: [], waits_for_keys: true }, secrets: { state: "locked" as const, path: "/home/x/secrets.sealed", system_words: null } };
  await open("#/settings/panel", new FakePlatform(locked as unknown as typeof snapshot));
  const section = within(await screen.findByRole("region", { name: "Default panel" }));
  expect((await section.findAllByText("key locked")).length).toBeGreaterThan(0);
  cleanup();
  localStorage.setItem("husting.first-run", "open");
  await open("#/hall", new FakePlatform({ ...locked, convened: true } as unknown as typeof snapshot));
  await screen.findByRole("heading", { name: "Hall" });
  expect(screen.queryByText(/none of whose models can be seated/), "a step that was taken is not taken back").toBeNull();
});

test.each([
  ["whose key is refused", 401, "key refused"],
  ["whose provider did not answer", null, "did not answer"],
])("a model %s says so among the seats and in the default panel, whatever else it lacks", async (_, status, told) => {
  const test = { at: "2026-11-20T14:00:00Z", ok: false, millis: 40, status, message: "no" };
  const [first] = snapshot.models.models.filter(({ kind }) => kind !== "rehearsal");
  const providers = { ...snapshot.providers, providers: snapshot.providers.providers.map((each) => (each.name === first!.provider ? { ...each, key_readable: true, last_test: test } : each)) };
  const limited = snapshot.models.models.map((each) => (each.id === first!.id ? { ...each, available: false, unavailable_reason: "credit_exhausted" as const } : each));
  for (const models of [snapshot.models.models, limited]) {
    await open("#/settings/panel", new FakePlatform({ ...snapshot, providers, models: { ...snapshot.models, models } }));
    const section = within(await screen.findByRole("region", { name: "Default panel" }));
    const chip = (await section.findByText(first!.id)).closest("li")!;
    expect(chip.querySelector(".tiny")?.textContent).toBe(told);
    cleanup();
  }
  await open("#/deliberations/new", new FakePlatform({ ...snapshot, providers, models: { ...snapshot.models, models: limited } }));
  const row = (await screen.findAllByText(first!.display_name)).map((each) => each.closest("tr")).find(Boolean)!;
  expect(row.textContent).toContain(`Beyond the limit, ${told}`);
});

test("that nothing answers is told once, by what keeps the model away or by the last test", async () => {
  const test = { at: "2026-11-20T14:00:00Z", ok: false, millis: 40, status: null, message: "no" };
  const [first] = snapshot.models.models.filter(({ kind }) => kind !== "rehearsal");
  const providers = { ...snapshot.providers, providers: snapshot.providers.providers.map((each) => (each.name === first!.provider ? { ...each, last_test: test } : each)) };
  const models = snapshot.models.models.map((each) => (each.id === first!.id ? { ...each, available: false, unavailable_reason: "unreachable" as const } : each));
  await open("#/settings/panel", new FakePlatform({ ...snapshot, providers, models: { ...snapshot.models, models } }));
  const section = within(await screen.findByRole("region", { name: "Default panel" }));
  const chip = (await section.findByText(first!.id)).closest("li")!;
  expect(chip.querySelector(".tiny")?.textContent).toBe("does not answer");
});

test("a key that was kept and is not there any more is told as that, as among the seats, and opens no seat", async () => {
  const gone = snapshot.models.models.map((each) => (each.kind === "rehearsal" ? each : { ...each, available: false, unavailable_reason: "no_key" as const }));
  const without = { ...snapshot, models: { ...snapshot.models, models: gone }, panel: { ...snapshot.panel, seats: [] }, secrets: { state: "ready" as const, kept_in: "keyring" as const } };
  await open("#/settings/panel", new FakePlatform(without as unknown as typeof snapshot));
  const section = within(await screen.findByRole("region", { name: "Default panel" }));
  expect((await section.findAllByText("key not there")).length).toBeGreaterThan(0);
  const seated = (secrets: object) => hasRealSeat({ shared: { ...without, secrets } } as unknown as Console);
  expect([seated(without.secrets), seated({ state: "locked" }), seated({ state: "needs_choice" })], "one that is locked comes back").toEqual([false, true, true]);
});

test("what may be spent in a day is read and written in dollars", async () => {
  const platform = new FakePlatform({ ...snapshot, settings: { ...snapshot.settings, agents_cents_per_day: 50 } });
  await open("#/settings/limits", platform);
  const field = await screen.findByRole<HTMLInputElement>("textbox", { name: "Daily spending" });
  expect(field.value).toBe("$0.50");
  const leave = async (value: string) => {
    field.focus();
    await fireEvent.input(field, { target: { value } });
    field.blur();
  };
  await leave("0.005");
  await screen.findByText("From $0 to $10,000, in dollars and whole cents.");
  await leave("99999999999");
  await screen.findByText("That is too much: at most $10,000.");
  await leave("$2.25");
  await waitFor(() => expect(platform.argsOf("edit_settings")).toEqual([{ agents_cents_per_day: 225 }]));
});

test("a path can be broken behind its slashes", async () => {
  await open("#/settings/about", new FakePlatform());
  const folder = (await screen.findByText("Data folder")).nextElementSibling!;
  expect(folder.textContent?.trim()).toBe(snapshot.home);
  expect(folder.querySelectorAll("wbr")).toHaveLength(snapshot.home.split("/").length);
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

test("what was looked at has the console's own names, and what wants something leads to where that is done", async () => {
  const found = (subject: string, part = {}) => ({ subject, ok: true, untested: false, waits: false, message: `of ${subject}`, ...part });
  const findings = [found("home", { ok: false }), found("store"), found("wallet", { ok: false }), found("provider openai", { ok: false }), found("models", { waits: true }), found("discord", { waits: true }), found("audit log", { ok: false }), found("port")];
  await open("#/settings/doctor", new FakePlatform(snapshot, { doctor: () => ({ findings }) }));
  await fireEvent.click(await screen.findByRole("button", { name: "Look now" }));
  await screen.findByText("of store");
  const rows = [...document.querySelectorAll("#settings-doctor li")].map((row) => [row.querySelector("b")?.textContent, row.querySelector("a")?.textContent, row.querySelector("a")?.getAttribute("href")]);
  expect(rows).toEqual([
    ["Data folder", undefined, undefined],
    ["Store", undefined, undefined],
    ["Wallet", "Wallet", "#/wallet"],
    ["Provider OpenAI", "Providers and keys", "#/settings/providers"],
    ["Models", "Models and prices", "#/settings/models"],
    ["Discord", "Discord", "#/discord"],
    ["Audit log", "Audit log", "#/settings/audit"],
    ["port", undefined, undefined],
  ]);
});

test("what waits for the operator is not told as in order, and no command is told beside it", async () => {
  const findings = [{ subject: "discord", ok: true, untested: false, waits: true, message: "carries messages; 1 message waits for you", command: "`husting discord status` says which" }];
  await open("#/settings/doctor", new FakePlatform(snapshot, { doctor: () => ({ findings }) }));
  await fireEvent.click(await screen.findByRole("button", { name: "Look now" }));
  await screen.findByText("carries messages; 1 message waits for you");
  screen.getByRole("img", { name: "waits for you" });
  expect(screen.queryByText(/husting discord status/)).toBeNull();
});

test("what diagnostics find comes into sight under its head, each time anew, and stays there until somebody moves", async () => {
  const told = new Set<(changed: ResizeObserverEntry[]) => void>();
  vi.stubGlobal("ResizeObserver", class {
    constructor(private readonly tell: (changed: ResizeObserverEntry[]) => void) {
      told.add(tell);
    }
    observe() {}
    unobserve() {}
    disconnect() {
      told.delete(this.tell);
    }
  });
  // jsdom lays nothing out.
  const frameOf = vi.spyOn(HTMLElement.prototype, "offsetParent", "get").mockImplementation(function (this: HTMLElement) {
    return this.closest(".page");
  });
  const topOf = vi.spyOn(HTMLElement.prototype, "offsetTop", "get").mockReturnValue(420);
  const findings = [{ subject: "home", ok: true, untested: false, waits: false, message: snapshot.home }];
  await open("#/settings/look", new FakePlatform(snapshot, { doctor: () => ({ findings }) }));
  await screen.findByText(/^Not looked at yet\. The report, /);
  const act = screen.getByRole("button", { name: "Look now" });
  const frame = act.closest(".page")!;
  for (let time = 0; time < 2; time += 1) {
    await fireEvent.pointerDown(act);
    frame.scrollTop = 900;
    await fireEvent.click(act);
    await waitFor(() => expect(document.querySelector("#settings-doctor li .path")?.textContent, "as it is written elsewhere").toBe(snapshot.home));
    expect(frame.scrollTop).toBe(420);
    frame.scrollTop = 700;
    told.forEach((tell) => tell([]));
    expect(frame.scrollTop, "the window has another size").toBe(420);
  }
  await fireEvent.wheel(frame);
  frame.scrollTop = 700;
  told.forEach((tell) => tell([]));
  expect(frame.scrollTop).toBe(700);
  [frameOf, topOf].forEach((each) => each.mockRestore());
  vi.unstubAllGlobals();
});

test("a command is broken between its words, and never within a flag", async () => {
  const findings = [{ subject: "discord", ok: false, untested: false, waits: false, message: "Give it with `husting discord bot --token-stdin`." }];
  await open("#/settings/doctor", new FakePlatform(snapshot, { doctor: () => ({ findings }) }));
  await fireEvent.click(await screen.findByRole("button", { name: "Look now" }));
  await screen.findByText(/^Give it with/);
  const code = document.querySelector("#settings-doctor code")!;
  expect([code.textContent, code.querySelector(".flag")?.textContent]).toEqual(["husting discord bot --token-stdin", "--token-stdin"]);
});
