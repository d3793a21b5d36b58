// Going through a house, screen after screen, and what stands above the screens.

import { expect, type Page } from "@playwright/test";

import { ConsolePage } from "../../pages/console.ts";
import { SessionPage } from "../../pages/session.ts";
import { rpc } from "../harness/rpc.ts";
import type { House } from "./houses.ts";
import { ADDRESSES, address, type Screen } from "./screens.ts";

/** A screen that is shown now. */
export interface Shown {
  name: string;
  /** Brings back what a resize has closed. */
  again?: () => Promise<void>;
}

/** What stands above a screen: where it is opened, how, and which dialog it is. */
interface Overlay {
  from: Screen;
  open: (page: Page, house: House) => Promise<void>;
  /** Brings back what opening it changed. */
  close?: (page: Page, house: House) => Promise<void>;
}

/** Micro-dollars. */
const ADDED = 5_000_000;

/** Where there is such a button: some have no use in an empty house, or another place in a small window. */
const press = (name: string | RegExp) => async (page: Page) => {
  const button = page.getByRole("button", { name }).first();
  if (await button.isVisible()) await button.click();
};

/** Looks for words in the settings. */
const seek = (words: string) => async (page: Page) => page.getByRole("combobox", { name: "Find a setting" }).fill(words);

export const OVERLAYS: Record<string, Overlay> = {
  "palette": { from: "hall", open: async (page) => page.keyboard.press("Control+k") },
  "palette-found": {
    from: "hall",
    open: async (page, house) => {
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox", { name: "Go to, or do" }).fill(house.sought);
      await page.getByRole("dialog").getByRole("status").filter({ hasText: "found" }).or(page.getByText(/^the first /)).first().waitFor();
    },
  },
  "keys": { from: "hall", open: async (page) => page.keyboard.press("?") },
  "revoke": { from: "agent-overview", open: press("Revoke…") },
  "rotate": { from: "agent-overview", open: press("Rotate") },
  "limit": { from: "wallet", open: press("Limit") },
  "top-up": { from: "wallet", open: press("Top up") },
  "take-back": {
    from: "wallet",
    // What was added goes again before the next screen, so that money can still be used up.
    open: async (page, house) => {
      if (!house.full) return;
      const act = page.getByRole("button", { name: "Take back" });
      if (await act.isHidden()) await rpc(page, "top_up", { amount: ADDED });
      await act.click();
    },
    close: async (page) => void (await rpc(page, "take_back", { amount: ADDED })),
  },
  "settings-found": { from: "settings-providers", open: seek("days") },
  "settings-not-found": { from: "settings-look", open: seek("no such setting") },
  "provider": { from: "settings-providers", open: press("Add a provider") },
  "provider-address": {
    from: "settings-providers",
    open: async (page) => {
      const more = page.getByRole("button", { name: /^More for/ }).first();
      if (!(await more.isVisible())) return;
      await more.click();
      await page.getByRole("menuitem", { name: /^Change the address/ }).click();
    },
  },
  "model": { from: "settings-models", open: press("Add a model") },
  "key": { from: "settings-keys", open: press(/^New key/) },
  "tenant": { from: "settings-tenants", open: press("New tenant") },
  "export": {
    from: "session-claims",
    // In a small window it is among the session's other acts.
    open: async (page) => {
      const isNarrow = await page.getByRole("button", { name: "Export" }).isHidden();
      await press(isNarrow ? "More for this deliberation" : "Export")(page);
    },
  },
  "stop-all": {
    from: "hall",
    open: async (page) => {
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox", { name: "Go to, or do" }).fill("stop everything");
      await page.keyboard.press("Enter");
    },
  },
};

/** Goes to every screen that a house has and hands it over; then to all that stands above them. */
export async function walk(page: Page, house: House, look: (shown: Shown) => Promise<void>, without: readonly Screen[] = []): Promise<void> {
  for (const name of (Object.keys(ADDRESSES) as Screen[]).filter((each) => !without.includes(each))) {
    const show = SHOWN_BY[name];
    const again = show && (() => show(page));
    if (await reach(page, house, name)) {
      await again?.();
      await look(again ? { name, again } : { name });
    }
    await close(page);
  }
  for (const [name, { from, open, close: after }] of Object.entries(OVERLAYS)) {
    if (!(await reach(page, house, from))) continue;
    const again = async () => {
      if (!(await isOpen(page))) await open(page, house);
      await settle(page);
    };
    await again();
    // In a house that has everything, each of them is there, once it was read.
    if (house.full) await expect.poll(() => isOpen(page), `${name} is open`).toBe(true);
    const isThere = await isOpen(page);
    if (isThere) await look({ name, again });
    await close(page);
    if (isThere) await after?.(page, house);
  }
}

