import { describe, expect, test, vi } from "vitest";
import { linkIn } from "../../src/features/discord/findings";
import { reachedOf, unpostedIn, type Carried } from "../../src/features/discord/reached";
import type { BridgeStand } from "../../src/generated/BridgeStand";
import type { DiscordView } from "../../src/generated/DiscordView";
import { Discord } from "../../src/state/discord.svelte";
import { findings, INVITE, question, reply, stand, view } from "../fixtures/discord";

describe("how the bridge stands", () => {
  const stopped = stand({ bridge: { state: "stopped", why: "It is over." } });

  test("is not put back by an answer that was on its way while it was told", async () => {
    const answers: ((view: DiscordView) => void)[] = [];
    const discord = new Discord(() => new Promise((resolve) => answers.push(resolve as (view: DiscordView) => void)));
    const leave = discord.watch();
    discord.move(stopped);
    leave();
    answers[0]?.(view({ stand: stand({ bridge: { state: "delivering" } }) }));
    await vi.waitFor(() => expect(discord.view, "the rest of the answer counts").not.toBeNull());
    expect([discord.stand.bridge.state, discord.view?.stand.bridge.state]).toEqual(["stopped", "stopped"]);
  });

  test("is read once more after an act during which it was told", async () => {
    const answers: ((view: DiscordView) => void)[] = [];
    const discord = new Discord(() => new Promise((resolve) => answers.push(resolve as (view: DiscordView) => void)));
    const acted = discord.act("pause_bridge", { paused: true });
    discord.move(stopped);
    answers[0]?.(view({ stand: stand({ bridge: { state: "paused" } }) }));
    await acted;
    expect(answers).toHaveLength(2);
    answers[1]?.(view({ stand: stopped }));
    await vi.waitFor(() => expect(discord.stand.bridge.state).toBe("stopped"));
  });

  const runs = stand({ bridge: { state: "delivering" } });
  const off = stand({ bridge: { state: "off" } });
  const checked = (shown: DiscordView, token_taken: boolean | null = null) => ({ findings, token_taken, took_millis: 310, view: shown });

  /** A bridge that stands like this, and whose questions are answered by hand: they are left unanswered or fail. */
  function asking(stands: BridgeStand) {
    const asked: { command: string; answer: (what: unknown) => void; fail: () => void }[] = [];
    const discord = new Discord((command) => new Promise<never>((resolve, reject) => asked.push({ command, answer: (what) => resolve(what as never), fail: () => reject(new Error("nobody answers")) })));
    discord.start(stands);
    return { discord, asked };
  }

  test.each([
    ["an act", "pause_bridge", (discord: Discord) => discord.act("pause_bridge", { paused: false }), view({ stand: runs })],
    ["a check", "test_discord", (discord: Discord) => discord.check(), checked(view({ stand: runs }))],
  ])("is not put back by the answer to %s during which it was told, though it cannot be read once more", async (_, command, ask, answer) => {
    const { discord, asked } = asking(runs);
    const done = ask(discord);
    discord.move(stopped);
    asked[0]?.answer(answer);
    expect(await done).toBe(true);
    expect(asked.map((each) => each.command)).toEqual([command, "discord"]);
    asked[1]?.fail();
    await vi.waitFor(() => expect(discord.reading.error).not.toBeNull());
    expect([discord.stand.bridge.state, discord.view?.stand.bridge.state]).toEqual(["stopped", "stopped"]);
  });

  test.each([
    ["before the answer, which is older", (discord: Discord) => discord.move(runs), off, () => {}],
    ["after the answer, which is newer", (discord: Discord) => discord.move(stand({ bridge: { state: "off" }, unplaced: 7 })), runs, (discord: Discord) => discord.move(runs)],
  ])("and what a check found stays where the bridge began during it, told %s", async (_, during, answered, after) => {
    const { discord, asked } = asking(off);
    const done = discord.check();
    during(discord);
    asked[0]?.answer(checked(view({ stand: answered })));
    await done;
    after(discord);
    asked[1]?.answer(view({ stand: runs }));
    await vi.waitFor(() => expect(discord.reading.running).toBe(false));
    expect([discord.stand.bridge.state, discord.found?.findings]).toEqual(["delivering", findings]);
    discord.move(off);
    discord.move(runs);
    expect(discord.found, "it began anew").toBeNull();
  });

  test.each<[string, BridgeStand["bridge"]]>([
    ["connects", { state: "connecting", after: null }],
    ["delivers", { state: "delivering" }],
    ["is paused", { state: "paused" }],
  ])("and what a check found before it began is over as soon as it %s", async (_, bridge) => {
    const { discord, asked } = asking(off);
    const done = discord.check();
    asked[0]?.answer(checked(view({ stand: off })));
    await done;
    discord.move(off);
    expect(discord.found?.findings, "it does not run yet").toEqual(findings);
    discord.move(stand({ bridge }));
    expect([discord.found, discord.carries]).toEqual([null, true]);
  });

  test("is not contradicted by what Discord said of the token before it ended", async () => {
    const { discord, asked } = asking(off);
    const done = discord.check();
    discord.move(stand({ bridge: { state: "stopped", why: "Discord does not take the token." }, token_refused: true }));
    asked[0]?.answer(checked(view({ stand: off }), true));
    await done;
    expect(discord.isTokenRefused).toBe(true);
  });
});

