import { describe, expect, test, vi } from "vitest";
import { bundleAt, bundlesOf, countAt, manyPlacesAt, nextOf, placesAt } from "../../src/features/bus/lanes/bundles";
import { lanesOf, type People } from "../../src/features/bus/lanes/lanes";
import { eventAfter, eventBefore, eventsOf, heldUntil, momentsOf, stateAt, touches, type Stood } from "../../src/features/bus/lanes/moments";
import { chainOf, lengthOf, pathOf } from "../../src/features/bus/lanes/path";
import { play } from "../../src/features/bus/lanes/player";
import { crosses, LANE, middleOf, pathsOf, saidAt, shapesAt, shapeOf, shapesOf, wordsOf, type Plot } from "../../src/features/bus/lanes/shapes";
import { random } from "../fixtures/maps";
import { Sight } from "../../src/features/bus/lanes/sight.svelte";
import { standingAt } from "../../src/features/bus/lanes/standing";
import { fateOf, standingWords, waitWords } from "../../src/features/bus/lanes/words";
import { barsOf, frameOf } from "../../src/features/bus/strip/histogram";
import { endAround, HOUR, lengthBeside, MINUTE, nearestLength, pixelOf, stripOf, ticksOf, timeAt } from "../../src/features/bus/strip/span";
import { waited } from "../../src/format/time";
import type { MessageView } from "../../src/generated/MessageView";
import { agent, message } from "../fixtures/agents";

const DAY = "2026-11-20T";
const at = (time: string) => Date.parse(`${DAY}${time}Z`);
const iso = (time: string | null) => (time === null ? null : `${DAY}${time}Z`);

/** A message with these times of day and nothing that is not said. */
function told(state: MessageView["state"], times: { sent?: string; fetched?: string; acknowledged?: string; answered?: string; ended?: string }, part: Partial<MessageView> = {}): MessageView {
  const { sent = "14:00:00", fetched = null, acknowledged = null, answered = null, ended = null } = times;
  return message(1, { state, sent_at: iso(sent)!, fetched_at: iso(fetched), acknowledged_at: iso(acknowledged), acknowledged_by: null, answered_at: iso(answered), ended_at: iso(ended), ...part });
}

describe("how a message stood at a time", () => {
  const fetched = "14:01:00";
  const TABLE: [string, MessageView, Stood[]][] = [
    // At 13:59, 14:00, 14:00:30, 14:01, 14:01:30, 14:02 and 14:10.
    ["that nobody fetched", told("waiting", {}), ["unsent", "unread", "unread", "unread", "unread", "unread", "unread"]],
    ["that its reader has", told("leased", { fetched }), ["unsent", "unread", "unread", "leased", "leased", "leased", "leased"]],
    ["that was acknowledged", told("done", { fetched, acknowledged: "14:02:00" }), ["unsent", "unread", "unread", "leased", "leased", "acknowledged", "acknowledged"]],
    ["that was answered at once", told("done", { fetched, acknowledged: "14:02:00", answered: "14:02:00" }), ["unsent", "unread", "unread", "leased", "leased", "answered", "answered"]],
    ["that was acknowledged, and answered later", told("done", { fetched, acknowledged: "14:01:30", answered: "14:02:00" }), ["unsent", "unread", "unread", "leased", "acknowledged", "answered", "answered"]],
    ["that was answered without being fetched", told("done", { acknowledged: "14:01:00", answered: "14:01:00" }), ["unsent", "unread", "unread", "answered", "answered", "answered", "answered"]],
    ["that was given too often", told("parked", { fetched, ended: "14:02:00" }), ["unsent", "unread", "unread", "leased", "leased", "parked", "parked"]],
    ["whose reader was revoked", told("parked", { ended: "14:00:30" }), ["unsent", "unread", "parked", "parked", "parked", "parked", "parked"]],
    ["that was held as it was sent", told("held", { ended: "14:00:00" }), ["unsent", "held", "held", "held", "held", "held", "held"]],
    ["that was taken back unread", told("withdrawn", { ended: "14:00:30" }), ["unsent", "unread", "withdrawn", "withdrawn", "withdrawn", "withdrawn", "withdrawn"]],
    ["that was taken back from its reader", told("withdrawn", { fetched, ended: "14:02:00" }), ["unsent", "unread", "unread", "leased", "leased", "withdrawn", "withdrawn"]],
    ["that was answered after it was taken back", told("withdrawn", { fetched, ended: "14:01:30", answered: "14:02:00" }), ["unsent", "unread", "unread", "leased", "withdrawn", "withdrawn", "withdrawn"]],
    // When a lease ran out is not stored: nobody can say that somebody had it.
    ["that came back", told("waiting", { fetched }), ["unsent", "unread", "unread", "fetched", "fetched", "fetched", "fetched"]],
    ["that nobody acknowledged", told("unacknowledged", { fetched }), ["unsent", "unread", "unread", "fetched", "fetched", "fetched", "fetched"]],
  ];
  const MOMENTS = ["13:59:59", "14:00:00", "14:00:30", "14:01:00", "14:01:30", "14:02:00", "14:10:00"];
  test.each(TABLE)("%s", (_, given, stood) => expect(MOMENTS.map((moment) => stateAt(given, at(moment)))).toEqual(stood));

  test("until when its reader had it is a stored time, or never", () => {
    expect(TABLE.map(([, given]) => heldUntil(given))).toEqual([
      null, Infinity, at("14:02:00"), at("14:02:00"), at("14:02:00"), null, at("14:02:00"), null, null, null, at("14:02:00"), at("14:02:00"), null, null,
    ]);
  });

  test("it is in sight as long as anything of it is", () => {
    const acknowledged = told("done", { fetched, acknowledged: "14:02:00" });
    expect(touches(acknowledged, at("14:01:30"), at("14:05:00"))).toBe(true);
    expect(touches(acknowledged, at("14:02:01"), at("14:05:00"))).toBe(false);
    expect(touches(acknowledged, at("13:50:00"), at("13:59:59"))).toBe(false);
    expect(touches(told("leased", { fetched }), at("15:00:00"), at("15:05:00")), "still held").toBe(true);
    expect(touches(told("waiting", {}), at("15:00:00"), at("15:05:00")), "unread since long").toBe(false);
  });

  test("its stored times are what the playhead steps to", () => {
    const events = eventsOf([told("done", { fetched, acknowledged: "14:02:00", answered: "14:02:00" }), told("waiting", { sent: "14:01:00" })], at("14:00:00"), at("14:30:00"));
    expect(events).toEqual([at("14:00:00"), at("14:01:00"), at("14:02:00")]);
    expect(eventsOf([told("done", { fetched, acknowledged: "14:02:00" })], at("14:01:30"), at("14:30:00"))).toEqual([at("14:02:00")]);
    expect(eventAfter(events, at("14:01:00"))).toBe(at("14:02:00"));
    expect(eventBefore(events, at("14:01:00"))).toBe(at("14:00:00"));
    expect([eventAfter(events, at("14:02:00")), eventBefore(events, at("14:00:00"))]).toEqual([undefined, undefined]);
  });
});

