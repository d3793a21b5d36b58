// What was typed survives a reload, and what is exported arrives.

import { readFile } from "node:fs/promises";

import type { Download, Page } from "@playwright/test";

import { ConsolePage } from "../pages/console.ts";
import { lockedPdf, pdf } from "../pages/pdf.mjs";
import { expect, test } from "./harness/test.ts";

const QUESTION = "Which bridge should be closed first?";

test("a question with its document, and the tray, survive a reload", async ({ page, panel }) => {
  const console = new ConsolePage(page);
  await console.goto("deliberations/new");
  await console.question.fill(QUESTION);
  await page.locator("input[type=file]").first().setInputFiles({ name: "bridges.md", mimeType: "text/markdown", buffer: Buffer.from("The old one leans.") });
  await page.getByRole("textbox", { name: "Spend at most" }).fill("0.50");
  await kept(page, () => page.getByRole("textbox", { name: "Spend at most" }).blur());
  await page.reload();
  await expect(console.question).toHaveValue(QUESTION);
  await expect(page.getByRole("list", { name: "Reference" })).toContainText("bridges.md");
  await expect(page.getByRole("textbox", { name: "Spend at most" })).toHaveValue(/0\.50?/);

  const session = await console.ask(QUESTION);
  await session.mapped();
  await page.keyboard.press("j");
  await page.keyboard.press("4");
  await session.snippets.getByRole("textbox").fill("Why this one?");
  await kept(page, () => session.prompt.fill("Say it with figures."));
  await page.reload();
  await expect(session.snippets.getByRole("textbox")).toHaveValue("Why this one?");
  await expect(session.prompt).toHaveValue("Say it with figures.");
  void panel;
});

test("a PDF is read as its text, and one that cannot be read says why and takes nothing with it", async ({ page, panel }) => {
  const console = new ConsolePage(page);
  await console.goto("deliberations/new");
  await console.question.fill(QUESTION);
  const files = page.locator("input[type=file]").first();
  const reference = page.getByRole("list", { name: "Reference" });
  const survey = (bytes: Uint8Array) => ({ name: "survey.pdf", mimeType: "application/pdf", buffer: Buffer.from(bytes) });
  await files.setInputFiles(survey(pdf([["The old bridge leans.", "It is closed to carts."], ["The new one stands."]])));
  await expect(reference).toContainText("survey.pdf");
  await reference.getByRole("button", { name: "Read" }).click();
  await expect(page.getByRole("dialog").getByText("The old bridge leans.")).toHaveText("The old bridge leans.\nIt is closed to carts.\n\nThe new one stands.");
  await page.keyboard.press("Escape");
  for (const [bytes, said] of [
    [pdf([[]]), "survey.pdf has pictures of its pages and no text"],
    [lockedPdf(), "survey.pdf wants a password"],
    [Buffer.from("%PDF-1.7\n%\xe2\xe3\n1 0 obj", "latin1"), "survey.pdf is damaged"],
  ] as const) {
    await files.setInputFiles(survey(bytes));
    await expect(page.getByRole("alert")).toContainText(said);
  }
  await expect(reference.getByText("survey.pdf")).toHaveCount(1);
  await expect(console.question).toHaveValue(QUESTION);
  void panel;
});

test("transcript, record and ledger are handed over as files", async ({ page, panel }) => {
  const console = new ConsolePage(page);
  const session = await console.ask(QUESTION);
  await session.mapped();
  const quote = await session.quoteOf(session.claims.first());

  const markdown = await downloaded(page, async () => {
    await console.button("Export").click();
    await page.getByRole("menuitem", { name: "Transcript, Markdown" }).click();
  });
  expect(markdown.name).toMatch(/\.md$/);
  expect(markdown.text).toContain(QUESTION);
  expect(markdown.text.replaceAll("**", "")).toContain(quote);

  const json = await downloaded(page, async () => {
    await console.button("Export").click();
    await page.getByRole("menuitem", { name: "Record, JSON" }).click();
  });
  expect(json.name).toMatch(/\.json$/);
  expect(JSON.parse(json.text)).toHaveProperty("rounds.length", 1);

  await console.goto("wallet");
  const csv = await downloaded(page, () => console.button("Export CSV").click());
  expect(csv.name).toMatch(/\.csv$/);
  expect(csv.text.trim().split("\n").length, "a head and nine entries or more").toBeGreaterThan(8);
  expect(csv.text).toContain("rowan");
  void panel;
});

/** Acts, and waits until the draft that comes of it is on disk. */
async function kept(page: Page, act: () => Promise<void>): Promise<void> {
  const saved = page.waitForResponse((reply) => reply.request().postData()?.includes('"save_draft"') ?? false);
  await act();
  expect((await saved).ok()).toBe(true);
}

async function downloaded(page: Page, act: () => Promise<void>): Promise<{ name: string; text: string }> {
  const [download]: [Download, void] = await Promise.all([page.waitForEvent("download"), act()]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
}
