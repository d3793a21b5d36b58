import { describe, expect, test, vi } from "vitest";
import type { SessionView } from "../../src/generated/SessionView";
import { joinedAnchors, stacked } from "../../src/features/deliberations/session/answers/layout";
import { anchorsOf, marksOf, numbersOf, passageId, passagesOf } from "../../src/features/deliberations/session/answers/sentences";
import { quotedParts, saidParts, stretches } from "../../src/features/deliberations/session/claims/differences";
import { fitting, noFilter, rowsOf, sayersOf, weakest } from "../../src/features/deliberations/session/claims/rows";
import { offsets, visible } from "../../src/features/deliberations/session/claims/window";
import { Rate } from "../../src/features/deliberations/session/live/rate.svelte";
import { span as spanOf, stamp } from "../../src/features/deliberations/session/moments";
import { LENGTHS } from "../../src/generated/lengths";
import { Draft, forWire, type DraftSnippet, type TakenDraft } from "../../src/features/deliberations/session/tray/draft.svelte";
import { opening, plain } from "../../src/features/deliberations/session/words";
import { SourceMap } from "../../src/markdown/bytes";
import { wholeWords } from "../../src/markdown/selection";
import { m } from "../../src/messages";
import { Console } from "../../src/state/console.svelte";
import { OpenSession } from "../../src/state/open-session.svelte";
import { undoLine } from "../../src/state/undo.svelte";
import { RpcError } from "../../src/platform";
import { FakePlatform } from "../fixtures/platform";
import { ANSWERS, CLAIMS } from "../fixtures/rounds";
import { degradedRound, firstRound, secondRound, steered, streamingRound } from "../fixtures/sessions";
import { seats } from "../fixtures/shared";

const [CLAUDE, GPT, QWEN] = seats.map(({ model }) => model) as [string, string, string];

describe("rows of the matrix", () => {
  test("know by a claim's id who else said its words, whatever marks they stand in", () => {
    const said = (id: string, originator: string, quote: string) => ({ ...CLAIMS[0]!, id, originator, quote });
    const claims = [said("c1", GPT, "Use **one** store."), said("c2", QWEN, "Use one  store."), said("c3", QWEN, "Use two stores."), said("c4", GPT, "Use one store.")];
    expect([...sayersOf(claims)]).toEqual([["c1", [QWEN]], ["c2", [GPT, GPT]], ["c3", []], ["c4", [QWEN]]]);
  });

  test("stand in the map's order, a head before each group that has claims", () => {
    const shape = rowsOf(CLAIMS).map((row) => (row.kind === "group" ? `${row.group} ${row.count}` : row.claim.id));
    expect(shape).toEqual(["contested 3", "c1", "c2", "c3", "agreed 4", "c4", "c5", "c6", "c7", "open 1", "c8"]);
    expect(rowsOf(CLAIMS.slice(0, 1)).map((row) => row.kind)).toEqual(["group", "claim"]);
  });

  test("each condition of a filter narrows, values of one condition add up", () => {
    const ids = (part: Partial<ReturnType<typeof noFilter>>) => fitting(CLAIMS, { ...noFilter(), ...part }).map((claim) => claim.id);
    expect(ids({})).toHaveLength(CLAIMS.length);
    expect(ids({ types: ["SHIFT"] })).toEqual(["c4", "c5"]);
    expect(ids({ types: ["SHIFT", "EXPLORE"] })).toEqual(["c1", "c4", "c5", "c8"]);
    expect(ids({ seats: ["moderator"] })).toEqual(["c1", "c4"]);
    expect(ids({ groups: ["open"], types: ["CHALLENGE"] })).toEqual([]);
  });

  test("a claim's mark is the least firm quote it rests on", () => {
    expect(weakest(CLAIMS[0]!)).toBe("exact");
    expect(weakest(CLAIMS[2]!)).toBe("snapped");
  });
});

describe("a window on a long list", () => {
  const heights = Array.from({ length: 200 }, (_, at) => (at % 40 === 0 ? 34 : 78));
  const tops = offsets(heights);

  test("draws what is seen and a little more, and keeps the whole height", () => {
    for (const scrolled of [0, 1, 77, 5_000, tops.at(-1)! - 600]) {
      const { first, end, before, after } = visible(tops, scrolled, 600);
      const drawn = heights.slice(first, end).reduce((sum, each) => sum + each, 0);
      expect(before + drawn + after).toBe(tops.at(-1));
      expect(before).toBeLessThanOrEqual(scrolled);
      expect(before + drawn).toBeGreaterThanOrEqual(Math.min(scrolled + 600, tops.at(-1)!));
      expect(end - first).toBeLessThan(30);
    }
  });

  test("an empty list has an empty window", () => {
    expect(visible(offsets([]), 0, 600)).toEqual({ first: 0, end: 0, before: 0, after: 0 });
  });
});