describe("a window in time", () => {
  const now = at("14:33:20");
  test("has six lengths", () => {
    expect(lengthBeside(8 * MINUTE, 1)).toBe(15 * MINUTE);
    expect(lengthBeside(8 * MINUTE, -1)).toBe(4 * MINUTE);
    expect([lengthBeside(MINUTE, -1), lengthBeside(30 * MINUTE, 1)]).toEqual([MINUTE, 30 * MINUTE]);
    expect([0, 3.1, 11, 70].map((minutes) => nearestLength(minutes * MINUTE) / MINUTE)).toEqual([1, 4, 8, 30]);
  });
  test("is zoomed around the playhead", () => {
    const span = { start: at("14:00:00"), end: at("14:08:00") };
    const end = endAround(span, 4 * MINUTE, at("14:02:00"));
    expect([end - 4 * MINUTE, end]).toEqual([at("14:01:00"), at("14:05:00")]);
  });
  test("stands under an hour that goes no further than it must", () => {
    const first = stripOf({ start: at("14:25:20"), end: now }, null, now);
    expect(first).toEqual({ start: at("13:34:00"), end: at("14:34:00") });
    expect(stripOf({ start: at("13:40:00"), end: at("13:48:00") }, first, now)).toBe(first);
    expect(stripOf({ start: at("13:30:30"), end: at("13:38:30") }, first, now)).toEqual({ start: at("13:30:00"), end: at("14:30:00") });
    expect(stripOf({ start: at("09:10:00"), end: at("09:18:00") }, first, now), "far away: in the middle").toEqual({ start: at("08:44:00"), end: at("09:44:00") });
    expect(stripOf({ start: at("14:26:10"), end: at("14:34:10") }, first, at("14:34:10")), "a minute later").toEqual({ start: at("13:35:00"), end: at("14:35:00") });
    expect(first.end - first.start).toBe(HOUR);
  });
  test.each([
    [MINUTE, 700, 10_000],
    [8 * MINUTE, 700, MINUTE],
    [8 * MINUTE, 300, 300_000],
    [30 * MINUTE, 700, 300_000],
    [HOUR, 850, 600_000],
  ])("of %d ms on %d pixels has times every %d ms", (length, width, step) => {
    const ticks = ticksOf({ start: at("14:00:01"), end: at("14:00:01") + length }, width, 84);
    expect(ticks.step).toBe(step);
    expect(ticks.times.every((time) => time % step === 0)).toBe(true);
    expect(ticks.times.length).toBeGreaterThan(0);
  });
  test.each([
    ["set forward", "2026-03-28T12:00:00+01:00", "2026-03-30T12:00:00+02:00", 12, ["28 12", "29 0", "29 12", "30 0", "30 12"]],
    ["set back", "2026-10-24T12:00:00+02:00", "2026-10-26T12:00:00+01:00", 12, ["24 12", "25 0", "25 12", "26 0", "26 12"]],
    ["set forward on the way", "2026-03-28T00:00:00+01:00", "2026-03-31T00:00:00+02:00", 24, ["28 0", "29 0", "30 0", "31 0"]],
    ["set forward within hours", "2026-03-29T00:00:00+01:00", "2026-03-29T06:00:00+02:00", 1, ["29 0", "29 1", "29 3", "29 4", "29 5", "29 6"]],
    ["set forward behind a start that is none of them", "2026-03-29T01:30:00+01:00", "2026-03-29T09:00:00+02:00", 2, ["29 4", "29 6", "29 8"]],
  ])("has hours and days of the clock here, also where it is %s", (_, start, end, hours, wanted) => {
    vi.stubEnv("TZ", "Europe/Berlin");
    const span = { start: Date.parse(start), end: Date.parse(end) };
    const apart = Math.floor((hours * HOUR * 1_000) / (span.end - span.start));
    const { step, times } = ticksOf(span, 1_000, apart);
    expect(step).toBe(hours * HOUR);
    expect(times.map((time) => `${new Date(time).getDate()} ${new Date(time).getHours()}`)).toEqual(wanted);
    vi.unstubAllEnvs();
  });
  test("tells pixels from times and back", () => {
    const span = { start: at("14:00:00"), end: at("14:08:00") };
    expect(pixelOf(span, 800, at("14:02:00"))).toBe(200);
    expect(timeAt(span, 800, 200)).toBe(at("14:02:00"));
  });
});

