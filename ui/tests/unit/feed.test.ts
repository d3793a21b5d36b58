import { describe, expect, test, vi } from "vitest";
import type { Envelope } from "../../src/generated/Envelope";
import type { SeatCallView } from "../../src/generated/SeatCallView";
import type { Snapshot } from "../../src/generated/Snapshot";
import { RpcError } from "../../src/platform";
import { Console } from "../../src/state/console.svelte";
import { Feed } from "../../src/state/feed";
import { FrameBatch } from "../../src/state/frames";
import { untagged } from "../../src/state/confidence";
import { now } from "../../src/state/now.svelte";
import { reach } from "../../src/state/reach.svelte";
import { LiveTexts } from "../../src/state/texts.svelte";
import { FakePlatform } from "../fixtures/platform";
import { liveRound } from "../fixtures/rounds";
import { snapshot } from "../fixtures/shared";

const hello = (seq: number): Envelope => ({ version: 1, seq, type: "hello" });
const removed = (seq: number): Envelope => ({ version: 1, seq, type: "session_removed", session_id: `s${seq}` });

/** A feed whose snapshots arrive when the test says so. */
function feed() {
  const asked: ((seq: number) => Promise<void>)[] = [];
  const applied: number[] = [];
  const ends = {
    take: () =>
      new Promise<Snapshot>((resolve) => {
        asked.push(async (seq) => {
          resolve({ ...snapshot, seq });
          await Promise.resolve();
          await Promise.resolve();
        });
      }),
    start: vi.fn(),
    apply: (event: Envelope) => applied.push(event.seq),
    failed: vi.fn(),
    outdated: vi.fn(),
  };
  return { feed: new Feed(ends), ends, asked, applied };
}

describe("a snapshot and its deltas", () => {
  test("events that arrive while the snapshot is on its way are applied once, if they are newer", async () => {
    const { feed: subject, asked, applied } = feed();
    subject.receive(hello(4));
    subject.receive(removed(5));
    subject.receive(removed(6));
    await asked[0]!(5);
    expect(applied).toEqual([6]);
    subject.receive(removed(6));
    subject.receive(removed(7));
    expect(applied).toEqual([6, 7]);
  });

  test("a gap asks for a new snapshot, and no event is lost", async () => {
    const { feed: subject, asked, applied, ends } = feed();
    subject.receive(hello(1));
    await asked[0]!(1);
    subject.receive(removed(2));
    subject.receive(removed(5));
    subject.receive(removed(6));
    expect(asked).toHaveLength(2);
    await asked[1]!(5);
    expect(applied).toEqual([2, 6]);
    expect(ends.start).toHaveBeenCalledTimes(2);
  });

  test("a reconnect that missed nothing takes nothing anew", async () => {
    const { feed: subject, asked } = feed();
    subject.receive(hello(1));
    await asked[0]!(1);
    subject.receive(removed(2));
    subject.receive(hello(2));
    expect(asked).toHaveLength(1);
    subject.receive(hello(9));
    expect(asked).toHaveLength(2);
  });

  test("a snapshot that was taken before the greeting and missed events is taken anew", async () => {
    const { feed: subject, asked, applied } = feed();
    void subject.refresh();
    subject.receive(hello(7));
    await asked[0]!(5);
    expect(asked).toHaveLength(2);
    await asked[1]!(7);
    subject.receive(removed(8));
    expect(applied).toEqual([8]);
    expect(asked).toHaveLength(2);
  });

  test("another protocol is said, not guessed at", () => {
    const { feed: subject, ends } = feed();
    subject.receive({ ...hello(1), version: 2 });
    expect(ends.outdated).toHaveBeenCalled();
  });
});

