// Programs of agents: what they say, how they ended, how they are started and woken.

import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import axe from "axe-core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import App from "../../src/App.svelte";
// Read before the clock of the first test runs: the frame would read them inside that.
import "../../src/components/SheetDialog.svelte";
import "../../src/features/agents/agent/Agent.svelte";
import { detailOf, verbOf } from "../../src/features/audit/words";
import { figureOf } from "../../src/features/agents/agent/sessions/wake-rule";
import { exitOf } from "../../src/format/exits";
import { endOf, stateOf } from "../../src/features/agents/agent/sessions/words";
import type { AuditRow } from "../../src/generated/AuditRow";
import type { RunPage } from "../../src/generated/RunPage";
import type { RunView } from "../../src/generated/RunView";
import { RpcError } from "../../src/platform";
import { RunOutput } from "../../src/state/run-output.svelte";
import { added, begun, MOST, textOf } from "../../src/state/run-text";
import { href, parseRoute } from "../../src/state/route.svelte";
import { Runs } from "../../src/state/runs.svelte";
import { agent, agentPage, peopled, RAW_TOKEN } from "../fixtures/agents";
import { FakePlatform } from "../fixtures/platform";
import { liveRound } from "../fixtures/rounds";
import { plan, run, wake } from "../fixtures/runs";

vi.setConfig({ testTimeout: 30_000 });

type Answers = ConstructorParameters<typeof FakePlatform>[1];

const loom = agent("loom");
const ended = (part: Partial<RunView>) => run({ run_id: "run-0", started_at: "2026-11-20T14:00:00Z", ended_at: "2026-11-20T14:01:00Z", exit: { kind: "code", code: 0 }, ...part });

async function open(fragment: string, answers: Answers = {}): Promise<FakePlatform> {
  const platform = new FakePlatform(peopled, { get_agent: () => agentPage({ agent: loom, wake }), ...answers });
  location.hash = fragment;
  dispatchEvent(new HashChangeEvent("hashchange"));
  render(App, { platform });
  await screen.findByRole("navigation", { name: "Places" });
  return platform;
}

beforeEach(() => localStorage.clear());
afterEach(() => {
  cleanup();
  location.hash = "";
});

describe("what a run said", () => {
  test("grows by words that follow it, and words that are here already change nothing", () => {
    const said = begun(10, "one\n");
    const more = added(said, 14, "two\n")!;
    expect([textOf(more), more.end]).toEqual(["one\ntwo\n", 18]);
    expect(added(more, 14, "two\n")).toBe(more);
    expect(textOf(added(more, 12, "e\ntwo\nthree")!)).toBe("one\ntwo\nthree");
  });
  test("does not take words behind a gap, nor others than those that are here", () => {
    const said = begun(0, "one\n");
    expect(added(said, 5, "x")).toBeNull();
    expect(added(said, 2, "x\nmore")).toBeNull();
  });
  test("is kept to its newest part, and words from before that change nothing", () => {
    let said = begun(0, "");
    for (let at = 0; at < 2 * MOST; at += 1_000) said = added(said, at, `${"x".repeat(999)}\n`)!;
    const kept = textOf(said);
    expect(kept.length).toBeLessThanOrEqual(MOST);
    expect(kept.length).toBeGreaterThan(MOST - 20_000);
    expect(said.blocks[0]!.at + kept.length).toBe(said.end);
    expect(added(said, 0, "other words")).toBe(said);
  });
  test("stands in blocks that end with lines, and those before the last stay as they are", () => {
    const said = begun(0, Array.from({ length: 500 }, (_, line) => `line ${line}\n`).join(""));
    expect(said.blocks.length).toBeGreaterThan(1);
    expect(said.blocks.slice(0, -1).every(({ text }) => text.endsWith("\n"))).toBe(true);
    expect(added(said, said.end, "more")!.blocks[0]).toBe(said.blocks[0]);
  });
  test("of one line without an end is cut all the same", () => {
    const said = begun(0, "x".repeat(100_000));
    expect(Math.max(...said.blocks.map(({ text }) => text.length))).toBeLessThan(20_000);
    expect(textOf(said)).toHaveLength(100_000);
  });
});

describe("an output that is looked at", () => {
  const at_once = (draw: () => void) => draw();
  function watched(pages: (() => RunPage | Promise<RunPage>)[]) {
    const asked: number[] = [];
    const output = new RunOutput(async () => pages[Math.min(asked.push(1), pages.length) - 1]!(), () => {}, at_once);
    return { output, asked, said: () => (output.shown ? textOf(output.shown) : null) };
  }
  test("is asked for anew where words are missing", async () => {
    const { output, asked, said } = watched([() => ({ run: run(), text: "one", offset: 0 }), () => ({ run: run(), text: "one two three", offset: 0 })]);
    await output.load();
    output.say(8, "three");
    await waitFor(() => expect(said()).toBe("one two three"));
    expect(asked).toHaveLength(2);
  });
  test("takes words that came while it was read, once, and does not ask for ever", async () => {
    let answer: (page: RunPage) => void = () => {};
    const { output, asked, said } = watched([() => new Promise((resolve) => (answer = resolve))]);
    const reading = output.load();
    output.say(0, "zero");
    output.say(4, " four");
    answer({ run: run(), text: "ZERO f", offset: 0 });
    await reading;
    expect(said()).toBe("ZERO four");
    expect(asked).toHaveLength(1);
  });
});

