import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const SOURCE = "src";

// A shadow bends around a row's corners: the bar of what is chosen is the one of base.css.
test("no component draws a bar of its own for what is chosen", () => {
  const parts = readdirSync(SOURCE, { recursive: true, encoding: "utf8" }).filter((path) => /\.(svelte|css)$/.test(path));
  expect(parts.length).toBeGreaterThan(100);
  const bars = parts.filter((path) => /inset \d+px 0 0 var\(--amber-mark\)/.test(readFileSync(join(SOURCE, path), "utf8")));
  expect(bars).toEqual([]);
});

// A rule for what the pointer is on weighs more than one for a class alone.
test("what is chosen stays drawn as chosen under the pointer", () => {
  const segmented = readFileSync(join(SOURCE, "components/Segmented.svelte"), "utf8");
  const hovered = [...segmented.matchAll(/^ *([^{}\n]*:hover[^{}\n]*) \{/gm)].map(([, rule]) => rule);
  expect(hovered).toHaveLength(1);
  expect(hovered[0]).toContain(".chosen)");
});

// A table that scrolled beside an act that stays would end in half a word.
test.each(["Providers", "Keys", "tenants/Tenants"])("in a narrow window, settings’ rows of %s give up whole columns or stand below each other", (name) => {
  const source = readFileSync(join(SOURCE, `features/settings/${name}.svelte`), "utf8");
  expect(source).toMatch(/\.rows-box \{ container-type: inline-size; \}/);
  const [, narrow = ""] = /@container[^{]*\{((?:[^{}]|\{[^{}]*\})*)\}/.exec(source) ?? [];
  expect(narrow).toContain("display: none");
});
