import { afterEach, expect, test, vi } from "vitest";

afterEach(() => {
  localStorage.clear();
  vi.resetModules();
});

const KEPT = { backup: "/srv/kept.db" };
const read = async () => (await import("../../src/state/anew.svelte")).anew;

test("a beginning is done with the first snapshot after the end of whoever was told to, and no sooner", async () => {
  const anew = await read();
  anew.begin(KEPT);
  anew.started();
  expect(anew.done, "a snapshot of the one that ends").toBe(false);
  expect(anew.lost()).toBe(true);
  anew.started();
  expect(anew.done).toBe(true);
  expect(anew.lost(), "a connection that breaks later takes nothing away").toBe(false);
  anew.started();
  expect(anew.with, "what was begun anew has ended since, and with it the line about it").toBeNull();
});

test("its line does not outlive the start that it is of, in a page that was read since either", async () => {
  vi.useFakeTimers();
  try {
    (await read()).begin({ nothing: true, left: "" });
    vi.resetModules();
    const anew = await read();
    anew.started();
    expect(anew.done).toBe(true);
    vi.advanceTimersByTime(61_000);
    expect(anew.lost(), "nothing is erased now").toBe(false);
    expect(anew.with).toBeNull();
    vi.resetModules();
    expect((await read()).with).toBeNull();
    (await read()).begin(KEPT);
    vi.resetModules();
    (await read()).started();
    vi.advanceTimersByTime(601_000);
    vi.resetModules();
    expect((await read()).with, "a window that is opened later").toBeNull();
  } finally {
    vi.useRealTimers();
  }
});

test("a page that is read anew knows of it until its line was read", async () => {
  (await read()).begin(KEPT);
  vi.resetModules();
  const anew = await read();
  anew.started();
  expect([anew.with, anew.done]).toEqual([KEPT, true]);
  anew.forget();
  vi.resetModules();
  expect((await read()).with).toBeNull();
});

test("another beginning is waited for like the first", async () => {
  const anew = await read();
  for (const beginning of [KEPT, { backup: "/srv/two.db" }]) {
    anew.begin(beginning);
    anew.started();
    expect([anew.with, anew.done], "a snapshot of the one that ends").toEqual([beginning, false]);
    expect(anew.lost()).toBe(true);
    anew.started();
    expect(anew.done).toBe(true);
  }
});

test("another page of the browser knows of it, and of a later one in its place", async () => {
  const anew = await read();
  const told = (beginning: object) => {
    localStorage.setItem("husting.anew", JSON.stringify(beginning));
    dispatchEvent(new StorageEvent("storage", { key: "husting.anew" }));
  };
  localStorage.setItem("husting.anew", JSON.stringify(KEPT));
  dispatchEvent(new StorageEvent("storage", { key: "husting.look" }));
  expect(anew.with).toBeNull();
  told(KEPT);
  anew.started();
  expect([anew.with, anew.done]).toEqual([KEPT, false]);
  anew.lost();
  anew.started();
  expect([anew.with, anew.done]).toEqual([KEPT, true]);
  const nothing = { nothing: true, left: "" };
  told(nothing);
  expect([anew.with, anew.done]).toEqual([nothing, false]);
  localStorage.clear();
  dispatchEvent(new StorageEvent("storage", { key: null }));
  expect(anew.with).toBeNull();
});

test("once all was erased and begun anew no note of it is left in the browser", async () => {
  const anew = await read();
  anew.begin({ nothing: true, left: "" });
  expect(localStorage.length, "another page is to know").toBe(1);
  anew.lost();
  anew.started();
  expect([anew.done, localStorage.length]).toEqual([true, 0]);
});

test("a page that is read before the end takes what stands there for the next no longer than it lasts", async () => {
  (await read()).begin({ nothing: true, left: "" });
  vi.resetModules();
  const anew = await read();
  anew.started();
  expect([anew.done, localStorage.length]).toEqual([true, 1]);
  expect(anew.lost(), "it was of the one that ends").toBe(true);
  expect(anew.done).toBe(false);
  anew.started();
  expect([anew.done, localStorage.length]).toEqual([true, 0]);
});

test("what was left is still to be read where another page began first", async () => {
  const anew = await read();
  anew.begin({ nothing: true, left: "Not removed: /mnt/backups." });
  localStorage.removeItem("husting.anew");
  dispatchEvent(new StorageEvent("storage", { key: "husting.anew" }));
  anew.lost();
  anew.started();
  expect([anew.with, anew.done]).toEqual([{ nothing: true, left: "Not removed: /mnt/backups." }, true]);
});

test("what no page of Husting’s wrote is no beginning", async () => {
  localStorage.setItem("husting.anew", "{");
  expect((await read()).with).toBeNull();
});

test("where nothing was begun a lost connection leaves what is shown", async () => {
  expect((await read()).lost()).toBe(false);
});