test("the strip has a bar for each share, the tallest as high as it is, and knows which are in the window", () => {
  const bars = barsOf([0, 1, 4, 2], { start: 0, end: 400 }, { start: 100, end: 300 }, 80, 30);
  expect(bars.map(({ height }) => height)).toEqual([1, 8, 30, 15]);
  expect(bars.map(({ y }) => y)).toEqual([29, 22, 0, 15]);
  expect(bars.map(({ x }) => x)).toEqual([1, 21, 41, 61]);
  expect(bars.map(({ within }) => within)).toEqual([false, true, true, false]);
  expect(barsOf([0, 1_000, 1], { start: 0, end: 3 }, { start: 0, end: 1 }, 60, 30)[2]!.height, "one among a thousand is seen").toBe(2);
});

test.each<[string, [number, number], [number, number]]>([
  ["begins and ends with whole shares", [130, 270], [100, 300]],
  ["stays where it ends with one", [100, 300], [100, 300]],
  ["has a share at the least", [200, 200], [200, 300]],
  ["ends with the strip", [390, 430], [300, 400]],
])("the frame over the strip %s", (_, [start, end], [from, to]) => {
  const strip = { start: 0, end: 400 };
  const frame = frameOf(strip, { start, end }, 4);
  expect(frame).toEqual({ start: from, end: to });
  const lit = barsOf([1, 1, 1, 1], strip, frame, 80, 30).filter(({ within }) => within);
  expect([lit[0]!.x, lit.at(-1)!.x + lit.at(-1)!.width], "around the bars that are lit").toEqual([from / 5 + 1, to / 5 - 1]);
});

describe("the playhead", () => {
  const sight = (end: string) => {
    const made = new Sight();
    made.now = at("15:00:00");
    made.moveTo(at(end));
    return made;
  };
  test.each([
    ["a burst", "14:59:40", null, 1, "15:00:00"],
    ["a burst that would soon have left", "14:59:10", null, 2, "15:00:00"],
    ["some minutes", "14:54:00", null, 8, "15:00:00"],
    ["a quarter of an hour", "14:45:00", null, 15, "15:00:00"],
    ["a burst long ago", "14:00:00", "14:00:20", 1, "14:00:27"],
    ["a quarter of an hour long ago", "14:00:00", "14:15:00", 15, "14:15:00"],
  ])("opens with %s on as much as that needs, and all of it can be played", (_, first, last, minutes, end) => {
    const made = new Sight();
    made.now = at("15:00:00");
    made.open(at(first), last === null ? null : at(last));
    expect([made.length / MINUTE, Math.floor(made.span.end / 1_000) * 1_000, made.follows]).toEqual([minutes, at(end), last === null]);
    expect(made.span.start).toBeLessThanOrEqual(at(first));
    made.play();
    expect([made.at, made.playing]).toEqual([made.span.start, true]);
  });
  test("is at the end until it is moved, steps from event to event, and stops at the ends of the window", () => {
    const made = sight("14:08:00");
    const events = [at("14:01:00"), at("14:02:00"), at("14:07:00")];
    expect([made.span.start, made.at, made.isWhole]).toEqual([at("14:00:00"), at("14:08:00"), true]);
    const seen = [-1, -1, -1, -1, 1, 1, 1, 1, 1].map((way) => (made.step(events, way as 1 | -1), new Date(made.at).toISOString().slice(11, 19)));
    expect(seen).toEqual(["14:07:00", "14:02:00", "14:01:00", "14:00:00", "14:01:00", "14:02:00", "14:07:00", "14:08:00", "14:08:00"]);
  });
  test("stays at its time when the window is moved over it, and inside when it is moved away", () => {
    const made = sight("14:08:00");
    made.scrub(at("14:05:00"));
    made.moveTo(at("14:10:00"));
    expect(made.at).toBe(at("14:05:00"));
    made.moveTo(at("14:20:00"));
    expect(made.at).toBe(at("14:12:00"));
  });
  test("plays at its speed up to the end, and from the start once it was there", () => {
    const made = sight("14:08:00");
    made.speed = "16";
    made.play();
    expect([made.at, made.playing]).toEqual([at("14:00:00"), true]);
    made.advance(1_000);
    expect(made.at).toBe(at("14:00:16"));
    made.advance(HOUR);
    expect([made.at, made.playing]).toEqual([at("14:08:00"), false]);
  });
  test("a window that ends now follows; one that was moved stays where it is", () => {
    const made = sight("15:00:00");
    expect(made.follows).toBe(true);
    made.tick(at("15:01:00"));
    expect([made.span.end, made.at]).toEqual([at("15:01:00"), at("15:01:00")]);
    made.scrub(at("14:56:00"));
    made.tick(at("15:02:00"));
    expect(made.at, "what is looked at").toBe(at("14:56:00"));
    made.moveTo(at("14:30:00"));
    made.tick(at("15:03:00"));
    expect([made.follows, made.span.end]).toEqual([false, at("14:30:00")]);
    made.follow();
    expect([made.follows, made.at]).toEqual([true, at("15:03:00")]);
  });
  test("zooming keeps what is at the playhead; a window that follows goes on following", () => {
    const made = sight("15:00:00");
    made.zoom(-1);
    expect([made.length, made.follows]).toEqual([4 * MINUTE, true]);
    made.scrub(at("14:58:00"));
    made.zoom(-1);
    expect([made.span.start, made.span.end]).toEqual([at("14:57:00"), at("14:59:00")]);
  });
  test("where no motion is wanted it goes from event to event", () => {
    vi.useFakeTimers();
    vi.stubGlobal("matchMedia", () => ({ matches: true }));
    try {
      const made = sight("14:08:00");
      made.play();
      const seen: number[] = [];
      const stop = play(made, () => [at("14:00:40"), at("14:04:40")]);
      for (const ms of [9_999, 1, 59_999, 1, 50_000]) seen.push((vi.advanceTimersByTime(ms), made.at));
      stop();
      expect(seen).toEqual(["14:00:00", "14:00:40", "14:00:40", "14:04:40", "14:08:00"].map(at));
      expect(made.playing).toBe(false);
      expect(vi.getTimerCount(), "nothing is awaited any more").toBe(0);
    } finally {
      vi.useRealTimers();
      vi.unstubAllGlobals();
    }
  });
});

