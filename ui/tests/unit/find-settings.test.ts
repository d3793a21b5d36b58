import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import axe from "axe-core";
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import App from "../../src/App.svelte";
// Read before the clock of the first test runs: the frame would read it inside that.
import "../../src/features/settings/Settings.svelte";
import { findSettings } from "../../src/features/settings/find";
import { ALL_ROWS, ROWS, rowsIn } from "../../src/features/settings/rows";
import { SECTIONS } from "../../src/features/settings/sections";
import { desk } from "../../src/state/desktop.svelte";
import { FakePlatform } from "../fixtures/platform";

vi.setConfig({ testTimeout: 30_000 });

/** The window, which has a zoom and a tray. */
function inWindow(): FakePlatform {
  const desktop = { attend: () => {}, acceptSessions: async () => {}, standing: async () => ({ tray: "shown", starts_at_login: false }), startAtLogin: async () => ({ tray: "shown", starts_at_login: true }) };
  return Object.assign(new FakePlatform(), { kind: "desktop", setZoom: async () => {}, desktop }) as unknown as FakePlatform;
}

async function open(section: string, platform = new FakePlatform()): Promise<FakePlatform> {
  location.hash = `#/settings/${section}`;
  dispatchEvent(new HashChangeEvent("hashchange"));
  render(App, { platform });
  await screen.findByRole("heading", { name: "Settings" });
  return platform;
}

const field = () => screen.getByRole<HTMLInputElement>("combobox", { name: "Find a setting" });
const options = () => [...document.querySelectorAll("#settings-found [role=option]")].map((each) => each.textContent?.replace(/\s+/g, " ").trim());
const press = (key: string) => fireEvent.keyDown(document.activeElement ?? document.body, { key });

async function type(words: string): Promise<void> {
  field().focus();
  await fireEvent.input(field(), { target: { value: words } });
}

beforeEach(() => localStorage.clear());
afterEach(() => {
  cleanup();
  desk.standing = null;
  location.hash = "";
});

describe("the table of settings", () => {
  test("has each that the wire changes, under the name that the program gives it", () => {
    const fields = [...readFileSync("src/generated/EditSettings.ts", "utf8").matchAll(/^(\w+)\?:/gm)].map(([, field]) => field);
    expect(fields.length).toBeGreaterThan(10);
    expect(Object.keys(ROWS).sort()).toEqual(fields.sort());
    for (const [field, { name }] of Object.entries(ROWS)) expect(name.replaceAll(".", "_")).toBe(field);
    const named = [...readFileSync("../crates/home/src/settings.rs", "utf8").matchAll(/^ {8}name: "([a-z._]+)"/gm)].map(([, name]) => name);
    expect(ALL_ROWS.flatMap(({ name }) => name ?? []).sort()).toEqual(named.sort());
  });

  test("has every row that stands in the settings of a window, and no other", async () => {
    const platform = inWindow();
    const drawn: string[] = [];
    for (const group of new Set(SECTIONS.map(({ group }) => group))) {
      await open(SECTIONS.find((each) => each.group === group)!.id, platform);
      if (group === "machine") await screen.findByText("Start at login");
      for (const row of document.querySelectorAll<HTMLElement>("[data-setting]")) drawn.push(`${row.closest("section")!.id}/${row.dataset.setting}`);
      cleanup();
    }
    const known = rowsIn("desktop").filter(({ section }) => section !== "providers").map(({ section, label }) => `settings-${section}/${label}`);
    expect(drawn.sort()).toEqual(known.sort());
  });
});

describe("what is found", () => {
  const names = (typed: string, inWindow = true) => findSettings(typed, inWindow ? "desktop" : "browser").map(({ id }) => id);

  test("has the words in its label, its TOML name or its meaning, labels first", () => {
    expect(names("burst")[0]).toBe("limits/Calls at once");
    expect(names("retention.message_days")[0]).toBe("storage/Finished messages");
    expect(names("max_seats")[0]).toBe("rounds/Most seats on a panel");
    expect(names("midnight")).toEqual(["limits/Rounds a day"]);
    expect(names("calls minute")[0]).toBe("limits/Calls a minute");
    expect(names("zoom")[0]).toBe("look/Zoom");
    expect(names("limits")[0], "a name comes after a label").toBe("limits");
    expect(names("once burst"), "a word of the label and one of the name").toEqual(["limits/Calls at once"]);
    expect(names("   ")).toEqual([]);
    expect(names("no such thing")).toEqual([]);
  });

  test("is a section too, by its name and by what it is about", () => {
    for (const [typed, section] of [["Backup", "backup"], ["diagnostics", "doctor"], ["ollama", "providers"]] as const) expect(names(typed)).toContain(section);
    expect(names("erase all data")[0]).toBe("storage/Erase all data");
  });

  test("leaves out of a browser what only a window has", () => {
    expect(names("zoom", false)).not.toContain("look/Zoom");
    expect(names("login", false)).not.toContain("desktop/Start at login");
  });

  test.each(["log out", "logout", "login", "sign out"])("has for “%s” in a browser what ends its login, and in a window, which has none, nothing of it", (typed) => {
    expect(names(typed, false)[0]).toBe("address/Log out of this browser");
    expect(names(typed)).not.toContain("address/Log out of this browser");
  });

  test("says what is underlined, in the label, in the name and where words of the meaning begin so", () => {
    const [label] = findSettings("open waits", "desktop");
    expect([label!.ranges, label!.nameRanges]).toEqual([[[0, 4], [5, 10]], [[7, 11], [12, 17]]]);
    const [name] = findSettings("lease_seconds", "desktop");
    expect([name!.ranges, name!.nameRanges]).toEqual([[], [[4, 17]]]);
    const [ended] = findSettings("acknowledged", "desktop");
    const at = ended!.meaning!.indexOf("acknowledged");
    expect(ended!.meaningRanges).toEqual([[at, at + "acknowledged".length]]);
    expect(findSettings("retention", "desktop")[0]!.meaningRanges).toEqual([]);
  });
});

