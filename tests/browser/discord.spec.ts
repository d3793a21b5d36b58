// The Discord bridge in the window: set up from its token, at work, and what it could not place.

import type { Page } from "@playwright/test";

import { ConsolePage } from "../pages/console.ts";
import { DiscordPage } from "../pages/discord.ts";
import { Keys } from "../pages/keys.ts";
import { SessionPage } from "../pages/session.ts";
import { Tenant, type Agent } from "./harness/agent.ts";
import { Discord } from "./harness/discord.ts";
import { isAccessible } from "./harness/looks.ts";
import { rpc } from "./harness/rpc.ts";
import { expect, test as base } from "./harness/test.ts";

const WRONG = "MTE3ODIwNDQ1NTMxMDA5MTc0OA.Wrong0.x7Kq2nVbZ4mRt9LpYw3cHd8sJf6gUe1oAiQz5T";
const CONNECTOR = "discord-connector";
const QUESTION = "Should the north hall get one long table?";

interface Letter {
  id: string;
  text: string;
}

const test = base.extend<{ discord: Discord }>({
  discord: async ({}, use) => {
    const discord = await Discord.start();
    await use(discord);
    await discord.stop();
  },
  serverEnv: async ({ discord }, use) => use(discord.env),
});

test("the bridge is set up from its token to its start, and the token stands nowhere afterwards", async ({ page, husting, discord }) => {
  test.slow();
  const tenant = await Tenant.of(husting);
  await Promise.all(["loom", "quill"].map((name) => tenant.mint(name)));
  const bridge = new DiscordPage(page);
  await new ConsolePage(page).goto("discord");
  await expect(bridge.begin).toBeDisabled();
  await isAccessible(page, "the set-up before its token");

  await test.step("a wrong token is said to be wrong, and is gone from the field", async () => {
    await bridge.token.fill(WRONG);
    await bridge.test.click();
    await expect(bridge.findings).toContainText("Discord does not take it");
    await expect(bridge.token).toHaveValue("");
    await expect(bridge.begin).toBeDisabled();
    await standsNowhere(page, WRONG);
  });

  await test.step("a right one is kept, and Discord’s channels stand on the map", async () => {
    await bridge.token.fill(discord.token);
    await bridge.test.click();
    await expect(page.getByText("kept with the keys", { exact: true })).toBeVisible();
    await expect(bridge.findings).not.toContainText("Discord does not take it");
    await expect(page.getByText("The bot is in viamar", { exact: true })).toBeVisible();
    await expect(bridge.cell("#shipping-ops", "nobody")).toBeChecked();
  });

  await test.step("channels are given to agents by clicks and by keys", async () => {
    await bridge.cell("#shipping-ops", "loom").click();
    await expect(bridge.cell("#shipping-ops", "loom")).toBeChecked();
    await expect(bridge.cell("#shipping-ops", "nobody")).not.toBeChecked();
    await bridge.cell("#shipping-ops", "nobody").click();
    await expect(bridge.cell("#shipping-ops", "loom")).not.toBeChecked();
    await bridge.cell("#shipping-ops", "quill").click();
    await bridge.cell("#shipping-ops", "loom").click();
    await expect(bridge.cell("#shipping-ops", "quill")).not.toBeChecked();
    await page.keyboard.press("ArrowUp");
    await expect(bridge.cell("#hq", "loom")).toBeFocused();
    await page.keyboard.press("Space");
    await expect(bridge.cell("#hq", "loom")).toBeChecked();
    await expect(page.getByText(/^Once it runs, the bridge hears 2 channels,/)).toBeVisible();
  });
  await isAccessible(page, "the set-up before its start");

  await bridge.begin.click();
  await expect(bridge.stand).toHaveText("Delivering");
  await expect(page.getByRole("contentinfo", { name: "Status" })).toContainText("Discord connected");
  await isAccessible(page, "the bridge before anybody wrote");
  await standsNowhere(page, discord.token);
  await page.reload();
  await expect(bridge.stand).toHaveText("Delivering");
  await standsNowhere(page, discord.token);
});

