import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Tab } from "../../src/platform";
import { browserPlatform } from "../../src/platform/browser";
import { tauriPlatform } from "../../src/platform/tauri";

beforeEach(() => sessionStorage.clear());
afterEach(() => void vi.restoreAllMocks());

/** Leaves the page; whether nobody is asked first. */
const leave = () => dispatchEvent(new Event("beforeunload", { cancelable: true }));

describe.each<[string, () => { tab: Tab }]>([["a browser", browserPlatform], ["the window", tauriPlatform]])("the tab of %s", (_, platform) => {
  test("keeps texts for the next page in it, and nothing for another tab", () => {
    const { tab } = platform();
    expect(tab.keep("a/1", "one")).toBe(true);
    tab.keep("a/1", "One");
    tab.keep("a/2", "two");
    tab.keep("b/1", "three");
    tab.drop("a/2");
    expect(platform().tab.kept("a/")).toEqual([["a/1", "One"]]);
    expect(JSON.stringify({ ...localStorage })).not.toContain("One");
  });

  test("that is full says so, and keeps what it had", () => {
    const { tab } = platform();
    tab.keep("a/1", "one");
    expect(tab.keep("a/1", "x".repeat(6_000_000))).toBe(false);
    expect(tab.kept("a/")).toEqual([["a/1", "one"]]);
  });

  test("that is forbidden to the page has nothing and takes nothing", () => {
    vi.spyOn(globalThis, "sessionStorage", "get").mockImplementation(() => {
      throw new DOMException("Denied.", "SecurityError");
    });
    const { tab } = platform();
    expect([tab.keep("a/1", "one"), tab.kept("a/")]).toEqual([false, []]);
    expect(() => tab.drop("a/1")).not.toThrow();
  });

  test("is left without a question, but where it was told to ask", () => {
    const { tab } = platform();
    expect(leave()).toBe(true);
    tab.askBeforeLeaving(true);
    tab.askBeforeLeaving(true);
    expect(leave()).toBe(false);
    tab.askBeforeLeaving(false);
    expect(leave()).toBe(true);
  });
});
