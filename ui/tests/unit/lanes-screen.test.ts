import { readFileSync } from "node:fs";
import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import axe from "axe-core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import App from "../../src/App.svelte";
import StandingList from "../../src/features/bus/lanes/StandingList.svelte";
// Read before the clock of the first test runs: the frame would read them inside that.
import "../../src/features/bus/Bus.svelte";
import "../../src/features/bus/lanes/Lanes.svelte";
import { Reading } from "../../src/features/bus/lanes/reading.svelte";
import type { ListMessages } from "../../src/generated/ListMessages";
import type { MessageView } from "../../src/generated/MessageView";
import { RpcError } from "../../src/platform";
import type { Console } from "../../src/state/console.svelte";
import { broadcast, busOf, message, peopled } from "../fixtures/agents";
import { press } from "../fixtures/page";
import { FakePlatform } from "../fixtures/platform";

vi.setConfig({ testTimeout: 30_000 });

type Answers = ConstructorParameters<typeof FakePlatform>[1];

const open = { fetched_at: null, acknowledged_at: null, acknowledged_by: null, answered_at: null, ended_at: null } as const;
const iso = (from: number, seconds: number) => new Date(from + seconds * 1_000).toISOString();

/** Five messages of four minutes, the last of them half a minute before `end`. */
function incident(end: number): MessageView[] {
  const at = (seconds: number) => iso(end - 240_000, seconds);
  return [
    message(1, { ...open, state: "done", text: "The HS code of the fourth pallet?", sent_at: at(0), fetched_at: at(0.8), acknowledged_at: at(84.8), answered_at: at(84.8), answered_by: "m-2" }),
    message(2, { ...open, state: "done", text: "8413.91. I have put it on the label.", from: "agent:loom", from_agent: "a-loom", mailbox: "a-bruno-voice", to: "bruno-voice", in_reply_to: "m-1", sent_at: at(84.8), fetched_at: at(94.8), acknowledged_at: at(96) }),
    message(3, { ...open, state: "parked", text: "Draft the week’s letter.", mailbox: "a-archivist", to: "archivist", sent_at: at(100), ended_at: at(120) }),
    message(4, { ...open, state: "withdrawn", text: "Ignore my last note.", sent_at: at(150), ended_at: at(170) }),
    message(5, { ...open, state: "waiting", text: "Shall I book the carrier?", from: "agent:loom", from_agent: "a-loom", mailbox: null, to: "operator", sent_at: at(210) }),
  ];
}

const QUIET = Date.parse("2026-11-20T14:04:00Z");
const threadOf = (held: MessageView[]) => () => ({ messages: held.slice(0, 2), more: false });
const counts = () => ({ counts: Array.from({ length: 60 }, (_, bin) => bin % 3) });

async function show(fragment: string, held: MessageView[], answers: Answers = {}): Promise<FakePlatform> {
  const platform = new FakePlatform(peopled, { list_messages: (asked) => busOf(held)(asked), message_histogram: counts, get_thread: threadOf(held), ...answers });
  location.hash = fragment;
  dispatchEvent(new HashChangeEvent("hashchange"));
  render(App, { platform });
  await screen.findByRole("navigation", { name: "Places" });
  return platform;
}

const list = async () => {
  const found = within(await screen.findByRole("list", { name: "Messages in this window" }));
  await found.findAllByRole("listitem");
  return found;
};
const panel = async () => within(await screen.findByRole("complementary", { name: "Path of one message" }));
const head = () => screen.getByRole("slider", { name: "Playhead" }).getAttribute("aria-valuetext");
const windowOf = () => screen.getByRole("slider", { name: "Window in time" }).getAttribute("aria-valuetext");
const standing = () => screen.getByRole("region", { name: /^At / }).textContent?.replace(/\s+/g, " ");

beforeEach(() => localStorage.clear());
afterEach(() => {
  cleanup();
  location.hash = "";
});

