// Ctrl F on any screen: what was said anywhere is found by its words. A list is filtered by / alone.

import { BusPage } from "../pages/bus.ts";
import { ConsolePage } from "../pages/console.ts";
import { Keys } from "../pages/keys.ts";
import { Tenant } from "./harness/agent.ts";
import { isAccessible } from "./harness/looks.ts";
import { rpc } from "./harness/rpc.ts";
import { expect, test } from "./harness/test.ts";

test("Ctrl F finds a message, an agent and a question by their words, by keys alone", async ({ page, husting }) => {
  const tenant = await Tenant.of(husting);
  const loom = await tenant.mint("loom");
  await tenant.mint("porter");
  await loom.call("send", { to: "porter", text: "Cast-iron pump housings go under 8413.91." });
  const { models } = (await rpc(page, "list_models", {})) as { models: { id: string; kind: string }[] };
  const seats = models.filter(({ kind }) => kind === "rehearsal").map(({ id }) => id).slice(0, 2);
  await rpc(page, "convene", { prompt: "Which carrier?\nThe tariff of the pump housings is not settled.", models: seats, recap_round: false });
  const keys = await Keys.only(page);
  const found = page.getByRole("listbox").getByRole("option");
  await keys.press("g", "h", "Control+f");
  await keys.into(page.getByRole("combobox", { name: "Go to, or do" }), "pump housings");
  await expect(found.filter({ hasText: "Cast-iron pump housings" })).toContainText("loom to porter");
  await expect(page.getByRole("option", { name: /^Which carrier\? 1 round/ }), "by words of the question that its title has not").toBeVisible();
  const said = found.filter({ hasText: "The tariff of the pump housings is not settled." });
  await expect(said, "and the words themselves once, though the seats repeat them").toHaveCount(1);
  await expect(said).toContainText(/in round 1 and \d+ more places, Which carrier\?/);
  await isAccessible(page, "everything with some words");
  await keys.press("Control+a");
  await keys.type("#8413");
  await expect(found).toHaveCount(1);
  await keys.press("Enter");
  await expect(new BusPage(page).message).toContainText("Cast-iron pump housings");
  await keys.press("Escape", "/");
  await expect(page.getByRole("searchbox", { name: "Find messages" }), "the bus has its own").toBeFocused();
  await keys.press("Control+f");
  await expect(page.getByRole("combobox", { name: "Go to, or do" }), "over everything all the same").toBeFocused();
  await keys.press("Escape");
  await new ConsolePage(page).goto("wallet");
  await expect(page.getByRole("table", { name: "Ledger" })).toBeVisible();
  await keys.press("/");
  await expect(page.getByRole("searchbox", { name: "Search the ledger" })).toBeFocused();
  keys.assertAlone();
});

test("what a screen has a button for is pressed by its name, and a name that leads somewhere presses nothing", async ({ page, husting, panel }) => {
  const tenant = await Tenant.of(husting);
  await tenant.mint("rowan");
  const keys = await Keys.only(page);
  const found = page.getByRole("listbox", { name: "Go to, or do" }).getByRole("option");
  await keys.press("Control+k");
  await keys.into(page.getByRole("combobox", { name: "Go to, or do" }), "models and prices");
  await keys.press("Enter");
  const offered = page.getByRole("switch", { name: "Offer Rowan 2 on panels" });
  await expect(offered).toBeChecked();
  await keys.press("Control+k");
  await keys.into(page.getByRole("combobox", { name: "Go to, or do" }), "rowan");
  await expect(found.first(), "the agent, before what is pressed").toContainText("rowan");
  await expect(found.filter({ hasText: "Offer Rowan 2 on panels" }), "what is called by that word itself").toHaveCount(1);
  await expect(found.filter({ hasText: "More for Rowan 2" }), "what its menu does is meant by words of its own").toHaveCount(0);
  await keys.press("Control+a");
  await keys.type(".offer rowan");
  await expect(found).toHaveCount(1);
  await isAccessible(page, "what a screen has buttons for");
  await keys.press("Enter");
  await expect(offered).not.toBeChecked();
  keys.assertAlone();
  void panel;
});
