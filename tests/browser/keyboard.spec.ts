// The whole path by keys alone: convene, watch, read, steer, pay, cancel, retry.

import { Keys } from "../pages/keys.ts";
import { SessionPage } from "../pages/session.ts";
import { SEATS, when } from "./harness/panel.ts";
import { expect, test } from "./harness/test.ts";

const QUESTION = "Should we use Postgres or MongoDB for an event store?";

test("a panel is convened, steered, paid, cancelled and asked again by keys alone", async ({ page, panel, husting, watch }) => {
  watch.expect(/status of 402/);
  const keys = await Keys.only(page);
  const session = new SessionPage(page);

  await test.step("convene", async () => {
    await panel.play([when("rowan", { gates: [{ name: "rowan", at: { before_token: 20 } }] })]);
    await keys.press("n");
    await keys.into(page.getByRole("textbox", { name: "Question" }), QUESTION);
    await expect(page.getByRole("list", { name: "Panel" }).getByRole("listitem")).toHaveCount(3);
    await keys.press("Control+Enter");
  });

  await test.step("live", async () => {
    await session.isLive();
    await expect(session.column(SEATS.larch.name)).toContainText("Answered");
    await expect(session.column(SEATS.rowan.name)).toContainText("Responding");
    await expect(session.words(SEATS.rowan.name)).toContainText("I am not");
    await expect(session.column(SEATS.rowan.name), "what it has probably cost").toContainText(/≈\s\$0\.0\d{3}/);
    await expect(page.getByText(/^Spent ≈\s\$0\.\d{4} so far$/)).toBeVisible();
    await panel.open("rowan");
    await session.mapped();
  });

  await test.step("claims, with what could not be verified", async () => {
    await expect(session.facts).toContainText(/\d+ quotes, 2 unverified/);
    await keys.press("u");
    await expect(page.getByText("as quoted").first()).toBeVisible();
    await keys.press("u");
  });

  await test.step("a claim's words in their answer", async () => {
    await keys.press("j", "j", "k");
    const chosen = page.getByRole("row", { selected: true });
    await expect(chosen).toBeFocused();
    const quote = await session.quoteOf(chosen);
    await keys.press("Enter");
    await expect(session.tab("Answers")).toHaveAttribute("aria-selected", "true");
    await expect(session.markedWords.first()).toBeInViewport();
    expect((await session.markedWords.allTextContents()).join("")).toBe(quote);
  });

  await test.step("words of the answer, found and chosen", async () => {
    await keys.press("Control+f");
    await keys.into(page.getByRole("searchbox", { name: "Find in this session" }), "the");
    const found = page.getByRole("search");
    await expect(found.getByRole("status")).toContainText(/^\d+ of \d+/);
    await keys.press("Enter");
    await expect.poll(() => page.evaluate(() => CSS.highlights.get("found-now")?.size), "the current one is marked").toBe(1);
    expect(await page.evaluate(() => [...(CSS.highlights.get("found-now") ?? [])].join("").toLowerCase())).toBe("the");
    await keys.press("Escape");
    await expect(found).toBeHidden();
    await expect.poll(() => page.evaluate(() => CSS.highlights.size), "and no mark stays").toBe(0);

    await keys.press("v", "a", "w", "ArrowDown", "Shift+ArrowRight", "Shift+ArrowRight");
    const chosen = await page.evaluate(() => document.getSelection()?.toString() ?? "");
    expect(chosen.match(/[\p{L}\p{N}’']+/gu)?.length, `three words of “${chosen}”`).toBe(3);
    await keys.press("5", "Escape");
    await expect(session.snippets).toContainText([chosen.replace(/\s+/g, " ")]);
    await keys.press("v", "c", "j", ...Array<string>(20).fill("k"));
    await expect(page.getByRole("row", { selected: true })).toBeFocused();
  });

  await test.step("steer", async () => {
    await keys.press("3");
    await expect(session.snippets).toHaveCount(2);
    await keys.press("j", "j", "1");
    await expect(session.snippets).toHaveCount(3);
    await expect(session.snippets.first()).toContainText("SHIFT");
    await expect(session.snippets.nth(1)).toContainText("CHALLENGE");
    await expect(session.snippets.last()).toContainText("KEEP");
    await keys.press("p");
    await keys.into(session.prompt, "Which of you would change your mind, and on what figure?");
    await panel.play([when("alder", { fault: { kind: "cut", after_tokens: 12 } })]);
    await keys.press("Control+Enter");
  });

  await test.step("a second round, in which a seat fails", async () => {
    await session.mapped();
    await expect(session.round(2)).toBeChecked();
    await expect(session.facts).toContainText("2 of 3 answered");
    await expect(page.getByRole("columnheader", { name: "You" })).toBeVisible();
    await keys.press("[");
    await expect(session.facts).toContainText("3 of 3 answered");
    await keys.press("]");
    await expect(session.facts).toContainText("2 of 3 answered");
  });

  await test.step("cost", async () => {
    await keys.press("v", "o");
    await expect(session.tab("Cost")).toHaveAttribute("aria-selected", "true");
    await expect(page.getByRole("row", { name: /^Larch 4 react/ })).toContainText(/\$0\.\d{6}/);
    await expect(page.getByRole("row", { name: /^Round/ }).first()).toContainText(/\$0\.\d{6}/);
    const estimate = page.getByText("Estimate", { exact: true }).locator("xpath=following-sibling::dd");
    const told = await estimate.textContent();
    expect(told).toMatch(/^\$0\.\d+ – 0\.\d+/);
    await page.reload();
    await expect(estimate, "after a reload too").toHaveText(told ?? "");
  });

  await test.step("refused for credit, and the limit raised", async () => {
    await husting.cli("wallet", "limit", "--usd", "0.02");
    const before = (await panel.provider("larch").calls()) + (await panel.provider("rowan").calls());
    await keys.press("p");
    await keys.into(session.prompt, "Once more, with figures.");
    await keys.press("Control+Enter");
    await expect(session.limitUsed).toBeVisible();
    expect((await panel.provider("larch").calls()) + (await panel.provider("rowan").calls())).toBe(before);
    const limit = session.limitUsed.getByRole("textbox");
    await expect(limit).toBeFocused();
    await expect(limit).toHaveValue("$1");
    await keys.press("Enter");
    await expect(session.limitUsed).toBeHidden();
    await expect(session.prompt).toHaveValue("Once more, with figures.");
  });

  await test.step("cancel", async () => {
    await panel.play([
      when("rowan", { gates: [{ name: "stays", at: { before_token: 10 } }] }, { calls: { from: 1, to: 1 } }),
      when("alder", { fault: { kind: "cut", after_tokens: 12 } }, { calls: { from: 1, to: 1 } }),
    ]);
    await keys.press("p", "Control+Enter");
    await session.isLive();
    await expect(session.column(SEATS.alder.name)).toContainText("Failed");
    await expect(session.column(SEATS.rowan.name)).toContainText("Responding");
    await keys.press("Control+.");
    await keys.press("v", "l");
    await expect(session.column(SEATS.rowan.name)).toContainText("Cancelled");
  });

  await test.step("retry the failed seat", async () => {
    await keys.tabTo(session.retry(SEATS.alder.name));
    await keys.press("Enter");
    await expect(session.facts).toContainText("3 of 3 answered, 3 of 3 reacted");
    await keys.press("v", "c");
    await expect(session.claims.first()).toBeVisible();
  });
  keys.assertAlone();
});

test("what is typed for the palette before it stands is typed there, and acts on nothing", async ({ page }) => {
  let read = () => {};
  const asked = new Promise<void>((resolve) => (read = resolve));
  await page.route(/\/PlacesPalette-[^/]+\.js$/, async (route) => {
    await asked;
    await route.continue();
  });
  await page.reload();
  await expect(page.getByRole("heading", { name: "Hall" })).toBeVisible();
  await page.keyboard.press("Control+k");
  // An `n` would begin a deliberation, a `?` show the keys.
  await page.keyboard.type("new? x");
  for (let letter = 0; letter < "? x".length; letter += 1) await page.keyboard.press("Backspace");
  await expect(page.getByRole("heading", { name: "Hall" })).toBeVisible();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.keyboard.type(" deliberation");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Hall" })).toBeVisible();
  read();
  await expect(page.getByRole("heading", { name: "New deliberation" })).toBeVisible();
  await expect(page.getByRole("dialog")).toHaveCount(0);
});
