// A person's way with the package, on a Debian 12 that has nothing else: installed with what it asks for,
// used, begun by the desktop, brought up from an earlier version, removed.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { gunzipSync } from "node:zlib";

import { until } from "../desktop/harness/patience.mjs";
import { openWindow } from "../desktop/harness/window.mjs";
import { deb, field, older, run } from "./harness/packages.mjs";
import { FIXTURES, ROOT } from "./harness/places.mjs";
import { HOME, System } from "./harness/system.mjs";

/** Where Husting keeps things when nobody says where. */
const DATA = `${HOME}/.local/share/husting`;
const AUTOSTART = `${HOME}/.config/autostart/Husting.desktop`;

/** No keyring is in a bare system; a port of its own beside whatever this machine runs. */
const SETTINGS = ["HUSTING_SECRETS=memory", "HUSTING_LISTEN=127.0.0.1:0"];

/** A file that only the earlier version has. */
const LEFTOVER = "/usr/share/doc/husting/leftover";

/** Stores that earlier versions wrote (make-store.mjs), by the number of migrations that they had seen. */
const STORES = { "store-0.1.0": 28, "store-before-search": 23 };

describe("the package on a bare Debian 12", () => {
  /** @type {System} */
  let system;
  /** @type {string[]} */
  let untouched;
  before(async () => {
    system = await System.new();
    await system.put("root", "/tmp/older.deb", await older("0.0.9", LEFTOVER));
    await system.put("root", "/tmp/husting.deb", await readFile(deb));
    await system.apt("update");
    // First what it asks for, so that all that it adds itself can be told from that.
    await system.apt("satisfy", "--no-install-recommends", await field("Depends"));
    untouched = await system.everything();
  }, { timeout: 300_000 });
  after(() => system?.gone());

  test("is installed with nothing beside what it asks for", async () => {
    const said = await system.apt("install", "/tmp/husting.deb");
    assert.match(said, /^0 upgraded, 1 newly installed, 0 to remove/m);
    assert.equal(await system.person("husting", "--version"), `husting ${await field("Version")}\n`);
  });

  test("has a command line that finds nothing wrong", async () => {
    // No folder is named, and none is there yet.
    const { findings } = JSON.parse(await system.person("HUSTING_SECRETS=memory", "husting", "--json", "doctor"));
    assert.ok(findings.length > 0);
    assert.deepEqual(findings.filter((/** @type {any} */ { ok }) => !ok), []);
  });

  test("serves, and the command line convenes and mints through it", async (t) => {
    const serving = system.begin(t, ...SETTINGS, "husting", "serve", "--no-link", "--ready-file", "/tmp/ready");
    const { http } = JSON.parse(await system.says("/tmp/ready"));
    assert.equal((await fetch(`${http}/health`)).status, 200); // of pages it has none: a debug build reads them where they were made
    await system.person("husting", "deliberate", "Should a village library lend seeds?");
    assert.match(await system.person("husting", "agent", "mint", "bruno-voice"), /hst_a_/);
    assert.equal(await serving.end(), 0);
    const { sessions } = await system.told(DATA, "session", "list");
    assert.deepEqual(sessions.map(told), [{ title: "Should a village library lend seeds?", round_status: "complete", round_count: 1 }]);
  });

  test("opens its window, which knows what was done, and is put on the desktop's list", async () => {
    const { program, args } = System.in("person", ...SETTINGS, "husting-desktop");
    const window = await openWindow({ home: DATA, program, args });
    try {
      await window.named("heading", "Hall");
      await window.shows("Should a village library lend seeds?");
      // The library is there; a place that shows the icon is the desktop's to bring.
      assert.equal((await window.evaluate(STANDING)).tray, "no_host");
      await window.evaluate("location.hash = '#/settings/desktop'");
      const atLogin = await window.named("checkbox", "Start at login");
      await atLogin.click();
      const entry = await system.says(AUTOSTART);
      assert.match(entry, /^Exec=\/usr\/bin\/husting-desktop --hidden$/m);
      assert.match(entry, /^TryExec=\/usr\/bin\/husting-desktop$/m);
      await atLogin.click();
      await window.waits("the entry's end", async () => ((await system.has(AUTOSTART)) ? undefined : true));
      await atLogin.click();
      await system.says(AUTOSTART);
    } finally {
      await window.close();
    }
    await system.released(DATA);
  });

  test("is begun by its desktop entry, whose window belongs to it", async (t) => {
    const entry = await system.person("cat", "/usr/share/applications/Husting.desktop");
    const [, command = ""] = /^Exec=(.*)$/m.exec(entry) ?? [];
    const [, family = ""] = /^StartupWMClass=(.*)$/m.exec(entry) ?? [];
    const running = system.begin(t, ...SETTINGS, ...command.split(" "));
    await until(30_000, "the window", async () => {
      const { stdout } = await run("xwininfo", ["-root", "-tree"]);
      return stdout.includes(`"Husting": ("${family}" `) ? true : undefined;
    });
    const { agents } = await system.told(DATA, "agent", "list");
    assert.deepEqual(agents.map(name).sort(), ["bruno-voice", "kasra"]);
    assert.equal(await running.end(), 0);
  });

  test("is removed with all that it brought, and the person's things stay", async () => {
    const store = await system.person("sha256sum", `${DATA}/husting.db`);
    await system.apt("remove", "husting");
    assert.deepEqual(await changes(), []);
    assert.equal(await system.person("sha256sum", `${DATA}/husting.db`), store);
    // A desktop passes over what names a program that is not there.
    const [, program = ""] = /^TryExec=(.+)$/m.exec(await system.says(AUTOSTART)) ?? [];
    assert.equal(program, "/usr/bin/husting-desktop");
    assert.equal(await system.has(program), false);
  });

  describe("installed over an earlier version", () => {
    before(async () => {
      assert.match(await system.apt("install", "/tmp/older.deb"), /^0 upgraded, 1 newly installed/m);
      assert.ok(await system.has(LEFTOVER));
      for (const name of Object.keys(STORES)) {
        await system.put("person", `${HOME}/${name}/husting.db`, gunzipSync(await readFile(join(FIXTURES, `${name}.db.gz`))));
      }
      assert.match(await system.apt("install", "/tmp/husting.deb"), /^1 upgraded, 0 newly installed/m);
    });

    test("takes its place whole", async () => {
      assert.equal(await system.has(LEFTOVER), false);
      assert.equal(await system.root("dpkg-query", "--show", "--showformat", "${Version}", "husting"), await field("Version"));
    });

    for (const [name, version] of Object.entries(STORES)) {
      test(`goes on with ${name}, of which a copy is kept`, async (t) => {
        const home = `${HOME}/${name}`;
        const window = system.begin(t, ...SETTINGS, `HUSTING_HOME=${home}`, "husting-desktop");
        await system.says(`${home}/husting.lock`); // the store is the window's from now on
        await system.answers(home);
        await holds(home);
        assert.equal(await window.end(), 0);
        await holds(home);
        const backups = (await system.person("ls", `${home}/backups`)).split("\n");
        const copies = backups.filter((file) => file.startsWith("version-"));
        assert.equal(copies.length, version < (await newest()) ? 1 : 0);
        for (const copy of copies) {
          assert.ok(copy.startsWith(`version-${version}-`), copy);
          const again = `${HOME}/again-${name}`;
          await system.told(again, "restore", `${home}/backups/${copy}`);
          await holds(again);
        }
      });
    }

    test("is purged as well", async () => {
      await system.apt("purge", "husting");
      assert.deepEqual(await changes(), []);
    });
  });

  /** What stands otherwise than before the package came. */
  async function changes() {
    const now = await system.everything();
    const [were, are] = [new Set(untouched), new Set(now)];
    return [...untouched.filter((line) => !are.has(line)).map((line) => `- ${line}`), ...now.filter((line) => !were.has(line)).map((line) => `+ ${line}`)];
  }

  /** Everything that make-store.mjs did is to be found. @param {string} home */
  async function holds(home) {
    const { sessions } = await system.told(home, "session", "list");
    assert.deepEqual(sessions.map(told), [{ title: "Should a village library lend seeds?", round_status: "complete", round_count: 2 }]);
    const { agents } = await system.told(home, "agent", "list");
    assert.deepEqual(agents.map(name).sort(), ["ada", "bruno-voice", "kasra"]);
    const { messages } = await system.told(home, "bus", "tail");
    assert.deepEqual(messages.map((/** @type {any} */ { from, to, text, state }) => [from, to, text, state]), [
      ["agent:bruno-voice", "ada", "The beans of last autumn are dry. Who labels them?", "done"],
      ["agent:ada", "bruno-voice", "I do, on Thursday. {ack_for:labels}", "waiting"],
      ["agent:ada", "operator", "We need two hundred envelopes.", "waiting"],
      ["human:operator", "bruno-voice", "The envelopes are ordered.", "waiting"],
    ]);
    const { buckets } = await system.told(home, "wallet", "show");
    const refill = buckets.find((/** @type {any} */ { account }) => account === "refill");
    assert.equal(refill.balance, 5_000_000);
    // Also what was said before there was a search.
    const { passages } = await system.told(home, "search", "lend", "seeds");
    assert.ok(passages.length > 0);
    await system.person("HUSTING_SECRETS=memory", "husting", "--home", home, "doctor");
    await system.person("HUSTING_SECRETS=memory", "husting", "--home", home, "audit", "verify");
  }
});

const STANDING = "return __TAURI_INTERNALS__.invoke('desktop_standing')";

/** @param {any} session */
const told = ({ title, round_status, round_count }) => ({ title, round_status, round_count });

/** @param {any} agent */
const name = ({ agent_name }) => agent_name;

/** How many migrations this version's stores have seen. */
async function newest() {
  const files = await readdir(join(ROOT, "crates/store/migrations"));
  return Math.max(...files.map((file) => Number.parseInt(file, 10)));
}