describe("the lanes", () => {
  test.each([[true], [false]])("name the signs they draw, that of what rests where something does: %s", async (rests) => {
    await show("#/bus/lanes", incident(QUIET).filter(({ state }) => rests || state !== "parked"));
    await list();
    const signs = within(screen.getByRole("list", { name: "Signs" })).getAllByRole("listitem").map((each) => each.lastChild?.textContent);
    expect(signs).toEqual(["sent, fetched", "at once", "with its reader", "not fetched", ...(rests ? ["parked or held"] : [])]);
  });

  test("of a quiet bus begin where it was not quiet, with everyone who wrote or was written to", async () => {
    const platform = await show("#/bus/lanes", incident(QUIET));
    expect(await (await list()).findAllByRole("listitem")).toHaveLength(5);
    screen.getByRole("img", { name: /^4 lanes with 5 deliveries from \d\d:\d\d:\d\d to \d\d:\d\d:\d\d\./ });
    const chart = screen.getByRole("group", { name: "Lanes" });
    expect([...chart.querySelectorAll(".lane b")].map((name) => name.textContent)).toEqual(["operator", "archivist", "bruno-voice", "loom"]);
    expect([...chart.querySelectorAll(".lane bdi")].map((note) => note.textContent), "a model by its name").toEqual(["you", "Claude Opus 4.7", "claude-sonnet-4-5", "GPT-5.4"]);
    const asked = platform.argsOf("list_messages").filter(({ until }) => until !== undefined);
    expect(asked.map(({ limit, until }) => [limit, until])).toEqual([[100, "2026-11-20T14:04:00.000Z"]]);
    const [hour] = platform.argsOf("message_histogram");
    expect([hour?.bins, Date.parse(hour!.until) - Date.parse(hour!.since)]).toEqual([60, 3_600_000]);
    expect(standing()).toMatch(/counting what was sent since \d\d:\d\d ?operator 1 persisted ?archivist 1 parked ?$/);
  });

  test("are walked by keys: through the messages, along a path, and from event to event", async () => {
    const held = incident(QUIET);
    await show("#/bus/lanes", held);
    await list();
    await press("j");
    await waitFor(async () => expect((await list()).getByRole("link", { current: true }).textContent).toContain("Shall I book the carrier?"));
    expect(document.activeElement, "it is read out").toBe((await list()).getByRole("link", { current: true }));
    for (let row = 0; row < 3; row += 1) await press("k");
    await waitFor(async () => expect(document.activeElement).toBe((await list()).getByRole("link", { current: true })));
    await press("Enter");
    const path = await panel();
    await path.findByText("1 min 24 s with loom, the longest");
    path.getByText("10 s in bruno-voice’s inbox");
    path.getByText("1 min 36 s");
    expect(location.hash).toBe("#/bus/lanes/2");
    await press("k");
    expect(location.hash).toBe("#/bus/lanes/1");
    const seen: (string | undefined | null)[] = [];
    for (let step = 0; step < 10; step += 1) {
      await press("ArrowLeft");
      seen.push(head()?.slice(3));
    }
    expect(seen).toEqual(["03:30", "02:50", "02:30", "02:00", "01:40", "01:36", "01:34", "01:24", "00:00", "00:00"]);
    expect(path.getAllByText(/^not sent at/)).toHaveLength(1);
    path.getByText("not fetched at 14:00:00", { exact: false });
    expect(standing()).toContain("loom 1 persisted");
    await press("ArrowRight");
    expect(head()?.slice(3)).toBe("00:00");
    path.getByText(/^fetched after 800 ms/);
    expect(standing()).toContain("loom 1 leased");
    await press("Escape");
    expect(location.hash).toBe("#/bus/lanes");
    await list();
  });

  test("whoever opens a path from the list by keys goes on in it, and comes back to the list", async () => {
    await show("#/bus/lanes", incident(QUIET));
    const link = (await (await list()).findAllByRole("link"))[0]!;
    link.focus();
    location.hash = link.getAttribute("href")!;
    dispatchEvent(new HashChangeEvent("hashchange"));
    const path = await screen.findByRole("complementary", { name: "Path of one message" });
    await waitFor(() => expect(path.contains(document.activeElement)).toBe(true));
    const close = within(path).getByRole("button", { name: "Back to all messages of the window" });
    close.focus();
    await fireEvent.click(close);
    await list();
    await waitFor(() => expect(screen.getByRole("complementary").contains(document.activeElement)).toBe(true));
  });

  test("arrows belong to a choice while it has the focus", async () => {
    await show("#/bus/lanes", incident(QUIET));
    await list();
    const before = head();
    screen.getByRole("radio", { name: "4×" }).focus();
    await press("ArrowLeft");
    expect(head()).toBe(before);
  });

  test("a window is moved and widened by keys, and goes back to now", async () => {
    await show("#/bus/lanes", incident(QUIET));
    await list();
    const before = windowOf();
    const slider = screen.getByRole("slider", { name: "Window in time" });
    await fireEvent.keyDown(slider, { key: "ArrowLeft" });
    expect(windowOf()).not.toBe(before);
    await fireEvent.keyDown(slider, { key: "ArrowRight" });
    expect(windowOf()).toBe(before);
    await press("-");
    await screen.findByText("8 min");
    await press("+");
    await press("+");
    await screen.findByText("2 min");
    await press("+");
    await screen.findByText("1 min");
    expect(screen.getByRole<HTMLButtonElement>("button", { name: "A shorter window" }).title).toBe("No window is shorter.");
    await fireEvent.click(screen.getByRole("button", { name: "Now" }));
    await screen.findByText(/^Nobody wrote or read anything from/);
    expect(screen.queryByRole("button", { name: "Now" })).toBeNull();
  });

  test("a message opens in them and from them", async () => {
    const held = incident(QUIET);
    await show("#/bus/all/2", held);
    await fireEvent.click(await screen.findByRole("button", { name: "Show in the lanes" }));
    expect(location.hash).toBe("#/bus/lanes/2");
    const path = await panel();
    await path.findByText("The HS code of the fourth pallet?");
    await fireEvent.click(path.getByRole("button", { name: "Open thread in tail" }));
    await screen.findByRole("complementary", { name: "Message from bruno-voice to loom" });
    expect(location.hash).toBe("#/bus/all/1");
    await fireEvent.click(screen.getByRole("radio", { name: "Swim lanes" }));
    await fireEvent.click(await (await panel()).findByRole("button", { name: "Open the message" }));
    expect(location.hash).toBe("#/bus/all/1");
  });

  test("a broadcast is followed in the mailbox in which it was opened, whichever the thread tells", async () => {
    const cast = broadcast(8, { sent_at: "2026-11-20T14:01:00Z" });
    const platform = await show("#/bus/lanes/10", [...incident(QUIET), ...cast], { get_thread: () => ({ messages: cast.slice(0, 1), more: false }) });
    await (await panel()).findByText("Count the pallets of the north gate.");
    const [{ message_id } = message(0)] = cast;
    expect(platform.argsOf("list_messages").filter((asked) => asked.message_id), "its copies, all of them").toContainEqual({ message_id, limit: 500 });
  });

  test("one of another day brings its own time into the window", async () => {
    const old = message(9, { sent_at: "2026-10-03T08:00:00Z", text: "From another day." });
    const held = [old, ...incident(QUIET).map((each) => ({ ...each, place: each.place + 10 }))];
    await show("#/bus/lanes/9", held, { get_thread: () => ({ messages: [old], more: false }) });
    await (await panel()).findByText("From another day.");
    await waitFor(() => expect(windowOf()).toMatch(/^0[789]:5\d/));
  });

  test("what comes moves in while the window ends now, and moves nothing otherwise", async () => {
    const held = incident(Date.now());
    const platform = await show("#/bus/lanes", held);
    expect(await (await list()).findAllByRole("listitem")).toHaveLength(5);
    const come = (place: number, text: string) => {
      held.push(message(place, { ...open, state: "waiting", text, sent_at: new Date().toISOString() }));
      platform.emit({ type: "bus_moved", bus: { ...peopled.bus, newest: place } });
    };
    come(6, "The carrier is booked.");
    await (await list()).findByText("The carrier is booked.");
    await fireEvent.keyDown(screen.getByRole("slider", { name: "Window in time" }), { key: "ArrowLeft" });
    const before = windowOf();
    const asked = platform.argsOf("list_messages").length;
    come(7, "At the gate.");
    await waitFor(() => expect(platform.argsOf("list_messages").length).toBeGreaterThan(asked));
    expect(windowOf()).toBe(before);
    expect((await list()).queryByText("At the gate.")).toBeNull();
  });

  test("a fact that comes later is taken where its message stands", async () => {
    const held = incident(Date.now());
    const platform = await show("#/bus/lanes", held);
    await waitFor(() => expect(standing()).toContain("operator 1 persisted"));
    held[4] = { ...held[4]!, state: "leased", fetched_at: new Date().toISOString() };
    platform.emit({ type: "bus_moved", bus: peopled.bus });
    await waitFor(() => expect(standing()).toContain("operator 1 leased"));
  });

  test("are read again after a failure, and nobody calls them empty before", async () => {
    let fails = true;
    const held = incident(QUIET);
    await show("#/bus/lanes", held, {
      list_messages: (asked) => {
        if (fails && asked.since) throw new RpcError("store_unavailable", "The disk is full.");
        return busOf(held)(asked);
      },
    });
    await screen.findByText("The disk is full.");
    expect(screen.queryByText(/^Nobody wrote/)).toBeNull();
    fails = false;
    await fireEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(await (await list()).findAllByRole("listitem")).toHaveLength(5);
  });

  test("of a bus that nobody wrote on say so, and come once somebody does", async () => {
    const held: MessageView[] = [];
    const platform = await show("#/bus/lanes", held);
    await screen.findByText(/^Nobody has written yet\. Here each agent has a lane/);
    const exports = () => screen.queryByRole("button", { name: "Export case file" });
    expect([exports(), document.querySelector(".bar")], "there is nothing to export, and no window to make longer").toEqual([null, null]);
    held.push(...incident(Date.now()));
    platform.emit({ type: "bus_moved", bus: peopled.bus });
    expect(await (await list()).findAllByRole("listitem")).toHaveLength(5);
    expect(exports()).not.toBeNull();
    await press("w");
    await waitFor(() => expect(location.hash).toBe("#/bus/all/write"));
  });

  test("count what lies in one spot, and each of it is opened by a press and told by keys", async () => {
    const widths = vi.spyOn(Element.prototype, "clientWidth", "get").mockReturnValue(600);
    const burst = Array.from({ length: 4 }, (_, index) => message(index + 1, { ...open, state: "waiting", text: `Pallet ${index + 1}`, sent_at: iso(QUIET, -60) }));
    await show("#/bus/lanes", burst, { get_thread: () => ({ messages: [], more: false }) });
    await list();
    const spot = () => document.querySelector<SVGTextElement>("text.count")!;
    expect(spot().textContent).toBe("4");
    const plane = spot().closest(".over")!;
    const [x, y] = ["x", "y"].map((name) => Number(spot().getAttribute(name))) as [number, number];
    // jsdom's own pointer events have no place.
    const pointer = (type: string) => fireEvent(plane, new MouseEvent(type, { bubbles: true, button: 0, clientX: 12 + x + 5, clientY: y + 6 }));
    await pointer("pointermove");
    expect(plane.getAttribute("title")).toBe("4 deliveries lie here. Each press opens the next.");
    for (const place of [1, 2, 3, 4, 1, 2]) {
      await pointer("pointerdown");
      await waitFor(() => expect(location.hash).toBe(`#/bus/lanes/${place}`));
      expect(spot().textContent).toBe(`${place} of 4`);
    }
    await press("Escape");
    await list();
    await press("j");
    await waitFor(() => expect(spot().textContent).toBe("3 of 4"));
    await press("Enter");
    await waitFor(() => expect(location.hash).toBe("#/bus/lanes/3"));
    await press("Escape");
    await list();
    await press("j");
    await waitFor(() => expect(spot().textContent).toBe("4 of 4"));
    for (const place of [4, 1]) {
      await pointer("pointerdown");
      await waitFor(() => expect(location.hash, "the one that the count names, then the next").toBe(`#/bus/lanes/${place}`));
    }
    widths.mockRestore();
  });

  test("draw few of five hundred", async () => {
    const held = Array.from({ length: 500 }, (_, index) => message(index + 1, { ...open, state: "waiting", mailbox: `a-${index}`, to: `n-${String(index).padStart(3, "0")}`, sent_at: iso(QUIET - 60_000, index / 10) }));
    await show("#/bus/lanes", held);
    const chart = await screen.findByRole("img", { name: /^501 lanes with 500 deliveries/ });
    expect(chart.querySelectorAll(".lane").length).toBeLessThan(40);
    expect(chart.querySelectorAll("path").length).toBeLessThan(60);
    expect(screen.getByRole("region", { name: /^At / }).textContent).toContain("and with 496 more");
  });

  test.each(["#/bus/lanes", "#/bus/lanes/1"])("axe finds nothing on %s", async (fragment) => {
    await show(fragment, incident(QUIET));
    await screen.findByRole("img", { name: /lanes with/ });
    if (fragment.endsWith("1")) await (await panel()).findByText(/the longest/);
    const { violations } = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
  });
});

