// What the window's WebKit does otherwise than a browser.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

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
