// The place that is shown stands out in the rail, also where only its icon is there.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { colours, contrast } from "../fixtures/colours";

const rail = readFileSync(join(import.meta.dirname, "../../src/components/Rail.svelte"), "utf8");

test.each([
  ["dark", /^ {2}\.place\[aria-current\][^{]*\{[^}]*background: var\(--(\w+)\)/m],
  ["light", /data-theme="light"\]\) [^{]*\.place[^{]*\[aria-current\] \{[^}]*background: var\(--(\w+)\)/],
])("a chosen place has a tone of its own in the %s theme", (theme, rule) => {
  const of = colours(theme);
  const tile = rule.exec(rail)?.[1] ?? "";
  expect(contrast(of(tile), of("ground"))).toBeGreaterThanOrEqual(1.2);
});
