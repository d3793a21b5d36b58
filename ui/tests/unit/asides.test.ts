import { describe, expect, test } from "vitest";
import { Asides } from "../../src/state/asides.svelte";
import { Drafts } from "../../src/state/drafts";
import { UnsentInTab } from "../../src/state/unsent.svelte";
import { FakeTab } from "../fixtures/tab";

const KEY = "message/for";
const LOOM = "agent/a-loom";
const aside = (text: string, asks = false) => ({ name: "loom", text, asks });

/** Drafts over a map; a read answers once the test lets it, where it holds them. */
function store(begun: Record<string, unknown> = {}) {
  const kept = new Map([[KEY, JSON.stringify(begun)]]);
  let held: Promise<void> | null = null;
  const drafts = new Drafts((async (command: string, { key, body }: { key: string; body?: string }) => {
    if (command === "save_draft") return (kept.set(key, body ?? ""), {});
    const found = kept.get(key) || null;
    await held;
    return { body: found };
  }) as never, new UnsentInTab(new FakeTab()));
  return {
    asides: new Asides(drafts),
    waiting: () => JSON.parse(kept.get(KEY) || "{}") as unknown,
    hold: () => {
      let go: () => void = () => {};
      held = new Promise((done) => (go = done));
      return go;
    },
  };
}

describe("words that wait for readers", () => {
  test("stand behind what waits already, and ask for an answer once one of them did", async () => {
    const { asides, waiting } = store({ [LOOM]: aside("Before.", true) });
    await asides.read();
    await asides.put(LOOM, aside("Now."));
    expect(waiting()).toEqual({ [LOOM]: aside("Before.\n\nNow.", true) });
    expect(asides.names).toEqual({ [LOOM]: "loom" });
  });

  test("are kept until what took them keeps them too, and do not come back meanwhile", async () => {
    const { asides, waiting } = store({ [LOOM]: aside("Hold.") });
    await asides.read();
    expect(asides.take(LOOM)).toEqual(aside("Hold."));
    expect(waiting()).toEqual({ [LOOM]: aside("Hold.") });
    expect(await asides.read()).toEqual({});
    await asides.settled();
    expect(waiting()).toEqual({});
    expect(asides.take(LOOM)).toBeUndefined();
  });

  test("are not lost to a read that began before they were put there", async () => {
    const { asides, waiting, hold } = store();
    const go = hold();
    const reading = asides.read();
    await asides.put(LOOM, aside("Hold."));
    go();
    await reading;
    expect(asides.waiting).toEqual({ [LOOM]: aside("Hold.") });
    await asides.put("squad/sales", { name: "#sales", text: "All.", asks: false });
    expect(Object.keys(waiting() as object)).toEqual([LOOM, "squad/sales"]);
  });

  test.each([
    ["all of it", "Hold.", "Hold.", {}],
    ["its beginning", "Hold. And more.", "Hold.", { [LOOM]: aside("And more.") }],
    ["its end", "Before.\n\nHold.", "Hold.", { [LOOM]: aside("Before.") }],
    ["nothing of it", "Before.", "Hold.", { [LOOM]: aside("Before.") }],
  ])("are left without what was sent of them: %s", async (_, text, written, left) => {
    const { asides, waiting } = store({ [LOOM]: aside(text) });
    await asides.sent(LOOM, written);
    expect(waiting()).toEqual(left);
  });

  test("that are no such words are left out", async () => {
    const { asides } = store({ [LOOM]: { text: 7 }, other: null });
    expect(await asides.read()).toEqual({});
  });
});
