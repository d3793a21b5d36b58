// The bus as swim lanes: the window in time, the lanes, the playhead, and the panel that tells the same in words.

import type { Locator, Page } from "@playwright/test";

export class LanesPage {
  readonly chart: Locator;
  readonly drawing: Locator;
  /** Names of the lanes that are drawn. */
  readonly names: Locator;
  readonly playhead: Locator;
  readonly window: Locator;
  readonly list: Locator;
  readonly rows: Locator;
  /** The row that the keys are on. */
  readonly current: Locator;
  readonly path: Locator;
  readonly steps: Locator;
  /** How things stood at the playhead. */
  readonly standing: Locator;

  constructor(readonly page: Page) {
    this.chart = page.getByRole("group", { name: "Lanes" });
    this.drawing = page.getByRole("img", { name: /lanes? with/ });
    this.names = this.chart.locator(".lane b");
    this.playhead = page.getByRole("slider", { name: "Playhead" });
    this.window = page.getByRole("slider", { name: "Window in time" });
    this.list = page.getByRole("list", { name: "Messages in this window" });
    this.rows = this.list.getByRole("listitem");
    this.current = this.list.locator('[aria-current="true"]');
    this.path = page.getByRole("complementary", { name: "Path of one message" });
    this.steps = this.path.locator("ol > li");
    this.standing = page.getByRole("region", { name: /^At / });
  }

  row(words: string): Locator {
    return this.rows.filter({ hasText: words });
  }

  /** The time under the playhead, in milliseconds. */
  async at(): Promise<number> {
    return Number(await this.playhead.getAttribute("aria-valuenow"));
  }
}