describe("what differs between a quote and its source", () => {
  const { quote, nearest } = secondRound().claim_map!.unverified[0]!;

  test("is cut out on both sides, in place", () => {
    expect(stretches(quote, quotedParts(nearest!.differences)).filter((part) => part.differs)).toEqual([{ text: "ten thousand", differs: true }]);
    expect(stretches(nearest!.text, saidParts(nearest!.differences)).map((part) => part.text).join("")).toBe(nearest!.text);
  });

  test("a part that is not there, or is empty, leaves the words whole", () => {
    expect(stretches("Seats are easy.", ["not", ""])).toEqual([{ text: "Seats are easy.", differs: false }]);
  });
});

describe("an answer's passages", () => {
  const rounds = [firstRound(), secondRound()];
  const call = secondRound().answers[2]!;

  test("are those its words are quoted in, in the order of the words, from any later map", () => {
    expect(passagesOf(rounds, 1, QWEN).map((passage) => passage.id)).toEqual(["1/c2", "1/c7"]);
    expect(passagesOf(rounds, 0, CLAUDE).map((passage) => passage.id)).toEqual(["0/c1", "0/c3"]);
    const later = { ...secondRound(), index: 2 };
    expect(passagesOf([...rounds, later], 1, QWEN).map((passage) => passage.round)).toEqual([2, 2]);
  });

  test("a quoted sentence is marked whole, the chosen one's words apart, at their bytes", () => {
    const passages = passagesOf(rounds, 1, QWEN);
    const map = new SourceMap(ANSWERS[QWEN]!);
    const words = (marks: ReturnType<typeof marksOf>, kind: string) => marks.filter((mark) => mark.kind === kind).map((mark) => map.slice(mark.start, mark.end));
    const marks = marksOf(call, passages, passageId(1, CLAIMS[1]!));
    expect(words(marks, "words")).toEqual([CLAIMS[1]!.quote]);
    expect(words(marks, "chosen")).toEqual([CLAIMS[1]!.quote]);
    expect(words(marks, "quoted")).toEqual([CLAIMS[6]!.quote]);
  });

  test("a span inside a sentence tints that sentence", () => {
    const sentence = call.sentences[3]!;
    const inside = { ...CLAIMS[1]!, source: { ...CLAIMS[1]!.source, start: sentence.start + 7, end: sentence.end - 9 } };
    const [chosen] = marksOf(call, [{ id: "x", round: 1, claim: inside }], "x").filter((mark) => mark.kind === "chosen");
    expect([chosen?.start, chosen?.end]).toEqual([sentence.start, sentence.end]);
    expect(numbersOf(call.sentences, inside.source.start, inside.source.end)).toBe(String(sentence.number));
  });

  test("numbers stand at the sentences' first bytes, the chosen passage's told apart", () => {
    const passages = passagesOf(rounds, 1, QWEN);
    const anchors = anchorsOf(call, "C", passages[0]);
    expect(anchors.map((anchor) => anchor.at)).toEqual(call.sentences.map((sentence) => sentence.start));
    expect(anchors.filter((anchor) => anchor.chosen).map((anchor) => anchor.label)).toEqual(["C.4"]);
  });

  test("sentences that begin on one line share a label", () => {
    const text = document.createElement("div");
    for (const [at, top] of [[0, 10], [20, 12], [44, 33]] as const) {
      const anchor = document.createElement("span");
      anchor.className = "anchor";
      anchor.dataset.at = String(at);
      anchor.getBoundingClientRect = () => new DOMRect(0, top, 0, 0);
      text.append(anchor);
    }
    const sentences = [{ number: 1, start: 0, end: 20 }, { number: 2, start: 20, end: 44 }, { number: 3, start: 44, end: 60 }];
    expect([...joinedAnchors(text, sentences, "C")]).toEqual([[0, "C.1, 2"], [20, ""], [44, "C.3"]]);
  });

  test("notes beside the text never overlap and never stand above their words", () => {
    const wanting = [{ id: "a", top: 0, height: 90 }, { id: "b", top: 40, height: 30 }, { id: "c", top: 400, height: 30 }];
    const { tops } = stacked(wanting);
    expect(tops.b).toBeGreaterThanOrEqual(90);
    expect(tops.c).toBe(400);
  });
});

