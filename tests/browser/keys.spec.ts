// Keys for agents and scripts: made, shown once, put to use, limited, revoked.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { ConsolePage } from "../pages/console.ts";
import { KeysPage } from "../pages/keyring.ts";
import { Keys } from "../pages/keys.ts";
import { isAccessible } from "./harness/looks.ts";
import { expect, test } from "./harness/test.ts";

test.use({ permissions: ["clipboard-read", "clipboard-write"] });

test("a key is made, copied and revoked by keys alone; it opens the door in between", async ({ page, husting }) => {
  const list = new KeysPage(page);
  const keys = await Keys.only(page);
  await keys.press("g", "s", "Control+k");
  await keys.type("deliberation keys");
  await keys.press("Enter");
  await expect(page.getByText("There is no key yet.")).toBeVisible();
  await keys.tabTo(list.newKey);
  await keys.press("Enter");
  await keys.into(page.getByRole("textbox", { name: "Name" }), "laptop");
  await keys.press("Tab");
  await keys.type("3");
  await keys.press("Enter");

  await expect(list.once.getByRole("button", { name: "Copy key" })).toBeFocused();
  await expect(list.shown).toContainText("•");
  await keys.press("Escape");
  await expect(list.once.getByRole("alert")).toContainText("It cannot be shown again");
  await keys.press("Enter");
  await expect(list.once).toContainText("Copied. In 60 seconds the clipboard is emptied");
  const key = await page.evaluate(() => navigator.clipboard.readText());
  expect(key).toMatch(/^mmo_live_/);
  expect(await list.everything(), "it is copied without being shown").not.toContain(key);
  await keys.tabTo(list.once.getByRole("button", { name: "Reveal" }));
  await keys.press("Enter");
  await expect(list.shown).toHaveText(key);
  await keys.tabTo(list.once.getByRole("combobox", { name: "Client" }));
  await keys.type("JSON");
  await keys.press("Shift+Tab");
  await expect(list.once.getByRole("button", { name: "Copy JSON" })).toBeFocused();
  await keys.press("Enter");
  await expect.poll(() => page.evaluate(async () => (await navigator.clipboard.readText()).startsWith("{"))).toBe(true);
  const config = JSON.parse(await page.evaluate(() => navigator.clipboard.readText())) as unknown;
  expect(config).toMatchObject({ mcpServers: { mumo: { url: `${husting.address}/api/mcp`, headers: { Authorization: `Bearer ${key}` } } } });
  await keys.press("Escape");
  await expect(list.once).toBeHidden();
  await expect(list.newKey).toBeFocused();
  expect(await list.everything(), "nothing of it is left in the page").not.toContain(key);
  expect(await holding(husting.folder, key), "nor in any file").toEqual([]);
  expect(await holding(husting.folder, key.slice(-8)), "the search finds what is there").not.toEqual([]);

  const credit = () => fetch(`${husting.address}/api/credit`, { headers: { authorization: `Bearer ${key}` } });
  expect((await credit()).status).toBe(200);
  await expect(list.row("laptop")).not.toContainText("never");
  await expect(list.row("laptop").getByRole("cell").nth(3)).toHaveText("3");
  await keys.tabTo(page.getByRole("button", { name: "Revoke… laptop" }));
  await keys.press("Enter");
  await keys.into(page.getByRole("textbox", { name: "Type laptop to revoke it" }), "laptop");
  await keys.press("Enter");
  await expect(list.row("laptop")).toContainText("revoked");
  expect((await credit()).status).toBe(401);
  keys.assertAlone();
});

test("neither Esc nor a click outside closes the sheet of a key that nobody copied", async ({ page }) => {
  const list = new KeysPage(page);
  await new ConsolePage(page).goto("settings/keys");
  await list.make("night run");
  await page.mouse.click(20, 300);
  await expect(list.once.getByRole("alert")).toContainText("It has not been copied or written yet.");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await expect(list.once).toBeVisible();
  await list.once.getByRole("button", { name: "Close anyway" }).click();
  await expect(list.once).toBeHidden();
  await expect(list.row("night run"), "it lives, though nobody has it").toContainText("live");
});

test("the list follows keys that are made elsewhere, and stands after a reload", async ({ page, husting }) => {
  const list = new KeysPage(page);
  await new ConsolePage(page).goto("settings/keys");
  await expect(page.getByText("There is no key yet.")).toBeVisible();
  await husting.cli("key", "create", "--name", "from a terminal");
  await expect(list.row("from a terminal")).toContainText("by the limits");
  await page.reload();
  await expect(list.row("from a terminal")).toBeVisible();
  await husting.cli("key", "revoke", "from a terminal");
  await expect(list.row("from a terminal")).toContainText("revoked");
});

test("limits hold from the next call on", async ({ page, husting }) => {
  const made = JSON.parse(await husting.cli("--json", "key", "create", "--name", "laptop")) as { raw_key: string };
  await new ConsolePage(page).goto("settings/limits");
  await page.getByRole("textbox", { name: "Rounds a day" }).fill("1");
  await page.keyboard.press("Tab");
  const ask = async () => {
    const headers = { authorization: `Bearer ${made.raw_key}`, "content-type": "application/json" };
    const reply = await fetch(`${husting.address}/api/deliberation`, { method: "POST", headers, body: JSON.stringify({ prompt: "Which of two?" }) });
    return reply.status;
  };
  const inForce = async () => (JSON.parse(await husting.cli("--json", "config")) as { settings: { name: string; value: unknown }[] }).settings.find(({ name }) => name === "limits.rounds_per_day")?.value;
  await expect.poll(inForce).toBe(1);
  expect(await ask()).toBe(202);
  expect(await ask()).toBe(429);
});

test("keys, limits and writers, by axe", async ({ page, panel, husting }) => {
  test.slow();
  const console = new ConsolePage(page);
  const list = new KeysPage(page);
  await console.goto("settings/keys");
  await expect(page.getByText("There is no key yet.")).toBeVisible();
  await isAccessible(page, "Settings, no key");
  await husting.cli("key", "create", "--name", "old desktop");
  await husting.cli("key", "revoke", "old desktop");
  await list.make("laptop");
  await page.keyboard.press("Escape");
  await isAccessible(page, "a key, once");
  await list.once.getByRole("button", { name: "Copy key" }).click();
  await list.once.getByRole("button", { name: "Done" }).click();
  await isAccessible(page, "Settings, keys");
  await list.newKey.click();
  await isAccessible(page, "a new key");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Revoke… laptop" }).click();
  await isAccessible(page, "a key that is to be revoked");
  await page.keyboard.press("Escape");
  await console.goto("settings/recap");
  const writers = page.getByRole("group", { name: "Asked in this order" });
  await writers.getByRole("button", { name: "Add a writer" }).click();
  await isAccessible(page, "who writes recaps, to choose from");
  await page.getByRole("button", { name: /^Rowan 2/ }).click();
  await expect(writers).toContainText("rowan");
  await isAccessible(page, "Settings, writers");
  void panel;
});

/** The files below a folder that hold some words. */
async function holding(folder: string, words: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.filter((each) => each.isFile())) {
    const file = join(entry.parentPath, entry.name);
    // Some come and go while the program runs.
    const bytes = await readFile(file).catch(() => Buffer.alloc(0));
    if (bytes.includes(words)) found.push(file);
  }
  return found;
}
