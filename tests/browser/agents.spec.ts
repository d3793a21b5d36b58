// Agents in the window: minted, their token shown once, what they may do changed while they work, ended at once.

import { AgentsPage } from "../pages/agents.ts";
import { BusPage } from "../pages/bus.ts";
import { ConsolePage } from "../pages/console.ts";
import { Keys } from "../pages/keys.ts";
import { Agent, mintMany, Tenant } from "./harness/agent.ts";
import { isAccessible } from "./harness/looks.ts";
import { rpc } from "./harness/rpc.ts";
import { expect, test } from "./harness/test.ts";

test.use({ permissions: ["clipboard-read", "clipboard-write"] });

test("an agent's life: minted, written to, denied, allowed, narrowed, held, revoked", async ({ page, husting }) => {
  test.slow();
  const console = new ConsolePage(page);
  const agents = new AgentsPage(page);
  const bus = new BusPage(page);

  const loom = await test.step("its token is shown once; Esc and a click outside do not lose it", async () => {
    await console.goto("agents");
    await expect(page.getByText("No agent has a token yet.")).toBeVisible();
    await agents.mint("loom");
    await page.keyboard.press("Escape");
    await expect(agents.once.getByRole("alert")).toContainText("It has not been copied or written yet.");
    await page.mouse.click(20, 300);
    await expect(agents.once).toBeVisible();
    await expect(agents.once.getByRole("button", { name: "Close anyway" })).toBeVisible();
    await agents.once.getByRole("button", { name: "Copy token" }).click();
    await expect(agents.once).toContainText("In 60 seconds the clipboard is emptied");
    const token = await page.evaluate(() => navigator.clipboard.readText());
    expect(token).toMatch(/^hst_a_/);
    expect(await agents.everything(), "it is copied without being shown").not.toContain(token);
    await agents.once.getByRole("combobox", { name: "Client" }).selectOption({ value: "json" });
    await agents.once.getByRole("button", { name: "Copy JSON" }).click();
    const config = JSON.parse(await page.evaluate(() => navigator.clipboard.readText())) as unknown;
    expect(config).toMatchObject({ mcpServers: { sos: { url: `${husting.address}/mcp`, headers: { Authorization: `Bearer ${token}` } } } });
    const agent = new Agent(husting.address, token);
    await expect(agents.once).toContainText("Waiting for its first call");
    await agent.call("boot_context");
    await expect(agents.once).toContainText("It made its first call");
    await agents.once.getByRole("button", { name: "Done" }).click();
    await expect(agents.once).toBeHidden();
    expect(await agents.everything(), "nothing of it is left in the page").not.toContain(token);
    await expect(agents.row("loom")).toContainText("live");
    return agent;
  });

  await test.step("the operator writes; each fact is shown as it becomes one", async () => {
    await console.goto("bus");
    await bus.write("loom", "Where is pallet 4?");
    await expect(bus.row("Where is pallet 4?")).toContainText("persisted");
    await expect(bus.row("Where is pallet 4?").getByText("operator", { exact: true })).toBeVisible();
    const mail = await loom.call("inbox");
    const [letter] = mail.messages as { id: string; from: string }[];
    expect(letter?.from).toBe("human:operator");
    await expect(bus.row("Where is pallet 4?")).toContainText("fetched");
    await loom.call("send", { to: "operator", text: "At the gate.", in_reply_to: letter?.id });
    await expect(bus.row("Where is pallet 4?")).toContainText("answered");
    await bus.row("Where is pallet 4?").getByRole("link").click();
    await expect(bus.facts.getByRole("listitem")).toHaveCount(4);
    await expect(bus.facts).not.toContainText("not yet");
    await expect(bus.message.getByRole("region", { name: "Thread" })).toContainText("At the gate.");
  });

  await test.step("a denial is a card, and ten minutes are in force on the next call", async () => {
    const refused = await loom.asks("broadcast", { text: "All hands to the gate." });
    expect(refused.status).toBe(403);
    await console.goto("hall");
    const card = page.getByRole("listitem").filter({ hasText: "mcp:broadcast" });
    await expect(card).toContainText("loom wanted mcp:broadcast at");
    await expect(card).toContainText("It called broadcast to reach all agents");
    await card.getByRole("button", { name: /^Ten minutes/ }).click();
    await expect(card).toBeHidden();
    expect((await loom.asks("broadcast", { text: "All hands to the gate." })).error).toBeNull();
  });

  await test.step("narrowed in the matrix, it is refused on its next call", async () => {
    await console.goto("agents/scopes");
    await expect(agents.cell("loom", "broadcast")).toHaveAccessibleName(/granted for \d+ min more/);
    await agents.cell("loom", "broadcast").click();
    await expect(agents.cell("loom", "broadcast")).not.toBeChecked();
    await agents.cell("loom", "peers").click();
    await expect(agents.cell("loom", "peers")).not.toBeChecked();
    expect((await loom.asks("peers")).status).toBe(403);
    await expect(agents.cell("loom", "peers")).toHaveAccessibleName(/asked for once and denied/);
  });

  await test.step("held with all others, and let go on", async () => {
    await page.getByRole("button", { name: "Pause agents" }).click();
    await expect(page.getByRole("contentinfo")).toContainText("Agents paused");
    expect((await loom.asks("inbox")).status).toBe(503);
    await page.getByRole("contentinfo").getByRole("button", { name: /Let them go on/ }).click();
    await expect(page.getByRole("button", { name: "Pause agents" })).toBeVisible();
    expect((await loom.asks("inbox")).status).toBe(200);
  });

  await test.step("disabled and taken back", async () => {
    await page.getByRole("link", { name: /^loom/ }).first().click();
    await expect(console.heading("loom")).toBeVisible();
    await page.getByRole("button", { name: "Disable" }).click();
    await expect(page.getByText("loom is disabled:")).toBeVisible();
    expect((await loom.asks("inbox")).status).toBe(401);
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(page.getByRole("button", { name: "Disable" })).toBeVisible();
    expect((await loom.asks("inbox")).status).toBe(200);
  });

  await test.step("revoked, with a receipt that counts", async () => {
    await page.getByRole("button", { name: "Revoke…" }).click();
    const sheet = page.getByRole("dialog", { name: "Revoke loom?" });
    const act = sheet.getByRole("button", { name: "Revoke loom" });
    await expect(act).toBeDisabled();
    await sheet.getByRole("textbox").fill("loom");
    await act.click();
    await expect(agents.receipt).toContainText("0 requests accepted since the revoke, counted from the log");
    await expect(agents.receipt).toContainText("fetch");
    expect((await loom.asks("inbox")).status).toBe(401);
    await agents.receipt.getByRole("button", { name: "Done" }).click();
    await expect(page.getByRole("region", { name: "Kill receipt" })).toContainText("counted from the log");
    await expect(page.getByText("wanted mcp:peers at")).toBeVisible();
    await expect(page.getByRole("button", { name: /^Allow once/ }), "there is nobody to allow anything").toHaveCount(0);
    await console.goto("hall");
    await expect(page.getByText("wanted mcp:peers"), "and nothing to answer").toHaveCount(0);
    await console.goto("agents");
    await expect(page.getByRole("link", { name: /^loom/ })).toHaveCount(0);
    await console.goto("bus");
    await expect(bus.row("Where is pallet 4?"), "what it said stays").toBeVisible();
  });
});

