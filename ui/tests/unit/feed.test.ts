import { describe, expect, test, vi } from "vitest";
import type { Envelope } from "../../src/generated/Envelope";
import type { Snapshot } from "../../src/generated/Snapshot";
import { Feed } from "../../src/state/feed";
import { FrameBatch } from "../../src/state/frames";
import { LiveTexts } from "../../src/state/texts.svelte";
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