const people: People = {
  agent: (id) => ({ "a-loom": agent("loom"), "a-kasra": agent("kasra", { kind: "managed", model: null }), "a-bridge": agent("discord-connector", { kind: "connector" }) })[id],
  model: (id) => (id === "gpt-5.4" ? "GPT-5.4" : undefined),
  isGone: (id) => id === "a-gone",
};

test("there is a lane for each that wrote or was written to, from outside to inside, with who it is", () => {
  const heard = [
    message(1, { from: "agent:zoe", from_agent: "a-gone", mailbox: "a-loom" }),
    message(2, { from: "agent:loom", from_agent: "a-loom", mailbox: "a-kasra", to: "kasra" }),
    message(3, { from: "discord:Ines via connector", origin: "discord", from_agent: "a-bridge", mailbox: "a-kasra", to: "kasra" }),
    message(4, { from: "agent:kasra", from_agent: "a-kasra", mailbox: "a-bridge", to: "discord-connector" }),
    message(5, { from: "human:operator", origin: "human", from_agent: null, mailbox: "a-loom" }),
    message(6, { from: "system", origin: "system", from_agent: null, mailbox: null, to: "operator" }),
  ];
  const lanes = lanesOf(heard, people);
  expect(lanes.map(({ name, note }) => `${name}: ${note}`)).toEqual(["Ines: Discord", "discord-connector: the bridge", "operator: you", "kasra: managed", "loom: GPT-5.4", "zoe: revoked", "system: Husting"]);
  expect(lanesOf([...heard].reverse(), people), "whoever is heard first").toEqual(lanes);
});

test("agents that had one name after each other are told apart", () => {
  const twice = { ...people, isGone: (id: string) => id.startsWith("a-bruno") };
  const heard = [
    message(1, { from: "agent:bruno", from_agent: "a-bruno-7d90", mailbox: "a-loom" }),
    message(2, { from: "agent:bruno", from_agent: "a-bruno-09fe", mailbox: "a-loom" }),
    message(3, { from: "agent:zoe", from_agent: "a-zoe", mailbox: "a-loom" }),
  ];
  expect(lanesOf(heard, twice).map(({ name, note }) => `${name}: ${note}`)).toEqual(["bruno: revoked, …09fe", "bruno: revoked, …7d90", "loom: GPT-5.4", "zoe: "]);
});

test("an agent that calls itself operator has a lane of its own", () => {
  const posed = [message(1, { from: "agent:operator", from_agent: "a-posed", mailbox: null, to: "operator" })];
  expect(lanesOf(posed, people).map(({ id, note }) => `${id} ${note}`)).toEqual(["operator you", "a-posed "]);
});

test("what lies with whom is counted at a time, and who has nothing is left out", () => {
  const heard = [
    told("done", { fetched: "14:01:00", acknowledged: "14:02:00" }),
    told("waiting", { sent: "14:00:30" }),
    told("parked", { ended: "14:01:30" }, { mailbox: "a-kasra", to: "kasra" }),
    told("waiting", { sent: "14:05:00" }, { mailbox: null, to: "operator" }),
  ];
  const lanes = lanesOf(heard, people);
  const words = (time: string) => standingAt(heard, lanes, at(time)).map((each) => `${each.lane.name} ${standingWords(each)}`);
  expect(words("14:01:00")).toEqual(["kasra 1 persisted", "loom 1 leased, 1 persisted"]);
  expect(words("14:03:00")).toEqual(["kasra 1 parked", "loom 1 persisted"]);
  expect(words("13:00:00")).toEqual([]);
});

