// The Discord bridge from the tray: switched on and off there, at work behind a closed window, and gone
// with the program.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { startDesktop } from "./harness/fake-desktop.mjs";
import { startDiscord } from "./harness/discord.mjs";
import { ended } from "./harness/process.mjs";
import { openWindow } from "./harness/window.mjs";

const LINE = "Discord bridge";
const QUESTION = "Does anybody hear me behind the window?";

describe("the Discord bridge in the tray", () => {
  /** @type {string} */
  let home;
  /** @type {import("./harness/fake-desktop.mjs").FakeDesktop} */
  let desktop;
  /** @type {import("./harness/discord.mjs").Discord} */
  let discord;
  /** @type {import("./harness/window.mjs").Window} */
  let window;
  before(async () => {
    home = await mkdtemp(join(tmpdir(), "husting-bridge."));
    [desktop, discord] = await Promise.all([startDesktop(), startDiscord()]);
    window = await openWindow({ home, env: discord.env });
    await window.named("heading", "Hall");
  });
  after(async () => {
    await window.forget();
    await discord.stop();
    await desktop.stop();
    await rm(home, { recursive: true, force: true });
  });

  /** @param {boolean} on @param {string} label */
  const checked = (on, label) =>
    desktop.waits(`the line "${label}", ${on ? "on" : "off"}`, ({ menu }) => menu.some((line) => line.label === label && line.checked === on));
  /** @param {number} count */
  const connected = (count) => window.waits(`${count} connected`, async () => ((await discord.live()) === count ? true : undefined));

  test("has a line once it is set up, which is off", async () => {
    const before = await desktop.waits("the console's words", ({ menu }) => menu[0]?.label === "Nothing runs");
    assert.equal(before.some(({ label }) => label.startsWith(LINE)), false);
    await window.rpc("test_discord", { token: discord.token });
    await checked(false, LINE);
    assert.equal(await discord.live(), 0);
  });

  test("is switched on by a click and carries messages behind the closed window", async () => {
    await desktop.closeWindow(home);
    await desktop.window(home, false);
    await desktop.click(LINE);
    await checked(true, LINE);
    await connected(1);
    await window.rpc("mint_agent", { agent_name: "ada", scopes: [] });
    await window.rpc("edit_discord", { routes: [{ channel_id: await discord.channel(), agent: "ada" }] });
    await discord.say(QUESTION);
    const heard = await window.waits("the question", async () => {
      const { traffic } = await window.rpc("list_traffic");
      return traffic.find((/** @type {any} */ each) => each.text === QUESTION && each.sent_at !== null);
    });
    assert.deepEqual([heard.direction, heard.agent], ["in", "ada"]);
  });

  test("needs somebody where it stopped by itself, and a click starts it again", async () => {
    // The token is not taken any more.
    await discord.close(4004);
    await desktop.shows("needs-you");
    const stopped = `${LINE}, stopped by itself`;
    await checked(false, stopped);
    const notice = await desktop.notice("The Discord bridge does not run");
    assert.match(notice.body, /no longer accepts the bot's token/);
    await desktop.click(stopped);
    await checked(true, LINE);
    await connected(1);
    await desktop.shows("idle");
  });

  test("is switched off by a click and leaves Discord", async () => {
    await desktop.click(LINE);
    await checked(false, LINE);
    await connected(0);
    assert.equal((await window.rpc("discord")).setup.runs, false);
  });

  test("leaves Discord with the program", async () => {
    await desktop.click(LINE);
    await connected(1);
    await desktop.click("Quit");
    await ended(home, 6_000);
    assert.equal(await discord.live(), 0);
  });
});
