// What is in the packages, and what they say of themselves.

import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { asRoot, deb, field, inFolder, rpm, run } from "./harness/packages.mjs";

const ICONS = "/usr/share/icons/hicolor";
const SIZES = [16, 24, 32, 48, 64, 128, 256, 512];
const ENTRY = "/usr/share/applications/Husting.desktop";

/** Every file of both packages; where zsh looks is another place on Debian than elsewhere. */
const FILES = [
  "/usr/bin/husting",
  "/usr/bin/husting-desktop",
  ENTRY,
  "/usr/share/bash-completion/completions/husting",
  "/usr/share/doc/husting/copyright",
  "/usr/share/doc/husting/fonts/commit-mono",
  "/usr/share/doc/husting/fonts/inter",
  "/usr/share/doc/husting/fonts/source-serif-4",
  "/usr/share/fish/vendor_completions.d/husting.fish",
  `${ICONS}/scalable/apps/husting-desktop.svg`,
  ...SIZES.map((size) => `${ICONS}/${size}x${size}/apps/husting-desktop.png`),
];
const ZSH = { deb: "/usr/share/zsh/vendor-completions/_husting", rpm: "/usr/share/zsh/site-functions/_husting" };

/** What comes with a library that is asked for by name. */
const SAME_PACKAGE = new Map([
  ["ld-linux-x86-64.so.2", "libc.so.6"],
  ["libm.so.6", "libc.so.6"],
  ["libgdk-3.so.0", "libgtk-3.so.0"],
  ["libgio-2.0.so.0", "libglib-2.0.so.0"],
  ["libgobject-2.0.so.0", "libglib-2.0.so.0"],
]);

/** The files of the .deb. */
let tree = "";
before(async () => {
  tree = await mkdtemp(join(tmpdir(), "husting-deb."));
  await run("dpkg-deb", ["--extract", deb, tree]);
});
after(() => rm(tree, { recursive: true, force: true }));

describe("the .deb", () => {
  test("has every file in its place, root's, and writable by nobody else", async () => {
    const { stdout } = await run("dpkg-deb", ["--contents", deb]);
    const entries = stdout.trim().split("\n").map((line) => {
      const [mode = "", owner = "", , , , path = ""] = line.split(/\s+/);
      return { mode, owner, path: path.replace(/^(\.?\/)?/, "/") };
    });
    const files = entries.filter(({ mode }) => !mode.startsWith("d"));
    assert.deepEqual(files.map(({ path }) => path).sort(), [...FILES, ZSH.deb].sort());
    for (const { mode, owner, path } of entries) {
      assert.equal(owner, "0/0", path);
      const wanted = mode.startsWith("d") ? "drwxr-xr-x" : path.startsWith("/usr/bin/") ? "-rwxr-xr-x" : "-rw-r--r--";
      assert.equal(mode, wanted, path);
    }
  });

  test("asks for every library that its programs want, and for what the tray and HTTPS need", async () => {
    const declared = parsed(await field("Depends"));
    for (const [name, wanted] of await wantedLibraries()) {
      const versions = declared.get(name);
      assert.ok(versions, `${name} is not asked for`);
      if (wanted) assert.ok(await anyReaches(versions, wanted), `${name} is asked for as ${versions}, and ${wanted} is wanted`);
    }
    for (const name of ["libayatana-appindicator3-1", "ca-certificates"]) assert.ok(declared.has(name), name);
  });

  test("has a desktop entry that finds its program and its icon", async () => {
    const file = join(tree, ENTRY);
    await run("desktop-file-validate", [file]);
    const keys = new Map((await readFile(file, "utf8")).split("\n").flatMap((line) => {
      const [, key, value] = /^([A-Za-z-]+)=(.*)$/.exec(line) ?? [];
      return key && value ? [[key, value]] : [];
    }));
    assert.equal(keys.get("Name"), "Husting");
    for (const key of ["GenericName", "Comment", "Categories", "Keywords"]) assert.ok(keys.get(key), key);
    for (const key of ["Exec", "TryExec", "StartupWMClass"]) assert.equal(keys.get(key), "husting-desktop");
    assert.ok(FILES.includes(`/usr/bin/${keys.get("Exec")}`));
    assert.ok(FILES.includes(`${ICONS}/scalable/apps/${keys.get("Icon")}.svg`));
  });

  test("has icons of the sizes that their folders say", async () => {
    for (const size of SIZES) {
      const png = await readFile(join(tree, `${ICONS}/${size}x${size}/apps/husting-desktop.png`));
      assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [size, size]);
    }
  });

  test("has completions of every command", async () => {
    for (const path of [ZSH.deb, ...FILES.filter((file) => file.includes("completion"))]) {
      assert.match(await readFile(join(tree, path), "utf8"), /deliberate/, path);
    }
    await run("bash", ["-c", 'source "$1" && complete -p husting', "bash", join(tree, "/usr/share/bash-completion/completions/husting")]);
  });
});

