// The Discord bridge: its set-up, and its screen at work.

import type { Locator, Page } from "@playwright/test";

export class DiscordPage {
  readonly token: Locator;
  readonly test: Locator;
  readonly findings: Locator;
  readonly map: Locator;
  readonly begin: Locator;
  /** What passes. */
  readonly traffic: Locator;
  /** How the bridge stands, in a word. */
  readonly stand: Locator;
  /** The life of the message that is open. */
  readonly life: Locator;
  readonly unplaced: Locator;

  constructor(readonly page: Page) {
    this.token = page.getByLabel("Bot token");
    this.test = page.getByRole("button", { name: "Test and keep" });
    this.findings = page.getByRole("list", { name: "What was found" });
    this.map = page.getByRole("grid", { name: "Who answers where" });
    this.begin = page.getByRole("button", { name: /^Start the bridge/ });
    this.traffic = page.getByRole("list", { name: "Traffic" });
    this.stand = page.locator(".facts").getByRole("status");
    this.life = page.getByRole("complementary", { name: "Life of the message" });
    this.unplaced = page.getByRole("region", { name: "Unplaced replies" });
  }

  /** A cell of the map; `who` is nobody or an agent. */
  cell(place: string, who: string): Locator {
    const words = who === "nobody" ? new RegExp(`^${place}: asks? nobody`) : new RegExp(`^${place}: ${who}\\b`);
    return this.map.getByRole("checkbox", { name: words });
  }

  /** A row of the traffic. */
  row(words: string): Locator {
    return this.traffic.getByRole("listitem").filter({ hasText: words });
  }

  /** An act of the screen's head. */
  act(name: string): Locator {
    return this.page.getByRole("button", { name, exact: true });
  }
}
