import { afterEach, expect, test, vi } from "vitest";
import { tauriPlatform } from "../../src/platform/tauri";

const invoke = vi.fn(() => Promise.resolve("asked now"));

Object.assign(globalThis, { __TAURI_INTERNALS__: { invoke } });
afterEach(() => {
  invoke.mockClear();
  document.body.replaceChildren();
});

test("the first snapshot is the one that the window wrote into the page, if it did", () => {
  const { takeFirst } = tauriPlatform();
  expect(takeFirst?.()).toBeUndefined();
  document.body.innerHTML = '<script type="application/json" id="first-snapshot">{"home":"a\\u003c/script>"}</script>';
  expect(takeFirst?.()).toEqual({ home: "a</script>" });
  expect(takeFirst?.(), "any later one would be old").toBeUndefined();
  expect(invoke).not.toHaveBeenCalled();
});

test("a page that came with what it draws asks for nothing before its first frame, and waits for none that does not come", async () => {
  vi.useFakeTimers();
  vi.spyOn(globalThis, "requestAnimationFrame").mockImplementation(() => 0);
  const page = tauriPlatform();
  document.body.innerHTML = '<script type="application/json" id="first-snapshot">{}</script>';
  page.takeFirst?.();
  const answer = page.rpc({ command: "snapshot", args: {} });
  const end = page.subscribe(() => undefined, () => undefined);
  await vi.advanceTimersByTimeAsync(249);
  expect(invoke).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  await expect(answer).resolves.toBe("asked now");
  expect(invoke.mock.calls.map(([command]: unknown[]) => command)).toEqual(["rpc", "subscribe", "next_events"]);
  end();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

test("a page that has drawn its first frame asks at once", async () => {
  vi.useFakeTimers();
  let draw = () => {};
  vi.spyOn(globalThis, "requestAnimationFrame").mockImplementation((run) => ((draw = () => run(0)), 0));
  const page = tauriPlatform();
  document.body.innerHTML = '<script type="application/json" id="first-snapshot">{}</script>';
  page.takeFirst?.();
  const told = page.desktop?.acceptSessions([]);
  await Promise.resolve();
  expect(invoke).not.toHaveBeenCalled();
  draw();
  await Promise.resolve();
  expect(invoke, "the frame is being drawn").not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(0);
  await told;
  expect(invoke).toHaveBeenLastCalledWith("accept_sessions", { sessions: [] }, undefined);
  vi.restoreAllMocks();
  vi.useRealTimers();
});

test("the window holds what its observers observe, which its WebKit does not", () => {
  const kept = { ...Object.getOwnPropertyDescriptors(ResizeObserver.prototype) };
  const { observe, unobserve, disconnect } = ResizeObserver.prototype;
  tauriPlatform();
  expect(ResizeObserver.prototype.observe).not.toBe(observe);
  expect(ResizeObserver.prototype.unobserve).not.toBe(unobserve);
  expect(ResizeObserver.prototype.disconnect).not.toBe(disconnect);
  Object.defineProperties(ResizeObserver.prototype, kept);
});

/** Answers to each command in their turn; a command without one waits for ever. */
function answering(answers: Record<string, unknown[]>) {
  invoke.mockImplementation(((command: string) => {
    const next = answers[command]?.shift();
    if (next === undefined) return new Promise(() => undefined);
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
  }) as () => Promise<string>);
}

test("events are fetched one answer after the other, also where one is empty, until another page has the turn", async () => {
  answering({ subscribe: [7], next_events: [["a", "b"], [], ["c"], null, ["of nobody"]] });
  const [heard, states]: [unknown[], string[]] = [[], []];
  tauriPlatform().subscribe((event) => heard.push(event), (state) => states.push(state));
  await vi.waitFor(() => expect(invoke).toHaveBeenCalledTimes(5));
  await Promise.resolve();
  expect(heard).toEqual(["a", "b", "c"]);
  expect(states).toEqual(["connecting", "open"]);
  expect(invoke).toHaveBeenLastCalledWith("next_events", { turn: 7 }, undefined);
});

test("who does not want them any more fetches none, and a refusal is tried again", async () => {
  vi.useFakeTimers();
  answering({ subscribe: [new Error("closed"), 8], next_events: [["a"]] });
  const [heard, states]: [unknown[], string[]] = [[], []];
  const end = tauriPlatform().subscribe((event) => heard.push(event), (state) => states.push(state));
  await vi.advanceTimersByTimeAsync(1_499);
  expect(states).toEqual(["connecting", "lost"]);
  await vi.advanceTimersByTimeAsync(1);
  expect([heard, states]).toEqual([["a"], ["connecting", "lost", "open"]]);
  end();
  expect(invoke).toHaveBeenCalledTimes(4);
  vi.useRealTimers();
});

test("the clipboard is emptied by the window where it can read that, and a refusal tells no word of it", async () => {
  const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
  expect(tauriPlatform().takeBack, "on another system").toBeUndefined();
  vi.spyOn(navigator, "platform", "get").mockReturnValue("Linux x86_64");
  answering({ take_back: [true, new Error("closed")] });
  const { takeBack } = tauriPlatform();
  await takeBack?.("hst_a_secret");
  expect(invoke).toHaveBeenLastCalledWith("take_back", { text: "hst_a_secret" }, undefined);
  await takeBack?.("hst_a_secret");
  expect(warned).toHaveBeenCalledOnce();
  expect(JSON.stringify(warned.mock.calls)).not.toContain("hst_a_secret");
  vi.restoreAllMocks();
});
