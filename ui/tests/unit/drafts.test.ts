import { describe, expect, test } from "vitest";
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

/** One store and the consoles at it: what one keeps, all are told of. */
function shared() {
  const kept = new Map<string, { body: string; revision: number }>();
  const consoles: Drafts[] = [];
  let [revision, isDeaf, loses] = [0, false, false];
  const reads: string[] = [];
  const call = async (command: string, { key, body = "", over }: { key: string; body?: string; over?: number }) => {
    const stands = kept.get(key);
    if (command === "draft") return (reads.push(key), { body: stands?.body ?? null, ...(stands ? { revision: stands.revision } : {}) });
    if (stands?.revision !== over) return { instead: stands ?? { body: null } };
    const isLost = loses;
    loses = false;
    if (body === "") kept.delete(key);
    else kept.set(key, { body, revision: (revision += 1) });
    // As the host does: the event before the answer.
    if (!isDeaf) consoles.forEach((each) => each.changed(key, kept.get(key)?.revision));
    if (isLost) throw new Error("lost");
    return body === "" ? {} : { revision };
  };
  const open = () => {
    const drafts = new Drafts(call as ConstructorParameters<typeof Drafts>[0]);
    consoles.push(drafts);
    return drafts;
  };
  return { open, reads, body: (key: string) => kept.get(key)?.body, deaf: (to: boolean) => (isDeaf = to), lose: () => (loses = true), settled: () => new Promise((done) => setTimeout(done)) };
}

describe("at one store", () => {
  test("what one console keeps is shown in the other, and read once there alone", async () => {
    const { open, reads, settled } = shared();
    const [one, other] = [open(), open()];
    const seen: string[][] = [];
    await Promise.all([one.read("new"), other.read("new")]);
    one.follow("new", () => expect.unreachable("its own words are no news"));
    other.follow("new", (...told) => (seen.push(told), told[2]));
    reads.length = 0;
    await one.save("new", "a");
    await settled();
    await one.save("new", "ab");
    await settled();
    expect(seen).toEqual([["", "", "a"], ["a", "a", "ab"]]);
    expect(reads).toEqual(["new", "new"]);
    await one.save("new", "");
    await settled();
    expect(seen.at(-1)).toEqual(["ab", "ab", ""]);
  });

  test("nothing is written over what this console has not seen: it is shown both, and both are kept", async () => {
    const { open, body, deaf, settled } = shared();
    const [one, other] = [open(), open()];
    await one.save("new", "a");
    await other.read("new");
    other.follow("new", (base, mine, theirs) => `${base}+${mine}+${theirs}`);
    deaf(true);
    await one.save("new", "ab");
    await other.save("new", "ac");
    expect(body("new")).toBe("a+ac+ab");
    await settled();
    await settled();
  });

  test("what is written where nobody shows both is put together all the same", async () => {
    const { open, body, deaf } = shared();
    const [one, other] = [open(), open()];
    const said = (text: string) => JSON.stringify({ text });
    await one.save("old", said("Hold."));
    await other.read("old");
    deaf(true);
    await one.save("old", said("Hold. Mine."));
    await other.save("old", said("Hold. Theirs."));
    expect(body("old")).toBe(said("Hold. Mine.\n\nTheirs."));
  });

  test("one’s own words, kept by a save whose answer was lost, are nobody else’s", async () => {
    const { open, body, lose } = shared();
    const one = open();
    const said = (text: string) => JSON.stringify({ text });
    await one.read("new");
    lose();
    await expect(one.save("new", said("Hold teh line."))).rejects.toThrow("lost");
    await one.save("new", said("Hold the line."));
    expect(body("new")).toBe(said("Hold the line."));
  });

  test("what is read while something else is put there raises nothing that was not seen", async () => {
    const { open, body } = shared();
    const [one, other] = [open(), open()];
    await one.save("new", JSON.stringify({ text: "Theirs." }));
    const reading = other.read("new");
    await Promise.all([reading, other.save("new", JSON.stringify({ text: "Mine." }))]);
    expect(body("new")).toBe(JSON.stringify({ text: "Theirs.\n\nMine." }));
  });

  test("what was kept elsewhere while nobody could be reached is shown once somebody can", async () => {
    const { open, deaf, body } = shared();
    const [one, other] = [open(), open()];
    await Promise.all([one.save("new", "a"), other.read("old")]);
    await other.read("new");
    const seen: string[] = [];
    other.follow("new", (_base, _mine, theirs) => (seen.push(theirs), theirs));
    deaf(true);
    await one.save("new", "ab");
    await other.restart();
    expect(seen).toEqual(["ab"]);
    await other.save("new", "abc");
    expect(body("new")).toBe("abc");
  });

  test("what is not taken over now is met when this console writes next", async () => {
    const { open, body, settled } = shared();
    const [one, other] = [open(), open()];
    await Promise.all([one.read("new"), other.read("new")]);
    let takes = false;
    other.follow("new", (_base, mine, theirs) => (takes ? `${theirs}|${mine}` : null));
    await one.save("new", "a");
    await settled();
    takes = true;
    await other.save("new", "b");
    expect(body("new")).toBe("a|b");
  });

  test("news of another that come while one's own words are on their way are not lost", async () => {
    const { open, settled, body } = shared();
    const [one, other] = [open(), open()];
    await Promise.all([one.read("new"), other.read("new")]);
    const seen: string[] = [];
    other.follow("new", (_base, _mine, theirs) => (seen.push(theirs), theirs));
    const mine = other.save("new", "a");
    await mine;
    await one.read("new");
    const theirs = one.save("new", "ab");
    other.changed("new", undefined);
    await theirs;
    await settled();
    await settled();
    expect(seen.at(-1)).toBe("ab");
    expect(body("new")).toBe("ab");
  });
});