describe("words as they arrive", () => {
  test("are drawn once a frame, whole", () => {
    const frames: (() => void)[] = [];
    const texts = new LiveTexts((run) => frames.push(run));
    expect(texts.add("r", "m", "respond", 0, "Usage ")).toBe(true);
    expect(texts.add("r", "m", "respond", 6, "aligns")).toBe(true);
    expect(texts.of("r", "m", "respond")).toBe("");
    expect(frames).toHaveLength(1);
    frames[0]!();
    expect(texts.of("r", "m", "respond")).toBe("Usage aligns");
  });

  test("a mismatch is told; a retry begins again at 0", () => {
    const texts = new LiveTexts((run) => run());
    texts.add("r", "m", "respond", 0, "abc");
    expect(texts.add("r", "m", "respond", 5, "x")).toBe(false);
    expect(texts.add("r", "m", "respond", 0, "again")).toBe(true);
    expect(texts.of("r", "m", "respond")).toBe("again");
  });

  test("a snapshot's words are the beginning", () => {
    const texts = new LiveTexts((run) => run());
    const round = liveRound();
    texts.start([round]);
    const seat = round.answers[1]!;
    expect(texts.add(round.round_id, seat.model, "respond", seat.text.length, " more")).toBe(true);
    expect(texts.of(round.round_id, seat.model, "respond")).toBe(`${seat.text} more`);
  });

  describe("told again after a snapshot that knew them", () => {
    const known = () => {
      const texts = new LiveTexts((run) => run());
      texts.add("r", "m", "respond", 0, "Usage aligns");
      return texts;
    };
    const words = (texts: LiveTexts) => texts.of("r", "m", "respond");

    test.each([
      ["from the beginning", 0, "Usage ", "Usage aligns"],
      ["from the middle", 2, "age ", "Usage aligns"],
      ["up to the end", 6, "aligns", "Usage aligns"],
      ["and whole", 0, "Usage aligns", "Usage aligns"],
      ["and more", 6, "aligns price", "Usage aligns price"],
      ["and more, from the beginning", 0, "Usage aligns price", "Usage aligns price"],
      ["and then those behind them", 12, " price", "Usage aligns price"],
    ])("%s: they stand once", (_, offset, told, shown) => {
      const texts = known();
      expect(texts.add("r", "m", "respond", offset, told)).toBe(true);
      expect(words(texts)).toBe(shown);
    });

    test.each([
      ["words are missing before them", 13, "price"],
      ["they differ from those here", 6, "differ"],
      ["they differ where they overlap", 9, "nes price"],
    ])("a snapshot is asked for when %s", (_, offset, told) => {
      const texts = known();
      expect(texts.add("r", "m", "respond", offset, told)).toBe(false);
      expect(words(texts)).toBe("Usage aligns");
    });
  });

  test("nothing of a dropped batch is flushed", () => {
    const frames: (() => void)[] = [];
    const flush = vi.fn<(items: number[]) => void>();
    const batch = new FrameBatch<number>(flush, (run) => frames.push(run));
    batch.add(1);
    batch.clear();
    frames[0]!();
    expect(flush).not.toHaveBeenCalled();
  });
});

async function connected(subject: Console): Promise<void> {
  subject.connect();
  await vi.waitFor(() => expect(subject.shared).not.toBeNull());
}

describe("a console that is opened in the middle of a round", () => {
  async function opened() {
    const running = liveRound();
    const platform = new FakePlatform({ ...snapshot, running: [running] });
    const subject = new Console(platform);
    await connected(subject);
    const seat = running.answers[1]!;
    const tell = (offset: number, text: string) =>
      platform.emit({ type: "seat_text", session_id: running.session_id, round_id: running.round_id, model: seat.model, purpose: "respond", offset, text });
    return { platform, subject, running, seat, tell };
  }

  test("takes one snapshot, though its words are told again", async () => {
    const { platform, seat, tell } = await opened();
    const size = seat.text.length;
    for (let at = 0; at < size; at += 7) tell(at, seat.text.slice(at, at + 7));
    tell(size, " more");
    // A snapshot would be asked for at once.
    expect(platform.argsOf("snapshot")).toHaveLength(1);
  });

  test("takes another when words are missing", async () => {
    const { platform, seat, tell } = await opened();
    tell(seat.text.length + 1, "more");
    expect(platform.argsOf("snapshot")).toHaveLength(2);
  });

  test("shows the served words of a seat that ended, where they are known", async () => {
    const { subject, running, seat, tell } = await opened();
    tell(seat.text.length, " And more. [confidence: 0.9]");
    const shown = (part: Partial<SeatCallView>) => subject.words({ ...running, answers: [{ ...seat, ...part }] }, seat.model, "respond");
    const streamed = `${seat.text} And more.`;
    await vi.waitFor(() => expect(shown({})).toBe(streamed));
    expect(shown({ state: "final", text: "" })).toBe(streamed);
    expect(shown({ state: "final" })).toBe(seat.text);
    expect(shown({ state: "error", text: "Cut" })).toBe("Cut");
    expect(shown({ state: "error", text: "It holds. [confidence: 0.7] It sca [conf" }), "as a crash left it").toBe("It holds. It sca");
  });
});