test("the bridge is set up by keys alone", async ({ page, husting, discord }) => {
  const tenant = await Tenant.of(husting);
  await tenant.mint("loom");
  const bridge = new DiscordPage(page);
  const keys = await Keys.only(page);
  await keys.press("g", "c");
  await keys.tabTo(bridge.token);
  await keys.type(discord.token);
  await keys.press("Enter");
  await expect(bridge.cell("#hq", "nobody")).toBeChecked();
  await keys.tabTo(bridge.map.getByRole("checkbox").and(page.locator("[tabindex='0']")));
  await keys.press("Home");
  const first = bridge.map.getByRole("checkbox").and(page.locator(":focus"));
  await expect(first).toBeFocused();
  await keys.press("End", "Home");
  while (!/: loom\b/.test((await first.getAttribute("aria-label")) ?? "")) await keys.press("ArrowRight");
  await keys.press("Space");
  await expect(first).toBeChecked();
  await keys.press("Control+Enter");
  await expect(bridge.stand).toHaveText("Delivering");
  keys.assertAlone();
});

test("the sandbox’s page tells the commands with their options, and shows words as Discord marks them", async ({ page, context, husting, discord }) => {
  const loom = await atWork(page, await Tenant.of(husting), discord);
  const sandbox = await context.newPage();
  await sandbox.goto(discord.origin);
  await sandbox.getByRole("button", { name: "# shipping-ops" }).click();
  await expect(sandbox.getByText("The bot is connected")).toBeVisible();
  const field = sandbox.getByRole("textbox", { name: "Message" });
  await field.fill("/");
  const commands = sandbox.getByRole("group", { name: "Commands" }).getByRole("button");
  await expect(commands).toHaveCount(4);
  await commands.filter({ hasText: "/ask agent text" }).click();
  await expect(field).toHaveValue("/ask ");
  await expect(sandbox.getByRole("group", { name: "Options" }).getByLabel("agent")).toBeFocused();
  await field.fill("/nothing");
  await expect(sandbox.getByText("There is no such command.")).toBeVisible();

  await field.fill("/ask agent=loom text=Where is the *north* hall?");
  await field.press("Enter");
  const [asked] = await letters(loom);
  await loom.call("send", { to: CONNECTOR, text: `It is **behind** \`gate_4\`, see snake_case_name.\n> said *ines* {ack_for:${requestOf(asked)}}` });
  const answer = sandbox.getByRole("article").filter({ hasText: "It is behind" });
  await expect(answer.locator("b")).toHaveText("behind");
  await expect(answer.locator("code")).toHaveText("gate_4");
  await expect(answer.locator("blockquote i")).toHaveText("ines");
  await expect(answer).toContainText("snake_case_name");
});

test("what people say of a panel’s claims stands in its tray, until the round that they begin takes it along", async ({ page, context, husting, discord }) => {
  test.slow();
  await atWork(page, await Tenant.of(husting), discord);
  const sandbox = await context.newPage();
  await sandbox.goto(discord.origin);
  await sandbox.getByRole("combobox", { name: "Who speaks" }).selectOption("ines");
  const field = sandbox.getByRole("textbox", { name: "Message" });
  await expect(sandbox.getByText("The bot is connected")).toBeVisible();
  await field.fill("/");
  await expect(sandbox.getByRole("group", { name: "Commands" }).getByRole("button")).toHaveCount(4);
  await field.fill(`/deliberate question=${QUESTION}`);
  await field.press("Enter");
  const panel = sandbox.getByRole("article").filter({ hasText: /Panel: / });
  await expect(panel).toContainText("Round 1: over", { timeout: 60_000 });

  await new ConsolePage(page).goto("deliberations");
  await page.getByRole("link", { name: QUESTION }).first().click();
  const { tray } = new SessionPage(page);
  const said = tray.getByRole("region", { name: /^Said in Discord/ });
  await expect(tray).toBeVisible();
  await expect(said).toBeHidden();

  await panel.getByRole("button", { name: "Challenge" }).click();
  const form = sandbox.getByRole("dialog");
  await form.getByRole("textbox").nth(0).fill("1");
  await form.getByRole("textbox").nth(1).fill("Who locks it at night?");
  await form.getByRole("button", { name: "Send" }).click();
  await expect(said.getByRole("listitem")).toHaveText(/CHALLENGE.*ines.*Who locks it at night\?/s);
  await expect(page.getByRole("status").filter({ hasText: "Said in Discord: 1" })).toBeAttached();
  await isAccessible(page, "the tray of a session from Discord");

  await panel.getByRole("button", { name: "Next round" }).click();
  await form.getByRole("button", { name: "Send" }).click();
  await expect(panel).toContainText("Round 2: over", { timeout: 60_000 });
  await expect(said).toBeHidden();
});

