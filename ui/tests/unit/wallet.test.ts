import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { tick } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
// Read before the clock of the first test runs: the frame would read them inside that.
import "../../src/components/SheetDialog.svelte";
import { RpcError } from "../../src/platform";
import { open, press } from "../fixtures/page";
import { FakePlatform } from "../fixtures/platform";
import { fresh, snapshot, walletSummary } from "../fixtures/shared";
import { undoLine } from "../../src/state/undo.svelte";
import { ledgerRows, walletView } from "../fixtures/wallet";

vi.setConfig({ testTimeout: 30_000 });

/** Where each seat that can be taken costs something: one without a price and a server that is away are none. */
function noneFree(part: { balance: number; held?: number; monthly_limit: number; limit_used: number }) {
  const summary = { ...walletSummary, held: 0, ...part };
  return new FakePlatform({ ...snapshot, wallet: summary }, { wallet: () => ({ ...walletView, summary }) });
}

/** Where a local model is there, which costs nothing. */
const oneFree = {
  ...snapshot,
  models: { ...snapshot.models, models: snapshot.models.models.map((each) => (each.unavailable_reason === "unreachable" ? { ...each, available: true, unavailable_reason: null } : each)) },
};

beforeEach(() => localStorage.clear());
afterEach(() => {
  cleanup();
  location.hash = "";
});

test("the wallet of a person with own keys speaks of their limit, and of no bucket they have not", async () => {
  await open("#/wallet", new FakePlatform());
  await screen.findByRole("region", { name: "Monthly spending limit" });
  expect(screen.queryByRole("region", { name: "Subscription" })).toBeNull();
  expect(document.body.textContent).not.toMatch(/subscription|drained/);
  screen.getByText("paid by your own keys");
  cleanup();
  await open("#/wallet", new FakePlatform(fresh, { wallet: () => walletView }));
  await screen.findByRole("region", { name: "Monthly spending limit" });
  screen.getByText("no key yet");
  expect(screen.queryByText("paid by your own keys")).toBeNull();
  cleanup();
  const buckets = walletView.buckets.map((bucket) => ({ ...bucket, used: true }));
  await open("#/wallet", new FakePlatform(snapshot, { wallet: () => ({ ...walletView, buckets }) }));
  await screen.findByText("drained first: the monthly limit, then subscription, then refill");
});

test("a limit that nobody chose is said to hold until one does, in the wallet and where it is asked for", async () => {
  const summary = { ...walletSummary, limit_chosen: false };
  await open("#/wallet", new FakePlatform({ ...snapshot, wallet: summary }, { wallet: () => ({ ...walletView, summary }) }));
  const words = "$1.50 a month holds until you choose a limit.";
  const line = await screen.findByText(words);
  await fireEvent.click(within(line).getByRole("button", { name: "Choose one" }));
  within(await screen.findByRole("dialog", { name: "What may be spent in a month?" })).getByText(words);
  cleanup();
  await open("#/wallet", new FakePlatform());
  await screen.findByRole("region", { name: "Monthly spending limit" });
  expect(screen.queryByText(words)).toBeNull();
});

test("to take back is offered where something can be, and says from afar what would be", async () => {
  const platform = new FakePlatform(snapshot, { wallet: () => ({ ...walletView, returnable: 0 }) });
  await open("#/wallet", platform);
  await screen.findByRole("region", { name: "Monthly spending limit" });
  const found = async () => {
    await press("k", { ctrlKey: true });
    await fireEvent.input(await screen.findByRole("combobox", { name: "Go to, or do" }), { target: { value: "take back" } });
    return screen.queryAllByRole("option").filter((each) => each.querySelector(".label")!.textContent === "Take back");
  };
  expect(await found()).toEqual([]);
  await press("Escape");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  location.hash = "#/hall";
  await screen.findByRole("heading", { name: "Hall", level: 1 });
  await fireEvent.click((await found())[0]!);
  const sheet = within(await screen.findByRole("dialog", { name: "Take back what was added" }));
  sheet.getByText(/^Nothing can be taken back now: that can only be what was added/);
  expect(sheet.queryByRole("textbox")).toBeNull();
});

