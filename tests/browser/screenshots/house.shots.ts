// The pictures of agents at work and of the people who write to them: ./dev screenshots

import { AgentsPage } from "../../pages/agents.ts";
import { BusPage } from "../../pages/bus.ts";
import { ConsolePage } from "../../pages/console.ts";
import { DiscordPage } from "../../pages/discord.ts";
import { LanesPage } from "../../pages/lanes.ts";
import { test as base } from "../gallery/house.ts";
import { mintBy, type Agent } from "../harness/agent.ts";
import { rpc } from "../harness/rpc.ts";
import { expect } from "../harness/test.ts";
import { Album } from "./album.ts";
import { OF_A_HOUSE } from "./pictures.ts";

const MESSENGER = ["mcp:send", "mcp:inbox", "mcp:peers"];
const COLLEAGUE = [...MESSENGER, "mcp:workspace_join", "mcp:remember", "mcp:recall"];

/** Between what one does and the next, in milliseconds: lanes show time. */
const A_WHILE = 3_500;

const test = base.extend({
  // An empty house has no sandbox of Discord.
  serverEnv: async ({ discord, programs }, use) => use({ ...discord.env, ...programs.env }),
});

test("pictures of a house", async ({ page, husting, discord }) => {
  test.setTimeout(120_000);
  const album = new Album(page, OF_A_HOUSE);
  const console = new ConsolePage(page);
  const aWhile = () => page.waitForTimeout(A_WHILE);
  const mint = (agent_name: string, model: string, scopes: string[]) => mintBy(page, husting, { agent_name, model, scopes });
  const loom = await mint("loom", "gpt-5.4", COLLEAGUE);
  const porter = await mint("porter", "claude-sonnet-4-5", COLLEAGUE);
  const tally = await mint("tally", "qwen-3.6-plus", MESSENGER);
  const nightWatch = await mint("night-watch", "qwen-3.6-plus", MESSENGER);

  await test.step("they write to each other", async () => {
    await rpc(page, "activate_agent", { agent_name: "kasra" });
    for (const each of [loom, porter]) await each.call("workspace_join", { workspace_id: "sales", summary: "Manifests and the gate" });
    await ask(aWhile, ["porter", porter], ["loom", loom], "Where is pallet 4? The driver waits at gate B.", "In hall 3, behind the pump housings. Tally counted it this morning.");
    await loom.asks("broadcast", { text: "The gate closes at 16:20 today." }); // not within its scopes: the operator is asked
    await ask(aWhile, ["loom", loom], ["tally", tally], "How many of 8413.91 are in hall 3?", "31 on the shelf, 4 on pallet 4. The manifest says 36.");
    await rpc(page, "write_message", { to: { kind: "squad", name: "sales" }, text: "The carrier comes an hour earlier. Tell me what will not make it." });
    await aWhile();
    await loom.call("inbox");
    await porter.call("inbox");
    await porter.call("send", { to: "operator", text: "May I tell the customer that pallet 4 leaves tomorrow?", request_id: "may-i" });
    await nightWatch.call("inbox");
    await rpc(page, "disable_agent", { agent_id: nightWatch.id });
  });

  await test.step("people write to them in Discord", async () => {
    await rpc(page, "test_discord", { token: discord.token });
    await rpc(page, "edit_discord", { default_agent: "loom", routes: [{ channel_id: await discord.channel("shipping-ops"), agent: "loom" }, { channel_id: await discord.channel("hq"), agent: "porter" }] });
    await rpc(page, "start_bridge", {});
    await console.goto("discord");
    const bridge = new DiscordPage(page);
    await expect(bridge.stand).toHaveText("Delivering");
    await discord.say("bruno", "shipping-ops", "Can someone reprint the labels for the Hamburg pallets?");
    const asked = await heard(loom);
    await aWhile();
    await loom.call("send", { to: "discord-connector", text: "Reprinted: three of four. The fourth has no weight yet, so tally weighs it now.", in_reply_to: asked });
    await expect.poll(() => discord.posted("shipping-ops")).toHaveLength(1);
    await aWhile();
    await discord.say("ines", "hq", "Does the carrier know about the earlier slot?");
    await heard(porter);
    await aWhile();
    await discord.say("bruno", "shipping-ops", "Thanks. Send me the tracking numbers when it is done.");
    await expect(bridge.row("Thanks")).toBeVisible();
  });

  await test.step("pictures", async () => {
    await console.goto("agents/scopes");
    const agents = new AgentsPage(page);
    await expect(agents.grid).toBeVisible();
    await album.take("agents");
    await agents.mint("bruno-voice");
    await album.take("minted");
    await page.keyboard.press("Escape");
    await agents.once.getByRole("button", { name: "Close anyway" }).click();
    await console.goto("bus");
    const bus = new BusPage(page);
    await bus.row("Where is pallet 4?").first().click();
    await expect(bus.message).toBeVisible();
    await album.take("bus");
    await console.goto("bus/lanes");
    const lanes = new LanesPage(page);
    await expect(lanes.drawing).toBeVisible();
    for (const shorter = page.getByRole("button", { name: "A shorter window" }); await shorter.isEnabled(); ) await shorter.click();
    await lanes.row("How many of 8413.91").first().click();
    await expect(lanes.path).toBeVisible();
    await album.take("lanes");
    await console.goto("discord");
    await new DiscordPage(page).row("Hamburg pallets").first().click();
    await expect(new DiscordPage(page).life).toBeVisible();
    await album.take("discord");
  });
  album.close();
});

/** An agent by its name. */
type Named = [string, Agent];

/** One asks another, who reads and answers. */
async function ask(aWhile: () => Promise<void>, [from, asks]: Named, [to, reads]: Named, question: string, answer: string): Promise<void> {
  await asks.call("send", { to, text: question });
  await aWhile();
  const { messages } = (await reads.call("inbox")) as { messages: { id: string; text: string }[] };
  await aWhile();
  const letter = messages.find(({ text }) => text === question);
  await reads.call("send", { to: from, text: answer, in_reply_to: letter?.id });
  await aWhile();
  await asks.call("inbox");
}

/** The question from Discord that an agent reads: its id. */
async function heard(agent: Agent): Promise<string> {
  let found: string | undefined;
  const read = async () => {
    const { messages } = (await agent.call("inbox")) as { messages: { id: string; text: string }[] };
    found ??= messages.find(({ text }) => text.includes("[request_id:"))?.id;
    return found;
  };
  await expect.poll(read).toBeDefined();
  return String(found);
}