describe("a run, in words", () => {
  test.each<[Partial<RunView>, string]>([
    [{ exit: { kind: "code", code: 0 } }, "done"],
    [{ exit: { kind: "code", code: 127 } }, "failed with code 127"],
    [{ exit: { kind: "signal", signal: 9 } }, "ended by signal KILL"],
    [{ exit: { kind: "signal", signal: 34 } }, "ended by signal 34"],
    [{ exit: { kind: "signal", signal: 15 }, stopped: true }, "stopped"],
    [{ exit: { kind: "unseen" } }, "ended, nobody saw how"],
    [{ exit: null }, "ended, nobody saw how"],
  ])("%o", (part, words) => expect(exitOf(ended(part))).toBe(words));
  test("while it goes on says whether it asked who it is", () => {
    expect(stateOf(run())).toBe("running");
    expect(stateOf(run({ booted_at: null }))).toBe("starting");
    expect(stateOf(run({ booted_at: null, hindrance: "Nobody is logged in." }))).toBe("has not booted its context");
  });
  test.each<[Partial<RunView>, ReturnType<typeof endOf>]>([
    [{ ended_at: null, exit: null }, null],
    [{}, "well"],
    [{ exit: { kind: "code", code: 1 } }, "badly"],
    [{ exit: { kind: "signal", signal: 9 } }, "badly"],
    [{ exit: { kind: "not_started" } }, "badly"],
    [{ exit: { kind: "signal", signal: 15 }, stopped: true }, "stopped"],
    [{ exit: { kind: "unseen" } }, "unseen"],
  ])("%o has ended %s", (part, end) => expect(endOf(ended(part))).toBe(end));
  test.each<[AuditRow["action"], unknown, string]>([
    ["launch", { how: "once", cause: "mail", directory: "/home/ada" }, "for one task, woken by mail"],
    ["launch", { how: "once", cause: "operator", directory: "/home/ada" }, "for one task"],
    ["deny", { scope: "mcp:broadcast", tool: "broadcast", to: "*" }, "mcp:broadcast, to all agents"],
    ["deny", { scope: "mcp:deliberate", tool: "create_deliberation" }, "mcp:deliberate, create_deliberation"],
    ["ended", { exit: { kind: "code", code: 3 }, stopped: false }, "failed with code 3"],
    ["ended", { exit: { kind: "signal", signal: 15 }, stopped: true }, "stopped"],
    ["ended", { exit: null, stopped: false }, "ended, nobody saw how"],
    ["wake", { rule: { on: true } }, ""],
  ])("in the audit log: %s %o", (action, detail, words) =>
    expect(detailOf({ row: 1, at: "2026-11-20T14:00:00Z", action, actor: "husting", agent_id: "a-loom", agent_name: "loom", subject: "run-1", body: null, detail: JSON.stringify(detail) })).toBe(words));
});

test("in the audit log what was not in a file was not taken out of it", () => {
  const row = (taken_out: boolean): AuditRow => ({ row: 1, at: "2026-11-20T14:00:00Z", action: "unwire", actor: "operator", agent_id: "a-loom", agent_name: "loom", subject: null, body: null, detail: JSON.stringify({ taken_out, tail: "k3Qz81aB", path: "/home/ada/.cursor/mcp.json" }) });
  expect([verbOf(row(true)), verbOf(row(false))]).toEqual(["taken out of", "file forgotten"]);
  expect(detailOf(row(true))).toBe("mcp.json, …k3Qz81aB");
});

test("in the audit log a scope that was given or taken is named alone, with the end it has", () => {
  const said = (detail: object) => detailOf({ action: "change", detail: JSON.stringify({ ...detail, grants: [{ scope: "mcp:send" }, { scope: "mcp:workspace_join" }] }) } as AuditRow);
  expect(said({ given: "mcp:workspace_join", ends_at: null })).toBe("join given");
  expect(said({ given: "mcp:workspace_join", ends_at: "2026-11-20T15:00:00Z" })).toMatch(/^join given until .*\d\d:00/);
  expect(said({ taken: "mcp:broadcast" })).toBe("broadcast taken");
  expect(said({})).toBe("send join");
});

