// The default panel's buckets: who sits, who could, and every change by keys alone.

import type { Locator, Page } from "@playwright/test";

import { ConsolePage } from "../pages/console.ts";
import { Keys } from "../pages/keys.ts";
import { isAccessible } from "./harness/looks.ts";
import { expect, test } from "./harness/test.ts";

const bucket = (page: Page, number: number): Locator => page.getByRole("listitem", { name: `Bucket ${number}`, exact: true });
const sits = (page: Page, number: number): Locator => bucket(page, number).getByRole("listitem").filter({ has: page.getByRole("img", { name: "sits now" }) });

test("buckets are filled, ordered, removed and added by keys alone, and the next panel is theirs", async ({ page, panel, husting, watch }) => {
  // Some hundreds of keys.
  test.slow();
  watch.expect(/status of 422/);
  await husting.cli("models", "add", "spruce", "--provider", "northwind", "--name", "Spruce 70B", "--context", "128000");
  await husting.cli("models", "add", "hazel", "--provider", "fjord", "--name", "Hazel 1", "--context", "200000");
  await husting.cli("models", "price", "hazel", "--in", "0.80", "--out", "4");
  const console = new ConsolePage(page);
  const keys = await Keys.only(page);
  await console.goto("settings/panel");
  const list = page.getByRole("list", { name: "Default panel" });
  const button = (name: string) => page.getByRole("button", { name, exact: true });
  const press = async (name: string) => (await keys.tabTo(button(name), 160), keys.press("Enter"));

  await expect(sits(page, 1)).toContainText("hazel");
  await press("Remove bucket 3");
  await press("Remove bucket 2");
  await expect(page.getByRole("alert"), "a panel needs two seats").toContainText("at least two buckets");
  await expect(list.getByRole("listitem", { name: /^Bucket/ })).toHaveCount(2);

  await press("Take larch out of bucket 2");
  await expect(bucket(page, 2)).not.toContainText("larch");
  await expect(page.getByRole("button", { name: /^Undo/ })).toBeVisible();
  await keys.press("Control+z");
  await expect(bucket(page, 2)).toContainText("larch");
  const unseated = page.getByRole("group", { name: "Models in no bucket" });
  await expect(unseated).toContainText(/spruce\s*no price/);

  await press("Add a bucket");
  await expect(page.getByRole("dialog", { name: "Begin a bucket with" })).toContainText(/larch\s*in bucket 2/);
  await press("Rowan 2 rowan in bucket 1");
  await expect(bucket(page, 3)).toContainText("rowan");
  await expect(sits(page, 3)).toContainText("rowan");
  await press("Move bucket 3 up");
  await expect(sits(page, 2)).toContainText("rowan");
  await expect(button("Move bucket 2 up"), "the focus goes along").toBeFocused();
  await press("Move rowan earlier");
  await expect(sits(page, 1)).toContainText("rowan");
  await expect(bucket(page, 2), "it sits already").toContainText("its models sit above already");

  await keys.tabTo(unseated.getByRole("button", { name: "spruce" }), 160);
  await keys.press("Enter");
  await expect(page.getByRole("menuitem", { name: "A new bucket" })).toBeVisible();
  await keys.press("ArrowDown", "Enter");
  await expect(bucket(page, 2)).toContainText("spruce");
  await expect(unseated).toBeHidden();

  await console.goto("deliberations/new");
  const seats = page.getByRole("complementary", { name: "Panel" }).getByRole("list", { name: "Panel" });
  await expect(seats).toContainText("Rowan 2");
  await expect(seats).not.toContainText("Hazel 1");
  await console.goto("settings/panel");
  await press("Let Husting choose the buckets");
  await expect(sits(page, 1)).toContainText("hazel");
  keys.assertAlone();
  await isAccessible(page, "the default panel");
  void panel;
});

test("without a model the default panel says what would fill it", async ({ page }) => {
  const console = new ConsolePage(page);
  await console.goto("settings/panel");
  await expect(page.getByText("The three rehearsal seats sit")).toBeVisible();
  await page.getByRole("region", { name: "Default panel" }).getByRole("button", { name: "Add a provider, for the default panel" }).click();
  await expect(page.getByRole("dialog", { name: "Add a provider" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("link", { name: "Providers and keys" })).toHaveAttribute("aria-current", "page");
});
