// What becomes of a turn in whose midst Husting ends, or ends and begins again at the same address:
// docs/clients.md has the words, and these tests hold it to them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { after, call, say } from "./harness/parts.mjs";
import { Scene } from "./harness/scene.mjs";
import { overSse } from "./harness/wire.mjs";

const scene = Scene.ofFile();
const TEXT = "The ferry leaves at six.";
const send = call("send", { to: "operator", text: TEXT });
const ask = call("ask", { agent: "listener", message: "Are you there?", timeout_seconds: 60 });
const restarted = after(() => scene.husting.restart(), send);
const stopped = after(() => scene.husting.stop(), send);
const served = after(() => scene.husting.serve(), send);

for (const protocol of ["", "legacy"]) {
  test(`Claude Code goes on after a restart${protocol && ", in the older protocol too"}`, async (t) => {
    const { claude, agent } = await scene.atClaude(t);
    claude.model.play(call("boot_context"), restarted, say("Sent."));
    assert.equal((await claude.turn({ env: protocol ? { MCP_PROTOCOL_NEGOTIATION: protocol } : {} })).said, "Sent.");
    assert.deepEqual(await scene.sentBy(agent), [TEXT]);
  });
}

test("Codex goes on after a restart", async (t) => {
  const { codex, agent } = await scene.atCodex(t);
  codex.model.play(call("boot_context"), restarted, say("Sent."));
  assert.equal((await codex.turn()).stdout, "Sent.\n");
  assert.deepEqual(await scene.sentBy(agent), [TEXT]);
});

test("Claude Code does not go on after a restart over server-sent events", async (t) => {
  const { claude, agent } = await scene.atClaude(t, { rewritten: overSse });
  claude.model.play(call("boot_context"), restarted, send, say("Not sent."));
  await claude.turn();
  const [, first = "", second = ""] = claude.model.results();
  for (const told of [first, second]) assert.match(told, /HTTP 404/);
  assert.deepEqual(await scene.sentBy(agent), []);
});

test("Claude Code says that nobody listens, and goes on once somebody does", async (t) => {
  const { claude, agent } = await scene.atClaude(t);
  claude.model.play(call("boot_context"), stopped, served, say("Sent."));
  await claude.turn();
  assert.match(claude.model.results()[1] ?? "", /ECONNREFUSED: Unable to connect/);
  assert.deepEqual(await scene.sentBy(agent), [TEXT]);
});

test("Codex says that nobody listens, and goes on once somebody does", async (t) => {
  const { codex, agent } = await scene.atCodex(t);
  codex.model.play(call("boot_context"), stopped, served, say("Sent."));
  const { stderr } = await codex.turn();
  assert.match(codex.model.results()[1] ?? "", /error sending request for url/);
  assert.match(stderr, /error sending request for url/);
  assert.deepEqual(await scene.sentBy(agent), [TEXT]);
});

test("where nobody listens from the start, Claude Code's list says so and Codex does not begin", async (t) => {
  const { claude } = await scene.atClaude(t);
  const { codex } = await scene.atCodex(t);
  await scene.husting.stop();
  claude.model.play(send, say("Not sent."));
  assert.equal((await claude.turn()).server.status, "failed");
  assert.match((await claude.command("mcp", "list")).stdout, /✘ Failed to connect — ECONNREFUSED/);
  codex.model.play(send, say("Not sent."));
  const { code, stderr } = await codex.turn();
  await scene.husting.serve();
  assert.equal(code, 1);
  assert.match(stderr, /required MCP servers failed to initialize: sos: .*error sending request for url/);
});

test("a call that waits when Husting ends is answered with that", async (t) => {
  const { claude, agent } = await scene.atClaude(t);
  claude.model.play(ask, say("Asked."));
  const { codex, agent: other } = await scene.atCodex(t);
  codex.model.play(ask, say("Asked."));
  const turns = [claude.turn({ limit: 40_000 }), codex.turn({ limit: 40_000 })];
  for (const each of [agent, other]) await scene.asked(each);
  await scene.husting.restart();
  for (const { late } of await Promise.all(turns)) assert.ok(!late);
  for (const { model } of [claude, codex]) assert.match(model.results()[0] ?? "", /shutting_down.*Husting is closing\. Your question is kept/s);
});