test("in the audit log what was given for one call is used up by it, and no agent changed itself", () => {
  const row = (detail: unknown): AuditRow => ({ row: 1, at: "2026-11-20T14:00:00Z", action: "change", actor: "agent:loom", agent_id: "a-loom", agent_name: "loom", subject: null, body: null, detail: JSON.stringify(detail) });
  const used = row({ used: "mcp:broadcast", tool: "broadcast" });
  expect([verbOf(used), detailOf(used)]).toEqual(["used up:", "broadcast, allowed once"]);
  expect(detailOf(row({ used: "mcp:deliberate", tool: "create_deliberation" }))).toBe("deliberate, create_deliberation, allowed once");
  expect(verbOf(row({ scope: "mcp:send" }))).toBe("changed");
});

test("a row of an activation says with which model: what it was done to stands under On", () => {
  expect(detailOf({ action: "activate", detail: JSON.stringify({ model: "rehearsal-advocate" }) } as AuditRow)).toBe("with rehearsal-advocate");
});

test.each([
  ["batch_seconds", "20", 20],
  ["batch_seconds", "0", null],
  ["batch_seconds", "3,600", 3_600],
  ["batch_seconds", "3601", null],
  ["batch_seconds", "1,5", null],
  ["batch_seconds", "1 5", null],
  ["batch_seconds", "1.5", null],
  ["batch_seconds", "", null],
  ["per_day", "1000", 1_000],
  ["per_day", "-1", null],
  ["per_day", "many", null],
] as const)("of %s “%s” is %o", (which, typed, value) => expect(figureOf(which, typed)).toBe(value));

describe("addresses", () => {
  test.each(["#/agents/a-loom/sessions", "#/agents/a-loom/sessions/run-1", "#/agents/a-loom/sessions/launch"])("%s comes back", (address) => expect(href(parseRoute(address))).toBe(address));
  test("of another view have no session", () => expect(parseRoute("#/agents/a-loom/mail/run-1")).toEqual({ place: "agent", id: "a-loom", tab: "mail" }));
});

describe("open runs", () => {
  test("are read after a snapshot; what changed meanwhile is newer", async () => {
    let answer: (page: { runs: RunView[] }) => void = () => {};
    const runs = new Runs(((command: string) => (command === "list_runs" ? new Promise((resolve) => (answer = resolve)) : Promise.reject(new Error(command)))) as never);
    const started = runs.start();
    runs.take(ended({ run_id: "run-1" }));
    runs.take(run({ run_id: "run-2" }));
    answer({ runs: [run({ run_id: "run-1" }), run({ run_id: "run-3", started_at: "2026-11-20T13:00:00Z" })] });
    await started;
    expect(runs.open.map(({ run_id }) => run_id)).toEqual(["run-3", "run-2"]);
  });
  test("go only forward: an answer that an event has overtaken takes nothing back", async () => {
    const begins = run({ booted_at: null });
    const works = run({ booted_at: "2026-11-20T14:31:00Z" });
    const over = run({ booted_at: "2026-11-20T14:31:00Z", ended_at: "2026-11-20T14:32:00Z", exit: { kind: "code", code: 0 } });
    const runs = new Runs(() => Promise.resolve({ runs: [] } as never));
    const list = runs.of(begins.agent_id);
    await waitFor(() => expect(list.read).toBe(true));
    runs.take(works);
    runs.take(begins);
    expect([runs.open[0]?.booted_at, list.get(begins.run_id)?.booted_at]).toEqual([works.booted_at, works.booted_at]);
    runs.take(over);
    runs.take(works);
    expect([runs.open, list.get(begins.run_id)?.ended_at]).toEqual([[], over.ended_at]);
    runs.take({ ...over, restarts_at: "2026-11-20T14:33:00Z" });
    expect(list.get(begins.run_id)?.restarts_at, "what follows an end").not.toBeNull();
  });
  test("stand in the hall with the way to their output", async () => {
    const platform = await open("#/hall", { list_runs: () => ({ runs: [run()] }) });
    const link = await screen.findByRole("link", { name: "Output of loom" });
    expect(link.getAttribute("href")).toBe("#/agents/a-loom/sessions/run-1");
    platform.emit({ type: "run_changed", run: ended({ run_id: "run-1" }) });
    await waitFor(() => expect(screen.queryByRole("link", { name: "Output of loom" })).toBeNull());
  });
});

test("programs are counted in the status bar, beside rounds and told apart from them", async () => {
  const platform = await open("#/hall");
  const status = within(await screen.findByRole("contentinfo", { name: "Status" }));
  const shown = () => status.getAllByRole("link").find((link) => link.getAttribute("href") === "#/hall")!.textContent!.replace(/\s+/g, " ").trim();
  expect(shown()).toBe("0 running");
  platform.emit({ type: "run_changed", run: run() });
  await waitFor(() => expect(shown()).toBe("1 program running"));
  platform.emit({ type: "run_changed", run: run({ run_id: "run-2", agent_id: "a-archivist" }) });
  platform.emit({ type: "round_changed", round: liveRound() });
  await waitFor(() => expect(shown()).toBe("1 round, 2 programs running"));
});