test("an agent is minted and allowed an hour of a scope by keys alone", async ({ page, husting }) => {
  const agents = new AgentsPage(page);
  const keys = await Keys.only(page);
  await keys.press("g", "a");
  await expect(page.getByRole("heading", { name: "Agents", level: 1 })).toBeVisible();
  await keys.press("m");
  await keys.into(agents.mintSheet.getByRole("textbox", { name: "Name" }), "Porter");
  await expect(agents.mintSheet).toContainText("begins with a letter");
  await keys.press("Control+a");
  await keys.type("porter");
  await keys.press("Enter");
  await expect(agents.once.getByRole("button", { name: "Copy token" })).toBeFocused();
  await keys.press("Enter");
  await expect(agents.once.getByRole("button", { name: "Done" })).toBeVisible();
  const token = await page.evaluate(() => navigator.clipboard.readText());
  await keys.press("Escape", "Control+k");
  await keys.type("scope matrix");
  await keys.press("Enter");
  await keys.tabTo(agents.grid.getByRole("checkbox").first());
  await keys.press("End", "ArrowLeft", "ArrowLeft", "ArrowLeft");
  await expect(page.locator(":focus")).toHaveAccessibleName(/, recall: not granted$/);
  while (!/^porter,/.test((await page.locator(":focus").getAttribute("aria-label")) ?? "")) await keys.press("ArrowDown");
  await keys.press("h");
  await expect(agents.cell("porter", "recall")).toHaveAccessibleName(/granted for 60 min more/);
  const porter = new Agent(husting.address, token);
  expect((await porter.asks("memories")).error).toBeNull();
  await keys.press("Space");
  await expect(agents.cell("porter", "recall")).not.toBeChecked();
  expect((await porter.asks("memories")).status).toBe(403);
  keys.assertAlone();
});

