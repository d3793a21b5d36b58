// Who changed their mind, by keys and against what the program itself told.

import { ConsolePage } from "../pages/console.ts";
import { Keys } from "../pages/keys.ts";
import { FIRST, QUESTION, SECOND } from "./fixtures/event-store.ts";
import { SEATS } from "./harness/panel.ts";
import { debated, debatedAgain } from "./harness/staging.ts";
import { expect, test } from "./harness/test.ts";

test("a seat that is won over is shown with both its stances and its reason", async ({ page, panel }) => {
  const { session, names } = await debated(new ConsolePage(page), panel, QUESTION, FIRST);
  await debatedAgain(session, panel, SECOND, names);
  const keys = await Keys.only(page);
  await keys.press("v", "v");
  const table = page.getByRole("table", { name: /^Who changed their mind/ });
  const row = table.getByRole("row").filter({ hasText: "Flexible documents buy you nothing" });
  await expect(row.getByRole("rowheader").last()).toContainText(SEATS.larch.name);
  await expect(row.getByRole("cell").first()).toContainText(/CHALLENGE.*They buy a queryable past during a backfill\./);
  await expect(row.getByRole("cell").last()).toContainText(/SHIFT.*was CHALLENGE.*With our own writers it is a habit, not a gain\./);

  // Of what is left by the seats, a claim has more than both rounds beside it.
  for (const size of [{ width: 900, height: 600 }, { width: 1360, height: 860 }]) {
    await page.setViewportSize(size);
    const [claim = 0, , ...rounds] = await table.getByRole("columnheader").evaluateAll((heads) => heads.map(({ clientWidth }) => clientWidth));
    expect(claim, `${size.width} wide`).toBeGreaterThan(rounds.reduce((sum, each) => sum + each, 0));
  }

  await keys.press("j");
  const quote = await page.locator(":focus .quote").getAttribute("title");
  await keys.press("Enter");
  await expect(session.tab("Answers")).toHaveAttribute("aria-selected", "true");
  await expect(session.markedWords.first()).toBeInViewport();
  expect((await session.markedWords.allTextContents()).join("")).toBe(quote);
  keys.assertAlone();
});

test("in a narrow window the newest round stands whole, and what a seat held before is named", async ({ page, panel }) => {
  const { session, names } = await debated(new ConsolePage(page), panel, QUESTION, FIRST);
  await debatedAgain(session, panel, SECOND, names);
  await session.tab("Moved").click();
  const table = page.getByRole("table", { name: /^Who changed their mind/ });
  // As 900 × 600 is at 80 %, and 1360 × 860 at 200 %.
  for (const size of [{ width: 1125, height: 750 }, { width: 680, height: 430 }]) {
    await page.setViewportSize(size);
    await expect(table.getByRole("columnheader").last(), `${size.width} wide`).toBeInViewport({ ratio: 1 });
    await expect(table.getByText("was", { exact: true }).first(), `${size.width} wide`).toBeInViewport({ ratio: 1 });
  }
  await session.tab("Claims").click();
  const before = page.getByRole("grid").getByText("was", { exact: true });
  await expect(before).not.toHaveCount(0);
  const widths = await before.evaluateAll((words) => words.map((word) => word.getBoundingClientRect().width));
  expect(Math.min(...widths), "no sign stands bare beside another").toBeGreaterThan(12);
});

test("four rounds stand side by side in a small window, and more pass beneath whose they are", async ({ page, panel }) => {
  const { session, names } = await debated(new ConsolePage(page), panel, QUESTION, FIRST);
  for (const _ of [2, 3, 4]) await debatedAgain(session, panel, SECOND, names);
  await page.setViewportSize({ width: 900, height: 600 });
  await session.tab("Moved").click();
  const heads = page.getByRole("table", { name: /^Who changed their mind/ }).getByRole("columnheader");
  await expect(heads).toHaveCount(6);
  for (const head of await heads.all()) await expect(head).toBeInViewport({ ratio: 1 });

  await page.setViewportSize({ width: 1360, height: 860 });
  await debatedAgain(session, panel, SECOND, names);
  await page.setViewportSize({ width: 900, height: 600 });
  await session.tab("Moved").click();
  await expect(heads.last()).toHaveText("Round 5");
  for (const each of [heads.first(), heads.nth(1), heads.last()]) await expect(each).toBeInViewport({ ratio: 1 });

  await session.tab("Claims").click();
  await expect(page.getByRole("combobox", { name: "Which round" })).toHaveValue("4");
  await expect(session.tab("Transcript"), "the rounds leave the views their names").toBeInViewport({ ratio: 1 });
});
