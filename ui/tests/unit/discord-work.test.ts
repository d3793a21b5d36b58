import { readFileSync } from "node:fs";
import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import { tick } from "svelte";
import { describe, expect, test, vi } from "vitest";
import App from "../../src/App.svelte";
import { longestIn, stageOf, stateOf } from "../../src/features/discord/reached";
import { TrafficFeed } from "../../src/features/discord/work/feed.svelte";
import { lengthened, renewed } from "../../src/features/discord/work/pages";
import { dayAndTime, wholeMoment } from "../../src/format/time";
import type { ListTraffic } from "../../src/generated/ListTraffic";
import type { SessionSummary } from "../../src/generated/SessionSummary";
import type { Traffic } from "../../src/generated/Traffic";
import type { UnplacedReply } from "../../src/generated/UnplacedReply";
import { m } from "../../src/messages";
import { RpcError } from "../../src/platform";
import type { Console } from "../../src/state/console.svelte";
import { reach } from "../../src/state/reach.svelte";
import { agent, agents } from "../fixtures/agents";
import { bridged, findings, INVITE, origin, panel, question, reply, servers, setup, stand, stop, traffic, view } from "../fixtures/discord";
import { FakePlatform } from "../fixtures/platform";
import { sessions } from "../fixtures/shared";
import { button, open, paged, press, type Answers } from "./discord-screen";

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

  test("show how far each came in whole words, for which the words beside them give way", async () => {
    const posted = (parts: number) => reply("r-1", { state: "posted", parts, posted: parts });
    expect([posted(1), posted(12), question("q"), stop("9"), panel("p", { stage: "advancing", round: 12 })].map((each) => stateOf(each))).toEqual(["delivered, 1 part", "delivered, 12 parts", "on the bus", "", "round 12 begins"]);
    expect(stateOf(question("q", { state: "answered" }), undefined, true)).toBe("not posted yet");
    await open("#/discord", { list_traffic: paged([question("q-1"), posted(12)]) });
    const list = await screen.findByRole("list", { name: "Traffic" });
    expect(list.closest<HTMLElement>(".rows")!.style.getPropertyValue("--state-room")).toBe(String("delivered, 12 parts".length));
    expect([...list.querySelectorAll(".state")].map((each) => [each.textContent, each.matches(".cut")])).toEqual([["on the bus", false], ["delivered, 12 parts", false]]);
    cleanup();
    await open("#/discord", { list_traffic: paged([panel("p", { session_id: "s-event", stage: "ended", outcome: "interrupted" })]) });
    const state = (await screen.findByRole("list", { name: "Traffic" })).querySelector(".state")!;
    expect([state.textContent, state.closest<HTMLElement>(".rows")!.style.getPropertyValue("--state-room")], "its session has gone on since").toEqual(["ended", String("ended".length)]);
    expect(readFileSync("src/features/discord/work/TrafficRow.svelte", "utf8").match(/\.state \{[^}]*\}/g), "in whatever width").toEqual([expect.stringMatching(/min-width: max-content/)]);
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