test("a rotated token takes the old one's place", async ({ page, husting }) => {
  const tenant = await Tenant.of(husting);
  const loom = await tenant.mint("loom");
  const agents = new AgentsPage(page);
  await new ConsolePage(page).goto(`agents/${loom.id}`);
  await page.getByRole("button", { name: "Rotate" }).click();
  await page.getByRole("dialog", { name: /^Rotate/ }).getByRole("button", { name: "Rotate" }).click();
  await agents.once.getByRole("button", { name: "Copy token" }).click();
  await expect(agents.once.getByRole("button", { name: "Done" })).toBeVisible();
  const token = await page.evaluate(() => navigator.clipboard.readText());
  expect((await loom.asks("boot_context")).status).toBe(401);
  expect((await new Agent(husting.address, token).asks("boot_context")).status).toBe(200);
  await expect(agents.once).toContainText("It made its first call");
});

test("five hundred agents draw few rows, and the last one is found at once", async ({ page }) => {
  test.slow();
  await mintMany(page, 500);
  const agents = new AgentsPage(page);
  await new ConsolePage(page).goto("agents");
  await expect(agents.table).toBeVisible();
  expect(await agents.table.getByRole("row").count(), "rows that are drawn").toBeLessThan(60);
  await page.getByRole("searchbox", { name: "Find agents" }).fill("n-499");
  await expect(agents.table.getByRole("link")).toHaveCount(1);
  await new ConsolePage(page).goto("agents/scopes");
  await expect(agents.cell("n-499", "send")).toBeChecked();
});

