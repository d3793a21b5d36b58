// Every screen outside a session, by axe, in both themes, down to 900 × 600.

import { ConsolePage } from "../pages/console.ts";
import { isAccessible } from "./harness/looks.ts";
import { expect, test } from "./harness/test.ts";

const QUESTION = "Which of our two queues should we keep?";
/** One section of each page of the settings. */
const SECTIONS = { providers: "Providers and keys", spending: "Spending", look: "Look", about: "About" };

test("the first run", async ({ page }) => {
  const console = new ConsolePage(page);
  await expect(page.getByRole("heading", { name: "Put a question to three seats" })).toBeVisible();
  await isAccessible(page, "Hall, first run");
  await console.goto("deliberations");
  await expect(page.getByText("No question has been put to a panel yet.")).toBeVisible();
  await isAccessible(page, "Deliberations, empty");
  await console.goto("wallet");
  await expect(page.getByRole("table", { name: "Ledger" })).toContainText("monthly grant");
  await isAccessible(page, "Wallet, empty");
  await console.goto("deliberations/new");
  await expect(page.getByText("No key and no local model is connected")).toBeVisible();
  await isAccessible(page, "New, first run");
  await console.goto("elsewhere");
  await expect(page.getByText("There is nothing at this address.")).toBeVisible();
  await isAccessible(page, "An address that names nothing");
});

test("a house in use", async ({ page, panel }) => {
  const console = new ConsolePage(page);
  const session = await console.ask(QUESTION);
  await session.mapped();
  await console.goto("hall");
  await expect(page.getByRole("region", { name: "Lately" })).toContainText(QUESTION);
  await isAccessible(page, "Hall, used");
  await console.goto("deliberations");
  await expect(page.getByRole("main").getByText(QUESTION)).toBeVisible();
  await isAccessible(page, "Deliberations, used");
  await console.goto("wallet");
  await expect(page.getByRole("table", { name: "Ledger" }).getByRole("row")).toHaveCount(9);
  await isAccessible(page, "Wallet, used");
  void panel;
});

test("a new question with a document, beside models that are not available", async ({ page, panel, husting }) => {
  await husting.cli("models", "add", "spruce", "--provider", "northwind", "--name", "Spruce");
  await husting.cli("models", "disable", "alder");
  const console = new ConsolePage(page);
  await console.goto("deliberations/new");
  await console.question.fill(QUESTION);
  await page.locator("input[type=file]").first().setInputFiles([
    { name: "notes.md", mimeType: "text/markdown", buffer: Buffer.from("# Queues\n\nThe first one loses messages when a node leaves.") },
  ]);
  await expect(page.getByRole("list", { name: "Reference" })).toContainText("notes.md");
  await expect(page.getByRole("row", { name: /Spruce/ })).toContainText("No price yet");
  await expect(page.getByRole("row", { name: /Alder mini/ })).toContainText("Switched off");
  await page.getByRole("button", { name: /3 rehearsal seats/ }).click();
  await isAccessible(page, "New");
  void panel;
});

test("in a small window every choice of a new panel is in sight", async ({ page, panel }) => {
  await page.setViewportSize({ width: 900, height: 600 });
  const console = new ConsolePage(page);
  await console.goto("deliberations/new");
  await console.question.fill(QUESTION);
  const side = page.getByRole("complementary", { name: "Panel" });
  await expect(side).toContainText(/holds \$/);
  await expect(side.getByRole("list", { name: "Panel" })).toContainText("Rowan 2");
  for (const name of ["Blind", "Recap this round", "Learning allowed"]) await expect(side.getByRole("switch", { name })).toBeInViewport({ ratio: 1 });
  await expect(side.getByText("Husting sends nothing")).toBeInViewport({ ratio: 1 });
  void panel;
});

test("the settings", async ({ page, panel }) => {
  test.slow();
  const console = new ConsolePage(page);
  for (const [section, title] of Object.entries(SECTIONS)) {
    await console.goto(`settings/${section}`);
    await expect(page.getByRole("heading", { name: title, level: 2 })).toBeVisible();
    await isAccessible(page, `Settings, ${title}`);
  }
  await test.step("one is found by what the command line calls it, and gone to by keys", async () => {
    await console.goto("settings/about");
    await page.keyboard.press("/");
    await page.keyboard.type("bus.lease");
    const found = page.getByRole("listbox", { name: "Found in the settings" }).getByRole("option");
    await expect(found.first()).toHaveText(/Time for a message.*bus\.lease_seconds/);
    await isAccessible(page, "Settings, found");
    await page.keyboard.press("Enter");
    const lease = page.getByRole("textbox", { name: "Time for a message" });
    await expect(lease).toBeFocused();
    await expect(lease).toBeInViewport();
    await lease.blur();
    await page.keyboard.press("/");
    await page.keyboard.type("no such setting");
    await expect(page.getByRole("group", { name: "Found in the settings" }).getByRole("button")).toHaveText(/Clear/);
    await isAccessible(page, "Settings, not found");
    await page.keyboard.press("Escape");
    await expect(page.getByRole("combobox", { name: "Find a setting" })).toHaveValue("");
  });
  await console.goto("settings/doctor");
  await console.button("Look now").click();
  await expect(page.getByRole("img", { name: "in order" }).first()).toBeVisible();
  await isAccessible(page, "Settings, diagnosed");
  void panel;
});

test("what stands above every screen", async ({ page }) => {
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("dialog", { name: "Go to, or do" })).toBeVisible();
  await isAccessible(page, "the palette");
  await page.keyboard.type("zzz");
  await expect(page.getByText("Nothing was found for “zzz”.")).toBeVisible();
  await isAccessible(page, "the palette, fruitless");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog", { name: "Go to, or do" })).toBeHidden();
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keys" })).toBeVisible();
  await isAccessible(page, "the keys");
});
