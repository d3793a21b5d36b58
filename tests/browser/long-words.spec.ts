// Words without a space, as long as a log or a file brings them.

import type { Page } from "@playwright/test";

import { BusPage } from "../pages/bus.ts";
import { ConsolePage } from "../pages/console.ts";
import { expect, test } from "./harness/test.ts";

const UNBROKEN = "W".repeat(60_000);

/** Milliseconds until a key that is pressed is on the screen. */
async function keyOnScreen(page: Page): Promise<number> {
  const from = performance.now();
  await page.keyboard.press("x");
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
  return performance.now() - from;
}

test("typing goes on behind sixty thousand letters without a space, in a question and in a message", async ({ page, panel }) => {
  test.slow();
  const console = new ConsolePage(page);
  for (const [place, field] of [["deliberations/new", console.question], ["bus", new BusPage(page).text]] as const) {
    await console.goto(place);
    await field.fill(UNBROKEN);
    await field.focus();
    expect(await keyOnScreen(page), `milliseconds of a key in ${place}`).toBeLessThan(1_500);
    await expect(field).toHaveValue(`${UNBROKEN}x`);
    await field.fill("");
  }
  void panel;
});
