// The tray on a desktop of the test: the icon tells how things stand, the menu does what it says, and
// the window goes behind it and comes back.

import assert from "node:assert/strict";
import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { Agent } from "./harness/agent.mjs";
import { startDesktop } from "./harness/fake-desktop.mjs";
import { CAREFUL } from "./harness/fakes.mjs";
import { seat, startPanel } from "./harness/panel.mjs";
import { ended, startAgain } from "./harness/process.mjs";
import { openWindow } from "./harness/window.mjs";

const QUESTION = "Which store keeps events?";
const HALFWAY = { ...CAREFUL, gates: [{ name: "look", at: { before_token: 30 } }] };

describe("the tray", () => {
  /** @type {string} */
  let home;
  /** @type {import("./harness/fake-desktop.mjs").FakeDesktop} */
  let desktop;
  /** @type {import("./harness/window.mjs").Window} */
  let window;
  /** @type {import("./harness/panel.mjs").Panel} */
  let panel;
  before(async () => {
    home = await mkdtemp(join(tmpdir(), "husting-tray."));
    [desktop, panel] = await Promise.all([startDesktop(), startPanel()]);
    window = await openWindow({ home });
    await window.named("heading", "Hall");
    await seat(window, panel);
  });
  after(async () => {
    await window.forget();
    await panel.stop();
    await desktop.stop();
    await rm(home, { recursive: true, force: true });
  });

  test("has an icon and a menu that says how things stand", async () => {
    const menu = await desktop.waits("the console's words", (shown) => shown.menu[0]?.label === "Nothing runs");
    assert.deepEqual(
      menu.map(({ label, enabled, checked }) => [label, enabled, checked]),
      [
        ["Nothing runs", false, null],
        ["Open Husting", true, null],
        ["", true, null],
        ["Pause all agents", true, false],
        ["Stop everything…", true, null],
        ["", true, null],
        ["Quit", true, null],
      ],
    );
    await desktop.shows("idle");
  });

  test("keeps everything running behind a closed window, and opens it again", async () => {
    await desktop.closeWindow(home);
    await desktop.window(home, false);
    assert.equal((await window.rpc("snapshot")).paused, false, "the page goes on");
    await desktop.click("Open Husting");
    await desktop.window(home, true);
  });

  test("brings the window back by a second start, too", async () => {
    await desktop.closeWindow(home);
    await desktop.window(home, false);
    await startAgain(home);
    await desktop.window(home, true);
  });

  test("is lit while a round runs, shows it by a click, and tells its end in a notice that leads there", async () => {
    await panel.anthropic.play({ otherwise: HALFWAY });
    const { session_id } = await window.rpc("convene", { prompt: QUESTION });
    await desktop.shows("working");
    await desktop.waits("the round in words", ({ menu }) => menu[0]?.label === "1 round running" && menu[3]?.label === QUESTION);
    const place = "return location.hash";
    assert.equal((await window.evaluate(place)).includes(session_id), false);
    await desktop.closeWindow(home);
    await desktop.window(home, false);
    await desktop.click(QUESTION);
    await desktop.window(home, true);
    const at = async () => ((await window.evaluate(place)) === `#/deliberations/${session_id}` ? true : undefined);
    await window.waits("the round's place", at);
    await window.evaluate("location.hash = '#/wallet'");
    await desktop.closeWindow(home);
    await desktop.window(home, false);
    await panel.anthropic.open("look");
    await desktop.shows("idle");
    const notice = await desktop.notice("A round is complete");
    assert.equal(notice.body, QUESTION);
    assert.equal(notice.actions[0], "default");
    await desktop.clickNotice(notice.id);
    await desktop.window(home, true);
    await window.waits("the round's place", at);
  });

  test("pauses all agents and lets them go on", async () => {
    const paused = (/** @type {boolean} */ wanted) => async () => ((await window.rpc("snapshot")).paused === wanted ? true : undefined);
    const isChecked = (/** @type {boolean} */ wanted) => (/** @type {import("./harness/fake-desktop.mjs").Shown} */ { menu }) =>
      menu.find(({ label }) => label === "Pause all agents")?.checked === wanted;
    await desktop.click("Pause all agents");
    await window.waits("the pause", paused(true));
    await desktop.waits("the check", isChecked(true));
    await desktop.click("Pause all agents");
    await window.waits("the end of the pause", paused(false));
    await desktop.waits("no check", isChecked(false));
  });

  test("has a mark while a denied call waits for an answer", async () => {
    const minted = await window.rpc("mint_agent", { agent_name: "ada", scopes: [] });
    const ada = new Agent(minted.mcp.http_url, minted.raw_token);
    assert.equal((await ada.asks("peers")).status, 403);
    await desktop.shows("needs-you");
    await desktop.waits("the denied call in words", ({ menu }) => menu[0]?.label === "Needs you: 1 denied call");
    const notice = await desktop.notice("A call was denied, and its agent asks for the scope");
    await desktop.clickNotice(notice.id);
    await window.waits("the hall", async () => ((await window.evaluate("return location.hash")) === "#/hall" ? true : undefined));
    const [{ denial_id }] = (await window.rpc("snapshot")).denials.denials;
    await window.rpc("decide_denial", { denial_id, decision: "refuse" });
    await desktop.shows("idle");
  });

  test("asks in the window before everything is stopped", async () => {
    await desktop.closeWindow(home);
    await desktop.window(home, false);
    await desktop.click("Stop everything…");
    await desktop.window(home, true);
    await window.named("dialog", "Stop everything?");
    await (await window.named("button", "Stop everything")).click();
    await window.named("dialog", "Everything was stopped");
    assert.equal((await window.rpc("snapshot")).agents.find((/** @type {any} */ each) => each.agent_name === "ada").status, "suspended");
  });

  test("quits within five seconds and leaves no trace of a running program", async () => {
    const asked = performance.now();
    await desktop.click("Quit");
    await ended(home, 6_000);
    assert.ok(performance.now() - asked < 5_500, `${performance.now() - asked} ms`);
    await assert.rejects(access(join(home, "run/instance.json")), "the file went with the program");
  });
});
