// Houses to walk through: one without anything in it, one as it is after some weeks, one with the worst words, one where much failed.

import { join } from "node:path";

import { expect, type Page } from "@playwright/test";

import { ConsolePage } from "../../pages/console.ts";
import { DiscordPage } from "../../pages/discord.ts";
import { RecapPage } from "../../pages/recap.ts";
import { mintBy, type Agent } from "../harness/agent.ts";
import type { Discord } from "../harness/discord.ts";
import type { Husting } from "../harness/husting.ts";
import { when, type Panel } from "../harness/panel.ts";
import type { Programs } from "../harness/programs.ts";
import { rpc } from "../harness/rpc.ts";
import { answering, debated, debatedAgain, writing } from "../harness/staging.ts";
import { FAILED, FURNISHED, type Moments, type Stage } from "./moments.ts";
import type { Thing } from "./screens.ts";
import type { Words } from "./words.ts";

/** What a house is made with. */
export interface Ground {
  page: Page;
  husting: Husting;
  discord: Discord;
  programs: Programs;
}

/** A house that is furnished. */
export interface House {
  /** What its addresses name. */
  things: Partial<Record<Thing, string>>;
  /** Words that are found by the palette. */
  sought: string;
  /** It has everything that a house can have. */
  full?: boolean;
  /** What can be brought about in it, and with whom. */
  life?: { moments: Moments; stage: Stage };
}

const SCOPES = ["mcp:send", "mcp:inbox", "mcp:peers", "mcp:broadcast", "mcp:workspace_join", "mcp:remember", "mcp:recall"];
const FEW = ["mcp:send", "mcp:inbox", "mcp:peers"];

/** Fills every screen with these words. */
export async function furnish(words: Words, panel: Panel, ground: Ground): Promise<House> {
  const bus = await peopled(words, ground);
  const session = await deliberated(words, panel, ground);
  await connected(words, ground, bus.asked);
  await kept(words, ground);
  const life = await bridged(words, ground, bus.asked);
  const sought = words.letters.answer.split(" ")[0] ?? "";
  return { things: { ...bus.things, ...session, ...life }, sought, full: true, life: { moments: FURNISHED, stage: { ...ground, panel, words } } };
}

/** Lets seats fail, providers and Discord turn their secrets away, and the limit be used up. */
export async function fail(words: Words, panel: Panel, ground: Ground): Promise<House> {
  const { page, husting } = ground;
  const cut = when("alder", { answer: { text: words.first.alder.answer }, fault: { kind: "cut", after_tokens: 40 } });
  const refused = when("rowan", { fault: { kind: "unauthorized401" } });
  await panel.play([cut, ...answering(words.first)]);
  const session = await new ConsolePage(page).ask(words.question);
  await session.mapped();
  const degraded = sessionOf(page);
  await panel.play([cut, refused, when("larch", { fault: { kind: "server_error500", times: 9 } })]);
  await new ConsolePage(page).ask(words.other);
  await expect(page.getByRole("main")).toContainText("No seat answered");
  const silent = sessionOf(page);
  await husting.cli("models", "add", "spruce", "--provider", "northwind", "--name", words.spare);
  await turnedAway(panel, ground);
  await husting.cli("wallet", "limit", "--usd", "0.01");
  return { things: { session: degraded, silent }, sought: "the", life: { moments: FAILED, stage: { ...ground, panel, words } } };
}

/** Has one provider be gone and another one know another key, and Discord take a bot's token back while it is used. */
async function turnedAway(panel: Panel, { page, discord }: Ground): Promise<void> {
  await panel.provider("larch").order({ refuse_connections: true });
  await panel.provider("rowan").order({ script: { auth: { key: "sk-ant-fjord-newer" } } });
  for (const name of ["northwind", "fjord"]) await rpc(page, "test_provider", { name });
  await rpc(page, "test_discord", { token: discord.token });
  await rpc(page, "start_bridge", {});
  await new ConsolePage(page).goto("discord");
  const bridge = new DiscordPage(page);
  await expect(bridge.stand).toHaveText("Delivering");
  await discord.takeTokenBack();
  await expect(bridge.stand).toHaveText("Stopped");
}