describe("how far a message came", () => {
  test.each<[Carried, number, string, string]>([
    [question("q", { state: "journalled", sent_at: null }), 1, "stored", "kept"],
    [question("q"), 2, "stored", "on the bus"],
    [question("q", { read_at: "2026-11-20T14:30:30Z" }), 3, "stored", "read"],
    [question("q", { state: "answered", answered_at: "2026-11-20T14:31:00Z" }), 4, "stored", "answered"],
    [question("q", { state: "parked" }), 2, "resting", "parked"],
    [question("q", { state: "held", sent_at: null }), 1, "resting", "heard late"],
    [question("q", { state: "withdrawn" }), 2, "withdrawn", "withdrawn"],
    [reply("r", { state: "unplaced", posted: 0 }), 1, "resting", "no place"],
    [reply("r", { state: "waiting", posted: 0 }), 2, "stored", "on its way"],
    [reply("r", { state: "waiting", parts: 3, posted: 2 }), 3, "leased", "2 of 3 parts"],
    [reply("r", { parts: 3, posted: 3 }), 4, "stored", "delivered, 3 parts"],
    [reply("r", { state: "barred", posted: 0 }), 2, "resting", "not allowed there"],
    [reply("r", { state: "dismissed", posted: 0 }), 1, "withdrawn", "discarded"],
    [question("q", { state: "answered", read_at: "2026-11-20T14:30:30Z", answered_at: "2026-11-20T14:31:00Z", stopped: true }), 3, "withdrawn", "stopped"],
  ])("%#", (message, facts, how, word) => expect(reachedOf(message)).toEqual({ facts, how, word }));

  test("counts as answered for its author once a reply stands in Discord", () => {
    const [asked, later] = [question("q", { state: "answered", answered_at: "2026-11-20T14:31:00Z" }), question("p", { state: "answered" })];
    const waits = reply("r", { request_id: "q", state: "waiting", posted: 0 });
    expect(reachedOf(asked, true)).toEqual({ facts: 3, how: "leased", word: "not posted yet" });
    expect([...unpostedIn([asked, waits, later])]).toEqual(["q"]);
    expect([...unpostedIn([asked, waits, reply("s", { request_id: "q", posted: 1 })])]).toEqual([]);
    expect([...unpostedIn([asked, { ...waits, state: "dismissed" }])]).toEqual([]);
  });
});

test("a link is taken out of a finding’s words, and an invitation told from another", () => {
  expect(linkIn(`#hq: the bot may not write; invite it anew with ${INVITE}, or change it`)).toEqual({ before: "#hq: the bot may not write; invite it anew with ", url: INVITE, after: ", or change it", invites: true });
  expect(linkIn("reset it on the Bot page of https://discord.com/developers/applications and paste it")).toEqual({ before: "reset it on the Bot page of ", url: "https://discord.com/developers/applications", after: " and paste it", invites: false });
  expect(linkIn("is granted")).toEqual({ before: "is granted", url: null, after: "", invites: false });
});