describe("a window with more messages than can be drawn", () => {
  const held = Array.from({ length: 400 }, (_, index) => message(index + 1, { sent_at: iso(QUIET, index) }));
  const hostOf = (calls: ListMessages[], hear: (asked: ListMessages) => void = () => {}) =>
    ({ call: async (_: string, asked: ListMessages) => (calls.push(asked), hear(asked), structuredClone(busOf(held)(asked))) }) as unknown as Console;

  test("is read in pages up to there, the newest first, and says from when on it is whole", async () => {
    const calls: ListMessages[] = [];
    const reading = new Reading(hostOf(calls), 250);
    reading.want(QUIET, null);
    await waitFor(() => expect(reading.isWhole).toBe(true));
    expect([reading.messages.length, reading.capped, reading.messages[0]!.place, reading.from]).toEqual([250, true, 151, QUIET + 150_000]);
    expect(calls.map(({ before, limit }) => [before, limit])).toEqual([[undefined, 100], [301, 100], [201, 50]]);
    reading.want(QUIET + 200_000, QUIET + 300_000);
    expect(calls, "what is there is not read again").toHaveLength(3);
    reading.want(QUIET, QUIET + 100_000);
    expect(reading.isWhole, "what stands there is of another window").toBe(false);
    await waitFor(() => expect(reading.capped).toBe(false));
    expect([reading.messages.length, reading.from]).toEqual([100, QUIET]);
    reading.end();
  });

  test("that is left for another one is read no further", async () => {
    const calls: ListMessages[] = [];
    let elsewhere = () => {};
    const reading = new Reading(hostOf(calls, ({ before }) => before && elsewhere()));
    elsewhere = () => {
      elsewhere = () => {};
      reading.want(QUIET - 1_000_000, QUIET + 10_000);
    };
    reading.want(QUIET, null);
    await waitFor(() => expect(reading.isWhole).toBe(true));
    expect(reading.messages.map(({ place }) => place)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(calls).toHaveLength(3);
    reading.end();
  });
});

test("what lies with two of one name is told with what tells them apart", () => {
  const none = { leased: 0, fetched: 0, unread: 1, parked: 0, held: 0 };
  const lanes = [["bruno", "revoked, …09fe"], ["bruno", "GPT-5.4"], ["loom", "GPT-5.4"]].map(([name, note], index) => ({ ...none, lane: { id: `a-${index}`, name: name!, note: note! } }));
  render(StandingList, { standing: lanes, at: Date.now(), from: 0 });
  expect(screen.getAllByRole("listitem").map(({ textContent }) => textContent?.replace(/\s+/g, " "))).toEqual(["bruno revoked, …09fe 1 persisted", "bruno GPT-5.4 1 persisted", "loom 1 persisted"]);
});

test("lanes are lower in a low window, and fade where more of them follow", async () => {
  const high = innerHeight;
  const heights = () => [...document.querySelectorAll<HTMLElement>(".lane")].map((lane) => lane.style.height);
  await show("#/bus/lanes", incident(Date.now() - 30_000));
  const chart = await screen.findByRole("group", { name: "Lanes" });
  await waitFor(() => expect(new Set(heights())).toEqual(new Set(["64px"])));
  Object.defineProperty(chart, "scrollHeight", { value: 900 });
  await fireEvent.scroll(chart);
  expect(chart.dataset.more).toBe("below");
  window.innerHeight = 600;
  await fireEvent(window, new Event("resize"));
  await waitFor(() => expect(new Set(heights())).toEqual(new Set(["42px"])));
  expect(chart.querySelector<HTMLElement>(".lanes")!.style.height).toBe(`${heights().length * 44}px`);
  window.innerHeight = high;
  await fireEvent(window, new Event("resize"));
});

test("a message that was taken back is struck in the list of the lanes, as in the tail", async () => {
  await show("#/bus/lanes", incident(QUIET));
  const rows = await list();
  const struck = rows.getAllByRole("link").filter((row) => row.classList.contains("gone"));
  expect(struck.map((row) => row.querySelector(".said")?.textContent?.trim())).toEqual(["Ignore my last note."]);
  expect(readFileSync("src/features/bus/lanes/MessageRows.svelte", "utf8")).toMatch(/\.gone \.said \{ text-decoration: line-through; color: var\(--ink-3\); \}/);
});