describe("sessions of an agent", () => {
  const both = { list_runs: () => ({ runs: [run(), ended({ exit: { kind: "code", code: 2 } })] }), get_run: ({ run_id }: { run_id: string }) => ({ run: run_id === "run-1" ? run() : ended({ exit: { kind: "code", code: 2 } }), text: `${run_id} said this.\n`, offset: 0 }) };

  test("show the first one’s output as it grows, and another’s when it is chosen", async () => {
    const platform = await open("#/agents/a-loom/sessions", both);
    const pane = await screen.findByRole("log", { name: "What loom’s program said" });
    await waitFor(() => expect(pane.textContent).toContain("run-1 said this."));
    platform.emit({ type: "run_text", run_id: "run-1", offset: 17, text: "And this.\n" });
    await waitFor(() => expect(pane.textContent).toContain("And this."));
    platform.emit({ type: "run_text", run_id: "run-other", offset: 0, text: "Nobody looks at this.\n" });
    const rows = within(screen.getByRole("list", { name: "Sessions of the agent" })).getAllByRole("link");
    expect(rows.map((row) => row.textContent!.replace(/\s+/g, " ").trim())).toEqual([expect.stringMatching(/^running .*for one task, started by you$/), expect.stringMatching(/^Ended badly: failed with code 2 (\d+ (s|min|h) ago|\d+ \w{3}) for one task, started by you$/)]);
    location.hash = rows[1]!.getAttribute("href")!;
    await waitFor(() => expect(screen.getByRole("log").textContent).toContain("run-0 said this."));
    expect(screen.getByRole("heading", { name: "Output" }).parentElement!.textContent!.trim(), "the row says how it ended and who started it").toBe("Output");
  });

  test("that ended well and badly are told apart by sign and by words read out", async () => {
    const runs = [ended({ run_id: "run-0" }), ended({ run_id: "run-1", exit: { kind: "code", code: 2 } }), ended({ run_id: "run-2", stopped: true })];
    await open("#/agents/a-loom/sessions", { list_runs: () => ({ runs }), get_run: () => ({ run: runs[0]!, text: "", offset: 0 }) });
    const list = within(await screen.findByRole("list", { name: "Sessions of the agent" }));
    const row = (words: RegExp) => list.getByText(words).closest("a")!;
    const signs = [row(/^done/), row(/^failed/), row(/^stopped/)].map((link) => link.querySelector("svg")!.classList.value);
    expect(new Set(signs).size).toBe(3);
    list.getByRole("link", { name: /^Ended well: done/ });
    list.getByRole("link", { name: /^Ended badly: failed with code 2/ });
  });

  test("that are started again by themselves can be called off, in words that say so", async () => {
    const failed = ended({ exit: { kind: "code", code: 1 }, restarts_at: "2026-11-20T15:00:00Z" });
    await open("#/agents/a-loom/sessions", { list_runs: () => ({ runs: [failed] }), get_run: () => ({ run: failed, text: "", offset: 0 }), stop_run: () => Promise.reject(new RpcError("store_unavailable", "The disk is full.")) });
    await fireEvent.click(await screen.findByRole("button", { name: "Do not start it again" }));
    await screen.findByText("It is still started again.");
  });

  test("that failed and were started again lead to the newest", async () => {
    const first = ended({ exit: { kind: "code", code: 1 } });
    const next = ended({ run_id: "run-2", cause: "restart", started_at: "2026-11-20T14:01:02Z", ended_at: "2026-11-20T14:01:03Z", exit: { kind: "code", code: 3 }, gave_up: true });
    await open("#/agents/a-loom/sessions/run-0", { list_runs: () => ({ runs: [next, first] }), get_run: ({ run_id }) => ({ run: run_id === "run-2" ? next : first, text: "", offset: 0 }) });
    await screen.findByText("It was started again. The newest start: failed with code 3.");
    location.hash = screen.getByRole("link", { name: "Look at the newest" }).getAttribute("href")!;
    await screen.findByText(/^It failed too often/);
    expect(screen.queryByText(/^It was started again/)).toBeNull();
  });

  test("that ended well are not said to be started again by what failed later", async () => {
    const next = ended({ run_id: "run-2", cause: "restart", started_at: "2026-11-20T14:05:02Z", ended_at: "2026-11-20T14:05:03Z", exit: { kind: "code", code: 3 } });
    await open("#/agents/a-loom/sessions/run-0", { list_runs: () => ({ runs: [next, ended({})] }), get_run: () => ({ run: ended({}), text: "It is done.", offset: 0 }) });
    await screen.findByText("It is done.");
    expect(screen.queryByText(/^It was started again/)).toBeNull();
  });

  test("are stopped, and say so", async () => {
    const stopped = run({ ended_at: "2026-11-20T14:30:00Z", exit: { kind: "signal", signal: 15 }, stopped: true });
    const platform = await open("#/agents/a-loom/sessions", { ...both, stop_run: () => stopped });
    await fireEvent.click(await screen.findByRole("button", { name: "Stop the program" }));
    await waitFor(() => expect(screen.queryByRole("button", { name: "Stop the program" })).toBeNull());
    expect(platform.argsOf("stop_run")).toEqual([{ run_id: "run-1" }]);
    screen.getAllByText(/^stopped/);
  });

  test("say what is in the way of one that has not booted its context", async () => {
    await open("#/agents/a-loom/sessions", { list_runs: () => ({ runs: [run({ booted_at: null, hindrance: "Nobody is logged in." })] }), get_run: () => ({ run: run({ booted_at: null, hindrance: "Nobody is logged in." }), text: "", offset: 0 }) });
    await screen.findByText("Nobody is logged in.");
    await screen.findByText("It has said nothing yet.");
  });

  test.each([true, false])("say when they start again, also where that waits for the end of a pause: %s", async (restart_paused) => {
    const failed = run({ ended_at: "2026-11-20T14:30:00Z", exit: { kind: "code", code: 1 }, restarts_at: "2026-11-20T14:30:02Z", restart_paused });
    await open("#/agents/a-loom/sessions", { list_runs: () => ({ runs: [failed] }), get_run: () => ({ run: failed, text: "", offset: 0 }) });
    const value = (await screen.findByText("Starts again")).nextElementSibling?.textContent;
    expect(value === "when agents go on").toBe(restart_paused);
  });

  test("of an agent that never ran teach the next step", async () => {
    await open("#/agents/a-loom/sessions", { plan_run: () => plan() });
    await screen.findByText("It was never launched from here.");
    const [launch] = screen.getAllByRole("button", { name: /^Launch…/ });
    await fireEvent.click(launch!);
    await screen.findByRole("dialog", { name: "Launch loom" });
  });
});