test("a bucket's bar has what is held beside what is free, and not in it", async () => {
  await open("#/wallet", new FakePlatform());
  await screen.findByRole("img", { name: /: \$1\.37\S* free, \$0\.04\S* held, of \$1\.50$/ });
});

test("the wallet fades where it goes on below", async () => {
  await open("#/wallet", new FakePlatform());
  const box = (await screen.findByRole("region", { name: "Monthly spending limit" })).closest<HTMLElement>(".screen")!;
  Object.defineProperty(box, "scrollHeight", { value: 900 });
  await fireEvent.scroll(box);
  expect(box.dataset.more).toBe("below");
});

test("what a booking was for is told whole where its column cuts it, with its round", async () => {
  await open("#/wallet", new FakePlatform());
  const ledger = within(await screen.findByRole("table", { name: "Ledger" }));
  await waitFor(() => expect(ledger.getAllByRole("cell").map((cell) => cell.title)).toContain("Should we use Postgres or MongoDB for an event store?, round 2"));
});

test("a booking of a deleted deliberation names no round, which is not known any more", async () => {
  const [row] = ledgerRows(1);
  const gone = { ...row!, session_title: null, round_index: null };
  await open("#/wallet", new FakePlatform(snapshot, { ledger: () => ({ rows: [gone], more: false }) }));
  const ledger = within(await screen.findByRole("table", { name: "Ledger" }));
  const told = await ledger.findByText("deleted session");
  expect(told.closest<HTMLElement>("[role=cell]")).toMatchObject({ title: "deleted session", textContent: "deleted session " });
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

test("a limit of nothing says what it does before it is set, and has no sum to be left of", async () => {
  const summary = { ...walletSummary, balance: 0, held: 0, monthly_limit: 0 };
  const buckets = walletView.buckets.map((bucket) => (bucket.account === "free" ? { ...bucket, balance: 0, held: 0, full: 0 } : bucket));
  await open("#/wallet", new FakePlatform({ ...snapshot, wallet: summary }, { wallet: () => ({ ...walletView, summary, buckets }) }));
  const bucket = await screen.findByRole("region", { name: "Monthly spending limit" });
  expect(bucket.textContent).toContain("nothing may be spent");
  expect(bucket.textContent).not.toMatch(/left of|resets/);
  await fireEvent.click(within(bucket).getByRole("button", { name: "Change the limit" }));
  const dialog = within(await screen.findByRole("dialog", { name: "What may be spent in a month?" }));
  const said = () => dialog.queryByRole("status")?.textContent;
  await fireEvent.input(dialog.getByRole("textbox"), { target: { value: "20" } });
  expect(said()).toBeUndefined();
  await fireEvent.input(dialog.getByRole("textbox"), { target: { value: "0" } });
  expect(said()).toMatch(/^With \$0 and nothing topped up, only seats are called that cost nothing/);
});

test.each([
  { balance: 0, limit: 1_500_000, said: "Your limit of $1.50 is used.", todo: /^The whole sum is there again on 1 December\./ },
  { balance: 30_000, limit: 1_500_000, said: "$0.03 is left of your limit of $1.50, and a seat’s call sets aside $0.05 at least.", todo: /^The whole sum/ },
  { balance: 20_000, limit: 50_000, said: "$0.02 is left of your limit of $0.05, and a seat’s call sets aside $0.05 at least.", todo: /^The whole sum/ },
  { balance: 40_000, limit: 40_000, said: "Your limit of $0.04 is less than the $0.05 that a seat’s call sets aside at least.", todo: /^A limit of \$0\.05 pays for a round of two seats; what is not used is given back\./ },
  { balance: 0, limit: 40_000, used: 125_000, said: "Your limit of $0.04 is used, and a seat’s call sets aside $0.05 at least.", todo: /^A limit of \$0\.18 pays/ },
  { balance: 0, limit: 50_000, said: "Your limit of $0.05 is used.", todo: /^The whole sum/ },
  { balance: 50_000, limit: 50_000, said: null, todo: null },
])("of $balance that are left of $limit micro-dollars the wallet says what keeps a call from beginning, and promises no reset that brings too little", async ({ balance, limit, used = limit - balance, said, todo }) => {
  const summary = { ...walletSummary, balance, held: 0, monthly_limit: limit, limit_used: used };
  await open("#/wallet", new FakePlatform({ ...oneFree, wallet: summary }, { wallet: () => ({ ...walletView, summary }) }));
  await screen.findByRole("region", { name: "Monthly spending limit" });
  if (said === null) return expect(screen.queryByText(/sets aside/)).toBeNull();
  const note = within(screen.getByText(said).closest<HTMLElement>("[role=alert]")!);
  note.getByText(todo);
});

test("where each seat costs something the wallet names what two of them set aside, and no reset that brings less", async () => {
  await open("#/wallet", noneFree({ balance: 20_000, monthly_limit: 60_000, limit_used: 40_000 }));
  const note = within((await screen.findByText("$0.02 is left of your limit of $0.06, and a seat’s call sets aside $0.05 at least.")).closest<HTMLElement>("[role=alert]")!);
  note.getByText(/^A limit of \$0\.14 pays for a round of two seats/);
});

test.each([
  { part: { balance: 90_000, monthly_limit: 1_500_000, limit_used: 1_410_000 }, said: "$0.09 is left of your limit of $1.50, and a round of two seats sets aside $0.10 at least.", todo: /^The whole sum is there again on 1 December\./, begins: "$2" },
  { part: { balance: 50_000, monthly_limit: 1_500_000, limit_used: 1_450_000 }, said: "$0.05 is left of your limit of $1.50, and a round of two seats sets aside $0.10 at least.", todo: /^The whole sum is there again on 1 December\./, begins: "$2" },
  { part: { balance: 90_000, monthly_limit: 90_000, limit_used: 0 }, said: "Your limit of $0.09 is less than the $0.10 that a round of two seats sets aside at least.", todo: /^A limit of \$0\.10 pays for a round of two seats/, begins: "$1" },
  { part: { balance: 100_000, monthly_limit: 100_000, limit_used: 0 }, said: null, todo: null, begins: "$0.10" },
])("a limit of which a call could be paid and no round is told of, and $begins is where its question begins", async ({ part, said, todo, begins }) => {
  await open("#/wallet", noneFree(part));
  await screen.findByRole("region", { name: "Monthly spending limit" });
  if (said === null) expect(screen.queryByText(/sets aside/)).toBeNull();
  else within(screen.getByText(said).closest<HTMLElement>("[role=alert]")!).getByText(todo);
  await fireEvent.click(screen.getByRole("button", { name: "Limit" }));
  const sheet = within(await screen.findByRole("dialog", { name: "What may be spent in a month?" }));
  const field = sheet.getByRole<HTMLInputElement>("textbox");
  expect(field.value).toBe(begins);
  const { limit_used: used } = part;
  const sums = [used + 49_999, used + 50_000, used + 99_999, used + 100_000].map((sum) => (sum / 1e6).toFixed(6));
  const heard: (string | undefined)[] = [];
  for (const value of sums) {
    await fireEvent.input(field, { target: { value } });
    heard.push(/^Below \S+ no (model|round) .* at least (\$0\.\d\d)/.exec(sheet.queryByRole("status")?.textContent ?? "")?.slice(1).join(" "));
  }
  expect(heard).toEqual(["model $0.05", "round $0.10", "round $0.10", undefined]);
});

test("under a limit that was lowered below what is gone the question begins with one that helps, and a bucket is told with no more than it holds", async () => {
  const summary = { ...walletSummary, balance: 0, held: 0, monthly_limit: 5_000_000, limit_used: 12_000_000 };
  const [free, ...others] = walletView.buckets;
  await open("#/wallet", new FakePlatform({ ...snapshot, wallet: summary }, { wallet: () => ({ ...walletView, summary, buckets: [{ ...free!, balance: 1_418_900 }, ...others] }) }));
  const bucket = within(await screen.findByRole("region", { name: "Monthly spending limit" }));
  bucket.getByText("$1.41");
  await fireEvent.click(await screen.findByRole("button", { name: "Raise the limit" }));
  const dialog = within(await screen.findByRole("dialog", { name: "What may be spent in a month?" }));
  expect(dialog.getByRole<HTMLInputElement>("textbox").value).toBe("$15");
});

test.each([
  { used: 17_409, said: "$0.00 left of $0.01, exceeded by $0.0074" },
  { used: 10_000, said: "$0.00 left of $0.01" },
])("of a limit of which $used micro-dollars are gone it is told by how much that is more", async ({ used, said }) => {
  const summary = { ...walletSummary, balance: 0, held: 0, monthly_limit: 10_000, limit_used: used };
  const [free, ...others] = walletView.buckets;
  await open("#/wallet", new FakePlatform({ ...snapshot, wallet: summary }, { wallet: () => ({ ...walletView, summary, buckets: [{ ...free!, balance: 0, held: 0, full: 10_000 }, ...others] }) }));
  const bucket = await screen.findByRole("region", { name: "Monthly spending limit" });
  expect(within(bucket).getByText("$0.00").parentElement!.textContent).toBe(said);
});

test("the wallet says that the limit is used up, and raises it there", async () => {
  const used = { ...walletSummary, balance: 0, held: 0, limit_used: 1_500_000 };
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

test.each([
  ["all of a limit that was lowered", { monthly_limit: 10_000, balance: 0, limit_used: 17_400 }, [["0.01", "Below $0.07 no model that costs money could take a seat: a seat’s call sets aside at least $0.05, and $0.0174 of the month is spent or held."], ["0.06", "Below $0.07 no model"], ["0.0674", null]]],
  ["a limit beside which a top-up was spent", { monthly_limit: 10_000_000, balance: 0, limit_used: 10_000_000, spent_month: 15_000_000 }, [["10.04", "Below $10.05 no model"], ["10.05", null]]],
  ["a limit beside which a top-up is left", { monthly_limit: 10_000_000, balance: 6_000_000, limit_used: 9_000_000, spent_month: 9_000_000 }, [["9.02", null], ["1", null]]],
  ["a top-up that pays one call and no more", { monthly_limit: 10_000_000, balance: 50_000, limit_used: 10_000_000, spent_month: 10_000_000 }, [["1", null]]],
  ["nothing yet", { monthly_limit: 1_500_000, balance: 1_500_000, limit_used: 0, spent_month: 0 }, [["0.04", "Below $0.05 no model that costs money could take a seat: a seat’s call sets aside at least $0.05."], ["0.05", null]]],
  ["what is held", { monthly_limit: 10_000_000, balance: 1_000_000, held: 1_000_000, limit_used: 9_000_000, spent_month: 9_000_000 }, [["10.04", "Below $10.05 no model that costs money could take a seat: a seat’s call sets aside at least $0.05, and $10.00 of"], ["10.05", null]]],
] as const)("a limit that would leave less than any call sets aside says what went of it already: %s", async (_, part, sums) => {
  await open("#/wallet", new FakePlatform({ ...oneFree, wallet: { ...walletSummary, held: 0, ...part } }));
  await screen.findByRole("region", { name: "Monthly spending limit" });
  await fireEvent.click(screen.getByRole("button", { name: "Limit" }));
  const sheet = within(await screen.findByRole("dialog", { name: "What may be spent in a month?" }));
  for (const [sum, begins] of sums) {
    await fireEvent.input(sheet.getByRole("textbox"), { target: { value: sum } });
    const said = sheet.queryByRole("status")?.textContent ?? null;
    if (begins === null) expect(said, sum).toBeNull();
    else expect(said?.startsWith(begins), `${sum}: ${said}`).toBe(true);
  }
});

test("no pace is told once nothing is left that could be spent at it", async () => {
  const at = async (balance: number) => {
    await open("#/wallet", new FakePlatform(snapshot, { wallet: () => ({ ...walletView, summary: { ...walletView.summary, balance } }) }));
    await screen.findByRole("region", { name: "Monthly spending limit" });
    const told = screen.queryByText(/^at this pace .* by the reset$/) !== null;
    cleanup();
    return told;
  };
  expect([await at(1), await at(0)]).toEqual([true, false]);
});

test.each([["Top up", "Top up the wallet", /It is kept as Refill, and spent once the month’s limit is used up\.$/], [/^Auto-refill/, "Auto-refill", /What it adds stands beside the month’s limit, as Refill\.$/]])("what is added is told by where it will stand, before it does: %s", async (act, title, said) => {
  await open("#/wallet", new FakePlatform());
  await screen.findByRole("region", { name: "Monthly spending limit" });
  expect(screen.queryByRole("region", { name: "Refill" })).toBeNull();
  await fireEvent.click(screen.getByRole("button", { name: act }));
  const sheet = await screen.findByRole("dialog", { name: title });
  within(sheet).getByText(said);
  expect(sheet.textContent, "nothing on the page is called that yet").not.toContain("the refill bucket");
});

test.each([["Top up", "Top up the wallet"], ["Change the limit", "What may be spent in a month?"]])("a sum that stands there gives way to what is typed: %s", async (act, title) => {
  await open("#/wallet", new FakePlatform());
  await screen.findByRole("region", { name: "Monthly spending limit" });
  await fireEvent.keyDown(document.body, { key: "k", ctrlKey: true });
  await fireEvent.input(await screen.findByRole("combobox", { name: "Go to, or do" }), { target: { value: act } });
  await fireEvent.click(screen.getAllByRole("option")[0]!);
  const field = within(await screen.findByRole("dialog", { name: title })).getByRole<HTMLInputElement>("textbox");
  await waitFor(() => expect(field.value).not.toBe(""));
  await waitFor(() => expect([document.activeElement, field.selectionStart, field.selectionEnd]).toEqual([field, 0, field.value.length]));
  // What one types oneself is not taken for what stood there.
  await fireEvent(field, new InputEvent("beforeinput", { bubbles: true }));
  await fireEvent.input(field, { target: { value: "7" } });
  field.setSelectionRange(1, 1);
  await tick();
  expect([field.value, field.selectionStart]).toEqual(["7", 1]);
});

test("what was added is taken back at once, or later as far as it is neither spent nor held", async () => {
  const holding = (balance: number, held = 0) => ({
    ...walletView,
    returnable: balance - held,
    buckets: walletView.buckets.map((bucket) => (bucket.account === "refill" ? { ...bucket, balance, held, used: balance > 0 } : bucket)),
  });
  let view = holding(0);
  const platform = new FakePlatform(snapshot, {
    wallet: () => view,
    top_up: () => (view = holding(55_000_000)),
    take_back: (args) => {
      const { amount } = args as { amount: number };
      if (amount === 55_000_000) return (view = holding(0));
      throw new RpcError("invalid_request", "Auto-refill would add it again.");
    },
  });
  await open("#/wallet", platform);
  await screen.findByRole("region", { name: "Monthly spending limit" });
  expect(screen.queryByRole("button", { name: "Take back" }), "nothing was added").toBeNull();
  await fireEvent.click(screen.getByRole("button", { name: "Top up" }));
  const adding = within(await screen.findByRole("dialog", { name: "Top up the wallet" }));
  await fireEvent.input(adding.getByRole("textbox"), { target: { value: "55" } });
  await fireEvent.click(adding.getByRole("button", { name: "Top up" }));
  await screen.findByText("Added $55.");
  await fireEvent.click(screen.getByRole("button", { name: /^Undo/ }));
  await waitFor(() => expect(platform.argsOf("take_back")).toEqual([{ amount: 55_000_000 }]));
  await waitFor(() => expect(screen.queryByRole("region", { name: "Refill" })).toBeNull());

  // Refused, it is told wherever one is by then.
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  await fireEvent.click(screen.getByRole("button", { name: "Top up" }));
  const again = within(await screen.findByRole("dialog", { name: "Top up the wallet" }));
  await fireEvent.input(again.getByRole("textbox"), { target: { value: "7" } });
  await fireEvent.click(again.getByRole("button", { name: "Top up" }));
  await screen.findByText("Added $7.");
  await fireEvent.click(screen.getByRole("link", { name: /^Hall/ }));
  await screen.findByRole("heading", { level: 1, name: "Hall" });
  await fireEvent.click(screen.getByRole("button", { name: /^Undo/ }));
  await screen.findByText("It stays added. Auto-refill would add it again.");

  cleanup();
  location.hash = "";
  view = holding(9_000_000, 1_500_000);
  await open("#/wallet", platform);
  await fireEvent.click(await screen.findByRole("button", { name: "Take back" }));
  const sheet = within(await screen.findByRole("dialog", { name: "Take back what was added" }));
  const field = sheet.getByRole<HTMLInputElement>("textbox");
  await waitFor(() => expect(field.value).toBe("$7.50"));
  const act = sheet.getByRole<HTMLButtonElement>("button", { name: /^Take back/ });
  for (const typed of ["7.500001", "0", "five"]) {
    await fireEvent.input(field, { target: { value: typed } });
    expect(act.disabled, typed).toBe(true);
  }
  await fireEvent.input(field, { target: { value: "7.5" } });
  await fireEvent.click(act);
  await sheet.findByText(/Auto-refill would add it again/);
  expect(platform.argsOf("take_back").at(-1)).toEqual({ amount: 7_500_000 });
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

test("a sum of auto-refill that is too large is told as that", async () => {
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

test("auto-refill is shown as it stands, and keeps what is typed and switched when the wallet is read anew", async () => {
  const auto_refill = { enabled: false, threshold: 0, amount: 0, monthly_ceiling: 0 };
  const platform = new FakePlatform(snapshot, { wallet: () => ({ ...walletView, auto_refill: { ...auto_refill } }), set_auto_refill: () => walletView });
  await open("#/wallet", platform);
  const opener = await screen.findByRole<HTMLButtonElement>("button", { name: /^Auto-refill/ });
  await waitFor(() => expect(opener.disabled).toBe(false));
  await fireEvent.click(opener);
  const sheet = within(await screen.findByRole("dialog", { name: "Auto-refill" }));
  const on = sheet.getByRole("switch");
  expect(on.getAttribute("aria-checked")).toBe("false");
  const [threshold, amount] = sheet.getAllByRole<HTMLInputElement>("textbox");
  expect(threshold!.value).toBe("$0.50");
  await fireEvent.click(on);
  await fireEvent.input(amount!, { target: { value: "7" } });
  const before = platform.argsOf("wallet").length;
  platform.emit({ type: "wallet_changed", wallet: walletSummary });
  await waitFor(() => expect(platform.argsOf("wallet").length).toBeGreaterThan(before));
  await tick();
  expect([on.getAttribute("aria-checked"), amount!.value]).toEqual(["true", "7"]);
  await fireEvent.click(sheet.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(platform.argsOf("set_auto_refill")).toEqual([{ enabled: true, threshold: 500_000, amount: 7_000_000, monthly_ceiling: 20_000_000 }]));
});

test("what new terms of auto-refill add at once is told", async () => {
  let after = { ...walletView, refilled_now: 15_000_000 };
  await open("#/wallet", new FakePlatform(snapshot, { wallet: () => walletView, set_auto_refill: () => after }));
  const opener = await screen.findByRole<HTMLButtonElement>("button", { name: /^Auto-refill/ });
  const save = async () => {
    await waitFor(() => expect(opener.disabled).toBe(false));
    await fireEvent.click(opener);
    await fireEvent.click(within(await screen.findByRole("dialog", { name: "Auto-refill" })).getByRole("button", { name: "Save" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  };
  await save();
  await screen.findByText("Auto-refill added $15 just now.");
  undoLine.turn();
  after = walletView;
  await save();
  expect(screen.queryByText(/just now/), "nothing was added again").toBeNull();
});

test("auto-refill can be opened once the wallet is read, with its own terms", async () => {
  let letIn = () => {};
  const read = new Promise<void>((resolve) => (letIn = resolve));
  const auto_refill = { enabled: true, threshold: 0, amount: 3_000_000, monthly_ceiling: 9_000_000 };
  await open("#/wallet", new FakePlatform(snapshot, { wallet: () => read.then(() => ({ ...walletView, auto_refill })) }));
  const opener = await screen.findByRole<HTMLButtonElement>("button", { name: /^Auto-refill/ });
  expect(opener.disabled).toBe(true);
  letIn();
  await waitFor(() => expect(opener.disabled).toBe(false));
  await fireEvent.click(opener);
  const sheet = within(await screen.findByRole("dialog", { name: "Auto-refill" }));
  expect(sheet.getByRole("switch").getAttribute("aria-checked")).toBe("true");
  expect(sheet.getAllByRole<HTMLInputElement>("textbox").map(({ value }) => value)).toEqual(["$0", "$3", "$9"]);
});

test("a wallet that nothing moves is read once", async () => {
  const platform = new FakePlatform();
  const waits = vi.spyOn(globalThis, "setTimeout");
  await open("#/wallet", platform);
  await screen.findByRole("region", { name: "Monthly spending limit" });
  await tick();
  expect(waits.mock.calls.filter(([, millis]) => millis === 200), "a reading that waits").toEqual([]);
  expect(platform.argsOf("wallet")).toHaveLength(1);
});

test("the wallet says by whom it was spent only where something was", async () => {
  await open("#/wallet", new FakePlatform());
  await screen.findByRole("region", { name: "Spent by" });
  cleanup();
  const untouched = { ...walletView, summary: { ...walletView.summary, balance: 1_500_000, spent_month: 0 }, burn_down: [], calls_month: 0, by_model: [], by_purpose: [], by_session: [], by_agent: [] };
  await open("#/wallet", new FakePlatform(fresh, { wallet: () => untouched, ledger: () => ({ rows: [], more: false }) }));
  await screen.findByText(/^Nothing was spent this month\./);
  expect(screen.queryByRole("img", { name: /^Balance in/ }), "no drawing of nothing").toBeNull();
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

test("auto-refill is told as it stands in plain words, beside an act that says what it does", async () => {
  const buckets = walletView.buckets.map((bucket) => ({ ...bucket, used: true }));
  for (const [enabled, state, act, name] of [
    [false, /^Auto-refill off/, "Turn on…", "Turn on auto-refill"],
    [true, /^below \$1 adds \$5, as often as it takes/, "Change…", "Change auto-refill"],
  ] as const) {
    await open("#/wallet", new FakePlatform(snapshot, { wallet: () => ({ ...walletView, buckets, auto_refill: { enabled, threshold: 1_000_000, amount: 5_000_000, monthly_ceiling: 0 } }) }));
    const bucket = within(await screen.findByRole("region", { name: "Refill" }));
    const told = await bucket.findByText(state);
    expect(told.tagName).toBe("SPAN");
    const link = bucket.getByRole("button", { name });
    expect(link.textContent).toBe(act);
    await fireEvent.click(link);
    await screen.findByRole("dialog", { name: "Auto-refill" });
    cleanup();
  }
});
