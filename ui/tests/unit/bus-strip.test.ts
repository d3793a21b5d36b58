import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import axe from "axe-core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import App from "../../src/App.svelte";
import "../../src/features/bus/Bus.svelte";
import Strip from "../../src/features/bus/strip/Strip.svelte";
import { DAY, HOUR, MINUTE, ticksOf } from "../../src/features/bus/strip/span";
import { MessageFeed } from "../../src/features/bus/tail/feed.svelte";
import { endFor, stretchOf, windowOf } from "../../src/features/bus/tail/window";
import type { ListMessages } from "../../src/generated/ListMessages";
import type { MessageView } from "../../src/generated/MessageView";
import type { Console } from "../../src/state/console.svelte";
import { busOf, message, peopled } from "../fixtures/agents";
import { FakePlatform } from "../fixtures/platform";

vi.setConfig({ testTimeout: 30_000 });

const START = Date.parse("2026-11-20T13:00:00Z");
/** Messages with these places, half a second between two places. */
const at = (...places: number[]) => places.map((place) => message(place, { sent_at: new Date(START + place * 500).toISOString() }));
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);
const timeOf = (place: number) => START + place * 500;

/** A feed of a bus that holds these, with what it asked. */
async function feedOf(held: MessageView[], newest = held.at(-1)?.place ?? 0) {
  const asked: ListMessages[] = [];
  const stand = { newest };
  const host = {
    bus: { stand },
    call: async (_: string, request: ListMessages) => {
      asked.push(request);
      return structuredClone(busOf(held)(request));
    },
  };
  const feed = new MessageFeed(host as unknown as Console);
  feed.newest();
  await vi.waitFor(() => expect(feed.read).toBe(true));
  asked.length = 0;
  return { feed, asked, stand };
}

const places = (feed: MessageFeed) => feed.rows.map(({ place }) => place);

/** Scrolls on until nothing newer is missing. */
async function onwards(feed: MessageFeed): Promise<void> {
  for (let pages = 0; pages < 200 && !feed.whole; pages += 1) await feed.newer();
}

describe("a list that is asked for something else", () => {
  test("is empty at once, so that no other list's rows stand under its name", async () => {
    const { feed, asked } = await feedOf(at(...upTo(5)));
    feed.ask({ states: ["parked"] });
    expect([feed.rows, feed.read]).toEqual([[], false]);
    expect(asked).toMatchObject([{ states: ["parked"] }]);
  });

  test("keeps its rows while words are typed, and asks once for the last of them", async () => {
    const { feed, asked } = await feedOf(at(...upTo(5)));
    feed.ask({ query: "pa" })();
    feed.ask({ query: "pallet" });
    expect([feed.rows.length, feed.read, asked]).toEqual([5, true, []]);
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    expect(asked).toMatchObject([{ query: "pallet" }]);
  });
});