describe("launching", () => {
  const sheet = async () => within(await screen.findByRole("dialog", { name: "Launch loom" }));
  const area = (dialog: Awaited<ReturnType<typeof sheet>>, name: string) => dialog.getByRole<HTMLTextAreaElement>("textbox", { name });

  test("shows the command whole, asks once whether it was read, and goes to the output", async () => {
    const platform = await open("#/agents/a-loom/sessions/launch", { plan_run: () => plan(), start_run: () => run({ run_id: "run-9" }), get_run: () => ({ run: run({ run_id: "run-9" }), text: "Hello.", offset: 0 }) });
    const dialog = await sheet();
    await waitFor(() => expect(area(dialog, "Command").value).toBe(plan().command));
    const act = dialog.getByRole<HTMLButtonElement>("button", { name: "Launch" });
    expect(act.disabled).toBe(true);
    await fireEvent.click(dialog.getByRole("checkbox", { name: "I have read this command" }));
    await fireEvent.click(act);
    await waitFor(() => expect(location.hash).toBe("#/agents/a-loom/sessions/run-9"));
    expect(platform.argsOf("start_run")).toEqual([{ agent_id: "a-loom", how: "once", command: plan().command, keep: true, directory: "/home/ada/depot" }]);
    expect(platform.argsOf("plan_run")).toEqual([{ agent_id: "a-loom", how: "once" }]);
  });

  test("in tmux has the line to look on, and the same for a terminal", async () => {
    await open("#/agents/a-loom/sessions/launch", { plan_run: ({ how }) => plan(how === "tmux" ? { attach: "tmux -L husting attach -t =loom", one_string: "tmux new-session -d -s loom …", confirmed: true } : {}) });
    const dialog = await sheet();
    await fireEvent.click(dialog.getByRole("radio", { name: /^In tmux/ }));
    await dialog.findByText("tmux -L husting attach -t =loom");
    dialog.getByRole("button", { name: "Copy this line" });
    expect(dialog.queryByRole("checkbox"), "it was read before").toBeNull();
    await waitFor(() => expect(dialog.getByRole<HTMLButtonElement>("button", { name: "Launch" }).disabled).toBe(false));
  });

  test("keeps a command that was changed when what it is told changes, until the planned one is taken", async () => {
    const platform = await open("#/agents/a-loom/sessions/launch", { plan_run: ({ prompt }) => plan({ command: `claude -p '${prompt ?? "usual"}'`, confirmed: true }) });
    const dialog = await sheet();
    await waitFor(() => expect(area(dialog, "Command").value).toBe("claude -p 'usual'"));
    await fireEvent.input(area(dialog, "Command"), { target: { value: "claude --model x -p 'usual'" } });
    dialog.getByRole("checkbox", { name: "I have read this command" });
    await fireEvent.input(area(dialog, "What it is told"), { target: { value: "Print the labels." } });
    await waitFor(() => expect(platform.argsOf("plan_run").at(-1)).toEqual({ agent_id: "a-loom", how: "once", prompt: "Print the labels." }));
    await dialog.findByText(/^The command stands as you left it/);
    expect(area(dialog, "Command").value).toBe("claude --model x -p 'usual'");
    await fireEvent.click(dialog.getByRole("button", { name: "Take the planned one" }));
    expect(area(dialog, "Command").value).toBe("claude -p 'Print the labels.'");
  });

  test("after a command of one’s own goes back to the one its client usually gets", async () => {
    const mine = "claude --model x -p 'usual'";
    const platform = await open("#/agents/a-loom/sessions/launch", {
      plan_run: ({ client, prompt }) => plan(client || prompt ? { command: "claude -p 'usual'", directory: "/usual", confirmed: false } : { command: mine, directory: "/mine", confirmed: true }),
    });
    const dialog = await sheet();
    await waitFor(() => expect(area(dialog, "Command").value).toBe(mine));
    expect(dialog.queryByRole("checkbox"), "it was started before").toBeNull();
    await fireEvent.input(area(dialog, "Command"), { target: { value: `${mine} --more` } });
    await fireEvent.click(dialog.getByRole("button", { name: "Take the planned one" }));
    expect(area(dialog, "Command").value).toBe("claude -p 'usual'");
    expect(dialog.getByRole<HTMLInputElement>("textbox", { name: "Folder it runs in" }).value).toBe("/usual");
    dialog.getByRole("checkbox", { name: "I have read this command" });
    expect(dialog.queryByRole("button", { name: "Take the planned one" })).toBeNull();
    expect(platform.argsOf("plan_run")).toEqual([{ agent_id: "a-loom", how: "once" }, { agent_id: "a-loom", how: "once", client: "claude-code" }]);
  });

  describe("keeps what was typed", () => {
    function drafts() {
      const bodies = new Map<string, string>();
      const kept: Answers = { draft: ({ key }) => ({ body: bodies.get(key) || null }), save_draft: ({ key, body }) => (bodies.set(key, body), {}), plan_run: ({ prompt }) => plan({ command: `claude -p '${prompt ?? "usual"}'` }), start_run: () => run({ run_id: "run-9" }), get_run: () => ({ run: run(), text: "", offset: 0 }) };
      return { bodies, kept, key: "launch/a-loom" };
    }

    test("through another page, until it is started", async () => {
      const { bodies, kept, key } = drafts();
      await open("#/agents/a-loom/sessions/launch", kept);
      let dialog = await sheet();
      await waitFor(() => expect(area(dialog, "Command").value).toBe("claude -p 'usual'"));
      await fireEvent.click(dialog.getByRole("radio", { name: /^In tmux/ }));
      await fireEvent.input(area(dialog, "What it is told"), { target: { value: "Print the labels." } });
      await fireEvent.input(area(dialog, "Command"), { target: { value: "claude --model x -p 'labels'" } });
      location.hash = "#/hall";
      await waitFor(() => expect(bodies.get(key)).toContain("--model x"));
      location.hash = "#/agents/a-loom/sessions/launch";
      dialog = await sheet();
      await waitFor(() => expect(area(dialog, "Command").value).toBe("claude --model x -p 'labels'"));
      expect(area(dialog, "What it is told").value).toBe("Print the labels.");
      expect(dialog.getByRole<HTMLInputElement>("radio", { name: /^In tmux/ }).checked).toBe(true);
      await dialog.findByText(/^The command stands as you left it/);
      expect(area(dialog, "Command").value, "the plan came meanwhile").toBe("claude --model x -p 'labels'");
      await fireEvent.click(dialog.getByRole("checkbox", { name: "I have read this command" }));
      await waitFor(() => expect(dialog.getByRole<HTMLButtonElement>("button", { name: "Launch" }).disabled).toBe(false));
      await fireEvent.click(dialog.getByRole("button", { name: "Launch" }));
      await waitFor(() => expect(bodies.get(key)).toBe(""));
    });

    test("and what is chosen while that is read stands", async () => {
      const { bodies, kept, key } = drafts();
      let late: (() => void) | null = null;
      let waits = false;
      const draft: NonNullable<NonNullable<Answers>["draft"]> = () => (waits ? new Promise((done) => (late = () => done({ body: bodies.get(key) || null }))) : { body: null });
      await open("#/agents/a-loom/sessions/launch", { ...kept, draft });
      let dialog = await sheet();
      await fireEvent.click(dialog.getByRole("radio", { name: /^In tmux/ }));
      await waitFor(() => expect(bodies.get(key)).toContain("tmux"));
      waits = true;
      await fireEvent.keyDown(document.activeElement ?? document.body, { key: "Escape" });
      await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
      await fireEvent.click((await screen.findAllByRole("button", { name: /^Launch…/ }))[0]!);
      dialog = await sheet();
      await waitFor(() => expect(late).not.toBeNull());
      await fireEvent.click(dialog.getByRole("radio", { name: /^For one task/ }));
      late!();
      await new Promise((done) => setTimeout(done));
      expect(dialog.getByRole<HTMLInputElement>("radio", { name: /^For one task/ }).checked).toBe(true);
    });

    test("until it is discarded", async () => {
      const { bodies, kept, key } = drafts();
      await open("#/agents/a-loom/sessions/launch", kept);
      const dialog = await sheet();
      await waitFor(() => expect(area(dialog, "Command").value).toBe("claude -p 'usual'"));
      dialog.getByRole("button", { name: "Cancel" });
      await fireEvent.input(area(dialog, "What it is told"), { target: { value: "Print the labels." } });
      await waitFor(() => expect(bodies.get(key)).toContain("Print the labels."));
      await fireEvent.click(dialog.getByRole("button", { name: "Discard" }));
      await waitFor(() => expect(bodies.get(key)).toBe(""));
    });

    test("but no token that stands in it", async () => {
      const { bodies, kept, key } = drafts();
      await open("#/agents/a-loom/sessions/launch", kept);
      const dialog = await sheet();
      await waitFor(() => expect(area(dialog, "Command").value).toBe("claude -p 'usual'"));
      await fireEvent.input(area(dialog, "Command"), { target: { value: `claude --key ${RAW_TOKEN}` } });
      await fireEvent.input(area(dialog, "What it is told"), { target: { value: "Print the labels." } });
      await waitFor(() => expect(bodies.get(key)).toContain("Print the labels."));
      expect([...bodies.values()].join()).not.toContain("hst_a_");
    });
  });

  test("has what must be read or ticked beside the act, outside of what scrolls", async () => {
    let refused = false;
    await open("#/agents/a-loom/sessions/launch", { plan_run: () => plan({ refused, warnings: ["loom runs already, since 2026-11-20T14:20:00.123Z.", "The file changed."] }), start_run: () => Promise.reject(new RpcError("program_failed", "It could not be started.")) });
    const dialog = await sheet();
    const scrolls = (part: HTMLElement) => part.closest(".body") !== null;
    const read = await dialog.findByRole("checkbox", { name: "I have read this command" });
    expect(scrolls(area(dialog, "Command"))).toBe(true);
    expect(scrolls(read)).toBe(false);
    await fireEvent.click(read);
    await fireEvent.click(dialog.getByRole("button", { name: "Launch" }));
    expect(scrolls(await dialog.findByText("It could not be started."))).toBe(false);
    refused = true;
    await fireEvent.click(dialog.getByRole("radio", { name: /^In tmux/ }));
    await dialog.findByText("It cannot be started this way.");
    expect(scrolls(dialog.getByText(/^loom runs already, since 20 Nov/))).toBe(false);
    expect(scrolls(dialog.getByText("The file changed."))).toBe(true);
  });

  test("that is refused says why and starts nothing; a warning alone does not hinder", async () => {
    let refused = true;
    await open("#/agents/a-loom/sessions/launch", { plan_run: () => plan({ refused, warnings: ["tmux is not installed."], confirmed: true }) });
    const dialog = await sheet();
    await dialog.findByText("It cannot be started this way.");
    expect(dialog.getByRole<HTMLButtonElement>("button", { name: "Launch" }).disabled).toBe(true);
    refused = false;
    await fireEvent.click(dialog.getByRole("radio", { name: /^In tmux/ }));
    await waitFor(() => expect(dialog.getByRole<HTMLButtonElement>("button", { name: "Launch" }).disabled).toBe(false));
    dialog.getByText("tmux is not installed.");
  });

  test("of a program that is not found says so until another is named", async () => {
    const missing = "claude was not found on the search path.";
    await open("#/agents/a-loom/sessions/launch", { plan_run: () => plan({ missing }) });
    const dialog = await sheet();
    await dialog.findByText(missing);
    const command = area(dialog, "Command");
    await fireEvent.input(command, { target: { value: `${command.value} --verbose` } });
    dialog.getByText(missing);
    await fireEvent.input(command, { target: { value: `\n ${plan().command}` } });
    dialog.getByText(missing);
    await fireEvent.input(command, { target: { value: plan().command.replace(/^claude/, "'claude'") } });
    dialog.getByText(missing);
    await fireEvent.input(command, { target: { value: `/opt/${plan().command}` } });
    expect(dialog.queryByText(missing)).toBeNull();
  });

  test("that fails says why, and keeps what was typed", async () => {
    await open("#/agents/a-loom/sessions/launch", { plan_run: () => plan({ confirmed: true }), start_run: () => Promise.reject(new RpcError("program_failed", "It could not be started.")) });
    const dialog = await sheet();
    await waitFor(() => expect(dialog.getByRole<HTMLButtonElement>("button", { name: "Launch" }).disabled).toBe(false));
    await fireEvent.keyDown(area(dialog, "Command"), { key: "Enter", ctrlKey: true });
    await dialog.findByText("It could not be started.");
    expect(area(dialog, "Command").value).toBe(plan().command);
  });
});

