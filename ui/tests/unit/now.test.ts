import { afterEach, expect, test, vi } from "vitest";
import { now } from "../../src/state/now.svelte";

afterEach(() => void vi.useRealTimers());

const at = (moment: string) => vi.useFakeTimers({ now: new Date(moment) });

test("two readings within a minute are of one moment", () => {
  at("2026-11-26T10:00:01.250Z");
  const early = now.minute;
  vi.setSystemTime(new Date("2026-11-26T10:00:59.999Z"));
  expect(now.minute).toEqual(early);
  expect(early).toEqual(new Date("2026-11-26T10:00:00Z"));
  vi.setSystemTime(new Date("2026-11-26T10:01:00Z"));
  expect(now.minute).toEqual(new Date("2026-11-26T10:01:00Z"));
});

test("an age is counted from the moment itself", () => {
  at("2026-11-26T10:02:50Z");
  expect(now.since(new Date("2026-11-26T10:00:10Z"))).toEqual(new Date("2026-11-26T10:02:50Z"));
  expect(now.since(new Date("2026-11-26T10:02:49Z"))).toEqual(new Date("2026-11-26T10:02:50Z"));
});
