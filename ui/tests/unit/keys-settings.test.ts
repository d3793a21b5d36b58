import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import axe from "axe-core";
import { tick } from "svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import App from "../../src/App.svelte";
// Read before the clock of the first test runs: the frame would read them inside that.
import "../../src/components/SheetDialog.svelte";
import "../../src/features/settings/Settings.svelte";
import { RpcError, SECRET_MS, type Platform } from "../../src/platform";
import { created, key, keyViews, RAW_KEY } from "../fixtures/keys";
import { FakePlatform } from "../fixtures/platform";
import { fresh, settings, snapshot } from "../fixtures/shared";

vi.setConfig({ testTimeout: 30_000 });

async function open(section: string, answers: ConstructorParameters<typeof FakePlatform>[1] = {}, from = snapshot, more: Partial<Platform> = {}): Promise<FakePlatform> {
  const platform = Object.assign(new FakePlatform(from, answers), more);
  location.hash = `#/settings/${section}`;
  dispatchEvent(new HashChangeEvent("hashchange"));
  render(App, { platform });
  await screen.findByRole("heading", { name: "Settings" });
  return platform;
}

/** A clipboard as a browser has one; what it holds is its text. */
function clipboard(mayRead: boolean) {
  const held = { text: "before" };
  given("clipboard", { writeText: async (text: string) => void (held.text = text), readText: async () => held.text });
  given("permissions", { query: async () => ({ state: mayRead ? "granted" : "prompt" }) });
  return held;
}

// jsdom's navigator has neither; what a test gives it goes with the test.
function given(name: "clipboard" | "permissions", value: unknown): void {
  Object.defineProperty(navigator, name, { value, configurable: true });
}

async function make(name: string): Promise<void> {
  await fireEvent.click(await screen.findByRole("button", { name: "New key" }));
  const dialog = within(await screen.findByRole("dialog", { name: "New deliberation key" }));
  await fireEvent.input(dialog.getByRole("textbox", { name: "Name" }), { target: { value: name } });
  await fireEvent.click(dialog.getByRole("button", { name: /^Make the key/ }));
  await screen.findByRole("dialog", { name: `The key ${name}` });
}

const dialog = () => within(screen.getByRole("dialog"));
const escape = () => fireEvent.keyDown(document.activeElement ?? document.body, { key: "Escape" });
/** Everything the page holds, what is typed into fields too. */
const everything = () => [document.documentElement.outerHTML, ...[...document.querySelectorAll("input, textarea")].map((field) => (field as HTMLInputElement).value)].join("\n");

beforeEach(() => localStorage.clear());
afterEach(() => {
  vi.useRealTimers();
  cleanup();
  vi.restoreAllMocks();
  Reflect.deleteProperty(navigator, "clipboard");
  Reflect.deleteProperty(navigator, "permissions");
  location.hash = "";
});

describe("the list of keys", () => {
  test("says of each its name, its end, when it was used, what it may and whether it lives", async () => {
    await open("keys");
    const table = await screen.findByRole("table", { name: "Deliberation keys" });
    const rows = within(table).getAllByRole("row").slice(1).map((row) => [...row.children].map((cell) => cell.textContent?.trim()).join(" ").trim());
    expect(rows[0]).toMatch(/^laptop …p1NbV7ka 12 Nov 20 Nov \d\d:\d\d by the limits live Revoke/);
    expect(rows[1]).toMatch(/^night run .* 12 live/);
    expect(rows[2]).toMatch(/^trusted .* never no limit live/);
    expect(rows[3]).toMatch(/^old desktop .* revoked 3 Nov$/);
  });

  test("follows events, and is read again after a gap", async () => {
    const lists = [keyViews, [key("after the gap")]];
    const platform: FakePlatform = new FakePlatform(snapshot, {
      list_keys: () => ({ keys: lists.length > 1 ? lists.shift()! : lists[0]! }),
      snapshot: () => ({ ...snapshot, seq: platform.seq }),
    });
    location.hash = "#/settings/keys";
    dispatchEvent(new HashChangeEvent("hashchange"));
    render(App, { platform });
    await screen.findByText("laptop");
    platform.emit({ type: "keys_changed", keys: { keys: [key("told")] } });
    await screen.findByText("told");
    expect(screen.queryByText("laptop")).toBeNull();
    platform.emit({ type: "settings_changed", settings }, 3);
    await screen.findByText("after the gap");
  });

  test("that is overtaken by an event while it is read stays as the event says", async () => {
    let answer: (list: { keys: [] }) => void = () => {};
    const platform = await open("keys", { list_keys: () => new Promise((done) => (answer = done)) });
    await screen.findByText("Reading the keys");
    platform.emit({ type: "keys_changed", keys: { keys: [key("told")] } });
    await screen.findByText("told");
    answer({ keys: [] });
    await Promise.resolve();
    screen.getByText("told");
  });

  test("that cannot be read says so and is tried again", async () => {
    let fails = true;
    await open("keys", {
      list_keys: () => {
        if (fails) throw new RpcError("store_unavailable", "The store does not answer.");
        return { keys: keyViews };
      },
    });
    await screen.findByText("The keys could not be read.");
    fails = false;
    await fireEvent.click(screen.getByRole("button", { name: "Try again" }));
    await screen.findByText("laptop");
  });

  test("teaches what a key is for while there is none", async () => {
    await open("keys", { list_keys: () => ({ keys: [] }) });
    await screen.findByText(/^There is no key yet/);
    screen.getByRole("button", { name: "New key" });
  });
});