test("what a person writes is seen on its way to its answer; a pause keeps it, a stop ends it", async ({ page, husting, discord }) => {
  test.slow();
  const loom = await atWork(page, await Tenant.of(husting), discord);
  const bridge = new DiscordPage(page);
  await discord.say("bruno", "shipping-ops", "Can someone reprint the labels?");
  const question = bridge.row("Can someone reprint the labels?");
  await expect(question).toContainText("bruno to loom");
  await expect(question).toContainText("on the bus");
  const [asked] = await letters(loom);
  await expect(question).toContainText("read");
  await loom.call("send", { to: CONNECTOR, text: `They are printed. {ack_for:${requestOf(asked)}}` });
  await expect(question).toContainText("answered");
  await expect(bridge.row("They are printed.")).toContainText("delivered, 1 part");
  expect(await discord.posted("shipping-ops")).toEqual(["They are printed."]);

  await question.getByRole("link").click();
  await expect(bridge.life).toContainText("They are printed.");
  await isAccessible(page, "the life of a message");
  await page.keyboard.press("Escape");
  await expect(bridge.life).toBeHidden();

  await bridge.act("Pause").click();
  await expect(bridge.stand).toHaveText("Paused");
  await discord.say("ines", "shipping-ops", "And the manifest?");
  const kept = bridge.row("And the manifest?");
  await expect(kept).toContainText("kept");
  expect((await loom.call("inbox")).messages, "nothing is asked").toEqual([]);
  await isAccessible(page, "a paused bridge");
  await bridge.act("Resume").click();
  await expect(kept).toContainText("on the bus");

  await bridge.act("Stop").click();
  await expect(bridge.stand).toHaveText("Not started");
  await expect(page.getByRole("contentinfo", { name: "Status" })).toContainText("Discord not started");
});

test("replies that lost their question are posted, discarded and brought back", async ({ page, husting, discord }) => {
  test.slow();
  const loom = await atWork(page, await Tenant.of(husting), discord);
  const bridge = new DiscordPage(page);
  await discord.say("bruno", "shipping-ops", "Can someone reprint the labels for the Hamburg pallets?");
  await discord.say("ines", "shipping-ops", "Who has the customs list?");
  await expect(bridge.row("Who has the customs list?")).toContainText("on the bus");
  await letters(loom, 2);
  await loom.call("send", { to: CONNECTOR, text: "Labels reprinted for three of four pallets." });
  await expect(bridge.unplaced).toContainText("Labels reprinted");
  await loom.call("send", { to: CONNECTOR, text: "Marta has the customs list." });
  await expect(bridge.unplaced).toContainText("Marta has the customs list.");
  expect(await discord.posted("shipping-ops"), "nobody sees them yet").toEqual([]);
  await isAccessible(page, "unplaced replies");

  const labels = bridge.unplaced.getByRole("listitem").filter({ hasText: "Labels reprinted" }).first();
  await test.step("discarded and brought back", async () => {
    if (await labels.getByRole("button", { name: /^Choose/ }).isVisible()) await labels.getByRole("button", { name: /^Choose/ }).click();
    await labels.getByRole("button", { name: "Discard loom’s reply" }).click();
    await expect(bridge.unplaced).not.toContainText("Labels reprinted");
    await page.getByRole("button", { name: /^Undo/ }).click();
    await expect(bridge.unplaced).toContainText("Labels reprinted");
  });

  await test.step("posted where it belongs, by a click", async () => {
    if (await labels.getByRole("button", { name: /^Choose/ }).isVisible()) await labels.getByRole("button", { name: /^Choose/ }).click();
    await expect(labels.getByRole("list", { name: "What it may answer" }).getByRole("listitem").first()).toContainText("both say");
    await labels.getByRole("button", { name: /^Post here: .*, to bruno$/ }).click();
    await expect(bridge.unplaced).not.toContainText("Labels reprinted");
    await expect.poll(() => discord.posted("shipping-ops")).toEqual(["Labels reprinted for three of four pallets."]);
    await expect(bridge.row("Can someone reprint")).toContainText("answered");
  });

  await test.step("posted by keys", async () => {
    // What nobody looked at is not posted.
    await page.keyboard.press("Enter");
    await page.keyboard.press("1");
    await expect(bridge.unplaced.getByRole("listitem").and(page.locator("[aria-current]"))).toContainText("Who has the customs list?");
    expect(await discord.posted("shipping-ops")).toHaveLength(1);
    await page.keyboard.press("Enter");
    await expect(bridge.unplaced.getByRole("listitem")).toHaveCount(0);
    await expect.poll(() => discord.posted("shipping-ops")).toContain("Marta has the customs list.");
  });
});

