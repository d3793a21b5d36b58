// A client is put on the bus from the window: its file is shown, looked at, written, and written anew with another token.

import { readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { AgentsPage } from "../pages/agents.ts";
import { ConsolePage } from "../pages/console.ts";
import { KeysPage } from "../pages/keyring.ts";
import { Keys } from "../pages/keys.ts";
import { RunsPage } from "../pages/runs.ts";
import { WiringPart } from "../pages/wiring.ts";
import { Agent, Tenant } from "./harness/agent.ts";
import { isAccessible } from "./harness/looks.ts";
import { Programs } from "./harness/programs.ts";
import { expect, test as base } from "./harness/test.ts";

const test = base.extend<{ programs: Programs }>({
  programs: async ({}, use) => {
    const programs = await Programs.fresh();
    await use(programs);
    await programs.end();
  },
  serverEnv: async ({ programs }, use) => use(programs.env),
});

test.use({ permissions: ["clipboard-read", "clipboard-write"] });

const OTHER = { mcpServers: { ledger: { type: "http", url: "http://127.0.0.1:9/mcp" } } };

interface McpJson {
  mcpServers: Record<string, { url: string; headers?: Record<string, string> }>;
}

async function mcpJson(path: string): Promise<McpJson> {
  return JSON.parse(await readFile(path, "utf8")) as McpJson;
}

const tokenOf = ({ mcpServers }: McpJson) => (mcpServers.sos?.headers?.Authorization ?? "").replace("Bearer ", "");

test("a token goes into a client's file beside what is there, stays out of Git, and the agent is launched with it", async ({ page, husting, programs }) => {
  test.slow();
  const console = new ConsolePage(page);
  const agents = new AgentsPage(page);
  const wiring = new WiringPart(page, agents.once);
  const file = join(programs.project, ".mcp.json");
  await programs.git("init");
  await writeFile(file, JSON.stringify(OTHER, null, 2));

  await test.step("the hall offers the client that was found, and minting begins with it", async () => {
    await console.goto("hall");
    await page.getByRole("button", { name: "Put it on the bus: Claude Code" }).click();
    await agents.mintSheet.getByRole("textbox", { name: "Name" }).fill("loom");
    await agents.mintSheet.getByRole("button", { name: "Mint", exact: true }).click();
    await expect(wiring.client).toHaveValue("claude-code");
    await expect(wiring.text).toContainText("hst_a_…");
  });

  await test.step("what stands at the path is said before anything is written", async () => {
    await wiring.path.fill("depot");
    await expect(agents.once).toContainText("Begin with / or with ~/");
    await wiring.path.fill(programs.project);
    await expect(agents.once).toContainText("1 other server in it stays as it is.");
    await expect(agents.once).toContainText("Git would take the file");
    await expect(agents.once.getByRole("checkbox", { name: "Leave it out of Git" })).toBeChecked();
    expect(await mcpJson(file)).toEqual(OTHER);
  });

  const token = await test.step("written, the sheet may close, and the token stands nowhere else", async () => {
    await wiring.write.click();
    await expect(agents.once).toContainText(`Written to ${file}`);
    await expect(agents.once).toContainText("What stood there before is in");
    const written = await mcpJson(file);
    expect(written.mcpServers.ledger).toEqual(OTHER.mcpServers.ledger);
    expect(written.mcpServers.sos?.url).toBe(`${husting.address}/mcp`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await readdir(programs.project)).filter((name) => name.includes("before-husting"))).toHaveLength(1);
    expect(await readFile(join(programs.project, ".git/info/exclude"), "utf8")).toContain(".mcp.json");
    expect(await agents.everything(), "it was written without being shown").not.toContain(tokenOf(written));
    return tokenOf(written);
  });

  await test.step("launched from there", async () => {
    await agents.once.getByRole("button", { name: "Launch" }).click();
    const runs = new RunsPage(page);
    await expect(runs.sheet).toBeVisible();
    await expect(agents.once).toBeHidden();
    await expect(runs.command).toHaveValue(new RegExp(`^claude --mcp-config '?${file}`));
    await runs.confirm();
    await runs.launchAct.click();
    await expect(runs.output).toContainText("asked who it is: 200");
    await expect(runs.head).toContainText("done");
    expect(await agents.everything()).not.toContain(token);
  });

  await test.step("its page says how the file stands", async () => {
    await page.getByRole("tab", { name: "Overview" }).click();
    const part = page.getByRole("region", { name: "Wiring" });
    await expect(part).toContainText("up to date");
    await writeFile(file, JSON.stringify({ ...(await mcpJson(file)), more: 1 }));
    await page.reload();
    await expect(part).toContainText("changed since");
    await writeFile(file, JSON.stringify(OTHER));
    await page.reload();
    await expect(part).toContainText("gone");
  });
});

