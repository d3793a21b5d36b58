// An agent's program in the real window: wired to a file, launched with the command in sight, watched,
// and gone with all that it started once the window is quit.

import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, stat, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { assertAccessible } from "./harness/axe.mjs";
import { until } from "./harness/patience.mjs";
import { ended } from "./harness/process.mjs";
import { openWindow } from "./harness/window.mjs";

const SCRIPTED = fileURLToPath(new URL("../agents/scripted.py", import.meta.url));

/** Whether a process is there and is more than an exit code that nobody asked for. @param {number} pid */
async function goesOn(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat !== "" && !stat.includes(") Z ");
}

describe("an agent's program", () => {
  let folder = "";
  let child = 0;
  /** @type {import("./harness/window.mjs").Window} */
  let window;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "husting-runs."));
    for (const each of ["bin", "home", "project"]) await mkdir(join(folder, each));
    await symlink(SCRIPTED, join(folder, "bin", "claude"));
    window = await openWindow({ home: join(folder, "home"), env: { PATH: `${join(folder, "bin")}:${process.env.PATH}` } });
  });
  after(async () => {
    await window.forget();
    await rm(folder, { recursive: true, force: true });
  });

  test("its token goes into the client's file from the sheet that shows it once", async () => {
    await window.named("heading", "Hall");
    await window.press("g", "a");
    await window.named("heading", "Agents");
    await window.press("m");
    await window.focused("Name");
    await window.type("bruno");
    await window.press("Enter");
    await window.named("dialog", "The token of bruno");
    const path = await window.named("textbox", "File or folder");
    await path.click();
    await window.emptyField();
    await window.type(join(folder, "project"));
    await window.shows("A new file, readable by you alone.");
    await (await window.named("button", "Write file")).click();
    await window.named("button", "Launch");
    await window.picture("runs/written");
    const file = join(folder, "project", ".mcp.json");
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.match(JSON.parse(await readFile(file, "utf8")).mcpServers.sos.headers.Authorization, /^Bearer hst_a_/);
  });

  test("it is launched with the whole command in sight, and what it says is seen", async () => {
    // Rows of the list behind the sheet have a button of the same name.
    await (await window.find('.husting-sheet button:has(.lucide-terminal)')).click();
    await window.named("dialog", "Launch bruno");
    const told = await window.named("textbox", "What it is told");
    await told.click();
    await window.emptyField();
    await window.type("boot say:hello spawn stay");
    await window.waits("the whole command", async () => {
      const command = await window.evaluate("return [...document.querySelectorAll('textarea')].map((each) => each.value).join('\\n')");
      return /--allowedTools mcp__sos -p 'boot say:hello spawn stay'/.test(command) ? true : undefined;
    });
    await (await window.named("checkbox", "I have read this command")).click();
    await window.picture("runs/launch");
    await assertAccessible(window, "launching an agent");
    await (await window.find(".husting-sheet button.primary")).click();
    await window.shows("booted 200");
    await window.shows("hello");
    await window.waits("the child's number", async () => {
      child = Number(/child (\d+)/.exec(await window.words())?.[1] ?? 0);
      return child || undefined;
    });
    await window.picture("runs/output");
    await assertAccessible(window, "a program's output");
  });

  test("it ends with the window, and so does what it started", async () => {
    assert.equal(await goesOn(child), true);
    window.pressAway("Control+q");
    await ended(join(folder, "home"), 6_000);
    await until(6_000, "the end of the child", async () => ((await goesOn(child)) ? undefined : true));
  });
});
