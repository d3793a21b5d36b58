// Writes down what others wrote of what a package contains, each with its licence in full.
//
//   node packaging/third-party.mjs PAGES.json PROGRAM.json… >third-party.txt
//
// PAGES.json is what Vite tells of the npm packages in the pages, each PROGRAM.json what cargo-about tells of the
// crates in a program. Both know paths of the machine: of them only names, versions, addresses and texts are taken.

import { readFileSync } from "node:fs";

/** @typedef {{ kind: "crate" | "npm", name: string, version: string, address?: string | undefined, id: string, text: string }} Work */

const MODULES = new URL("../ui/node_modules/", import.meta.url);

/** A package that has a note instead of its licence, and one by the same authors under the same licences. */
const SAME_TEXT = new Map([["@tauri-apps/plugin-opener", "@tauri-apps/api"]]);

/** Between parts; no licence has such a line. */
const RULE = "=".repeat(100);

/** What the thread of the pages that reads PDFs is made of: Vite tells of the pages alone. */
const THREAD = "unpdf";

const [pages = "", ...programs] = process.argv.slice(2);
const crates = programs.flatMap(cratesOf);
const works = [...crates, ...packagesOf(pages), ...(await ofThread(crates))];
process.stdout.write(written(works));

/** @param {string} file @returns {Work[]} */
function cratesOf(file) {
  /** @type {{ licenses: { id: string, text: string, used_by: { crate: { name: string, version: string, repository?: string } }[] }[] }} */
  const { licenses } = read(file);
  return licenses.flatMap(({ id, text, used_by }) =>
    used_by.map(({ crate: { name, version, repository } }) => ({ kind: "crate", name, version, address: web(repository), id, text: even(text) })),
  );
}

/** @param {string} file @returns {Work[]} */
function packagesOf(file) {
  /** @type {{ name: string, version: string, identifier?: string, text?: string }[]} */
  const all = read(file);
  return all.map(({ name, version, identifier, text }) => {
    const own = all.find((other) => other.name === (SAME_TEXT.get(name) ?? name))?.text ?? text;
    if (!own) throw new Error(`${name} ${version} has no licence in its package: SAME_TEXT can name one that has the same`);
    return { kind: "npm", name, version, address: addressOf(name), id: identifier ?? "", text: even(own) };
  });
}

/** The package, and pdf.js, which it brings along without its licence: that of many crates. @param {Work[]} crates */
async function ofThread(crates) {
  const { version, license } = read(new URL(`${THREAD}/package.json`, MODULES));
  const text = even(readFileSync(new URL(`${THREAD}/LICENSE`, MODULES), "utf8"));
  const apache = crates.find(({ id }) => id === "Apache-2.0");
  if (!apache) throw new Error("no crate has the Apache License, under which pdf.js is passed on");
  const pdf = await import(new URL(`${THREAD}/dist/pdfjs.mjs`, MODULES).href);
  return /** @type {Work[]} */ ([
    { kind: "npm", name: THREAD, version, address: addressOf(THREAD), id: license, text },
    { kind: "npm", name: "pdfjs-dist", version: pdf.version, address: "https://github.com/mozilla/pdf.js", id: apache.id, text: apache.text },
  ]);
}

/** Those under the very same words stand together above them. @param {Work[]} works */
function written(works) {
  /** @type {Map<string, Work[]>} */
  const byText = new Map();
  for (const work of works) byText.set(work.text, [...(byText.get(work.text) ?? []), work]);
  const parts = [...byText].map(([text, under]) => {
    const ids = [...new Set(under.map(({ id }) => id).filter(Boolean))].sort();
    const names = [...new Set(under.map(line))].sort();
    return { key: `${ids.join()}\n${names.join()}`, words: [RULE, `Licence: ${ids.join(", ")}`, "", ...names, "", text, ""].join("\n") };
  });
  parts.sort((a, b) => (a.key < b.key ? -1 : 1));
  const different = new Set(works.map(({ kind, name, version }) => `${kind} ${name} ${version}`));
  return [
    `What others wrote of the programs of Husting: ${different.size} works, each above the licence under which it is`,
    "passed on. Fonts have theirs in fonts/ beside this file.",
    "",
    ...parts.map(({ words }) => words),
  ].join("\n");
}

/** @param {Work} work */
function line({ kind, name, version, address }) {
  return `  ${kind} ${name} ${version}${address ? `, ${address}` : ""}`;
}

/** Where a package in the pages is written. @param {string} name */
function addressOf(name) {
  const { repository } = read(new URL(`${name}/package.json`, MODULES));
  return web(repository?.url ?? repository);
}

/** An address that a browser opens. @param {string | undefined} address */
function web(address) {
  const [, plain] = /^(?:git\+)?(https?:\/\/[^\s@]+?)(?:\.git)?\/?$/.exec(address ?? "") ?? [];
  return plain;
}

/** The same words whatever ended their lines. @param {string} text */
function even(text) {
  return text.replace(/\r\n?/g, "\n").replace(/[ \t]+$/gm, "").replace(/^\n+|\n+$/g, "");
}

/** @param {string | URL} file */
function read(file) {
  return JSON.parse(readFileSync(file, "utf8"));
}