describe("finding a setting", () => {
  test("goes by keys alone to its row, which has the focus and is lit", async () => {
    await open("providers");
    await press("/");
    expect(document.activeElement).toBe(field());
    await type("limits.");
    expect(options()[0]).toContain("Rounds a day Key and agent limits");
    await fireEvent.keyDown(field(), { key: "Enter", isComposing: true });
    expect(field().value, "what is composed is not chosen yet").toBe("limits.");
    expect(field().getAttribute("aria-activedescendant")).toBe(screen.getAllByRole("option")[0]!.id);
    await press("ArrowDown");
    await press("ArrowDown");
    await press("ArrowUp");
    expect(screen.getByRole("option", { selected: true }).textContent).toContain("limits.calls_per_minute");
    await press("Enter");
    const calls = await screen.findByRole("textbox", { name: "Calls a minute" });
    await waitFor(() => expect(document.activeElement).toBe(calls));
    expect(calls.closest("[data-setting]")!.hasAttribute("data-lit")).toBe(true);
    expect([location.hash, field().value, options()]).toEqual(["#/settings/limits", "", []]);
    await waitFor(() => expect(document.querySelector("[data-lit]")).toBeNull());
  });

  test("goes to a row of the section that is shown as well, and again", async () => {
    await open("limits");
    for (let time = 0; time < 2; time += 1) {
      await type("burst");
      await fireEvent.click(screen.getAllByRole("option")[0]!);
      expect(document.activeElement).toBe(screen.getByRole("textbox", { name: "Calls at once" }));
      expect(document.querySelectorAll("[data-lit]")).toHaveLength(1);
    }
  });

  test("waits for a row that comes later than its section", async () => {
    const resized: ((changed: ResizeObserverEntry[]) => void)[] = [];
    vi.stubGlobal("ResizeObserver", class {
      constructor(told: (changed: ResizeObserverEntry[]) => void) {
        resized.push(told);
      }
      observe() {}
      disconnect() {}
      unobserve() {}
    });
    const platform = inWindow();
    await open("providers", platform);
    await type("start at login");
    await press("Enter");
    const login = await screen.findByRole("switch", { name: "Start at login" });
    resized.forEach((told) => told([]));
    expect(document.activeElement).toBe(login);
    vi.unstubAllGlobals();
  });

  test("stays no longer where it led to once somebody moves", async () => {
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
    await open("look");
    await type("secrets_key_file");
    await press("Enter");
    const section = await screen.findByRole("region", { name: "Providers and keys" });
    await waitFor(() => expect(document.activeElement).toBe(section));
    const frame = section.closest<HTMLElement>(".page")!;
    const settled = frame.scrollTop;
    frame.scrollTop = settled + 70;
    told.forEach((tell) => tell([]));
    expect(frame.scrollTop, "what is above it was filled").toBe(settled);
    await press("ArrowDown");
    frame.scrollTop = settled + 70;
    told.forEach((tell) => tell([]));
    expect(frame.scrollTop).toBe(settled + 70);
    vi.unstubAllGlobals();
  });

  test("leads to a section where it has no row for it, which has the focus then", async () => {
    await open("look");
    await type("secrets_key_file");
    await press("Enter");
    const section = await screen.findByRole("region", { name: "Providers and keys" });
    await waitFor(() => expect(document.activeElement).toBe(section));
    expect(section.querySelector("header")!.hasAttribute("data-lit")).toBe(true);
  });

  test("offers only Clear where nothing is found; Esc clears too, and the list is gone with the focus", async () => {
    await open("look");
    await type("zzz");
    const none = within(screen.getByRole("group", { name: "Found in the settings" }));
    none.getByText("Nothing in the settings has “zzz”.");
    expect(none.getAllByRole("button").map((each) => each.textContent?.trim()), "the field says its key").toEqual(["Clear"]);
    await fireEvent.click(none.getByRole("button"));
    expect([field().value, document.activeElement]).toEqual(["", field()]);
    await type("theme");
    await press("Escape");
    expect([field().value, options()]).toEqual(["", []]);
    // A browser's zoom is its own.
    await type("zoom");
    expect(options().some((each) => each?.startsWith("Zoom"))).toBe(false);
    await type("theme");
    field().blur();
    await waitFor(() => expect(options()).toEqual([]));
    expect(field().value).toBe("theme");
  });

  test("has the key that finds, also over the list of models", async () => {
    await open("models");
    await press("/");
    expect(document.activeElement).toBe(field());
  });

  test.each(["days", "zzz"])("axe finds nothing where “%s” was typed", async (words) => {
    await open("look");
    await type(words);
    const { violations } = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
    expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
  });
});