/** What shows a screen wherever the window lets another stand in its place. */
const SHOWN_BY: Partial<Record<Screen, (page: Page) => Promise<void>>> = {
  "settings-doctor": async (page) => {
    const findings = page.getByRole("region", { name: "Diagnostics" }).getByRole("listitem");
    if ((await findings.count()) === 0) await press("Look now")(page);
    await expect(findings.first()).toBeVisible();
  },
  "session-tray": async (page) => {
    await press(/^Tray/)(page);
    await expect(page.getByRole("complementary", { name: "Steering tray" })).toBeVisible();
  },
};

/** What has to be so before a screen shows what it is called by. */
const FIRST: Partial<Record<Screen, (page: Page) => Promise<void>>> = {
  // A template takes the place of nobody's own words.
  "new-template": async (page) => {
    const console = new ConsolePage(page);
    await console.goto("deliberations/new");
    await expect(console.question).toBeVisible();
    await settle(page);
    await console.question.fill("");
  },
};

/** What is done on a screen before it shows what it is called by. */
const THEN: Partial<Record<Screen, (page: Page, house: House) => Promise<void>>> = {
  "deliberations-find": async (page, house) => {
    const filter = page.getByRole("searchbox", { name: /^Filter deliberations/ });
    // Unless they stand there: the same words are asked for once.
    if ((await filter.inputValue()) === house.sought) return;
    // The rows are those of before until the answer has come.
    const asked = JSON.stringify(house.sought.trim());
    const told = page.waitForResponse((reply) => reply.request().postData()?.includes(`"query":${asked}`) ?? false);
    await filter.fill(house.sought);
    await (await told).finished();
  },
  // Words of two claims and a question: what a tray is like before a next round.
  "session-tray": async (page, house) => {
    const session = new SessionPage(page);
    if ((await session.claims.count()) === 0 || (await session.snippets.count()) > 0) return;
    for (const key of ["j", "1", "j", "3"]) await page.keyboard.press(key);
    await expect(session.snippets).toHaveCount(2);
    await session.prompt.fill(house.life?.stage.words.steering ?? house.sought);
  },
};

/** Shows a screen, unless the house lacks what it shows, or leads on to another screen. */
export async function reach(page: Page, house: House, name: Screen): Promise<boolean> {
  const fragment = address(name, house.things);
  if (fragment === null) return false;
  await FIRST[name]?.(page);
  await new ConsolePage(page).goto(fragment);
  await expect(page.getByRole("heading", { level: 1 }).first()).toBeAttached();
  await settle(page);
  const at = new URL(page.url()).hash.replace(/^#\/?/, "");
  if (at !== fragment && Object.values<string>(ADDRESSES).includes(at)) return false;
  await THEN[name]?.(page, house);
  await settle(page);
  return true;
}

/** Until nothing is awaited any more and two frames in a row are alike. */
export async function settle(page: Page): Promise<void> {
  await expect(page.locator("main .waiting")).toHaveCount(0);
  await expect(page.getByText("Estimating what it costs")).toHaveCount(0);
  await page.evaluate(async () => {
    await document.fonts.ready;
    const frame = () => new Promise((drawn) => requestAnimationFrame(drawn));
    // Clocks go on.
    const look = () => document.body.innerText.replace(/\d+/g, "");
    for (let before = "", now = look(), most = 120; before !== now && most > 0; most -= 1) {
      await frame();
      await frame();
      [before, now] = [now, look()];
    }
  });
}

async function isOpen(page: Page): Promise<boolean> {
  const search = page.getByRole("search", { name: "Find in this session" }).or(page.getByRole("group", { name: "Found in the settings" }));
  return page.getByRole("dialog").or(page.getByRole("menu")).or(search).first().isVisible();
}

async function close(page: Page): Promise<void> {
  await expect(async () => {
    if (await isOpen(page)) await page.keyboard.press("Escape");
    expect(await isOpen(page)).toBe(false);
  }).toPass({ intervals: [30] });
}
