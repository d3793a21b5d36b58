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

test("where nothing was restored a lost connection leaves what is shown", async () => {
  expect((await read()).lost()).toBe(false);
});
