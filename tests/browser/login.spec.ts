// One link logs one browser in, once.

import { ConsolePage } from "../pages/console.ts";
import { expect, test } from "./harness/test.ts";

test("a link logs in once, and its code does not stay in the address", async ({ page, husting, watch }) => {
  watch.expect(/status of 401/);
  await expect(page.getByRole("heading", { name: "Hall", level: 1 })).toBeVisible();
  expect(page.url()).not.toContain("code");
  const link = await husting.link();
  await page.goto("about:blank");
  await page.goto(link);
  await expect(page.getByRole("heading", { name: "Hall", level: 1 })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("heading", { name: "Hall", level: 1 })).toBeVisible();

  await page.context().clearCookies();
  await page.goto("about:blank");
  await page.goto(link);
  await expect(page.getByText("This link was used already, is older than ten minutes, or is mistyped.")).toBeVisible();
  expect(page.url()).not.toContain("code");
  await expect(page.getByRole("navigation")).toHaveCount(0);
});

test("a code that nobody gave is refused like one that is too old", async ({ page, husting, watch }) => {
  watch.expect(/status of 401/);
  const link = await husting.link();
  await page.context().clearCookies();
  await page.goto("about:blank");
  await page.goto(link.replace(/.{6}$/, "AAAAAA"));
  await expect(page.getByText("This link was used already, is older than ten minutes, or is mistyped.")).toBeVisible();
  await page.goto("about:blank");
  await page.goto(link);
  await expect(page.getByRole("heading", { name: "Hall", level: 1 })).toBeVisible();
});

test("without a login nothing is shown", async ({ browser, husting }) => {
  const stranger = await browser.newContext();
  const page = await stranger.newPage();
  await page.goto(husting.address);
  await expect(page, "the address that the program prints").toHaveURL(`${husting.address}/console/`);
  await expect(page.getByText("This browser is not logged in.")).toBeVisible();
  await expect(page.getByText("husting console link")).toBeVisible();
  const reply = await stranger.request.post(`${husting.address}/console/rpc`, { data: { command: "snapshot", args: {} } });
  expect(reply.status()).toBe(401);
  await stranger.close();
});

test("logging out in one tab ends the login in all tabs of the browser, and a reload does not bring it back", async ({ page, watch }) => {
  watch.expect(/status of 401/);
  const beside = await page.context().newPage();
  await beside.goto(page.url());
  await expect(beside.getByRole("heading", { name: "Hall", level: 1 })).toBeVisible();

  await new ConsolePage(page).goto("settings/address");
  await page.getByRole("button", { name: "Log out", exact: true }).click();
  for (const each of [page, beside]) {
    await expect(each.getByText("This browser was logged out.")).toBeVisible();
    await expect(each.getByRole("navigation")).toHaveCount(0);
  }

  await page.reload();
  await expect(page.getByText("This browser is not logged in.")).toBeVisible();
  await expect(page.getByRole("navigation")).toHaveCount(0);
  await beside.close();
});