async function peopled(words: Words, { page, husting, programs }: Ground) {
  const mint = (agent_name: string, scopes: string[]) => mintBy(page, husting, { agent_name, scopes, model: words.model, charter: words.charter });
  const [asked, asks] = [await mint(words.asked, SCOPES), await mint(words.asks, SCOPES)];
  const [off, gone] = [await mint(words.off, FEW), await mint(words.gone, FEW)];
  await rpc(page, "activate_agent", { agent_name: "kasra" });
  for (const each of [asked, asks]) await each.call("workspace_join", { workspace_id: words.squad, summary: words.letters.context });
  await asked.call("remember", { text: words.letters.note, context: words.letters.context });
  const question = await asks.call("send", { to: words.asked, text: words.letters.question, request_id: "pallet-4" });
  await asked.call("inbox");
  await asked.call("send", { to: words.asks, text: words.letters.answer, in_reply_to: idOf(question) });
  await asks.call("broadcast", { text: words.letters.toAll });
  await asks.call("send", { to: "operator", text: words.letters.toOperator, request_id: "may-i" });
  await asks.call("send", { to: words.gone, text: words.letters.question, request_id: "parked-1" });
  const back = await asks.call("send", { to: words.gone, text: words.letters.answer, request_id: "parked-2" });
  await unread(page, gone);
  await rpc(page, "withdraw", { mailbox: gone.id, message_id: idOf(back) });
  await rpc(page, "write_message", { to: { kind: "squad", name: words.squad }, text: words.letters.toAll });
  await asks.asks("memories", { query: words.letters.note });
  await gone.asks("broadcast", { text: words.letters.toAll });
  await off.asks("broadcast", { text: words.letters.toAll });
  await rpc(page, "disable_agent", { agent_id: off.id });
  await revoked(page, gone);
  const run = await launched(page, programs, asked);
  return { asked, things: { agent: asked.id, revoked: gone.id, message: await placeOf(page, idOf(question)), ...run } };
}

/** Has an agent fetch its mail and never acknowledge it, until it is parked. */
async function unread(page: Page, agent: Agent): Promise<void> {
  await rpc(page, "edit_settings", { bus_lease_seconds: 1 });
  const parked = async () => {
    await agent.call("inbox");
    return ((await rpc(page, "list_messages", { states: ["parked"] })) as { messages: unknown[] }).messages.length;
  };
  await expect.poll(parked, { timeout: 30_000, intervals: [400] }).toBe(2);
  await rpc(page, "edit_settings", { bus_lease_seconds: 300 });
}

/** Revokes an agent that waits for mail: its receipt says when that had ended. */
async function revoked(page: Page, agent: Agent): Promise<void> {
  const waits = agent.asks("inbox_wait", { timeout_seconds: 120 });
  const open = async () => ((await rpc(page, "get_agent", { agent_id: agent.id })) as { agent: { connections: number } }).agent.connections;
  await expect.poll(open).toBeGreaterThan(0);
  await rpc(page, "revoke_agent", { agent_id: agent.id });
  await waits;
}

/** Has an agent's program run and end. */
async function launched(page: Page, programs: Programs, agent: Agent): Promise<{ run: string }> {
  const path = join(programs.project, ".mcp.json");
  await rpc(page, "write_wiring", { of: { kind: "agent", agent_id: agent.id }, client: "claude-code", path, secret: agent.token });
  const plan = (await rpc(page, "plan_run", { agent_id: agent.id, how: "once", prompt: "Count to four hundred." })) as { command: string; directory: string };
  const started = (await rpc(page, "start_run", { agent_id: agent.id, how: "once", command: plan.command, directory: plan.directory, no_restarts: true })) as { run_id: string };
  await expect.poll(async () => JSON.stringify(await rpc(page, "get_run", { run_id: started.run_id }))).toContain("that was all");
  return { run: started.run_id };
}