describe("the .rpm", () => {
  test("asks for every library that its programs want, and for what the tray and HTTPS need", async () => {
    const requires = (await asked("--requires")).map((line) => line.replace(/\(.*$/, ""));
    for (const program of ["husting", "husting-desktop"]) {
      const { stdout } = await run("objdump", ["--private-headers", join(tree, "usr/bin", program)]);
      const needed = [...stdout.matchAll(/NEEDED\s+(\S+)/g)].map(([, name = ""]) => SAME_PACKAGE.get(name) ?? name);
      assert.ok(needed.length > 0);
      for (const name of needed) assert.ok(requires.includes(name), `${program} wants ${name}`);
    }
    for (const name of ["libayatana-appindicator3.so.1", "ca-certificates"]) assert.ok(requires.includes(name), name);
  });

  test("runs nothing when it is installed or removed", async () => {
    assert.deepEqual(await asked("--scripts"), []);
  });

  test("lists the files of the .deb", async () => {
    assert.deepEqual((await asked("--list")).sort(), [...FILES, ZSH.rpm].sort());
  });

  test("installs what the .deb installs", async () => {
    await inFolder(async (root) => {
      await asRoot("rpm", "--root", root, "--initdb");
      await asRoot("rpm", "--force-debian", "--root", root, "--install", "--nodeps", "--noscripts", rpm);
      for (const path of [...FILES, ZSH.deb]) {
        const [one, other] = [join(tree, path), join(root, path === ZSH.deb ? ZSH.rpm : path)];
        assert.ok((await readFile(one)).equals(await readFile(other)), path);
        assert.equal((await stat(one)).mode, (await stat(other)).mode, path);
      }
    });
  });
});

/** What the .rpm answers, line by line. @param {string} question */
async function asked(question) {
  const { stdout } = await run("rpm", ["--query", "--package", question, rpm]);
  return stdout.trim().split("\n").filter(Boolean);
}

/**
 * What the programs are linked with, by Debian's packages and the versions that have what they call.
 * @returns {Promise<Map<string, string[]>>}
 */
async function wantedLibraries() {
  return inFolder(async (folder) => {
    await mkdir(join(folder, "debian"));
    await writeFile(join(folder, "debian/control"), "Source: husting\n\nPackage: husting\nArchitecture: any\n");
    const programs = ["husting", "husting-desktop"].map((name) => `-e${join(tree, "usr/bin", name)}`);
    const { stdout } = await run("dpkg-shlibdeps", ["-O", ...programs], { cwd: folder });
    return parsed(stdout.replace("shlibs:Depends=", ""));
  });
}

/**
 * Packages and the versions they are asked for in. Since 64 bits hold the time some are called otherwise,
 * and go by their old name as well.
 * @param {string} list
 * @returns {Map<string, string[]>}
 */
function parsed(list) {
  const found = new Map();
  for (const item of list.trim().split(/,\s*/)) {
    const [, name = "", version] = /^([^\s(]+?)(?:t64)?(?: \(>= (.+)\))?$/.exec(item) ?? [];
    found.set(name, [...(found.get(name) ?? []), ...(version ? [version] : [])]);
  }
  return found;
}

/** @param {string[]} versions @param {string[]} wanted */
async function anyReaches(versions, [wanted]) {
  if (!wanted) return true;
  for (const version of versions) {
    if (await run("dpkg", ["--compare-versions", version, "ge", wanted]).then(() => true, () => false)) return true;
  }
  return false;
}
