// Providers that do not answer: what is said, and the way back.

import { ConsolePage } from "../pages/console.ts";
import { SEATS } from "./harness/panel.ts";
import { expect, test } from "./harness/test.ts";

test("with every provider down the round fails with their words, and comes back with them", async ({ page, panel }) => {
  const down = [panel.provider("larch"), panel.provider("rowan")];
  await Promise.all(down.map((each) => each.order({ refuse_connections: true })));
  const console = new ConsolePage(page);
  const session = await console.ask("Who keeps the minutes?");
  await session.tab("Live").click();
  for (const seat of Object.values(SEATS)) {
    await expect(session.column(seat.name)).toContainText("Each try failed: the provider was not reached.", { timeout: 60_000 });
  }
  await session.tab("Claims").click();
  const failed = page.getByRole("region", { name: "What failed, and why" });
  await expect(failed.getByText("Each try failed: the provider was not reached.")).toHaveCount(3);
  await expect(failed).toContainText("Larch 4");
  await expect(page.getByRole("main").getByRole("button", { name: /^Retry/ })).toHaveCount(2);

  await console.goto("settings/providers");
  const row = page.getByRole("row", { name: /^northwind/ });
  await row.getByRole("button", { name: "Test" }).click();
  await expect(row.getByRole("status")).toContainText("did not answer");
  await console.goto("hall");
  const needs = page.getByRole("region", { name: "Needs you" });
  await expect(needs).toContainText("Larch 4: each try failed.");
  await needs.getByRole("link", { name: "See why" }).click();
  await expect(session.column(SEATS.larch.name)).toContainText("Each try failed: the provider was not reached.");
  await console.goto("hall");

  await Promise.all(down.map((each) => each.order({ refuse_connections: false })));
  await page.getByRole("region", { name: "Needs you" }).getByRole("button", { name: "Retry" }).click();
  await page.getByRole("navigation", { name: "Places" }).getByRole("link", { name: /Who keeps the minutes/ }).click();
  await session.mapped();
  await expect(session.facts).toContainText("3 of 3 answered, 3 of 3 reacted");
});