async function deliberated(words: Words, panel: Panel, { page }: Ground): Promise<{ session: string; sought: string }> {
  const console = new ConsolePage(page);
  await panel.play(answering(words.first));
  await rpc(page, "convene", { prompt: words.other, recap_round: false });
  const { session, names } = await debated(console, panel, words.question, words.first);
  await session.prompt.fill(words.steering);
  await page.keyboard.press("Escape");
  await debatedAgain(session, panel, words.second, names);
  await rpc(page, "edit_session", { session_id: sessionOf(page), title: words.title, tags: words.tags });
  const recap = new RecapPage(page);
  await panel.play([writing("recap", words.recaps.first, { calls: { from: 1, to: 1 } }), writing("recap", words.recaps.second), writing("synthesis", words.recaps.synthesis)]);
  await recap.open();
  await recap.writeSynthesis.click();
  await recap.cascade.getByRole("button", { name: "Write it" }).click();
  await expect(recap.synthesis).toContainText("written by");
  return { session: sessionOf(page), sought: encodeURIComponent((words.first.rowan.reactions[0]?.quote ?? "").slice(0, 30)) };
}

/** Models, keys, tenants. */
async function connected(words: Words, { page, husting }: Ground, agent: Agent): Promise<void> {
  await husting.cli("models", "add", "spruce", "--provider", "northwind", "--name", words.spare);
  await husting.cli("key", "create", "--name", words.key, "--daily-rounds", "12");
  await rpc(page, "put_tenant", { tenant_id: words.tenant, tier: "starter" });
  for (const name of ["northwind", "fjord"]) await rpc(page, "test_provider", { name });
  void agent;
}

/** A draft with its document, as it stands when one comes back. */
async function kept(words: Words, { page }: Ground): Promise<void> {
  const console = new ConsolePage(page);
  await console.goto("deliberations/new");
  await console.question.fill(words.question);
  await page.locator("input[type=file]").first().setInputFiles([{ name: words.document.name, mimeType: "text/markdown", buffer: Buffer.from(words.document.text) }]);
  await expect(page.getByRole("list", { name: "Reference" })).toContainText(words.document.name);
}

async function bridged(words: Words, { page, discord }: Ground, agent: Agent): Promise<{ life?: string }> {
  const [person, other] = words.discord.people;
  const [, channel] = words.discord.channels;
  await rpc(page, "test_discord", { token: discord.token });
  await rpc(page, "edit_discord", { routes: [{ channel_id: await discord.channel(channel), agent: words.asked }] });
  await rpc(page, "start_bridge", {});
  await new ConsolePage(page).goto("discord");
  await expect(new DiscordPage(page).stand).toHaveText("Delivering");
  await discord.say(person, channel, words.discord.asks);
  await discord.say(other, channel, words.discord.adds);
  let asked = 0;
  const read = async () => {
    const letters = (await agent.call("inbox")).messages as { text: string }[];
    return (asked += letters.filter(({ text }) => text.includes("[request_id:")).length);
  };
  await expect.poll(read, { timeout: 30_000 }).toBe(2);
  await agent.call("send", { to: "discord-connector", text: words.discord.lost });
  const traffic = (await rpc(page, "list_traffic", {})) as { traffic: { direction: string; request_id: string }[] };
  return { life: traffic.traffic.find(({ direction }) => direction === "in")?.request_id };
}

/** What a message is called in an address. */
async function placeOf(page: Page, id: string): Promise<string> {
  const { messages } = (await rpc(page, "list_messages", {})) as { messages: { message_id: string; place: number }[] };
  return String(messages.find(({ message_id }) => message_id === id)?.place);
}

/** The session on the screen. */
function sessionOf(page: Page): string {
  return /deliberations\/([^/]+)/.exec(page.url())?.[1] ?? "";
}

function idOf(record: Record<string, unknown>): string {
  return String(record.message_id ?? record.id);
}