/** bruno-voice asks loom, who answers after 84 s; bruno-voice asks again, and that lies in loom's inbox. */
const ASKED = told("done", { sent: "14:28:15", fetched: "14:28:15.800", acknowledged: "14:29:39.800", answered: "14:29:39.800" }, { place: 10, message_id: "m-10", to: "loom", text: "The HS code?" });
const ANSWER = told("done", { sent: "14:29:39.800", fetched: "14:29:49.800", acknowledged: "14:30:00", answered: "14:30:00" }, { place: 12, message_id: "m-12", from: "agent:loom", from_agent: "a-loom", mailbox: "a-bruno-voice", to: "bruno-voice", in_reply_to: "m-10" });
const AGAIN = told("waiting", { sent: "14:30:00" }, { place: 14, message_id: "m-14", in_reply_to: "m-12" });

describe("the path of a message", () => {
  const words = (path: ReturnType<typeof pathOf>) => path.steps.map(({ message: { place }, ahead, waits }) => `${place}${ahead ? " ahead" : ""}: ${waits.map(waitWords).join(", ")}`);

  test("is what it answers and what answers it, whoever of them is chosen", () => {
    for (const { place } of [ASKED, ANSWER, AGAIN]) expect(chainOf([ASKED, ANSWER, AGAIN], place).map((each) => each.place)).toEqual([10, 12, 14]);
    expect(chainOf([ASKED], 99)).toEqual([]);
  });
  test("names each wait, and the longest of them", () => {
    const path = pathOf([ASKED, ANSWER, AGAIN], at("14:30:06"));
    expect(words(path)).toEqual(["10: 1 min 24 s with loom", "12: 10 s in bruno-voice’s inbox, 10 s with bruno-voice", "14: 6.0 s in loom’s inbox so far"]);
    expect(path.longest && lengthOf(path.longest)).toBe(84_000);
    expect(waited(path.total)).toBe("1 min 51 s");
  });
  test("what still waits has waited until the playhead, and what was not sent has not begun to", () => {
    const path = pathOf([ASKED, ANSWER, AGAIN], at("14:35:00"));
    expect(words(path)[2]).toBe("14: 5 min in loom’s inbox so far");
    expect(path.longest?.where).toBe("inbox");
    expect(words(pathOf([ASKED, ANSWER, AGAIN], at("14:29:00")))).toEqual(["10: 1 min 24 s with loom", "12 ahead: 10 s in bruno-voice’s inbox, 10 s with bruno-voice", "14 ahead: "]);
  });
  test("one that waited for nothing has no longest wait", () => {
    const path = pathOf([told("done", { fetched: "14:00:00.400", acknowledged: "14:00:00.900" })], at("14:10:00"));
    expect([path.longest, path.steps[0]!.waits, path.total]).toEqual([null, [], 400]);
  });
  test("of a broadcast goes through the mailbox of who answered", () => {
    const copy = (place: number, mailbox: string) => told("done", { fetched: "14:00:01", acknowledged: "14:00:02" }, { place, message_id: "b", mailbox, to: mailbox.slice(2), broadcast: true });
    const reply = (place: number, who: string) => told("waiting", { sent: "14:00:05" }, { place, message_id: `r-${who}`, from_agent: who, from: `agent:${who.slice(2)}`, in_reply_to: "b", mailbox: "a-bruno-voice" });
    const thread = [copy(1, "a-x"), copy(2, "a-y"), reply(3, "a-y"), reply(4, "a-x")];
    expect(chainOf(thread, 4).map(({ place }) => place)).toEqual([1, 4]);
    expect(chainOf(thread, 2).map(({ place }) => place)).toEqual([2, 3]);
  });
  test("branches where one was answered twice", () => {
    const twice = { ...AGAIN, place: 15, message_id: "m-15" };
    expect(chainOf([ASKED, ANSWER, AGAIN, twice], 10).map(({ place }) => place)).toEqual([10, 12, 14, 15]);
    expect(chainOf([ASKED, ANSWER, AGAIN, twice], 15).map(({ place }) => place), "not what was said beside it").toEqual([10, 12, 15]);
  });
  test("tells of each message what was known at the playhead", () => {
    const word = (given: MessageView, time: string) => fateOf(given, at(time)).word.replace(/\d\d:\d\d:\d\d/, (clock) => clock.slice(3));
    expect(word(ASKED, "14:28:00")).toBe("not sent at 28:00");
    expect(word(ASKED, "14:28:15")).toBe("not fetched at 28:15");
    expect(word(ASKED, "14:30:00")).toBe("fetched after 800 ms");
    expect(word(ANSWER, "14:30:00")).toBe("fetched at 29:49");
    expect(word(told("parked", { fetched: "14:01:00", ended: "14:02:00" }), "14:03:00")).toBe("parked at 02:00");
    expect(word(told("withdrawn", { ended: "14:02:00" }), "14:03:00")).toBe("withdrawn at 02:00");
    expect(word(told("done", { acknowledged: "14:01:00", answered: "14:01:00" }), "14:03:00"), "by the operator").toBe("answered, never fetched");
    expect(word(told("done", { acknowledged: "14:01:00", answered: "14:01:00", fetched: "14:02:00" }), "14:01:30"), "fetched later").toBe("not fetched at 01:30");
    expect(word(told("waiting", { fetched: "14:01:00" }, { deliveries: 2 }), "14:03:00")).toBe("fetched at 01:00, delivered 2 times, came back");
    expect(word(told("unacknowledged", { fetched: "14:01:00" }), "14:03:00")).toBe("fetched at 01:00, unacknowledged");
  });
});

