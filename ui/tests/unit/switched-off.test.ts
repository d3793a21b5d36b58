// What is switched off looks so wherever it stands: one ink in a theme, on the page as in a sheet.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const SRC = join(import.meta.dirname, "../../src");
const read = (path: string) => readFileSync(join(SRC, path), "utf8");

test("one ink is of all that is switched off, and no place changes it", () => {
  for (const theme of ["dark", "light"]) expect(read("styles/tokens.css")).toMatch(new RegExp(`data-theme="${theme}"\\] \\{[^}]*--off: #[0-9a-f]{6};`));
  const setting = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((path) => /\.(svelte|css)$/.test(path) && /--off:/.test(read(path)));
  expect(setting).toEqual(["styles/tokens.css"]);
});

test("the ring of a button that keeps the focus while it is off is not the one of a button that works", () => {
  const rules = [...read("components/Button.svelte").matchAll(/^ +([^{}\n]*:focus-visible[^{}\n]*) \{([^}]*)\}/gm)].map(([, of, rule]) => [of, rule?.trim()]);
  expect(rules.at(-1)).toEqual([".off:focus-visible", "outline-color: var(--ink-3);"]);
});

test.each([
  ["Button", /\.button:disabled, \.off \{([^}]*)\}/],
  ["Menu", /husting-menu-button:disabled\) \{([^}]*)\}/],
  ["Segmented", /\.off \{([^}]*)\}/],
  ["Field", /input:disabled \{([^}]*)\}/],
])("a %s has it", (part, rule) => expect(rule.exec(read(`components/${part}.svelte`))?.[1]).toContain("color: var(--off);"));
