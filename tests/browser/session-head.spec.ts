// The head of a session, above all where the window is small.

import { ConsolePage } from "../pages/console.ts";
import type { View } from "../pages/session.ts";
import { expect, test } from "./harness/test.ts";

const LONG = "Should the event store of the shipping desk be Postgres or MongoDB, given four developers and spring?";
const VIEWS: View[] = ["Live", "Claims", "Map", "Answers", "Recap", "Cost", "Transcript"];

test("a long question stays one line of the head in a small window, on every view, and its acts stand behind three dots", async ({ page, panel }) => {
  const console = new ConsolePage(page);
  const session = await console.ask(LONG);
  await session.mapped();
  const title = console.heading(LONG).getByRole("button");
  const lines = () => title.evaluate((element) => element.getBoundingClientRect().height / parseFloat(getComputedStyle(element).lineHeight));
  await page.setViewportSize({ width: 1000, height: 800 });
  expect(await lines(), "lines of the title in a larger window").toBeLessThan(2);
  await page.setViewportSize({ width: 900, height: 600 });
  for (const view of VIEWS) {
    await session.tab(view).click();
    expect(await lines(), `lines of the title in ${view}`).toBeLessThan(2);
    await expect(title).toHaveAttribute("title", LONG);
    await expect(title).toBeInViewport({ ratio: 1 });
    await expect(page.getByRole("button", { name: "Export" })).toBeHidden();
  }
  await page.getByRole("button", { name: "More for this deliberation" }).click();
  await expect(page.getByRole("menuitem", { name: "Export: Transcript, Markdown" })).toBeVisible();
  void panel;
});
