// What stands in an empty field is read, and is not taken for its label or for what somebody wrote.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const SRC = join(import.meta.dirname, "../../src");
const tokens = readFileSync(join(SRC, "styles/tokens.css"), "utf8");
const base = readFileSync(join(SRC, "styles/base.css"), "utf8");

type Colour = [number, number, number];

function colours(theme: string): (name: string) => Colour {
  const block = tokens.slice(tokens.indexOf(`[data-theme="${theme}"] {`));
  return (name) => {
    const hex = new RegExp(`--${name}: #([0-9a-f]{6})`).exec(block)?.[1] ?? "";
    return [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as Colour;
  };
}

/** As `color-mix` in sRGB. */
const mixed = (one: Colour, other: Colour, share: number) => one.map((each, at) => each * share + (other[at] ?? 0) * (1 - share)) as Colour;

function luminance(colour: Colour): number {
  const [r, g, b] = colour.map((each) => each / 255).map((each) => (each <= 0.03928 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4)) as Colour;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: Colour, other: Colour): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

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
