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

const NARROW = /@container[^{]*\{((?:[^{}]|\{[^{}]*\})*)\}/g;

// A table that scrolled beside an act that stays would end in half a word.
test("in a narrow window, settings’ rows of keys give up whole columns", () => {
  const source = readFileSync(join(SOURCE, "features/settings/Keys.svelte"), "utf8");
  expect(source).toMatch(/\.rows-box \{ container-type: inline-size; \}/);
  const [, narrow = ""] = [...source.matchAll(NARROW)][0] ?? [];
  expect(narrow).toContain("display: none");
});

test("rows that stand below each other do so by one rule, which measures the box around them", () => {
  const shared = readFileSync(join(SOURCE, "styles/rows.css"), "utf8");
  expect(shared).toMatch(/^\.stacks \{ container-type: inline-size; \}$/m);
  const rules = [...shared.matchAll(NARROW)].map(([, rule]) => rule!);
  expect(rules).toHaveLength(1);
  expect(rules[0]).toMatch(/\.stacks \.rows tbody tr \{ display: grid;/);
  expect(rules[0]).toMatch(/:is\(thead, tbody tr > \.spare, tbody tr > td:empty\) \{ display: none; \}/);
  const narrow = readdirSync(SOURCE, { recursive: true, encoding: "utf8" }).filter((path) => {
    const source = path.endsWith(".svelte") ? readFileSync(join(SOURCE, path), "utf8") : "";
    return source.includes('class="rows"') && [...source.matchAll(NARROW)].some(([, rule]) => /\btr\b|tbody/.test(rule!));
  });
  expect(narrow, "none has one of its own").toEqual([]);
});

test.each(["settings/Providers", "settings/tenants/Tenants", "bus/squads/Squads"])("rows of %s stand below each other in a narrow window, each cell in its place", (name) => {
  const source = readFileSync(join(SOURCE, `features/${name}.svelte`), "utf8");
  expect(source).toMatch(/<div class="[^"]*\bstacks\b[^"]*"/);
  const body = source.slice(source.indexOf("<tbody>"), source.indexOf("</tbody>"));
  const cells = [...body.matchAll(/<td\b[^>]*class="([^"]*)"/g)].map(([, classes]) => classes!.split(" "));
  expect(cells.length).toBeGreaterThan(2);
  // A row has two places in its first line, and one of them is the name's.
  const row = cells.slice(0, body.slice(0, body.indexOf("</tr>")).match(/<td\b/g)!.length);
  expect(row.filter((classes) => classes.includes("beside")).length).toBeLessThanOrEqual(1);
  expect(row.filter((classes) => ["beside", "below", "spare"].some((place) => classes.includes(place))).length, "all but those that share a line in their order").toBeGreaterThanOrEqual(row.length - 2);
});

// In the page's own tones a button would be a hole in the tint.
test("what is pressed on the amber tint has its ground from one rule, on every note that has acts", () => {
  const sources = readdirSync(SOURCE, { recursive: true, encoding: "utf8" }).filter((path) => /\.(svelte|css)$/.test(path)).map((path) => [path, readFileSync(join(SOURCE, path), "utf8")] as const);
  const mixed = sources.filter(([, source]) => /--(?:raised|lifted): [^;]*--amber-tint/.test(source)).map(([path]) => path);
  expect(mixed).toEqual(["styles/base.css"]);
  const noted = sources.filter(([, source]) => /class="[^"]*\btinted\b|class:tinted/.test(source)).map(([path]) => path);
  expect(noted).toEqual(expect.arrayContaining(["components/ErrorNote.svelte", "features/deliberations/session/Facts.svelte", "features/settings/Providers.svelte"]));
});
