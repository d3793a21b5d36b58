// The packages that ./dev made, looked at from outside.

import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { ROOT } from "./places.mjs";

export const run = promisify(execFile);

/** `HUSTING_PACKAGES` names others. */
const PLACE = process.env.HUSTING_PACKAGES ?? join(ROOT, "target/packages/debug");
export const isRelease = process.env.HUSTING_PACKAGES !== undefined;

export const deb = await only("deb");
export const rpm = await only("rpm");

/** @param {"deb" | "rpm"} kind */
async function only(kind) {
  const found = (await readdir(PLACE)).filter((name) => name.endsWith(`.${kind}`));
  if (found.length !== 1) throw new Error(`${PLACE} has ${found.length} .${kind}: ./dev makes one`);
  return join(PLACE, `${found[0]}`);
}

/** A field of the .deb. @param {string} name */
export async function field(name) {
  return (await run("dpkg-deb", ["--field", deb, name])).stdout.trim();
}

/**
 * Lends a folder, which goes afterwards.
 * @template T
 * @param {(folder: string) => Promise<T>} use
 */
export async function inFolder(use) {
  const folder = await mkdtemp(join(tmpdir(), "husting-package."));
  try {
    return await use(folder);
  } finally {
    // What rpm put there belongs to root.
    await run("rm", ["--recursive", "--force", folder]).catch(() => asRoot("rm", "--recursive", "--force", folder));
  }
}

/** @param {string} program @param {string[]} args */
export async function asRoot(program, ...args) {
  return process.getuid?.() === 0 ? run(program, args) : run("sudo", ["--non-interactive", program, ...args]);
}

/**
 * The same package as of an earlier version, with a file that the newer one has no more.
 * @param {string} version
 * @param {string} leftover its path
 * @returns {Promise<Buffer>}
 */
export async function older(version, leftover) {
  return inFolder(async (folder) => {
    const tree = join(folder, "tree");
    await run("dpkg-deb", ["--raw-extract", deb, tree]);
    const control = join(tree, "DEBIAN/control");
    await writeFile(control, (await readFile(control, "utf8")).replace(/^Version: .*$/m, `Version: ${version}`));
    await writeFile(join(tree, leftover), "of an earlier version\n");
    const made = join(folder, "older.deb");
    await run("dpkg-deb", ["--root-owner-group", "-Znone", "--build", tree, made]);
    const bytes = await readFile(made);
    await rm(tree, { recursive: true });
    return bytes;
  });
}
