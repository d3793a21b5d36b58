// Programs of agents: launched from the window, looked at while they run, stopped, and started by mail.

import { join } from "node:path";

import type { Page } from "@playwright/test";

import { ConsolePage } from "../pages/console.ts";
import { Keys } from "../pages/keys.ts";
import { RunsPage } from "../pages/runs.ts";
import { Tenant } from "./harness/agent.ts";
import { isAccessible } from "./harness/looks.ts";
import { Programs } from "./harness/programs.ts";
import { rpc } from "./harness/rpc.ts";
import { expect, test as base } from "./harness/test.ts";

const test = base.extend<{ programs: Programs }>({
  programs: async ({}, use) => {
    const programs = await Programs.fresh();
    await use(programs);
    await programs.end();
  },
  serverEnv: async ({ programs }, use) => use(programs.env),
});

/** The smallest window there is. */
const SMALL = { width: 900, height: 600 };

/** Mints `loom` by the operator, writes its file, and opens its sessions. */
async function wired(page: Page, programs: Programs): Promise<string> {
  const minted = (await rpc(page, "mint_agent", { agent_name: "loom" })) as { raw_token: string; agent: { id: string } };
  const agent_id = minted.agent.id;
  await rpc(page, "write_wiring", { of: { kind: "agent", agent_id }, client: "claude-code", path: join(programs.project, ".mcp.json"), secret: minted.raw_token });
  await new ConsolePage(page).goto(`agents/${agent_id}/sessions`);
  await expect(page.getByText("It was never launched from here.")).toBeVisible();
  return agent_id;
}

test("for one task: confirmed once, seen while it runs, and done", async ({ page, programs }) => {
  const runs = new RunsPage(page);
  await wired(page, programs);
  await page.getByRole("button", { name: "Launch…" }).first().click();
  await expect(runs.command).toHaveValue(/^claude --mcp-config .*--allowedTools mcp__sos -p /);
  await expect(runs.launchAct).toBeDisabled();
  await runs.read.check();
  await runs.launchAct.click();
  await expect(runs.output).toContainText("told: You are loom. Boot your context.");
  await expect(runs.output).toContainText("that was all");
  await expect(runs.head).toContainText("done");
  await expect(runs.head).not.toContainText("never");
  await page.getByRole("button", { name: "Launch…" }).first().click();
  await expect(runs.command).toHaveValue(/Boot your context/);
  await expect(runs.read, "the same command was confirmed").toHaveCount(0);
  await expect(runs.launchAct).toBeEnabled();
});

test("its output stands at the end while it grows, and keeps its place for whoever reads further up", async ({ page, programs }) => {
  test.slow();
  const runs = new RunsPage(page);
  await wired(page, programs);
  await runs.launch("Count to four hundred.");
  await expect(runs.output).toContainText("line 150");
  const atEnd = () => runs.output.evaluate((pane) => pane.scrollHeight - pane.scrollTop - pane.clientHeight);
  await expect.poll(atEnd).toBeLessThanOrEqual(8);
  await runs.output.evaluate((pane) => (pane.scrollTop = 40));
  await expect(runs.output).toContainText("line 400");
  expect(await runs.output.evaluate((pane) => pane.scrollTop)).toBe(40);
  await page.reload();
  await expect(runs.output).toContainText("line 400");
  await expect.poll(atEnd).toBeLessThanOrEqual(8);
});

test("stopped by its button, and one that fails says with which code", async ({ page, programs }) => {
  test.slow();
  const console = new ConsolePage(page);
  const runs = new RunsPage(page);
  const id = await wired(page, programs);
  await runs.launch("Stay until you are stopped.");
  await expect(runs.list.first()).toContainText("running");
  await console.goto("hall");
  await page.getByRole("link", { name: "Output of loom" }).click();
  await runs.head.getByRole("button", { name: "Stop the program" }).click();
  await expect(runs.list.first()).toContainText("stopped");
  await expect(runs.head.getByRole("button", { name: "Stop the program" })).toHaveCount(0);
  await console.goto(`agents/${id}/sessions`);
  await runs.launch("Fail at once.");
  await expect(runs.list.filter({ hasText: "failed with code 3" }).first()).toBeVisible();
});

test("in tmux it stays, and the line to look on is there", async ({ page, programs }) => {
  const runs = new RunsPage(page);
  await wired(page, programs);
  await runs.launch(undefined, "In tmux");
  await expect(runs.output).toContainText("asked who it is: 200");
  await expect(runs.head).toContainText("tmux -L husting attach");
  await expect(runs.head.getByRole("button", { name: "Copy the attach line" })).toBeVisible();
  await runs.head.getByRole("button", { name: "Stop the program" }).click();
  await expect(runs.list.first()).toContainText("stopped");
});

