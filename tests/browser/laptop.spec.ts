// What a small laptop shows: 1280 × 800, and the smallest window there is.

import type { Locator } from "@playwright/test";

import { AgentsPage } from "../pages/agents.ts";
import { BusPage } from "../pages/bus.ts";
import { ConsolePage } from "../pages/console.ts";
import { SessionPage } from "../pages/session.ts";
import { Tenant } from "./harness/agent.ts";
import { FIRST, QUESTION, SECOND } from "./fixtures/event-store.ts";
import { debated, debatedAgain } from "./harness/staging.ts";
import { expect, test } from "./harness/test.ts";

const LAPTOP = { width: 1280, height: 800 };
const SMALL = { width: 900, height: 600 };
/** That one drawn at 200 %. */
const TWICE = { width: 450, height: 300 };
/** The narrowest there is. */
const NARROW = { width: 320, height: 560 };

test("at twice its size the window names each scope over its marks", async ({ page }) => {
  await page.setViewportSize({ width: 680, height: 430 });
  await new ConsolePage(page).goto("agents");
  const [names, marks] = [page.locator(".names > span"), page.locator(".strip").first().locator("> *")];
  await expect(marks.first()).toBeVisible();
  const middles = (all: Locator) => all.evaluateAll((each) => each.map((one) => Math.round(one.getBoundingClientRect().left + one.getBoundingClientRect().width / 2)));
  await expect(names.first()).toBeVisible();
  expect(await middles(names)).toEqual(await middles(marks));
});

test("at twice its size the window offers a price for a model that has none", async ({ page, husting }) => {
  await page.setViewportSize({ width: 680, height: 430 });
  await husting.withKey("sk-northwind-7c1f0d5Kw4Kp", "provider", "add", "northwind", "--kind", "openai-compatible", "--base-url", "http://127.0.0.1:9/v1");
  await husting.cli("models", "add", "spruce", "--provider", "northwind", "--name", "Spruce 70B");
  await new ConsolePage(page).goto("settings/models");
  await page.getByRole("row", { name: /Spruce 70B/ }).getByRole("button", { name: "Set a price" }).click();
  await expect(page.getByRole("dialog", { name: /Spruce 70B/ })).toBeVisible();
});

test("at twice its size a sheet opens at its beginning, with the focus on the first that it asks", async ({ page }) => {
  const sheet = page.getByRole("dialog", { name: "Add a provider" });
  for (const [size, first] of [[TWICE, sheet.getByLabel("Vendor")], [SMALL, sheet.getByLabel("Key", { exact: true })]] as const) {
    await page.setViewportSize(size);
    await new ConsolePage(page).goto("settings/providers");
    await page.getByRole("main").getByRole("button", { name: "Add a provider" }).first().click();
    await expect(first).toBeFocused();
    await expect(first).toBeInViewport({ ratio: 1 });
    expect(await sheet.evaluate(({ scrollTop }) => scrollTop), `at ${size.width}`).toBe(0);
    await page.keyboard.press("Escape");
  }
});

test("at twice its size the acts of a table stay in sight, whatever is scrolled beneath them", async ({ page, husting }) => {
  await husting.cli("key", "create", "--name", "night run");
  await husting.withKey("sk-northwind-7c1f0d5Kw4Kp", "provider", "add", "northwind", "--kind", "openai-compatible", "--base-url", "http://127.0.0.1:9/v1");
  for (const size of [{ width: 680, height: 430 }, TWICE]) {
    await page.setViewportSize(size);
    for (const [section, act] of [["keys", "Revoke… night run"], ["tenants", "New token… local"], ["providers", /^More for northwind$/i]] as const) {
      await new ConsolePage(page).goto(`settings/${section}`);
      const button = page.locator(".rows-box").getByRole("button", { name: act });
      await button.evaluate((each) => each.closest("tr")?.querySelector("th")?.scrollIntoView({ block: "center", inline: "start" }));
      await expect(button).toBeInViewport({ ratio: 1 });
      expect(await isClear(button), `${act} at ${size.width}`).toBe(true);
    }
  }
});

