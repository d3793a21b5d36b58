// What the pages weigh, as they lie in the program: of one build, so each has one value.

import { readdirSync, readFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { keep } from "./windows.mjs";

const DIST = fileURLToPath(new URL("../../ui/dist", import.meta.url));
const SCRIPTS = [".js"];
const STYLES = [".css"];
const FONTS = [".woff2"];
/** Fetched by whoever drops a PDF into a question. */
const PDF = /^pdf-/;

/** @param {string} path */
const bytes = (path) => readFileSync(join(DIST, path));
/** @param {string} name @param {readonly string[]} files @param {(content: Buffer) => Buffer} [packed] */
const weighed = (name, files, packed = (content) => content) => {
  if (files.length === 0) throw new Error(`${name}: no such file is in ui/dist`);
  const all = files.reduce((sum, path) => sum + packed(bytes(path)).length, 0);
  return { name, unit: "kB", values: [all / 1000] };
};
/** @param {readonly string[]} files @param {readonly string[]} endings */
const of = (files, endings) => files.filter((path) => endings.includes(extname(path)));

const all = readdirSync(DIST, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(DIST.length + 1));
// What the first screen waits for is what its page names; all else is fetched when it is gone to.
const page = bytes("index.html").toString("utf8");
const first = all.filter((path) => page.includes(`./${path}"`));
const pages = all.filter((path) => !PDF.test(basename(path)));

keep({
  id: "bundle",
  series: [
    weighed("first screen: script", of(first, SCRIPTS)),
    weighed("first screen: script, gzip", of(first, SCRIPTS), gzipSync),
    weighed("first screen: style", of(first, STYLES)),
    weighed("first screen: fonts", of(first, FONTS)),
    weighed("all screens: scripts", of(pages, SCRIPTS)),
    weighed("all screens: styles", of(pages, STYLES)),
    weighed("all screens: fonts of every script", of(pages, FONTS)),
    weighed("whoever drops a PDF: scripts", of(all.filter((path) => PDF.test(basename(path))), SCRIPTS)),
  ],
});
