// Pictures and figures of the documents: each picture is one that a command takes, each figure one that a command measures.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

import { describe, expect, it } from "vitest";

import { PICTURES, THEMES, type Picture } from "../../../tests/browser/screenshots/pictures";

const ROOT = join(import.meta.dirname, "../../..");
const IMAGES = "docs/images";

/** README and what lies beside it, with what it says. */
const DOCUMENTS = ["README.md", "ARCHITECTURE.md", ...readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`)].map(
  (path) => ({ path, text: read(path) }),
);

describe("pictures", () => {
  const taken = Object.keys(PICTURES).flatMap((name) => THEMES.map((theme) => `${IMAGES}/${name}-${theme}.png`));
  const kept = readdirSync(join(ROOT, IMAGES)).map((name) => `${IMAGES}/${name}`);
  const shown = DOCUMENTS.flatMap(({ path, text }) => imagesOf(text).map((image) => normalize(join(dirname(path), image))));

  it("are shown where they are, and taken by ./dev screenshots", () => {
    expect(shown.length).toBeGreaterThan(8);
    for (const image of shown) expect(taken, image).toContain(image);
    for (const image of shown) expect(kept, image).toContain(image);
  });

  it("are each taken, kept and shown somewhere", () => {
    expect(kept.toSorted()).toEqual(taken.toSorted());
    expect([...new Set(shown)].toSorted()).toEqual(kept.toSorted());
  });

  it("have the size of the window they show", () => {
    for (const image of kept) {
      const name = image.slice(IMAGES.length + 1).replace(/-(dark|light)\.png$/, "") as Picture;
      const head = readFileSync(join(ROOT, image)).subarray(16, 24);
      expect({ width: head.readUInt32BE(0), height: head.readUInt32BE(4) }, image).toEqual(PICTURES[name]);
    }
  });
});

describe("figures", () => {
  const measured = /^FIGURES=\(([^)]+)\)$/m.exec(read("dev"))?.[1]?.split(" ") ?? [];

  it("stand in tables under the command that measures them", () => {
    const [, ...sections] = read("docs/benchmarks.md").split(/^## /m);
    const named = sections.filter((section) => section.includes("\n|")).map((section) => ({
      title: section.split("\n")[0],
      figure: /^ {4}\.\/dev bench (\S+)$/m.exec(section.split("\n|")[0] ?? "")?.[1],
    }));
    for (const { title, figure } of named) expect(measured, title).toContain(figure);
    expect(named.map(({ figure }) => figure).toSorted()).toEqual(measured.toSorted());
  });

  it("of the first page stand beside the command that measures them", () => {
    for (const paragraph of read("README.md").split(/\n{2,}/)) {
      const [figure] = /\b\d[\d.,]*[ \u00a0]?(?:ms|µs|s|KiB|MiB|GiB|kB|MB|GB|%|×|times)(?=[\s.,;:)]|$)|\b\d[\d.,]*[ \u00a0]?\/s\b/.exec(paragraph) ?? [];
      if (figure) expect(paragraph, figure).toMatch(/\.\/dev bench \w/);
    }
  });
});

function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** Paths of what a document shows: by Markdown, and by markup where each theme has its own. */
function imagesOf(text: string): string[] {
  const found = [...text.matchAll(/!\[[^\]]*\]\(([^)\s]+)/g), ...text.matchAll(/<(?:img|source)\b[^>]*?\b(?:src|srcset)="([^"]+)"/g)];
  return found.map((match) => match[1] ?? "").filter((path) => !path.startsWith("http"));
}
