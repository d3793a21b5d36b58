import { afterEach, expect, test, vi } from "vitest";

afterEach(() => {
  localStorage.clear();
  vi.resetModules();
});

const read = async () => (await import("../../src/state/restored.svelte")).restored;

test("a restore is done with the first snapshot after the end of whoever took it in, and no sooner", async () => {
  const restored = await read();
  restored.begin("/srv/kept.db");
  restored.started();
  expect(restored.done, "a snapshot of the one that ends").toBe(false);
  expect(restored.lost()).toBe(true);
  restored.started();
  expect(restored.done).toBe(true);
  expect(restored.lost(), "a connection that breaks later takes nothing away").toBe(false);
});

test("a page that is read anew knows of it until its line was read", async () => {
  localStorage.setItem("husting.restored", "/srv/kept.db");
  const restored = await read();
  restored.started();
  expect([restored.file, restored.done]).toEqual(["/srv/kept.db", true]);
  restored.forget();
  vi.resetModules();
  expect((await read()).file).toBeNull();
});

test("another restore is waited for like the first", async () => {
  const restored = await read();
  for (const file of ["/srv/one.db", "/srv/two.db"]) {
    restored.begin(file);
    restored.started();
    expect([restored.file, restored.done], "a snapshot of the one that ends").toEqual([file, false]);
    expect(restored.lost()).toBe(true);
    restored.started();
    expect(restored.done).toBe(true);
  }
});

test("what another page restores is waited for here too, until its line is read in one of them", async () => {
  const restored = await read();
  const told = (key: string, newValue: string | null) => dispatchEvent(new StorageEvent("storage", { key, newValue }));
  told("husting.look", "/srv/other.db");
  expect(restored.file).toBeNull();
  told("husting.restored", "/srv/kept.db");
  restored.started();
  expect([restored.file, restored.done]).toEqual(["/srv/kept.db", false]);
  expect(restored.lost()).toBe(true);
  restored.started();
  expect(restored.done).toBe(true);
  told("husting.restored", null);
  expect([restored.file, restored.done, restored.lost()]).toEqual([null, false, false]);
});

test("where nothing was restored a lost connection leaves what is shown", async () => {
  expect((await read()).lost()).toBe(false);
});
