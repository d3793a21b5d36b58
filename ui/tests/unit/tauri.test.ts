import { afterEach, expect, test, vi } from "vitest";
import { tauriPlatform } from "../../src/platform/tauri";

const SNAPSHOT = { command: "snapshot", args: {} };
const invoke = vi.fn(() => Promise.resolve("asked now"));

Object.assign(globalThis, { __TAURI_INTERNALS__: { invoke } });
afterEach(() => {
  invoke.mockClear();
  globalThis.hustingEarly = undefined;
});

test("the snapshot that was asked for before the console was read is the first one, and no later one", async () => {
  globalThis.hustingEarly = Promise.resolve("asked early");
  const { rpc } = tauriPlatform();
  expect(await rpc({ command: "settings", args: {} })).toBe("asked now");
  expect(await rpc(SNAPSHOT)).toBe("asked early");
  expect(invoke).toHaveBeenCalledTimes(1);
  expect(await rpc(SNAPSHOT)).toBe("asked now");
});

test("one that comes after the console has begun is never taken: it would be old", async () => {
  const { rpc } = tauriPlatform();
  globalThis.hustingEarly = Promise.resolve("asked late");
  expect(await rpc(SNAPSHOT)).toBe("asked now");
});

test("one that was refused early is told like any other, and asked for again", async () => {
  globalThis.hustingEarly = Promise.reject({ code: "store_unavailable", message: "The store is in use." });
  const { rpc } = tauriPlatform();
  await expect(rpc(SNAPSHOT)).rejects.toMatchObject({ code: "store_unavailable" });
  expect(await rpc(SNAPSHOT)).toBe("asked now");
});
