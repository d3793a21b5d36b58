// What stands in an empty field is read, and is not taken for its label or for what somebody wrote.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { colours, contrast, mixed, type Colour } from "../fixtures/colours";

const SRC = join(import.meta.dirname, "../../src");
const base = readFileSync(join(SRC, "styles/base.css"), "utf8");

describe.each(["dark", "light"])("a hint in the %s theme", (theme) => {
  const of = colours(theme);
  // On a sheet in the middle a field is as SheetDialog mixes it, and its label stands on the sheet itself.
  const places: [string, string, Colour, Colour][] = [
    ["a page", "hint", of("raised"), of("page")],
    ["a panel or a sheet at the side", "hint", of("raised"), of("panel")],
    ["a sheet in the middle", "hint-pop", mixed(of("pop"), of("ink-1"), 0.92), of("pop")],
    ["the palette", "hint-pop", of("pop"), of("pop")],
  ];
  test.each(places)("can be read on %s, and stands back behind a label", (_, hint, field, around) => {
    const read = contrast(of(hint), field);
    expect(read).toBeGreaterThanOrEqual(4.5);
    expect(read).toBeLessThan(contrast(of("ink-2"), around) - 0.7);
  });
});

test("every hint is one", () => {
  expect(base).toMatch(/::placeholder \{ color: var\(--hint\);/);
  expect(readFileSync(join(SRC, "components/SheetDialog.svelte"), "utf8")).toMatch(/\.middle\) \{[^}]*--hint: var\(--hint-pop\)[^}]*var\(--pop\) 92%/);
  expect(readFileSync(join(SRC, "components/Palette.svelte"), "utf8")).toMatch(/\.husting-palette\) \{[^}]*--hint: var\(--hint-pop\)/);
});

test("no part has a colour of its own for one", () => {
  const parts = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((path) => /\.(?:svelte|css)$/.test(path) && path !== join("styles", "base.css"));
  const coloured = parts.filter((path) => /::placeholder[^{}]*\{[^}]*\bcolor:/.test(readFileSync(join(SRC, path), "utf8")));
  expect(parts.length).toBeGreaterThan(100);
  expect(coloured).toEqual([]);
});
