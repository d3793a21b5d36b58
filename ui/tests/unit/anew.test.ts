import { afterEach, expect, test, vi } from "vitest";

afterEach(() => {
  localStorage.clear();
  vi.resetModules();
});

const KEPT = { backup: "/srv/kept.db" };
const NOTHING = { nothing: true as const, left: "" };
/** Moments at which Husting began. */
const [FIRST, SECOND, THIRD] = ["2026-11-20T14:00:00Z", "2026-11-20T15:00:00Z", "2026-11-21T09:00:00Z"] as const;

/** As of a page that has seen a start, or is read anew. */
async function read(start?: string) {
  vi.resetModules();
  const { anew } = await import("../../src/state/anew.svelte");
  if (start) anew.started(start);
  return anew;
}

test("a beginning is done with the first snapshot of another start, and its line stays until it was read", async () => {
  const anew = await read(FIRST);
  anew.begin(KEPT);
  anew.started(FIRST);
  expect([anew.with, anew.done], "a snapshot of the one that ends").toEqual([KEPT, false]);
  expect(anew.lost()).toBe(true);
  anew.started(SECOND);
  expect(anew.done).toBe(true);
  expect(anew.lost(), "what stands here is of the one that goes on").toBe(false);
  anew.started(SECOND);
  expect([anew.with, anew.done], "only the connection broke").toEqual([KEPT, true]);
  anew.started(THIRD);
  expect([anew.with, anew.done], "tokens that came back with the backup are there still").toEqual([KEPT, true]);
  anew.forget();
  expect([anew.with, localStorage.length]).toEqual([null, 0]);
});

test("a page that is read anew knows of it until its line was read", async () => {
  (await read(FIRST)).begin(KEPT);
  expect((await read(FIRST)).done, "it has not begun yet").toBe(false);
  const anew = await read(SECOND);
  expect([anew.with, anew.done]).toEqual([KEPT, true]);
  expect((await read(SECOND)).with).toEqual(KEPT);
  expect((await read(THIRD)).with, "a window that is opened later").toEqual(KEPT);
  (await read(SECOND)).begin(KEPT);
  (await read(THIRD)).forget();
  expect((await read(THIRD)).with).toBeNull();
});

test("another beginning is waited for like the first", async () => {
  const anew = await read(FIRST);
  for (const [beginning, start] of [[KEPT, SECOND], [{ backup: "/srv/two.db" }, THIRD]] as const) {
    anew.begin(beginning);
    expect([anew.with, anew.done]).toEqual([beginning, false]);
    expect(anew.lost()).toBe(true);
    anew.started(start);
    expect(anew.done).toBe(true);
  }
});

const replaced = (...moments: string[]) => moments.map((moment) => ({ path: `/srv/backups/replaced-${moment}.db`, made: "before_restore" as const, bytes: 1, written_at: FIRST }));

test("its line names the backup in force: once another took its place, nothing is said of the first", async () => {
  const ours = ["2026-11-19T10-00-00.000Z", "2026-11-20T14-59-58.120Z"];
  const anew = await read(FIRST);
  anew.begin(KEPT);
  anew.restored(replaced(...ours));
  expect([anew.line, anew.with], "it has not begun").toEqual([null, KEPT]);
  anew.started(SECOND);
  expect([anew.line, anew.isUnsure], "whether another came after it is asked first").toEqual([null, true]);
  anew.restored(replaced(...ours));
  expect([anew.line, anew.isUnsure]).toEqual([KEPT, false]);
  anew.started(SECOND);
  expect(anew.line, "only the connection broke").toEqual(KEPT);
  anew.started(THIRD);
  expect(anew.line).toBeNull();
  anew.restored([...replaced(...ours), { ...replaced("")[0]!, path: "/srv/backups/2026-11-21.db", made: "daily" }]);
  expect(anew.line, "no other was restored since").toEqual(KEPT);
  const later = await read(THIRD);
  later.restored(replaced(...ours, "2026-11-21T08-59-58.120Z"));
  expect([later.line, later.with, localStorage.length]).toEqual([null, null, 0]);
});

test("another page’s word of the same beginning leaves its line where it is", async () => {
  const anew = await read(FIRST);
  anew.begin(KEPT);
  anew.started(SECOND);
  anew.restored([]);
  dispatchEvent(new StorageEvent("storage", { key: "husting.anew" }));
  expect(anew.line).toEqual(KEPT);
});

test("another page of the browser knows of it, and of a later one in its place", async () => {
  const anew = await read(FIRST);
  const told = (beginning: object) => {
    localStorage.setItem("husting.anew", JSON.stringify({ ...beginning, of: FIRST }));
    dispatchEvent(new StorageEvent("storage", { key: "husting.anew" }));
  };
  localStorage.setItem("husting.anew", JSON.stringify(KEPT));
  dispatchEvent(new StorageEvent("storage", { key: "husting.look" }));
  expect(anew.with).toBeNull();
  told(KEPT);
  anew.started(FIRST);
  expect([anew.with, anew.done]).toEqual([KEPT, false]);
  anew.started(SECOND);
  expect([anew.with, anew.done]).toEqual([KEPT, true]);
  told(NOTHING);
  expect([anew.with, anew.done]).toEqual([NOTHING, false]);
  localStorage.clear();
  dispatchEvent(new StorageEvent("storage", { key: null }));
  expect(anew.with).toBeNull();
});

test("once all was erased and begun anew no note of it is left in the browser", async () => {
  const anew = await read(FIRST);
  anew.begin(NOTHING);
  expect(localStorage.length, "another page is to know").toBe(1);
  anew.lost();
  anew.started(SECOND);
  expect([anew.done, localStorage.length]).toEqual([true, 0]);
  anew.started(SECOND);
  expect([anew.with, anew.done], "only the connection broke").toEqual([NOTHING, true]);
  anew.started(THIRD);
  expect([anew.with, anew.done], "there is nothing to do about it later").toEqual([null, false]);
});

test("what was left is still to be read where another page began first", async () => {
  const anew = await read(FIRST);
  const left = { nothing: true as const, left: "Not removed: /mnt/backups." };
  anew.begin(left);
  localStorage.removeItem("husting.anew");
  dispatchEvent(new StorageEvent("storage", { key: "husting.anew" }));
  anew.started(SECOND);
  expect([anew.with, anew.done]).toEqual([left, true]);
});

test("what no page of Husting’s wrote is no beginning", async () => {
  localStorage.setItem("husting.anew", "{");
  expect((await read()).with).toBeNull();
});

test("where nothing was begun a lost connection leaves what is shown", async () => {
  expect((await read(FIRST)).lost()).toBe(false);
});
