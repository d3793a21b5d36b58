// A whole headless turn of each client, wired as the operator wires it, without any account.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";

import { called, watched } from "./harness/callers.mjs";
import { call, named, say } from "./harness/parts.mjs";
import { Scene } from "./harness/scene.mjs";
import { overSse } from "./harness/wire.mjs";

const scene = Scene.ofFile();
const TEXT = "The ferry leaves at six.";
const toOperator = call("send", { to: "operator", text: TEXT });

test("what Claude Code sends is read by Codex", async (t) => {
  const { claude, agent } = await scene.atClaude(t);
  const { codex, agent: other } = await scene.atCodex(t);
  claude.model.play(call("send", { to: other, text: TEXT }), say("Sent."));
  const sent = await claude.turn();
  assert.equal(sent.code, 0, sent.stderr);
  assert.equal(sent.server.status, "connected");
  assert.equal(sent.said, "Sent.");
  codex.model.play(call("inbox"), say("Read."));
  const read = await codex.turn();
  assert.equal(read.code, 0, read.stderr);
  const [mail = ""] = codex.model.results();
  assert.ok(mail.includes(TEXT) && mail.includes(`agent:${agent}`), mail);
});

test("what Codex sends is read by Claude Code", async (t) => {
  const { codex, agent } = await scene.atCodex(t);
  const { claude, agent: other } = await scene.atClaude(t);
  codex.model.play(call("send", { to: other, text: TEXT }), say("Sent."));
  const sent = await codex.turn();
  assert.equal(sent.code, 0, sent.stderr);
  assert.equal(sent.stdout, "Sent.\n");
  claude.model.play(call("inbox"), say("Read."));
  await claude.turn();
  const [mail = ""] = claude.model.results();
  assert.ok(mail.includes(TEXT) && mail.includes(`agent:${agent}`), mail);
});

const SSE = { rewritten: overSse };
const LEGACY = { env: { MCP_PROTOCOL_NEGOTIATION: "legacy" } };
for (const [way, wired, turn] of /** @type {const} */ ([["server-sent events", SSE, {}], ["the older protocol", {}, LEGACY]])) {
  test(`Claude Code sends over ${way}`, async (t) => {
    const { claude, agent } = await scene.atClaude(t, wired);
    claude.model.play(toOperator, say("Sent."));
    assert.equal((await claude.turn(turn)).server.status, "connected");
    assert.deepEqual(await scene.sentBy(agent), [TEXT]);
  });
}

test("the tools of the bus stand in the first request of each client", async (t) => {
  const { claude } = await scene.atClaude(t);
  claude.model.play(say("Nothing to do."));
  await claude.turn();
  assert.ok(claude.model.tools().includes(named("send")), claude.model.tools().join());
  const { codex } = await scene.atCodex(t);
  codex.model.play(say("Nothing to do."));
  await codex.turn();
  assert.ok(codex.model.tools().includes("send"), codex.model.tools().join());
});

test("each client's own list knows the bus", async (t) => {
  const { claude } = await scene.atClaude(t);
  assert.match((await claude.command("mcp", "list")).stdout, /sos: .*\/mcp \(HTTP\) - ✔ Connected/);
  const { codex } = await scene.atCodex(t);
  assert.match((await codex.command("-p", "scout", "mcp", "list")).stdout, /sos .*\/mcp .*enabled +Bearer token/);
});

test("Claude Code shows the token to whoever asks for the bus, and Codex hides it", async (t) => {
  const { claude } = await scene.atClaude(t);
  assert.match((await claude.command("mcp", "get", "sos")).stdout, /Authorization: Bearer hst_a_/);
  const { codex } = await scene.atCodex(t);
  assert.match((await codex.command("-p", "scout", "mcp", "get", "sos")).stdout, /Authorization=\*+,/);
});

test("our log tells that Claude Code opened and listed its tools, in both protocols", async (t) => {
  for (const [env, protocol] of /** @type {const} */ ([[{}, "2026-07-28"], [LEGACY.env, "2025-11-25"]])) {
    const { claude, agent } = await scene.atClaude(t);
    claude.model.play(say("Nothing to do."));
    await claude.turn({ env });
    assert.deepEqual(await scene.logged(agent), { client: "claude-code", version: await versionOf(claude), protocol, tools: 8 });
  }
});

test("our log tells that Codex opened and listed its tools", async (t) => {
  const { codex, agent } = await scene.atCodex(t);
  codex.model.play(say("Nothing to do."));
  await codex.turn();
  assert.deepEqual(await scene.logged(agent), { client: "codex-mcp-client", version: await versionOf(codex), protocol: "2025-06-18", tools: 8 });
});

test("Claude Code calls nobody but the bus and its model", async (t) => {
  const { claude } = await scene.atClaude(t);
  const file = join(claude.folder, "calls.txt");
  claude.model.play(toOperator, say("Sent."));
  await claude.turn({ before: watched(file) });
  assert.deepEqual(await called(file), hosts(scene.husting.address, claude.model.address));
});

test("Codex calls nobody but the bus and its model", async (t) => {
  const { codex } = await scene.atCodex(t);
  const file = join(codex.folder, "calls.txt");
  codex.model.play(toOperator, say("Sent."));
  await codex.turn({ before: watched(file) });
  assert.deepEqual(await called(file), hosts(scene.husting.address, codex.model.address));
});

/** @param {string[]} addresses */
const hosts = (...addresses) => addresses.map((address) => new URL(address).host).sort();

/** The version that a client names itself. @param {{ command: (...args: string[]) => Promise<{ stdout: string }> }} client */
async function versionOf(client) {
  const { stdout } = await client.command("--version");
  return /\d+\.\d+\.\d+/.exec(stdout)?.[0];
}