describe("a new key", () => {
  test("has a name of its own and a number of rounds, or none", async () => {
    const platform = await open("keys");
    await fireEvent.click(await screen.findByRole("button", { name: "New key" }));
    await screen.findByRole("dialog", { name: "New deliberation key" });
    const [name, rounds] = [dialog().getByRole("textbox", { name: "Name" }), dialog().getByRole("textbox", { name: "Rounds a day" })];
    dialog().getByText("empty for the limit of all keys; 0 for no limit");
    const act = dialog().getByRole<HTMLButtonElement>("button", { name: /^Make the key/ });
    expect(act.disabled).toBe(true);
    await fireEvent.input(name, { target: { value: "laptop" } });
    dialog().getByText("There is a live key called laptop.");
    expect(act.disabled).toBe(true);
    // A revoked one gives its name back.
    await fireEvent.input(name, { target: { value: "old desktop" } });
    await fireEvent.input(rounds, { target: { value: "many" } });
    dialog().getByText("From 0 to 100,000, or nothing.");
    await fireEvent.input(rounds, { target: { value: "1,200" } });
    await fireEvent.click(act);
    await waitFor(() => expect(platform.argsOf("create_key")).toEqual([{ name: "old desktop", daily_rounds: 1200 }]));
  });

  test("stands in the page only while it is revealed, and not at all once the sheet is closed", async () => {
    clipboard(true);
    await open("keys");
    await make("phone");
    expect(everything()).not.toContain(RAW_KEY);
    expect(everything()).toContain(`•${RAW_KEY.slice(-8)}`);
    await fireEvent.click(dialog().getByRole("button", { name: "Reveal" }));
    const file = await dialog().findByRole("region", { name: "What its client reads" });
    expect(file.textContent).toContain("[mcp_servers.mumo]");
    expect(file.textContent).toContain(`"Bearer ${RAW_KEY}"`);
    expect(everything().split(RAW_KEY)).toHaveLength(3);
    expect(dialog().queryByRole("radio", { name: "SSE" }), "a key is reached in one way").toBeNull();
    await fireEvent.click(dialog().getByRole("button", { name: "Copy key" }));
    await fireEvent.click(await screen.findByRole("button", { name: "Done" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(everything()).not.toContain(RAW_KEY);
    expect(JSON.stringify({ ...localStorage })).not.toContain(RAW_KEY);
  });

  test("that nobody copied is not closed by Esc, and closing it anyway says what that means", async () => {
    clipboard(true);
    await open("keys");
    await make("phone");
    expect(dialog().queryByRole("button", { name: "Close anyway" })).toBeNull();
    await escape();
    await dialog().findByText("It has not been copied or written yet.");
    expect(dialog().getByRole("alert").textContent).toContain("It cannot be shown again");
    await escape();
    await escape();
    await fireEvent.click(dialog().getByRole("button", { name: "Close anyway" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(everything()).not.toContain(RAW_KEY);
  });

  test("that was copied may be closed by Esc", async () => {
    clipboard(true);
    await open("keys");
    await make("phone");
    await fireEvent.click(await dialog().findByRole("button", { name: "Copy TOML" }));
    await dialog().findByText(/^Copied\. In 60 seconds/);
    await escape();
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });

  test("says so where this window may not write to the clipboard, and may be copied by hand", async () => {
    await open("keys");
    await make("phone");
    await fireEvent.click(dialog().getByRole("button", { name: "Copy key" }));
    await dialog().findByText(/may not write to the clipboard/);
    expect(dialog().queryByRole("button", { name: "Done" })).toBeNull();
    await fireEvent.click(dialog().getByRole("button", { name: "Reveal" }));
    await fireEvent.copy(dialog().getByLabelText("Key"));
    dialog().getByRole("button", { name: "Done" });
  });

  test("without a listener has no address to give", async () => {
    await open("keys", { create_key: ({ name }) => created(name, { mcp_url: null }) });
    await make("phone");
    dialog().getByText(/^Husting does not listen now/);
    expect(dialog().queryByRole("button", { name: "Copy mcp.json" })).toBeNull();
  });

  test("that was refused keeps what was typed", async () => {
    const refuse = () => {
      throw new RpcError("already_exists", "There is a key called phone already.");
    };
    await open("keys", { create_key: refuse });
    await fireEvent.click(await screen.findByRole("button", { name: "New key" }));
    await screen.findByRole("dialog", { name: "New deliberation key" });
    await fireEvent.input(dialog().getByRole("textbox", { name: "Name" }), { target: { value: "phone" } });
    await fireEvent.click(dialog().getByRole("button", { name: /^Make the key/ }));
    await dialog().findByText("There is a key called phone already.");
    expect(dialog().getByRole("textbox", { name: "Name" })).toHaveProperty("value", "phone");
  });
});

describe("a key on the clipboard", () => {
  test.each([
    ["is taken back after a minute", RAW_KEY, ""],
    ["leaves what was copied after it alone", "a shopping list", "a shopping list"],
  ])("%s", async (_, meanwhile, after) => {
    vi.spyOn(document, "hasFocus").mockReturnValue(true);
    const held = clipboard(true);
    await open("keys");
    await make("phone");
    vi.useFakeTimers();
    await fireEvent.click(dialog().getByRole("button", { name: "Copy key" }));
    await vi.advanceTimersByTimeAsync(SECRET_MS - 1_000);
    expect(held.text).toBe(RAW_KEY);
    held.text = meanwhile;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(held.text).toBe(after);
  });

  test("is taken back by the window's host after a minute, whoever is looked at then", async () => {
    vi.spyOn(document, "hasFocus").mockReturnValue(false);
    const takeBack = vi.fn(async () => {});
    const held = clipboard(false);
    await open("keys", {}, snapshot, { takeBack });
    await make("phone");
    vi.useFakeTimers();
    await fireEvent.click(dialog().getByRole("button", { name: "Copy key" }));
    await vi.advanceTimersByTimeAsync(SECRET_MS - 1_000);
    dialog().getByText("Copied. In 60 seconds the clipboard is emptied if it still holds it.");
    expect(dialog().queryByRole("button", { name: "Empty the clipboard" })).toBeNull();
    expect(held.text).toBe(RAW_KEY);
    expect(takeBack).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(takeBack).toHaveBeenCalledExactlyOnceWith(RAW_KEY);
  });

  test("stays where it may not be read: that is said, and a person may empty it", async () => {
    const held = clipboard(false);
    await open("keys");
    await make("phone");
    await fireEvent.click(dialog().getByRole("button", { name: "Copy key" }));
    await dialog().findByText(/^Copied\. This window may not read the clipboard/);
    expect(held.text).toBe(RAW_KEY);
    await fireEvent.click(dialog().getByRole("button", { name: "Empty the clipboard" }));
    await dialog().findByText("The clipboard is empty.");
    expect(held.text).toBe("");
    expect(dialog().queryByRole("button", { name: "Empty the clipboard" })).toBeNull();
  });
});

test("a key is revoked only after its name is typed", async () => {
  const platform = await open("keys", { revoke_key: () => ({ keys: [key("laptop", { revoked_at: "2026-11-20T14:33:00Z" })] }) });
  await fireEvent.click(await screen.findByRole("button", { name: "Revoke… laptop" }));
  await screen.findByRole("dialog", { name: "Revoke laptop?" });
  dialog().getByText(/What it waits for ends now; rounds it began finish/);
  const act = dialog().getByRole<HTMLButtonElement>("button", { name: "Revoke for good" });
  expect(act.disabled).toBe(true);
  await fireEvent.input(dialog().getByRole("textbox", { name: "Type laptop to revoke it" }), { target: { value: "laptop" } });
  await fireEvent.click(act);
  await waitFor(() => expect(platform.argsOf("revoke_key")).toEqual([{ key_id: "k-laptop" }]));
  await screen.findByText("revoked 20 Nov");
});

describe("limits and writers", () => {
  test("a limit acts when its field is left, and only inside its range", async () => {
    const platform = await open("limits");
    const field = screen.getByRole("textbox", { name: "Calls a minute" });
    const leave = async (value: string) => {
      field.focus();
      await fireEvent.input(field, { target: { value } });
      field.blur();
      await tick();
    };
    await leave("0");
    screen.getByText("From 1 to 10,000,000.");
    expect(platform.argsOf("edit_settings")).toEqual([]);
    await leave("600");
    await waitFor(() => expect(platform.argsOf("edit_settings")).toEqual([{ limits_calls_per_minute: 600 }]));
  });

  test("who writes recaps is chosen in an order, and with nobody left Husting chooses", async () => {
    let now = settings;
    const platform = await open("recap", { edit_settings: (edit) => (now = { ...now, ...edit }) });
    const group = within(screen.getByRole("group", { name: "Asked in this order" }));
    group.getByText(/^Until you choose, Husting asks DeepSeek V4, then Gemini 3 Pro, then GPT-5\.4 to sum up the default panel\. It prefers /);
    const add = async (name: RegExp) => {
      await fireEvent.click(group.getByRole("button", { name: "Add a writer" }));
      await fireEvent.click(await screen.findByRole("button", { name }));
    };
    await add(/^DeepSeek V4/);
    await add(/^GPT-5\.4/);
    await fireEvent.click(await group.findByRole("button", { name: "Move gpt-5.4 earlier" }));
    await waitFor(() => expect(platform.argsOf("edit_settings").at(-1)).toEqual({ recap_model: "gpt-5.4,openrouter/deepseek-v4" }));
    await fireEvent.click(group.getByRole("button", { name: "Take gpt-5.4 out" }));
    await fireEvent.click(await group.findByRole("button", { name: "Take openrouter/deepseek-v4 out" }));
    await waitFor(() => expect(platform.argsOf("edit_settings").at(-1)).toEqual({ recap_model: "auto" }));
    await group.findByText(/^Until you choose, Husting /);
    await add(/^GPT-5\.4/);
    await waitFor(() => expect(platform.argsOf("edit_settings").at(-1)).toEqual({ recap_model: "gpt-5.4" }));
    await fireEvent.click(screen.getByRole("button", { name: /^Undo/ }));
    await waitFor(() => expect(platform.argsOf("edit_settings").at(-1), "beside what was added since").toEqual({ recap_model: "openrouter/deepseek-v4,gpt-5.4" }));
  });
});

test("without any model the settings choose nobody, and lead to where a provider is added", async () => {
  await open("recap", {}, fresh);
  screen.getByText(/^Rehearsal sums up its own rounds\. Once/);
  expect(screen.queryByText(/✓ sits now/), "there is no bucket").toBeNull();
  const group = within(screen.getByRole("group", { name: "Asked in this order" }));
  const add = group.getByRole("button", { name: "Add a provider, for recaps" });
  expect(add.textContent?.trim(), "one name for one act").toBe("Add a provider");
  await fireEvent.click(add);
  await screen.findByRole("dialog", { name: "Add a provider" });
  expect(location.hash, "where it then stands").toBe("#/settings/providers");
});

test.each(["keys", "limits", "recap"])("axe finds nothing in the settings, %s", async (section) => {
  await open(section);
  const { violations } = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
  expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
});
