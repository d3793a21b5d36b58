// Agents: their list and matrix, the sheet that mints, an agent's page.

import { expect, type Locator, type Page } from "@playwright/test";

export class AgentsPage {
  readonly table: Locator;
  readonly grid: Locator;
  readonly mintSheet: Locator;
  /** The sheet that holds a token. */
  readonly once: Locator;
  /** The token, or what is shown in its place. */
  readonly shown: Locator;
  readonly receipt: Locator;

  constructor(readonly page: Page) {
    this.table = page.getByRole("table", { name: "Agents" });
    this.grid = page.getByRole("grid", { name: "Scopes of agents" });
    this.mintSheet = page.getByRole("dialog", { name: "Mint an agent" });
    this.once = page.getByRole("dialog", { name: /^The token of / });
    this.shown = this.once.locator("code").first();
    this.receipt = page.getByRole("dialog", { name: "Kill receipt" });
  }

  row(name: string): Locator {
    return this.table.getByRole("row").filter({ has: this.page.getByRole("link", { name: new RegExp(`^${name}\\b`) }) });
  }

  /** A cell of the matrix, however it stands. */
  cell(agent: string, scope: string): Locator {
    return this.grid.getByRole("checkbox", { name: new RegExp(`^${agent}, ${scope}:`) });
  }

  /** Mints by the sheet, which then shows the token. */
  async mint(name: string): Promise<void> {
    await this.page.getByRole("button", { name: "Mint an agent" }).first().click();
    await this.mintSheet.getByRole("textbox", { name: "Name" }).fill(name);
    await this.mintSheet.getByRole("button", { name: "Mint", exact: true }).click();
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
