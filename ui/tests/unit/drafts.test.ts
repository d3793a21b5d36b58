import { describe, expect, test } from "vitest";
import { Drafts } from "../../src/state/drafts";
import { UnsentInTab } from "../../src/state/unsent.svelte";
import { FakeTab } from "../fixtures/tab";

const HOME = "/home/ana/.local/share/husting";

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
  }) as ConstructorParameters<typeof Drafts>[0], new UnsentInTab(new FakeTab()));
  void drafts.restart(HOME);
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

test("what another console wrote is shown, also where a look from before it is answered late", async () => {
  const looks: ((answer: { body: string | null; revision?: number }) => void)[] = [];
  const call = () => new Promise((answer) => looks.push(answer));
  const drafts = new Drafts(call as ConstructorParameters<typeof Drafts>[0], new UnsentInTab(new FakeTab()));
  const settled = () => new Promise((done) => setTimeout(done));
  const shown: string[] = [];
  drafts.follow("new", (_base, _mine, theirs) => (shown.push(theirs), theirs));
  const first = drafts.read("new");
  looks[0]!({ body: null });
  await first;
  const again = drafts.read("new");
  drafts.changed("new", 2);
  expect(looks, "the second screen's and that for the news").toHaveLength(3);
  looks[1]!({ body: null });
  expect(await again).toBeNull();
  looks[2]!({ body: "theirs", revision: 2 });
  await settled();
  looks[3]!({ body: "theirs", revision: 2 });
  await settled();
  expect([shown, looks.length]).toEqual([["theirs"], 4]);
});

test("what could not be kept is still there, and hinders nothing that comes after it", async () => {
  const { drafts, kept, asked, settled } = slow();
  const first = drafts.save("one", "a");
  await settled();
  asked[0]!.answer(new Error("gone"));
  await expect(first).rejects.toThrow("gone");
  expect(await drafts.read("one")).toBe("a");
  const again = drafts.restart(HOME);
  await settled();
  asked[1]!.answer();
  await again;
  expect(kept.get("one")).toBe("a");
});

