import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import App from "../../src/App.svelte";
// Read before the clock of the first test runs: the frame would read them inside that.
import "../../src/components/SheetDialog.svelte";
import "../../src/features/deliberations/Deliberations.svelte";
import "../../src/features/deliberations/NewDeliberation.svelte";
import "../../src/features/frame/PlacesPalette.svelte";
import "../../src/features/settings/Settings.svelte";
import "../../src/features/wallet/Wallet.svelte";
import { RpcError } from "../../src/platform";
import { openOutside } from "../../src/state/refused";
import { Task } from "../../src/state/task.svelte";
import { undoLine } from "../../src/state/undo.svelte";
import Linked from "./Linked.svelte";
import { FakePlatform } from "../fixtures/platform";
import { liveRound } from "../fixtures/rounds";
import { fresh, snapshot, summary } from "../fixtures/shared";
import { walletView } from "../fixtures/wallet";

vi.setConfig({ testTimeout: 30_000 });

type Answers = ConstructorParameters<typeof FakePlatform>[1];

async function open(fragment: string, answers: Answers = {}, from = snapshot): Promise<FakePlatform> {
  const platform = new FakePlatform(from, answers);
  location.hash = fragment;
  dispatchEvent(new HashChangeEvent("hashchange"));
  render(App, { platform });
  await screen.findByRole("navigation", { name: "Places" });
  return platform;
}

const refuse = () => {
  throw new RpcError("internal", "The disk is full. Make room, then try again.");
};

async function choose(typed: string, name: RegExp): Promise<void> {
  await fireEvent.keyDown(document.body, { key: "k", ctrlKey: true });
  const input = await screen.findByRole("combobox", { name: "Go to, or do" });
  await fireEvent.input(input, { target: { value: typed } });
  await fireEvent.click(await screen.findByRole("option", { name }));
  await waitFor(() => expect(screen.queryByRole("combobox", { name: "Go to, or do" })).toBeNull());
}

beforeEach(() => localStorage.clear());
afterEach(() => {
  cleanup();
  undoLine.dismiss();
  undoLine.hush();
  location.hash = "";
});

test.each([
  ["hold all agents", "pause all", /^Pause all agents/, "The agents are not paused."],
  ["activate an agent", "activate athena", /^Activate athena/, "athena was not activated."],
  ["change the theme", "dark", /^Switch between dark and light/, "Nothing was changed."],
])("what refuses to %s is said at the foot of the screen", async (_, typed, name, happened) => {
  await open("#/hall", { set_pause: refuse, activate_agent: refuse, edit_settings: refuse });
  await choose(typed, name);
  const told = await screen.findByText(`${happened} The disk is full. Make room, then try again.`);
  expect(told.querySelector("code")?.textContent).toBe("internal");
  expect(location.hash).toBe("#/hall");
});

test("a round that is not cancelled says so in its row", async () => {
  await open("#/hall", { cancel_round: refuse }, { ...snapshot, running: [liveRound()] });
  const running = within(await screen.findByRole("region", { name: "Running" }));
  await fireEvent.click(running.getByRole("button", { name: /^Cancel/ }));
  expect((await running.findByRole("alert")).textContent).toContain("The round was not cancelled.");
});

test("of several rounds the one that has the focus is cancelled by keys, a single one always", async () => {
  const rounds = ["one", "two"].map((id) => ({ ...liveRound(), round_id: `r-${id}`, session_id: `s-${id}` }));
  const sessions = ["one", "two"].map((id) => summary(`s-${id}`, `Question ${id}`, { status: "streaming", round_status: "in_progress" }));
  const press = () => fireEvent.keyDown(document.activeElement ?? document.body, { key: ".", ctrlKey: true });
  const platform = await open("#/hall", { cancel_round: () => ({}) }, { ...snapshot, sessions, running: rounds });
  const running = within(await screen.findByRole("region", { name: "Running" }));
  const caps = () => running.getAllByRole("button", { name: /^Cancel/ }).map((each) => each.querySelector("kbd") !== null);
  await press();
  expect([platform.argsOf("cancel_round"), caps()]).toEqual([[], [false, false]]);
  const second = running.getByRole("link", { name: "Question two" });
  second.focus();
  await waitFor(() => expect(caps().filter(Boolean)).toHaveLength(1));
  await press();
  expect(platform.argsOf("cancel_round")).toEqual([{ session_id: "s-two" }]);
  second.blur();
  await waitFor(() => expect(caps()).toEqual([false, false]));
  platform.emit({ type: "round_changed", round: { ...rounds[1]!, status: "complete" } });
  await waitFor(() => expect(caps()).toEqual([true]));
  await press();
  expect(platform.argsOf("cancel_round").at(-1)).toEqual({ session_id: "s-one" });
});

test("a seat that is not made available says why, under the seats", async () => {
  const models = { ...snapshot.models, models: snapshot.models.models.map((each) => (each.id === "gpt-5.4" ? { ...each, enabled: false, available: false, unavailable_reason: "disabled" as const } : each)) };
  await open("#/deliberations/new", { edit_model: refuse }, { ...snapshot, models });
  const seats = within(await screen.findByRole("region", { name: /^Seats/ }));
  const row = seats.getByText("GPT-5.4").closest("tr")!;
  await fireEvent.click(within(row).getByRole("button"));
  expect((await seats.findByRole("alert")).textContent).toContain("The disk is full.");
});

