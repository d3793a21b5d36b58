import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const UI = join(import.meta.dirname, "../..");
const page = readFileSync(join(UI, "index.html"), "utf8");
const preloaded = [...page.matchAll(/rel="preload" href="\/node_modules\/([^"]+)"/g)].map(([, file = ""]) => file);

// A face that no sheet names would be read for nothing, and the one that is named in its place too late.
test("each voice is read beside the scripts, from the file that its sheet names", () => {
  expect(preloaded).toHaveLength(3);
  const own = readFileSync(join(UI, "src/styles/fonts.css"), "utf8");
  const sheets = [...own.matchAll(/@import "([^"]+)"/g)].map(([, sheet = ""]) => readFileSync(join(UI, "node_modules", sheet), "utf8"));
  for (const file of preloaded) {
    expect(existsSync(join(UI, "node_modules", file)), file).toBe(true);
    const name = file.split("/").at(-1) ?? "";
    expect([own, ...sheets].some((sheet) => sheet.includes(name)), file).toBe(true);
  }
});