/** One store and the consoles at it: what one keeps, all are told of. */
function shared() {
  const kept = new Map<string, { body: string; revision: number }>();
  const consoles: Drafts[] = [];
  let [revision, isDeaf, loses, isAway, hangs] = [0, false, false, false, false];
  const reads: string[] = [];
  const call = async (command: string, { key, body = "", over }: { key: string; body?: string; over?: number }) => {
    if (isAway) throw new Error("away");
    if (hangs) return new Promise(() => undefined);
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
  /** A page in a new tab, or in this one. */
  const open = (tab = new FakeTab(), home = HOME) => {
    const unsent = new UnsentInTab(tab);
    const drafts = new Drafts(call as ConstructorParameters<typeof Drafts>[0], unsent);
    consoles.push(drafts);
    return Object.assign(drafts, { unsent, begun: drafts.restart(home) });
  };
  return { open, reads, away: (to: boolean) => (isAway = to), hang: (to: boolean) => (hangs = to), body: (key: string) => kept.get(key)?.body, deaf: (to: boolean) => (isDeaf = to), lose: () => (loses = true), settled: () => new Promise((done) => setTimeout(done)) };
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
    await other.restart(HOME);
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

describe("what was typed while nobody could be reached", () => {
  const said = (text: string) => JSON.stringify({ text });

  /** A page that read `began` and lost its host before it kept `mine`; then the host is there again. */
  async function left(mine: string, began = "") {
    const store = shared();
    const tab = new FakeTab();
    const page = store.open(tab);
    if (began !== "") await page.save("new", began);
    await page.read("new");
    store.away(true);
    await expect(page.save("new", mine)).rejects.toThrow("away");
    store.away(false);
    return { ...store, tab, page };
  }

  test("is there for the next page in the tab, which keeps it, and then stands in the tab no longer", async () => {
    const { open, tab, body } = await left(said("Which?"));
    const next = open(tab);
    expect(await next.read("new"), "before it is kept").toBe(said("Which?"));
    await next.begun;
    expect(body("new")).toBe(said("Which?"));
    expect([...tab.texts]).toEqual([]);
    expect(await open().read("new")).toBe(said("Which?"));
  });

  test("waits in the tab while the next page reaches nobody either", async () => {
    const { open, away, tab, body } = await left(said("Which?"));
    away(true);
    const next = open(tab);
    await next.begun;
    expect(await next.read("new")).toBe(said("Which?"));
    away(false);
    await open(tab).begun;
    expect(body("new")).toBe(said("Which?"));
  });

  test("is put together with what another console kept meanwhile, over what both knew", async () => {
    const { open, tab, body } = await left(said("Hold. Mine."), said("Hold."));
    const other = open();
    await other.read("new");
    await other.save("new", said("Hold. Theirs."));
    await open(tab).begun;
    expect(body("new")).toBe(said("Hold. Theirs.\n\nMine."));
  });

  test.each([["came", false], ["was lost", true]])("meets what was sent before it, whose answer %s meanwhile, as one’s own words", async (_, isLost) => {
    const { open, lose, hang, body, settled } = shared();
    const tab = new FakeTab();
    const page = open(tab);
    await page.read("new");
    if (isLost) lose();
    const first = page.save("new", said("Hold teh line.")).catch(() => {});
    hang(true);
    void page.save("new", said("Hold the line."));
    await first;
    await settled();
    hang(false);
    await open(tab).begun;
    expect(body("new")).toBe(said("Hold the line."));
  });

  test("is one draft where its tab was duplicated, whichever page comes first", async () => {
    const { open, tab, body } = await left(said("Which depot?"), said("Which?"));
    const [one, other] = [open(tab), open(tab.duplicate())];
    await Promise.all([one.begun, other.begun]);
    expect(body("new")).toBe(said("Which depot?"));
    await one.save("new", said("Which depot? And when?"));
    await open(tab.duplicate()).begun;
    expect(body("new")).toBe(said("Which depot? And when?"));
  });

  test("and written on by then is not put behind itself by a page that comes later with the old words", async () => {
    const { open, tab, body } = await left(said("Which depot?"));
    const later = tab.duplicate();
    const next = open(tab);
    await next.begun;
    await next.save("new", said("Which depot? And when?"));
    await open(later).begun;
    expect(body("new")).toBe(said("Which depot? And when?"));
  });

  test("is of the store it was typed for, and waits where another answers at the same address", async () => {
    const { open, tab, body, page } = await left(said("Which?"));
    const elsewhere = open(tab, "/srv/husting");
    await elsewhere.begun;
    await page.restart("/srv/husting");
    expect([await elsewhere.read("new"), await page.read("new"), body("new")]).toEqual([null, null, undefined]);
    await page.restart(HOME);
    expect(body("new")).toBe(said("Which?"));
  });

  test("is dropped where all data is erased", async () => {
    const { open, tab, body, page } = await left(said("Which?"));
    page.forget();
    await Promise.all([page.restart(HOME), open(tab).begun]);
    expect([body("new"), tab.texts.size]).toEqual([undefined, 0]);
  });

  test("that no page of Husting’s left there is nobody’s", async () => {
    const { tab, open, body } = await left(said("Which?"));
    const [name] = [...tab.texts.keys()];
    for (const strange of ["{", "null", "[]", '{"body":7}', '{"body":"","known":7}']) {
      tab.texts.set(name!, strange);
      await open(tab).begun;
    }
    expect(body("new")).toBeUndefined();
  });

  test("and the tab does not take, stands in the page alone: whoever leaves it is asked, until it is kept", async () => {
    const { open, away, settled, body } = shared();
    const tab = new FakeTab();
    const page = open(tab);
    await page.read("new");
    away(true);
    tab.full = true;
    await expect(page.save("new", said("Which?"))).rejects.toThrow("away");
    expect([page.unsent.inPageAlone, tab.asks]).toEqual([true, true]);
    expect(await page.read("new")).toBe(said("Which?"));
    away(false);
    await page.restart(HOME);
    await settled();
    expect(body("new")).toBe(said("Which?"));
    expect([page.unsent.inPageAlone, tab.asks]).toEqual([false, false]);
  });

  test("is not asked about where the tab has it", async () => {
    const { tab, page } = await left(said("Which?"));
    expect([page.unsent.inPageAlone, tab.asks]).toEqual([false, false]);
  });
});