test("a link that nothing opens stays on the screen to be copied", async () => {
  const platform = new FakePlatform();
  platform.openExternal = () => Promise.reject(new Error("There is no browser."));
  render(Linked, { platform, source: "[the map](https://maps.test/depot)" });
  await fireEvent.click(screen.getByRole("link", { name: /the map/ }));
  const dialog = within(await screen.findByRole("dialog", { name: "Open maps.test?" }));
  await fireEvent.click(dialog.getByRole("button", { name: "Open" }));
  expect((await dialog.findByRole("alert")).textContent).toMatch(/It was not opened\. Copy the address into your browser instead\.\s+There is no browser\./);
  dialog.getByText("https://maps.test/depot");
});

test("what else leads outside is told with its address where nothing opens it", async () => {
  const platform = new FakePlatform();
  platform.openExternal = () => Promise.reject(new Error("There is no browser."));
  await openOutside(platform, "https://discord.test/invite");
  expect(undoLine.told).toBe("https://discord.test/invite was not opened. Copy the address into your browser instead. There is no browser.");
});

test("what is forgotten while it runs tells nothing of how it failed", async () => {
  const task = new Task();
  let fail!: (fault: Error) => void;
  const running = task.run(() => new Promise((_, failed) => (fail = failed)));
  task.forget();
  fail(new RpcError("internal", "Too late."));
  expect([await running, task.error]).toEqual([undefined, null]);
});

const alert = () => within(screen.getByRole("dialog")).queryByRole("alert");
const cancel = () => fireEvent.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Cancel" }));
const gone = () => waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());

async function actOn(title: string, act: string): Promise<void> {
  await choose(`${act} ${title}`, new RegExp(`^${act}.*${title}`));
  await screen.findByRole("dialog");
}

test("why one session was not renamed or deleted is not told of the next", async () => {
  await open("#/deliberations", { edit_session: refuse, delete_session: refuse });
  const [one, other] = snapshot.sessions.map(({ title }) => title) as [string, string];
  await actOn(one, "Rename and tag");
  await fireEvent.input(within(screen.getByRole("dialog")).getByRole("textbox", { name: "Title" }), { target: { value: "Another" } });
  await fireEvent.click(within(screen.getByRole("dialog")).getByRole("button", { name: /^Save/ }));
  await waitFor(() => expect(alert()).not.toBeNull());
  await cancel();
  await gone();
  await actOn(other, "Rename and tag");
  expect(alert()).toBeNull();
  await cancel();
  await gone();

  await actOn(one, "Delete");
  const field = within(screen.getByRole("dialog")).getByRole("textbox");
  await fireEvent.input(field, { target: { value: "delete" } });
  await fireEvent.keyDown(field, { key: "Enter" });
  await waitFor(() => expect(alert()).not.toBeNull());
  await cancel();
  await gone();
  await actOn(other, "Delete");
  expect(alert()).toBeNull();
});

test("what refused to add money is not told when it is asked for again", async () => {
  await open("#/wallet", { wallet: () => walletView, top_up: refuse });
  const ask = async () => fireEvent.click(await screen.findByRole("button", { name: /^Top up/ }));
  await ask();
  await fireEvent.click(within(await screen.findByRole("dialog")).getByRole("button", { name: /^(Add|Top)/ }));
  await waitFor(() => expect(alert()).not.toBeNull());
  await cancel();
  await gone();
  await ask();
  await screen.findByRole("dialog");
  expect(alert()).toBeNull();
});

test("a model is put back as it was, by the line at the foot and by the list of those taken off", async () => {
  const [gone] = snapshot.models.models.filter(({ id }) => id === "gpt-5.4");
  const off = { ...snapshot.models, models: snapshot.models.models.filter(({ id }) => id !== "gpt-5.4"), removed: [{ id: "gpt-5.4", provider: gone!.provider, display_name: gone!.display_name }] };
  const platform = await open("#/settings/models", { remove_model: () => off, restore_model: () => snapshot.models });
  await choose("take off gpt", /^Take off the list.*GPT-5\.4$/);
  await fireEvent.click(await screen.findByRole("button", { name: /^Undo/ }));
  await waitFor(() => expect(platform.argsOf("restore_model")).toEqual([{ id: "gpt-5.4" }]));
  expect(platform.argsOf("add_model")).toEqual([]);
  await waitFor(() => expect(screen.queryByRole("button", { name: "1 taken off the list" })).toBeNull());
  await choose("take off gpt", /^Take off the list.*GPT-5\.4$/);
  await fireEvent.click(await screen.findByRole("button", { name: "1 taken off the list" }));
  await fireEvent.click(screen.getByRole("button", { name: "Put GPT-5.4 back on the list" }));
  await waitFor(() => expect(platform.argsOf("restore_model")).toHaveLength(2));
});

test("who has convened before is met by no first steps, also when no session is left", async () => {
  await open("#/hall", {}, { ...fresh, convened: true });
  await screen.findByRole("button", { name: /^New deliberation/ });
  expect(screen.queryByRole("region", { name: /Three steps/ })).toBeNull();
});
