// Every view of a session, by axe, in both themes, down to 900 × 600.

import { ConsolePage } from "../pages/console.ts";
import { selectWords } from "../pages/pointer.ts";
import { isAccessible } from "./harness/looks.ts";
import { SEATS, when } from "./harness/panel.ts";
import { expect, test } from "./harness/test.ts";

const QUESTION = "Should the archive be kept in plain files?";

test("while a round runs", async ({ page, panel }) => {
  await panel.play([
    when("rowan", { gates: [{ name: "rowan", at: { before_token: 30 } }] }),
    when("alder", { fault: { kind: "rate_limited429", retry_after: 20, times: 1 } }),
  ]);
  const session = await new ConsolePage(page).ask(QUESTION);
  await expect(session.column(SEATS.larch.name)).toContainText("Answered");
  await expect(session.column(SEATS.alder.name)).toContainText("Second try");
  await isAccessible(page, "Live, running");
  await session.tab("Claims").click();
  await expect(page.getByText("Claims come when all seats have reacted.")).toBeVisible();
  await isAccessible(page, "Claims to come");
});

test("how the running phase stands is said whole in a narrow window", async ({ page, panel }) => {
  await panel.play([when("alder", { fault: { kind: "cut", after_tokens: 12 } }), when("rowan", { gates: [{ name: "rowan", at: { before_token: 30 } }] })]);
  await new ConsolePage(page).ask(QUESTION);
  const state = page.getByRole("list", { name: "Phases of the round" }).getByText("1 failed").locator("..");
  await expect(state).toHaveText("1 streaming, 1 answered, 1 failed");
  // As 1360 × 860 is at 200 %.
  for (const size of [{ width: 900, height: 600 }, { width: 680, height: 430 }]) {
    await page.setViewportSize(size);
    expect(await state.evaluate((parts) => [...parts.children].every((part) => (part as HTMLElement).offsetTop === (parts.firstElementChild as HTMLElement).offsetTop)), `${size.width} wide`).toBe(true);
  }
});

test("after a seat failed", async ({ page, panel }) => {
  await panel.play([when("alder", { fault: { kind: "cut", after_tokens: 12 } })]);
  const session = await new ConsolePage(page).ask(QUESTION);
  await session.mapped();
  await isAccessible(page, "Claims, incomplete");
  await session.tab("Live").click();
  await page.getByRole("button", { name: "Details" }).first().click();
  await isAccessible(page, "Live, failed");
  await session.tab("Transcript").click();
  await expect(page.getByRole("button", { name: "Save as Markdown" })).toBeVisible();
  await isAccessible(page, "Transcript");
});

test("claims", async ({ page, panel }) => {
  const session = await new ConsolePage(page).ask(QUESTION);
  await session.mapped();
  await page.keyboard.press("j");
  await page.keyboard.press("2");
  await page.getByRole("button", { name: /quotes not verified/ }).click();
  await expect(page.locator("section.claims"), "nothing is hidden at its right").not.toHaveAttribute("data-more", /right/);
  await isAccessible(page, "Claims");
  await page.keyboard.press("u");
  await isAccessible(page, "Claims, filtered", async () => {
    if (await page.getByRole("group", { name: "Filter claims" }).isHidden()) await page.getByRole("button", { name: "Filter" }).click();
  });
  await page.keyboard.press("Escape");
  const words = (await session.quoteOf(session.claims.first())).split(" ").slice(0, 3).join(" ");
  await isAccessible(page, "the stances over selected words", async () => {
    await session.facts.click({ position: { x: 2, y: 2 } }); // a press on words that are selected would drag them
    await selectWords(session.claims.first(), words);
    await expect(page.getByRole("group", { name: "Add as" })).toBeVisible();
  });
  void panel;
});

test("answers, cost and what can be exported", async ({ page, panel }) => {
  const session = await new ConsolePage(page).ask(QUESTION);
  await session.mapped();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await expect(session.markedWords.first()).toBeVisible();
  await isAccessible(page, "Answers");
  await page.keyboard.press("w");
  await expect(page.getByRole("note")).toBeVisible();
  const [view, keys] = [await page.getByRole("tabpanel").boundingBox(), await page.getByRole("note").boundingBox()];
  expect(keys!.y + keys!.height, "they stand whole in the view").toBeLessThanOrEqual(view!.y + view!.height);
  await isAccessible(page, "words chosen by keys");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+f");
  await page.keyboard.type("the");
  await expect(page.getByRole("search")).toContainText(/\d+ (of \d+|found)/);
  await isAccessible(page, "find in a session");
  await page.keyboard.press("Escape");
  await session.tab("Cost").click();
  await expect(page.getByRole("row", { name: /^All rounds/ })).toBeVisible();
  await isAccessible(page, "Cost");
  await page.getByRole("button", { name: "Export" }).click();
  await expect(page.getByRole("menu")).toBeVisible();
  await isAccessible(page, "Export");
  void panel;
});
