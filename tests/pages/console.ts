// Getting about in the console.

import { expect, type Locator, type Page } from "@playwright/test";

import { SessionPage } from "./session.ts";

export class ConsolePage {
  readonly question: Locator;
  readonly convene: Locator;

  constructor(readonly page: Page) {
    this.question = page.getByRole("textbox", { name: "Question" });
    this.convene = page.getByRole("button", { name: "Convene", exact: true });
  }

  /** Goes to a place by its address, as a link or a bookmark would. */
  async goto(fragment: string): Promise<void> {
    await this.page.evaluate((hash) => (location.hash = hash), `#/${fragment}`);
  }

  heading(name: string): Locator {
    return this.page.getByRole("heading", { name, level: 1 });
  }

  dialog(name: string | RegExp): Locator {
    return this.page.getByRole("dialog", { name });
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole("button", { name });
  }

  /** Puts a question to the default panel. */
  async ask(question: string): Promise<SessionPage> {
    await this.goto("deliberations/new");
    // A draft that was kept may come between the choice of what stands there and the words in its place, or put itself above them.
    await expect(async () => {
      await this.question.fill(question);
      await expect(this.question).toHaveValue(question, { timeout: 500 });
      await expect(this.convene).toBeEnabled({ timeout: 3_000 });
      await expect(this.question).toHaveValue(question, { timeout: 500 });
    }).toPass();
    await this.convene.click();
    const session = new SessionPage(this.page);
    await expect(this.heading(question)).toBeVisible();
    return session;
  }
}
