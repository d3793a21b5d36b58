// Every dialog, by axe, in both themes, down to 900 × 600.

import type { Page } from "@playwright/test";

import { ConsolePage } from "../pages/console.ts";
import { isAccessible } from "./harness/looks.ts";
import { Provider } from "./harness/provider.ts";
import { expect, test } from "./harness/test.ts";

const QUESTION = "Who may speak first?";

/** Opens a dialog from a menu or a button, looks at it, and closes it by Esc. */
async function look(page: Page, title: string | RegExp, open: () => Promise<void>): Promise<void> {
  await open();
  const dialog = page.getByRole("dialog", { name: title });
  await expect(dialog).toBeVisible();
  await isAccessible(page, String(title));
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
}

test("of the wallet, and the one that refuses", async ({ page, panel, husting, watch }) => {
  watch.expect(/status of 402/);
  const console = new ConsolePage(page);
  await console.goto("wallet");
  await look(page, "What may be spent in a month?", () => console.button("Limit").click());
  await look(page, "Top up the wallet", () => console.button("Top up").click());
  await look(page, "Auto-refill", () => console.button("Auto-refill").click());
  await husting.cli("wallet", "limit", "--usd", "0.07");
  await console.goto("deliberations/new");
  await console.question.fill(QUESTION);
  await expect(console.convene).toBeEnabled();
  await look(page, /^Your limit of/, () => console.convene.click());
  await expect(console.question).toHaveValue(QUESTION);
  void panel;
});

test("a sum that stands in a dialog gives way to what is typed, key by key", async ({ page }) => {
  const console = new ConsolePage(page);
  await console.goto("wallet");
  for (const act of ["Top up", "Limit"]) {
    await console.button(act).click();
    const field = page.getByRole("dialog").getByRole("textbox");
    await expect(field).not.toHaveValue("");
    await expect.poll(() => field.evaluate((input: HTMLInputElement) => input.selectionEnd === input.value.length && input.selectionStart === 0)).toBe(true);
    await page.keyboard.type("7.25");
    await expect(field).toHaveValue("7.25");
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toBeHidden();
  }
});

test("of providers, models and sessions", async ({ page, panel }) => {
  test.slow();
  const console = new ConsolePage(page);
  const choose = async (menu: string, item: string | RegExp) => {
    await console.button(menu).first().click();
    await page.getByRole("menuitem", { name: item }).click();
  };
  await console.goto("settings/providers");
  await look(page, "Add a provider", () => console.button(/^Add a provider$/).click());
  await look(page, "Replace the key of fjord", () => page.getByRole("row", { name: /^fjord/ }).getByRole("button", { name: "Replace" }).click());
  await look(page, "Remove fjord?", () => choose("More for fjord", "Remove…"));
  await look(page, "Add a model", () => console.button("Add a model").click());
  await look(page, "Price of Larch 4", () => choose("More for Larch 4", /price|Change/));
  const session = await console.ask(QUESTION);
  await session.mapped();
  await console.goto("deliberations");
  await look(page, "Delete this deliberation?", () => choose(`More for ${QUESTION}`, "Delete…"));
  await look(page, "Rename and tag", () => choose(`More for ${QUESTION}`, "Rename and tag"));
  void panel;
});

test.describe("without a keyring", () => {
  test.use({ serverEnv: { HUSTING_SECRETS: "keyring", HUSTING_SECRETS_KEY_FILE: "" } });

  test("the first key asks where keys are kept, and is kept there", async ({ page, watch }) => {
    watch.expect(/status of 409/);
    const provider = await Provider.start("openai", {});
    const console = new ConsolePage(page);
    await console.button(/^Add a provider$/).click();
    const adding = console.dialog("Add a provider");
    await adding.getByRole("textbox", { name: "Address" }).fill(provider.baseUrl);
    await adding.getByLabel("Key", { exact: true }).fill("sk-of-nobody-7777");
    await adding.getByRole("button", { name: "Add" }).click();
    const choice = console.dialog("No keyring answers on this machine");
    await expect(choice).toBeVisible();
    await isAccessible(page, "no keyring");
    await choice.getByLabel(/^Passphrase/).fill("a long enough passphrase");
    await choice.getByLabel("The same passphrase again").fill("a long enough passphrase");
    await choice.getByRole("button", { name: "Seal the file" }).click();
    await expect(choice).toBeHidden();
    await expect(console.dialog("What may be spent in a month?")).toBeVisible();
    await page.keyboard.press("Enter");
    await console.goto("settings/providers");
    await expect(page.getByRole("row", { name: /^OpenAI openai/ })).toContainText("…7777");
    await expect(page.getByRole("row", { name: /^OpenAI openai/ })).toContainText("sealed file");
    expect(await page.content()).not.toContain("sk-of-nobody");
    await provider.stop();
  });
});
