// A served console that says where it is.

import { readFile } from "node:fs/promises";

import { until } from "../../desktop/harness/patience.mjs";

/**
 * The address in a ready file, as soon as it is there.
 * @param {string} file
 * @returns {Promise<string>}
 */
export async function ready(file) {
  return until(20_000, "the console to be ready", async () => {
    const text = await readFile(file, "utf8").catch(() => "");
    return text.endsWith("}\n") || text.endsWith("}") ? JSON.parse(text).http : undefined;
  });
}
