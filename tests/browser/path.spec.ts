// The whole path once by hand: the same stations as keyboard.spec.ts, with the mouse.

import { ConsolePage } from "../pages/console.ts";
import { selectWords } from "../pages/pointer.ts";
import { SEATS, when } from "./harness/panel.ts";
import { expect, test } from "./harness/test.ts";

const QUESTION = "Should we use Postgres or MongoDB for an event store?";

test("a panel is convened, steered, paid, cancelled and asked again", async ({ page, panel, husting, watch }) => {
  watch.expect(/status of 402/);
  const console = new ConsolePage(page);
  await panel.play([when("rowan", { gates: [{ name: "rowan", at: { before_token: 20 } }] })]);
  const session = await console.ask(QUESTION);

  await test.step("live", async () => {
    await session.isLive();
    await expect(session.column(SEATS.rowan.name)).toContainText("Responding");
    await expect(session.column(SEATS.larch.name)).toContainText("Answered");
    await expect(page.getByRole("contentinfo", { name: "Status" })).toContainText("1 round running");
    await panel.open("rowan");
    await session.mapped();
  });

  await test.step("a claim's words in their answer", async () => {
    const row = session.claims.nth(1);
    const quote = await session.quoteOf(row);
    await row.getByText(quote).click();
    await expect(session.tab("Answers")).toHaveAttribute("aria-selected", "true");
    await expect(session.markedWords.first()).toBeInViewport();
    expect((await session.markedWords.allTextContents()).join("")).toBe(quote);
  });

  await test.step("words selected by hand, twice", async () => {
    const answer = page.getByRole("region", { name: /^What .* answered$/ });
    await selectWords(answer, "keep what we have and spend a week");
    const popover = page.getByRole("group", { name: "Add as" });
    await expect(popover).toBeVisible();
    await page.keyboard.press("4");
    await expect(popover).toBeHidden();
    await expect(session.snippets).toContainText(["keep what we have and spend a week"]);
    await expect(session.snippets.first()).toContainText("CORE");
    // A whole paragraph at once: the one event that tells of it reaches the page's parts one after the other.
    await answer.getByText("keep what we have and spend a week").first().click({ clickCount: 3 });
    await expect(popover).toBeVisible();
    await expect(page.getByText("Only words of an answer can be forwarded.")).toHaveCount(0);
    await page.keyboard.press("Escape");
    await session.tab("Claims").click();
    const row = session.claims.first();
    const words = (await session.quoteOf(row)).split(" ").slice(1, 4).join(" ");
    await selectWords(row, words);
    await popover.getByRole("button", { name: "Add as CHALLENGE" }).click();
    await expect(session.snippets).toHaveCount(2);
    await expect(session.snippets.last()).toContainText(words);
    await session.snippets.last().getByRole("textbox").fill("On what figure?");
  });

  await test.step("a second round, in which a seat fails", async () => {
    await panel.play([when("alder", { fault: { kind: "cut", after_tokens: 12 } })]);
    await session.prompt.fill("Which of you would change your mind?");
    await session.nextRound.click();
    await session.mapped();
    await expect(session.round(2)).toBeChecked();
    await expect(session.facts).toContainText("2 of 3 answered");
    await expect(page.getByRole("gridcell").filter({ hasText: "On what figure?" })).toBeVisible();
    await expect(session.snippets).toHaveCount(0);
  });

  await test.step("cost", async () => {
    await session.tab("Cost").click();
    const calls = page.getByRole("row", { name: /(respond|react)/ });
    await expect(calls).toHaveCount(5);
    await expect(page.getByRole("row", { name: /^All rounds/ })).toContainText(/\$0\.\d{4}/);
  });

  await test.step("refused for credit, and the limit raised", async () => {
    await husting.cli("wallet", "limit", "--usd", "0.02");
    await session.prompt.fill("Once more, with figures.");
    await session.nextRound.click();
    await expect(session.limitUsed).toContainText("Your words and the prompt are kept");
    await session.limitUsed.getByRole("button", { name: "Raise" }).click();
    await expect(session.limitUsed).toBeHidden();
    await expect(session.prompt).toHaveValue("Once more, with figures.");
  });

  await test.step("cancel, then ask the failed seat again", async () => {
    const once = { calls: { from: 1, to: 1 } };
    await panel.play([
      when("rowan", { gates: [{ name: "stays", at: { before_token: 10 } }] }, once),
      when("alder", { fault: { kind: "cut", after_tokens: 12 } }, once),
    ]);
    await session.nextRound.click();
    await expect(session.column(SEATS.alder.name)).toContainText("Failed");
    await expect(session.column(SEATS.alder.name)).toContainText(/characters kept for you/);
    await expect(session.column(SEATS.rowan.name)).toContainText("Responding");
    await console.button("Cancel round").click();
    await expect(session.facts).toContainText("Cancelled");
    await session.tab("Live").click();
    await session.retry(SEATS.alder.name).click();
    await expect(session.facts).toContainText("3 of 3 answered, 3 of 3 reacted");
  });
});
