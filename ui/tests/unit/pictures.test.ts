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

  // Of what is set, not measured: the words of a page, and the line of the source that they are true by.
  const SET: [page: string, words: string, source: string, line: string][] = [
    ["docs/bus.md", "50 turns and a dollar a day", "crates/wire/src/settings.rs", "agents_turns_per_day: 50,\n            agents_cents_per_day: 100,"],
    ["docs/clients.md", "after 2, 8 and 32 seconds", "crates/console/src/runs/ending.rs", "FIRST_REST_MILLIS: i64 = 2_000;"],
    ["docs/clients.md", "three times an hour", "crates/launch/src/restarts.rs", "RESTARTS_AN_HOUR: usize = 3;"],
    ["docs/guide.md", "fewer than 12 characters", "crates/console/src/keys.rs", "LEAST_PASSPHRASE: usize = 12;"],
    ["docs/guide.md", "$1.50 a month", "crates/wallet/src/terms.rs", "monthly_grant: Some(MicroUsd(1_500_000)),"],
    ["docs/mcp.md", "a comment every 15 seconds", "crates/server/src/routes/streams.rs", "KEEP_ALIVE: Duration = Duration::from_secs(15);"],
    ["docs/rest.md", "for 24 hours", "crates/console/src/contract/replays.rs", "KEPT_MILLIS: i64 = DAY_MILLIS;"],
    ["docs/rest.md", "at most 16 MiB", "crates/server/src/routes/body.rs", "WITH_DOCUMENT: usize = 16 * 1024 * 1024;"],
    ["docs/security.md", "within 10 MiB", "crates/discord/src/files/mod.rs", "MOST_BYTES: u64 = 10 << 20;"],
    ["docs/security.md", "25 MiB for a message", "crates/discord/src/files/room.rs", "MOST_BYTES_OF_MESSAGE: u64 = 25 << 20;"],
    ["docs/security.md", "1 GiB for all that is kept", "crates/discord/src/files/room.rs", "MOST_BYTES_KEPT: u64 = 1 << 30;"],
  ];

  it.each(SET)("%s: %s", (page, words, source, line) => {
    expect(read(page).replaceAll(/\s+/g, " ")).toContain(words);
    expect(read(source), source).toContain(line);
  });

  it("of the pages are all among those", () => {
    for (const { path, text } of DOCUMENTS.filter(({ path }) => /^docs\/(?!benchmarks)[^/]+$/.test(path))) {
      const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, "").replaceAll(/\s+/g, " ");
      const told = SET.filter(([page]) => page === path).map(([, words]) => words);
      const figures = prose.match(/\$?\b\d[\d.,]*[ \u00a0](?:ms|µs|seconds|hours|KiB|MiB|GiB|kB|MB|GB|%|characters|turns|a month)\b/g) ?? [];
      for (const figure of figures) expect(told.some((words) => words.includes(figure)), `${path}: ${figure}`).toBe(true);
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
