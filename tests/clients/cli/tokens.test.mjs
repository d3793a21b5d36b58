// What is read where a token is dead: docs/clients.md has the words, and these tests hold it to them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { after, call, say } from "./harness/parts.mjs";
import { Scene } from "./harness/scene.mjs";
import { overSse } from "./harness/wire.mjs";

const scene = Scene.ofFile();
const send = call("send", { to: "operator", text: "The ferry leaves at six." });
/** @param {string} agent */
const revoke = (agent) => scene.husting.cli("agent", "revoke", agent, "--yes");
/** @param {string} agent */
const ask = (agent) => call("ask", { agent, message: "Are you there?", timeout_seconds: 60 });

test("Claude Code begins without a dead token's tools and says why only in its list", async (t) => {
  const { claude, agent } = await scene.atClaude(t);
  await revoke(agent);
  claude.model.play(send, say("Not sent."));
  const { code, server, stderr } = await claude.turn();
  assert.deepEqual({ code, status: server.status, stderr }, { code: 0, status: "failed", stderr: "" });
  assert.match(claude.model.results()[0] ?? "", /No such tool available/);
  const { stdout } = await claude.command("mcp", "list");
  assert.match(stdout, new RegExp(`HTTP 401.*${agent} was revoked\\. Its operator can mint it anew\\.`));
});

test("Claude Code's list says that an agent is disabled", async (t) => {
  const { claude, agent } = await scene.atClaude(t);
  await scene.husting.cli("agent", "disable", agent);
  assert.match((await claude.command("mcp", "list")).stdout, new RegExp(`${agent} is disabled\\. Its operator can enable it\\.`));
});

test("Codex does not begin with a dead token where the bus is required", async (t) => {
  const { codex, agent } = await scene.atCodex(t);
  await revoke(agent);
  codex.model.play(send, say("Not sent."));
  const { code, stderr } = await codex.turn();
  assert.equal(code, 1);
  assert.match(stderr, /required MCP servers failed to initialize: sos: .* was revoked\. Its operator can mint it anew\./);
  assert.match(stderr, /invalid_token/);
  assert.equal(codex.model.requests().length, 0);
});

test("Codex begins with a dead token where the bus is not required", async (t) => {
  const { codex, agent } = await scene.atCodex(t);
  await revoke(agent);
  codex.model.play(send, say("Not sent."));
  const { code, stderr } = await codex.turn({ required: false });
  assert.equal(code, 0);
  assert.match(stderr, /invalid_token/);
  assert.match(codex.model.results()[0] ?? "", /unsupported call/);
});

test("Codex's list does not look whether a token lives", async (t) => {
  const { codex, agent } = await scene.atCodex(t);
  await revoke(agent);
  assert.match((await codex.command("-p", "scout", "mcp", "list")).stdout, /enabled +Bearer token/);
});

/** @param {string} agent */
const rotate = (agent) => scene.husting.cli("agent", "rotate", agent);

const killed = /** @type {const} */ ([
  ["revoked", revoke, / was revoked\. Its operator can mint it anew\./, /(claude-code|codex)-\d+ was revoked while this call waited: its token opens nothing any more\. Do not call again\./],
  ["rotated", rotate, / was replaced by a newer one\./, /The token of (claude-code|codex)-\d+ was replaced or ran out while this call waited\. Call again with the new one\./],
]);
for (const [what, kill, cause, why] of killed) {
  test(`a token that is ${what} in the midst of a turn is named by Claude Code, and its cause by Codex`, async (t) => {
    const { claude, agent } = await scene.atClaude(t);
    claude.model.play(call("boot_context"), after(() => kill(agent), send), say("Not sent."));
    await claude.turn();
    assert.match(claude.model.results()[1] ?? "", /MCP server "sos" rejected the Authorization header in its config/);
    const { codex, agent: other } = await scene.atCodex(t);
    codex.model.play(call("boot_context"), after(() => kill(other), send), say("Not sent."));
    const { stderr } = await codex.turn();
    assert.match(codex.model.results()[1] ?? "", cause);
    assert.match(stderr, /mcp: sos\/send \(failed\)/);
  });

  test(`a call that waits when its token is ${what} is answered with that`, async (t) => {
    const { claude, agent } = await scene.atClaude(t);
    claude.model.play(ask("listener"), say("Not asked."));
    const { codex, agent: other } = await scene.atCodex(t);
    codex.model.play(ask("listener"), say("Not asked."));
    const turns = [claude.turn({ limit: 40_000 }), codex.turn({ limit: 40_000 })];
    for (const each of [agent, other]) await scene.asked(each).then(() => kill(each));
    for (const { late } of await Promise.all(turns)) assert.ok(!late);
    assert.match(claude.model.results()[0] ?? "", /^invalid_token: /);
    assert.match(codex.model.results()[0] ?? "", /"invalid_token","message":"/);
    for (const { model } of [claude, codex]) assert.match(model.results()[0] ?? "", why);
  });
}

test("a call that waits over server-sent events when its token is revoked is answered with that", async (t) => {
  const { claude, agent } = await scene.atClaude(t, { rewritten: overSse });
  claude.model.play(ask("listener"), say("Not asked."));
  const turn = claude.turn({ limit: 40_000 });
  await scene.asked(agent);
  await revoke(agent);
  assert.ok(!(await turn).late);
  assert.match(claude.model.results()[0] ?? "", /^invalid_token: /);
});
