import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { tick } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import App from "../../src/App.svelte";
// Read before the first test runs: the frame would read it inside that.
import "../../src/features/settings/Settings.svelte";
import { undoLine } from "../../src/state/undo.svelte";
import { RpcError } from "../../src/platform";
import { FakePlatform } from "../fixtures/platform";
import { settings, snapshot } from "../fixtures/shared";

vi.setConfig({ testTimeout: 30_000 });

async function open(answers: ConstructorParameters<typeof FakePlatform>[1] = {}): Promise<FakePlatform> {
  const platform = new FakePlatform(snapshot, answers);
  location.hash = "#/settings/rounds";
  dispatchEvent(new HashChangeEvent("hashchange"));
  render(App, { platform });
  await screen.findByRole("textbox", { name: SEATS });
  return platform;
}

const [SEATS, PACE, ENDED] = ["Most seats on a panel", "Pace of rehearsal seats", "Finished messages"];
const field = (name: string) => screen.getByRole<HTMLInputElement>("textbox", { name });
const isMarked = (name: string) => field(name).getAttribute("aria-invalid") === "true";

async function type(name: string, value: string): Promise<void> {
  await fireEvent.input(field(name), { target: { value } });
}

async function leave(name: string, value: string): Promise<void> {
  field(name).focus();
  await type(name, value);
  field(name).blur();
  await tick();
}

beforeEach(() => localStorage.clear());
afterEach(() => {
  cleanup();
  undoLine.dismiss();
  location.hash = "";
});

test("a field keeps what was refused, and why, while another one is changed", async () => {
  const platform = await open();
  await leave(SEATS, "99");
  await leave(PACE, "-1");
  expect([isMarked(SEATS), isMarked(PACE)]).toEqual([true, true]);
  const why = screen.getByText("From 3 to 8.");
  expect(field(SEATS).getAttribute("aria-describedby"), "it is the field’s").toBe(why.id);
  expect(why.parentElement!.dataset.setting, "and has its row’s width").toBe(SEATS);
  await leave(PACE, "50");
  await waitFor(() => expect(platform.argsOf("edit_settings")).toEqual([{ rehearsal_tokens_per_second: 50 }]));
  expect([isMarked(SEATS), isMarked(PACE)]).toEqual([true, false]);
  // Being typed, it is nothing yet; left as it was, it is refused as before.
  await type(SEATS, "9");
  expect(isMarked(SEATS)).toBe(false);
  await type(SEATS, "99");
  expect(isMarked(SEATS)).toBe(true);
  await leave(SEATS, String(settings.panel_max_seats));
  expect(isMarked(SEATS)).toBe(false);
});

test("what is counted stands beside a field whatever stands in it; where nothing is, what a 0 does stands there", async () => {
  await open();
  const beside = (name: string) => document.getElementById(field(name).getAttribute("aria-describedby") ?? "")?.textContent;
  expect([beside(PACE), beside(SEATS), beside("Rounds a day")]).toEqual(["tokens a second", undefined, "no limit"]);
  expect([beside("Answer length"), beside("Deadline"), beside("Time for a message"), beside("Calls a minute")]).toEqual(["tokens", "seconds", "seconds", undefined]);
  await type(PACE, "0");
  expect(beside(PACE), "what 0 does stands below its name").toBe("tokens a second");
  await type(PACE, "20");
  expect(beside(PACE)).toBe("tokens a second");
  await type("Daily spending", "$0");
  expect(beside("Daily spending")).toBe("only at no cost");
  await type("Turns a day", "0");
  expect(beside("Turns a day")).toBe("none answers");
  location.hash = "#/settings/storage";
  await screen.findByRole("textbox", { name: ENDED });
  expect([field(ENDED).value, beside(ENDED)]).toEqual(["0", "days"]);
  await type(ENDED, "30");
  expect(beside(ENDED)).toBe("days");
});

test("another value in force takes the place of what was refused", async () => {
  const platform = await open();
  await leave(SEATS, "99");
  platform.emit({ type: "settings_changed", settings: { ...settings, panel_max_seats: settings.panel_max_seats + 1 } });
  await waitFor(() => expect(field(SEATS).value).toBe(String(settings.panel_max_seats + 1)));
  expect(isMarked(SEATS)).toBe(false);
});

test("what the console refuses is marked at its field, whatever is changed after it", async () => {
  await open({
    edit_settings: (edit) => {
      if ("panel_max_seats" in edit) throw new RpcError("store_unavailable", "The store does not answer.");
      return { ...settings, ...edit };
    },
  });
  await leave(SEATS, "4");
  await screen.findByText("The store does not answer.");
  await leave(PACE, "50");
  await waitFor(() => expect(screen.queryByText("The store does not answer.")).toBeNull());
  expect([isMarked(SEATS), isMarked(PACE)]).toEqual([true, false]);
});

