// Sessions of an agent: the sheet that begins one, their list, what they said.

import { expect, type Locator, type Page } from "@playwright/test";

export class RunsPage {
  readonly sheet: Locator;
  readonly command: Locator;
  readonly prompt: Locator;
  readonly read: Locator;
  readonly launchAct: Locator;
  readonly list: Locator;
  readonly output: Locator;
  readonly head: Locator;
  readonly wake: Locator;

  constructor(readonly page: Page) {
    this.sheet = page.getByRole("dialog", { name: /^Launch / });
    this.command = this.sheet.getByRole("textbox", { name: "Command" });
    this.prompt = this.sheet.getByRole("textbox", { name: "What it is told" });
    this.read = this.sheet.getByRole("checkbox", { name: "I have read this command" });
    this.launchAct = this.sheet.getByRole("button", { name: "Launch", exact: true });
    this.list = page.getByRole("list", { name: "Sessions of the agent" }).getByRole("listitem");
    this.output = page.getByRole("log");
    this.head = page.getByRole("region", { name: "Output" });
    this.wake = page.getByRole("region", { name: "Wake on mail" });
  }

  /** Launches from the agent's page; `told` instead of the usual. */
  async launch(told?: string, how: "For one task" | "In tmux" = "For one task"): Promise<void> {
    await this.page.getByRole("button", { name: "Launch…" }).first().click();
    await this.sheet.getByRole("radio", { name: new RegExp(`^${how}`) }).check();
    if (told) await this.prompt.fill(told);
    await expect(this.command).toHaveValue(told ? new RegExp(told.slice(0, 12)) : /Boot your context/);
    await this.confirm();
    await this.launchAct.click();
    await expect(this.sheet).toBeHidden();
  }

  /** Says that the command was read, where that is asked. */
  async confirm(): Promise<void> {
    await expect(this.read.or(this.launchAct.and(this.page.locator(":enabled"))).first()).toBeVisible();
    if (await this.read.isVisible()) await this.read.check();
    await expect(this.launchAct).toBeEnabled();
  }
}