describe("words", () => {
  test("of Markdown read without its marks", () => {
    expect(plain("**Usage** aligns `incentives`,\r\nand [seats](https://x.test) do not.")).toBe("Usage aligns incentives, and seats do not.");
  });

  test.each([
    ["**Postgres, and not by a small margin.", "Postgres, and not by a small margin."],
    ["It is bold to the end.**", "It is bold to the end."],
    ["** It follows what was bold.", "It follows what was bold."],
    ["**Both** of **them**.", "Both of them."],
    ["2 ** 8 is 256.", "2 ** 8 is 256."],
    ["**A** and b.**", "A and b."],
    ["A migration away from **depot", "A migration away from depot"],
    ["The **north** waits, says **depot", "The north waits, says depot"],
    ["depot four** costs less", "depot four costs less"],
    ["depot four** costs **less** now", "depot four costs less now"],
    ["away from (**depot", "away from (depot"],
    ["2**8 is 256.", "2**8 is 256."],
    ["It takes O(n**2) steps.", "It takes O(n**2) steps."],
    ["Pass `**kwargs` on.", "Pass **kwargs on."],
    ["See `src/**/*.ts` first.", "See src/**/*.ts first."],
  ])("cut out of Markdown keep no half of a mark: %s", (markdown, words) => expect(plain(markdown)).toBe(words));

  test("with which a document begins are a sentence of it, not the heading above", () => {
    expect(opening("# Sunday pilot\r\n\r\nThe pilot **moved** 11 percent.")).toBe("The pilot moved 11 percent.");
    expect(opening("No heading.\n\n## Then one\n\nMore.")).toBe("No heading. Then one More.");
    expect(opening("# Only a heading")).toBe("Only a heading");
  });

  test("that were cut by a selection are whole; scripts without spaces stay as selected", () => {
    const text = "you end up running Debezium.";
    expect(text.slice(...wholeWords(text, 5, 14))).toBe("end up running");
    expect(text.slice(...wholeWords(text, 3, 8))).toBe("end");
    expect(wholeWords("我们使用数据库。", 2, 4)).toEqual([2, 4]);
    expect(wholeWords("   ", 0, 3)).toEqual([3, 3]);
  });
});

test("a gauge shows tokens of each second and forgets the oldest", () => {
  const rate = new Rate();
  for (let second = 0; second <= 30; second += 1) rate.tick(second * 160, second * 1_000);
  expect(rate.perSecond).toBe(40);
  expect(rate.bars).toHaveLength(20);
});

test("a gauge tells of no rate before a whole second", () => {
  const rate = new Rate();
  rate.tick(0, 600);
  rate.tick(400, 1_000);
  expect(rate.bars).toEqual([]);
  rate.tick(560, 2_000);
  expect(rate.bars, "over the time that it took").toEqual([100]);
});

test("a rate has its thousands parted", () => expect(m.session.live.rate(2_849)).toBe("2,849/s"));

test("moments of a round are told in tenths, spans never below nothing", () => {
  expect([2_840, 28_430, 88_430].map(stamp)).toEqual(["2.8 s", "28.4 s", "1:28.4"]);
  expect(spanOf("2026-11-20T14:11:05Z", "2026-11-20T14:11:00Z")).toBe(0);
  expect(spanOf(null, "2026-11-20T14:11:00Z")).toBe(0);
});

