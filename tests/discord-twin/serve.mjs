// Runs discord-digital-twin, a Discord that nobody here wrote, for tests/tests/blackbox/discord_twin.rs.
// First it says where it is, in one line of JSON; then it does what each line of its input asks for, and
// answers each in one line: {"do": "say", "channel": "general", "text": "…"} with the message's id,
// {"do": "thread", "channel": "plans", "name": "…"} with the thread's id, {"do": "posted", "channel": "…"}
// with what the bot has posted there.
//
// The twin asks for a version of spiceflow that its registry does not have any more; package.json names
// one that is there.

import { createInterface } from "node:readline";

import { DigitalDiscord } from "discord-digital-twin";

const TEXT_CHANNEL = 0;

const discord = new DigitalDiscord({
  channels: ["general", "plans"].map((name) => ({ name, type: TEXT_CHANNEL })),
  users: [{ username: "ana" }],
});
await discord.start();
const ana = await discord.getFirstNonBotUserId();
const known = await discord.prisma.channel.findMany();
const channels = Object.fromEntries(known.map(({ name, id }) => [name, id]));

const acts = {
  async say({ channel, text }) {
    const content = text.replace("@bot", `<@${discord.botUserId}>`);
    const message = await discord.simulateUserMessage({ channelId: channels[channel], userId: ana, content });
    return message.id;
  },
  async thread({ channel, name }) {
    const answer = await fetch(`${discord.restUrl}/v10/channels/${channels[channel]}/threads`, {
      method: "POST",
      headers: { authorization: `Bot ${discord.botToken}`, "content-type": "application/json" },
      body: JSON.stringify({ name, type: 11 }),
    });
    const thread = await answer.json();
    channels[name] = thread.id;
    return thread.id;
  },
  async posted({ channel }) {
    const reply = await discord.channel(channels[channel]).waitForBotReply({ timeout: 60_000 });
    return reply.content;
  },
};

const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
say({ api: `${discord.restUrl}/v10`, gateway: discord.gatewayUrl, token: discord.botToken, plans: channels.plans });
for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  say(await acts[asked.do](asked));
}
await discord.stop();