describe("how a message is drawn", () => {
  const plot: Plot = { rows: { "a-bruno-voice": 0, "a-loom": 1, operator: 2 }, span: { start: at("14:00:00"), end: at("14:10:00") }, width: 600, now: at("14:09:00") };
  const shape = (given: MessageView) => shapeOf(given, plot)!;
  const [from, to] = [middleOf(0), middleOf(1)];
  const all = { top: 0, bottom: 3 * LANE };

  test("its words stand below its dot, and end within the plot", () => {
    expect(saidAt(100, 27, 600)).toBe(108);
    const [dot, letters] = [500, 27];
    expect(saidAt(dot, letters, 600), "not beyond where they are needed").toBe(600 - letters * 7);
    expect(saidAt(dot, 6, 600), "short ones have the room").toBe(dot + 8);
    expect(saidAt(595, 6, 600)).toBeGreaterThan(595 - 6 * 7);
  });

  test("from its sender when it was sent to its reader when it was fetched, and how long that had it", () => {
    const drawn = shape(told("done", { fetched: "14:01:00", acknowledged: "14:03:00" }));
    expect([drawn.from, drawn.to, drawn.bar, drawn.end, drawn.stub, drawn.word]).toEqual([{ x: 0, y: from }, { x: 60, y: to }, [60, 180], "fetched", false, ""]);
    expect(LANE * 1 + from).toBe(to);
  });
  test("one that is held ends where nothing is known any more", () => expect(shape(told("leased", { fetched: "14:01:00" })).bar).toEqual([60, 540]));
  test("one that nobody fetched ends in a square; parked, in an amber one where it came to rest", () => {
    const waiting = shape(told("waiting", {}));
    expect([waiting.end, waiting.to.x, waiting.bar]).toEqual(["waiting", 0, null]);
    expect(pathsOf([waiting], all).squares).not.toBe("");
    const parked = shape(told("parked", { ended: "14:02:00" }));
    expect([parked.end, parked.to.x, parked.word]).toEqual(["resting", 120, "parked"]);
    expect([pathsOf([parked], all).resting !== "", pathsOf([parked], all).heads]).toEqual([true, ""]);
  });
  test("one that was taken back unread is faint, with its word", () => {
    const paths = pathsOf([shape(told("withdrawn", { ended: "14:02:00" }))], all);
    expect([paths.lines, paths.withdrawn !== "", shape(told("withdrawn", { ended: "14:02:00" })).word]).toEqual(["", true, "withdrawn"]);
  });
  test("one that came back has a stub, since nobody kept when", () => {
    const drawn = shape(told("waiting", { fetched: "14:01:00" }));
    expect([drawn.stub, drawn.word, pathsOf([drawn], all).bars, pathsOf([drawn], all).stubs !== ""]).toEqual([true, "came back", "", true]);
  });
  test("the same stroke is drawn once", () => {
    const one = shape(told("waiting", {}));
    expect(pathsOf([one, { ...one, place: 2 }], all)).toEqual(pathsOf([one], all));
  });
  test("of what crosses a band only that part is drawn, and of many that run together one stroke", () => {
    const rows = Object.fromEntries(Array.from({ length: 100 }, (_, row) => [`a-${row}`, row]));
    const tall = { ...plot, rows: { ...rows, "a-bruno-voice": 0 } };
    const broadcast = Array.from({ length: 90 }, (_, row) => shapeOf(told("waiting", {}, { place: row, mailbox: `a-${row + 5}` }), tall)!);
    const paths = pathsOf(broadcast.filter((each) => crosses(each, { top: 40 * LANE, bottom: 44 * LANE })), { top: 40 * LANE, bottom: 44 * LANE });
    expect(paths.squares.match(/M/g)).toHaveLength(4);
    expect(paths.dots).toBe("");
    expect(paths.lines.match(/M/g)!.length).toBeLessThan(6);
    expect(paths.lines).toContain(`M0.0 ${40 * LANE}.0L0.0 ${44 * LANE}.0`);
  });
  test("one with nobody's lane is not drawn", () => expect(shapeOf(told("waiting", {}, { mailbox: "a-elsewhere" }), plot)).toBeNull());
  test("a press means the nearest dot, bar, end or line, and nothing far away", () => {
    const held = shape(told("done", { fetched: "14:01:00", acknowledged: "14:03:00" }));
    const parked = { ...shape(told("parked", { sent: "14:05:00", ended: "14:06:00" })), place: 2 };
    const meant = (x: number, y: number) => shapesAt([held, parked], { x, y })[0]?.place ?? null;
    expect([meant(1, from), meant(120, to + 3), meant(30, (from + to) / 2), meant(361, to), meant(200, to + 20)]).toEqual([1, 1, 1, 2, null]);
  });
  test("words stand beside each other or not at all", () => {
    const parked = (ended: string, place: number) => ({ ...shape(told("parked", { ended })), place });
    expect(wordsOf([parked("14:02:10", 2), parked("14:02:00", 1), parked("14:05:00", 3)]).map(({ place }) => place)).toEqual([1, 3]);
  });
});

