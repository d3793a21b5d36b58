import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Drafts } from "../../src/state/drafts";
import { Keeper } from "../../src/state/keeper.svelte";
import { UnsentInTab } from "../../src/state/unsent.svelte";
import { FakeTab } from "../fixtures/tab";

/** A host that keeps drafts, and answers a save when it is let. */
function host(kept = new Map<string, string>()) {
  const waiting: (() => void)[] = [];
  const saved: string[] = [];
  const state = { held: false, kept, saved, let: () => waiting.splice(0).forEach((go) => go()) };
  const drafts = new Drafts((async (command: string, args: { key: string; body?: string }) => {
    if (command === "draft") return { body: kept.get(args.key) ?? null };
    if (state.held) await new Promise<void>((go) => waiting.push(go));
    saved.push(args.body ?? "");
    kept.set(args.key, args.body ?? "");
    return {};
  }) as never, new UnsentInTab(new FakeTab()));
  return { saved, kept, let: state.let, hold: () => (state.held = true), keeper: () => new Keeper(drafts, "launch/a") };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("what is typed", () => {
  test("is kept once a pause was made, and only what was typed last", async () => {
    const { keeper, saved } = host();
    const form = keeper();
    form.keep('{"a":1}');
    form.keep('{"a":12}');
    await vi.advanceTimersByTimeAsync(399);
    expect(saved).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(saved).toEqual(['{"a":12}']);
  });
  test("is kept at once where the form is left, whatever it was that came behind", async () => {
    const { keeper, saved } = host(new Map([["launch/a", '{"a":1}']]));
    const form = keeper();
    await form.read();
    form.keep("", true);
    form.keep("");
    await vi.advanceTimersByTimeAsync(0);
    expect(saved).toEqual([""]);
  });
  test("is read back from a form that is opened again before the pause is over", async () => {
    const { keeper, kept } = host(new Map([["launch/a", '{"a":1}']]));
    const form = keeper();
    expect(await form.read()).toEqual({ a: 1 });
    form.keep("");
    expect(await form.read()).toBeNull();
    await vi.advanceTimersByTimeAsync(0);
    expect(kept.get("launch/a")).toBe("");
  });
  test("is read back while it is on its way, and nobody is waited for", async () => {
    const there = host(new Map([["launch/a", '{"a":1}']]));
    const form = there.keeper();
    await form.read();
    there.hold();
    form.keep('{"a":2}', true);
    expect(await form.read()).toEqual({ a: 2 });
    there.let();
    await vi.advanceTimersByTimeAsync(0);
    expect(there.saved).toEqual(['{"a":2}']);
  });
  test("that was kept already is not sent again", async () => {
    const { keeper, saved } = host(new Map([["launch/a", '{"a":1}']]));
    const form = keeper();
    await form.read();
    form.keep('{"a":12}');
    form.keep('{"a":1}');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(saved).toEqual([]);
  });
  test("that could not be kept is told, and sent again even where it is what was kept before", async () => {
    const kept = new Map([["launch/a", '{"a":1}']]);
    let there = true;
    const saved: string[] = [];
    const drafts = new Drafts((async (command: string, args: { key: string; body?: string }) => {
      if (!there) throw new Error("nobody answers");
      if (command === "draft") return { body: kept.get(args.key) ?? null };
      saved.push(args.body ?? "");
      return {};
    }) as never, new UnsentInTab(new FakeTab()));
    const form = new Keeper(drafts, "launch/a");
    there = false;
    await form.read();
    expect([form.unread, form.unkept]).toEqual([true, false]);
    there = true;
    await form.read();
    expect(form.unread).toBe(false);
    there = false;
    await form.keepNow('{"a":2}');
    expect(form.unkept).toBe(true);
    there = true;
    await form.keepNow('{"a":1}');
    expect([saved, form.unkept]).toEqual([['{"a":1}'], false]);
  });
  test("is waited for by whoever wants it kept now, also while it is on its way", async () => {
    const there = host();
    const form = there.keeper();
    there.hold();
    form.keep('{"a":1}', true);
    let isKept = false;
    const kept = form.keepNow('{"a":1}').then(() => (isKept = true));
    await vi.advanceTimersByTimeAsync(0);
    expect(isKept).toBe(false);
    there.let();
    await kept;
    expect(there.saved).toEqual(['{"a":1}']);
  });
});

describe("what is read beside what is typed", () => {
  /** A form of one field of words, as forms with a question or a prompt are. */
  function form(reads: (string | Error | Promise<string>)[], instead?: string) {
    const drafts = new Drafts((async (command: string) => {
      // The first save meets what another console kept.
      const met = instead;
      if (command !== "draft") return ((instead = undefined), met ? { revision: 1, instead: { body: met, revision: 1 } } : { revision: 2 });
      const next = await reads.shift();
      if (next instanceof Error) throw next;
      return { body: next ?? null };
    }) as never, new UnsentInTab(new FakeTab()));
    const keeper = new Keeper(drafts, "tray/s");
    const words = { prompt: "" };
    const read = () => keeper.readBeside(() => JSON.stringify(words), (kept) => (words.prompt = String(kept.prompt)));
    return { keeper, words, read };
  }
  const kept = (prompt: string) => JSON.stringify({ prompt });

  test("stands before it, and only then the form is ready", async () => {
    let answer: (body: string) => void = () => {};
    const { keeper, words, read } = form([new Promise<string>((done) => (answer = done))]);
    const reading = read();
    words.prompt = "And when?";
    await vi.advanceTimersByTimeAsync(0);
    expect(keeper.ready).toBe(false);
    answer(kept("Which?"));
    await reading;
    expect([keeper.ready, words.prompt]).toEqual([true, "Which?\n\nAnd when?"]);
  });

  test("cannot be read at first, and can be later", async () => {
    const { keeper, words, read } = form([new Error("nobody answers"), kept("Which?")]);
    await read();
    expect([keeper.unread, words.prompt]).toEqual([true, ""]);
    await read();
    expect([keeper.unread, keeper.ready, words.prompt]).toEqual([false, true, "Which?"]);
  });

  test("with another console's words meanwhile is put together once", async () => {
    let answer: (body: string) => void = () => {};
    const { keeper, words, read } = form([new Promise<string>((done) => (answer = done))], kept("Which?"));
    keeper.follow(() => JSON.stringify(words));
    const reading = read();
    words.prompt = "And when?";
    keeper.keep(JSON.stringify(words), true);
    await vi.advanceTimersByTimeAsync(0);
    answer(kept("Which?"));
    await reading;
    expect(words.prompt).toBe("Which?\n\nAnd when?");
  });

  test("that cannot be shown does not make the form ready to be kept over it", async () => {
    const { keeper } = form([kept("Which?")]);
    await expect(keeper.readBeside(() => "{}", () => { throw new Error("not shown"); })).rejects.toThrow("not shown");
    expect(keeper.ready).toBe(false);
  });
});
