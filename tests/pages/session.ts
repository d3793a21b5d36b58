// A session's screens, by the names they give their parts.

import { expect, type Locator, type Page } from "@playwright/test";

import { apart } from "../../ui/src/messages/apart.ts";

export type View = "Live" | "Claims" | "Map" | "Moved" | "Answers" | "Recap" | "Cost" | "Transcript";

export class SessionPage {
  readonly facts: Locator;
  readonly claims: Locator;
  readonly tray: Locator;
  readonly snippets: Locator;
  readonly prompt: Locator;
  readonly nextRound: Locator;
  /** The words of the chosen claim, where they stand in an answer. */
  readonly markedWords: Locator;
  /** The dialog that says the spending limit is used. */
  readonly limitUsed: Locator;

  constructor(readonly page: Page) {
    this.facts = page.getByRole("group", { name: "The result in one line" });
    this.claims = page.getByRole("grid", { name: "Claims" }).getByRole("row").filter({ has: page.getByRole("gridcell") });
    this.tray = page.getByRole("complementary", { name: "Steering tray" });
    this.snippets = this.tray.getByRole("article");
    this.prompt = this.tray.getByRole("textbox", { name: "Prompt", exact: true });
    this.nextRound = this.tray.getByRole("button", { name: "Next round" });
    this.markedWords = page.locator("mark.words");
    this.limitUsed = page.getByRole("dialog", { name: /^Your limit of/ });
  }

  tab(view: View): Locator {
    return this.page.getByRole("tab", { name: new RegExp(`^${view}`) });
  }

  /** A seat's column in the live view. */
  column(seat: string): Locator {
    return this.page.getByRole("article", { name: `${apart(seat)}’s answer` });
  }

  /** The text a seat has written, in the live view. */
  words(seat: string): Locator {
    return this.page.getByRole("region", { name: `${apart(seat)}’s answer` });
  }

  /** Tries the round again, in the column of a seat that failed. */
  retry(seat: string): Locator {
    return this.column(seat).getByRole("button", { name: /^Retry/ });
  }

  round(number: number): Locator {
    return this.page.getByRole("radio", { name: `Round ${number}` });
  }

  /** Waits for the view that is shown by itself when a round is over. */
  async mapped(): Promise<void> {
    await expect(this.tab("Claims")).toHaveAttribute("aria-selected", "true");
    await expect(this.facts).toContainText("answered");
    await expect(this.claims.first()).toBeVisible();
  }

  async isLive(): Promise<void> {
    await expect(this.tab("Live")).toHaveAttribute("aria-selected", "true");
  }

  /** The quote of a claim's row, as it is read out. */
  async quoteOf(row: Locator): Promise<string> {
    const name = (await row.getAttribute("aria-label")) ?? "";
    return name.slice(name.indexOf(": ") + 2);
  }
}
