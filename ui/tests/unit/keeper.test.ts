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