test("in a large window long names stand whole in the list and beside the lanes", async ({ page, husting }) => {
  await page.setViewportSize({ width: 1700, height: 1075 });
  const tenant = await Tenant.of(husting);
  const [watch, gate] = ["night-watch-of-the-hamburg-harbour-cold-store-gate", "night-watch-of-the-cold-store-gate"];
  await tenant.mint("loom");
  await tenant.mint(watch);
  await (await tenant.mint(gate)).call("send", { to: "loom", text: "Gate B is open." });
  for (const [place, name, names] of [["agents", watch, page.getByRole("table", { name: "Agents" })], ["bus/lanes", gate, page.getByRole("group", { name: "Lanes" })]] as const) {
    await new ConsolePage(page).goto(place);
    const shown = names.locator("b").filter({ hasText: name });
    await expect(shown).toBeVisible();
    expect(await isWhole(shown), place).toBe(true);
  }
});

test("at twice its size the status bar shows whole what it shows", async ({ page, husting }) => {
  await (await Tenant.of(husting)).mint("loom");
  await new ConsolePage(page).goto("agents");
  const status = page.getByRole("contentinfo", { name: "Status" });
  for (const [width, paused] of [[680, false], [450, false], [450, true], [680, true]] as const) {
    await page.setViewportSize({ width, height: width === 680 ? 430 : 300 });
    if (paused) await husting.cli("pause");
    for (const part of ["agents live", paused ? "paused" : "Pause", "running"]) await expect(status.locator("> *").filter({ hasText: part })).toBeInViewport({ ratio: 1 });
    await expect(status.getByRole("button", { name: /keys$/ })).toBeInViewport({ ratio: 1 });
    expect(await status.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth), `pixels out of sight at ${width}`).toBe(0);
  }
});

test("tabs and choices stay where they are, whichever is chosen", async ({ page, husting }) => {
  await page.setViewportSize(LAPTOP);
  await (await Tenant.of(husting)).mint("loom");
  const console = new ConsolePage(page);
  const lefts = (all: Locator) => all.evaluateAll((each) => each.map((one) => one.getBoundingClientRect().left));
  await console.goto("agents");
  await page.getByRole("main").getByRole("link", { name: /^loom/ }).click();
  for (const [around, all] of [["tab", page.getByRole("tab")], ["choice", page.locator(".segmented label")]] as const) {
    if (around === "choice") await console.goto("deliberations/new");
    await expect(all.nth(2)).toBeVisible();
    const stood = await lefts(all);
    for (const each of (await all.all()).slice(0, 3)) {
      await each.click();
      expect(await lefts(all), around).toEqual(stood);
    }
  }
});

test("a rehearsal's head, seats and map have room for their words", async ({ page, husting }) => {
  await page.setViewportSize(LAPTOP);
  const console = new ConsolePage(page);
  const session = new SessionPage(page);
  await husting.cli("deliberate", QUESTION);
  await console.goto("deliberations");
  await page.getByRole("main").getByRole("link", { name: QUESTION }).first().click();
  await session.mapped();
  await expect(page.getByRole("main").getByText("opened from the command line")).toBeAttached();
  expect(await lines(console.heading(QUESTION).getByRole("button")), "lines of the question").toBe(1);

  await session.tab("Answers").click();
  const seats = page.locator(".seats label");
  await expect(seats).toHaveCount(3);
  for (const seat of await seats.all()) expect(await isWhole(seat), await seat.innerText()).toBe(true);

  await session.tab("Map").click();
  const foot = page.locator("footer:has(.zoom) > *");
  for (const width of [LAPTOP.width, 1360, 1440, 1520, 1600]) {
    await page.setViewportSize({ width, height: 800 });
    const ends = await foot.evaluateAll((all) => all.map((each) => [each.getBoundingClientRect().left, each.getBoundingClientRect().left + each.scrollWidth]));
    ends.sort(([one = 0], [other = 0]) => one - other);
    ends.slice(1).forEach(([left], at) => expect(left, `at ${width}, part ${at + 2} of the foot`).toBeGreaterThanOrEqual(ends[at]?.[1] ?? 0));
    await expect(foot.locator("li").last()).toBeInViewport({ ratio: 1 });
  }
});