test("a person’s STOP is seen, nothing is posted under what it ended, and what was discarded is found again", async ({ page, husting, discord }) => {
  test.slow();
  const loom = await atWork(page, await Tenant.of(husting), discord);
  const bridge = new DiscordPage(page);
  await discord.say("bruno", "shipping-ops", "Can someone reprint the labels?");
  const ended = bridge.row("Can someone reprint the labels?");
  await expect(ended).toContainText("on the bus");
  const [asked] = await letters(loom);
  await discord.say("ines", "shipping-ops", "STOP");
  await expect(bridge.traffic.getByRole("listitem").filter({ hasText: /STOP/ })).toContainText("ines");
  await expect(ended).toContainText("stopped");
  const channel = page.getByRole("list", { name: "Channels" }).getByRole("listitem").filter({ hasText: "#shipping-ops" });
  await expect(channel).toContainText("ines said STOP");
  await loom.call("send", { to: CONNECTOR, text: `They are printed. {ack_for:${requestOf(asked)}}` });
  const held = bridge.row("They are printed.");
  await expect(held).toContainText("parked");
  await expect(ended, "nothing was posted").toContainText("stopped");
  expect(await discord.posted("shipping-ops")).toEqual([]);

  await loom.call("send", { to: CONNECTOR, text: "Labels reprinted for all pallets." });
  await expect(bridge.unplaced).toContainText("a person said STOP since");
  await expect(bridge.unplaced.getByRole("button", { name: /^Post/ })).toHaveCount(0);
  await isAccessible(page, "a stopped channel");

  await test.step("who asks anew is answered", async () => {
    const message = await discord.say("bruno", "shipping-ops", "Once more: the labels for the Hamburg pallets?");
    await expect(bridge.unplaced.getByRole("button", { name: /^Post here: .*, to bruno$/ })).toHaveCount(0);
    await expect(channel).not.toContainText("STOP");
    await letters(loom);
    await expect(bridge.row("Once more")).toContainText("read");
    await loom.call("send", { to: CONNECTOR, text: "The Hamburg labels are out." });
    const card = bridge.unplaced.getByRole("listitem").filter({ hasText: "The Hamburg labels are out." }).first();
    await card.getByRole("button", { name: /^Choose/ }).click();
    await expect(card.getByRole("button", { name: /^Post here: .*, to bruno$/ })).toHaveCount(1);
    await discord.delete("bruno", "shipping-ops", message);
    await expect(card).toContainText("bruno deleted it");
    await isAccessible(page, "a place that was deleted");
  });

  await test.step("a discarded reply is taken back from the traffic", async () => {
    const card = bridge.unplaced.getByRole("listitem").filter({ hasText: "Labels reprinted" }).first();
    await card.getByRole("button", { name: /^Choose/ }).click();
    await card.getByRole("button", { name: "Discard loom’s reply" }).click();
    const gone = bridge.row("Labels reprinted");
    await expect(gone).toContainText("discarded");
    await gone.getByRole("link").click();
    await expect(bridge.life).toContainText("discarded");
    await isAccessible(page, "the life of a discarded reply");
    await bridge.life.getByRole("button", { name: "Take back loom’s reply" }).click();
    await expect(bridge.unplaced).toContainText("Labels reprinted");
    await expect(bridge.life).toContainText("no place");
  });
});

