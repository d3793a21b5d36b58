// The command line and a browser reach the console of an open window, and the folder once it has closed.

import assert from "node:assert/strict";
import { access, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";

import { pdf } from "../pages/pdf.mjs";
import { ended, run } from "./harness/process.mjs";
import { openWindow, ROOT } from "./harness/window.mjs";

/** @type {string} */
let home;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "husting-home."));
});
afterEach(() => rm(home, { recursive: true, force: true }));

/** @param {string[]} args */
const husting = (...args) =>
  run(join(ROOT, "target/debug/husting"), args, { env: { ...process.env, HUSTING_HOME: home, HUSTING_SECRETS: "memory" } });

test("a command's round runs in the open window, and goes on there", async () => {
  const window = await openWindow({ home });
  try {
    await window.named("heading", "Hall");
    const said = await husting("deliberate", "What is an event store for?", "--json");
    const { session_id } = JSON.parse(said.stdout);
    await window.shows("What is an event store for?");
    const list = await window.rpc("list_sessions", { archived: false });
    assert.deepEqual(list.sessions.map((/** @type {any} */ each) => each.session_id), [session_id]);
    await window.evaluate("__TAURI_INTERNALS__.invoke('quit')");
    await ended(home, 6_000);
  } finally {
    await window.forget();
  }
  await assert.rejects(access(join(home, "run/instance.json")), "the file went with the window");
  assert.match((await husting("session", "list")).stdout, /What is an event store for\?/);
});

test("a browser gets in by a link of an open window, once", async () => {
  const window = await openWindow({ home });
  try {
    await window.named("heading", "Hall");
    assert.equal((await stat(join(home, "run/instance.json"))).mode & 0o777, 0o600);
    const link = new URL((await husting("console", "link")).stdout.trim().split("\n").at(-1) ?? "");
    const page = await fetch(new URL("/console/", link));
    assert.match(await page.text(), /<title>Husting<\/title>/);
    const code = new URLSearchParams(link.hash.slice(1)).get("code");
    const login = () =>
      fetch(new URL("/console/login", link), {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ code }),
      });
    assert.equal((await login()).status, 204);
    assert.equal((await login()).status, 401);
  } finally {
    await window.close();
  }
});

test("a port in use moves the listener, and the window says whose it is", async () => {
  const other = createServer();
  other.listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (other.address());
  const window = await openWindow({ home, args: ["--listen", `127.0.0.1:${port}`] });
  try {
    await window.named("heading", "Hall");
    const { address } = await window.rpc("snapshot");
    assert.notEqual(address, `127.0.0.1:${port}`);
    await window.evaluate("location.hash = '#/settings/address'");
    await window.shows(`127.0.0.1:${port}, which process ${process.pid} (node) holds`);
    assert.match((await husting("session", "list")).stdout, /./);
  } finally {
    await window.close();
    other.close();
  }
});

test("a PDF is read in the window, in a thread of the page's own", async () => {
  const window = await openWindow({ home });
  try {
    await window.named("heading", "Hall");
    await window.press("n");
    await window.named("heading", "New deliberation");
    const file = join(home, "survey.pdf");
    await writeFile(file, pdf([["The old bridge leans."], ["The new one stands."]]));
    const chooser = await window.page.findElement({ css: "input[type=file]" });
    await chooser.sendKeys(file);
    await window.shows("survey.pdf");
    await window.shows("The old bridge leans. The new one stands.");
  } finally {
    await window.forget();
  }
});
