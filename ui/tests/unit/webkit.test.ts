// What the window's WebKit does otherwise than a browser.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test, vi } from "vitest";
import { holdObserved } from "../../src/platform/observed";

const SRC = join(import.meta.dirname, "../../src");

// It knows `text-decoration` as a line alone: one that is given with its style, thickness or colour is none there.
test("a line at words is given by its parts", () => {
  const styles = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((path) => /\.(svelte|css)$/.test(path));
  const short = styles.filter((path) => /text-decoration:\s*[a-z-]+\s+[^;]/.test(readFileSync(join(SRC, path), "utf8")));
  expect(short).toEqual([]);
});

// It puts an ellipsis at the end that the element's own direction has, whatever script its words are in.
test("what others wrote and called is cut at its own end", () => {
  const parts = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".svelte"));
  const cut = parts.flatMap((path) => readFileSync(join(SRC, path), "utf8").match(/<[a-z]+\b[^<>]*\bclass="[^"]*\bcut\b[^"]*"/g) ?? []);
  const theirs = cut.filter((tag) => /^<b\b|\bsaid\b/.test(tag));
  expect(theirs.length).toBeGreaterThan(40);
  expect(theirs.filter((tag) => !tag.includes('dir="auto"'))).toEqual([]);
});

// In an element that is only a `span` it would begin at the far end of its room, away from the mark that it belongs to.
test("a name of another script stands at its mark: it is bold, a heading or a bdi", () => {
  expect(readFileSync(join(SRC, "styles/base.css"), "utf8")).toMatch(/:is\(b, h2, bdi\)\.cut \{ text-align: left; \}/);
  const parts = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".svelte"));
  const names = /<(\w+)\b[^<>]*\bclass="[^"]*\bcut\b[^"]*"[^<>]*>\{(?:withoutRehearsal\()?(?:(?:modelOf|placeOf|senderName)\(|(?:\w+\.)*(?:display_name|short|author|place)\b|(?:key|file)\.name\b)[^{}]*\}</g;
  const cut = parts.flatMap((path) => [...readFileSync(join(SRC, path), "utf8").matchAll(names)]);
  expect(cut.length).toBeGreaterThan(15);
  expect(cut.filter(([, tag]) => !["b", "h2", "bdi"].includes(tag!)).map(([found]) => found)).toEqual([]);
});

// It ends the page's process where one that was thrown away is still to be told of.
test("observers whose elements are held observe, leave and forget as without that", () => {
  const kept = { ...Object.getOwnPropertyDescriptors(ResizeObserver.prototype) };
  const asked: unknown[] = [];
  for (const act of ["observe", "unobserve", "disconnect"] as const) {
    ResizeObserver.prototype[act] = function (...args: unknown[]) {
      asked.push([act, this, ...args]);
    };
  }
  holdObserved();
  const [observer, one] = [new ResizeObserver(() => undefined), document.createElement("i")];
  observer.observe(one, { box: "border-box" });
  observer.unobserve(one);
  observer.disconnect();
  expect(asked).toEqual([
    ["observe", observer, one, { box: "border-box" }],
    ["unobserve", observer, one],
    ["disconnect", observer],
  ]);
  Object.defineProperties(ResizeObserver.prototype, kept);
});

test("who is observed is held by its observer, and who was until all observers were told, and no longer", async () => {
  const kept = { ...Object.getOwnPropertyDescriptors(ResizeObserver.prototype) };
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  holdObserved();
  const observer = new ResizeObserver(() => undefined);
  const observed = (() => {
    const element = document.createElement("i");
    observer.observe(element);
    return new WeakRef(element);
  })();
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  /** A turn later: whoever makes or reads a weak reference holds what it is to until then. */
  const isThere = async () => {
    await new Promise((done) => setImmediate(done));
    collect();
    return observed.deref() !== undefined;
  };
  expect(await isThere()).toBe(true);
  observer.unobserve(observed.deref()!);
  expect(await isThere(), "it may be told of in this turn").toBe(true);
  vi.runAllTimers();
  expect(await isThere()).toBe(false);
  vi.useRealTimers();
  Object.defineProperties(ResizeObserver.prototype, kept);
});
