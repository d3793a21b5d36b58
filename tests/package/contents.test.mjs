// What is in the packages, and what they say of themselves.

import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { gunzipSync } from "node:zlib";

import { asRoot, deb, field, inFolder, isRelease, rpm, run } from "./harness/packages.mjs";
import { ROOT } from "./harness/places.mjs";

const ICONS = "/usr/share/icons/hicolor";
const THIRD_PARTY = "/usr/share/doc/husting/third-party.txt.gz";
const SIZES = [16, 24, 32, 48, 64, 128, 256, 512];
const ENTRY = "/usr/share/applications/Husting.desktop";

/** A release names what others wrote; the programs of the tests only where a release was made of the same crates. */
const isNoted = isRelease || (await run("dpkg-deb", ["--contents", deb])).stdout.includes(THIRD_PARTY.slice(1));

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
  ...(isNoted ? [THIRD_PARTY] : []),
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
    // By number: whether owners are named as well is the packer's choice.
    const { stdout } = await run("sh", ["-c", 'dpkg-deb --fsys-tarfile "$1" | tar --list --verbose --numeric-owner', "sh", deb]);
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

  test("runs nothing when it is installed or removed", async () => {
    const { stdout } = await run("sh", ["-c", 'dpkg-deb --ctrl-tarfile "$1" | tar --list', "sh", deb]);
    const parts = stdout.trim().split("\n").map((path) => path.replace(/^\.\//, ""));
    assert.ok(parts.includes("control"));
    assert.deepEqual(parts.filter((part) => ["preinst", "postinst", "prerm", "postrm", "config", "triggers"].includes(part)), []);
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

describe("what others wrote", { skip: isNoted ? false : "./dev package has noted none of these crates here" }, () => {
  let text = "";
  /** The words of the licences that a work stands under, by its kind and name. @type {Map<string, string>} */
  const licences = new Map();
  before(async () => {
    text = gunzipSync(await readFile(join(tree, THIRD_PARTY))).toString("utf8");
    for (const part of text.split(/^={100}\nLicence: /m).slice(1)) {
      const [, , ...lines] = part.split("\n");
      const names = lines.slice(0, lines.indexOf(""));
      const words = lines.slice(names.length).join("\n");
      for (const line of names) {
        const [, work = line] = /^ {2}((?:crate|npm) \S+) /.exec(line) ?? [];
        licences.set(work, `${licences.get(work) ?? ""}${words}`);
      }
    }
  });

  test("stands under its licences in full", () => {
    for (const work of ["crate tauri", "crate tokio", "crate sqlx", "crate libsqlite3-sys", "crate clap_complete", "npm svelte", "npm marked"]) {
      assert.match(licences.get(work) ?? "", /Permission is hereby granted, free of charge/, work);
    }
    assert.match(licences.get("npm @tauri-apps/plugin-opener") ?? "", /Apache License\s+Version 2\.0, January 2004/);
    assert.match(licences.get("crate aws-lc-sys") ?? "", /OpenSSL/);
    for (const [work, words] of licences) assert.ok(words.length > 400, `${work}: ${words}`);
  });

  test("is every crate in the programs, and every package in the pages", async () => {
    const programs = ["--package", "husting", "--package", "husting-desktop", "--features", "husting-desktop/custom-protocol"];
    const args = ["tree", "--frozen", ...programs, "--edges", "normal", "--target", "x86_64-unknown-linux-gnu", "--prefix", "none", "--format", "{p}"];
    // The desk's home is not where cargo keeps its things.
    const { stdout } = await run("cargo", args, { cwd: ROOT, env: { ...process.env, HOME: userInfo().homedir }, maxBuffer: 16 << 20 });
    const crates = [...new Set(stdout.split("\n").map((line) => line.split(" ")[0] ?? ""))].filter((name) => name && !name.startsWith("husting"));
    assert.ok(crates.length > 300, `${crates.length} crates`);
    assert.deepEqual(crates.filter((name) => !licences.has(`crate ${name}`)), []);
    const pages = Object.keys(JSON.parse(await readFile(join(ROOT, "ui/package.json"), "utf8")).dependencies);
    assert.deepEqual(pages.filter((name) => !name.startsWith("@fontsource") && !licences.has(`npm ${name}`)), []);
  });

  test("is said without a word of the machine that said it", () => {
    for (const place of [ROOT, `${userInfo().homedir}/`, "/registry/src/", "node_modules"]) assert.ok(!text.includes(place), place);
  });

  test("is chosen among the licences that may be linked in", async () => {
    const [chosen, allowed] = await Promise.all(["packaging/about.toml", "deny.toml"].map(async (file) => {
      const [, list = ""] = /^(?:accepted|allow) = \[\n([^\]]+)\]/m.exec(await readFile(join(ROOT, file), "utf8")) ?? [];
      return list.split("\n").map((line) => line.trim()).filter(Boolean);
    }));
    assert.ok(chosen?.length);
    assert.deepEqual(chosen, allowed);
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