describe("a draft", () => {
  const words: DraftSnippet = { type: "KEEP", quote: "Measure a full rebuild.", quoted_model: GPT, comment: "", own: false };

  function draft(body: string | null = null) {
    const platform = new FakePlatform(undefined, { draft: () => ({ body }) });
    return { platform, draft: new Draft(new Console(platform), "s-event") };
  }

  test("the same words again change their stance and nothing else", () => {
    const { draft: own } = draft();
    own.add(words);
    own.add({ ...words, type: "CORE" });
    own.add({ ...words, quoted_model: CLAUDE });
    expect(own.snippets.map(({ type, quoted_model }) => [type, quoted_model])).toEqual([["CORE", GPT], ["KEEP", CLAUDE]]);
  });

  test("is kept a moment after the last change, and comes back whole", async () => {
    vi.useFakeTimers();
    const { draft: own, platform } = draft();
    own.add(words);
    own.write("Pick one.");
    await vi.runAllTimersAsync();
    vi.useRealTimers();
    const saved = platform.argsOf("save_draft");
    expect(saved).toHaveLength(1);
    expect(saved[0]?.key).toBe("session/s-event");
    const { draft: again } = draft(saved[0]!.body);
    await again.restore();
    expect(again.prompt).toBe("Pick one.");
    expect(again.snippets.map(({ quote }) => quote)).toEqual([words.quote]);
  });

  test("neither what was kept nor what was written while that was read is overwritten", async () => {
    const { draft: own, platform } = draft(JSON.stringify({ prompt: "old", snippets: [words], recap: true, synthesis: false }));
    const restored = own.restore();
    own.write("new");
    own.add({ ...words, quoted_model: CLAUDE, type: "CORE" });
    await restored;
    await own.keep();
    for (const each of [own, JSON.parse(platform.argsOf("save_draft").at(-1)!.body) as TakenDraft]) {
      expect(each.prompt).toBe("old\n\nnew");
      expect(each.snippets.map(({ type }) => type)).toEqual(["KEEP", "CORE"]);
      expect(each.recap, "it was chosen before").toBe(true);
    }
  });

  test("that cannot be read or kept says so until it is kept", async () => {
    let there = false;
    const gone = () => Promise.reject(new RpcError("unreachable", "Nobody answers."));
    const platform = new FakePlatform(undefined, { draft: gone, save_draft: () => (there ? {} : gone()) });
    const own = new Draft(new Console(platform), "s-event");
    await own.restore();
    expect([own.unread, own.unkept]).toEqual([true, false]);
    await own.keep();
    expect(platform.argsOf("save_draft"), "nothing was written").toEqual([]);
    own.write("Pick one.");
    await own.keep();
    expect(own.unkept).toBe(true);
    there = true;
    await own.keep();
    expect([own.unread, own.unkept]).toEqual([false, false]);
    expect(JSON.parse(platform.argsOf("save_draft").at(-1)!.body)).toMatchObject({ prompt: "Pick one." });
  });

  test("a kept body of another form is no draft", async () => {
    const { draft: own } = draft(JSON.stringify({ prompt: 7, snippets: [{ type: "LOVE", quote: "x" }, null] }));
    await own.restore();
    expect(own.isEmpty).toBe(true);
  });

  test("a removed snippet comes back to its place; the 51st is refused", async () => {
    const { draft: own } = draft();
    for (let each = 0; each <= LENGTHS.snippets; each += 1) own.add({ ...words, quote: `Words ${each}.` });
    expect(own.snippets).toHaveLength(LENGTHS.snippets);
    expect(own.full).toBe(true);
    const end = own.follow();
    own.remove(own.snippets[3]!.key);
    expect(own.snippets[3]?.quote).toBe("Words 4.");
    undoLine.take();
    await vi.waitFor(() => expect(own.snippets[3]?.quote).toBe("Words 3."));
    end();
  });

  test("a removed snippet cannot be brought back once its draft was sent, and that of another draft can", () => {
    const { draft: own } = draft();
    const other = new Draft(new Console(new FakePlatform()), "s-other");
    own.add(words);
    own.remove(own.snippets[0]!.key);
    other.sent(other.taken());
    expect(undoLine.offer).not.toBeNull();
    own.sent(own.taken());
    expect(undoLine.offer).toBeNull();
  });

  describe("what was taken out before its screen was left", () => {
    /** One console with a store that keeps. */
    function kept() {
      let body: string | null = null;
      const platform = new FakePlatform(undefined, { draft: () => ({ body }), save_draft: (asked) => ((body = asked.body || null), {}) });
      const host = new Console(platform);
      const screen = async () => {
        const own = new Draft(host, "s-event");
        const end = own.follow();
        await own.restore();
        return { own, leave: () => (end(), own.keep()) };
      };
      return { screen, stored: () => JSON.parse(body ?? "{}") as { prompt?: string; snippets?: { quote: string }[] } };
    }

    test("comes back into the screen that stands since, and the newest words stay", async () => {
      const { screen, stored } = kept();
      const first = await screen();
      first.own.add(words);
      first.own.remove(first.own.snippets[0]!.key);
      await first.leave();
      const second = await screen();
      second.own.write("Written after coming back.");
      undoLine.take();
      await vi.waitFor(() => expect(second.own.snippets.map(({ quote }) => quote)).toEqual([words.quote]));
      await second.leave();
      expect(stored()).toMatchObject({ prompt: "Written after coming back.", snippets: [{ quote: words.quote }] });
    });

    test("comes back where no screen shows it, and stands there later", async () => {
      const { screen, stored } = kept();
      const first = await screen();
      first.own.add(words);
      first.own.write("Pick one.");
      first.own.remove(first.own.snippets[0]!.key);
      await first.leave();
      undoLine.take();
      await vi.waitFor(() => expect(stored().snippets).toHaveLength(1));
      const second = await screen();
      expect([second.own.prompt, second.own.snippets.length]).toEqual(["Pick one.", 1]);
      await second.leave();
    });

    test("comes back into a screen that is being read at that moment", async () => {
      const { screen } = kept();
      const first = await screen();
      first.own.add(words);
      first.own.write("Pick one.");
      first.own.remove(first.own.snippets[0]!.key);
      await first.leave();
      const coming = screen();
      undoLine.take();
      const { own, leave } = await coming;
      await vi.waitFor(() => expect(own.snippets).toHaveLength(1));
      expect(own.prompt).toBe("Pick one.");
      await leave();
    });

    test("is not there twice where it was taken again meanwhile, and its comment is not lost", async () => {
      const { screen } = kept();
      const { own, leave } = await screen();
      own.add({ ...words, comment: "Why so?" });
      own.remove(own.snippets[0]!.key);
      own.add(words);
      undoLine.take();
      await vi.waitFor(() => expect(own.snippets.map(({ comment }) => comment)).toEqual(["Why so?"]));
      await leave();
    });

    test("is nothing any more once the screen that came back has sent its round", async () => {
      const { screen } = kept();
      const first = await screen();
      first.own.add(words);
      first.own.remove(first.own.snippets[0]!.key);
      await first.leave();
      const { own, leave } = await screen();
      own.sent(own.taken());
      expect(undoLine.offer).toBeNull();
      await leave();
    });
  });

  test("what cannot be taken back says so, also where nobody is left who acts", async () => {
    undoLine.show({ done: "Done.", undo: () => Promise.reject(new RpcError("conflict", "It was revoked, for good.")) });
    undoLine.take();
    await vi.waitFor(() => expect(undoLine.told).toBe("It was not taken back. It was revoked, for good."));
    undoLine.hush();
  });

  test("an empty comment leaves as none, so that the stock phrase can stand", () => {
    const { draft: own } = draft();
    own.add({ ...words, comment: "  " });
    expect(forWire(own.taken())).toEqual([{ type: "KEEP", quote: words.quote, quoted_model: GPT, comment: null, confidence: null }]);
  });
});