test("wired again, the new token is in the file and the old one has ended", async ({ page, husting, programs }) => {
  const tenant = await Tenant.of(husting);
  const loom = await tenant.mint("loom");
  const file = join(programs.project, ".mcp.json");
  await new ConsolePage(page).goto(`agents/${loom.id}`);
  await page.getByRole("button", { name: "Wire…" }).click();
  const sheet = page.getByRole("dialog", { name: "Wire loom?" });
  const wiring = new WiringPart(page, sheet);
  await wiring.client.selectOption({ value: "claude-code" });
  await wiring.path.fill(file);
  await expect(sheet).toContainText("A new file");
  await sheet.getByRole("button", { name: "Wire", exact: true }).click();
  const done = page.getByRole("dialog", { name: "Wired" });
  await expect(done).toContainText("A call with the new token was answered. The old one has ended.");
  const fresh = new Agent(husting.address, tokenOf(await mcpJson(file)));
  expect((await loom.asks("boot_context")).status).toBe(401);
  expect((await fresh.asks("boot_context")).status).toBe(200);
  await done.getByRole("button", { name: "Done" }).click();
  await expect(page.getByRole("region", { name: "Wiring" })).toContainText("up to date");
});

test("a file that cannot be written says why in place, and nothing that was typed is lost", async ({ page, programs, watch }) => {
  watch.expect(/status of 409/);
  const agents = new AgentsPage(page);
  const wiring = new WiringPart(page, agents.once);
  const file = join(programs.project, ".mcp.json");
  await programs.git("init");
  await writeFile(file, JSON.stringify(OTHER));
  await programs.git("add", "--all");
  await programs.git("commit", "--message", "settings");
  const elsewhere = join(programs.folder, "elsewhere.json");
  await symlink(file, elsewhere);

  await new ConsolePage(page).goto("agents");
  await agents.mint("loom");
  await wiring.choose("claude-code");
  await wiring.path.fill(elsewhere);
  await expect(wiring.path).toHaveAttribute("aria-invalid", "true");
  await expect(wiring.write).toBeDisabled();
  await expect(wiring.path).toHaveValue(elsewhere);
  await wiring.path.fill(file);
  await expect(agents.once).toContainText("Git has this file already");
  await expect(agents.once.getByRole("checkbox", { name: "Leave it out of Git" })).toHaveCount(0);
  await page.keyboard.press("Escape");
  await expect(agents.once.getByRole("alert").filter({ hasText: "It has not been copied or written yet." })).toBeVisible();
  expect(await mcpJson(file)).toEqual(OTHER);
});

test("a key goes into Codex's file under the name that skills use", async ({ page, programs }) => {
  const list = new KeysPage(page);
  await new ConsolePage(page).goto("settings/keys");
  await list.make("laptop");
  const wiring = new WiringPart(page, list.once);
  await wiring.choose("codex");
  await expect(wiring.text).toContainText("[mcp_servers.mumo]");
  await expect(list.once.getByRole("radio", { name: "SSE" })).toHaveCount(0);
  const file = join(programs.project, "config.toml");
  await wiring.into(file);
  expect(await readFile(file, "utf8")).toMatch(/mmo_live_/);
  await list.once.getByRole("button", { name: "Done" }).click();
  await expect(list.once).toBeHidden();
});

test("a client is wired by keys alone", async ({ page, programs }) => {
  const agents = new AgentsPage(page);
  const wiring = new WiringPart(page, agents.once);
  const keys = await Keys.only(page);
  await keys.press("g", "a");
  await expect(page.getByRole("heading", { name: "Agents", level: 1 })).toBeVisible();
  await keys.press("m");
  await keys.into(agents.mintSheet.getByRole("textbox", { name: "Name" }), "porter");
  await keys.press("Enter");
  await expect(agents.once.getByRole("button", { name: "Copy token" })).toBeFocused();
  await keys.tabTo(wiring.client);
  await keys.type("Claude Code");
  await expect(wiring.client).toHaveValue("claude-code");
  await keys.tabTo(wiring.path);
  await keys.type(programs.project);
  await expect(wiring.write).toBeEnabled();
  await keys.tabTo(wiring.write);
  await keys.press("Enter");
  await expect(agents.once).toContainText("Written to");
  await keys.press("Escape");
  await expect(agents.once).toBeHidden();
  keys.assertAlone();
});

test("wiring, by axe", async ({ page, programs }) => {
  test.slow();
  const console = new ConsolePage(page);
  const agents = new AgentsPage(page);
  const wiring = new WiringPart(page, agents.once);
  await programs.git("init");
  await console.goto("hall");
  await expect(page.getByRole("list", { name: "Clients on this machine" })).toBeVisible();
  await isAccessible(page, "clients on this machine");
  await console.goto("agents");
  await agents.mint("loom");
  await wiring.choose("claude-code");
  await wiring.path.fill(programs.project);
  await expect(wiring.write).toBeEnabled();
  await isAccessible(page, "a client's file that is to be written");
  await wiring.write.click();
  await expect(agents.once).toContainText("Written to");
  await isAccessible(page, "a client's file that was written");
  await agents.once.getByRole("button", { name: "Open the agent" }).click();
  await expect(page.getByRole("region", { name: "Wiring" })).toContainText("up to date");
  await isAccessible(page, "an agent that is wired");
  await page.getByRole("button", { name: "Wire again…" }).click();
  await expect(page.getByRole("button", { name: "Wire again", exact: true })).toBeEnabled();
  await isAccessible(page, "an agent that is to be wired again");
});
