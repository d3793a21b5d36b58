// `husting channel` with the official client over standard input and output, as clients that start a program use it.

import { expect, test as plain } from "@playwright/test";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

import { built } from "../../browser/harness/child.ts";
import { negotiating, textOf, type Body } from "./agent.ts";
import { Bus, SCOPES, type Minted } from "./bus.ts";

/** Versions that open with `initialize`; a client that looks for a newer one first must come to one of them. */
const OPENINGS = {
  "2025-06-18": negotiating("2025-06-18"),
  "2025-11-25": negotiating("2025-11-25"),
  newest: { versionNegotiation: { mode: "auto" } },
} as const;
const PUSH = "notifications/claude/channel";
const LISTS_CHANGE = "notifications/tools/list_changed";
const MAIL = "notifications/resources/updated";

interface Told {
  method: string;
  params?: Body;
}

const test = plain.extend<{ bus: Bus }>({
  bus: async ({}, use) => {
    const bus = await Bus.build();
    await use(bus);
    await bus.end();
  },
});

/** A client and what it was told without asking. */
class Desk {
  private readonly told: Told[] = [];
  private waiting: (() => void) | null = null;

  private constructor(readonly client: Client) {
    client.fallbackNotificationHandler = async (notification) => {
      this.told.push(notification as Told);
      this.waiting?.();
    };
  }

  static async open(bus: Bus, token: string, options: ConstructorParameters<typeof Client>[1]): Promise<Desk> {
    const desk = new Desk(new Client({ name: "husting-tests", version: "1" }, options));
    const env = { PATH: process.env.PATH ?? "", HUSTING_HOME: `${bus.husting.folder}/beside`, HUSTING_AGENT_TOKEN: token };
    const args = ["channel", "--url", `${bus.husting.address}/mcp`];
    await desk.client.connect(new StdioClientTransport({ command: built("husting"), args, env, stderr: "ignore" }));
    return desk;
  }

  async call(name: string, args: Body = {}): Promise<Body> {
    return this.client.callTool({ name, arguments: args }, { timeout: 60_000 });
  }

  async tools(): Promise<string[]> {
    return (await this.client.listTools()).tools.map((tool) => tool.name);
  }

  /** The next that is told by this name. */
  async next(method: string): Promise<Told> {
    for (;;) {
      const at = this.told.findIndex((one) => one.method === method);
      if (at >= 0) return this.told.splice(at, 1)[0] as Told;
      await new Promise<void>((resolve) => (this.waiting = resolve));
    }
  }
}

/** Until the bus holds the channel's session. */
async function followed(bus: Bus, agent: Minted): Promise<void> {
  await expect.poll(() => bus.connections(agent)).toBe(1);
}

for (const [name, options] of Object.entries(OPENINGS)) {
  test(`a client that starts a program lists, sends, is told of mail and reads it: ${name}`, async ({ bus }) => {
    const [agent, other] = [await bus.mint(SCOPES), await bus.mint(SCOPES)];
    const [desk, writer] = [await Desk.open(bus, agent.token, options), await Desk.open(bus, other.token, options)];
    expect(desk.client.getServerCapabilities()?.experimental).toEqual({ "claude/channel": {} });
    expect(desk.client.getInstructions()).toContain("<channel>");
    expect(await desk.tools()).toEqual(expect.arrayContaining(["boot_context", "send", "inbox", "inbox_wait"]));
    await followed(bus, agent);

    await desk.client.subscribeResource({ uri: `inbox://${agent.name}` });
    expect((await writer.call("send", { to: agent.name, text: "The vault opens with 4711." })).isError).toBeFalsy();
    const { params } = await desk.next(PUSH);
    expect(params?.content).toContain(`1 from agent:${other.name}`);
    expect(JSON.stringify(params)).not.toContain("4711");
    for (const [key, value] of Object.entries(params?.meta as Body)) {
      expect(key).toMatch(/^[A-Za-z_][A-Za-z0-9_]*$/);
      expect(typeof value).toBe("string");
    }
    expect((await desk.next(MAIL)).params).toMatchObject({ uri: `inbox://${agent.name}` });
    const mail = (await desk.call("inbox")).structuredContent as Body;
    expect(mail.messages).toMatchObject([{ from: `agent:${other.name}`, text: "The vault opens with 4711." }]);

    const wait = desk.call("inbox_wait", { timeout_seconds: 50 });
    await writer.call("send", { to: agent.name, text: "Now." });
    expect((await wait).structuredContent).toMatchObject({ messages: [{ text: "Now." }] });
    await Promise.all([desk.client.close(), writer.client.close()]);
  });
}

test("what a token may not is said in the result, and granted scopes are told", async ({ bus }) => {
  const agent = await bus.mint(["mcp:peers"]);
  const desk = await Desk.open(bus, agent.token, OPENINGS.newest);
  await followed(bus, agent);
  const denied = await desk.call("send", { to: "operator", text: "Hello." });
  expect(denied.isError).toBe(true);
  expect(textOf(denied as never)).toMatch(/^403 insufficient_scope/);
  await bus.grant(agent, ["mcp:send", "mcp:inbox"]);
  await desk.next(LISTS_CHANGE);
  expect(await desk.tools()).toContain("send");
  // Mail is told from the moment on at which it may be read.
  const other = await Desk.open(bus, (await bus.mint(SCOPES)).token, OPENINGS.newest);
  const told = desk.next(PUSH);
  await expect(async () => {
    await other.call("send", { to: agent.name, text: "Hello." });
    await Promise.race([told, new Promise((_, reject) => setTimeout(reject, 500))]);
  }).toPass();
  await Promise.all([desk.client.close(), other.client.close()]);
});

test("a bus that ends and comes again is told so, and used again", async ({ bus }) => {
  const [agent, other] = [await bus.mint(SCOPES), await bus.mint(SCOPES)];
  const desk = await Desk.open(bus, agent.token, OPENINGS.newest);
  await followed(bus, agent);
  const parked = desk.call("inbox_wait", { timeout_seconds: 50 });
  await expect.poll(() => bus.connections(agent)).toBe(2);
  await bus.husting.stop();
  const ended = await parked;
  expect(ended.isError).toBe(true);
  expect(textOf(ended as never)).toMatch(/^(shutting_down|bus_away): /);
  const away = await desk.call("status");
  expect(away.isError).toBe(true);
  expect(away.structuredContent).toMatchObject({ error: "bus_away" });

  // One that is opened meanwhile has nothing to list yet.
  const early = await Desk.open(bus, other.token, OPENINGS.newest);
  expect(await early.tools()).toEqual([]);
  await bus.husting.serve();
  await Promise.all([desk.next(LISTS_CHANGE), early.next(LISTS_CHANGE)]);
  expect(await early.tools()).toContain("send");
  await early.call("send", { to: agent.name, text: "Back again." });
  expect((await desk.next(PUSH)).params?.content).toContain(`agent:${other.name}`);
  expect((await desk.call("inbox")).structuredContent).toMatchObject({ messages: [{ text: "Back again." }] });
  await Promise.all([desk.client.close(), early.client.close()]);
});

test("a token that opens nothing is said to be one", async ({ bus }) => {
  const agent = await bus.mint(SCOPES);
  const desk = await Desk.open(bus, agent.token, OPENINGS.newest);
  await followed(bus, agent);
  await bus.revoke(agent);
  const refused = await desk.call("status");
  expect(refused.isError).toBe(true);
  expect(textOf(refused as never)).toMatch(/^invalid_token: /);
  await expect(desk.client.listTools()).rejects.toThrow(/revoked|opens nothing|token/);
  await desk.client.close();
});
