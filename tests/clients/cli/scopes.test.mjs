// What is read where a scope is missing: docs/clients.md has the words, and these tests hold it to them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { after, call, named, say } from "./harness/parts.mjs";
import { Scene } from "./harness/scene.mjs";
import { withoutDenials } from "./harness/wire.mjs";

const scene = Scene.ofFile();
const send = call("send", { to: "operator", text: "The ferry leaves at six." });

/** The whole cause: what is missing, and who can give it. */
const CAUSE = /403 insufficient_scope: send needs the scope mcp:send.*Your operator was asked/;

/** Takes the scope after the client has seen the tool, then calls. @param {string} agent */
const deprived = (agent) => after(() => scene.husting.cli("agent", "scopes", agent, "--remove", "send"), send);

test("Claude Code hands on the whole cause", async (t) => {
  const { claude, agent } = await scene.atClaude(t);
  claude.model.play(deprived(agent), say("Not sent."));
  assert.equal((await claude.turn()).code, 0);
  assert.match(claude.model.results()[0] ?? "", CAUSE);
  assert.deepEqual(await scene.sentBy(agent), []);
});

test("Claude Code leaves out who can give it where denials are not results", async (t) => {
  const { claude, agent } = await scene.atClaude(t, { rewritten: withoutDenials });
  claude.model.play(deprived(agent), say("Not sent."));
  await claude.turn();
  assert.deepEqual(claude.model.results(), ['Insufficient scope: required "mcp:send"']);
});

test("Codex hands on the whole cause", async (t) => {
  const { codex, agent } = await scene.atCodex(t);
  codex.model.play(deprived(agent), say("Not sent."));
  const { stderr } = await codex.turn();
  assert.match(codex.model.results()[0] ?? "", CAUSE);
  // Whoever watches reads the cause from the model alone.
  assert.match(stderr, /mcp: sos\/send \(failed\)\ncodex\nNot sent\./);
});

test("Codex tells the whole cause to whoever reads its events", async (t) => {
  const { codex, agent } = await scene.atCodex(t);
  codex.model.play(deprived(agent), say("Not sent."));
  assert.match((await codex.turn({ args: ["--json"] })).stdout, CAUSE);
});

test("Codex leaves out which scope it is where denials are not results", async (t) => {
  const { codex, agent } = await scene.atCodex(t, { rewritten: withoutDenials });
  codex.model.play(deprived(agent), say("Not sent."));
  const { stderr } = await codex.turn();
  const [told = ""] = codex.model.results();
  assert.match(told, /error: Insufficient scope"/);
  assert.doesNotMatch(told, /mcp:send/);
  assert.match(stderr, /error: Insufficient scope\n/);
});

test("a tool that was never allowed is not there for either client", async (t) => {
  const { claude } = await scene.atClaude(t, { scopes: "inbox,peers" });
  claude.model.play(send, say("Not sent."));
  await claude.turn();
  assert.ok(!claude.model.tools().includes(named("send")));
  assert.match(claude.model.results()[0] ?? "", /No such tool available: mcp__sos__send/);
  const { codex } = await scene.atCodex(t, { scopes: "inbox,peers" });
  codex.model.play(send, say("Not sent."));
  await codex.turn();
  assert.match(codex.model.results()[0] ?? "", /unsupported call/);
});

test("a model learns from boot_context what it may", async (t) => {
  const { claude } = await scene.atClaude(t, { scopes: "inbox,peers" });
  claude.model.play(call("boot_context"), say("I may not send."));
  await claude.turn();
  assert.deepEqual(JSON.parse(claude.model.results()[0] ?? "").scopes, ["mcp:inbox", "mcp:peers"]);
});