describe("waking by mail", () => {
  const GATHER = "Seconds to wait for more mail";

  /** Types into a field and leaves it, as a person does. */
  async function type(field: HTMLInputElement, value: string) {
    await fireEvent.input(field, { target: { value } });
    await fireEvent.change(field);
  }

  test("is switched on, and its figures are set as they are left", async () => {
    const platform = await open("#/agents/a-loom/sessions", { set_wake: ({ rule }) => agentPage({ agent: loom, wake: { rule, today: 3, hindrance: "No command was confirmed." } }) });
    const region = within(await screen.findByRole("region", { name: "Wake on mail" }));
    region.getByText("3 of 50 starts today");
    await fireEvent.click(region.getByRole("switch", { name: "Start it when mail arrives" }));
    await region.findByText("No command was confirmed.");
    expect(platform.argsOf("set_wake")).toEqual([{ agent_id: "a-loom", rule: { ...wake.rule, on: true } }]);
    await fireEvent.change(region.getByRole("textbox", { name: GATHER }), { target: { value: "90" } });
    await waitFor(() => expect(platform.argsOf("set_wake").at(-1)).toEqual({ agent_id: "a-loom", rule: { ...wake.rule, on: true, batch_seconds: 90 } }));
  });

  test("keeps a figure that cannot be as it was typed, says so at its field, and does not send it", async () => {
    // Another window set it meanwhile.
    const platform = await open("#/agents/a-loom/sessions", { set_wake: ({ rule }) => agentPage({ agent: loom, wake: { ...wake, rule: { ...rule, batch_seconds: 45 } } }) });
    const region = within(await screen.findByRole("region", { name: "Wake on mail" }));
    const gather = region.getByRole<HTMLInputElement>("textbox", { name: GATHER });
    const said = () => document.getElementById(gather.getAttribute("aria-describedby")!)!.textContent;
    await type(gather, "1,5");
    expect(said()).toBe("Not set: it takes a whole number from 1 to 3,600. It is still 20.");
    expect([gather.value, gather.getAttribute("aria-invalid")]).toEqual(["1,5", "true"]);
    await fireEvent.click(region.getByRole("switch", { name: "Only for requests" }));
    await waitFor(() => expect(platform.argsOf("set_wake")).toEqual([{ agent_id: "a-loom", rule: { ...wake.rule, requests_only: false } }]));
    await waitFor(() => expect(said()).toContain("It is still 45."));
    expect(gather.value, "after another part was set").toBe("1,5");
    await type(gather, "45");
    expect(gather.getAttribute("aria-invalid")).toBeNull();
    expect(platform.argsOf("set_wake"), "what it was is not set anew").toHaveLength(1);
  });

  test("says at its field why a figure was not taken, and keeps it", async () => {
    await open("#/agents/a-loom/sessions", { set_wake: () => Promise.reject(new RpcError("store_unavailable", "The disk is full.")) });
    const region = within(await screen.findByRole("region", { name: "Wake on mail" }));
    const most = region.getByRole<HTMLInputElement>("textbox", { name: "Starts a day, at most" });
    await type(most, "60");
    await region.findByText("The disk is full.");
    expect(document.getElementById(most.getAttribute("aria-describedby")!)!.textContent).toBe("The disk is full.");
    expect(most.value).toBe("60");
  });

  test("makes each change to the rule that the one before left", async () => {
    let answer: () => void = () => {};
    const first = new Promise<void>((resolve) => (answer = resolve));
    const platform = await open("#/agents/a-loom/sessions", { set_wake: async ({ rule }) => (await first, agentPage({ agent: loom, wake: { ...wake, rule } })) });
    const region = within(await screen.findByRole("region", { name: "Wake on mail" }));
    await fireEvent.change(region.getByRole("textbox", { name: GATHER }), { target: { value: "90" } });
    await fireEvent.click(region.getByRole("switch", { name: "Start it when mail arrives" }));
    answer();
    await waitFor(() => expect(platform.argsOf("set_wake").at(-1)).toEqual({ agent_id: "a-loom", rule: { ...wake.rule, batch_seconds: 90, on: true } }));
  });
});

test.each(["#/agents/a-loom/sessions", "#/agents/a-loom/sessions/launch"])("axe finds nothing on %s", async (fragment) => {
  await open(fragment, { list_runs: () => ({ runs: [run({ how: "tmux", attach: "tmux -L husting attach -t =loom" }), ended({})] }), get_run: () => ({ run: run(), text: "Hello.\n", offset: 0 }), plan_run: () => plan({ warnings: ["The file changed."] }) });
  if (fragment.endsWith("launch")) await screen.findByRole("checkbox", { name: "I have read this command" });
  else await screen.findByText("Hello.");
  const { violations } = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
});
