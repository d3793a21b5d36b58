// A fake Discord on a socket of this machine, whose people a test plays (tests/support).

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { built, Child } from "./child.ts";

interface Ready {
  origin: string;
  api_base: string;
  gateway_url: string;
  token: string;
  application_id: string;
}

interface World {
  bot: string;
  people: { id: string; name: string }[];
  channels: { id: string; name: string; messages: { author: { user?: string }; content: string }[] }[];
}

/** One server with its people and channels, and a bot that is in it. */
export class Discord {
  private constructor(
    private readonly child: Child<Ready>,
    private readonly folder: string,
  ) {}

  static async start({ server = "viamar", people = ["bruno", "ines"], channels = ["hq", "shipping-ops", "letters"] } = {}): Promise<Discord> {
    const folder = await mkdtemp(join(tmpdir(), "husting-discord."));
    const file = join(folder, "world.json");
    await writeFile(file, JSON.stringify({ people, guilds: [{ name: server, channels }] }));
    return new Discord(await Child.start(built("fake-discord"), ["--world", file], { PATH: process.env.PATH }), folder);
  }

  /** The page on which one plays the people. */
  get origin(): string {
    return this.child.announced.origin;
  }

  /** What makes Husting take it for Discord. */
  get env(): NodeJS.ProcessEnv {
    return { DISCORD_API_BASE: this.child.announced.api_base, DISCORD_GATEWAY_URL: this.child.announced.gateway_url };
  }

  /** The bot's token. */
  get token(): string {
    return this.child.announced.token;
  }

  /** What its page draws: people, channels and what is written in them. */
  async world(): Promise<World> {
    return (await (await fetch(`${this.child.announced.origin}/__world`)).json()) as World;
  }

  /** Has a person write in a channel; gives the message's id. */
  async say(person: string, channel: string, text: string): Promise<string> {
    const world = await this.world();
    return this.act({ do: "say", person: idOf(world.people, person), channel: idOf(world.channels, channel), text });
  }

  /** Has a person take an own message back. */
  async delete(person: string, channel: string, message: string): Promise<void> {
    const world = await this.world();
    await this.act({ do: "delete", person: idOf(world.people, person), channel: idOf(world.channels, channel), message });
  }

  /** A channel's id. */
  async channel(name: string): Promise<string> {
    return idOf((await this.world()).channels, name);
  }

  /** What the bot has written in a channel. */
  async posted(channel: string): Promise<string[]> {
    const { bot, channels } = await this.world();
    const found = channels.find(({ name }) => name === channel);
    return (found?.messages ?? []).filter(({ author }) => author.user === bot).map(({ content }) => content);
  }

  /** Registers these commands as the bot's. */
  async register(commands: object[]): Promise<void> {
    const { api_base, token, application_id } = this.child.announced;
    const headers = { authorization: `Bot ${token}`, "content-type": "application/json", "user-agent": "DiscordBot (https://example.invalid, 1)" };
    const reply = await fetch(`${api_base}/applications/${application_id}/commands`, { method: "PUT", headers, body: JSON.stringify(commands) });
    if (!reply.ok) throw new Error(`Discord did not take the commands: ${await reply.text()}`);
  }

  /** Ends the bot's connection and says that it does not know its token. */
  async takeTokenBack(): Promise<void> {
    await this.act({ do: "close", code: 4004 });
  }

  async stop(): Promise<void> {
    await this.child.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  private async act(act: object): Promise<string> {
    const headers = { "content-type": "application/json" };
    const reply = await fetch(`${this.child.announced.origin}/__act`, { method: "POST", headers, body: JSON.stringify(act) });
    if (!reply.ok) throw new Error(`Discord did not do it: ${await reply.text()}`);
    return String(await reply.json());
  }
}

function idOf(named: { id: string; name: string }[], wanted: string): string {
  const found = named.find(({ name }) => name === wanted);
  if (!found) throw new Error(`Discord has no ${wanted}`);
  return found.id;
}