test("three rounds of who moved are seen whole", async ({ page, panel }) => {
  const { session, names } = await debated(new ConsolePage(page), panel, QUESTION, FIRST);
  for (const _ of [2, 3]) await debatedAgain(session, panel, SECOND, names);
  await page.setViewportSize(LAPTOP);
  await session.tab("Moved").click();
  const rounds = page.getByRole("region", { name: /^Who changed their mind/ });
  await expect(rounds.getByRole("columnheader", { name: "Round 3" })).toBeVisible();
  expect(await rounds.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth), "pixels of rounds out of sight").toBe(0);
});

test("a row of the bus keeps its time, its recipient and its whole state beside an open message", async ({ page, husting }) => {
  const tenant = await Tenant.of(husting);
  const [harbour, athena] = [await tenant.mint("harbour-watch"), await tenant.mint("athena-two")];
  const sent = await harbour.call("send", { to: "athena-two", text: "Draft the letter.", request_id: "letter-1" });
  await athena.call("inbox");
  await athena.call("send", { to: "harbour-watch", text: "It is drafted.", in_reply_to: sent.message_id ?? sent.id });
  const bus = new BusPage(page);
  await new ConsolePage(page).goto("bus");
  const row = bus.row("Draft the letter.");
  await expect(row).toContainText("answered in");
  for (const size of [LAPTOP, SMALL]) {
    await page.setViewportSize(size);
    for (const opened of [false, true]) {
      if (opened) await row.getByRole("link").click();
      for (const part of ["time", ".who b", ".to", ".state"]) {
        await expect(row.locator(part)).toBeInViewport({ ratio: 1 });
        expect(await isWhole(row.locator(part)), `${part} at ${size.width}`).toBe(true);
      }
    }
    await page.keyboard.press("Escape");
  }
  // A third of that row has some forty letters: a short message whole, of a longer one what it is about. The rest of it is
  // read by opening it; whole names, to which the words give way, are what tells messages apart.
  const widths = await row.getByRole("link").evaluate((link) => [link, ...link.querySelectorAll(".text")].map((each) => each.getBoundingClientRect().width));
  expect((widths[1] ?? 0) / (widths[0] ?? 1), "the words' part of a row in the smallest window").toBeGreaterThan(0.33);
  await page.setViewportSize(TWICE);
  for (const part of ["time", ".who", ".to", ".state"]) {
    await expect(row.locator(part)).toBeVisible();
    expect(await isWhole(row.locator(part)), `${part} at twice its size`).toBe(true);
  }
});

test("a denial's time stands beside other words", async ({ page, husting }) => {
  await page.setViewportSize(LAPTOP);
  const agent = await (await Tenant.of(husting)).mint("night-watch-hamburg");
  expect((await agent.asks("broadcast", { text: "All hands." })).status).toBe(403);
  const said = page.getByRole("listitem").filter({ hasText: "mcp:broadcast" }).locator("p").first();
  await expect(said).toBeVisible();
  const widths = await said.evaluate((paragraph) => {
    const range = document.createRange();
    range.selectNodeContents(paragraph);
    const rows = new Map<number, [number, number]>();
    for (const { bottom, left, right } of range.getClientRects()) {
      const row = Math.round(bottom / 12);
      const [from, to] = rows.get(row) ?? [left, right];
      rows.set(row, [Math.min(from, left), Math.max(to, right)]);
    }
    return [...rows.values()].map(([from, to]) => to - from);
  });
  expect(Math.min(...widths), "the shortest line").toBeGreaterThan(Math.max(...widths) / 3);
});

