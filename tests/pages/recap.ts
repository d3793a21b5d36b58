// The recaps of a session, by the names of their parts.

import { expect, type Locator, type Page } from "@playwright/test";

export class RecapPage {
  readonly synthesis: Locator;
  readonly writeSynthesis: Locator;
  /** What says what the cascade takes, before it is begun. */
  readonly cascade: Locator;

  constructor(readonly page: Page) {
    this.synthesis = page.getByRole("article", { name: "Synthesis" });
    this.writeSynthesis = this.synthesis.getByRole("button", { name: "Write synthesis" });
    this.cascade = page.getByRole("group", { name: "Write synthesis" });
  }

  /** Goes to the recaps of the session on the screen. */
  async open(): Promise<void> {
    await this.page.getByRole("tab", { name: /^Recap/ }).click();
    await expect(this.synthesis).toBeVisible();
  }

  round(number: number): Locator {
    return this.page.getByRole("article", { name: `Round ${number}`, exact: true });
  }

  write(number: number): Locator {
    return this.round(number).getByRole("button", { name: "Write recap" });
  }
}