const forgetful = test.extend({
  serverEnv: async ({ discord }, use) => use({ ...discord.env, HUSTING_SECRETS: "memory", HUSTING_SECRETS_KEY_FILE: undefined }),
});

forgetful("agents that are paused or disabled and a token that is lost are told as what they are", async ({ page, husting, discord, watch }) => {
  test.slow();
  await atWork(page, await Tenant.of(husting), discord);
  const bridge = new DiscordPage(page);
  await rpc(page, "set_pause", { paused: true });
  await expect(bridge.stand).toHaveText("The agents are paused");
  await husting.cli("agent", "disable", "loom");
  const channel = page.getByRole("list", { name: "Channels" }).getByRole("listitem").filter({ hasText: "#shipping-ops" });
  await expect(channel).toContainText("loom is disabled");
  await isAccessible(page, "a bridge whose agents are paused");
  await channel.getByRole("button", { name: "Enable loom" }).click();
  await expect(channel).not.toContainText("disabled");
  await page.getByRole("button", { name: "Let them go on", exact: true }).click();
  await expect(bridge.stand).toHaveText("Delivering");

  watch.expect(/ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE|401/);
  await husting.stop();
  await husting.serve();
  await page.goto(await husting.link());
  await expect(page.getByRole("navigation", { name: "Places" })).toBeVisible();
  await new ConsolePage(page).goto("discord");
  await expect(bridge.stand).toHaveText("Stopped");
  await expect(bridge.act("Start")).toHaveCount(0);
  await isAccessible(page, "a bridge whose token is lost");
  await page.getByRole("button", { name: "To the set-up" }).click();
  await expect(bridge.begin).toBeDisabled();
  await isAccessible(page, "the set-up whose token is lost");
  await bridge.token.fill(discord.token);
  await bridge.test.click();
  await expect(page.getByText("kept with the keys", { exact: true })).toBeVisible();
  await expect(page.getByText("The bridge runs. Changes take effect at once.")).toBeVisible();
});

/** Sets a bridge up, with an agent that is asked in #shipping-ops, and shows it at work. */
async function atWork(page: Page, tenant: Tenant, discord: Discord): Promise<Agent> {
  const loom = await tenant.mint("loom");
  await rpc(page, "test_discord", { token: discord.token });
  await rpc(page, "edit_discord", { routes: [{ channel_id: await discord.channel("shipping-ops"), agent: "loom" }] });
  await rpc(page, "start_bridge", {});
  await new ConsolePage(page).goto("discord");
  await expect(new DiscordPage(page).stand).toHaveText("Delivering");
  return loom;
}

/** Waits until so many letters were read. */
async function letters(agent: Agent, count = 1): Promise<Letter[]> {
  const read: Letter[] = [];
  await expect
    .poll(async () => {
      read.push(...((await agent.call("inbox")).messages as Letter[]));
      return read.length;
    })
    .toBeGreaterThanOrEqual(count);
  await agent.call("ack", { ids: read.map(({ id }) => id) });
  return read;
}

function requestOf(letter: Letter | undefined): string {
  const found = /\[request_id:([0-9a-f-]{36})\]/.exec(letter?.text ?? "")?.[1];
  if (!found) throw new Error(`no question: ${letter?.text}`);
  return found;
}

/** That a token is in nothing the page shows or keeps. */
async function standsNowhere(page: Page, token: string): Promise<void> {
  const kept = await page.evaluate(() => {
    const fields = [...document.querySelectorAll("input, textarea")].map((field) => (field as HTMLInputElement).value);
    return [document.documentElement.outerHTML, ...fields, JSON.stringify(localStorage), JSON.stringify(sessionStorage), location.href].join("\n");
  });
  expect(kept.includes(token), "the token is in the page").toBe(false);
}
