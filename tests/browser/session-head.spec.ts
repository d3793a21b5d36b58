// The head of a session, where the window is small.

import { ConsolePage } from "../pages/console.ts";
import type { View } from "../pages/session.ts";
import { expect, test } from "./harness/test.ts";

const LONG = "Should the event store of the shipping desk be Postgres or MongoDB, given four developers and spring?";
const VIEWS: View[] = ["Live", "Claims", "Map", "Answers", "Recap", "Cost", "Transcript"];

test("a long question stays one line of the head in a small window, on every view, and its acts stand behind three dots", async ({ page, panel }) => {
  const console = new ConsolePage(page);
  const session = await console.ask(LONG);
  await session.mapped();
  await page.setViewportSize({ width: 900, height: 600 });
  const title = console.heading(LONG).getByRole("button");
  for (const view of VIEWS) {
    await session.tab(view).click();
    const { height, lines } = await title.evaluate((element) => ({
      height: element.getBoundingClientRect().height,
      lines: parseFloat(getComputedStyle(element).lineHeight),
    }));
    expect(height, `the title in ${view}`).toBeLessThan(2 * lines);
    await expect(title).toHaveAttribute("title", LONG);
    await expect(title).toBeInViewport({ ratio: 1 });
    await expect(page.getByRole("button", { name: "Export" })).toBeHidden();
  }
  await page.getByRole("button", { name: "More for this deliberation" }).click();
  await expect(page.getByRole("menuitem", { name: "Export: Transcript, Markdown" })).toBeVisible();
  void panel;
});