test("what stands above the seats keeps off them, and the ring of Edit has room above it", async ({ page, husting }) => {
  await page.setViewportSize(SMALL);
  const console = new ConsolePage(page);
  await console.goto("deliberations/new");
  const note = page.getByText("No key and no local model is connected");
  const space = await note.evaluate((paragraph) => {
    const range = document.createRange();
    range.selectNodeContents(paragraph);
    const [words, next] = [range.getBoundingClientRect(), paragraph.nextElementSibling?.getBoundingClientRect()];
    const before = paragraph.previousElementSibling?.getBoundingClientRect();
    return { above: words.top - (before?.bottom ?? 0), below: (next?.top ?? 0) - words.bottom };
  });
  expect(Math.min(space.above, space.below), "pixels around the words").toBeGreaterThanOrEqual(4);

  const agent = await (await Tenant.of(husting)).mint("night-watch");
  await console.goto(`agents/${agent.id}`);
  const above = await page.getByRole("button", { name: "Edit" }).evaluate((button) => button.getBoundingClientRect().top - (button.closest(".overview")?.getBoundingClientRect().top ?? 0));
  expect(above, "pixels for the ring").toBeGreaterThanOrEqual(4);
});

test("why a token's sheet asks twice is in sight beside the act, and an agent opens by its name", async ({ page }) => {
  await page.setViewportSize(SMALL);
  const console = new ConsolePage(page);
  const agents = new AgentsPage(page);
  await console.goto("agents");
  await agents.mint("night-watch");
  await expect(agents.once.getByRole("region", { name: "What its client reads" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(agents.once.getByRole("alert")).toBeInViewport({ ratio: 1 });
  const act = agents.once.getByRole("button", { name: "Close anyway" });
  await expect(act).toBeInViewport({ ratio: 1 });
  await act.click();
  await console.goto("agents/night-watch");
  await expect(page.getByRole("heading", { name: "night-watch", level: 1 })).toBeVisible();
  await expect(page).toHaveURL(/#\/agents\/[0-9a-f-]{36}$/);
});

test("at twice its size a sheet's warning and the undo line cover nothing that has the focus", async ({ page, husting }) => {
  await page.setViewportSize(TWICE);
  const console = new ConsolePage(page);
  const agents = new AgentsPage(page);
  await console.goto("agents");
  await agents.mint("night-watch");
  const copy = agents.once.getByRole("button", { name: "Copy token" });
  await expect(copy).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(agents.once.getByRole("alert")).toBeInViewport({ ratio: 1 });
  await expect(copy).toBeFocused();
  await expect.poll(() => isClear(copy)).toBe(true);
  await agents.once.getByRole("button", { name: "Close anyway" }).click();

  const tenant = await Tenant.of(husting);
  for (const name of ["porter", "scribe", "ada", "loom"]) await tenant.mint(name);
  await console.goto("agents/scopes");
  const focused = page.locator(":focus");
  await expect(agents.cell("night-watch", "send")).toBeAttached();
  for (const key of ["j", "ArrowDown", "ArrowDown", "ArrowDown"]) await page.keyboard.press(key);
  await expect(agents.cell("night-watch", "send")).toBeFocused();
  await page.keyboard.press("Space");
  await expect(page.getByRole("button", { name: /^Undo/ })).toBeVisible();
  for (const key of ["ArrowRight", "ArrowDown", "ArrowDown", "ArrowUp"]) {
    await expect.poll(() => isClear(focused), { message: `before ${key}`, timeout: 4_000 }).toBe(true);
    await page.keyboard.press(key);
  }
  await expect.poll(() => isClear(focused), "after the last key").toBe(true);

  await page.setViewportSize(NARROW);
  await console.goto("agents");
  const name = agents.row("night-watch").getByText("night-watch", { exact: true });
  await expect(name).toBeInViewport({ ratio: 1 });
  expect(await isWhole(name), "a name in the narrowest window").toBe(true);
});

test("in the smallest window the section of the settings that the keys are on stands clear of the fades", async ({ page }) => {
  await page.setViewportSize(SMALL);
  await new ConsolePage(page).goto("settings/providers");
  const sections = page.getByRole("navigation", { name: "Sections" });
  const links = sections.getByRole("link");
  await links.first().focus();
  for (const link of await links.all()) {
    await expect(link).toBeFocused();
    const faded = () =>
      link.evaluate((each) => {
        const fade = parseFloat(getComputedStyle(each).getPropertyValue("--fade"));
        const nav = each.closest("nav") as HTMLElement;
        const [at, around] = [each.getBoundingClientRect(), nav.getBoundingClientRect()];
        const more = nav.dataset.more?.split(" ") ?? [];
        return (more.includes("above") && at.top < around.top + fade - 1) || (more.includes("below") && at.bottom > around.bottom - fade + 1);
      });
    await expect.poll(faded, await link.innerText()).toBe(false);
    await page.keyboard.press("Tab");
  }
});

test("at twice its size keys take a claim's row into sight, and a revoke's field once what ends was read", async ({ page, husting, panel }) => {
  await debated(new ConsolePage(page), panel, QUESTION, FIRST);
  await page.setViewportSize(TWICE);
  await page.getByRole("tab", { name: "Claims" }).click();
  const focused = page.locator(":focus");
  for (const _ of [1, 2, 3]) {
    await page.keyboard.press("j");
    await expect(focused).toHaveAttribute("aria-selected", "true");
    const main = await page.getByRole("main").evaluate((each) => each.getBoundingClientRect().bottom);
    await expect.poll(() => focused.evaluate((row) => row.getBoundingClientRect().bottom), "its lower edge").toBeLessThanOrEqual(main);
  }

  const session = new SessionPage(page);
  await page.keyboard.press("t");
  await expect(session.tray).toBeFocused();
  await expect(session.nextRound).toBeInViewport({ ratio: 1 });
  await expect.poll(() => isClear(session.nextRound)).toBe(true);
  await expect(page.getByRole("main"), "it does not fade").not.toHaveAttribute("data-more", /below/);
  await page.keyboard.press("Escape");
  await expect(session.tray).toBeHidden();

  const search = page.getByRole("searchbox");
  await page.keyboard.press("Control+f");
  await page.keyboard.type("e");
  for (const _ of [1, 2, 3]) {
    await expect(search).toBeFocused();
    await expect(page.getByRole("search").getByRole("status")).toContainText("of");
    await expect(search).toBeInViewport({ ratio: 1 });
    await expect.poll(() => isClear(search)).toBe(true);
    await page.keyboard.press("Enter");
  }

  await (await Tenant.of(husting)).mint("loom");
  await new ConsolePage(page).goto("agents/loom");
  await page.getByRole("button", { name: "Revoke…" }).click();
  const sheet = page.getByRole("dialog", { name: "Revoke loom?" });
  const field = sheet.getByRole("textbox");
  await expect(sheet).toBeFocused();
  const act = sheet.getByRole("button", { name: "Revoke loom" });
  /** Pixels of the field above the acts, which stay at the sheet's lower edge. */
  const free = async () => {
    const [one, other] = await Promise.all([field, act].map((each) => each.boundingBox()));
    return (other?.y ?? 0) - (one?.y ?? 0) - (one?.height ?? 0);
  };
  expect(await free()).toBeLessThan(0);
  while (!(await field.evaluate((each) => each === document.activeElement))) await page.keyboard.press("Tab");
  await expect.poll(free).toBeGreaterThanOrEqual(0);
  await page.keyboard.type("loom");
  await expect(act).toBeEnabled();
});

async function lines(locator: Locator): Promise<number> {
  return locator.evaluate((element) => Math.round((element.getBoundingClientRect().height - 4) / parseFloat(getComputedStyle(element).lineHeight)));
}

/** Nothing stands over its upper or its lower edge. */
async function isClear(locator: Locator): Promise<boolean> {
  return locator.evaluate((element) => {
    const { left, width, top, bottom } = element.getBoundingClientRect();
    return [top + 4, bottom - 4].every((y) => element.contains(document.elementFromPoint(left + width / 2, y)));
  });
}

/** Nothing of its words is cut, by itself or by what it stands in. */
async function isWhole(locator: Locator): Promise<boolean> {
  return locator.evaluate((element) => {
    const { right } = element.getBoundingClientRect();
    const around = element.parentElement?.getBoundingClientRect().right ?? right;
    return [element, ...element.querySelectorAll<HTMLElement>(".cut")].every((each) => each.scrollWidth <= each.clientWidth) && right <= around + 1;
  });
}
