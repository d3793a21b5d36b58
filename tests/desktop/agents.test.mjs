// An agent's life in the real window: minted, its token shown once, narrowed, written to, held and revoked.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Agent } from "./harness/agent.mjs";
import { assertAccessible } from "./harness/axe.mjs";
import { everything, filesHolding } from "./harness/secrets.mjs";
import { openWindow } from "./harness/window.mjs";

describe("an agent", () => {
  /** @type {import("./harness/window.mjs").Window} */
  let window;
  /** @type {Agent} */
  let ada;
  let token = "";
  before(async () => {
    window = await openWindow();
  });
  after(() => window.close());

  test("is minted by keyboard, and its token does not leave with Esc before it was copied", async () => {
    await window.named("heading", "Hall");
    await window.press("g", "a");
    await window.named("heading", "Agents");
    await window.press("m");
    await window.focused("Name");
    await window.type("ada");
    await assertAccessible(window, "minting an agent");
    await window.press("Enter");
    await window.named("dialog", "The token of ada");
    await window.focused("Copy token");
    await window.press("Escape");
    await window.shows("It has not been copied or written yet.");
    await window.named("dialog", "The token of ada");
    await window.picture("agents/token");
  });

  test("calls with the token that is revealed once, and the window sees it", async () => {
    assert.doesNotMatch(await everything(window), /hst_a_\w{20}/);
    await window.press("Shift+Tab");
    await window.focused("Reveal");
    await window.press("Enter");
    await window.shows("Hide");
    token = await window.evaluate("return document.querySelector('.husting-sheet code').textContent");
    assert.match(token, /^hst_a_\w{20,}$/);
    const { mcpServers } = JSON.parse(await window.evaluate("return document.querySelector('.husting-sheet pre').textContent"));
    assert.equal(mcpServers.sos.headers.Authorization, `Bearer ${token}`);
    ada = new Agent(mcpServers.sos.url, token);
    assert.equal((await ada.asks("boot_context")).status, 200);
    await window.shows("It made its first call");
  });

  test("leaves its token nowhere once the sheet is closed", async () => {
    await window.press("Tab");
    await window.focused("Copy token");
    await window.press("Enter");
    await window.named("button", "Done");
    await window.press("Escape");
    await window.gone("dialog", "The token of ada");
    await window.named("link", "ada");
    assert.equal((await everything(window)).includes(token), false);
    assert.deepEqual(await filesHolding(window, token), []);
    assert.notDeepEqual(await filesHolding(window, token.slice(-8)), [], "the search finds what is there");
  });

  test("is narrowed in the matrix, and refused on its next call", async () => {
    assert.equal((await ada.asks("peers")).status, 200);
    await window.evaluate("location.hash = '#/agents/scopes'");
    await (await window.named("checkbox", "ada, peers: granted")).click();
    await window.named("checkbox", "ada, peers: not granted");
    assert.equal((await ada.asks("peers")).status, 403);
    await window.named("checkbox", "ada, peers: asked for once and denied");
    await window.picture("agents/matrix");
    await assertAccessible(window, "the scope matrix");
  });

  test("is written to by the operator, and each fact is seen as it becomes one", async () => {
    await window.press("g", "b");
    await window.named("heading", "Bus");
    const reader = await window.find(".composer select");
    await reader.findElement({ xpath: ".//option[normalize-space()='ada']" }).click();
    await (await window.find(".composer textarea")).click();
    await window.focused("Message");
    await window.type("Where is pallet 4?");
    await window.press("Control+Enter");
    await row(window, "persisted");
    const { record } = await ada.asks("inbox");
    assert.deepEqual([record.messages[0].from, record.messages[0].text], ["human:operator", "Where is pallet 4?"]);
    await row(window, "fetched");
    await ada.asks("send", { to: "operator", text: "At the gate.", in_reply_to: record.messages[0].id });
    await row(window, "answered");
    await window.shows("At the gate.");
    await window.picture("agents/tail");
    await assertAccessible(window, "the tail");
  });

  test("is held with all others, and let go on", async () => {
    await (await window.named("button", "Pause agents")).click();
    const goOn = await window.named("button", "Agents paused");
    assert.equal((await ada.asks("inbox")).status, 503);
    await goOn.click();
    await window.named("button", "Pause agents");
    assert.equal((await ada.asks("inbox")).status, 200);
  });

  test("is revoked by its name, with a receipt", async () => {
    await window.press("g", "a");
    // The Bus has links of that name too.
    await window.named("heading", "Agents");
    await (await window.named("link", "ada")).click();
    await (await window.named("button", "Revoke…")).click();
    await window.focused("Type ada to revoke it");
    await window.type("ada");
    await window.press("Enter");
    await window.named("dialog", "Kill receipt");
    await window.shows("0 requests accepted since the revoke, counted from the log");
    await window.picture("agents/receipt");
    await assertAccessible(window, "a kill receipt");
    assert.equal((await ada.asks("inbox")).status, 401);
    await window.press("Escape");
    await window.gone("dialog", "Kill receipt");
    await (await window.named("link", "Back to agents")).click();
    await window.gone("link", "ada");
  });
});

/**
 * Returns once the operator's message stands in the tail in this state.
 * @param {import("./harness/window.mjs").Window} window
 * @param {string} state
 */
async function row(window, state) {
  await window.waits(`the message to be ${state}`, async () => {
    const rows = await window.evaluate("return [...document.querySelectorAll('.tail [role=listitem]')].map((each) => each.innerText)");
    return rows.some((/** @type {string} */ words) => words.includes("Where is pallet 4?") && words.includes(state)) || undefined;
  });
}