describe("messages of one moment", () => {
  // A pixel is a second.
  const plot: Plot = { rows: Object.fromEntries(["a-bruno-voice", "a-loom", "operator", "a-kasra", "a-porter"].map((id, row) => [id, row])), span: { start: at("14:00:00"), end: at("14:10:00") }, width: 600, now: at("14:09:00") };
  const sent = (place: number, seconds: number, part: Partial<MessageView> = {}) => told("waiting", { sent: `14:01:${seconds.toFixed(3).padStart(6, "0")}` }, { place, ...part });
  const whence = (messages: MessageView[]) => shapesOf(messages, plot).map(({ place, from, to }) => [place, from.x, to.x]);

  test("are drawn where they were sent, each at its time, whatever they lie upon", () => {
    expect(whence([sent(1, 0), sent(2, 0), sent(3, 0.25)])).toEqual([[1, 60, 60], [2, 60, 60], [3, 60.25, 60.25]]);
    const back = sent(2, 0.25, { from_agent: "a-loom", from: "agent:loom", mailbox: "a-bruno-voice", to: "bruno-voice" });
    expect(whence([sent(1, 0), back]), "also one that answers the other").toEqual([[1, 60, 60], [2, 60.25, 60.25]]);
    const fetched = { fetched: "14:02:00", acknowledged: "14:03:00", sent: "14:01:00" };
    const shapes = shapesOf([told("done", fetched, { place: 1 }), told("done", fetched, { place: 2 })], plot);
    expect(shapes.map(({ from, to, bar }) => [from.x, to.x, bar]), "also what became of them").toEqual([[60, 120, [120, 180]], [60, 120, [120, 180]]]);
  });
  test("of one sender to several readers have one dot and an end each", () => {
    const paths = pathsOf(shapesOf([sent(1, 0), sent(2, 0, { mailbox: "a-kasra" })], plot), { top: 0, bottom: 5 * LANE });
    expect([paths.dots.match(/M/g), paths.squares.match(/M/g)].map((strokes) => strokes?.length)).toEqual([1, 2]);
  });
  test("that go one way go past each other's ends, and all marks stay at their time", () => {
    const to = (place: number, mailbox: string | null) => sent(place, 0, { mailbox });
    const down = shapesOf([to(1, "a-loom"), to(2, "a-porter"), to(3, "a-kasra")], plot);
    expect(down.map(({ from, to, aside }) => [from.x, to.x, Math.sign(aside)])).toEqual([[60, 60, 0], [60, 60, -1], [60, 60, -1]]);
    const up = shapesOf([to(1, "a-bruno-voice"), to(2, "a-kasra")].map((each) => ({ ...each, from: "agent:porter", from_agent: "a-porter" })), plot);
    expect(up.map(({ aside }) => Math.sign(aside)), "up, past the count at the dot").toEqual([1, 0]);
    const apart = shapesOf([to(1, "a-loom"), told("done", { sent: "14:01:00", fetched: "14:03:00" }, { place: 2, mailbox: "a-porter" })], plot);
    expect(apart.map(({ aside }) => aside), "one that leads elsewhere").toEqual([0, 0]);
    const ways = shapesOf([sent(1, 0, { from_agent: "a-loom", from: "agent:loom", mailbox: "a-bruno-voice" }), sent(2, 0, { from_agent: "a-loom", from: "agent:loom", mailbox: "a-porter" })], plot);
    expect(ways.map(({ aside }) => aside), "up and down").toEqual([0, 0]);
    const far = down[1]!;
    expect(shapesAt(down, { x: 60 + far.aside, y: (middleOf(3) + middleOf(4)) / 2 }).map(({ place }) => place), "pressed where it is drawn").toEqual([2]);
    const { lines, squares } = pathsOf(down, { top: 0, bottom: 5 * LANE });
    expect([lines.match(/M/g), squares.match(/M/g)].map((strokes) => strokes?.length), "one way out of the dot").toEqual([6, 3]);
    expect(squares.match(/M[\d.]+/g)).toEqual(["M56.5", "M56.5", "M56.5"]);
  });
  test("that go opposite ways between two lanes are two lines, and all marks stay at their time: in 300 drawn at random", () => {
    const lanes = ["a-bruno-voice", "a-loom", "a-kasra", "a-porter"];
    for (let seed = 1; seed <= 300; seed += 1) {
      const pick = random(seed);
      const messages = Array.from({ length: 2 + pick(12) }, (_, place) => {
        const [from, to] = [lanes[pick(4)]!, lanes[pick(4)]!];
        return sent(place + 1, pick(4) / 2, { from_agent: from, from: `agent:${from.slice(2)}`, mailbox: to });
      });
      const shapes = shapesOf(messages, plot);
      expect(shapes.map(({ from, to }) => [from.x, to.x]), `seed ${seed}`).toEqual(messages.map((message) => shapeOf(message, plot)!).map(({ from, to }) => [from.x, to.x]));
      for (const one of shapes) {
        const onIt = shapes.filter(({ from, to }) => from.y === one.to.y && to.y === one.from.y && from.y !== to.y && Math.abs(from.x - one.to.x) < 1 && Math.abs(to.x - one.from.x) < 1);
        for (const other of onIt) expect(Math.abs(one.aside - other.aside), `seed ${seed}: ${one.place} and ${other.place}`).toBeGreaterThanOrEqual(6);
      }
    }
    const [ask, answer] = shapesOf([sent(1, 0), sent(2, 0, { from_agent: "a-loom", from: "agent:loom", mailbox: "a-bruno-voice" })], plot);
    const middle = (middleOf(0) + middleOf(1)) / 2;
    expect(shapesAt([ask!, answer!], { x: 60 + answer!.aside, y: middle }).map(({ place }) => place), "pressed where it is drawn").toEqual([2]);
  });
  test("to a hundred lanes are few strokes where they pass", () => {
    const rows = Object.fromEntries(Array.from({ length: 100 }, (_, row) => [`a-${row}`, row]));
    const tall = { ...plot, rows: { ...rows, "a-bruno-voice": 0 } };
    const band = { top: 40 * LANE, bottom: 44 * LANE };
    const shapes = shapesOf(Array.from({ length: 90 }, (_, row) => sent(row + 1, 0, { mailbox: `a-${row + 5}` })), tall);
    expect(pathsOf(shapes.filter((each) => crosses(each, band)), band).lines.match(/M/g)!.length).toBeLessThan(12);
  });
  test("can all be meant by a press on their line", () => {
    const middle = (middleOf(0) + middleOf(1)) / 2;
    expect(shapesAt(shapesOf([sent(1, 0), sent(2, 0)], plot), { x: 60, y: middle }).map(({ place }) => place)).toEqual([1, 2]);
  });
  test("whose dots cover each other are a bundle with its count, and each is opened by a press", () => {
    const shapes = shapesOf([0, 0, 0.25, 0.25, 3, 8].map((seconds, index) => sent(index + 1, seconds)), plot);
    expect(shapes.map(({ from }) => from.x)).toEqual([60, 60, 60.25, 60.25, 63, 68]);
    const bundles = bundlesOf(shapes);
    expect(bundles).toEqual([{ at: { x: 60, y: middleOf(0) }, places: [1, 2, 3, 4] }]);
    const { x, y } = countAt(bundles[0]!);
    expect([bundleAt(bundles, { x: x - 3, y: y - 4 }), bundleAt(bundles, { x: x - 12, y: y - 4 }), bundleAt(bundles, { x: 60, y: middleOf(0) })], "its count is pressed, its dot is a shape").toEqual([bundles[0], null, null]);
    const under = shapesAt(shapes, { x: 60, y: middleOf(0) }).map(({ place }) => place);
    expect(under).toEqual([1, 2, 3, 4]);
    const opened: number[] = [];
    for (let press = 0; press < 5; press += 1) opened.push(nextOf(under, opened.at(-1) ?? null, true)!);
    expect(opened).toEqual([1, 2, 3, 4, 1]);
    expect([nextOf([7], 7, true), nextOf([7], 3, true), nextOf([], 7, true)]).toEqual([7, 7, undefined]);
    expect([nextOf(under, 3, false), nextOf(under, 9, false), nextOf(under, null, false)], "what the keys are on is opened first").toEqual([3, 1, 1]);
    // One that goes through the count, from a lane below it to one above.
    const across = { ...shapes[0]!, place: 9, from: { x: x - 3, y: y + 50 }, to: { x: x - 3, y: y - 60 }, end: "fetched" as const };
    const all = [...shapes, across];
    const points = [{ x: x - 3, y: y - 4 }, { x: x - 6, y: y - 4 }, { x: 60, y: middleOf(0) }, { x: 300, y: middleOf(0) }];
    expect(points.map((point) => placesAt(all, bundles, point)), "on it that one is meant, beside it the count").toEqual([[9], [1, 2, 3, 4], [1, 2, 3, 4], []]);
    expect(points.map((point) => manyPlacesAt(all, bundles, point))).toEqual([1, 4, 4, 0]);
  });
  test("of several senders are bundled by whom they are from, and counts stand beside each other or not at all", () => {
    const six = (from: string, first: number, seconds = 0) => Array.from({ length: 6 }, (_, index) => sent(first + index, seconds, { from_agent: `a-${from}`, from: `agent:${from}` }));
    const bundles = bundlesOf(shapesOf([...six("bruno-voice", 1), ...six("kasra", 7)], plot));
    expect(bundles.map(({ places }) => places)).toEqual([[1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12]]);
    expect(bundlesOf(shapesOf([...six("bruno-voice", 1), ...six("bruno-voice", 7, 6)], plot)).map(({ places }) => places), "their dots can be pressed all the same").toEqual([[1, 2, 3, 4, 5, 6]]);
  });
  test("are few strokes, however many they are", () => {
    const many = Array.from({ length: 5_000 }, (_, place) => sent(place + 1, 0));
    const shapes = shapesOf(many, plot);
    expect(shapes.map(({ place }) => place)).toEqual(many.map(({ place }) => place));
    expect(pathsOf(shapes, { top: 0, bottom: 5 * LANE }).lines.match(/M/g)).toHaveLength(1);
  });
});

test.each([[41, "41 ms"], [800, "800 ms"], [3_540, "3.5 s"], [20_900, "20 s"], [84_000, "1 min 24 s"], [7_500_000, "2 h 5 min"], [7_200_000, "2 h"]])("a wait of %d ms is %s", (ms, words) => expect(waited(ms)).toBe(words));

test("the times of a message are read once", () => {
  const given = told("waiting", {});
  expect(momentsOf(given)).toBe(momentsOf(given));
});