test("agents, by axe", async ({ page, husting }) => {
  test.slow();
  const console = new ConsolePage(page);
  await console.goto("agents");
  await isAccessible(page, "Agents, few");
  const tenant = await Tenant.of(husting);
  const loom = await tenant.mint("loom", { charter: "You keep the manifests.", model: "gpt-5.4" });
  const off = await tenant.mint("night-watch");
  await loom.call("boot_context");
  await loom.asks("broadcast", { text: "All hands." });
  await console.goto(`agents/${off.id}`);
  await page.getByRole("button", { name: "Disable" }).click();
  await expect(page.getByText("night-watch is disabled:")).toBeVisible();
  await console.goto("agents");
  await expect(page.getByRole("link", { name: /^loom/ })).toBeVisible();
  await isAccessible(page, "Agents");
  await console.goto("agents/scopes");
  await expect(page.getByRole("checkbox", { name: /loom, broadcast: asked/ })).toBeVisible();
  await isAccessible(page, "the scope matrix");
  await console.goto(`agents/${loom.id}`);
  await expect(page.getByText("You keep the manifests.")).toBeVisible();
  await isAccessible(page, "an agent");
  await page.getByRole("button", { name: "Revoke…" }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await isAccessible(page, "an agent that is to be revoked");
  await page.getByRole("dialog").getByRole("textbox").fill("loom");
  await page.getByRole("button", { name: "Revoke loom" }).click();
  await expect(new AgentsPage(page).receipt).toBeVisible();
  await isAccessible(page, "a kill receipt");
  await page.keyboard.press("Escape");
  await console.goto("agents/mint");
  await expect(page.getByRole("dialog", { name: "Mint an agent" })).toBeVisible();
  await isAccessible(page, "the sheet that mints");
  await page.getByRole("textbox", { name: "Name" }).fill("porter");
  await page.getByRole("button", { name: "Mint", exact: true }).click();
  await expect(new AgentsPage(page).once).toBeVisible();
  await page.keyboard.press("Escape");
  await isAccessible(page, "a token, once");
});

test("what an agent remembers is read and searched, and a squad's memory beside it", async ({ page, husting }) => {
  const tenant = await Tenant.of(husting);
  const scopes = ["mcp:remember", "mcp:recall", "mcp:workspace_join"];
  const [loom, porter] = [await tenant.mint("loom", { scopes }), await tenant.mint("porter", { scopes })];
  await new ConsolePage(page).goto(`agents/${loom.id}/memory`);
  await expect(page.getByText("It has stored nothing yet.")).toBeVisible();
  await loom.call("remember", { text: "Pump housings go under 8413.91.", context: "HS codes" });
  await loom.call("remember", { text: "The gate closes at 16:20." });
  for (const each of [loom, porter]) await each.call("workspace_join", { workspace_id: "sales" });
  await porter.call("remember", { text: "Hamburg pays in thirty days.", squad: "sales" });
  const notes = page.getByRole("list", { name: "Notes" }).getByRole("listitem");
  await expect(notes).toHaveCount(2);
  await expect(notes.first()).toContainText("The gate closes at 16:20.");
  await page.keyboard.press("/");
  await page.keyboard.type("pump housings");
  await expect(notes).toHaveCount(1);
  await expect(notes).toContainText("HS codes");
  await page.keyboard.press("Escape");
  await expect(notes).toHaveCount(2);
  await page.getByRole("combobox", { name: "Whose memory" }).selectOption("#sales");
  await expect(notes).toHaveCount(1);
  await expect(notes).toContainText("Hamburg pays in thirty days.");
  await expect(notes).toContainText("porter");
  await isAccessible(page, "an agent's memory");
});

test("an agent's rows of the audit log come as it acts, are read on, checked and taken away", async ({ page, husting }) => {
  test.slow();
  const tenant = await Tenant.of(husting);
  const [loom, porter] = [await tenant.mint("loom"), await tenant.mint("porter")];
  for (let at = 0; at < 120; at += 1) await loom.call("send", { to: "porter", text: `Pallet ${at}.` });
  await new ConsolePage(page).goto(`agents/${loom.id}/audit`);
  const rows = page.getByRole("table", { name: "Audit" }).getByRole("row").filter({ has: page.getByRole("cell") });
  await expect(rows.first()).toContainText("sent to porter");
  await expect(page.getByText("the newest 100 rows")).toBeVisible();
  await loom.asks("broadcast", { text: "All hands." });
  await expect(rows.first()).toContainText("denied mcp:broadcast, to all agents");
  await porter.call("send", { to: "loom", text: "Done." });
  await loom.call("inbox");
  await expect(rows.first()).toContainText("fetched");
  await expect(async () => {
    await page.locator(".table .scroller").evaluate((scroller) => (scroller.scrollTop = scroller.scrollHeight));
    await expect(rows.filter({ hasText: "minted" })).toBeInViewport({ timeout: 500 });
  }).toPass();
  await page.getByRole("button", { name: "Verify" }).click();
  await expect(page.getByText(/chain whole, checked at \d\d:\d\d/).first()).toBeVisible();
  const taken = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export case file" }).click();
  await expect(page.getByText("Handed to your downloads.").first()).toBeVisible();
  const file = await (await taken).path();
  expect(await husting.cli("audit", "verify", file)).not.toContain("not as it was written");
  await isAccessible(page, "an agent's audit");
});

test("what a managed agent cost stands in its row and on its page", async ({ page, panel }) => {
  const agents = new AgentsPage(page);
  await rpc(page, "activate_agent", { agent_name: "kasra", model: "alder" });
  await new ConsolePage(page).goto("agents");
  await expect(agents.row("kasra").getByRole("cell").nth(-2)).toHaveText("$0");
  await rpc(page, "write_message", { to: { kind: "agent", name: "kasra" }, text: "When does the gate close?" });
  await expect(agents.row("kasra").getByRole("cell").nth(-2)).toHaveText(/^\$0\.\d{4,6}$/);
  const cost = await agents.row("kasra").getByRole("cell").nth(-2).innerText();
  await page.getByRole("link", { name: /^kasra/ }).click();
  await expect(page.getByRole("region", { name: "Spent" })).toContainText(`This month${cost}`);
  void panel;
});