describe("a console whose host is gone", () => {
  test("keeps the moment it was lost, and what was typed meanwhile until that can be sent", async () => {
    const gone = new RpcError("unreachable", "Husting does not answer.");
    const sent: string[] = [];
    let isThere = true;
    const whenThere = <Answer>(answer: () => Answer) => () => {
      if (!isThere) throw gone;
      return answer();
    };
    const platform = new FakePlatform(snapshot, {
      snapshot: whenThere(() => snapshot),
      draft: whenThere(() => ({ body: null })),
      save_draft: ({ body }) => whenThere(() => (sent.push(body), {}))(),
    });
    const subject = new Console(platform);
    await connected(subject);
    expect(reach.lost).toBe(false);

    isThere = false;
    platform.connection("lost");
    const { lostAt } = reach;
    expect(lostAt).not.toBeNull();
    await expect(subject.drafts.save("session/a", "half a word")).rejects.toBe(gone);
    platform.connection("lost");
    expect(reach.lostAt, "the first moment counts").toBe(lostAt);
    expect(now.at).toBe(lostAt);
    expect(await subject.drafts.read("session/a")).toBe("half a word");

    isThere = true;
    platform.connection("open");
    expect(reach.lost).toBe(false);
    await vi.waitFor(() => expect(sent).toEqual(["half a word"]));
  });
});

describe("sessions that were opened", () => {
  test("stay the same while they are looked at, and for a while after", async () => {
    const subject = new Console(new FakePlatform());
    const first = subject.open("a");
    const visit = (...ids: string[]) => ids.forEach((id) => [subject.open(id), subject.leave(id)]);
    visit("b", "c", "d", "e");
    expect(subject.open("a")).toBe(first);
    subject.leave("a");
    subject.leave("a");
    visit("b", "c");
    expect(subject.open("a")).toBe(first);
    subject.leave("a");
    visit("b", "c", "d");
    expect(subject.open("a")).not.toBe(first);
  });

  test("are read again with a snapshot only while they are looked at", async () => {
    const platform = new FakePlatform();
    const subject = new Console(platform);
    await connected(subject);
    subject.open("left");
    subject.leave("left");
    subject.open("seen");
    expect(platform.argsOf("get_session")).toEqual([{ session_id: "left" }, { session_id: "seen" }]);
    await subject.refresh();
    expect(platform.argsOf("get_session").slice(2)).toEqual([{ session_id: "seen" }]);
  });
});

describe("words on their way", () => {
  test("are shown without the seat's own scores, and not with half of one", () => {
    const whole = "It holds. [confidence: 0.85] It scales [Confidence = 70%]. Done.";
    const served = "It holds. It scales. Done.";
    expect(untagged(whole)).toBe(served);
    for (let end = 0; end <= whole.length; end += 1) {
      expect(served.startsWith(untagged(whole.slice(0, end)).trimEnd()), whole.slice(0, end)).toBe(true);
    }
  });

  test("keep brackets that are none", () => {
    for (const prose of ["[confidence: 1.5]", "[confidence: high]", "a [link](x)", "[C.4] says"]) expect(untagged(`${prose}.`)).toBe(`${prose}.`);
  });
});
