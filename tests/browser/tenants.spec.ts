// Tenants in the settings: set up, moved to another tier, and given a token that is shown once.

import { ConsolePage } from "../pages/console.ts";
import { isAccessible } from "./harness/looks.ts";
import { expect, test } from "./harness/test.ts";

test.use({ permissions: ["clipboard-read", "clipboard-write"] });

test("a tenant is set up, its token shown once, its tier holds, and a new token ends the old one", async ({ page, husting }) => {
  await new ConsolePage(page).goto("settings/tenants");
  const table = page.getByRole("table", { name: "Tenants and tiers" });
  const row = (name: string) => table.getByRole("row").filter({ has: page.getByRole("rowheader", { name }) });
  await expect(row("local")).toContainText("yours");
  await page.getByRole("button", { name: "New tenant" }).click();
  const sheet = page.getByRole("dialog", { name: "New tenant" });
  await sheet.getByRole("textbox", { name: "Id" }).fill("north wind");
  await expect(sheet).toContainText("1 to 64 letters");
  await sheet.getByRole("textbox", { name: "Id" }).fill("northwind");
  await isAccessible(page, "a new tenant");
  await sheet.getByRole("textbox", { name: "Id" }).press("Enter");
  await expect(row("northwind")).toContainText("0 of 1");
  await expect(row("northwind")).toContainText("none");

  const makeToken = async () => {
    await page.getByRole("button", { name: "New token… northwind" }).click();
    await page.getByRole("button", { name: "Make the token" }).click();
    const once = page.getByRole("dialog", { name: "The token of tenant northwind" });
    await expect(once).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(once.getByRole("alert")).toContainText("It has not been copied yet.");
    await once.getByRole("button", { name: "Copy token" }).click();
    await once.getByRole("button", { name: "Done" }).click();
    await expect(once).toBeHidden();
    return page.evaluate(() => navigator.clipboard.readText());
  };
  const token = await makeToken();
  expect(token).toMatch(/^hst_t_/);
  expect(await page.content(), "nothing of it is left in the page").not.toContain(token);
  await expect(row("northwind")).toContainText(`…${token.slice(-8)}`);

  const mint = async (raw: string, agent_name: string) => {
    const headers = { authorization: `Bearer ${raw}`, "content-type": "application/json" };
    return (await fetch(`${husting.address}/api/tenants/northwind/agents/mint`, { method: "POST", headers, body: JSON.stringify({ agent_name }) })).status;
  };
  expect(await mint(token, "loom")).toBe(201);
  expect(await mint(token, "porter"), "one is all that this tier allows").toBe(403);
  await row("northwind").getByRole("combobox", { name: "Tier of northwind" }).selectOption({ label: "growth: 5 agents" });
  await expect(row("northwind")).toContainText("1 of 5");
  expect(await mint(token, "porter")).toBe(201);
  const other = await makeToken();
  expect(await mint(token, "weigher"), "the old one opens nothing").toBe(401);
  expect(await mint(other, "weigher")).toBe(201);
  await isAccessible(page, "tenants and tiers");
});
