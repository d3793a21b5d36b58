// The bus with the official client: every tool, every scope, every way in.

import { expect, test as plain } from "@playwright/test";
import { Client as FirstClient } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport as FirstTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import type { CallToolResult, Client } from "@modelcontextprotocol/client";

import { textOf, type Body } from "./agent.ts";
import { Bus, SCOPES, WAYS, type Minted, type Way } from "./bus.ts";
import { cases } from "./house.ts";

interface Case {
  tool: string;
  arguments: Body;
  scope: string | null;
  text: string;
  fields: string[];
}

const TOOLS = cases<Case>("bus");
/** It needs a note that is there, so it stands in no table. */
const FORGET = { tool: "forget", arguments: { id: "01890a5d-ac96-774b-bcce-b302099a8057" }, scope: "mcp:remember" };
const LISTS_CHANGE = "notifications/tools/list_changed";
const MAIL = "notifications/resources/updated";

const test = plain.extend<object, { bus: Bus; other: Minted }>({
  bus: [
    async ({}, use) => {
      const bus = await Bus.build();
      await use(bus);
      await bus.end();
    },
    { scope: "worker" },
  ],
  other: [async ({ bus }, use) => use(await bus.mint(SCOPES, "other")), { scope: "worker" }],
});

/** Does this with a connected client in every way there is, or in those that are named. */
async function inEveryWay(bus: Bus, scopes: string[], act: (client: Client, agent: Minted, way: Way) => Promise<void>, ways = [...WAYS], more = {}) {
  for (const way of ways) {
    await plain.step(`${way.transport} ${way.version}`, async () => {
      const [client, agent] = [bus.client(way), await bus.mint(scopes)];
      await bus.connect(client, agent, way, more);
      await act(client, agent, way);
      await client.close();
    });
  }
}

const call = async (client: Client, name: string, args: Body = {}): Promise<CallToolResult> => client.callTool({ name, arguments: args });

test("every tool of the bus answers", async ({ bus, other }) => {
  expect(other.name).toBe("other");
  await inEveryWay(bus, SCOPES, async (client) => {
    for (const row of TOOLS) {
      const result = await call(client, row.tool, row.arguments);
      expect(textOf(result)).toMatch(new RegExp(row.text));
      expect(Object.keys(result.structuredContent as Body)).toEqual(expect.arrayContaining(row.fields));
    }
  });
});

test("each tool needs its scope and is listed with it", async ({ bus, other }) => {
  expect(other.name).toBe("other");
  for (const scope of SCOPES) {
    const denied = async (client: Client) => {
      const listed = (await client.listTools()).tools.map((tool) => tool.name);
      for (const row of [...TOOLS, FORGET]) {
        const held = row.scope === null || row.scope === scope;
        expect(listed.includes(row.tool), row.tool).toBe(held);
        if (held) continue;
        const result = await call(client, row.tool, row.arguments);
        expect(result.isError).toBe(true);
        expect(textOf(result)).toMatch(/^403 insufficient_scope/);
        expect(textOf(result)).toContain(row.scope);
      }
    };
    await inEveryWay(bus, [scope], denied, [...WAYS], { "x-husting-denials": "result" });
  }
});

test("a panel is convened on the bus by whoever may", async ({ bus }) => {
  await inEveryWay(bus, ["mcp:deliberate"], async (client) => {
    const asked = { prompt: "Tea or coffee? Tea calms. Coffee wakes." };
    const ack = (await call(client, "create_deliberation", asked)).structuredContent as Body;
    const waited = await call(client, "wait_for_round", { session_id: ack.session_id, timeout_seconds: 120 });
    expect((waited.structuredContent as Body).round_status).toBe("complete");
    expect((await call(client, "list_sessions")).structuredContent).toMatchObject({ total: 1 });
  });
});

test("a 403 ends the call and not the connection", async ({ bus }) => {
  const http = WAYS.filter((way) => way.transport === "http");
  const refused = async (client: Client) => {
    await expect(call(client, "send", { to: "other", text: "Hello." })).rejects.toThrow();
    expect((await call(client, "status")).structuredContent).toMatchObject({ scopes: ["mcp:peers"] });
  };
  await inEveryWay(bus, ["mcp:peers"], refused, http);
});

test("a changed scope is told and holds on the next call", async ({ bus }) => {
  for (const way of WAYS) {
    const [client, agent] = [bus.client(way), await bus.mint(["mcp:peers"])];
    const told = new Promise<void>((resolve) => client.setNotificationHandler(LISTS_CHANGE, () => resolve()));
    await bus.connect(client, agent, way);
    if (way.version === "2026-07-28") await client.listen({ toolsListChanged: true });
    await bus.grant(agent, ["mcp:peers", "mcp:inbox"]);
    await told;
    expect((await client.listTools()).tools.map((tool) => tool.name)).toContain("inbox");
    expect((await call(client, "inbox")).structuredContent).toMatchObject({ messages: [] });
    await client.close();
  }
});

test("who subscribed is told of mail", async ({ bus, other }) => {
  const [writer, first] = [bus.client(WAYS[0]), WAYS[0]];
  await bus.connect(writer, other, first);
  for (const way of WAYS) {
    const [client, agent] = [bus.client(way), await bus.mint(["mcp:inbox"])];
    const uri = `inbox://${agent.name}`;
    const told = new Promise<void>((resolve) => client.setNotificationHandler(MAIL, () => resolve()));
    await bus.connect(client, agent, way);
    if (way.version === "2026-07-28") await client.listen({ resourceSubscriptions: [uri] });
    else await client.subscribeResource({ uri });
    await call(writer, "send", { to: agent.name, text: "Hello." });
    await told;
    const mail = (await call(client, "inbox")).structuredContent as Body;
    expect(mail.messages).toMatchObject([{ from: "agent:other", text: "Hello." }]);
    await client.close();
  }
  await writer.close();
});

test("a wait ends with mail", async ({ bus, other }) => {
  const writer = bus.client(WAYS[0]);
  await bus.connect(writer, other, WAYS[0]);
  await inEveryWay(bus, SCOPES, async (client, agent) => {
    const wait = client.callTool({ name: "inbox_wait", arguments: { timeout_seconds: 60 } }, { timeout: 90_000 });
    await call(writer, "send", { to: agent.name, text: "Now." });
    expect((await wait).structuredContent).toMatchObject({ messages: [{ text: "Now." }] });
  });
  await writer.close();
});

test("a revoked agent is cut off", async ({ bus }) => {
  await inEveryWay(bus, SCOPES, async (client, agent) => {
    await call(client, "status");
    expect(await bus.revoke(agent)).toMatchObject({ accepted_since: 0 });
    await expect(client.callTool({ name: "status" }, { timeout: 5_000 })).rejects.toThrow();
  });
});

test("the library of the first generation reads its mail over server-sent events", async ({ bus }) => {
  const agent = await bus.mint(SCOPES);
  const client = new FirstClient({ name: "husting-tests", version: "1" });
  await client.connect(new FirstTransport(new URL(`${bus.husting.address}/sse/${agent.token}`)));
  const result = (await client.callTool({ name: "boot_context", arguments: {} })) as Body;
  expect(result.structuredContent).toMatchObject({ agent: agent.name });
  await client.close();
});
