// Deliberation keys in the settings: their table, and the sheet that shows a new one once.

import { expect, type Locator, type Page } from "@playwright/test";

export class KeysPage {
  readonly table: Locator;
  readonly newKey: Locator;
  /** The sheet that holds the key. */
  readonly once: Locator;
  /** The key, or what is shown in its place. */
  readonly shown: Locator;

  constructor(readonly page: Page) {
    this.table = page.getByRole("table", { name: "Deliberation keys" });
    this.newKey = page.getByRole("button", { name: "New key" });
    this.once = page.getByRole("dialog", { name: /^The key / });
    this.shown = this.once.locator("code").first();
  }

  row(name: string): Locator {
    return this.table.getByRole("row").filter({ has: this.page.getByRole("rowheader", { name, exact: true }) });
  }

  /** Makes a key; its sheet stands open. */
  async make(name: string): Promise<void> {
    await this.newKey.click();
    await this.page.getByRole("textbox", { name: "Name" }).fill(name);
    await this.page.getByRole("button", { name: "Make the key" }).click();
    await expect(this.once).toBeVisible();
  }

  /** Everything the page holds: its markup, its fields, its storage. */
  async everything(): Promise<string> {
    return this.page.evaluate(() => {
      const fields = [...document.querySelectorAll<HTMLInputElement>("input, textarea")].map((field) => field.value);
      return [document.documentElement.outerHTML, JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage }), ...fields].join("\n");
    });
  }
}
