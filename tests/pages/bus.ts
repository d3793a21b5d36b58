// The bus: its tail, a message beside it, the operator's composer.

import type { Locator, Page } from "@playwright/test";

export class BusPage {
  readonly tail: Locator;
  readonly rows: Locator;
  /** The part of the strip that is in sight. */
  readonly window: Locator;
  /** The message that is open. */
  readonly message: Locator;
  readonly facts: Locator;
  readonly text: Locator;
  readonly to: Locator;
  readonly send: Locator;

  constructor(readonly page: Page) {
    this.tail = page.getByRole("list", { name: "Messages" });
    this.rows = this.tail.getByRole("listitem");
    this.window = page.getByRole("slider", { name: "Window in time" });
    this.message = page.getByRole("complementary", { name: /^Message from/ });
    this.facts = this.message.getByRole("list", { name: "What became of it" });
    this.text = page.getByRole("textbox", { name: "Message" });
    this.to = page.getByRole("combobox", { name: "To" });
    this.send = page.getByRole("button", { name: "Send" });
  }

  row(words: string): Locator {
    return this.rows.filter({ hasText: words });
  }

  queue(name: string): Locator {
    return this.page.getByRole("tab", { name: new RegExp(`^${name}`) });
  }

  /** Writes as the operator. */
  async write(to: string, text: string): Promise<void> {
    await this.to.selectOption(to);
    await this.text.fill(text);
    await this.send.click();
  }
}
