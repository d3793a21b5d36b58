// What every test is given: a console of its own, a logged-in page, and somebody watching the page.

import { expect, test as base } from "@playwright/test";

import { Husting } from "./husting.ts";
import { Panel } from "./panel.ts";
import { Watch } from "./watch.ts";

interface Given {
  /** The program, serving. */
  husting: Husting;
  /** Three priced seats that are on its list. */
  panel: Panel;
  watch: Watch;
  /** Dollars that may be spent in a month. */
  limit: string;
  /** Variables the program starts with. */
  serverEnv: NodeJS.ProcessEnv;
}

export const test = base.extend<Given>({
  limit: ["20", { option: true }],
  serverEnv: [{}, { option: true }],
  husting: async ({ serverEnv }, use) => {
    const husting = await Husting.fresh(serverEnv);
    await husting.serve();
    await use(husting);
    await husting.end();
  },
  panel: async ({ husting, limit }, use) => {
    const panel = await Panel.seat(husting, { limit });
    await use(panel);
    await panel.stop();
  },
  watch: async ({}, use) => {
    const watch = new Watch();
    await use(watch);
    expect(watch.troubles, "what the page may never do").toEqual([]);
  },
  page: async ({ page, husting, watch }, use) => {
    await watch.over(page, () => husting.address);
    await page.goto(await husting.link());
    await expect(page.getByRole("navigation", { name: "Places" })).toBeVisible();
    await use(page);
  },
});

export { expect };
