import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cleanup, render, screen, waitFor, within } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import App from "../../src/App.svelte";
import type { Density } from "../../src/generated/Density";
import { ROW_HEIGHTS, type RowHeights } from "../../src/state/row-heights";
import { busOf, messages, peopled } from "../fixtures/agents";
import { FakePlatform } from "../fixtures/platform";
import { settings } from "../fixtures/shared";

vi.setConfig({ testTimeout: 30_000 });

beforeEach(() => localStorage.clear());
afterEach(() => {
  cleanup();
  location.hash = "";
});

const SCREENS: [string, string, "table" | "list", keyof RowHeights][] = [
  ["agents", "Agents", "table", "two"],
  ["deliberations", "Deliberations", "list", "two"],
  ["bus", "Messages", "list", "one"],
  ["wallet", "Ledger", "table", "dense"],
];

describe.each(SCREENS)("the rows of %s", (place, name, role, row) => {
  test("are as high as the density says, and follow it while they are looked at", async () => {
    const platform = new FakePlatform(peopled, { list_messages: busOf(messages) });
    location.hash = `#/${place}`;
    dispatchEvent(new HashChangeEvent("hashchange"));
    const { container } = render(App, { platform });
    const heights = (): string[] => [...container.querySelectorAll<HTMLElement>(".scroller > .all > .item")].map((item) => item.style.height);
    const stand = async (density: Density) => {
      const wanted = `${ROW_HEIGHTS[density][row]}px`;
      await waitFor(() => expect(new Set(heights())).toEqual(new Set([wanted])));
    };
    await stand("compact");
    expect(heights().length).toBeGreaterThan(1);
    platform.emit({ type: "settings_changed", settings: { ...settings, density: "comfortable" } });
    await stand("comfortable");
    expect(within(container).getAllByRole(role, { name: new RegExp(name) }).length).toBeGreaterThan(0);
    // The second stands below the first, and not in it.
    const tops = [...container.querySelectorAll<HTMLElement>(".scroller > .all > .item")].map(topOf);
    expect(tops[1]! - tops[0]!).toBeGreaterThanOrEqual(ROW_HEIGHTS.comfortable[row]);
  });
});

test("style sheets have the same heights", async () => {
  const platform = new FakePlatform(peopled);
  render(App, { platform });
  await screen.findByRole("main");
  const variable = (name: string) => document.documentElement.style.getPropertyValue(name);
  await waitFor(() => expect(["--row-dense", "--row", "--row-two", "--claim-row"].map(variable)).toEqual(["28px", "36px", "44px", "76px"]));
  platform.emit({ type: "settings_changed", settings: { ...settings, density: "comfortable" } });
  await waitFor(() => expect(["--row-dense", "--row", "--row-two", "--claim-row"].map(variable)).toEqual(["32px", "44px", "52px", "92px"]));
});

test("no virtual list has a height of its own", () => {
  const lists = readdirSync("src", { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".svelte"))
    .flatMap((path) => {
      const source = readFileSync(join("src", path), "utf8");
      // A file that needs it elsewhere too has a name for it.
      const meant = (name: string) => new RegExp(`const ${name} = \\$derived\\((.+)\\);`).exec(source)?.[1] ?? name;
      return (source.match(/<(?:VirtualRows|TailRows)\b(?:=>|[^>])*/g) ?? []).map((list) => list.replace(/\bsize=\{(\w+)\}/, (_, name: string) => `size={${meant(name)}}`));
    });
  expect(lists.length).toBeGreaterThan(8);
  expect(lists.filter((list) => !/\bsize=\{[^}]*look\.rows\.\w+\}/.test(list))).toEqual([]);
});

/** Where a row stands, in either kind of list. */
function topOf(item: HTMLElement): number {
  return Number(/translateY\((\d+)px\)/.exec(item.style.transform)?.[1] ?? item.style.top.replace("px", ""));
}