describe("a list that is brought to a time", () => {
  test("ends with what was sent before it, and stays there", async () => {
    const { feed } = await feedOf(at(...upTo(400)));
    await feed.at(timeOf(250));
    expect(places(feed)).toEqual(upTo(249).slice(-100));
    expect([feed.foot, feed.pinned, feed.past, feed.behind, feed.more]).toEqual([{ key: 249 }, false, true, true, true]);
    feed.follow();
    await feed.older();
    expect(places(feed)).toEqual(upTo(249).slice(-200));
  });

  test("reads on to the newest, page by page, and none is missing or there twice", async () => {
    const { feed, asked } = await feedOf(at(...upTo(777)));
    await feed.at(timeOf(123));
    await onwards(feed);
    expect(places(feed)).toEqual(upTo(777).slice(22));
    expect(asked.every(({ limit = 100 }) => limit <= 100)).toBe(true);
    const pages = asked.length;
    await feed.newer();
    expect(asked, "there is nothing more to ask for").toHaveLength(pages);
  });

  test("also where all have one time", async () => {
    const held = upTo(500).map((place) => message(place, { sent_at: new Date(place < 100 ? START : START + 1_000).toISOString() }));
    const { feed } = await feedOf(held);
    await feed.at(START + 1_000);
    expect(feed.foot).toEqual({ key: 99 });
    await onwards(feed);
    expect(places(feed)).toEqual(upTo(500));
  });

  test("also where times are out of the order of their places", async () => {
    const held = at(...upTo(120));
    held[59] = { ...held[59]!, sent_at: new Date(timeOf(90)).toISOString() };
    const { feed } = await feedOf(held);
    await feed.at(timeOf(80));
    expect(places(feed)).toEqual(upTo(79));
  });

  test("also where places lie far apart, and behind them close together", async () => {
    const far = [1, 2, 3, 2_000, 9_000, ...Array.from({ length: 450 }, (_, index) => 30_000 + index), 40_000];
    const { feed, asked } = await feedOf(at(...far));
    await feed.at(timeOf(3));
    await onwards(feed);
    expect(places(feed)).toEqual(far);
    expect(asked.length, "gaps are passed in long steps").toBeLessThan(60);
  });

  test("begins at the first where nobody had written yet", async () => {
    const { feed } = await feedOf(at(...upTo(300)));
    await feed.at(START - HOUR);
    expect(feed.rows[0]?.place).toBe(1);
    expect([feed.foot, feed.more, feed.pinned]).toEqual([{ key: 1 }, false, false]);
    await onwards(feed);
    expect(places(feed)).toEqual(upTo(300));
  });

  test("follows the newest where nothing was sent since", async () => {
    const { feed } = await feedOf(at(...upTo(300)));
    await feed.at(timeOf(100));
    await feed.at(timeOf(900));
    await vi.waitFor(() => expect(feed.rows.at(-1)?.place).toBe(300));
    expect([feed.pinned, feed.past, feed.behind]).toEqual([true, false, false]);
  });

  test("takes the last wish of many, and the newest over any", async () => {
    const { feed, asked } = await feedOf(at(...upTo(400)));
    const going = feed.at(timeOf(300));
    for (const place of [290, 280, 200]) void feed.at(timeOf(place));
    await going;
    expect(feed.foot).toEqual({ key: 199 });
    expect(asked.filter(({ until }) => until), "one on its way, and the last").toHaveLength(2);
    const dropped = feed.at(timeOf(50));
    feed.newest();
    await dropped;
    await vi.waitFor(() => expect(feed.rows.at(-1)?.place).toBe(400));
    expect(feed.pinned).toBe(true);
  });

  test("misses nothing that arrives while a page is read", async () => {
    const held = at(...upTo(200));
    const { feed, stand } = await feedOf(held);
    await feed.at(timeOf(180));
    const reading = feed.newer();
    held.push(...at(201, 202, 203));
    await reading;
    expect(places(feed).at(-1)).toBe(200);
    stand.newest = 203;
    expect([feed.whole, feed.ends]).toEqual([false, true]);
    await feed.newer();
    expect(places(feed).slice(-4)).toEqual([200, 201, 202, 203]);
  });

  test("has nothing twice that came with the newest while a page was on its way", async () => {
    const far = [...upTo(30), ...Array.from({ length: 30 }, (_, index) => 5_000 + index)];
    const { feed } = await feedOf(at(...far));
    await feed.at(timeOf(20));
    const reading = feed.newer();
    feed.pinned = true;
    await reading;
    expect(places(feed)).toEqual(far);
  });

  test("that is scrolled to its end follows the newest from there, with those that came meanwhile", async () => {
    const held = at(...upTo(300));
    const { feed, stand } = await feedOf(held);
    feed.pinned = false;
    held.push(...at(301, 302));
    stand.newest = 302;
    expect(feed.behind).toBe(true);
    feed.pinned = true;
    await vi.waitFor(() => expect(feed.rows.at(-1)?.place).toBe(302));
    expect(places(feed)).toEqual(upTo(302).slice(200));
  });

  test("and is at no earlier time any more", async () => {
    const { feed } = await feedOf(at(...upTo(150)));
    await feed.at(timeOf(100));
    await onwards(feed);
    feed.pinned = true;
    feed.pinned = false;
    expect([feed.past, feed.behind]).toEqual([false, false]);
  });

  test("does not where the newest page would not reach back to it", async () => {
    const { feed, stand } = await feedOf(at(...upTo(10)));
    stand.newest = 10 + 99;
    expect(feed.ends).toBe(true);
    stand.newest = 10 + 100;
    expect(feed.ends).toBe(false);
  });
});

