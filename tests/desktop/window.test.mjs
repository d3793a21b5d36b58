// The window itself: it opens on the console, there is one of it, it keeps its size and needs a display.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { access, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";

import { until } from "./harness/patience.mjs";
import { ended, endsOfName, processOf } from "./harness/process.mjs";
import { BINARY, openWindow } from "./harness/window.mjs";

const run = promisify(execFile);

describe("the window", () => {
  /** @type {import("./harness/window.mjs").Window} */
  let window;
  before(async () => {
    window = await openWindow();
  });
  after(() => window.close());

  test("opens on the console", async () => {
    await window.named("heading", "Hall");
    assert.equal(await window.page.getTitle(), "Hall · Husting");
    assert.match(await window.picture("window"), /window\.png$/);
  });

  test("finds its first snapshot in its page, and in a page that is loaded anew asks for another", async () => {
    // Where it was given its place stays, empty once it was taken.
    const place = "return document.getElementById('first-snapshot')?.textContent ?? null";
    let given = await window.evaluate(place);
    // A store or a keyring that takes long to open comes later than the page, which then asks.
    for (let more = 5; more > 0 && given === null; more -= 1) {
      const other = await openWindow();
      await other.named("heading", "Hall");
      given = await other.evaluate(place);
      await other.close();
    }
    assert.equal(given, "");
    await window.evaluate("document.querySelector('h1').remove(); location.reload()");
    await window.named("heading", "Hall");
    assert.equal(await window.evaluate(place), null);
  });

  test("shows the embedded pages and reaches nothing else", async () => {
    assert.equal(await window.evaluate("return location.protocol"), "tauri:");
    const refused = await window.evaluate(`
      const violation = new Promise((resolve) =>
        document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective)));
      return fetch("https://husting.invalid/").catch(() => violation);
    `);
    assert.equal(refused, "connect-src");
  });

  test("keeps an exported file as a new one in the downloads folder", async () => {
    const save = "return __TAURI_INTERNALS__.invoke('save_file', { name: 'map.md', text: arguments[0] })";
    const [first, second] = [await window.evaluate(save, "one ✓"), await window.evaluate(save, "two")];
    assert.equal(await readFile(first, "utf8"), "one ✓");
    assert.equal(await readFile(second, "utf8"), "two");
    assert.notEqual(first, second);
  });

  test("may call nothing that its capability does not name", async () => {
    const refused = await window.evaluate(
      "return __TAURI_INTERNALS__.invoke('plugin:window|close').catch((error) => String(error))",
    );
    assert.match(refused, /not allowed/);
  });

  test("is the only one: a second start ends at once and leaves the first open", async () => {
    const second = await run(BINARY, { timeout: 20_000, env: { ...process.env, HUSTING_HOME: window.home } });
    assert.equal(second.stderr.includes("panicked"), false, second.stderr);
    assert.equal(await window.page.getTitle(), "Hall · Husting");
  });
});

test("where nothing can draw the window opens without OpenGL in its process", { skip: existsSync("/dev/dri") && "a graphics processor is here" }, async () => {
  // The desk chooses how pages are drawn for the other tests; here the program does.
  const window = await openWindow({ env: { WEBKIT_DISABLE_DMABUF_RENDERER: undefined } });
  await window.named("heading", "Hall");
  const maps = await readFile(`/proc/${await processOf(window.home)}/maps`, "utf8");
  await window.close();
  assert.match(maps, /libwebkit2gtk/);
  assert.doesNotMatch(maps, /swrast|gallium|LLVM/);
});

test("the window opens at the size it was left with", async () => {
  const size = "return [innerWidth, innerHeight]";
  const first = await openWindow();
  await first.named("heading", "Hall");
  await first.resize(1100, 720);
  await first.find("html");
  const left = await first.evaluate(size);
  await first.evaluate("__TAURI_INTERNALS__.invoke('quit')");
  await ended(first.home, 6_000);
  await first.forget();
  const second = await openWindow();
  await second.named("heading", "Hall");
  const found = await second.evaluate(size);
  await second.close();
  assert.deepEqual(found, left);
  assert.deepEqual(left, [1100, 720]);
});

test("a start on another data folder opens a window of its own", async () => {
  const first = await openWindow();
  const second = await openWindow();
  await second.named("heading", "Hall");
  assert.notEqual(await processOf(first.home), await processOf(second.home));
  await second.close();
  await first.named("heading", "Hall");
  await first.close();
});

test("a second start that meets the end of the first is the first itself", async () => {
  const home = await mkdtemp(join(tmpdir(), "husting-home."));
  const start = () => spawn(BINARY, ["--hidden"], { env: { ...process.env, HUSTING_HOME: home }, stdio: "ignore" });
  const first = start();
  await until(20_000, "the first to have its name", async () => (await endsOfName(home)) || undefined);
  // It has its name, and answers nobody any more.
  first.kill("SIGSTOP");
  const second = start();
  await until(20_000, "the second to ask for it", async () => (await endsOfName(home)) > 1 || undefined);
  first.kill("SIGKILL");
  await once(first, "exit");
  await until(20_000, "the second to have the name", async () => ((await endsOfName(home)) && (await processOf(home)) === second.pid) || undefined);
  assert.equal(second.exitCode, null);
  second.kill("SIGTERM");
  await ended(home, 6_000);
  await rm(home, { recursive: true, force: true });
});

test("what was kept running comes back by a second start that is not hidden, without a session bus, too", async () => {
  const env = { DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(tmpdir(), "no-bus")}` };
  const window = await openWindow({ env });
  await window.named("heading", "Hall");
  const seen = async (/** @type {boolean} */ wanted) =>
    until(10_000, `the window to be ${wanted ? "seen" : "hidden"}`, async () => (await window.evaluate("return !document.hidden")) === wanted || undefined);
  const startAgain = async (/** @type {string[]} */ ...args) => run(BINARY, args, { timeout: 20_000, env: { ...process.env, ...env, HUSTING_HOME: window.home } });
  await window.evaluate("__TAURI_INTERNALS__.invoke('hide_window')");
  await seen(false);
  // Heard before it is done: the next one that is heard comes after that.
  for (const _ of ["a start", "one after it"]) await startAgain("--hidden");
  assert.equal(await window.evaluate("return document.hidden"), true, "who begins behind the tray shows nothing");
  await startAgain();
  await seen(true);
  await window.close();
});

test("a start that names the data folder goes there, and one that names something else says what may be named", async () => {
  const window = await openWindow();
  await window.named("heading", "Hall");
  const elsewhere = join(tmpdir(), `husting-not-made.${process.pid}`);
  const start = (/** @type {string[]} */ ...args) => run(BINARY, args, { timeout: 20_000, env: { ...process.env, HUSTING_HOME: elsewhere } });
  // The window there is open already: this start shows it, and ends.
  await start("--home", window.home);
  await assert.rejects(access(elsewhere), "nothing is made where nobody goes");
  await assert.rejects(start("--hom", window.home), (/** @type {any} */ error) => {
    assert.equal(error.code, 2);
    assert.match(error.stderr, /--hom.*--home/s);
    return true;
  });
  await assert.rejects(access(elsewhere));
  await window.close();
});

test("without a display the program says what to do and exits 1", async () => {
  const { DISPLAY: _, ...env } = process.env;
  await assert.rejects(run(BINARY, { timeout: 20_000, env }), (/** @type {any} */ error) => {
    assert.equal(error.code, 1);
    assert.match(error.stderr, /no display.*husting serve/s);
    assert.doesNotMatch(error.stderr, /panicked/);
    return true;
  });
});
