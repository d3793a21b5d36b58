import { readFileSync } from "node:fs";
import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import { tick } from "svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import App from "../../src/App.svelte";
// Read ahead: screens and sheets are otherwise read when they are first needed, which counts as waiting here.
import "../../src/components/SheetDialog.svelte";
import "../../src/features/discord/Discord.svelte";
import { linkIn } from "../../src/features/discord/findings";
import { longestIn, reachedOf, stageOf, unpostedIn, type Carried } from "../../src/features/discord/reached";
import { envOf } from "../../src/features/discord/setup/env";
import { askedIn, columnsOf, hasNobody, rowsOf, type PlaceRow } from "../../src/features/discord/setup/grid";
import { TrafficFeed } from "../../src/features/discord/work/feed.svelte";
import { lengthened, renewed } from "../../src/features/discord/work/pages";
import { needs } from "../../src/features/hall/needs";
import { dayAndTime, wholeMoment } from "../../src/format/time";
import type { DiscordView } from "../../src/generated/DiscordView";
import type { ListTraffic } from "../../src/generated/ListTraffic";
import type { MessageView } from "../../src/generated/MessageView";
import type { SessionSummary } from "../../src/generated/SessionSummary";
import type { Traffic } from "../../src/generated/Traffic";
import type { UnplacedReply } from "../../src/generated/UnplacedReply";
import { m } from "../../src/messages";
import { RpcError } from "../../src/platform";
import { Console } from "../../src/state/console.svelte";
import { Discord } from "../../src/state/discord.svelte";
import { reach } from "../../src/state/reach.svelte";
import { undoLine } from "../../src/state/undo.svelte";
import { agent, agents, message, peopled } from "../fixtures/agents";
import { ago, bare, bridged, findings, INVITE, origin, panel, question, reply, servers, setup, stand, stop, traffic, view } from "../fixtures/discord";
import { FakePlatform } from "../fixtures/platform";
import { sessions } from "../fixtures/shared";

vi.setConfig({ testTimeout: 30_000 });

type Answers = ConstructorParameters<typeof FakePlatform>[1];

/** Discord’s bits: https://docs.discord.com/developers/topics/permissions */
const [REACTIONS, FILES, WEBHOOKS, THREADS] = [0x40n, 0x8000n, 0x20000000n, 0x800000000n];
const NEEDED = BigInt(new URL(setup().invitation ?? "").searchParams.get("permissions") ?? "");
const withPermissions = (bits: bigint) => (setup().invitation ?? "").replace(/\d+$/, String(bits));

/** Traffic as the host gives it, a page at a time. */
const paged = (held: Traffic[], most = 200) => ({ before, limit = 50 }: ListTraffic) => {
  const fits = held.filter(({ at }) => before === undefined || at < before);
  const page = fits.slice(0, Math.min(limit, most));
  return { traffic: page, next: fits.length > page.length ? (page.at(-1)?.at ?? null) : null };
};

async function open(fragment: string, answers: Answers = {}, shown: DiscordView = view()): Promise<FakePlatform> {
  const platform = new FakePlatform({ ...bridged, discord: shown.stand }, { discord: () => shown, list_traffic: paged(traffic), list_servers: () => servers, ...answers });
  location.hash = fragment;
  dispatchEvent(new HashChangeEvent("hashchange"));
  render(App, { platform });
  await screen.findByRole("navigation", { name: "Places" });
  return platform;
}

const press = (key: string, init: KeyboardEventInit = {}) => fireEvent.keyDown(document.activeElement ?? document.body, { key, ...init });
const button = (name: string | RegExp) => screen.findByRole("button", { name });

beforeEach(() => localStorage.clear());
afterEach(() => {
  cleanup();
  undoLine.dismiss();
  location.hash = "";
});

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
});