test("Esc puts back what is in force, and nothing of what was half typed is kept", async () => {
  const platform = await open();
  field(SEATS).focus();
  await type(SEATS, "7");
  await fireEvent.keyDown(field(SEATS), { key: "Escape" });
  await tick();
  expect(document.activeElement, "and leads out of the field").not.toBe(field(SEATS));
  expect(field(SEATS).value).toBe(String(settings.panel_max_seats));
  expect(platform.argsOf("edit_settings")).toEqual([]);
});

test("whoever leaves the screen has what is whole kept, and is told of what is not", async () => {
  const platform = await open();
  field(SEATS).focus();
  await type(SEATS, "7");
  screen.getByRole("link", { name: /^Hall/ }).focus();
  await waitFor(() => expect(platform.argsOf("edit_settings")).toEqual([{ panel_max_seats: 7 }]));
  expect(undoLine.told).toBeNull();
  field(SEATS).focus();
  await type(SEATS, "7x");
  screen.getByRole("link", { name: /^Hall/ }).focus();
  await tick();
  expect(field(SEATS).value).toBe("7");
  const told = await screen.findByText(`${SEATS}: “7x” was not kept. 7 is in force.`);
  location.hash = "#/hall";
  await waitFor(() => expect(screen.queryByRole("textbox", { name: SEATS })).toBeNull());
  expect(told.isConnected, "and stands where it was gone to").toBe(true);
  location.hash = "#/settings/rounds";
  await screen.findByRole("textbox", { name: SEATS });
  await waitFor(() => expect(told.isConnected, "once").toBe(false));
  field(SEATS).focus();
  screen.getByRole("link", { name: /^Hall/ }).focus();
  await tick();
  expect(undoLine.told, "nothing was typed").toBeNull();
});

test("whoever asks for the palette keeps nothing half typed", async () => {
  const platform = await open();
  field(SEATS).focus();
  await type(SEATS, "7");
  await fireEvent.keyDown(field(SEATS), { key: "k", ctrlKey: true });
  const palette = await screen.findByRole("dialog");
  await waitFor(() => expect(palette.contains(document.activeElement)).toBe(true));
  expect(platform.argsOf("edit_settings")).toEqual([]);
});

test("Tab and Enter keep it, once", async () => {
  const platform = await open();
  field(SEATS).focus();
  await type(SEATS, "7");
  await fireEvent.keyDown(field(SEATS), { key: "Enter" });
  await waitFor(() => expect(platform.argsOf("edit_settings")).toEqual([{ panel_max_seats: 7 }]));
  await type(SEATS, "6");
  await fireEvent.keyDown(field(SEATS), { key: "Tab" });
  screen.getByRole("link", { name: /^Hall/ }).focus();
  await waitFor(() => expect(platform.argsOf("edit_settings")).toEqual([{ panel_max_seats: 7 }, { panel_max_seats: 6 }]));
});

test("what is typed stays while another console changes the same, and is what is kept", async () => {
  const platform = await open();
  field(SEATS).focus();
  await type(SEATS, "7");
  platform.emit({ type: "settings_changed", settings: { ...settings, panel_max_seats: 4 } });
  await tick();
  expect(field(SEATS).value).toBe("7");
  field(SEATS).blur();
  await waitFor(() => expect(platform.argsOf("edit_settings")).toEqual([{ panel_max_seats: 7 }]));
});

test("a retention that got shorter is told, and can be taken back until it is changed again", async () => {
  const platform = await open({ edit_settings: (edit) => ({ ...settings, ...edit }) });
  location.hash = "#/settings/storage";
  await screen.findByRole("textbox", { name: ENDED });
  await leave(ENDED, "1");
  await screen.findByText(`${ENDED}: kept 1 day from now on; what is older is deleted for good.`);
  await fireEvent.click(screen.getByRole("button", { name: /^Undo/ }));
  await waitFor(() => expect(platform.argsOf("edit_settings")).toEqual([{ retention_message_days: 1 }, { retention_message_days: 0 }]));
  await leave(ENDED, "30");
  await waitFor(() => expect(undoLine.offer).not.toBeNull());
  await leave(ENDED, "90");
  await waitFor(() => expect(undoLine.offer, "longer again: nothing is lost").toBeNull());
});

test.each([
  ["Finished messages", "storage"],
  ["Deadline", "rounds"],
  ["Time for a message", "rounds"],
])("of one of them it says what is counted in the singular: %s", async (name, section) => {
  location.hash = `#/settings/${section}`;
  dispatchEvent(new HashChangeEvent("hashchange"));
  render(App, { platform: new FakePlatform(snapshot) });
  await screen.findByRole("textbox", { name });
  const beside = () => document.getElementById(field(name).getAttribute("aria-describedby")!)!.textContent!;
  await type(name, "2");
  const many = beside();
  expect(many).toMatch(/s$/);
  await type(name, "1");
  expect(beside()).toBe(many.slice(0, -1));
});
