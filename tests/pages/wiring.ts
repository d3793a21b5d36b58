// A client's file: chosen, shown, looked at and written, in whichever sheet it stands.

import { expect, type Locator, type Page } from "@playwright/test";

export class WiringPart {
  readonly client: Locator;
  readonly text: Locator;
  readonly path: Locator;
  readonly write: Locator;

  constructor(
    readonly page: Page,
    /** The sheet that it stands in. */
    readonly sheet: Locator,
  ) {
    this.client = sheet.getByRole("combobox", { name: "Client" });
    this.text = sheet.getByRole("region", { name: "What its client reads" });
    this.path = sheet.getByRole("textbox", { name: /^File/ });
    this.write = sheet.getByRole("button", { name: "Write file" });
  }

  /** Chooses a client and waits for what it reads. */
  async choose(client: string): Promise<void> {
    await this.client.selectOption({ value: client });
    await expect(this.text).toBeVisible();
  }

  /** Writes the file of the client that is chosen. */
  async into(path: string): Promise<void> {
    await this.path.fill(path);
    await expect(this.write).toBeEnabled();
    await this.write.click();
    await expect(this.sheet).toContainText("Written to");
  }
}
