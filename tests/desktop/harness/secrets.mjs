// Where a secret could have been left: in the page, or in a file.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Everything the page holds, its fields and its storage too.
 * @param {import("./window.mjs").Window} window
 * @returns {Promise<string>}
 */
export function everything(window) {
  return window.evaluate(`
    const fields = [...document.querySelectorAll("input, textarea")].map((field) => field.value);
    return [document.documentElement.outerHTML, JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage }), ...fields].join("\\n");
  `);
}

/**
 * The files that hold some words, of the data folder and of all that the web view keeps.
 * @param {import("./window.mjs").Window} window
 * @param {string} words
 */
export async function filesHolding(window, words) {
  const { XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_CACHE_HOME, XDG_STATE_HOME } = process.env;
  const folders = [window.home, XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_CACHE_HOME, XDG_STATE_HOME];
  const found = await Promise.all(folders.map((folder) => {
    if (!folder) throw new Error("private-desk names every folder");
    return holding(folder, words);
  }));
  return found.flat();
}

/**
 * The files below a folder that hold some words.
 * @param {string} folder
 * @param {string} words
 */
async function holding(folder, words) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const found = [];
  for (const file of files) {
    // Some come and go while the window is open.
    const bytes = await readFile(file).catch(() => Buffer.alloc(0));
    if (bytes.includes(words)) found.push(file);
  }
  return found;
}