describe("the strip over the list", () => {
  const now = Date.parse("2026-11-20T14:30:20Z");
  test("is the last hour, and longer where older rows are in sight", () => {
    expect(stretchOf(now - 5 * MINUTE, 0, now)).toEqual({ start: Date.parse("2026-11-20T13:31:00Z"), end: Date.parse("2026-11-20T14:31:00Z") });
    const length = (ago: number, least = 0) => {
      const { start, end } = stretchOf(now - ago, least, now);
      expect(start).toBeLessThanOrEqual(now - ago);
      expect(end).toBeGreaterThanOrEqual(now);
      return end - start;
    };
    expect([HOUR / 2, 2 * HOUR, 5 * HOUR, 20 * HOUR, 2 * DAY, 20 * DAY, 300 * DAY].map((ago) => length(ago) / HOUR)).toEqual([1, 3, 6, 24, 72, 720, 8_760]);
    expect(length(1_000 * DAY) % (365 * DAY)).toBe(0);
    expect(length(HOUR / 2, 3 * HOUR), "it does not shrink while it is gone through").toBe(3 * HOUR);
  });

  test("has days for times where it is long, which begin at midnight here", () => {
    const { start, end } = stretchOf(now - 5 * DAY, 0, now);
    const { step, times } = ticksOf({ start, end }, 800, 110);
    expect([step, times.length]).toEqual([DAY, 7]);
    expect(times.map((time) => [new Date(time).getHours(), new Date(time).getMinutes()])).toEqual(times.map(() => [0, 0]));
  });

  test("marks what is in sight, up to now while the list follows", () => {
    const seen = { first: now - 5 * MINUTE, last: now - MINUTE, next: null };
    expect(windowOf(seen, true, now)).toEqual({ start: now - 5 * MINUTE, end: now });
    expect(windowOf(seen, false, now)).toEqual({ start: now - 5 * MINUTE, end: now - MINUTE });
    expect(windowOf({ ...seen, last: now + MINUTE }, true, now).end, "by a clock that is ahead").toBe(now + MINUTE);
    expect(windowOf({ ...seen, last: now - 9 * MINUTE }, false, now).start, "times out of order").toBe(now - 9 * MINUTE);
  });

  test("is moved by a key by one message at the least", () => {
    const seen = { first: 1_000, last: 5_000, next: 9_000 };
    const window = { start: 1_000, end: 60_000 };
    expect(endFor(59_000, window, seen), "nothing was sent between").toBe(5_000);
    expect(endFor(3_000, window, seen)).toBe(3_000);
    expect(endFor(6_000, { start: 1_000, end: 5_000 }, seen)).toBe(9_001);
    expect(endFor(20_000, { start: 1_000, end: 5_000 }, seen)).toBe(20_000);
    expect(endFor(6_000, { start: 1_000, end: 5_000 }, { ...seen, next: null })).toBe(6_000);
  });
});

describe("the window on the strip", () => {
  const strip = { start: START, end: START + HOUR };
  const length = 8 * MINUTE;

  /** A strip of 600 pixels, ten of them a minute, whose window ends in its middle. */
  function drawn() {
    vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(600);
    Element.prototype.setPointerCapture ??= () => {};
    const [onmove, onresize] = [vi.fn(), vi.fn()];
    const end = START + HOUR / 2;
    render(Strip, { counts: [], strip, span: { start: end - length, end }, now: strip.end, spoken: String, onmove, onresize });
    const slider = screen.getByRole("slider");
    const drag = async (part: string, to: number) => {
      const held = slider.parentElement!.querySelector(`[data-part="${part}"]`)!;
      const from = part === "start" ? 220 : 300;
      for (const [type, clientX] of [["down", from], ["move", to], ["up", to]] as const) {
        await fireEvent(held, new MouseEvent(`pointer${type}`, { bubbles: true, clientX, buttons: 1 }));
      }
    };
    return { onmove, onresize, slider, drag };
  }

  afterEach(() => {
    vi.restoreAllMocks();
    cleanup();
  });

  test("is widened by its edges, of which the other one stays", async () => {
    const { onresize, drag } = drawn();
    await drag("start", 150);
    expect(onresize).toHaveBeenLastCalledWith(15 * MINUTE, START + 30 * MINUTE);
    await drag("end", 260);
    expect(onresize).toHaveBeenLastCalledWith(4 * MINUTE, START + 26 * MINUTE);
  });

  test("is moved with what was taken of it under the pointer, and not out of the strip", async () => {
    const { onmove, onresize, drag } = drawn();
    await drag("all", 320);
    expect(onmove).toHaveBeenLastCalledWith(START + 32 * MINUTE, "pointer");
    await drag("all", -50);
    expect(onmove).toHaveBeenLastCalledWith(START + length, "pointer");
    expect(onresize).not.toHaveBeenCalled();
  });

  test("is moved by keys, and leaves chords to others", async () => {
    const { onmove, slider } = drawn();
    for (const chord of [{ ctrlKey: true }, { metaKey: true }, { altKey: true }]) await fireEvent.keyDown(slider, { key: "ArrowLeft", ...chord });
    expect(onmove).not.toHaveBeenCalled();
    const leads = { ArrowLeft: 28, ArrowRight: 32, PageDown: 22, PageUp: 38, Home: 8, End: 60 };
    for (const [key, minute] of Object.entries(leads)) {
      await fireEvent.keyDown(slider, { key });
      expect(onmove, key).toHaveBeenLastCalledWith(START + minute * MINUTE, "key");
    }
  });
});

