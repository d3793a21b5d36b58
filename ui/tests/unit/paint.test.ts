import { afterEach, expect, test, vi } from "vitest";
import { nextFrame } from "../../src/platform/paint";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

test("a hidden window, which gets no frames, does four times a second what waits for one", () => {
  vi.useFakeTimers();
  vi.spyOn(globalThis, "requestAnimationFrame").mockImplementation(() => 0);
  vi.spyOn(document, "hidden", "get").mockReturnValue(true);
  const run = vi.fn();
  nextFrame(run);
  vi.advanceTimersByTime(249);
  expect(run).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(run).toHaveBeenCalledOnce();
});