describe("columns of the traffic", () => {
  test("have room for the longest of their rows, in letters, and for no more", () => {
    expect(longestIn([])).toEqual({ place: 0, names: 0 });
    const rows = [question("q", { place: "#hq", author: "Bruno", agent: "kasra" }), reply("r", { place: null, agent: "kasra", author: null }), stop("9", { place: "#a", author: "Ines" }), panel("p", { place: "#bb", author: "林さん" })];
    expect(longestIn(rows.slice(0, 1))).toEqual({ place: "#hq".length, names: "Bruno to kasra".length });
    expect(longestIn(rows).names, "a wide letter counts as two").toBe(Math.max("Bruno to kasra".length, `kasra to ${m.discord.traffic.people}`.length, `aaaaaa to ${m.discord.traffic.aPanel}`.length));
    expect(longestIn(rows).place).toBe(m.discord.traffic.nowhere.length);
  });

  test("are told to the rows, whose words have what is left", async () => {
    await open("#/discord", { list_traffic: paged([question("q-1", { place: "#hq", author: "Bruno", agent: "kasra" })]) });
    const list = await screen.findByRole("list", { name: "Traffic" });
    const rows = list.closest<HTMLElement>(".rows")!;
    expect([rows.style.getPropertyValue("--place-room"), rows.style.getPropertyValue("--who-room")]).toEqual(["3ch", "15ch"]);
  });

  test("give their room for the day to the names where all is of today", async () => {
    const roomOf = async (...at: string[]) => {
      cleanup();
      await open("#/discord", { list_traffic: paged(at.map((moment, index) => question(`q-${index}`, { at: moment }))) });
      return (await screen.findByRole("list", { name: "Traffic" })).closest<HTMLElement>(".rows")!.style.getPropertyValue("--time");
    };
    const [now, before] = [new Date().toISOString(), "2026-11-20T08:00:00Z"];
    expect([await roomOf(now), await roomOf(now, before), await roomOf(before)]).toEqual(["56px", "76px", "76px"]);
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

describe("pages of traffic", () => {
  const row = (at: number) => question(`q-${at}`, { at: new Date(at * 1_000).toISOString() });
  test("the newest page takes the place of what it holds, and older rows stand below it", () => {
    const { rows, kept } = renewed([row(3), row(2), row(1)], { traffic: [row(4), row(3)], next: row(3).at });
    expect([rows.map(({ at }) => at), kept]).toEqual([[row(4), row(3), row(2), row(1)].map(({ at }) => at), true]);
  });
  test("older rows go where something between them and the page is missing", () =>
    expect(renewed([row(3), row(2)], { traffic: [row(9), row(8)], next: row(8).at })).toEqual({ rows: [row(9), row(8)], kept: false }));
  test("what is read anew at the top leaves the end of a long list where it was", async () => {
    const held = Array.from({ length: 400 }, (_, at) => row(1_000 - at));
    const asked: ListTraffic[] = [];
    const call = async (_: string, request: ListTraffic) => (asked.push(request), paged(held)(request));
    const feed = new TrafficFeed({ call } as unknown as Console);
    await feed.follow();
    while (feed.rows.length < 250) await feed.older();
    await feed.follow();
    expect(feed.rows).toHaveLength(250);
    await feed.older();
    expect(asked.at(-1)?.before).toBe(held[249]!.at);
    expect(feed.rows).toEqual(held.slice(0, 300));
  });
  test("panels that were never convened are told apart", () => {
    const refused = (id: string) => panel(id, { session_id: null, stage: "refused" });
    expect(lengthened([refused("p-2")], { traffic: [refused("p-2"), refused("p-1")], next: null })).toEqual([refused("p-2"), refused("p-1")]);
  });
  test("an older page adds nothing twice", () => expect(lengthened([row(3), row(2)], { traffic: [row(2), row(1)], next: null })).toEqual([row(3), row(2), row(1)]));
});

describe("the map", () => {
  const rows = rowsOf(servers.servers, setup());
  const place = (name: string) => rows.find((row): row is PlaceRow => row.kind === "place" && row.name === name)!;
  test("stands by category, and all else last", () =>
    expect(rows.filter(({ kind }) => kind !== "place").map((row) => (row.kind === "heading" ? row.name : row.kind))).toEqual(["Start", "Operations", "Sales", "Anywhere else, where somebody is always asked", "else"]));
  test("a thread asks its channel’s agent until it has its own", () => {
    expect(askedIn(place("Hamburg Friday"), setup())).toEqual({ agent: "loom", inherited: true });
    const own = setup({ routes: [...setup().routes, { channel_id: place("Hamburg Friday").id, name: null, agent: "kasra", lacking: [], unseen: false }] });
    expect(askedIn(place("Hamburg Friday"), own)).toEqual({ agent: "kasra", inherited: false });
    expect(askedIn(place("welcome"), setup())).toBeNull();
  });
  test("does not say that Discord names no channel before it was asked", () => {
    const unasked = rowsOf(null, setup());
    expect(unasked.filter((row) => row.kind === "place").map((row) => row.unseen)).toEqual([false, false, false]);
    expect(unasked[0]).toEqual({ kind: "heading", name: "Mapped", server: false });
  });
  test("shows a mapped channel that Discord does not name", () => {
    const with_lost = setup({ routes: [{ channel_id: "999999999999999999", name: null, agent: "loom", lacking: [], unseen: false }] });
    expect(rowsOf(servers.servers, with_lost).filter((row) => row.kind === "place" && row.unseen)).toHaveLength(1);
  });
  test("nobody is asked in a channel alone: a thread follows its channel, and all else asks somebody", () =>
    expect([place("hq"), place("Hamburg Friday"), { kind: "else" } as const].map(hasNobody)).toEqual([true, false, false]));
  test("has a column for whoever is asked though he is not active, and none for the bridge itself", () => {
    const columns = columnsOf(agents, setup({ default_agent: "nobody-there", connector: "loom" }));
    expect(columns).toContainEqual({ agent: "nobody-there", active: false });
    expect(columns.filter(({ agent }) => agent === "loom")).toEqual([{ agent: "loom", active: false }]);
  });
});

test("a link is taken out of a finding’s words, and an invitation told from another", () => {
  expect(linkIn(`#hq: the bot may not write; invite it anew with ${INVITE}, or change it`)).toEqual({ before: "#hq: the bot may not write; invite it anew with ", url: INVITE, after: ", or change it", invites: true });
  expect(linkIn("reset it on the Bot page of https://discord.com/developers/applications and paste it")).toEqual({ before: "reset it on the Bot page of ", url: "https://discord.com/developers/applications", after: " and paste it", invites: false });
  expect(linkIn("is granted")).toEqual({ before: "is granted", url: null, after: "", invites: false });
});

test("a copy as .env has the map and the names, and no token", () => {
  const lines = envOf(setup(), "127.0.0.1:8398").split("\n");
  expect(lines).toContain("MUMEGA_BUS_URL=http://127.0.0.1:8398/mcp");
  expect(envOf(setup(), null)).not.toContain("MUMEGA_BUS_URL");
  expect(lines).toContain('MUMEGA_AGENT_MAP={"123456789012345678":"kasra","987654321098765432":"loom","445566778899001122":"calliope"}');
  expect(lines).toContain("MUMEGA_DEFAULT_AGENT=kasra");
  expect(lines.filter((line) => line.includes("TOKEN"))).toEqual(["DISCORD_BOT_TOKEN=your-bot-token-here", "MUMEGA_BUS_TOKEN=your-bus-token-here"]);
});

describe("a sandbox", () => {
  test.each(["#/discord", "#/discord/setup"])("is told beside the title, and Discord itself is not: %s", async (at) => {
    await open(at, {}, view({ setup: setup({ sandbox: "127.0.0.1:8321" }) }));
    const head = async () => (await screen.findByRole("heading", { level: 1, name: "Discord" })).parentElement?.textContent;
    await waitFor(async () => expect(await head()).toMatch(/sandbox at 127\.0\.0\.1:8321/i));
    cleanup();
    await open(at);
    await waitFor(async () => expect(await head()).toMatch(/husting#4471|Set-up/));
    expect(await head()).not.toMatch(/sandbox/i);
  });

  test.each(["#/discord", "#/discord/setup"])("gives another token where it refuses the kept one, and Discord’s page does not: %s", async (at) => {
    const refused = { stand: stand({ bridge: { state: "stopped", why: "No." }, token_refused: true }), health: null };
    await open(at, {}, view({ ...refused, setup: setup({ sandbox: "127.0.0.1:8321" }) }));
    await screen.findByText(/the one that the sandbox prints/);
    expect(screen.queryByText(/[Rr]eset it on the Bot page/)).toBeNull();
    cleanup();
    await open(at, {}, view(refused));
    await screen.findByText(/[Rr]eset it on the Bot page/);
  });
});

describe("the bridge at work", () => {
  test("tells how it does in words that follow it", async () => {
    const platform = await open("#/discord");
    await screen.findByText("Delivering");
    expect(screen.getByRole("link", { name: /Discord connected/ })).toBeTruthy();
    platform.emit({ type: "discord_moved", discord: stand({ bridge: { state: "connecting", after: "Discord closed the connection: 4000." } }) });
    await screen.findByText("Connecting");
    await screen.findByText(/Discord closed the connection: 4000/);
  });

  test.each(["unreachable", "invalid_token"])("stands dimmed, as it was, while nobody tells how it does (%s)", async (code) => {
    let isThere = true;
    const taken = () => (isThere ? { ...bridged, discord: view().stand } : Promise.reject(new RpcError(code, "No.")));
    const platform = await open("#/discord", { snapshot: taken });
    const facts = (await screen.findByText("Delivering")).closest(".facts")!;
    expect(facts.classList).not.toContain("stale");
    isThere = false;
    platform.connection("lost");
    await screen.findByText(/What is shown here is as it was/);
    expect(facts.classList).toContain("stale");
  });

  test("is read again while it is looked at, once however often it moves", async () => {
    const platform = await open("#/discord");
    await screen.findByText("Delivering");
    await waitFor(() => expect(platform.argsOf("discord").length).toBeGreaterThan(0));
    const before = platform.argsOf("discord").length;
    for (let at = 0; at < 20; at += 1) platform.emit({ type: "discord_moved", discord: stand({ unplaced: at }) });
    await waitFor(() => expect(platform.argsOf("discord").length).toBe(before + 1));
    location.hash = "#/hall";
    await screen.findByRole("heading", { name: "Hall" });
    // Once, for how old it is that rests.
    await waitFor(() => expect(platform.argsOf("discord").length).toBe(before + 2));
    platform.emit({ type: "discord_moved", discord: stand({ unplaced: 0, parked: 0, held: 0, bridge: { state: "stopped", why: "It is over." } }) });
    await screen.findByText("It is over.");
    expect(platform.argsOf("discord").length).toBe(before + 2);
  });

  test("Enter posts the reply to the marked question, digits and j mark another", async () => {
    const platform = await open("#/discord", { place_reply: () => view({ unplaced: [view().unplaced[1]!] }) });
    await button("Post here: #shipping-ops, Hamburg Friday, to Bruno");
    await press("j");
    await press("3");
    await press("k");
    const marked = screen.getByText("Who has the HS list?").closest("li");
    await waitFor(() => expect(marked?.getAttribute("aria-current")).toBe("true"));
    await waitFor(() => expect(document.activeElement, "Enter posts nothing that was not read out").toBe(marked));
    await press("Enter");
    await waitFor(() => expect(platform.argsOf("place_reply")).toEqual([{ reply_id: "u-1", request_id: "o-2", always: false }]));
    await waitFor(() => expect(screen.queryByText(/Labels reprinted/)).toBeNull());
  });

  test("no comma stands alone behind a name that may be cut", async () => {
    await open("#/discord");
    await button("Post here: #shipping-ops, Hamburg Friday, to Bruno");
    const waits = screen.getByRole("heading", { name: "Waiting for an answer" }).closest("section")!;
    const lines = [...document.querySelectorAll<HTMLElement>(".from, .asked"), ...waits.querySelectorAll<HTMLElement>(".who")];
    expect(lines.length).toBeGreaterThan(3);
    const seen = lines.flatMap((line) => [...line.querySelectorAll<HTMLElement>(":scope > :not(.sr-only)")].map((part) => part.textContent!.trim()));
    expect(seen.filter((part) => part.startsWith(",") || part.endsWith(","))).toEqual([]);
    expect(lines.filter((line) => !line.matches(".asked")).every((line) => line.textContent!.includes(", ")), "it is read out").toBe(true);
  });

  test("both names of a row are given room in the list of a window of 1360, which is 818 wide", () => {
    const sheet = readFileSync("src/features/discord/work/TrafficRow.svelte", "utf8");
    expect(Number(/min-width: (\d+)px\) \{ \.who/.exec(sheet)?.[1])).toBeLessThan(818);
  });

  test("the reply after a posted one is not posted by Enter before somebody chose its place", async () => {
    const platform = await open("#/discord", { place_reply: () => view({ unplaced: [view().unplaced[1]!] }) });
    await button("Post here: #shipping-ops, Hamburg Friday, to Bruno");
    await press("Enter");
    await waitFor(() => expect(screen.queryByText(/Labels reprinted/)).toBeNull());
    await button("Post here: #hq, to Ines");
    await press("Enter");
    await press("a");
    expect(platform.argsOf("place_reply")).toHaveLength(1);
    await press("1");
    await press("Enter");
    await waitFor(() => expect(platform.argsOf("place_reply").at(-1)).toEqual({ reply_id: "u-2", request_id: "o-4", always: false }));
  });

  test("replies of one agent stand together, and the agent that waits longest stands first", async () => {
    const [first, second] = view().unplaced as [UnplacedReply, UnplacedReply];
    const third: UnplacedReply = { ...second, reply_id: "u-3", agent: first.agent, text: "And one more of the same." };
    await open("#/discord", {}, view({ unplaced: [first, second, third] }));
    const said = await screen.findAllByText(/^(Labels reprinted|Signed by Marta|And one more)/);
    expect(said.map(({ textContent }) => textContent?.slice(0, 8))).toEqual(["Labels r", "And one ", "Signed b"]);
  });

  test("what an agent writes without a mark can go to one place from now on, and no longer", async () => {
    const kept = view({ unplaced: [], setup: setup({ standing_places: [{ agent: "loom", channel_id: "987654321098765432", channel_name: "shipping-ops" }] }) });
    const platform = await open("#/discord", { place_reply: () => kept, forget_standing_place: () => view({ unplaced: [] }) });
    await fireEvent.click(await button(/^Always post to/));
    await waitFor(() => expect(platform.argsOf("place_reply")).toEqual([{ reply_id: "u-1", request_id: "o-1", always: true }]));
    const forget = await button(/^Forget the place/);
    expect(forget.title, "it would stay over what is there once the button has gone").toBe("");
    await fireEvent.click(forget);
    await waitFor(() => expect(platform.argsOf("forget_standing_place")).toEqual([{ agent: "loom" }]));
  });

  test("a discarded reply can be taken back", async () => {
    const platform = await open("#/discord", { dismiss_reply: () => view({ unplaced: [] }), restore_reply: () => view() });
    await fireEvent.click(await button("Discard loom’s reply"));
    await waitFor(() => expect(screen.queryByText(/Labels reprinted/)).toBeNull());
    await fireEvent.click(await button("Undo"));
    await screen.findByText(/Labels reprinted/);
    expect(platform.argsOf("restore_reply")).toEqual([{ reply_id: "u-1" }]);
  });

  test("a reply that was discarded long ago is found in the traffic and taken back", async () => {
    const gone = reply("r-9", { request_id: null, author: null, place: null, state: "dismissed", posted: 0, text: "A word nobody asked for." });
    const platform = await open("#/discord", { list_traffic: paged([gone]), trace_question: () => ({ question: gone, followed_by: [] }), restore_reply: () => view() });
    const row = (await screen.findByText("A word nobody asked for.")).closest("a")!;
    location.hash = new URL(row.href).hash;
    const life = within(await screen.findByRole("complementary", { name: "Life of the message" }));
    expect((await life.findByText(/discarded/)).textContent).toMatch(/^\d/);
    expect(row.getAttribute("aria-current")).toBe("true");
    await fireEvent.click(await life.findByRole("button", { name: "Take back loom’s reply" }));
    await waitFor(() => expect(platform.argsOf("restore_reply")).toEqual([{ reply_id: "r-9" }]));
    expect(platform.argsOf("trace_question")[0]).toEqual({ id: "r-9" });
  });

  test("a discarded reply to a question is taken back in the question’s life, and one that stands is not", async () => {
    const trace = { question: traffic[3]!, followed_by: [reply("r-7", { request_id: "q-6" }), reply("r-8", { request_id: "q-6", state: "dismissed", posted: 0 })] };
    const platform = await open("#/discord/life/q-6", { trace_question: () => trace, restore_reply: () => view() });
    const life = within(await screen.findByRole("complementary", { name: "Life of the message" }));
    const [take, ...others] = await life.findAllByRole("button", { name: /^Take back/ });
    expect(others).toEqual([]);
    expect(take!.title).toBe("");
    await fireEvent.click(take!);
    await waitFor(() => expect(platform.argsOf("restore_reply")).toEqual([{ reply_id: "r-8" }]));
  });

  test("a person’s STOP stands at its channel, in the traffic and at what it ended", async () => {
    const { waiting } = view();
    const shown = view({
      stops: [
        { channel_id: "987654321098765432", place: "#shipping-ops", by: "Ines", at: traffic[0]!.at },
        { channel_id: "300000000000000001", place: "#shipping-ops, Hamburg Friday", by: null, at: traffic[0]!.at },
      ],
      waiting: [{ ...waiting[0]!, stopped: true }, ...waiting.slice(1)],
    });
    await open("#/discord", { list_traffic: paged([stop("900"), ...traffic]) }, shown);
    const channels = within(await screen.findByRole("list", { name: "Channels" }));
    const at = (name: string) => channels.getByText(name).closest("li")!.textContent;
    expect(at("#shipping-ops")).toMatch(/Ines said STOP, .*\. What was asked before is answered no more/);
    expect(at("#shipping-ops, Hamburg Friday")).toContain("A person said STOP");
    expect(at("#hq")).not.toContain("STOP");
    const row = (await within(await screen.findByRole("list", { name: "Traffic" })).findByText("STOP")).closest(".row")!;
    expect(row.textContent).toContain("Ines");
    expect(row.tagName, "it has no life of its own").toBe("DIV");
    const waits = screen.getByRole("heading", { name: "Waiting for an answer" }).closest("section")!;
    expect(within(waits).getByText("2"), "it is not waited for").toBeTruthy();
    expect(within(waits).getAllByRole("listitem").at(-1)!.textContent).toMatch(/stopped/);
  });

  test("a panel that a person asked for stands in the traffic, and leads to its session", async () => {
    const refused = panel("p-2", { session_id: null, stage: "refused", author: "Kay", question: "And now?", fault: "The operator’s wallet does not cover it now; nothing was called." });
    await open("#/discord", { list_traffic: paged([refused, panel("p-1", { round: 2, stage: "resting" }), ...traffic]) });
    const listed = within(await screen.findByRole("list", { name: "Traffic" }));
    const row = async (words: string) => (await listed.findByText(words)).closest<HTMLElement>(".row")!;
    const convened = await row("One table for all events?");
    expect(convened.textContent).toMatch(/#hq\s*Ines to a panel\s*One table for all events\?\s*after round 2/);
    expect(within(convened).getByRole("img", { name: "a panel that a person asked for" })).toBeTruthy();
    const not = await row("And now?");
    expect(not.textContent).toMatch(/Kay to a panel.*And now\? The operator’s wallet does not cover it now.*not convened/);
    expect(not.tagName, "it has no session").toBe("DIV");
    expect(new URL((convened as HTMLAnchorElement).href).hash).toBe("#/deliberations/0199d1f0-0000-7000-8000-000000000077");
  });

  test.each([
    ["convening", "to be convened"],
    ["advancing", "round 3 begins"],
    ["running", "round 3 runs"],
    ["resting", "after round 3"],
    ["refused", "not convened"],
    ["ended", "ended"],
  ] as const)("a panel that is %s is told so", (stage, words) => expect(stageOf(panel("p-1", { stage, round: 3 }))).toBe(words));

  test.each([
    ["interrupted", "Husting ended while it ran", 3, "interrupted"],
    ["failed", "its seats failed", 3, "failed"],
    ["cancelled", "a person ended it", 3, "cancelled"],
    ["ended", "the round was tried again since", 3, undefined],
    ["ended", "another round followed elsewhere", 4, "failed"],
  ] as const)("a panel is %s as its row of the list is where %s", (words, _, round_count, outcome) => {
    const session: SessionSummary = { ...sessions[0]!, status: "ready", round_count, ...(outcome && { outcome }) };
    expect(stageOf(panel("p-1", { stage: "ended", round: 3, outcome: "interrupted" }), session)).toBe(words);
  });

  test("a panel that rests after a round that came to nothing is told so until that is tried again", () => {
    const rests = panel("p-1", { stage: "resting", round: 1, outcome: "cancelled" });
    expect(stageOf(rests)).toBe("cancelled");
    const session: SessionSummary = { ...sessions[0]!, status: "failed", round_status: "failed", round_count: 1, outcome: "cancelled" };
    expect(stageOf(rests, session)).toBe("cancelled");
    const again: SessionSummary = { ...session, status: "ready", round_status: "partial_failure", outcome: "interrupted" };
    expect(stageOf(rests, again), "it has claims that can be steered").toBe("after round 1");
  });

  test("what became of a panel is told whether or not the list holds its session", async () => {
    const old = panel("p-old", { stage: "ended", round: 1, outcome: "interrupted", session_id: "0199d1f0-0000-7000-8000-0000000000ff", question: "Long ago?" });
    await open("#/discord", { list_traffic: paged([old]) });
    const row = (await within(await screen.findByRole("list", { name: "Traffic" })).findByText("Long ago?")).closest<HTMLElement>(".row")!;
    within(row).getByText("interrupted");
  });

  test("what a person asked begins on the side of its own script", async () => {
    await open("#/discord", { list_traffic: paged([panel("p-1", { question: "טבלה אחת?", fault: "Nothing was called." })]) });
    const said = within(await screen.findByRole("list", { name: "Traffic" })).getByText("טבלה אחת?");
    expect(said.closest("[dir]")!.getAttribute("dir")).toBe("auto");
  });

  test("nothing is posted under a stopped question, and what was deleted is no guess", async () => {
    const [reply_] = view().unplaced;
    const origins = [origin("o-1", { deleted_at: traffic[0]!.at }), origin("o-2", { author: "Ines", stopped: true })];
    const platform = await open("#/discord", { place_reply: () => view({ unplaced: [] }) }, view({ unplaced: [{ ...reply_!, origins }] }));
    await screen.findByText(/^Bruno deleted it, /);
    expect(screen.queryByRole("button", { name: /^Post here: .* to Ines/ })).toBeNull();
    await screen.findByText("a person said STOP since");
    await press("Enter");
    await press("2");
    await press("Enter");
    await press("a");
    expect(platform.argsOf("place_reply")).toEqual([]);
    await press("k");
    await press("Enter");
    await waitFor(() => expect(platform.argsOf("place_reply")).toEqual([{ reply_id: "u-1", request_id: "o-1", always: false }]));
  });

  test("what is marked stays marked whatever comes before it, and no longer once it is deleted", async () => {
    const [reply_] = view().unplaced;
    const marked = origin("o-1");
    let origins = [marked];
    const platform = await open("#/discord", { discord: () => view({ unplaced: [{ ...reply_!, origins }] }), place_reply: () => view({ unplaced: [] }) });
    const isMarked = (text: string) => screen.getByText(text).closest("li")?.getAttribute("aria-current");
    await waitFor(() => expect(isMarked(marked.text)).toBe("true"));
    origins = [origin("o-9", { text: "Who has the keys?" }), marked];
    platform.emit({ type: "discord_moved", discord: stand() });
    await screen.findByText("Who has the keys?");
    expect([isMarked("Who has the keys?"), isMarked(marked.text)]).toEqual([null, "true"]);
    origins = [origin("o-9", { text: "Who has the keys?" }), { ...marked, deleted_at: traffic[0]!.at }];
    platform.emit({ type: "discord_moved", discord: stand() });
    await screen.findByText(/^Bruno deleted it/);
    await press("Enter");
    expect(platform.argsOf("place_reply")).toEqual([]);
  });

  test("a reply that fits no question leads to a letter to whoever wrote it, while they can be written to", async () => {
    const [reply_] = view().unplaced;
    await open("#/discord", {}, view({ unplaced: [{ ...reply_!, agent: "long-gone", origins: [] }] }));
    const told = await screen.findByText(/^No question of the last seven days fits\./);
    expect(within(told.parentElement!).queryByRole("button")).toBeNull();
    cleanup();
    await open("#/discord", {}, view({ unplaced: [{ ...reply_!, origins: [] }] }));
    await fireEvent.click(await button("Write to loom"));
    await waitFor(() => expect(location.hash).toBe("#/bus/all/write"));
  });

  test("a folded reply offers no place that was deleted", async () => {
    const [first, second] = view().unplaced;
    await open("#/discord", {}, view({ unplaced: [first!, { ...second!, origins: [origin("o-4", { deleted_at: traffic[0]!.at })] }] }));
    await screen.findByText("fits no question that stands");
    expect(screen.queryByRole("button", { name: /^Post: kasra/ })).toBeNull();
    expect(await button("Choose a place for kasra’s reply")).toBeTruthy();
  });

  test("agents that are paused are no fault of the bus, and are let go on", async () => {
    const platform = await open("#/discord", { set_pause: () => ({}) }, view({ stand: stand({ agents_paused: true }) }));
    expect(await screen.findAllByText(/^The agents are paused\.?$/)).toHaveLength(2);
    expect(screen.queryByText("The bus takes and gives nothing now.")).toBeNull();
    await fireEvent.click(await button("Let them go on"));
    await waitFor(() => expect(platform.argsOf("set_pause")).toEqual([{ paused: false }]));
    platform.emit({ type: "discord_moved", discord: stand() });
    await screen.findByText("Delivering");
    expect(screen.queryByText("The agents are paused.")).toBeNull();
  });

  test("a token that is lost leads to the set-up, and nothing can be started before it is given", async () => {
    const lost = view({ stand: stand({ bridge: { state: "stopped", why: "The bot's token is not where keys are kept on this machine. Give it again." }, token_lost: true }), health: null });
    const given = view({ stand: stand({ bridge: { state: "off" } }), health: null });
    const platform = await open("#/discord", { test_discord: () => ({ findings, token_taken: true, took_millis: 310, view: given }) }, lost);
    await screen.findByText(/^The bot’s token is not where keys are kept any more/);
    expect(screen.queryByRole("button", { name: "Start" })).toBeNull();
    await fireEvent.click(await button("To the set-up"));
    const field = await screen.findByLabelText<HTMLInputElement>("Bot token");
    const step = field.closest("section")!;
    expect(within(step).queryByText("done")).toBeNull();
    expect((await screen.findByRole<HTMLButtonElement>("button", { name: "Start the bridge" })).disabled).toBe(true);
    expect(platform.argsOf("list_servers")).toEqual([]);
    await fireEvent.input(field, { target: { value: "a-token" } });
    await fireEvent.click(await button("Test and keep"));
    await waitFor(() => expect(within(step).queryByText("done")).toBeTruthy());
    await waitFor(() => expect(platform.argsOf("list_servers")).toHaveLength(1));
    expect((await screen.findByRole<HTMLButtonElement>("button", { name: "Start the bridge" })).disabled).toBe(false);
  });

  test("a token that is lost in a sandbox leads to nothing of Discord’s own", async () => {
    await open("#/discord", {}, view({ stand: stand({ bridge: { state: "stopped", why: "Give it again." }, token_lost: true }), setup: setup({ sandbox: "127.0.0.1:8321" }), health: null }));
    await screen.findByText("Paste the one that the sandbox prints.");
    await fireEvent.click(await button("To the set-up"));
    await screen.findByText("The bot’s token is not where keys are kept any more. Paste the one that the sandbox prints.");
    expect(screen.queryByText(/on the Bot page/)).toBeNull();
  });

  test("says how long ago its last heartbeat was, as no latency", async () => {
    const last_heartbeat = new Date(Date.now() - 27_000).toISOString();
    await open("#/discord", { list_traffic: () => ({ traffic: [], next: null }) }, view({ health: { ...view().health!, last_heartbeat, last_event: "2025-11-20T09:00:00Z" } }));
    const facts = within(await screen.findByLabelText("How the bridge does"));
    const told = (name: string) => facts.getByText(name).nextElementSibling?.textContent;
    expect(told("last heartbeat")).toMatch(/^\d+ s ago$/);
    expect(told("last event"), "a day is no age").toMatch(/^20 Nov/);
    expect(told("last event")).not.toContain("ago");
  });

  test("how it does stands still while Husting cannot be asked", async () => {
    const beat = Date.now() - 200_000;
    await open("#/discord", { list_traffic: () => ({ traffic: [], next: null }) }, view({ health: { ...view().health!, last_heartbeat: new Date(beat).toISOString(), connected_since: new Date(beat).toISOString() } }));
    const facts = within(await screen.findByLabelText("How the bridge does"));
    const told = () => facts.getByText("last heartbeat").nextElementSibling?.textContent;
    expect(told()).toBe("3 min ago");
    try {
      reach.lostAt = new Date(beat + 30_000);
      await tick();
      expect(told()).toBe("30 s ago");
      expect(facts.getByText("connected").nextElementSibling?.textContent).toBe("30 s");
    } finally {
      reach.regain();
    }
    await tick();
    expect(told()).toBe("3 min ago");
  });

  test("a token that Discord refuses leads to another one, and nothing is offered that would fail", async () => {
    const refused = view({ stand: stand({ bridge: { state: "stopped", why: "Discord says no. Reset it." }, token_refused: true }), health: null });
    await open("#/discord", { list_traffic: () => ({ traffic: [], next: null }) }, refused);
    await screen.findByText("Discord no longer accepts the bot’s token.");
    await screen.findByText(/^Nothing has passed\. Once the bridge has a token that Discord takes/);
    expect(screen.queryByRole("button", { name: /^Start/ })).toBeNull();
    expect(screen.queryByText("The bridge ended by itself.")).toBeNull();
    await fireEvent.click(await button("Replace the token"));
    const field = await screen.findByLabelText("Bot token");
    await waitFor(() => expect(document.activeElement).toBe(field));
  });

  test("a bridge over locked keys is told in the hall with them", async () => {
    const locked = stand({ bridge: { state: "stopped", why: "The sealed file is locked: unlock it in Settings." }, waits_for_keys: true });
    const platform = await open("#/hall", {}, view({ stand: locked, health: null }));
    platform.emit({ type: "secrets_changed", secrets: { state: "locked", message: "It was sealed on another day." } });
    const row = (await screen.findByText("The sealed file with your keys is locked.")).closest("li")!;
    expect(row.textContent).toContain("Seats that need a key stay out until it is opened. The Discord bridge waits for the keys, its token among them.");
    expect(screen.getAllByText(/The Discord bridge waits/)).toHaveLength(1);
    platform.emit({ type: "discord_moved", discord: { ...locked, bridge: { state: "delivering" }, waits_for_keys: false } });
    await waitFor(() => expect(row.textContent).not.toContain("Discord bridge"));
  });

  test("a bridge over locked keys waits for them, and leads to where they are unlocked", async () => {
    const locked = stand({ bridge: { state: "stopped", why: "The sealed file is locked: unlock it in Settings." }, waits_for_keys: true });
    const platform = await open("#/discord", { list_traffic: () => ({ traffic: [], next: null }) }, view({ stand: locked, health: null }));
    await screen.findByText("The bridge waits for the keys, its token among them.");
    screen.getByText("The sealed file is locked: unlock it in Settings. The bridge then begins by itself.");
    screen.getByText("Waits for keys");
    expect(screen.queryByRole("button", { name: /^Start/ }), "pressing it would do nothing").toBeNull();
    screen.getByText("waits for keys");
    expect(screen.queryByText("The bridge ended by itself.")).toBeNull();
    await fireEvent.click(await button("To the keys"));
    expect(location.hash).toBe("#/settings/providers");
    location.hash = "#/hall";
    const row = within((await screen.findByText("The Discord bridge waits for the keys, its token among them.")).closest("li")!);
    await fireEvent.click(row.getByRole("button", { name: "To the keys" }));
    expect(location.hash).toBe("#/settings/providers");
    platform.emit({ type: "discord_moved", discord: { ...locked, bridge: { state: "delivering" }, waits_for_keys: false } });
    await screen.findByText("connected");
  });

  test("the hall leads from a token that Discord refuses to its replacement", async () => {
    await open("#/hall", {}, view({ stand: stand({ bridge: { state: "stopped", why: "Discord says no. Reset it." }, token_refused: true }), health: null }));
    const row = within((await screen.findByText("Discord no longer accepts the bot’s token.")).closest("li")!);
    row.getByText(/^Nobody in Discord is heard until the bridge has another\..*older than 15 minutes waits for your word.*and posts the replies that wait\.$/);
    await fireEvent.click(row.getByRole("button", { name: "Replace the token" }));
    await screen.findByLabelText("Bot token");
    screen.getByText("refused by Discord");
    expect(location.hash).toBe("#/discord/setup");
  });

  test("a channel whose agent reads no mail says so, and what to do", async () => {
    const routes = ["night-watch", "athena", "ghost", "kasra", "fresh", "loom"].map((agent, at) => ({ channel_id: `${at}23456789012345678`, name: `c-${agent}`, agent, lacking: [], unseen: false }));
    const shown = view({ setup: setup({ routes }) });
    const asleep = [...agents.filter(({ agent_name }) => agent_name !== "athena"), agent("athena", { kind: "managed", status: "inactive" }), agent("fresh", { connections: 0, last_call_at: null, liveness: "never_called" })];
    const platform = new FakePlatform({ ...bridged, agents: asleep }, { discord: () => shown, list_traffic: paged([]), enable_agent: () => ({ agent: agent("night-watch") }), activate_agent: () => ({ agent: agent("athena", { kind: "managed" }) }) } as Answers);
    location.hash = "#/discord";
    dispatchEvent(new HashChangeEvent("hashchange"));
    render(App, { platform });
    const channels = within(await screen.findByRole("list", { name: "Channels" }));
    await channels.findByText("night-watch is disabled: questions to it rest.");
    channels.getByText("athena is switched off: questions to it rest.");
    channels.getByText("There is no agent called ghost: questions to it rest.");
    expect(channels.getByRole<HTMLAnchorElement>("link", { name: "Mint it anew" }).hash).toBe("#/agents/mint");
    channels.getByRole("button", { name: "Activate kasra" });
    channels.getByText("fresh has not called yet: questions wait until its client reads its mail.");
    expect(channels.getByRole<HTMLAnchorElement>("link", { name: "The client of fresh" }).hash).toBe("#/agents/a-fresh");
    expect(channels.getByText("#c-loom").closest("li")!.textContent).not.toMatch(/rest\.|not called/);
    await fireEvent.click(channels.getByRole("button", { name: "Enable night-watch" }));
    await waitFor(() => expect(channels.queryByText(/night-watch is disabled/)).toBeNull());
    expect(platform.argsOf("enable_agent")).toEqual([{ agent_id: "a-night-watch" }]);
    await fireEvent.click(channels.getByRole("button", { name: "Activate athena" }));
    await waitFor(() => expect(platform.argsOf("activate_agent")).toEqual([{ agent_name: "athena" }]));
  });

  test("the list of traffic keeps no room free that its rows do not need", async () => {
    const least = async (rows: Traffic[]) => {
      await open("#/discord", { list_traffic: paged(rows) });
      return Number.parseInt((await screen.findByRole("list", { name: "Traffic" })).closest<HTMLElement>(".rows")!.style.minHeight, 10);
    };
    const few = await least(traffic.slice(0, 3));
    cleanup();
    const many = await least(Array.from({ length: 40 }, (_, at) => question(`m-${at}`)));
    expect([few % 3, few > 0, few < 120, many]).toEqual([0, true, true, 180]);
  });

  test("an agent that marks nothing is sent the protocol", async () => {
    const platform = await open("#/discord", { send_protocol: () => ({}) });
    await screen.findByText("loom wrote 3 times in seven days without saying what it answers.");
    await fireEvent.click(await button("Explain to loom how to answer"));
    await screen.findByText("loom has it in its mail.");
    expect(platform.argsOf("send_protocol")).toEqual([{ agent: "loom" }]);
  });

  test("what rests says since when, where that was kept, and else since when it is known", async () => {
    const rested_at = new Date(Date.now() - 90_000).toISOString();
    const shown = view({ resting: [question("p-1", { state: "parked", rested_at }), question("h-1", { state: "held", at: "2025-01-02T10:00:00Z", rested_at: "2025-01-02T12:30:00Z" }), reply("r-9", { state: "barred", posted: 0 })] });
    await open("#/discord", {}, shown);
    const times = [...(await screen.findByRole("region", { name: "Resting" })).querySelectorAll("time")];
    expect(times.map(({ dateTime }) => dateTime)).toEqual([rested_at, "2025-01-02T12:30:00Z", shown.resting[2]!.at]);
    const [today, then, unknown] = times.map(({ textContent }) => textContent);
    expect(today).toMatch(/^rests since (\d\d? \w{3} )?\d\d:\d\d$/);
    expect(then).toBe(`rests since ${dayAndTime(new Date("2025-01-02T12:30:00Z"))}`);
    expect(unknown).not.toContain("rests");
    expect(times[1]!.title).toBe(wholeMoment(new Date("2025-01-02T12:30:00Z")));
  });

  test("what rests says why and can be tried again, asked now or let go", async () => {
    const barred = reply("r-9", { state: "barred", posted: 0, fault: "The bot may not write in #letters." });
    const stopped = reply("r-8", { agent: "kasra", state: "parked", posted: 0, stopped: true });
    const shown = view({ resting: [...view().resting, barred, stopped] });
    const platform = await open("#/discord", { retry_question: () => shown, retry_reply: () => shown, release_question: () => shown, dismiss_reply: () => shown, restore_reply: () => shown }, shown);
    await screen.findByText("The reason then: The bus does not know an active agent called archivist.");
    const times = [...screen.getByRole("region", { name: "Resting" }).querySelectorAll("time")];
    expect(times.map((time) => [time.dateTime, time.title]), "since when, to the minute").toEqual(shown.resting.map(({ at }) => [at, wholeMoment(new Date(at))]));
    expect(screen.queryByRole("button", { name: "Retry: kasra to Bruno" }), "a person has the last word").toBeNull();
    await fireEvent.click(await button("Retry: Kay to archivist"));
    await waitFor(() => expect(platform.argsOf("retry_question")).toEqual([{ request_id: "p-1" }]));
    await fireEvent.click(await button("Retry: loom to Bruno"));
    await waitFor(() => expect(platform.argsOf("retry_reply")).toEqual([{ reply_id: "r-9" }]));
    await fireEvent.click(await button("Ask now: Marta to calliope"));
    await waitFor(() => expect(platform.argsOf("release_question")).toEqual([{ request_id: "h-1", ask: true }]));
    // What follows an answer has been done by the next turn.
    await new Promise((done) => setTimeout(done));
    expect(screen.queryByText("It is asked no more.")).toBeNull();
    await fireEvent.click(await button("Let go: Marta to calliope"));
    await waitFor(() => expect(platform.argsOf("release_question")).toContainEqual({ request_id: "h-1", ask: false }));
    await screen.findByText("It is asked no more.");
    await fireEvent.click(await button("Let go: Kay to archivist"));
    await waitFor(() => expect(platform.argsOf("release_question")).toContainEqual({ request_id: "p-1", ask: false }));
    await fireEvent.click(await button("Discard: loom to Bruno"));
    await waitFor(() => expect(platform.argsOf("dismiss_reply")).toEqual([{ reply_id: "r-9" }]));
    await fireEvent.click(await button("Undo"));
    await waitFor(() => expect(platform.argsOf("restore_reply")).toEqual([{ reply_id: "r-9" }]));
  });

  test("draws few rows of a long day and reads older ones as they are needed", async () => {
    const many = Array.from({ length: 3_000 }, (_, at) => question(`m-${at}`, { text: `Question ${at}.`, at: new Date(Date.parse("2026-11-20T14:00:00Z") - at * 1_000).toISOString() }));
    const platform = await open("#/discord", { list_traffic: paged(many, 30) });
    const list = within(await screen.findByRole("list", { name: "Traffic" }));
    await list.findByText("Question 0.");
    expect(list.getAllByRole("listitem").length).toBeLessThan(60);
    await waitFor(() => expect(platform.argsOf("list_traffic").some(({ before }) => before !== undefined)).toBe(true));
    expect(platform.argsOf("list_traffic").every(({ limit = 50 }) => limit <= 200)).toBe(true);
  });

  test("a message opens its life, which Esc closes", async () => {
    const trace = { question: traffic[3]!, followed_by: [traffic[2]!] };
    const platform = await open("#/discord", { trace_question: () => trace });
    const row = (await screen.findByText("can we still make the 16:00 pickup for Hamburg?")).closest("a")!;
    location.hash = new URL(row.href).hash;
    const life = within(await screen.findByRole("complementary", { name: "Life of the message" }));
    await life.findByText(/Yes, if the labels are out/);
    expect(platform.argsOf("trace_question")[0]).toEqual({ id: "q-6" });
    const search = screen.getByRole<HTMLInputElement>("searchbox");
    search.focus();
    await fireEvent.input(search, { target: { value: "q-" } });
    await press("Escape");
    expect(search.value, "what was typed goes first, as the field says").toBe("");
    expect(screen.getByRole("complementary", { name: "Life of the message" })).toBeTruthy();
    await press("Escape");
    await waitFor(() => expect(screen.queryByRole("complementary", { name: "Life of the message" })).toBeNull());
  });

  test.each([
    { name: "answered before it was seen that it was read", part: { state: "answered", answered_at: "2026-11-20T14:31:00Z" }, read: "before its answer", answered: true },
    { name: "let go by a STOP", part: { state: "answered", answered_at: "2026-11-20T14:31:00Z", stopped: true }, read: "not yet", answered: false },
    { name: "on the bus", part: { state: "sent" }, read: "not yet", answered: false },
  ] as const)("a question that was $name", async ({ part, read, answered }) => {
    await open("#/discord/life/q-1", { trace_question: () => ({ question: question("q-1", part), followed_by: [] }) });
    const life = within(await screen.findByRole("complementary", { name: "Life of the message" }));
    const row = (await life.findByText("Read")).closest("li")!;
    expect(row.textContent).toBe(`Read${read}`);
    expect(row.classList.contains("is")).toBe(read !== "not yet");
    const last = life.getByText("Answered").closest("li")!;
    expect(last.classList.contains("is")).toBe(answered);
    expect(last.textContent!.endsWith("not yet")).toBe(!answered);
  });

  test.each([
    ["parked", { state: "parked" }, "Parked"],
    ["heard late", { state: "held" }, "Heard late"],
    ["taken back", { state: "withdrawn" }, "Withdrawn"],
    ["stopped", { state: "answered", stopped: true }, "Stopped"],
    ["answered", { state: "answered", answered_at: "2026-11-20T14:31:00Z" }, "Answered"],
  ] as const)("a question that was %s ends its steps with it, named as they are", async (_, part, name) => {
    await open("#/discord/life/q-1", { trace_question: () => ({ question: question("q-1", part), followed_by: [] }) });
    const life = within(await screen.findByRole("complementary", { name: "Life of the message" }));
    const steps = (await life.findByText("Heard")).closest("ol")!;
    expect(steps.querySelector("li:last-child b")?.textContent).toBe(name);
  });

  test("an id that nobody knows says so", async () => {
    await open("#/discord/life/41", {
      trace_question: () => {
        throw new RpcError("not_found", "there is no such question");
      },
    });
    await screen.findByText("The bridge knows no question with this id.");
  });

  test("a pause says what is queued, of the moment in which it was told", async () => {
    const paused = (to_ask: number, to_post: number, to_convene: number) => stand({ bridge: { state: "paused" }, to_ask, to_post, to_convene });
    let reads = 0;
    // After the first time the whole is on its way.
    const platform = await open("#/discord", { discord: () => (reads++ === 0 ? view() : new Promise(() => {})) });
    await screen.findByText("Delivering");
    platform.emit({ type: "discord_moved", discord: paused(2, 1, 1) });
    await screen.findByText(/^The bridge is paused: .* Queued: 2 messages from Discord, 1 reply to Discord, 1 panel round\.$/);
    expect(m.discord.trouble.queued(paused(0, 3, 0))).toBe("Queued: 3 replies to Discord.");
    expect(m.discord.trouble.queued(paused(0, 0, 0))).toBe("");
  });

  test("it is checked, paused, let go on and stopped", async () => {
    const checked = { findings, token_taken: true, took_millis: 310, view: view() };
    const paused = view({ stand: stand({ bridge: { state: "paused" } }) });
    const off = view({ stand: stand({ bridge: { state: "off" } }), health: null });
    const platform = await open("#/discord", { test_discord: () => checked, pause_bridge: ({ paused: held }) => (held ? paused : view()), stop_bridge: () => off, start_bridge: () => view() });
    await fireEvent.click(await button("Check"));
    await screen.findByText(/lacks Send Messages in Threads: calliope/);
    expect(platform.argsOf("test_discord")).toEqual([{}]);
    await fireEvent.click(await button("Pause"));
    await screen.findByText(/it hears and keeps what people write/);
    await fireEvent.click(await button("Resume"));
    await fireEvent.click(await button("Stop"));
    await screen.findByText("The bridge is not started: nobody in Discord is heard.");
    await fireEvent.click(await button("Start"));
    await screen.findByText("Delivering");
  });

  test("why nothing could be asked before it ran is over when it starts, and not when it is held", async () => {
    const off = view({ stand: stand({ bridge: { state: "off" } }), health: null });
    let fails = true;
    const test_discord = () => {
      if (fails) throw new RpcError("provider_error", "Discord did not answer within a minute.");
      return { findings, token_taken: true, took_millis: 310, view: off };
    };
    await open("#/discord", { test_discord, start_bridge: () => view(), stop_bridge: () => off, pause_bridge: () => view({ stand: stand({ bridge: { state: "paused" } }) }) }, off);
    await fireEvent.click(await button("Check"));
    await screen.findByText("Discord did not answer within a minute.");
    await fireEvent.click(await button("Start"));
    await screen.findByText("Delivering");
    expect(screen.queryByText("Discord did not answer within a minute.")).toBeNull();
    await fireEvent.click(await button("Check"));
    await screen.findByText("Discord did not answer within a minute.");
    await fireEvent.click(await button("Pause"));
    await screen.findByText(/it hears and keeps what people write/);
    screen.getByText("Discord did not answer within a minute.");
    fails = false;
    await fireEvent.click(await button("Check"));
    await screen.findByText(/lacks Send Messages in Threads: calliope/);
  });

  test("a bridge that waits for a program with the same bot can be stopped, and not paused", async () => {
    const platform = await open("#/discord", { stop_bridge: () => view({ stand: stand({ bridge: { state: "off" } }) }) }, view({ stand: stand({ bridge: { state: "elsewhere", holder: "husting discord, 4471" } }), health: null }));
    await fireEvent.click(await button("Stop"));
    expect(screen.queryByRole("button", { name: "Pause" })).toBeNull();
    await waitFor(() => expect(platform.argsOf("stop_bridge")).toEqual([{}]));
  });

  test("a refused act says so and changes nothing", async () => {
    await open("#/discord", {
      stop_bridge: () => {
        throw new RpcError("store_unavailable", "the disk is full");
      },
    });
    await fireEvent.click(await button("Stop"));
    await screen.findByText(/the disk is full/);
    expect(screen.getByText("Delivering")).toBeTruthy();
  });

  test("what the bot may do in a channel is ticked, and what it may not is named", async () => {
    await open("#/discord");
    const channels = await screen.findByRole("list", { name: "Channels" });
    const ticks = within(channels).getAllByRole("img").map((ticks) => [ticks.ariaLabel ?? ticks.getAttribute("aria-label"), [...ticks.querySelectorAll("i")].map(({ title }) => title)]);
    const all = ["View Channels", "Send Messages", "Read Message History"];
    expect(ticks).toEqual([
      ["nothing is missing", [...all, "Send Messages in Threads"]],
      ["nothing is missing", [...all, "Send Messages in Threads"]],
      ["In #letters the bot lacks: Send Messages in Threads.", [...all, "lacks Send Messages in Threads"]],
    ]);
  });

  test("a channel that Discord does not show to the bot may not be there, and Discord is asked which are", async () => {
    const mistyped = { channel_id: "999999999999999999", name: null, agent: "kasra", lacking: ["View Channels"], unseen: true };
    const platform = await open("#/discord", {}, view({ setup: setup({ routes: [mistyped] }) }));
    await screen.findByText(m.discord.channels.unshown(mistyped.channel_id));
    expect(screen.queryByText(/lacks: View Channels/)).toBeNull();
    const row = screen.getByText("9999…9999").closest("li")!;
    expect([...row.querySelectorAll(".ticks i")].map(({ textContent }) => textContent), "the rest is not known").toEqual(["", "?", "?", "?"]);
    await fireEvent.click(await button("Copy invite that grants it"));
    await waitFor(() => expect(platform.argsOf("list_servers")).toHaveLength(1));
    await screen.findByText("Discord lists no such channel in the bot’s servers now.");
    await fireEvent.click(screen.getByRole("link", { name: "Map channels" }));
    await screen.findByText("Mapped, but not seen");
    expect(screen.getByText(m.discord.channels.unshown(mistyped.channel_id))).toBeTruthy();
  });

  test("a channel that lacks nothing any more when it is asked says so", async () => {
    const well = { ...servers, servers: servers.servers.map((each) => ({ ...each, channels: each.channels.map((channel) => ({ ...channel, lacking: [], invitation: null })) })) };
    await open("#/discord", { list_servers: () => well });
    await fireEvent.click(await button("Copy invite that grants it"));
    await screen.findByText(m.discord.channels.noInvite);
  });

  test("what nobody asked Discord is not ticked, and can be asked", async () => {
    const unknown = view({ setup: setup({ routes: [{ channel_id: "123456789012345678", name: "hq", agent: "kasra", lacking: null, unseen: false }] }) });
    const platform = await open("#/discord", { test_discord: () => ({ findings: [], token_taken: true, took_millis: 310, view: view() }) }, unknown);
    const ticks = await screen.findByRole("img", { name: "not known yet" });
    expect(ticks.querySelectorAll("svg")).toHaveLength(0);
    expect([...ticks.querySelectorAll("i")].map(({ textContent }) => textContent), "no box that is empty").toEqual(["?", "?", "?", "?"]);
    expect(ticks.querySelector("i")?.title).toBe("View Channels: not known yet");
    await fireEvent.click(await button("Ask now"));
    await waitFor(() => expect(platform.argsOf("test_discord")).toHaveLength(1));
    await waitFor(() => expect(screen.queryByRole("img", { name: "not known yet" })).toBeNull());
  });

  test("an invite that grants what is lacking is asked of Discord when it is wanted", async () => {
    const written = vi.fn<(text: string) => Promise<void>>().mockResolvedValue();
    Object.defineProperty(navigator, "clipboard", { value: { writeText: written }, configurable: true });
    const platform = await open("#/discord");
    await screen.findByText("In #letters the bot lacks: Send Messages in Threads.");
    expect(platform.argsOf("list_servers")).toEqual([]);
    await fireEvent.click(await button("Copy invite that grants it"));
    await waitFor(() => expect(written).toHaveBeenCalledWith(INVITE));
    Reflect.deleteProperty(navigator, "clipboard");
  });
});

describe("the set-up", () => {
  test("is what a machine without a bot shows, and the token leaves no trace on the page", async () => {
    const platform = await open("#/discord", { test_discord: () => ({ findings, token_taken: true, took_millis: 310, view: view({ stand: stand({ bridge: { state: "off" } }) }) }) }, bare);
    const token = "MTE3.not-a-token.of-anybody-3v0A";
    const field = await screen.findByLabelText<HTMLInputElement>("Bot token");
    expect(field.type).toBe("password");
    await fireEvent.input(field, { target: { value: token } });
    await fireEvent.click(await button("Test and keep"));
    await waitFor(() => expect(platform.argsOf("test_discord")).toEqual([{ token }]));
    expect(document.documentElement.outerHTML).not.toContain(token);
    await waitFor(() => expect([...document.querySelectorAll("input")].map(({ value }) => value)).not.toContain(token));
    expect(JSON.stringify({ ...localStorage, ...sessionStorage })).not.toContain(token);
  });

  const typed = async (answer: NonNullable<Answers>["test_discord"]) => {
    const platform = await open("#/discord", { test_discord: answer }, bare);
    const field = await screen.findByLabelText<HTMLInputElement>("Bot token");
    await fireEvent.input(field, { target: { value: " a-token " } });
    await fireEvent.keyDown(field, { key: "Enter" });
    return { platform, field };
  };
  const found = (subject: string, words: string, token_taken: boolean | null = null) => ({ findings: [{ subject, verdict: "fault" as const, words }], token_taken, took_millis: 310, view: bare });

  test("a token that Discord refuses is gone from the field", async () => {
    const { field } = await typed(() => found("bot token", "Discord does not take it", false));
    await screen.findByText(/does not take it/);
    await waitFor(() => expect(field.value).toBe(""));
  });

  test("a new token that Discord refuses does not look like the one that is kept", async () => {
    await open("#/discord/setup", { test_discord: () => ({ ...found("bot token", "Discord does not take it", false), view: view() }) });
    await fireEvent.click(await button("Replace"));
    const field = await screen.findByLabelText<HTMLInputElement>("Bot token");
    await fireEvent.input(field, { target: { value: "another" } });
    await fireEvent.click(await button("Test and keep"));
    await screen.findByText(/does not take it/);
    await waitFor(() => expect(field.value).toBe(""));
    expect(field.isConnected, "the next try is typed there").toBe(true);
    expect(screen.queryByText("kept with the keys")).toBeNull();
    // How long Discord took stands beside the kept one, of which it was not asked.
    await fireEvent.click(await button("Keep the old one"));
    await screen.findByText(/kept with the keys/);
    expect(screen.queryByText(/310 ms/)).toBeNull();
    // Whoever goes to another screen and comes back finds the kept one, of which nothing was found.
    for (const hash of ["#/discord", "#/discord/setup"]) {
      location.hash = hash;
      await (hash === "#/discord" ? screen.findByRole("heading", { name: "Traffic" }) : screen.findByText(/kept with the keys/));
      expect(screen.queryByText(/does not take it/), hash).toBeNull();
    }
  });

  test("a fault has the barred circle, as every failure, and not the cross of a challenge", async () => {
    await open("#/discord/setup", { test_discord: () => found("bot token", "Discord does not take it", false) });
    await fireEvent.click(await button("Test again"));
    const sign = within(await screen.findByRole("list", { name: "What was found" })).getByRole("img", { name: "fault" });
    expect(sign.querySelector("svg")!.classList).toContain("lucide-ban");
  });

  const refused = () => view({ stand: stand({ bridge: { state: "stopped", why: "Discord says no. Reset it." }, token_refused: true }), health: null });
  const starts = () => screen.findByRole<HTMLButtonElement>("button", { name: "Start the bridge" });

  test("a kept token that Discord refuses is no step that is done, and nothing starts before another is taken", async () => {
    const taken = view({ stand: stand({ bridge: { state: "off" } }), setup: setup({ bot: { ...setup().bot!, token_tail: "9x1B" } }), health: null });
    const platform = await open("#/discord/setup", { test_discord: () => ({ findings, token_taken: true, took_millis: 310, view: taken }) }, refused());
    const field = await screen.findByLabelText<HTMLInputElement>("Bot token");
    const step = within(field.closest("section")!);
    step.getByText("Discord no longer accepts the bot’s token. Reset it on the Bot page and paste the new one here.");
    expect(step.queryByText("done")).toBeNull();
    screen.getByText(/^Set-up: 2 of 5 steps done/);
    screen.getByText("The bridge starts once Discord takes the bot’s token.");
    screen.getByText(/^Once it runs, the bridge hears .*mentions and direct messages/);
    expect((await starts()).disabled).toBe(true);
    expect(platform.argsOf("list_servers"), "it would refuse that as well").toEqual([]);
    await fireEvent.input(field, { target: { value: "a-token" } });
    await fireEvent.click(await button("Test and keep"));
    await waitFor(() => expect(step.queryByText("done")).toBeTruthy());
    expect((await starts()).disabled).toBe(false);
  });

  test("a kept token that Discord refuses again is told of once, with the way to another", async () => {
    const words = "Discord does not take it: reset it on the Bot page of https://discord.com/developers/applications and paste the new one here";
    await open("#/discord/setup", { test_discord: () => ({ findings: [{ subject: "bot token", verdict: "fault", words }], token_taken: false, took_millis: 31, view: refused() }) }, refused());
    const step = within((await screen.findByLabelText("Bot token")).closest("section")!);
    await fireEvent.click(await button("Test again"));
    const list = within(await step.findByRole("list", { name: "What was found" }));
    list.getByRole("button", { name: "discord.com/developers" });
    expect(list.queryByRole("button", { name: "Copy the invitation" })).toBeNull();
    expect(step.queryByText(/any more\. Reset it/)).toBeNull();
    expect(step.getAllByText(/does not take/)).toHaveLength(1);
    expect(document.body.textContent).not.toContain("https://discord.com/developers/applications");
    await fireEvent.input(step.getByLabelText("Bot token"), { target: { value: "another" } });
    await fireEvent.click(await button("Test and keep"));
    await step.findByText("Found with the token that was typed, which is not kept:", undefined, { timeout: 5_000 });
    expect(step.queryByText(/any more\. Reset it/)).toBeNull();
    expect(step.getAllByText(/does not take/)).toHaveLength(1);
  });

  test("a token that is tested again is what Discord says of it now, until the bridge was begun anew", async () => {
    let taken = true;
    const platform = await open("#/discord/setup", { test_discord: () => ({ findings, token_taken: taken, took_millis: 310, view: refused() }), start_bridge: refused }, refused());
    await fireEvent.click(await button("Test again"));
    await waitFor(async () => expect((await starts()).disabled).toBe(false));
    platform.emit({ type: "discord_moved", discord: stand({ bridge: { state: "connecting", after: null } }) });
    platform.emit({ type: "discord_moved", discord: refused().stand });
    await waitFor(async () => expect((await starts()).disabled).toBe(true));
    taken = false;
    await fireEvent.click(await button("Test again"));
    await waitFor(() => expect(platform.argsOf("test_discord")).toHaveLength(2));
    expect((await starts()).disabled).toBe(true);
  });

  test("a test that the kept token passes reads the channels anew, and what the bot may do in them", async () => {
    let readable = false;
    let shown = view({ setup: setup({ routes: [{ ...setup().routes[0]!, lacking: null }] }) });
    const answers: Answers = {
      discord: () => shown,
      list_servers: () => {
        if (!readable) throw new RpcError("provider_error", "Discord says no: Unknown Member (10007).");
        shown = view();
        return servers;
      },
      test_discord: () => {
        readable = true;
        return { findings, token_taken: true, took_millis: 310, view: view({ setup: { ...shown.setup, bot: { ...setup().bot!, tested_at: ago(1) } } }) };
      },
    };
    await open("#/discord/setup", answers, shown);
    await screen.findByText(/Unknown Member/);
    await fireEvent.click(await button("Test again"));
    await screen.findByText("Operations");
    expect(screen.queryByText(/Unknown Member/)).toBeNull();
    location.hash = "#/discord";
    await screen.findByRole("list", { name: "Channels" });
    await waitFor(() => expect(screen.queryByText(/not known yet/)).toBeNull());
  });

  test("a token that is only tried and refused leaves the kept one as it is", async () => {
    const off = view({ stand: stand({ bridge: { state: "off" } }), health: null });
    await open("#/discord/setup", { test_discord: () => ({ ...found("bot token", "Discord does not take it", false), view: off }) }, off);
    await fireEvent.click(await button("Replace"));
    await fireEvent.input(await screen.findByLabelText("Bot token"), { target: { value: "another" } });
    await fireEvent.click(await button("Test and keep"));
    await screen.findByText(/does not take it/);
    await waitFor(() => expect(screen.getByLabelText<HTMLInputElement>("Bot token").value, "the next try is typed there").toBe(""));
    expect((await starts()).disabled).toBe(false);
  });

  test.each(["invalid_body", "invalid_request"])("what is no token is gone from the field: %s", async (code) => {
    const { field } = await typed(() => {
      throw new RpcError(code, "That is no bot's token: it has a space in it.");
    });
    await screen.findByText(/it has a space in it/);
    await waitFor(() => expect(field.value).toBe(""));
    expect(screen.queryByText(code), "what was typed is told by its sentence").toBeNull();
  });

  test.each(["Enter", "the button"])("whoever had a token refused by %s goes on typing in the field, and presses no keys of the screen", async (way) => {
    let answer: () => void = () => {};
    const platform = await open("#/discord/setup", { test_discord: () => new Promise((done) => (answer = () => done(found("bot token", "Discord does not take it", false)))) }, bare);
    const field = await screen.findByLabelText<HTMLInputElement>("Bot token");
    field.focus();
    await fireEvent.input(field, { target: { value: "a-token" } });
    const act = await button("Test and keep");
    if (way === "Enter") await fireEvent.keyDown(field, { key: "Enter" });
    else {
      act.focus();
      await fireEvent.click(act);
    }
    await waitFor(() => expect(platform.argsOf("test_discord")).toHaveLength(1));
    expect([field, act].map((each) => each.matches(":disabled")), "neither loses the focus while it is tested").toEqual([false, false]);
    answer();
    await screen.findByText(/does not take it/);
    await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText("Bot token")));
    for (const letter of "ga") await press(letter);
    expect(location.hash).toBe("#/discord/setup");
  });

  test("once the kept token is refused, another is typed at once", async () => {
    await open("#/discord/setup", { test_discord: () => ({ ...found("bot token", "Discord does not take it", false), view: refused() }) });
    const again = await button("Test again");
    again.focus();
    await fireEvent.click(again);
    await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText("Bot token")));
  });

  test("another token that is typed while one is tested stays", async () => {
    let answer: () => void = () => {};
    const { platform, field } = await typed(() => new Promise((done) => (answer = () => done(found("bot token", "Discord does not take it", false)))));
    await waitFor(() => expect(platform.argsOf("test_discord")).toHaveLength(1));
    await fireEvent.input(field, { target: { value: "another" } });
    answer();
    await screen.findByText(/does not take it/);
    // What follows an answer has been done by the next turn.
    await new Promise((done) => setTimeout(done));
    expect(field.value).toBe("another");
  });

  test.each<[string, NonNullable<Answers>["test_discord"]]>([
    ["could not be reached", () => found("connection", "Discord cannot be reached; whether the bot's token is right is not known")],
    ["did not answer in time", () => found("Discord", "Discord did not answer everything within 60 seconds; nothing was changed")],
  ])("a token stays in the field where Discord %s, and is sent again", async (_, answer) => {
    const { platform, field } = await typed(answer);
    await screen.findByText(/neither taken nor refused/);
    expect(field.value).toBe(" a-token ");
    expect(JSON.stringify({ ...localStorage, ...sessionStorage })).not.toContain("a-token");
    await fireEvent.click(await button("Test and keep"));
    await waitFor(() => expect(platform.argsOf("test_discord")).toEqual([{ token: "a-token" }, { token: "a-token" }]));
    // Nothing but the test was told of it.
    expect(platform.argsOf("save_draft")).toEqual([]);
  });

  const LACKING = "No keyring answers on this machine (no bus). Choose in Settings where keys are kept.";
  const lacking = () => {
    throw new RpcError("secrets_unavailable", LACKING);
  };

  test("a token without a place to be kept is not said to be untested, and is tested again once there is one", async () => {
    let hasPlace = false;
    const { platform, field } = await typed(() => (hasPlace ? { findings, token_taken: true, took_millis: 310, view: view() } : lacking()));
    await screen.findByText(LACKING);
    await screen.findByText("There is no place to keep this token yet. It is kept in this field alone.");
    expect(screen.queryByText(/neither taken nor refused/)).toBeNull();
    expect(field.value).toBe(" a-token ");
    platform.emit({ type: "secrets_changed", secrets: { state: "needs_choice", system_words: "no bus" } });
    await fireEvent.click(await button("Choose where"));
    await screen.findByRole("dialog");
    hasPlace = true;
    // As the command line chooses it.
    platform.emit({ type: "secrets_changed", secrets: { state: "ready", kept_in: "sealed_file" } });
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await waitFor(() => expect(platform.argsOf("test_discord")).toEqual([{ token: "a-token" }, { token: "a-token" }]));
  });

  test("what a token needs is told before it is asked for, and no longer once it is there", async () => {
    const platform = await open("#/discord", { test_discord: lacking }, bare);
    const field = await screen.findByLabelText<HTMLInputElement>("Bot token");
    platform.emit({ type: "secrets_changed", secrets: { state: "needs_choice", system_words: "no bus" } });
    await screen.findByText("No keyring answers on this machine. The token needs a place to be kept.");
    await fireEvent.input(field, { target: { value: "a-token" } });
    await fireEvent.click(await button("Test and keep"));
    await screen.findByText(LACKING);
    expect(screen.queryByText(/The token needs a place/), "once is enough").toBeNull();
    platform.emit({ type: "secrets_changed", secrets: { state: "ready", kept_in: "keyring" } });
    await waitFor(() => expect(screen.queryByText(LACKING)).toBeNull());
    screen.getByText("It is kept with the keys, and is not shown again.");
  });

  test.each([
    ["locked", { state: "locked" as const, message: "It was sealed on another day." }, "The sealed file with your keys is locked.", "Open it"],
    ["keyring_locked", { state: "keyring_locked" as const, system_words: "locked" }, "Your keyring is locked.", "What to do"],
  ])("a key store that is %s is said to be so, and not to be lacking", async (_, secrets, lead, act) => {
    const platform = await open("#/discord", { test_discord: lacking }, bare);
    const field = await screen.findByLabelText<HTMLInputElement>("Bot token");
    platform.emit({ type: "secrets_changed", secrets });
    await screen.findByText(`${lead} The token is kept once it is open.`);
    await fireEvent.input(field, { target: { value: "a-token" } });
    await fireEvent.click(await button("Test and keep"));
    await screen.findByText(LACKING);
    await screen.findByText(/until it is open, this token is kept in this field alone/);
    expect(screen.queryByText(/no place|needs a place/)).toBeNull();
    expect(screen.queryByRole("button", { name: "Choose where" })).toBeNull();
    await fireEvent.click(await button(act));
    await screen.findByRole("dialog");
  });

  test("what was found is of the map and the bridge as they were, whoever changes them, and wherever one is", async () => {
    const route = (channel_id: string, agent: string) => ({ channel_id, name: `c-${channel_id.slice(0, 2)}`, agent, lacking: [], unseen: false });
    const [one, other] = [route("123456789012345678", "loom"), route("999999999999999999", "kasra")];
    const idle = stand({ bridge: { state: "off" } });
    let shown = view({ stand: idle, health: null, setup: setup({ routes: [one] }) });
    const platform = await open("#/discord", { discord: () => shown, test_discord: () => ({ findings, token_taken: true, took_millis: 310, view: shown }), list_traffic: paged([]) }, shown);
    const look = async () => {
      await fireEvent.click(await button("Check"));
      await screen.findByRole("list", { name: "What was found" });
    };
    const isGone = () => waitFor(() => expect(screen.queryByRole("list", { name: "What was found" })).toBeNull());
    await look();
    // Mapped in a terminal, and read when one comes back.
    location.hash = "#/hall";
    await screen.findByRole("heading", { name: "Hall", level: 1 });
    shown = { ...shown, setup: setup({ routes: [one, other] }) };
    location.hash = "#/discord";
    await screen.findByText("#c-99");
    await isGone();
    await look();
    platform.emit({ type: "discord_moved", discord: stand() });
    await isGone();
  });

  test("the kept token is checked again once what keeps it is open", async () => {
    let isOpen = false;
    const platform = await open("#/discord/setup", { test_discord: () => (isOpen ? { findings, token_taken: true, took_millis: 310, view: view() } : lacking()) });
    platform.emit({ type: "secrets_changed", secrets: { state: "locked", message: "It was sealed on another day." } });
    await fireEvent.click(await button("Test again"));
    await screen.findByText(LACKING);
    isOpen = true;
    platform.emit({ type: "secrets_changed", secrets: { state: "ready", kept_in: "sealed_file" } });
    await screen.findByRole("list", { name: "What was found" });
    expect(screen.queryByText(LACKING)).toBeNull();
    expect(platform.argsOf("test_discord")).toEqual([{}, {}]);
  });

  test("and is not where another is typed, which is tested by whoever typed it", async () => {
    const platform = await open("#/discord/setup", { test_discord: lacking });
    platform.emit({ type: "secrets_changed", secrets: { state: "locked", message: "It was sealed on another day." } });
    await fireEvent.click(await button("Test again"));
    await screen.findByText(LACKING);
    await fireEvent.click(await button("Replace"));
    await fireEvent.input(await screen.findByLabelText("Bot token"), { target: { value: "another" } });
    platform.emit({ type: "secrets_changed", secrets: { state: "ready", kept_in: "sealed_file" } });
    await waitFor(() => expect(screen.queryByText(LACKING)).toBeNull());
    expect(platform.argsOf("test_discord")).toEqual([{}]);
  });

  test("an Application ID is saved as it is left, and a wrong one is not", async () => {
    const platform = await open("#/discord/setup", { edit_discord: () => bare }, bare);
    const field = await screen.findByLabelText("Application ID");
    await fireEvent.input(field, { target: { value: "12" } });
    await fireEvent.change(field, { target: { value: "12" } });
    await screen.findByText("An Application ID is 17 to 20 digits.");
    await fireEvent.input(field, { target: { value: " 1178204455310091748 " } });
    await fireEvent.change(field, { target: { value: " 1178204455310091748 " } });
    await waitFor(() => expect(platform.argsOf("edit_discord")).toEqual([{ application_id: "1178204455310091748" }]));
  });

  test("names the sandbox while there is no bot, with the command that starts it", async () => {
    await open("#/discord/setup", {}, bare);
    const step = within(await screen.findByRole("region", { name: "Create the application" }));
    expect(step.getByText("./dev discord-sandbox").closest("p")!.textContent).toContain("starts a sandbox, a Discord on this machine");
    cleanup();
    await open("#/discord/setup");
    await screen.findByRole("region", { name: "Create the application" });
    expect(screen.queryByText(/sandbox/), "whoever has a bot needs none").toBeNull();
  });

  test("in a sandbox nothing leads to Discord itself, and the next step is named", async () => {
    const platform = await open("#/discord/setup", {}, view({ setup: setup({ sandbox: "127.0.0.1:8321", bot: null, application_id: null }) }));
    const step = (name: string) => screen.findByRole("region", { name }).then(within);
    const first = await step("Create the application");
    first.getByText(/“Test the token” takes the token/);
    expect(first.queryByText(/In the portal/)).toBeNull();
    expect(first.queryByRole("button", { name: "discord.com/developers" })).toBeNull();
    expect(first.queryByLabelText("Application ID"), "the step is done").toBeNull();
    await screen.findByText(/Set-up: 3 of 5 steps done/);
    const page = await step("On its Bot page");
    page.getByText(/^A sandbox has no Bot page/);
    page.getByText("done");
    expect(page.queryByText(/Reset Token|Message Content Intent/)).toBeNull();
    (await step("Invite it")).getByText("The sandbox’s bot is in its servers already.");
    for (const name of ["Open in the browser", "Copy"]) expect(screen.queryByRole("button", { name })).toBeNull();
    expect(screen.queryByText("./dev discord-sandbox")).toBeNull();
    expect(platform.opened).toEqual([]);
  });

  test("a token tells its application, whatever was typed before", async () => {
    const told = view({ setup: setup({ routes: [] }) });
    const platform = await open("#/discord/setup", { test_discord: () => ({ findings, token_taken: true, took_millis: 310, view: told }) }, bare);
    const field = await screen.findByLabelText<HTMLInputElement>("Application ID");
    const step = within(screen.getByRole("region", { name: "Create the application" }));
    await fireEvent.input(field, { target: { value: "12" } });
    await fireEvent.change(field, { target: { value: "12" } });
    await step.findByText("An Application ID is 17 to 20 digits.");
    await fireEvent.input(screen.getByLabelText("Bot token"), { target: { value: "a-token" } });
    await fireEvent.click(await button("Test and keep"));
    await step.findByText("done");
    expect([field.value, field.getAttribute("aria-invalid")]).toEqual([told.setup.application_id, null]);
    expect(step.queryByText("An Application ID is 17 to 20 digits.")).toBeNull();
    expect(platform.argsOf("edit_discord")).toEqual([]);
  });

  test("the fifth step is done once the bridge runs and the bot is shut out nowhere, and mentions always ask somebody", async () => {
    const { routes } = setup();
    const lacking = (lacking: string[] | null) => view({ setup: setup({ routes: routes.map((route, at) => ({ ...route, lacking: at === 1 ? lacking : [] })) }) });
    for (const [lacks, done] of [[["View Channels"], 0], [null, 1], [[], 1]] as const) {
      await open("#/discord/setup", {}, lacking(lacks && [...lacks]));
      const shut = within(await screen.findByRole("region", { name: "Who answers where" }));
      expect(shut.queryAllByText("done"), `${lacks}`).toHaveLength(done);
      await screen.findByText(done ? /^Set-up: all 5 steps done/ : /^Set-up: 4 of 5 steps done/);
      cleanup();
    }
    await open("#/discord/setup", {}, lacking([]));
    const map = within(await screen.findByRole("region", { name: "Who answers where" }));
    map.getByText("done");
    expect((await map.findByText("Somebody is always asked there: choose who.")).parentElement!.title, "a dash beside a ticked cell says nothing").toBe("Somebody is always asked there: choose who.");
    map.getByText("Anywhere else, where somebody is always asked");
    expect(map.queryByRole("checkbox", { name: /^Mentions.*nobody/ }), "its box cannot be ticked").toBeNull();
    cleanup();
    await open("#/discord/setup", {}, bare);
    within(await screen.findByRole("region", { name: "Who answers where" })).getByText("Step 5");
  });

  test("what was found stays true of channels and agents that a change of the map does not touch", async () => {
    const of = (subject: string) => {
      const [kind, name] = subject.split(" ");
      const about = kind === "channel" ? { channel_id: name! } : kind === "agent" ? { agent: name! } : {};
      return { subject, ...about, verdict: "well" as const, words: "it is in order" };
    };
    const subjects = ["bot token", "channel 123456789012345678", "channel 987654321098765432", "agent kasra", "agent loom", "agent calliope"];
    const { routes } = setup();
    const changed = view({ setup: setup({ routes: routes.map((route) => (route.name === "shipping-ops" ? { ...route, agent: "kasra" } : route)) }) });
    let shown = view();
    // The news of the change is faster than its answer, and has the screen read anew.
    const edit = async () => {
      shown = changed;
      const reads = platform.argsOf("discord").length;
      platform.emit({ type: "discord_moved", discord: stand() });
      await waitFor(() => expect(platform.argsOf("discord").length).toBeGreaterThan(reads));
      return changed;
    };
    const platform: FakePlatform = await open("#/discord/setup", { discord: () => shown, edit_discord: edit, test_discord: () => ({ findings: subjects.map(of), token_taken: true, took_millis: 310, view: view() }) });
    await fireEvent.click(await button("Test again"));
    const found = await screen.findByRole("list", { name: "What was found" });
    const told = () => [...found.querySelectorAll("b")].map(({ textContent }) => textContent);
    expect(told()).toEqual(subjects);
    expect(found.querySelector("p b"), "a subject and its sentence do not run on as one broken line").toBeNull();
    await fireEvent.click(await screen.findByRole("checkbox", { name: "#shipping-ops: kasra, not asked" }));
    await waitFor(() => expect(told()).toEqual(["bot token", "channel 123456789012345678", "agent kasra", "agent calliope"]));
  });

  test("says of whoever is asked and reads no mail what the list of agents says of him", async () => {
    const asleep = [agent("loom", { status: "suspended" }), agent("kasra", { kind: "managed", status: "inactive" })];
    const platform = new FakePlatform({ ...bridged, agents: asleep }, { discord: () => view(), list_traffic: paged([]), list_servers: () => servers });
    location.hash = "#/discord/setup";
    dispatchEvent(new HashChangeEvent("hashchange"));
    render(App, { platform });
    await screen.findByRole("grid", { name: "Who answers where" });
    expect(screen.getAllByRole("columnheader").flatMap(({ title }) => title || [])).toEqual(expect.arrayContaining(["loom is disabled", "kasra is switched off", "There is no agent called calliope"]));
  });

  test("a channel is mapped by a click and by keys", async () => {
    const platform = await open("#/discord/setup", { edit_discord: () => view() });
    const grid = within(await screen.findByRole("grid", { name: "Who answers where" }));
    const cell = (name: string) => grid.findByRole("checkbox", { name });
    expect((await cell("#hq: kasra")).getAttribute("aria-checked")).toBe("true");
    expect((await cell("Hamburg Friday: loom, like its channel")).getAttribute("aria-checked")).toBe("true");
    await fireEvent.click(await cell("#customs: loom, not asked"));
    await waitFor(() => expect(platform.argsOf("edit_discord")).toEqual([{ routes: [{ channel_id: "553100000000000917", agent: "loom" }] }]));
    await fireEvent.click(await cell("#hq: ask nobody"));
    await waitFor(() => expect(platform.argsOf("edit_discord")).toContainEqual({ routes: [{ channel_id: "123456789012345678" }] }));
    (await cell("#announcements: loom, not asked")).focus();
    await press("ArrowDown");
    await waitFor(() => expect(document.activeElement?.getAttribute("aria-label")).toBe("#hq: loom, not asked"));
    await press("End");
    await waitFor(() => expect(document.activeElement?.getAttribute("aria-label")).toBe("#hq: ask nobody"));
    (await cell("Hamburg Friday: loom, like its channel")).focus();
    await press("End");
    await waitFor(() => expect(document.activeElement?.getAttribute("aria-label")).toMatch(/^Hamburg Friday: /));
    expect(document.activeElement).toBe(screen.getAllByRole("checkbox", { name: /^Hamburg Friday: / }).at(-1));
    await fireEvent.click(await cell("Mentions and direct messages: loom, not asked"));
    await waitFor(() => expect(platform.argsOf("edit_discord")).toContainEqual({ default_agent: "loom" }));
  });

  test("says before it starts that the bridge is an agent itself, and where it runs leads to it", async () => {
    await open("#/discord/setup");
    await screen.findByText("The bridge is itself an agent on the bus, discord-connector, and is counted and listed as one.");
    cleanup();
    const connector = agent("discord-connector", { kind: "connector" });
    const platform = new FakePlatform({ ...bridged, agents: [...bridged.agents, connector] }, { discord: () => view(), list_traffic: paged(traffic) });
    location.hash = "#/discord";
    dispatchEvent(new HashChangeEvent("hashchange"));
    render(App, { platform });
    const link = await screen.findByRole("link", { name: "discord-connector" });
    expect(link.getAttribute("href")).toBe(`#/agents/${connector.id}`);
  });

  test("says beside the map what panels from Discord may cost in a day at most, and leads to both limits", async () => {
    const platform = await open("#/discord/setup");
    const told = (await screen.findByText(/^Whoever is heard in Discord may begin panels/)).closest("p")!;
    await waitFor(() => expect(told.textContent?.replace(/\s+/g, " ")).toContain("may begin panels: at most 10 rounds a day. With your default panel a first round sets aside at most $0.211, later rounds more. $1.37 of the spending limit is left."));
    expect(platform.argsOf("estimate")).toEqual([{ prompt_bytes: 2_000, reference_bytes: 0 }]);
    platform.emit({ type: "wallet_changed", wallet: { ...bridged.wallet, monthly_limit: 20_000_000, balance: 20_000_000 } });
    await waitFor(() => expect(platform.argsOf("estimate"), "what is left is another sum").toHaveLength(2));
    expect(within(told.nextElementSibling as HTMLElement).getByRole("link", { name: "Spending limit" }).getAttribute("href")).toBe("#/settings/spending");
    await fireEvent.click(within(told.nextElementSibling as HTMLElement).getByRole("button", { name: "Rounds of panels in a day" }));
    expect(document.activeElement).toBe(screen.getByLabelText("Rounds of panels in a day"));
    cleanup();
    await open("#/discord/setup", {}, view({ setup: setup({ panels_per_day: 0 }) }));
    await screen.findByText(/^Nobody can begin a panel from Discord\./);
    expect(screen.queryByRole("link", { name: "Spending limit" })).toBeNull();
  });

  test("how it speaks is changed at once, within what is possible", async () => {
    const platform = await open("#/discord/setup", { edit_discord: () => view() });
    await fireEvent.click(await screen.findByRole("switch", { name: "Agents under their own name" }));
    await fireEvent.click(screen.getByRole("radio", { name: "none" }));
    const panels = screen.getByLabelText("Rounds of panels in a day");
    await fireEvent.change(panels, { target: { value: "1001" } });
    await screen.findByText("A whole number up to 1,000.");
    await fireEvent.change(panels, { target: { value: "0" } });
    await waitFor(() => expect(platform.argsOf("edit_discord")).toEqual([{ own_names: true }, { marks: "off" }, { panels_per_day: 0 }]));
  });

  test("the invitation opens in the person’s own browser, and asks for what the manner makes use of", async () => {
    const platform = await open("#/discord/setup");
    await fireEvent.click(await button("Open in the browser"));
    expect(platform.opened).toEqual([withPermissions(NEEDED | REACTIONS | FILES | THREADS)]);
  });

  test("what the invitation asks for besides the needed is the operator’s to choose", async () => {
    const platform = await open("#/discord/setup");
    for (const name of ["Add Reactions", "Attach Files", "Create Public Threads"]) await fireEvent.click(await screen.findByRole("checkbox", { name }));
    expect((await screen.findByRole<HTMLInputElement>("checkbox", { name: "Send Messages" })).disabled).toBe(true);
    await fireEvent.click(await button("Open in the browser"));
    await fireEvent.click(await screen.findByRole("checkbox", { name: "Manage Webhooks" }));
    await fireEvent.click(await button("Open in the browser"));
    expect(platform.opened).toEqual([withPermissions(NEEDED), withPermissions(NEEDED | WEBHOOKS)]);
  });

  test("the bridge starts by its key, and its work is shown", async () => {
    const off = view({ stand: stand({ bridge: { state: "off" } }), health: null });
    const platform = await open("#/discord/setup", { start_bridge: () => view() }, off);
    await button("Start the bridge");
    await press("Enter", { ctrlKey: true });
    await waitFor(() => expect(platform.argsOf("start_bridge")).toEqual([{}]));
    await waitFor(() => expect(location.hash).toBe("#/discord"));
  });

  test("the token is forgotten only by the bot’s name", async () => {
    const platform = await open("#/discord/setup", { forget_bot: () => bare });
    await fireEvent.click(await button("Forget"));
    const ask = await screen.findByRole("textbox", { name: "Type husting#4471 to forget its token" });
    await fireEvent.input(ask, { target: { value: "husting#4471" } });
    await fireEvent.click(await button(/^Forget the token/));
    await waitFor(() => expect(platform.argsOf("forget_bot")).toEqual([{}]));
    await screen.findByLabelText("Bot token");
  });
});

test("the hall names what waits, and leads there", async () => {
  await open("#/hall", {}, view({ stand: stand({ bridge: { state: "stopped", why: "Discord does not take the token." } }) }));
  await screen.findByText("2 replies to Discord have no place.");
  await screen.findByText("A message of the Discord bridge rests.");
  await screen.findByText("A question from Discord was heard late.");
  await screen.findByText("Discord does not take the token.");
  const rail = within(screen.getByRole("navigation", { name: "Places" }));
  expect(rail.getByRole("link", { name: /Discord/ }).textContent).toContain("4");
  await fireEvent.click(await button("Place"));
  await waitFor(() => expect(location.hash).toBe("#/discord"));
});

test("the hall quotes the newest reply that has no place, with its agent", async () => {
  const [old, newest] = view().unplaced;
  await open("#/hall", {}, view({ unplaced: [{ ...old!, arrived_at: "2026-11-20T14:00:00Z" }, { ...newest!, arrived_at: "2026-11-20T14:20:00Z" }] }));
  const words = await screen.findByRole<HTMLAnchorElement>("link", { name: newest!.text });
  expect([words.classList.contains("said"), words.hash]).toEqual([true, "#/discord"]);
  const row = words.closest("li")!;
  within(row).getByText(newest!.agent);
  expect(row.textContent).toContain("2 replies to Discord have no place.");
  expect(row.textContent).not.toContain(old!.text);
});

test("a question that rests is told once in the hall, as the bridge's", async () => {
  const resting = (request_id: string, text: string) => message(8, { origin: "discord", from: "discord:Ines", request_id, state: "parked", mailbox: "a-gone", to: "gone", text });
  const shown = view({ resting: [question("p-1", { state: "parked" })] });
  const hall = async (held: MessageView) => {
    const console = new Console(new FakePlatform({ ...peopled, discord: shown.stand, bus: { ...peopled.bus, counts: { ...peopled.bus.counts, parked: 1, unread: 0 } } }, { discord: () => shown, list_messages: () => ({ messages: [held], more: false }) }));
    await console.refresh();
    const kinds = () => needs(console).map(({ kind }) => kind);
    await waitFor(() => expect(console.bus.resting).toHaveLength(1));
    await waitFor(() => expect(kinds()).toContain("bridge_parked"));
    return { kinds, console };
  };
  const told = await hall(resting("p-1", "Still there?"));
  await told.console.discord.load();
  expect(told.kinds()).not.toContain("resting");
  expect(told.kinds()).not.toContain("mail");
  const other = await hall(resting("p-2", "Somebody else's."));
  await other.console.discord.load();
  expect(other.kinds()).toContain("resting");
});

test("a row of the hall says since when the newest rests, where that was kept", async () => {
  const old = "2025-01-02T10:00:00Z";
  const resting = [question("p-1", { state: "parked", at: old, rested_at: "2025-01-05T12:30:00Z" }), reply("p-2", { state: "barred", at: "2025-01-03T10:00:00Z" }), question("h-1", { state: "held", at: old, rested_at: "2025-01-06T08:00:00Z" })];
  await open("#/hall", {}, view({ resting, stand: stand({ unplaced: 0, parked: 2, held: 1 }) }));
  const row = async (words: string) => (await screen.findByText(words)).closest("li")!.querySelector(".num")?.textContent;
  const day = (moment: string) => dayAndTime(new Date(moment));
  await waitFor(async () => expect(await row("2 messages of the Discord bridge rest.")).toBe(`the newest rests since ${day("2025-01-05T12:30:00Z")}`));
  expect(await row("A question from Discord was heard late.")).toBe(`rests since ${day("2025-01-06T08:00:00Z")}`);
});

test("a row of the hall is as old as the newest of what it counts, and is read again whenever the bridge moved", async () => {
  const past = (seconds: number) => new Date(Date.now() - seconds * 1_000).toISOString();
  const [first, second] = view().unplaced;
  const resting = [question("h-1", { state: "held", sent_at: null, at: past(9_000) }), question("p-1", { state: "parked", at: past(4_000) }), reply("p-2", { state: "barred", at: past(90) })];
  const platform = await open("#/hall", {}, view({ unplaced: [{ ...first!, arrived_at: past(9_000) }, { ...second!, arrived_at: past(2_520) }], resting, stand: stand({ bridge: { state: "stopped", why: "No." } }) }));
  const age = async (words: string) => (await screen.findByText(words)).closest("li")!.querySelector(".num")?.textContent ?? null;
  await waitFor(async () => expect(await age("2 replies to Discord have no place.")).toBe("42 min"));
  expect([await age("A message of the Discord bridge rests."), await age("A question from Discord was heard late.")]).toEqual(["1 min", "2 h"]);
  // Nobody knows since when it has stopped.
  expect(await age("The Discord bridge ended by itself.")).toBeNull();
  const read = platform.argsOf("discord").length;
  // As many rest as before, and it may be others that do. What moved within one pace is read once.
  platform.emit({ type: "discord_moved", discord: stand({ bot_name: "other" }) });
  platform.emit({ type: "discord_moved", discord: stand({ bot_name: "another" }) });
  await waitFor(() => expect(platform.argsOf("discord")).toHaveLength(read + 1));
});