describe("the bus with its strip", () => {
  const counts = () => ({ counts: Array.from({ length: 60 }, (_, bin) => bin % 4) });

  /** A bus of so many messages, the last of them a minute ago. */
  async function show(fragment: string, { last = 300, apart = 500, ago = MINUTE } = {}) {
    const begin = Date.now() - ago - last * apart;
    const held = upTo(last).map((place) => message(place, { sent_at: new Date(begin + place * apart).toISOString(), ...(place % 2 ? {} : { mailbox: null, to: "operator" }) }));
    const platform = new FakePlatform({ ...peopled, bus: { ...peopled.bus, newest: last } }, { list_messages: (asked) => busOf(held)(asked), message_histogram: counts, get_thread: () => ({ messages: [held[0]!], more: false }) });
    location.hash = fragment;
    dispatchEvent(new HashChangeEvent("hashchange"));
    render(App, { platform });
    const list = within(await screen.findByRole("list", { name: "Messages" }));
    await list.findAllByRole("listitem");
    return { platform, list };
  }

  const slider = () => screen.queryByRole("slider", { name: "Window in time" });
  const pallet = (place: number) => `Bruno asks for the HS code of pallet ${place}.`;
  const key = (name: string) => fireEvent.keyDown(slider()!, { key: name });
  const resized = (width: number, height: number) => {
    vi.stubGlobal("innerWidth", width);
    vi.stubGlobal("innerHeight", height);
    return fireEvent(window, new Event("resize"));
  };

  beforeEach(() => localStorage.clear());
  afterEach(() => {
    vi.unstubAllGlobals();
    cleanup();
    location.hash = "";
  });

  test("counts an hour in sixty bars and marks what is in sight", async () => {
    const { platform, list } = await show("#/bus");
    await list.findByText(pallet(300));
    const region = await screen.findByRole("region", { name: "When messages were sent" });
    await waitFor(() => expect(region.querySelector("path.out")?.getAttribute("d")).toContain("v30"));
    const [asked] = platform.argsOf("message_histogram");
    expect([asked?.bins, Date.parse(asked!.until) - Date.parse(asked!.since)]).toEqual([60, HOUR]);
    expect(slider()!.getAttribute("aria-valuetext")).toMatch(/^\d\d:\d\d:\d\d to \d\d:\d\d:\d\d$/);
    const { violations } = await axe.run(region, { rules: { "color-contrast": { enabled: false } } });
    expect(violations.map(({ id }) => id)).toEqual([]);
  });

  test("goes back by keys, and comes to the newest by End, by Esc and by a button", async () => {
    const { list } = await show("#/bus");
    await list.findByText(pallet(300));
    const comesBack = async (act: () => unknown) => {
      await key("PageDown");
      await waitFor(() => expect(list.queryByText(pallet(300))).toBeNull());
      await act();
      await list.findByText(pallet(300));
      await waitFor(() => expect(screen.queryByRole("button", { name: "Newer messages" })).toBeNull());
    };
    await comesBack(() => key("End"));
    await comesBack(() => fireEvent.keyDown(document.body, { key: "Escape" }));
    await comesBack(async () => fireEvent.click(await screen.findByRole("button", { name: "Newer messages" })));
    const before = slider()!.getAttribute("aria-valuetext");
    await key("Home");
    await list.findByText(pallet(1));
    expect(slider()!.getAttribute("aria-valuetext")).not.toBe(before);
  });

  /** As a mouse does it, whose events jsdom has for the pointer's. */
  const point = (type: string, init: MouseEventInit) => fireEvent(slider()!.parentElement!, new MouseEvent(`pointer${type}`, { bubbles: true, cancelable: true, ...init }));

  /** What the slider tells: the strip's length and the window's end, in hours. */
  const stands = () => {
    const [start, end, now] = ["valuemin", "valuemax", "valuenow"].map((name) => Number(slider()!.getAttribute(`aria-${name}`)));
    return { strip: (end! - start!) / HOUR, end: (now! - start!) / HOUR, latest: end! };
  };

  /** Goes by a key until what is wanted is so; each time to another moment. */
  async function goes(name: string, until: () => boolean) {
    const moment = () => slider()!.getAttribute("aria-valuenow");
    for (let times = 0; times < 20 && !until(); times += 1) {
      const before = moment();
      await key(name);
      await waitFor(() => expect(moment()).not.toBe(before));
    }
    expect(until(), `${name} leads there`).toBe(true);
  }

  test("grows with older rows, does not shrink on the way back, and is an hour again at the newest", async () => {
    const { list } = await show("#/bus", { apart: 30_000 });
    await list.findByText(pallet(300));
    expect(stands().strip).toBe(1);
    await goes("PageDown", () => stands().strip === 3);
    await goes("PageUp", () => stands().end > 2.6);
    expect(stands().strip).toBe(3);
    await key("End");
    await waitFor(() => expect(stands().strip).toBe(1));
  });

  test("reaches as far as the newest where another clock is ahead", async () => {
    const { list } = await show("#/bus", { ago: -5 * MINUTE });
    await list.findByText(pallet(300));
    expect(stands().latest).toBeGreaterThan(Date.now() + 4 * MINUTE);
  });

  test("stays under the pointer, and stands over what is in sight once it lets go", async () => {
    vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(600);
    Element.prototype.setPointerCapture ??= () => {};
    const { list } = await show("#/bus", { apart: 30_000 });
    await list.findByText(pallet(300));
    const newest = stands().end;
    await point("down", { clientX: 20, button: 2, buttons: 2 });
    expect(stands().end, "another button").toBe(newest);
    await point("down", { clientX: 20, button: 0, buttons: 1 });
    await waitFor(() => expect(list.queryByText(pallet(300))).toBeNull());
    await point("move", { clientX: -50, buttons: 1 });
    const width = () => Number.parseFloat(slider()!.style.width);
    await waitFor(() => expect(slider()!.style.left, "it goes no further than it can").toBe("0px"));
    const beyond = width() / 600 - stands().end;
    expect([beyond > -1e-6, beyond < 1 / 60], "less than a bar beyond what it shows").toEqual([true, true]);
    expect(stands().strip, "it stands still").toBe(1);
    await point("up", { clientX: -50 });
    await waitFor(() => expect(stands().strip, "it reaches back to the rows in sight").toBe(3));
    expect(width() / 10, "around whole bars").toBeCloseTo(Math.round(width() / 10), 6);
    vi.restoreAllMocks();
  });

  test("has no strip over a part of the messages, or where there is no room", async () => {
    const { list } = await show("#/bus");
    expect(slider()).not.toBeNull();
    await resized(639, 700);
    await waitFor(() => expect(slider()).toBeNull());
    await resized(640, 559);
    expect(slider()).toBeNull();
    await resized(640, 560);
    await waitFor(() => expect(slider()).not.toBeNull());
    await fireEvent.input(screen.getByRole("searchbox", { name: "Find messages" }), { target: { value: "pallet 30" } });
    await waitFor(() => expect(slider()).toBeNull());
    await list.findByText(pallet(300));
    cleanup();
    await show("#/bus/yours");
    expect(slider()).toBeNull();
  });

  test("answers below a message that stands in the list's place", async () => {
    await show("#/bus/all/5");
    const field = screen.getByRole("textbox", { name: "Message" });
    expect(screen.getByRole("tabpanel").contains(field), "what is hidden with the list").toBe(false);
  });
});
