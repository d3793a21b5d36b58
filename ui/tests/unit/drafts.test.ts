import { expect, test } from "vitest";
import { Drafts } from "../../src/state/drafts";

/** A host that answers when it is told to, and keeps in the order in which it answers. */
function slow() {
  const kept = new Map<string, string>();
  const asked: { body: string; answer: (fault?: Error) => void }[] = [];
  const drafts = new Drafts(((command: string, args: { key: string; body: string }) => {
    if (command === "draft") return Promise.resolve({ body: kept.get(args.key) ?? null });
    return new Promise<object>((done, failed) => {
      const answer = (fault?: Error) => {
        if (fault) return failed(fault);
        kept.set(args.key, args.body);
        done({});
      };
      asked.push({ body: args.body, answer });
    });
  }) as ConstructorParameters<typeof Drafts>[0]);
  return { drafts, kept, asked, settled: () => new Promise((done) => setTimeout(done)) };
}

test("what is cleared while it is being kept stays cleared, however slow the first is", async () => {
  const { drafts, kept, asked, settled } = slow();
  const first = drafts.save("session/7", "Which?");
  await settled();
  const cleared = drafts.save("session/7", "");
  await settled();
  expect(asked.map(({ body }) => body), "the second waits for the first").toEqual(["Which?"]);
  asked[0]!.answer();
  await first;
  await settled();
  asked[1]!.answer();
  await cleared;
  expect(kept.get("session/7")).toBe("");
});

test("of what is written meanwhile the newest alone is sent, and another draft waits for none of it", async () => {
  const { drafts, asked, settled } = slow();
  const first = drafts.save("one", "a");
  await settled();
  const all = ["b", "c"].map((body) => drafts.save("one", body));
  void drafts.save("two", "x");
  await settled();
  expect(asked.map(({ body }) => body)).toEqual(["a", "x"]);
  asked[0]!.answer();
  await settled();
  expect(asked.map(({ body }) => body)).toEqual(["a", "x", "c"]);
  asked[2]!.answer();
  await Promise.all([first, ...all]);
});

test("what could not be kept is still there, and hinders nothing that comes after it", async () => {
  const { drafts, kept, asked, settled } = slow();
  const first = drafts.save("one", "a");
  await settled();
  asked[0]!.answer(new Error("gone"));
  await expect(first).rejects.toThrow("gone");
  expect(await drafts.read("one")).toBe("a");
  const again = drafts.restart();
  await settled();
  asked[1]!.answer();
  await again;
  expect(kept.get("one")).toBe("a");
});