test("mail wakes it, once it was launched and the rule says so", async ({ page, husting, programs }) => {
  test.slow();
  const runs = new RunsPage(page);
  await wired(page, programs);
  await runs.launch();
  await expect(runs.head).toContainText("done");
  await runs.wake.getByRole("textbox", { name: "Seconds to wait for more mail" }).fill("0");
  await page.keyboard.press("Enter");
  await expect(runs.wake).toContainText("from 1 to 3,600. It is still 10.");
  await runs.wake.getByRole("textbox", { name: "Seconds to wait for more mail" }).fill("1");
  await page.keyboard.press("Enter");
  await expect(runs.wake).not.toContainText("Not set");
  await runs.wake.getByRole("switch", { name: "Start it when mail arrives" }).click();
  await expect(runs.wake.getByRole("switch", { name: "Start it when mail arrives" })).toBeChecked();
  const porter = await (await Tenant.of(husting)).mint("porter");
  await porter.call("send", { to: "loom", text: "Where is pallet 4?", request_id: "pallet-4" });
  await expect(runs.list.filter({ hasText: "woken by mail" })).toHaveCount(1, { timeout: 30_000 });
  await expect(runs.wake).toContainText("1 of");
});

test("in the smallest window what is to be ticked stands in sight beside the act, and stopping far from revoking", async ({ page, programs }) => {
  const runs = new RunsPage(page);
  await wired(page, programs);
  await page.setViewportSize(SMALL);
  await page.getByRole("button", { name: "Launch…" }).first().click();
  await runs.sheet.getByRole("radio", { name: /^In tmux/ }).check();
  await runs.prompt.fill("Stay until you are stopped.");
  await expect(runs.sheet).toContainText("To look on from a terminal");
  await expect(runs.command, "another command is to be read anew").toHaveValue(/Stay until you are stopped\./);
  for (const part of [runs.read, runs.launchAct]) await expect(part).toBeInViewport({ ratio: 1 });
  await runs.read.check();
  await runs.launchAct.click();
  const stop = runs.head.getByRole("button", { name: "Stop the program" });
  await expect(stop).toBeInViewport({ ratio: 1 });
  const [stops, revokes] = await Promise.all([stop.boundingBox(), page.getByRole("button", { name: "Revoke…" }).boundingBox()]);
  expect((revokes?.x ?? 0) - ((stops?.x ?? 0) + (stops?.width ?? 0)), "pixels to the side of it").toBeGreaterThan(100);
  const status = page.getByRole("contentinfo", { name: "Status" });
  await expect(status).toContainText("1 program running");
  expect(await status.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth), "pixels of the status bar out of sight").toBe(0);
  await stop.click();
  await expect(runs.list.first()).toContainText("stopped");
});

test("what was typed to launch it is there after a reload, and gone once it was started", async ({ page, programs }) => {
  const runs = new RunsPage(page);
  await wired(page, programs);
  await page.getByRole("button", { name: "Launch…" }).first().click();
  await expect(runs.command).toHaveValue(/Boot your context/);
  const saved = page.waitForResponse((reply) => reply.request().postData()?.includes('"save_draft"') ?? false);
  await runs.prompt.fill("Count the pallets.");
  expect((await saved).ok()).toBe(true);
  await page.reload();
  await expect(runs.prompt).toHaveValue("Count the pallets.");
  await expect(runs.command).toHaveValue(/Count the pallets/);
  await runs.confirm();
  await runs.launchAct.click();
  await expect(runs.output).toContainText("told: Count the pallets.");
  await page.getByRole("button", { name: "Launch…" }).first().click();
  await expect(runs.prompt).toHaveValue("You are loom. Boot your context.");
});

test("launched and stopped by keys alone", async ({ page, programs }) => {
  const runs = new RunsPage(page);
  await wired(page, programs);
  const keys = await Keys.only(page);
  await keys.press("l");
  await expect(runs.command).toHaveValue(/claude/);
  await keys.tabTo(runs.prompt);
  await keys.press("Control+a");
  await keys.type("Stay here.");
  await expect(runs.command).toHaveValue(/Stay here/);
  await keys.tabTo(runs.read);
  await keys.press("Space");
  await keys.tabTo(runs.launchAct);
  await keys.press("Enter");
  await expect(runs.list.first()).toContainText("running");
  await keys.tabTo(runs.head.getByRole("button", { name: "Stop the program" }));
  await keys.press("Enter");
  await expect(runs.list.first()).toContainText("stopped");
  keys.assertAlone();
});

test("sessions, by axe", async ({ page, programs }) => {
  test.slow();
  const runs = new RunsPage(page);
  await wired(page, programs);
  await isAccessible(page, "no sessions");
  await page.getByRole("button", { name: "Launch…" }).first().click();
  await runs.sheet.getByRole("radio", { name: /^In tmux/ }).check();
  await expect(runs.sheet).toContainText("To look on");
  await isAccessible(page, "the sheet that launches");
  await page.keyboard.press("Escape");
  await runs.launch("Stay for a while.");
  await expect(runs.list.first()).toContainText("running");
  await isAccessible(page, "a session that runs");
  await new ConsolePage(page).goto("hall");
  await expect(page.getByRole("link", { name: "Output of loom" })).toBeVisible();
  await isAccessible(page, "the hall while a program runs");
});
