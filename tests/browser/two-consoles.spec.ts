// The window and a browser, or two tabs, at one store: what is written in one stands in the other and is sent once.

import type { Page } from "@playwright/test";

import { ConsolePage } from "../pages/console.ts";
import { FIRST, QUESTION, SECOND } from "./fixtures/event-store.ts";
import { debated, debatedAgain } from "./harness/staging.ts";
import { expect, test } from "./harness/test.ts";

test("the next round is put together in two consoles at once, and what the one sends is gone in the other", async ({ page, panel }) => {
  const { session, names } = await debated(new ConsolePage(page), panel, QUESTION, FIRST);
  const beside = await page.context().newPage();
  await beside.goto(page.url());
  const other = beside.getByRole("complementary", { name: "Steering tray" }).getByRole("textbox", { name: "Prompt" });
  await other.fill("Say it in tons.");
  await expect(session.prompt).toHaveValue("Say it in tons.");

  // Both within the pause after which words are kept.
  await Promise.all([session.prompt.pressSequentially(" And days."), other.pressSequentially(" And why.")]);
  for (const each of [session.prompt, other]) {
    await expect(each).toHaveValue(/^Say it in tons\./);
    await expect(each).toHaveValue(/And days\./);
    await expect(each).toHaveValue(/And why\./);
  }
  expect(await other.inputValue()).toBe(await session.prompt.inputValue());

  await beside.bringToFront();
  await other.fill("");
  await expect(session.prompt).toHaveValue("");
  await debatedAgain(session, panel, SECOND, names);
  await expect(other).toHaveValue("");
  await beside.close();
});

test("a question that was asked in one console does not stand in the other", async ({ page, panel }) => {
  const beside = await page.context().newPage();
  await beside.goto(page.url());
  const console = new ConsolePage(beside);
  const own = new ConsolePage(page);
  await own.goto("deliberations/new");
  await console.goto("deliberations/new");
  const [here, there] = [page, beside].map((each) => each.getByRole("textbox", { name: "Question" }));
  await here!.fill("Which depot gets the night run?");
  await expect(there!).toHaveValue("Which depot gets the night run?");
  await here!.fill("");
  await expect(there!).toHaveValue("");
  await debated(own, panel, QUESTION, FIRST);
  await expect(there!).toHaveValue("");
});

test("more pages than a browser keeps connections for all go on: those that nobody sees give theirs back", async ({ page }) => {
  const besides: Page[] = [];
  for (const isSeen of [false, false, false, false, false, false, true]) {
    const beside = await page.context().newPage();
    if (!isSeen) await beside.addInitScript(() => Object.defineProperty(document, "hidden", { get: () => true }));
    await beside.goto(page.url());
    await expect(beside.getByRole("heading", { name: "Hall", level: 1 })).toBeVisible();
    besides.push(beside);
  }
  await page.getByRole("button", { name: "Pause agents" }).click();
  await expect(besides.at(-1)!.getByRole("button", { name: "Let them go on", exact: true })).toBeVisible();
  for (const beside of besides) await beside.close();
});
