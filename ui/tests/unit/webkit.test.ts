// The window's WebKit knows `text-decoration` as a line alone: one that is given with its style, thickness or colour is none there.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const SRC = join(import.meta.dirname, "../../src");

test("a line at words is given by its parts", () => {
  const styles = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((path) => /\.(svelte|css)$/.test(path));
  const short = styles.filter((path) => /text-decoration:\s*[a-z-]+\s+[^;]/.test(readFileSync(join(SRC, path), "utf8")));
  expect(short).toEqual([]);
});