describe("an open session", () => {
  function session(first: SessionView) {
    const answers: ((view: SessionView) => void)[] = [];
    const open = new OpenSession("s-event", () => new Promise((resolve) => answers.push(resolve)), (thrown) => thrown as RpcError);
    return { open, answers, first };
  }
  const running = streamingRound({ round_id: "r-2", index: 1, progress_version: 17 });

  test("takes a finished round although its version begins at nothing again", async () => {
    const { open, answers } = session(steered());
    const loaded = open.load();
    answers[0]!(steered([firstRound(), running]));
    await loaded;
    open.round(secondRound({ progress_version: 0 }));
    expect(open.view?.rounds[1]?.status).toBe("complete");
  });

  test("keeps what an event brought while it was being read", async () => {
    const { open, answers } = session(steered());
    const loaded = open.load();
    open.round(secondRound());
    answers[0]!(steered([firstRound(), running]));
    await loaded;
    expect(open.view?.rounds.map((round) => round.status)).toEqual(["complete", "complete"]);
  });

  test("drops an answer that a later read has overtaken", async () => {
    const { open, answers } = session(steered());
    const [early, late] = [open.load(), open.load()];
    answers[1]!(steered());
    answers[0]!(steered([firstRound(), running]));
    await Promise.all([early, late]);
    expect(open.view?.rounds[1]?.status).toBe("complete");
  });

  test("keeps the words of answers that stand while another seat is tried again", async () => {
    const { open, answers } = session(steered());
    const loaded = open.load();
    answers[0]!(steered([firstRound(), degradedRound()]));
    await loaded;
    const retried = degradedRound({ status: "in_progress", phase: "respond" });
    open.round({
      ...retried,
      answers: retried.answers.map((call) => ({ ...call, text: "", state: call.model === QWEN ? "queued" : call.state })),
    });
    expect(open.view?.rounds[1]?.answers.map((call) => call.text)).toEqual([ANSWERS[CLAUDE], ANSWERS[GPT], ""]);
  });
});
