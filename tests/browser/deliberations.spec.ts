// The list of deliberations: when it is long and read on, it grows, and what changes elsewhere moves nothing under the reader; in a small window questions come first.

import type { Locator, Page } from "@playwright/test";

import { ConsolePage } from "../pages/console.ts";
import { Keys } from "../pages/keys.ts";
import { rpc } from "./harness/rpc.ts";
import { expect, test } from "./harness/test.ts";

const COUNT = 215;

test("a long list keeps all that was read, and the place one reads at, while sessions change", async ({ page }) => {
  test.slow();
  const ids = await conveneMany(page, COUNT);
  await new ConsolePage(page).goto("deliberations");
  const rows = page.getByRole("list", { name: "Deliberations" }).getByRole("listitem");
  await expect(rows.first()).toContainText(titleOf(COUNT - 1));

  await test.step("scrolled to the end, all of it is there", async () => {
    await expect(async () => {
      await page.evaluate(scrollTo, 1);
      await expect(rows.filter({ hasText: titleOf(0) })).toBeInViewport({ timeout: 500 });
    }).toPass();
    await expect(rows.first()).toHaveAttribute("aria-setsize", String(COUNT));
  });

  await test.step("a session that changes goes to the top, and nothing moves", async () => {
    await page.evaluate(scrollTo, 0.8);
    const before = await page.evaluate(topmost);
    await rpc(page, "edit_session", { session_id: ids[3], title: "The one that was edited" });
    await expect(rows.filter({ hasText: "The one that was edited" }), "it left its old place").toHaveCount(0);
    // Two hundred rows are read at once, and the oldest are beyond them.
    await expect(rows.first()).toHaveAttribute("aria-setsize", String(COUNT));
    await expect.poll(() => page.evaluate(topmost), "what is read stays where it is").toEqual(before);
    await rpc(page, "convene", { prompt: "A new one above all others", models: await rehearsal(page), recap_round: false });
    await expect(rows.first()).toHaveAttribute("aria-setsize", String(COUNT + 1));
    await expect.poll(() => page.evaluate(topmost), "a new one neither").toEqual(before);
    await page.evaluate(scrollTo, 1);
    await expect(rows.filter({ hasText: titleOf(0) })).toBeInViewport();
  });

  await test.step("at the top what is new is seen as it comes", async () => {
    await page.evaluate(scrollTo, 0);
    await expect(rows.first()).toContainText("A new one above all others");
    await rpc(page, "edit_session", { session_id: ids[5], title: "Newer still" });
    await expect(rows.first()).toContainText("Newer still");
    await expect(rows.first()).toBeInViewport();
  });
});

test("the keys stay on their session when another one takes its place", async ({ page }) => {
  const ids = await conveneMany(page, 4);
  const keys = await Keys.only(page);
  await keys.press("g", "d");
  const rows = page.getByRole("list", { name: "Deliberations" }).getByRole("listitem");
  await expect(rows).toHaveCount(4);
  await keys.press("j", "j");
  const chosen = page.locator("a[aria-current=true]");
  await expect(rows.nth(2).locator(chosen)).toBeVisible();
  // Which round ended last is not known.
  const [title, last] = await Promise.all([numberIn(chosen), numberIn(rows.last())]);
  await rpc(page, "edit_session", { session_id: ids[last], title: "Moved up" });
  await expect(rows.first()).toContainText("Moved up");
  await expect(chosen.filter({ hasText: titleOf(title) })).toBeVisible();
  await keys.press("Enter");
  await expect(new ConsolePage(page).heading(titleOf(title))).toBeVisible();
});

test("a question keeps its room before the door it came by, and the rail's search its one line", async ({ page, husting }) => {
  const question = "Which of the four depots should take the night run once the harbour road is closed?";
  await husting.cli("deliberate", question);
  await new ConsolePage(page).goto("deliberations");
  const row = page.getByRole("list", { name: "Deliberations" }).getByRole("listitem").filter({ hasText: question });
  await expect(row.locator(".door")).toHaveText("from the command line");
  await page.setViewportSize({ width: 900, height: 600 });
  const [title, door] = await Promise.all([widthOf(row.locator(".title")), widthOf(row.locator(".door"))]);
  expect(title).toBeGreaterThan(door);

  // The least at which the rail shows names.
  await page.setViewportSize({ width: 1000, height: 700 });
  const search = page.getByRole("navigation", { name: "Places" }).locator(".search .named");
  expect(await search.evaluate((name) => name.getBoundingClientRect().height), "its name").toBeLessThan(24);
});

const widthOf = (part: Locator) => part.evaluate((each) => each.getBoundingClientRect().width);
const numberIn = async (row: Locator) => Number(/Question (\d+)/.exec(await row.innerText())?.[1]);
const titleOf = (number: number) => `Question ${String(number).padStart(3, "0")}`;

/** Ids of the seats that ask nobody. */
async function rehearsal(page: Page): Promise<string[]> {
  const { models } = (await rpc(page, "list_models", {})) as { models: { id: string; kind: string }[] };
  return models.filter(({ kind }) => kind === "rehearsal").map(({ id }) => id).slice(0, 2);
}

/** Puts so many questions to rehearsal seats, and waits until each round is over. */
async function conveneMany(page: Page, count: number): Promise<string[]> {
  const models = await rehearsal(page);
  const ids: string[] = [];
  for (let at = 0; at < count; at += 1) {
    const { session_id } = (await rpc(page, "convene", { prompt: titleOf(at), models, recap_round: false })) as { session_id: string };
    ids.push(session_id);
  }
  await expect.poll(async () => ((await rpc(page, "list_sessions", { archived: false, status: "streaming", limit: 1 })) as { total: number }).total, { timeout: 60_000 }).toBe(0);
  return ids;
}

/** Scrolls the list to a share of its height and waits until that is drawn. */
async function scrollTo(share: number): Promise<void> {
  const scroller = document.querySelector("main .scroller") as HTMLElement;
  scroller.scrollTop = scroller.scrollHeight * share;
  for (let frame = 0; frame < 3; frame += 1) await new Promise((drawn) => requestAnimationFrame(drawn));
}

/** The question at the top of the list and where it stands. */
function topmost(): { words: string; at: number } {
  const scroller = document.querySelector("main .scroller") as HTMLElement;
  const { top } = scroller.getBoundingClientRect();
  const rows = [...scroller.querySelectorAll("[role=listitem]")];
  const row = rows.filter((each) => each.getBoundingClientRect().top >= top).sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)[0];
  return { words: row?.querySelector(".title")?.textContent ?? "", at: row?.getBoundingClientRect().top ?? 0 };
}
