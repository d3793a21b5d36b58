import { readFileSync } from "node:fs";
import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import { tick } from "svelte";
import axe from "axe-core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import App from "../../src/App.svelte";
// Read before the clock of the first test runs: the frame would read them inside that.
import "../../src/components/SheetDialog.svelte";
import "../../src/features/agents/Agents.svelte";
import "../../src/features/agents/agent/Agent.svelte";
import ScopeMark from "../../src/components/ScopeMark.svelte";
import MintForm from "../../src/features/agents/MintForm.svelte";
import { Minting, nameFault } from "../../src/features/agents/minting.svelte";
import { cellOf, PRESETS, presetOf } from "../../src/features/agents/scopes";
import type { AgentView } from "../../src/generated/AgentView";
import { LENGTHS } from "../../src/generated/lengths";
import type { SessionSummary } from "../../src/generated/SessionSummary";
import { RpcError } from "../../src/platform";
import { m } from "../../src/messages";
import { Agents } from "../../src/state/agents.svelte";
import { undoLine } from "../../src/state/undo.svelte";
import { livenessOf } from "../../src/state/liveness";
import { agent, agentPage, agents, denial, message, minted, peopled, RAW_TOKEN, receipt } from "../fixtures/agents";
import { bridged, setup, view } from "../fixtures/discord";
import { press } from "../fixtures/page";
import { FakePlatform } from "../fixtures/platform";
import { liveRound } from "../fixtures/rounds";
import { run } from "../fixtures/runs";
import { snapshot } from "../fixtures/shared";

vi.setConfig({ testTimeout: 30_000 });

type Answers = ConstructorParameters<typeof FakePlatform>[1];

async function open(fragment: string, answers: Answers = {}, from = peopled): Promise<FakePlatform> {
  const platform = new FakePlatform(from, answers);
  location.hash = fragment;
  dispatchEvent(new HashChangeEvent("hashchange"));
  render(App, { platform });
  await screen.findByRole("navigation", { name: "Places" });
  return platform;
}

async function goTo(fragment: string) {
  location.hash = fragment;
  dispatchEvent(new HashChangeEvent("hashchange"));
  await tick();
}

const everything = () => [document.documentElement.outerHTML, ...[...document.querySelectorAll("input, textarea")].map((field) => (field as HTMLInputElement).value)].join("\n");

beforeEach(() => {
  localStorage.clear();
  const held = { text: "" };
  Object.defineProperty(navigator, "clipboard", { value: { writeText: async (text: string) => void (held.text = text), readText: async () => held.text }, configurable: true });
});
afterEach(() => {
  cleanup();
  Reflect.deleteProperty(navigator, "clipboard");
  location.hash = "";
});

describe("an address", () => {
  const nobody = async () => Promise.reject(new Error("nobody is asked"));
  const of = (list: typeof agents, more = nobody as never) => {
    const all = new Agents(more, nobody as never);
    all.start({ ...peopled, agents: list });
    return all;
  };
  test("means an agent by id or by name, the operator’s own first", () => {
    const all = of([agent("loom", { id: "0191-a", tenant_id: "acme" }), agent("loom", { id: "0191-b" }), agent("porter", { id: "0191-c", tenant_id: "acme" })]);
    expect(["0191-a", "loom", "porter", "nobody", "0191-gone"].map((address) => all.idOf(address))).toEqual(["0191-a", "0191-b", "0191-c", "nobody", "0191-gone"]);
  });
  test("waits for agents that are not read yet, where it is a name", () => {
    const all = of(Array.from({ length: 500 }, (_, at) => agent(`n-${at}`, { id: `0191-${at}` })), (() => new Promise(() => {})) as never);
    expect([all.idOf("late"), all.idOf("n-3"), all.idOf("0191-gone")]).toEqual([undefined, "0191-3", "0191-gone"]);
  });
});

describe("a name", () => {
  const taken = (name: string) => name === "loom";
  test.each(["a", "bruno-voice", "x9", "a".repeat(63)])("%s may be minted", (name) => expect(nameFault(name, taken)).toBeNull());
  test.each(["Bruno", "9a", "-a", "a_b", "é", "a".repeat(64), "a b"])("%s breaks the rule", (name) => expect(nameFault(name, taken)).toContain("begins with a letter"));
  test("of the house, or of an agent that lives, is refused as it is typed", () => {
    expect(nameFault("operator", taken)).toContain("own names");
    expect(nameFault("loom", taken)).toContain("There is an agent called loom");
  });
});

test("a charter and a model may be as long as the host takes them, each sign counted once", () => {
  const minting = new Minting({ list: [] } as unknown as Agents);
  [minting.name, minting.charter, minting.model] = ["porter", "🌊".repeat(LENGTHS.charter), "m".repeat(LENGTHS.model)];
  expect([minting.charterFault, minting.modelFault, minting.ready]).toEqual([null, null, true]);
  minting.charter += "x";
  expect([minting.charterFault, minting.ready]).toEqual(["16,385 characters; 16,384 are the most.", false]);
  [minting.charter, minting.model] = ["", "m".repeat(LENGTHS.model + 1)];
  expect([minting.modelFault !== null, minting.ready]).toEqual([true, false]);
});

test("a charter to begin with ticks the scopes that it speaks of, and another one takes back what only it had ticked", async () => {
  render(MintForm, { minting: new Minting({ list: [] } as unknown as Agents), onenter: () => {} });
  const ticked = () => screen.getAllByRole("checkbox", { checked: true }).map((box) => box.getAttribute("aria-label")!.slice(4)).join(" ");
  const preset = () => (screen.queryByRole("radio", { checked: true }) as HTMLInputElement | null)?.value ?? null;
  const take = (name: string) => fireEvent.click(screen.getByRole("button", { name }));
  expect([ticked(), preset()]).toEqual(["send inbox peers", "messenger"]);
  await take("A clerk for memory");
  expect([ticked(), preset()]).toEqual(["send inbox recall remember peers", null]);
  await take("A watch");
  expect([ticked(), preset()]).toEqual(["send inbox peers", "messenger"]);
  // What a person unticks and ticks is their own choice from then on.
  await take("A clerk for memory");
  await fireEvent.click(screen.getByRole("checkbox", { name: "mcp:recall" }));
  await fireEvent.click(screen.getByRole("checkbox", { name: "mcp:recall" }));
  await take("A desk of its own");
  expect(ticked()).toBe("send inbox recall peers");
});

test("what a template ticked is taken back after a draft was kept, too", () => {
  const [typed, again] = [0, 1].map(() => new Minting({ list: [] } as unknown as Agents));
  typed!.begin("clerk");
  again!.restore(JSON.parse(typed!.body()) as Record<string, unknown>);
  expect(again!.scopes).toContain("mcp:remember");
  again!.begin("watch");
  expect(again!.scopes).not.toContain("mcp:remember");
});

describe("liveness grows old by itself", () => {
  const at = new Date("2026-11-20T14:33:00Z");
  const cases = [
    [{ connections: 1, last_call_at: null }, "live"],
    [{ connections: 0, last_call_at: "2026-11-20T14:31:01Z" }, "live"],
    [{ connections: 0, last_call_at: "2026-11-20T14:30:00Z" }, "idle"],
    [{ connections: 0, last_call_at: "2026-11-19T23:59:59Z" }, "quiet"],
    [{ connections: 0, last_call_at: null }, "never_called"],
    [{ connections: 0, last_call_at: "2026-11-20T14:32:59Z", liveness: "stopped" as const }, "stopped"],
  ] as const;
  test.each(cases)("%o is %s", (part, wanted) => expect(livenessOf(agent("a", { liveness: "live", ...part }), at)).toBe(wanted));
});

describe("a scope", () => {
  const at = new Date("2026-11-20T14:33:00Z");
  const athena = agents.find(({ agent_name }) => agent_name === "athena")!;
  test("is granted, granted until a time, empty, or asked for and denied", () => {
    expect(cellOf(athena, "mcp:send", undefined, at)).toMatchObject({ standing: "granted", held: true });
    expect(cellOf(athena, "mcp:deliberate", undefined, at)).toMatchObject({ standing: "until", held: true, left: "41 min" });
    expect(cellOf(athena, "mcp:recall", undefined, at)).toMatchObject({ standing: "empty", held: false });
    expect(cellOf(athena, "mcp:recall", denial(), at)).toMatchObject({ standing: "asked", asked: 2, held: false });
  });
  test("for one call says that it ends with that", () => {
    const grants = [{ scope: "mcp:recall" as const, ends_at: "2026-11-20T14:43:00Z", once: true }];
    expect(cellOf({ ...athena, grants }, "mcp:recall", undefined, at)).toEqual({ standing: "once", asked: 0, held: true, left: "call", words: "granted until its next call, for 10 min at most" });
    const { container } = render(ScopeMark, { standing: "once" });
    expect(container.textContent).toBe("1×");
  });
  test("whose time is over is not held", () =>
    expect(cellOf(athena, "mcp:deliberate", undefined, new Date("2026-11-20T15:14:01Z")).held).toBe(false));
  test("presets are known again by their scopes, in whatever order", () => {
    expect(presetOf([...PRESETS.messenger].reverse())).toBe("messenger");
    expect(presetOf(["mcp:send"])).toBeNull();
    expect(PRESETS.member).not.toContain("mcp:broadcast");
  });
});

describe("the list of agents", () => {
  test("says of each how it stands, its mail, what it may and when it called", async () => {
    await open("#/agents");
    const table = await screen.findByRole("table", { name: "Agents" });
    const row = within(table).getByText("loom").closest<HTMLElement>("[role=row]")!;
    expect(row.textContent!.replace(/\s+/g, " ")).toMatch(/loom.*gpt-5\.4.*live.*2/);
    within(row).getByRole("img", { name: "May send, inbox, join, recall, remember, peers; asked for deliberate" });
    const head = within(table).getByRole("columnheader", { name: "Scopes: send, inbox, broadcast, join, recall, remember, peers, deliberate" });
    const names = [...head.querySelectorAll(".names > span")].map((name) => name.textContent);
    expect(names, "one over each mark").toEqual(Object.values(m.agents.scope));
    expect(row.querySelectorAll(".strip .mark")).toHaveLength(names.length);
    const night = within(table).getByText("night-watch").closest<HTMLElement>("[role=row]")!;
    expect(night.textContent).toContain("disabled");
  });

  test.each(["#/agents", "#/agents/scopes"])("stands under the heads of its kinds at %s", async (fragment) => {
    await open(fragment, {}, { ...peopled, agents: [agent("zoe", { model: null }), agent("athena", { kind: "managed" }), agent("bridge", { kind: "connector", model: null }), agent("ada")] });
    await screen.findByText("zoe");
    const lines = [...document.querySelectorAll("[role=row]")].slice(1).map((row) => row.querySelector("b")!.textContent);
    expect(lines).toEqual(["Managed", "athena", "Custom", "ada", "zoe", "Connector", "bridge"]);
    expect(screen.getByText("no model named").closest("[role=row]")!.querySelector("b")!.textContent).toBe("zoe");
    expect(screen.getByText("the bridge to Discord").closest("[role=row]")!.querySelector("b")!.textContent, "it has no model").toBe("bridge");
  });

  test.each(["#/agents", "#/agents/scopes"])("says what Husting’s own run on by its name, with the id as its title, and of others their own words: %s", async (fragment) => {
    const seat = peopled.models.models[0]!;
    await open(fragment, {}, { ...peopled, agents: [agent("kasra", { kind: "managed", model: seat.id }), agent("zoe", { model: seat.id })] });
    const told = async (name: string) => (await screen.findByText(name)).parentElement!.querySelector<HTMLElement>(".tiny")!;
    expect(seat.display_name).not.toBe(seat.id);
    expect([(await told("kasra")).textContent, (await told("kasra")).title]).toEqual([expect.stringMatching(new RegExp(`${seat.display_name}$`)), seat.id]);
    expect((await told("zoe")).textContent).toMatch(new RegExp(`${seat.id}$`));
  });

  test("is walked past the heads", async () => {
    await open("#/agents", {}, { ...peopled, agents: [agent("athena", { kind: "managed" }), agent("ada")] });
    await screen.findByText("ada");
    await press("j");
    expect(document.querySelector("[aria-current=true] b")!.textContent).toBe("ada");
    await waitFor(() => expect(document.activeElement, "the row is read out").toBe(document.querySelector("[aria-current=true]")));
    await press("j");
    expect(document.querySelector("[aria-current=true] b")!.textContent).toBe("ada");
  });

  test("is filtered by words and by what agents need, and Esc clears it", async () => {
    await open("#/agents");
    const table = await screen.findByRole("table", { name: "Agents" });
    await fireEvent.change(screen.getByRole("combobox", { name: "Which agents" }), { target: { value: "denied" } });
    await waitFor(() => expect(within(table).queryByText("archivist")).toBeNull());
    within(table).getByText("loom");
    await fireEvent.input(screen.getByRole("searchbox", { name: "Find agents" }), { target: { value: "nobody" } });
    await screen.findByText("No agent fits.");
    await press("Escape");
    await screen.findByText("archivist");
  });

  test("is found by whatever a row shows: by its seat's name as it is shown, and by its state", async () => {
    await open("#/agents");
    const table = within(await screen.findByRole("table", { name: "Agents" }));
    const named = async (typed: string) => {
      await fireEvent.input(screen.getByRole("searchbox", { name: "Find agents" }), { target: { value: typed } });
      return table.queryAllByRole("link").map((each) => each.querySelector("b")!.textContent);
    };
    expect(await named("Qwen 3.6 Plus")).toEqual(["athena"]);
    expect(await named("disabled")).toEqual(["night-watch"]);
  });

  test("follows events; a revoked agent leaves it", async () => {
    const platform = await open("#/agents");
    await screen.findByText("archivist");
    platform.emit({ type: "agent_changed", agent: agent("newcomer") });
    await screen.findByText("newcomer");
    platform.emit({ type: "agent_changed", agent: agent("newcomer", { status: "revoked" }) });
    await waitFor(() => expect(screen.queryByText("newcomer")).toBeNull());
    // How it was before can be told after it.
    platform.emit({ type: "agent_changed", agent: agent("newcomer") });
    platform.emit({ type: "agent_changed", agent: agent("later") });
    await screen.findByText("later");
    expect(screen.queryByText("newcomer")).toBeNull();
  });

  test("beyond the snapshot's 500 the rest is read", async () => {
    const many = Array.from({ length: 500 }, (_, index) => agent(`n-${index}`, { id: `a-${String(index).padStart(3, "0")}` }));
    const platform = await open("#/agents", { list_agents: () => ({ agents: [agent("one-more", { id: "a-500" })], next_cursor: null }) }, { ...peopled, agents: many });
    await screen.findByText(/of 501 live$/);
    expect(platform.argsOf("list_agents")).toEqual([{ limit: 500, cursor: "a-499" }]);
    expect(document.querySelectorAll("[role=row]").length, "rows that are drawn").toBeLessThan(60);
  });

  test("teaches the next step while there is nobody", async () => {
    await open("#/agents", {}, snapshot);
    await screen.findByText(/^No agent has a token yet/);
    expect(screen.getAllByRole("button", { name: /^Mint an agent/ }).length).toBeGreaterThan(0);
  });
});

describe("minting", () => {
  async function mint(name: string) {
    const platform = await open("#/agents/mint", { mint_agent: ({ agent_name }) => minted(agent_name) });
    const sheet = within(await screen.findByRole("dialog", { name: "Mint an agent" }));
    const told = (each: HTMLElement) => document.getElementById(each.getAttribute("aria-describedby")!)!.textContent;
    expect(told(sheet.getByRole("checkbox", { name: "mcp:workspace_join" }))).toBe("joins and leaves squads");
    expect(told(sheet.getByRole("radio", { name: "Messenger" }))).toBe("send, inbox, peers");
    await fireEvent.input(sheet.getByRole("textbox", { name: "Name" }), { target: { value: name } });
    return { platform, sheet };
  }

  test("sends name, model, charter and scopes as they were chosen", async () => {
    const { platform, sheet } = await mint("Loom");
    expect(sheet.getByRole<HTMLButtonElement>("button", { name: "Mint" }).disabled).toBe(true);
    await fireEvent.input(sheet.getByRole("textbox", { name: "Name" }), { target: { value: "porter" } });
    await fireEvent.click(sheet.getByRole("button", { name: "A watch" }));
    await fireEvent.click(sheet.getByRole("radio", { name: "Member" }));
    await fireEvent.click(sheet.getByRole("checkbox", { name: "mcp:recall" }));
    await fireEvent.click(sheet.getByRole("button", { name: "Mint" }));
    await waitFor(() => expect(platform.argsOf("mint_agent")).toHaveLength(1));
    const [asked] = platform.argsOf("mint_agent");
    expect(asked).toMatchObject({ agent_name: "porter", scopes: ["mcp:send", "mcp:inbox", "mcp:workspace_join", "mcp:remember", "mcp:peers"] });
    expect(asked!.charter).toMatch(/^You are porter\. Watch/);
    expect(asked).not.toHaveProperty("model");
  });

  test("is done by Ctrl+Enter from wherever in its sheet, once it may be, and not by it again beside the token", async () => {
    const { platform, sheet } = await mint("Loom");
    const charter = sheet.getByRole("textbox", { name: /Charter/ });
    const enter = async (on: Element) => fireEvent.keyDown(on, { key: "Enter", ctrlKey: true });
    await enter(charter);
    await fireEvent.input(sheet.getByRole("textbox", { name: "Name" }), { target: { value: "porter" } });
    await fireEvent.keyDown(charter, { key: "Enter" });
    expect(platform.argsOf("mint_agent")).toEqual([]);
    await enter(charter);
    const once = await screen.findByRole("dialog", { name: "The token of porter" });
    await enter(within(once).getByRole("button", { name: "Copy token" }));
    expect(platform.argsOf("mint_agent")).toHaveLength(1);
  });

  test("shows the token once; Esc does not lose it, and its first call is ticked", async () => {
    const { platform, sheet } = await mint("porter");
    await fireEvent.click(sheet.getByRole("button", { name: "Mint" }));
    const once = within(await screen.findByRole("dialog", { name: "The token of porter" }));
    expect(everything()).not.toContain(RAW_TOKEN);
    expect(document.querySelector(".foot")!.children.length, "nothing takes room from the file before there is anything to say").toBe(0);
    await press("Escape");
    const reason = await once.findByText("It has not been copied or written yet.");
    expect(once.getByRole("button", { name: "Close anyway" })).toBeTruthy();
    expect(reason.closest(".body"), "it stands outside of what scrolls").toBeNull();
    await fireEvent.click(once.getByRole("button", { name: "Reveal" }));
    const said = () => once.getByRole("region", { name: "What its client reads" }).textContent!;
    await fireEvent.change(await once.findByRole("combobox", { name: "Client" }), { target: { value: "json" } });
    await waitFor(() => expect(said()).toContain(`"Bearer ${RAW_TOKEN}"`));
    await fireEvent.click(once.getByRole("radio", { name: "SSE" }));
    await waitFor(() => expect(JSON.parse(said())).toEqual({ mcpServers: { sos: { type: "sse", url: `http://127.0.0.1:6070/sse/${RAW_TOKEN}` } } }));
    once.getByText("Waiting for its first call");
    const now = (part: Partial<AgentView>) => platform.emit({ type: "agent_changed", agent: { ...minted("porter").agent, ...part } });
    now({ last_call_at: "2026-11-20T14:31:15Z" });
    await tick();
    once.getByText("Waiting for its first call");
    now({ connections: 1 });
    await once.findByText("Its client is connected; waiting for its first call");
    now({ last_call_at: "2026-11-20T14:31:20Z", token_called_at: "2026-11-20T14:31:20Z" });
    const called = (await once.findByText(/It made its first call/)).textContent;
    now({ last_call_at: "2026-11-20T14:31:45Z", token_called_at: "2026-11-20T14:31:45Z" });
    await tick();
    expect(once.getByText(/It made its first call/).textContent, "a later call is not its first").toBe(called);
    await fireEvent.click(once.getByRole("button", { name: "Copy token" }));
    await fireEvent.click(await once.findByRole("button", { name: "Done" }));
    await waitFor(() => expect(everything()).not.toContain(RAW_TOKEN));
  });

  test("that is left while nobody has its token brings into sight what keeps it; one with which its agent calls is left without a word", async () => {
    const intoView = vi.spyOn(Element.prototype, "scrollIntoView");
    const shown = () => intoView.mock.contexts.flatMap((each) => (each instanceof HTMLElement && each.matches("[data-keeps]") ? [each.textContent] : []));
    const { platform, sheet } = await mint("porter");
    await fireEvent.click(sheet.getByRole("button", { name: "Mint" }));
    const once = within(await screen.findByRole("dialog", { name: "The token of porter" }));
    await once.findByRole("button", { name: "Write file" });
    expect(shown()).toEqual([]);
    const copy = once.getByRole("button", { name: "Copy token" });
    copy.focus();
    await press("Escape");
    await once.findByText("It has not been copied or written yet.");
    await waitFor(() => expect(shown()).toEqual([expect.stringContaining("Write file")]));
    expect(intoView.mock.contexts.at(-1), "and then what has the focus: where there is no room for both").toBe(copy);
    platform.emit({ type: "agent_changed", agent: { ...minted("porter").agent, token_called_at: "2026-11-20T14:31:20Z" } });
    await once.findByText(/It made its first call/);
    expect(once.queryByText("It has not been copied or written yet."), "it is in use").toBeNull();
    await press("Escape");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });

  test("takes no charter that its field could not lay out, and keeps what stood there", async () => {
    const { sheet } = await mint("porter");
    const charter = sheet.getByRole<HTMLTextAreaElement>("textbox", { name: "Charter" });
    await fireEvent.input(charter, { target: { value: "You carry" } });
    await fireEvent.input(charter, { target: { value: "x".repeat(5_000_009) } });
    expect((await sheet.findByRole("alert")).textContent, "and not what was wrong with the words before").toBe("There is no room for 5,000,000 more characters: 65,536 fit here. What stood here stays.");
    expect(charter.value).toBe("You carry");
    await fireEvent.input(charter, { target: { value: "You carry mail" } });
    await waitFor(() => expect(sheet.queryByRole("alert")).toBeNull());
  });

  test("says what each scope is for in whole words", async () => {
    const { sheet } = await mint("porter");
    const words = sheet.getByText(m.agents.scopeMeaning["mcp:send"]);
    expect(words.closest(".cut"), "a second line is there for it").toBeNull();
  });

  test("keeps what was typed through Esc and another screen, until it is minted or discarded", async () => {
    const bodies = new Map<string, string>();
    const kept: Answers = { draft: ({ key }) => ({ body: bodies.get(key) || null }), save_draft: ({ key, body }) => (bodies.set(key, body), {}) };
    await open("#/agents/mint", kept);
    const dialog = async () => within(await screen.findByRole("dialog", { name: "Mint an agent" }));
    const name = async () => (await dialog()).getByRole<HTMLInputElement>("textbox", { name: "Name" });
    await fireEvent.input(await name(), { target: { value: "porter" } });
    await fireEvent.input((await dialog()).getByRole("textbox", { name: "Charter" }), { target: { value: "You carry" } });
    await fireEvent.click((await dialog()).getByRole("checkbox", { name: "mcp:recall" }));
    await press("Escape");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await press("m");
    expect((await name()).value).toBe("porter");
    await press("Escape");
    await waitFor(() => expect(bodies.get("mint")).toContain("You carry"));
    cleanup();

    await open("#/agents/mint", { ...kept, mint_agent: ({ agent_name }) => minted(agent_name) });
    await waitFor(async () => expect((await name()).value).toBe("porter"));
    expect((await dialog()).getByRole<HTMLInputElement>("checkbox", { name: "mcp:recall" }).checked).toBe(true);
    await fireEvent.click((await dialog()).getByRole("button", { name: "Discard" }));
    await waitFor(() => expect(bodies.get("mint")).toBe(""));
    await press("m");
    expect((await name()).value).toBe("");
    await fireEvent.input(await name(), { target: { value: "porter" } });
    await fireEvent.click((await dialog()).getByRole("button", { name: "Mint" }));
    await screen.findByRole("dialog", { name: "The token of porter" });
    await waitFor(() => expect(bodies.get("mint")).toBe(""));
  });

  test("that is opened again while what was typed is on its way to the disk goes on with that, and not with what stands there", async () => {
    let stands = JSON.stringify({ name: "por", charter: "You carry" });
    const onTheWay: (() => void)[] = [];
    const kept: Answers = { draft: () => ({ body: stands }), save_draft: ({ body }) => new Promise((done) => onTheWay.push(() => ((stands = body), done({})))) };
    await open("#/agents/mint", kept);
    const field = async (name: string) => within(await screen.findByRole("dialog", { name: "Mint an agent" })).getByRole<HTMLInputElement>("textbox", { name });
    await waitFor(async () => expect((await field("Name")).value).toBe("por"));
    await fireEvent.input(await field("Name"), { target: { value: "porter" } });
    await press("Escape");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await waitFor(() => expect(onTheWay, "nobody has answered").toHaveLength(1));
    await press("m");
    await screen.findByRole("dialog");
    await tick();
    const shown = async () => [(await field("Name")).value, (await field("Charter")).value];
    expect(await shown()).toEqual(["porter", "You carry"]);
    await fireEvent.input(await field("Charter"), { target: { value: "You carry mail." } });
    onTheWay[0]!();
    await press("Escape");
    await waitFor(() => expect(onTheWay).toHaveLength(2));
    onTheWay[1]!();
    await waitFor(() => expect(JSON.parse(stands)).toMatchObject({ name: "porter", charter: "You carry mail." }));
    await press("m");
    await waitFor(async () => expect(await shown()).toEqual(["porter", "You carry mail."]));
  });

  test("refused says why, and keeps what was typed", async () => {
    await open("#/agents/mint", { mint_agent: () => Promise.reject(new RpcError("agent_limit_reached", "This tenant has 5 of 5 agents.")) });
    const sheet = within(await screen.findByRole("dialog", { name: "Mint an agent" }));
    await fireEvent.input(sheet.getByRole("textbox", { name: "Name" }), { target: { value: "porter" } });
    await fireEvent.click(sheet.getByRole("button", { name: "Mint" }));
    await sheet.findByText("This tenant has 5 of 5 agents.");
    expect(sheet.getByRole<HTMLInputElement>("textbox", { name: "Name" }).value).toBe("porter");
  });
});

describe("the scope matrix", () => {
  const set_scope: NonNullable<Answers>["set_scope"] = ({ agent_id, scope, held, for_seconds }) => {
    const before = agents.find(({ id }) => id === agent_id)!;
    const grants = before.grants.filter((grant) => grant.scope !== scope);
    const ends_at = for_seconds ? "2099-01-01T00:00:00Z" : null;
    return { agent: { ...before, grants: held ? [...grants, { scope, ends_at, once: false }] : grants } };
  };

  test("is walked by keys, and Space and h change the cell they are on", async () => {
    const platform = await open("#/agents/scopes", { set_scope });
    const grid = within(await screen.findByRole("grid", { name: "Scopes of agents" }));
    const first = grid.getByRole("checkbox", { name: "athena, send: granted" });
    first.focus();
    await press("ArrowDown");
    await waitFor(() => expect(document.activeElement?.getAttribute("aria-label")).toBe("archivist, send: granted"));
    await press("ArrowRight");
    await press("ArrowRight");
    await waitFor(() => expect(document.activeElement?.getAttribute("aria-label")).toBe("archivist, broadcast: not granted"));
    await press("h");
    await waitFor(() => expect(platform.argsOf("set_scope")).toEqual([{ agent_id: "a-archivist", scope: "mcp:broadcast", held: true, for_seconds: 3600 }]));
    await waitFor(() => expect(document.activeElement?.getAttribute("aria-label")).toContain("archivist, broadcast: granted for"));
    await fireEvent.click(document.activeElement!);
    await waitFor(() => expect(platform.argsOf("set_scope").at(-1)).toEqual({ agent_id: "a-archivist", scope: "mcp:broadcast", held: false }));
    // A key that only opens changes nothing.
    fireEvent.keyDown(document.activeElement!, { key: "Enter" });
    await waitFor(() => expect(location.hash).toBe("#/agents/a-archivist"));
    expect(platform.argsOf("set_scope")).toHaveLength(2);
  });

  test("gives back by undo what was there before: the same grant for as long as is left of it", async () => {
    const archivist = agents.find(({ id }) => id === "a-archivist")!;
    const soon = new Date(Date.now() + 500_500).toISOString();
    const grants = [...archivist.grants, { scope: "mcp:broadcast" as const, ends_at: soon, once: false }];
    const platform = await open("#/agents/scopes", { set_scope }, { ...peopled, agents: peopled.agents.map((each) => (each.id === archivist.id ? { ...each, grants } : each)) });
    (await screen.findByRole("checkbox", { name: /^archivist, broadcast: granted for/ })).focus();
    await press("h");
    await screen.findByText(/^archivist may use mcp:broadcast for an hour/);
    await press("z", { ctrlKey: true });
    await waitFor(() => expect(platform.argsOf("set_scope")).toHaveLength(2));
    const back = platform.argsOf("set_scope")[1]!;
    expect(back).toMatchObject({ agent_id: "a-archivist", scope: "mcp:broadcast", held: true });
    expect(back.for_seconds).toBeGreaterThan(400);
    expect(back.for_seconds).toBeLessThanOrEqual(500);
  });

  test("offers no undo of what takes the place of one call: that cannot be given back", async () => {
    const archivist = agents.find(({ id }) => id === "a-archivist")!;
    const grants = [...archivist.grants, { scope: "mcp:broadcast" as const, ends_at: new Date(Date.now() + 500_000).toISOString(), once: true }];
    const platform = await open("#/agents/scopes", { set_scope }, { ...peopled, agents: peopled.agents.map((each) => (each.id === archivist.id ? { ...each, grants } : each)) });
    (await screen.findByRole("checkbox", { name: /^archivist, broadcast: granted until its next call/ })).focus();
    await press("h");
    await screen.findByText(/^archivist may use mcp:broadcast for an hour/);
    expect(screen.queryByRole("button", { name: /^Undo/ })).toBeNull();
    await press("z", { ctrlKey: true });
    expect(platform.argsOf("set_scope")).toHaveLength(1);
  });

  test("is one stop of the keyboard, and j leads into it from wherever one is", async () => {
    await open("#/agents/scopes");
    const grid = await screen.findByRole("grid", { name: "Scopes of agents" });
    await waitFor(() => expect([...grid.querySelectorAll('[tabindex="0"]')].map((each) => each.getAttribute("aria-label"))).toEqual(["athena, send: granted"]));
    screen.getByRole("radio", { name: "Scopes" }).focus();
    await press("j");
    await waitFor(() => expect(document.activeElement?.getAttribute("aria-label")).toBe("athena, send: granted"));
    await press("j");
    await waitFor(() => expect(document.activeElement?.getAttribute("aria-label")).toBe("archivist, send: granted"));
    await press("k");
    await waitFor(() => expect(document.activeElement?.getAttribute("aria-label")).toBe("athena, send: granted"));
  });

  test("keeps its names in sight where its columns are scrolled", async () => {
    await open("#/agents/scopes");
    const grid = await screen.findByRole("grid", { name: "Scopes of agents" });
    grid.scrollLeft = 120;
    await fireEvent.scroll(grid);
    await waitFor(() => expect(grid.style.getPropertyValue("--along")).toBe("120px"));
  });

  test("changes nothing while Husting does not answer, and says why", async () => {
    const platform = await open("#/agents/scopes");
    const cell = (await screen.findAllByRole("checkbox"))[0]!;
    expect(document.getElementById(cell.getAttribute("aria-describedby")!)!.textContent).toBe("writes to one agent, or asks it something");
    platform.connection("lost");
    await waitFor(() => expect(cell.title).toBe("Not connected"));
    expect(document.getElementById(cell.getAttribute("aria-describedby")!)!.textContent).toContain("Husting has not answered since");
    await fireEvent.click(cell);
    expect(platform.argsOf("set_scope")).toEqual([]);
  });

  test("marks a denial in its cell and answers it below", async () => {
    const platform = await open("#/agents/scopes", { decide_denial: () => ({ denials: [] }) });
    await screen.findByRole("checkbox", { name: "loom, deliberate: asked for 2 times and denied" });
    await fireEvent.click(screen.getByRole("button", { name: "Ten minutes: loom, mcp:deliberate" }));
    await waitFor(() => expect(platform.argsOf("decide_denial")).toEqual([{ denial_id: "d-1", decision: "ten_minutes" }]));
    await screen.findByRole("checkbox", { name: "loom, deliberate: not granted" });
    await screen.findByText("loom may use mcp:deliberate for ten minutes.");
  });
});

test("what was decided is told beside an act that can be undone, and stays on its screen", async () => {
  const undo = vi.fn();
  await open("#/agents/scopes", { decide_denial: () => ({ denials: [] }) });
  undoLine.show({ done: "Removed 2 snippets.", undo });
  await fireEvent.click(await screen.findByRole("button", { name: "Ten minutes: loom, mcp:deliberate" }));
  await screen.findByText("loom may use mcp:deliberate for ten minutes.");
  screen.getByText("Removed 2 snippets.");
  location.hash = "#/hall";
  await waitFor(() => expect(screen.queryByText("loom may use mcp:deliberate for ten minutes.")).toBeNull());
  screen.getByText("Removed 2 snippets.");
  await press("z", { ctrlKey: true });
  expect(undo).toHaveBeenCalledOnce();
  expect(screen.queryByText("Removed 2 snippets.")).toBeNull();
});

test("an answer to a denial leaves no tooltip behind, and that one call is allowed is told no longer than it holds", async () => {
  const loom = peopled.agents.find(({ id }) => id === denial().agent_id)!;
  const grants = [...loom.grants, { scope: denial().scope, ends_at: "2099-01-01T00:00:00Z", once: true }];
  const platform = await open("#/hall", { decide_denial: () => ({ denials: [] }) });
  const once = await screen.findByRole("button", { name: "Allow once: loom, mcp:deliberate" });
  expect(once.title, "WebKitGTK shows it on over the row that takes its place").toBe("");
  await fireEvent.click(once);
  const told = "loom may call one tool of mcp:deliberate, within ten minutes. Reading what a round said is a call more.";
  await screen.findByText(told);
  platform.emit({ type: "agent_changed", agent: { ...loom, grants } });
  await tick();
  screen.getByText(told);
  platform.emit({ type: "agent_changed", agent: loom });
  await waitFor(() => expect(screen.queryByText(told)).toBeNull());
});

test("a disabled agent is offered no scope before it is enabled", async () => {
  const [loom, ...others] = peopled.agents.map((each) => ({ ...each }));
  const off = { ...loom!, status: "suspended" as const };
  const asked = denial({ agent_id: off.id, agent_name: off.agent_name });
  const platform = await open("#/hall", { enable_agent: () => ({ agent: { ...off, status: "active" as const } }) }, { ...peopled, agents: [off, ...others], denials: { denials: [asked] } });
  const row = within((await screen.findByText(/ It is disabled; enable it first\.$/)).closest("li")!);
  expect(row.getAllByRole("button").map(({ textContent }) => textContent?.trim())).toEqual(["Enable", "Refuse"]);
  await fireEvent.click(row.getByRole("button", { name: `Enable ${off.agent_name}` }));
  await row.findByRole("button", { name: /^Allow once/ });
  expect(platform.argsOf("enable_agent")).toEqual([{ agent_id: off.id }]);
  await fireEvent.click(row.getByRole("button", { name: /^Allow once/ }));
  expect(platform.argsOf("decide_denial"), "a second press of the same place gives nothing").toEqual([]);
});

test.each([
  [{ kind: "agent" as const, name: "archivist" }, "send", "archivist"],
  [{ kind: "squad" as const, name: "sales" }, "broadcast", "#sales"],
  [{ kind: "all" as const }, "broadcast", "all agents"],
])("a denial says what the call would have done: %o", async (to, tool, named) => {
  await open("#/agents/scopes", {}, { ...peopled, denials: { denials: [denial({ to, tool })] } });
  await screen.findByText(`It called ${tool} to reach ${named}, and was told to ask you.`);
});

describe("an agent's page", () => {
  const loom = agents[0]!;
  const page = agentPage({ agent: loom, denials: [denial()], squads: ["sales"] });

  test("disables, and takes it back", async () => {
    const platform = await open("#/agents/a-loom", {
      get_agent: () => page,
      disable_agent: () => ({ agent: { ...loom, status: "suspended" } }),
      enable_agent: () => ({ agent: loom }),
    });
    await fireEvent.click(await screen.findByRole("button", { name: "Disable" }));
    await screen.findByText(/loom is disabled/);
    await press("z", { ctrlKey: true });
    await waitFor(() => expect(platform.argsOf("enable_agent")).toHaveLength(1));
  });

  test("disabled while its program runs, it is said that the program ended and is not started by enabling", async () => {
    await open("#/agents/a-loom", {
      get_agent: () => page,
      list_runs: () => ({ runs: [run({ agent_id: loom.id, ended_at: null })] }),
      disable_agent: () => ({ agent: { ...loom, status: "suspended" } }),
    });
    await fireEvent.click(await screen.findByRole("button", { name: "Disable" }));
    await screen.findByText("loom is disabled and its program ended. Enabling does not start it again.");
  });

  test("revokes only once the name is typed, and shows the receipt with its counted figure", async () => {
    let ended = false;
    const gone = { ...loom, status: "revoked" as const, revoked_at: receipt.revoked_at, connections: 0 };
    const platform = await open("#/agents/a-loom", {
      get_agent: () => (ended ? { ...page, agent: gone, receipt } : page),
      revoke_agent: () => {
        ended = true;
        return { agent: gone, receipt };
      },
      export_audit: () => ({ file_name: "case.jsonl", text: "the chain" }),
    });
    await fireEvent.click(await screen.findByRole("button", { name: "Revoke…" }));
    const sheet = within(await screen.findByRole("dialog", { name: "Revoke loom?" }));
    sheet.getByText("1 stream or wait, closed at once");
    sheet.getByText("2 unread messages, parked");
    const act = sheet.getByRole<HTMLButtonElement>("button", { name: "Revoke loom" });
    expect(act.disabled).toBe(true);
    await fireEvent.input(sheet.getByRole("textbox"), { target: { value: "loom" } });
    await fireEvent.click(act);
    const told = within(await screen.findByRole("dialog", { name: "Kill receipt" }));
    const valueOf = (term: string) => told.getByText(term, { selector: "dt" }).nextElementSibling!;
    expect(valueOf(m.agents.receipt.agent).textContent).toBe(loom.agent_name);
    expect(valueOf(m.agents.receipt.agent).className, "a name is words").not.toContain("mono");
    expect(valueOf(m.agents.receipt.token).className).toContain("mono");
    expect(told.getByText("0").closest("p")!.textContent).toContain("counted from the log, not assumed");
    const delays = told.getAllByRole("listitem").map((each) => each.textContent?.replace(/\s+/g, " ").trim());
    expect(delays, "mail is parked with the revocation itself").toEqual(["1 stream closed+ 0.9 ms", "1 wait cancelled+ 0.9 ms", "1 message parked"]);
    expect(told.getByText("Row of the audit log").nextSibling?.textContent).toBe("48");
    expect(told.getByText("Token").nextSibling?.textContent).toBe("…k8Lm20cZ");
    await fireEvent.click(told.getByRole("button", { name: "Save with case file" }));
    await waitFor(() => expect(platform.saved).toEqual([{ name: "case.jsonl", text: "the chain" }]));
    expect(platform.argsOf("export_audit")).toEqual([{ agent_id: "a-loom" }]);
    expect(platform.argsOf("revoke_agent")).toEqual([{ agent_id: "a-loom" }]);
    const receipts = () => screen.queryAllByText("counted from the log, not assumed");
    expect(receipts(), "the page has it once the sheet has gone").toHaveLength(1);
    await fireEvent.click(told.getByRole("button", { name: "Done" }));
    await screen.findByRole("region", { name: "Kill receipt" });
    expect(receipts()).toHaveLength(1);
    expect(screen.queryByRole("button", { name: "Revoke…" })).toBeNull();
  });

  test("asks for the name of who is revoked below all that ends, which stays in sight", async () => {
    const focus = vi.spyOn(HTMLElement.prototype, "focus");
    await open("#/agents/a-loom", { get_agent: () => page });
    await fireEvent.click(await screen.findByRole("button", { name: "Revoke…" }));
    const field = within(await screen.findByRole("dialog", { name: "Revoke loom?" })).getByRole("textbox");
    await waitFor(() => expect(document.activeElement).toBe(field));
    const ofField = focus.mock.calls.filter((_, call) => focus.mock.contexts[call] === field);
    expect(ofField.length).toBeGreaterThan(0);
    expect(ofField.filter(([options]) => !options?.preventScroll), "that would be scrolled away").toEqual([]);
    focus.mockRestore();
  });

  test("says in its log who did each row, itself by that word and a person through Discord by their own name", async () => {
    const row = (number: number, actor: string) => ({ row: number, at: "2026-11-20T14:00:00Z", actor, action: "send" as const, agent_id: "a-loom", agent_name: "loom", subject: null, body: null, detail: "{}" });
    const log = [row(6, "husting"), row(5, "human:loom"), row(4, "operator"), row(3, "agent:loom"), row(2, "agent:porter"), row(1, "discord:ines the first via lift")];
    const said = (rows: HTMLElement[]) => rows.map((each) => each.querySelector("span.by")?.textContent?.trim());
    await open("#/agents/a-loom", { get_agent: () => page, list_audit: () => ({ rows: log, more: false, sealing: { state: "off", sealed_at: null } }) as never });
    const audit = within(await screen.findByRole("region", { name: "Audit" }));
    const by = ["Husting", "loom", "operator", "itself", "porter", "discord:ines the first via lift"];
    expect(said(audit.getAllByRole("listitem"))).toEqual(by);
    await fireEvent.click(screen.getByRole("tab", { name: /^Audit/ }));
    const table = within(await screen.findByRole("table", { name: "Audit" }));
    await waitFor(() => expect(said(table.getAllByRole("row").slice(1))).toEqual(by));
    const through = table.getAllByRole("row").at(-1)!;
    expect(through.querySelector(".who bdi")?.textContent).toBe("ines the first");
    const via = through.querySelector(".by > .via");
    expect([via?.textContent, via?.classList.contains("cut")], "it is there whole, or not at all").toEqual([" via lift", false]);
  });

  test("says in a narrow window in a second line of the row who did it, and on what", async () => {
    const row = (number: number, actor: string) => ({ row: number, at: "2026-11-20T14:00:00Z", actor, action: "send" as const, agent_id: "a-loom", agent_name: "loom", subject: null, body: null, detail: "{}" });
    const answers = { get_agent: () => page, list_audit: () => ({ rows: [row(2, "operator"), row(1, "agent:loom")], more: false, sealing: { state: "off", sealed_at: null } }) as never };
    const said = (rows: HTMLElement[]) => rows.map((each) => each.querySelector("span.by")?.textContent?.trim());
    const widths = vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(374);
    await open("#/agents/a-loom", answers);
    const tail = within(await screen.findByRole("region", { name: "Audit" }));
    await waitFor(() => expect(said(tail.getAllByRole("listitem"))).toEqual(["by operator", "by itself"]));
    await fireEvent.click(screen.getByRole("tab", { name: /^Audit/ }));
    const table = within(await screen.findByRole("table", { name: "Audit" }));
    await waitFor(() => expect(said(table.getAllByRole("row").slice(1))).toEqual(["by operator", "by itself"]));
    cleanup();
    await open("#/settings/audit", answers);
    const whole = within(await screen.findByRole("table", { name: m.audit.log }));
    await waitFor(() => expect(whole.getAllByRole("row")[1]!.textContent).toMatch(/by operator\s*, on loom/));
    widths.mockRestore();
  });

  test("reads its log again once an act was answered: what it came to may not stand there when the event tells of it", async () => {
    const row = (number: number, action: "mint" | "revoke") => ({ row: number, at: "2026-11-20T14:00:00Z", actor: "operator", action, agent_id: "a-loom", agent_name: "loom", subject: null, body: null, detail: "{}" });
    const gone = { ...loom, status: "revoked" as const, revoked_at: receipt.revoked_at, connections: 0 };
    const log = [row(1, "mint")];
    let ended = false;
    const platform: FakePlatform = await open("#/agents/a-loom", {
      get_agent: () => (ended ? { ...page, agent: gone, receipt } : page),
      list_audit: () => ({ rows: log, more: false, sealing: { state: "off", sealed_at: null } }) as never,
      revoke_agent: async () => {
        const read = platform.argsOf("list_audit").length;
        platform.emit({ type: "agent_changed", agent: gone });
        await waitFor(() => expect(platform.argsOf("list_audit").length).toBeGreaterThan(read));
        log.unshift(row(2, "revoke"));
        ended = true;
        return { agent: gone, receipt };
      },
    });
    const audit = within(await screen.findByRole("region", { name: "Audit" }));
    expect(audit.getAllByRole("listitem")).toHaveLength(1);
    await fireEvent.click(await screen.findByRole("button", { name: "Revoke…" }));
    const sheet = within(await screen.findByRole("dialog", { name: "Revoke loom?" }));
    await fireEvent.input(sheet.getByRole("textbox"), { target: { value: "loom" } });
    await fireEvent.click(sheet.getByRole("button", { name: "Revoke loom" }));
    await waitFor(() => expect(audit.getAllByRole("listitem")).toHaveLength(2));
    expect(audit.getAllByRole("listitem")[0]!.textContent).toContain(m.audit.act.revoke);
    // Whatever has the page read again has the log read again.
    const read = platform.argsOf("list_audit").length;
    platform.emit({ type: "squads_changed", squads: { squads: [] } });
    await waitFor(() => expect(platform.argsOf("list_audit").length).toBeGreaterThan(read));
  });

  test("names for a revoke and on its receipt only what ends, and leads to what is milder", async () => {
    const alone = { ...loom, id: "a-alone", connections: 0 };
    const gone = { ...alone, status: "revoked" as const, revoked_at: receipt.revoked_at };
    const nothing = { ...receipt, streams_closed: 0, waits_cancelled: 0, messages_parked: 0 };
    await open("#/agents/a-alone", {
      get_agent: () => agentPage({ agent: alone }),
      revoke_agent: () => ({ agent: gone, receipt: nothing }),
    });
    await fireEvent.click(await screen.findByRole("button", { name: "Revoke…" }));
    const sheet = within(await screen.findByRole("dialog", { name: "Revoke loom?" }));
    expect(sheet.getAllByRole("listitem").map((each) => each.textContent?.trim())).toEqual(["Its token: the next call is refused"]);
    await fireEvent.click(sheet.getByRole("button", { name: "Rotate…" }));
    await screen.findByRole("dialog", { name: "Rotate the token of loom?" });
    await press("Escape");
    await fireEvent.click(await screen.findByRole("button", { name: "Revoke…" }));
    const again = within(await screen.findByRole("dialog", { name: "Revoke loom?" }));
    await fireEvent.input(again.getByRole("textbox"), { target: { value: "loom" } });
    await fireEvent.click(again.getByRole("button", { name: "Revoke loom" }));
    const told = within(await screen.findByRole("dialog", { name: "Kill receipt" }));
    told.getByText("Nothing was open, and no unread message was left to park.");
    expect(told.queryByRole("listitem")).toBeNull();
  });

  test("says before a revoke which rounds of it go on, and on its receipt which have ended since, and leads there", async () => {
    const gone = { ...loom, status: "revoked" as const, revoked_at: receipt.revoked_at, connections: 0 };
    const at = ["s-1", "s-2"];
    const platform = await open(
      "#/agents/a-loom",
      {
        get_agent: () => agentPage({ agent: loom, sessions_at_work: at }),
        revoke_agent: () => ({ agent: gone, receipt: { ...receipt, streams_closed: 0, waits_cancelled: 0, messages_parked: 0, sessions_at_work: at } }),
      },
      { ...peopled, running: at.map((session_id) => ({ ...liveRound(), session_id, round_id: `r-${session_id}` })) },
    );
    await fireEvent.click(await screen.findByRole("button", { name: "Revoke…" }));
    const sheet = within(await screen.findByRole("dialog", { name: "Revoke loom?" }));
    sheet.getByText("2 rounds that it asked for: they go on, and are paid");
    at.push("s-3");
    platform.emit({ type: "round_changed", round: { ...liveRound(), session_id: "s-3", round_id: "r-s-3" } });
    await sheet.findByText("3 rounds that it asked for: they go on, and are paid");
    at.pop();
    platform.emit({ type: "round_changed", round: { ...liveRound(), session_id: "s-3", round_id: "r-s-3", status: "complete", phase: "done" } });
    await sheet.findByText("2 rounds that it asked for: they go on, and are paid");
    await fireEvent.input(sheet.getByRole("textbox"), { target: { value: "loom" } });
    await fireEvent.click(sheet.getByRole("button", { name: "Revoke loom" }));
    const told = within(await screen.findByRole("dialog", { name: "Kill receipt" }));
    expect(told.queryByText("Nothing was open, and no unread message was left to park.")).toBeNull();
    const items = () => told.getAllByRole("listitem").map((each) => each.textContent?.replace(/\s+/g, " ").trim());
    expect(items()).toEqual([expect.stringMatching(/^2 rounds that it asked for go on, and are paid:/)]);
    platform.emit({ type: "round_changed", round: { ...liveRound(), session_id: "s-1", round_id: "r-s-1", status: "complete", phase: "done" } });
    await waitFor(() => expect(items()).toEqual([expect.stringMatching(/^1 round that it asked for goes on/), expect.stringMatching(/^1 round that it asked for went on, and has ended:/)]));
    const links = told.getAllByRole("link");
    expect(links.map((link) => link.getAttribute("href"))).toEqual(["#/deliberations/s-2", "#/deliberations/s-1"]);
    await fireEvent.click(links[1]!);
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });

  test.each([
    { process_ended: true, process_after_micros: 1_340_000, told: "Its process was ended+ 1.34 s" },
    { process_ended: true, process_after_micros: null, told: "Its process was ended" },
    { process_ended: false, process_after_micros: null, told: "Its process did not end" },
  ])("says on its receipt what became of its process ($told)", async ({ told, ...process }) => {
    const gone = { ...loom, status: "revoked" as const, revoked_at: receipt.revoked_at, connections: 0 };
    const alone = { ...receipt, streams_closed: 0, waits_cancelled: 0, left_after_micros: null, messages_parked: 0, ...process };
    await open("#/agents/a-loom", { get_agent: () => ({ ...page, agent: gone, receipt: alone }) });
    const shown = within(await screen.findByRole("region", { name: "Kill receipt" }));
    expect(shown.getAllByRole("listitem").map((each) => each.textContent?.trim().replace(/\s+/g, " "))).toEqual([told]);
    expect(shown.queryByText("Nothing was open, and no unread message was left to park.")).toBeNull();
  });

  test.each([
    ["2026-11-20T14:30:31.480Z", null],
    ["2026-11-20T14:31:50.000Z", "Last call of any kind"],
  ])("says on its receipt when it called last, where that is no row of the log (%s)", async (last_call_at, said) => {
    const gone = { ...loom, status: "revoked" as const, revoked_at: receipt.revoked_at, last_call_at };
    const platform = await open("#/agents/a-loom", { get_agent: () => ({ ...page, agent: gone, receipt }) });
    platform.emit({ type: "agent_changed", agent: gone });
    const shown = within(await screen.findByRole("region", { name: "Kill receipt" }));
    const facts = () => shown.getAllByRole("term").map((term) => term.textContent);
    await waitFor(() => expect(facts()).toEqual(["Agent", "Token", "Last in the log", ...(said ? [said] : []), "Revoked at", "Row of the audit log"]));
  });

  test("says on its receipt why the case file could not be saved", async () => {
    const gone = { ...loom, status: "revoked" as const, revoked_at: receipt.revoked_at, connections: 0 };
    await open("#/agents/a-loom", {
      get_agent: () => ({ ...page, agent: gone, receipt }),
      export_audit: () => Promise.reject(new RpcError("internal", "The disk is full.")),
    });
    const shown = within(await screen.findByRole("region", { name: "Kill receipt" }));
    await fireEvent.click(shown.getByRole("button", { name: "Save with case file" }));
    await shown.findByText(/The disk is full\./);
  });

  // Two messages of this agent's are unread.
  test.each([
    { id: "a-loom", more: false, told: "4 messages, parked: 2 unread, 2 fetched and not acknowledged" },
    { id: "a-loom", more: true, told: "4 or more messages, parked: 2 unread, 2 or more fetched and not acknowledged" },
    { id: "a-alone", more: false, told: "2 messages it fetched and did not acknowledge, parked" },
    { id: "a-alone", more: true, told: "2 or more messages it fetched and did not acknowledge, parked" },
  ])("counts for a revoke what its receipt counts, the mail that the agent has in hand too, its own alone ($id, more: $more)", async ({ id, more, told }) => {
    const leased = [message(3, { mailbox: id }), message(2, { mailbox: "a-archivist" }), message(1, { mailbox: id })];
    const platform = await open(`#/agents/${id}`, {
      get_agent: () => agentPage({ agent: { ...loom, id } }),
      list_messages: ({ states }) => (states?.includes("leased") ? { messages: leased, more } : { messages: [], more: false }),
    });
    await fireEvent.click(await screen.findByRole("button", { name: "Revoke…" }));
    const sheet = within(await screen.findByRole("dialog", { name: "Revoke loom?" }));
    await sheet.findByText(told);
    expect(platform.argsOf("list_messages")).toContainEqual({ agent_id: id, states: ["leased"] });
    expect(sheet.getAllByText(/, parked/), "once").toHaveLength(1);
  });

  test("names for a revoke what it leaves behind: its clients’ files, and where Discord asks it", async () => {
    const wired = [
      { client: "codex" as const, path: "/home/ada/.codex/loom.config.toml", written_at: "2026-11-19T10:00:00Z", state: "current" as const },
      { client: "claude-code" as const, path: "/home/ada/old/.mcp.json", written_at: "2026-11-18T10:00:00Z", state: "gone" as const },
    ];
    const asked = view({ setup: setup({ default_agent: "loom" }) });
    await open("#/agents/a-loom", { get_agent: () => agentPage({ agent: loom, wired }), discord: () => asked }, bridged);
    await fireEvent.click(await screen.findByRole("button", { name: "Revoke…" }));
    const sheet = within(await screen.findByRole("dialog", { name: "Revoke loom?" }));
    await sheet.findByText("#shipping-ops in Discord: nobody answers there until you choose another agent");
    sheet.getByText("Mentions and direct messages in Discord: nobody answers them until you choose another agent");
    sheet.getByText("Codex, loom.config.toml: the dead token stays in it");
    expect(sheet.queryByText(/\.mcp\.json/)).toBeNull();
  });

  test("does not name for a revoke what Discord asks of another tenant’s agent of that name", async () => {
    const theirs = { ...loom, id: "a-theirs", tenant_id: "harbour" };
    const platform = await open("#/agents/a-theirs", { get_agent: () => agentPage({ agent: theirs }), discord: () => view() }, bridged);
    await fireEvent.click(await screen.findByRole("button", { name: "Revoke…" }));
    const sheet = within(await screen.findByRole("dialog", { name: "Revoke loom?" }));
    await waitFor(() => expect(platform.argsOf("discord")).not.toHaveLength(0));
    expect(sheet.queryByText("What is left behind")).toBeNull();
  });

  test("of one that was revoked says what it had, which neither runs out nor can be changed", async () => {
    const grants = [
      { scope: "mcp:send" as const, ends_at: null, once: false },
      { scope: "mcp:recall" as const, ends_at: "2026-11-20T14:43:00Z", once: false },
      { scope: "mcp:remember" as const, ends_at: "2026-11-20T14:00:00Z", once: false },
    ];
    const gone = { ...loom, grants, status: "revoked" as const, revoked_at: "2026-11-20T14:32:00Z", connections: 0 };
    await open("#/agents/a-gone", { get_agent: () => ({ ...page, agent: { ...gone, id: "a-gone" }, receipt }) });
    const had = within(await screen.findByRole("region", { name: "Scopes it had" }));
    expect(had.getAllByRole("listitem").map((each) => each.querySelector("code")!.textContent)).toEqual(["mcp:send", "mcp:recall"]);
    expect(had.queryByRole("checkbox")).toBeNull();
    expect(had.queryByText(/granted for/)).toBeNull();
  });

  test("folds a long charter, and shows all of it when asked", async () => {
    const charter = `${"You keep the Hamburg manifests and ask before you assign. ".repeat(280)}The end.`;
    await open("#/agents/a-long", { get_agent: () => ({ ...page, agent: { ...loom, id: "a-long", charter } }) });
    const region = await screen.findByRole("region", { name: "Charter" });
    expect(region.querySelector(".said")!.textContent!.length).toBeLessThan(500);
    await fireEvent.click(within(region).getByRole("button", { name: "Show all of it" }));
    expect(region.querySelector(".said")!.textContent).toBe(charter);
    await fireEvent.click(within(region).getByRole("button", { name: "Fold it" }));
    expect(region.textContent).not.toContain("The end.");
  });

  test("of one that Husting runs says which seat it answers from, and leads to another; of nobody else's", async () => {
    const athena = agent("athena", { kind: "managed", token_tail: null, model: "rehearsal-advocate" });
    await open("#/agents/a-athena", { get_agent: () => agentPage({ agent: athena }) }, { ...peopled, agents: [...peopled.agents.filter(({ id }) => id !== athena.id), athena] });
    await screen.findByText(/^Answers from the seat .*advocate/i);
    await fireEvent.click(screen.getByRole("button", { name: "Choose its seat" }));
    within(await screen.findByRole("dialog", { name: "Charter and model of athena" })).getByRole("combobox", { name: /^The seat it answers on/ });
    cleanup();
    await open("#/agents/a-loom", { get_agent: () => page });
    await screen.findByRole("button", { name: "Edit" });
    expect(screen.queryByRole("button", { name: "Choose its seat" })).toBeNull();
  });

  test("keeps a charter half edited through Esc and through news of the agent, until it is saved or discarded", async () => {
    const bodies = new Map<string, string>();
    const kept: Answers = { get_agent: () => page, draft: ({ key }) => ({ body: bodies.get(key) || null }), save_draft: ({ key, body }) => (bodies.set(key, body), {}) };
    const platform = await open("#/agents/a-loom", { ...kept, edit_agent: ({ change }) => ({ agent: { ...loom, charter: change.charter ?? null } }) });
    const edit = async () => {
      await fireEvent.click(await screen.findByRole("button", { name: "Edit" }));
      return within(await screen.findByRole("dialog", { name: /loom/ }));
    };
    const charter = (sheet: Awaited<ReturnType<typeof edit>>) => sheet.getByRole<HTMLTextAreaElement>("textbox", { name: "Charter" });
    const escape = async () => {
      await press("Escape");
      await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    };
    await fireEvent.input(charter(await edit()), { target: { value: "You weave, and" } });
    platform.emit({ type: "agent_changed", agent: { ...loom, unread: 9 } });
    await waitFor(() => expect(bodies.get("charter/a-loom")).toContain("You weave, and"));
    expect(charter(within(screen.getByRole("dialog"))).value).toBe("You weave, and");
    await escape();
    let sheet = await edit();
    expect(charter(sheet).value).toBe("You weave, and");
    await fireEvent.click(sheet.getByRole("button", { name: "Discard" }));
    await waitFor(() => expect(bodies.get("charter/a-loom")).toBe(""));
    sheet = await edit();
    expect(charter(sheet).value).toBe(loom.charter ?? "");
    await fireEvent.input(charter(sheet), { target: { value: "You mend." } });
    await fireEvent.click(sheet.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await waitFor(() => expect(bodies.get("charter/a-loom")).toBe(""));
    expect(charter(await edit()).value).toBe("You mend.");
  });

  test("tells of a charter that was changed elsewhere under the one that is being typed, and takes it where nothing was", async () => {
    const platform = await open("#/agents/a-loom", { get_agent: () => page, edit_agent: () => ({ agent: { ...loom, charter: "You mend." } }) });
    const edit = async () => {
      await fireEvent.click(await screen.findByRole("button", { name: "Edit" }));
      return within(await screen.findByRole("dialog", { name: /loom/ }));
    };
    const sheet = await edit();
    const charter = () => sheet.getByRole<HTMLTextAreaElement>("textbox", { name: "Charter" });
    platform.emit({ type: "agent_changed", agent: { ...loom, charter: "You weave." } });
    await waitFor(() => expect(charter().value).toBe("You weave."));
    expect(sheet.queryByText("Its charter was changed elsewhere meanwhile.")).toBeNull();
    await fireEvent.input(charter(), { target: { value: "You weave and mend." } });
    platform.emit({ type: "agent_changed", agent: { ...loom, charter: "You spin.", model: "claude-opus-4-7" } });
    await sheet.findByText("Its charter was changed elsewhere meanwhile.");
    expect(charter().value).toBe("You weave and mend.");
    await fireEvent.click(sheet.getByRole("button", { name: "What it says now" }));
    sheet.getByText("You spin.");
    await fireEvent.click(sheet.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(platform.argsOf("edit_agent").map(({ change }) => change), "the model is the other's").toEqual([{ charter: "You weave and mend." }]));
  });

  test("tells of a charter that was changed while a half edited one waited", async () => {
    const begun = JSON.stringify({ charter: "You mend", model: loom.model, over: { charter: "You weave.", model: loom.model } });
    await open("#/agents/a-loom", { get_agent: () => page, draft: ({ key }) => ({ body: key === "charter/a-loom" ? begun : null }) });
    await fireEvent.click(await screen.findByRole("button", { name: "Edit" }));
    const sheet = within(await screen.findByRole("dialog", { name: /loom/ }));
    await sheet.findByText("Its charter was changed elsewhere meanwhile.");
    expect(sheet.getByRole<HTMLTextAreaElement>("textbox", { name: "Charter" }).value).toBe("You mend");
  });

  test("warns before a rotation that takes the token from a running program, and says how it gets the new one", async () => {
    await open("#/agents/a-loom", { get_agent: () => page, list_runs: () => ({ runs: [run()] }) });
    await fireEvent.click(await screen.findByRole("button", { name: "Rotate…" }));
    const sheet = within(await screen.findByRole("dialog", { name: "Rotate the token of loom?" }));
    const warning = await sheet.findByText("Its program is running with the old token.");
    sheet.getByText(/Wire again/);
    expect(warning.closest(".body"), "it stands beside the act").toBeNull();
  });

  test("says before a rotation that its client’s file keeps the old token", async () => {
    await open("#/agents/a-loom", { get_agent: () => ({ ...page, wired: [{ client: "codex", path: "/a.toml", written_at: "2026-11-19T10:00:00Z", state: "current" }] }) });
    await fireEvent.click(await screen.findByRole("button", { name: "Rotate…" }));
    const sheet = within(await screen.findByRole("dialog", { name: "Rotate the token of loom?" }));
    const told = sheet.getByText(/^Next you can write the new token/);
    expect(told.previousElementSibling, "it stands under the choice").toBe(sheet.getByRole("radiogroup"));
    expect(sheet.queryByText("Its program is running with the old token.")).toBeNull();
  });

  test("opens by name, and goes on under its id", async () => {
    const platform = await open("#/agents/loom/sessions", { get_agent: () => page });
    await screen.findByRole("heading", { name: "loom", level: 1 });
    expect(location.hash).toBe("#/agents/a-loom/sessions");
    expect(new Set(platform.argsOf("get_agent").map(({ agent_id }) => agent_id))).toEqual(new Set(["a-loom"]));
    expect(document.title).toContain("loom");
  });

  test("of a name that nobody has says that there is no such agent", async () => {
    await open("#/agents/nobody", { get_agent: () => Promise.reject(new RpcError("invalid_request", "That is no id.")) });
    await screen.findByText("There is no such agent.");
  });

  test("gives the keyboard to the safe first thing of each sheet: what is kept, the token's copy, the name to be typed", async () => {
    await open("#/agents/a-loom", { get_agent: () => page, rotate_agent: () => minted("loom") });
    await fireEvent.click(await screen.findByRole("button", { name: "Rotate…" }));
    const rotate = within(await screen.findByRole("dialog", { name: "Rotate the token of loom?" }));
    await waitFor(() => expect(document.activeElement).toBe(rotate.getByRole("radio", { name: "dies at once" })));
    rotate.getByRole("button", { name: "Rotate" }).focus();
    await fireEvent.click(rotate.getByRole("button", { name: "Rotate" }));
    const once = within(await screen.findByRole("dialog", { name: "The token of loom" }));
    await waitFor(() => expect(document.activeElement).toBe(once.getByRole("button", { name: "Copy token" })));
    await fireEvent.click(once.getByRole("button", { name: "Copy token" }));
    await fireEvent.click(await once.findByRole("button", { name: "Done" }));
    await fireEvent.click(await screen.findByRole("button", { name: "Revoke…" }));
    const revoke = within(await screen.findByRole("dialog", { name: "Revoke loom?" }));
    await waitFor(() => expect(document.activeElement).toBe(revoke.getByRole("textbox")));
  });

  test("tells that a scope was given or taken, and takes that back", async () => {
    const set_scope: NonNullable<Answers>["set_scope"] = ({ scope, held }) => {
      const grants = agents[0]!.grants.filter((grant) => grant.scope !== scope);
      return { agent: { ...agents[0]!, grants: held ? [...grants, { scope, ends_at: null, once: false }] : grants } };
    };
    const platform = await open("#/agents/a-loom", { get_agent: () => page, set_scope });
    const scope = (name: string) => screen.findByRole("checkbox", { name });
    await fireEvent.click(await scope("mcp:recall: granted"));
    await screen.findByText("loom may no longer use mcp:recall.");
    await scope("mcp:recall: not granted");
    await press("z", { ctrlKey: true });
    await scope("mcp:recall: granted");
    await fireEvent.click(screen.getByRole("button", { name: "Allow for an hour: mcp:broadcast" }));
    await screen.findByText("loom may use mcp:broadcast for an hour.");
    await press("z", { ctrlKey: true });
    await scope("mcp:broadcast: not granted");
    expect(platform.argsOf("set_scope").map(({ scope, held, for_seconds }) => [scope, held, for_seconds])).toEqual([
      ["mcp:recall", false, undefined],
      ["mcp:recall", true, undefined],
      ["mcp:broadcast", true, 3600],
      ["mcp:broadcast", false, undefined],
    ]);
  });

  test("keeps the count of its sessions after the revoke", async () => {
    const revoked = { ...agents[0]!, status: "revoked" as const, revoked_at: "2026-11-20T14:30:00Z" };
    await open("#/agents/a-loom", { get_agent: () => agentPage({ agent: revoked }), list_runs: () => ({ runs: [run({ ended_at: "2026-11-20T14:30:00Z" })] }) }, { ...peopled, agents: [] });
    await screen.findByRole("tab", { name: "Sessions 1" });
  });

  test("shows a rotated token in a sheet as tall as the window, with no empty line below the token", async () => {
    await open("#/agents/a-loom", { get_agent: () => page, rotate_agent: () => minted("loom") });
    await fireEvent.click(await screen.findByRole("button", { name: "Rotate…" }));
    const sheet = await screen.findByRole("dialog", { name: "Rotate the token of loom?" });
    await fireEvent.click(within(sheet).getByRole("button", { name: "Rotate" }));
    await within(sheet).findByRole("button", { name: "Copy token" });
    expect(sheet.classList).toContain("side");
    expect(sheet.querySelector(".outcome")!.classList).toContain("mute");
  });

  test("is given a new token by the palette's words for it", async () => {
    await open("#/agents/a-loom", { get_agent: () => page });
    await screen.findByRole("button", { name: "Rotate…" });
    await press("k", { ctrlKey: true });
    const input = await screen.findByRole("combobox", { name: "Go to, or do" });
    await fireEvent.input(input, { target: { value: "new token" } });
    await fireEvent.keyDown(input, { key: "Enter" });
    await screen.findByRole("dialog", { name: "Rotate the token of loom?" });
  });

  test("rotates, with the old token going on where that is wished", async () => {
    const platform = await open("#/agents/a-loom", { get_agent: () => page, rotate_agent: () => minted("loom") });
    await fireEvent.click(await screen.findByRole("button", { name: "Rotate…" }));
    const sheet = within(await screen.findByRole("dialog", { name: "Rotate the token of loom?" }));
    const minute = sheet.getByRole("radio", { name: "goes on for a minute" });
    await fireEvent.click(minute);
    await fireEvent.keyDown(minute, { key: "Enter", ctrlKey: true });
    await screen.findByRole("dialog", { name: "The token of loom" });
    expect(platform.argsOf("rotate_agent")).toEqual([{ agent_id: "a-loom", overlap_seconds: 60 }]);
  });

  test.each(["agent_not_found", "invalid_request"])("that is not there (%s) says so in a sentence, and leads to the list", async (code) => {
    await open("#/agents/nope", { get_agent: () => Promise.reject(new RpcError(code, "UUID parsing failed")) });
    const note = (await screen.findByText("There is no such agent.")).closest<HTMLElement>("[role=alert]")!;
    expect(note.textContent).not.toContain(code);
    await fireEvent.click(within(note).getByRole("button", { name: "All agents" }));
    await waitFor(() => expect(location.hash).toBe("#/agents"));
  });

  test("that cannot be read is read again by a button", async () => {
    let reads = 0;
    await open("#/agents/a-nobody", { get_agent: () => (reads++ ? { ...page, agent: { ...loom, id: "a-nobody", agent_name: "nobody" } } : Promise.reject(new RpcError("internal", "The store did not answer."))) });
    await fireEvent.click(await screen.findByRole("button", { name: "Try again" }));
    await screen.findByRole("heading", { name: "nobody" });
  });

  test("that the list knows and whose page cannot be read says so, and is read anew by its button, on return and when Husting answers again", async () => {
    let isThere = false;
    const platform = await open("#/agents/a-loom", { get_agent: () => (isThere ? page : Promise.reject(new RpcError("internal", "The store did not answer."))) });
    const note = async () => (await screen.findByText(/^The agent could not be read\./)).closest<HTMLElement>("[role=alert]")!;
    expect((await note()).textContent).toContain("The store did not answer.");
    expect(screen.queryByText("Reading the agent"), "nothing is on its way").toBeNull();
    isThere = true;
    await fireEvent.click(within(await note()).getByRole("button", { name: "Try again" }));
    await screen.findByRole("tablist", { name: "Views of the agent" });
    isThere = false;
    await goTo("#/agents");
    await goTo("#/agents/a-loom");
    await note();
    isThere = true;
    platform.connection("lost");
    platform.connection("open");
    await screen.findByRole("tablist", { name: "Views of the agent" });
    await goTo("#/agents");
    isThere = false;
    await goTo("#/agents/a-loom");
    await note();
    await goTo("#/agents");
    isThere = true;
    await goTo("#/agents/a-loom");
    await screen.findByRole("tablist", { name: "Views of the agent" });
  });

  test("with a client of its own tells what its deliberations cost, and says nothing where they cost nothing", async () => {
    await open("#/agents/a-loom", { get_agent: () => page, agent_spend: () => ({ agents: [{ agent_id: "a-loom", today: 20_000, month: 310_000 }] }) });
    expect((await screen.findByRole("region", { name: "Spent" })).textContent).toContain("0.31");
    cleanup();
    const platform = await open("#/agents/a-loom", { get_agent: () => page });
    await waitFor(() => expect(platform.argsOf("agent_spend").length).toBeGreaterThan(0));
    expect(screen.queryByRole("region", { name: "Spent" })).toBeNull();
  });
});

test("an agent's overview ends with what was done last and shows what a session says that goes on; the tab counts all of those", async () => {
  const row = (number: number) => ({ row: number, at: "2026-11-20T14:00:00Z", actor: "operator", action: "mint" as const, agent_id: "a-loom", agent_name: "loom", subject: null, body: null, detail: "{}" });
  const rows = Array.from({ length: 12 }, (_, index) => row(12 - index));
  const ended = run({ run_id: "r-old", ended_at: "2026-11-19T10:00:00Z" });
  await open("#/agents/a-loom", {
    get_agent: () => agentPage({ agent: agents[0]! }),
    list_runs: () => ({ runs: [run(), ended] }),
    list_audit: () => ({ rows, more: true, sealing: { state: "off", sealed_at: null } }) as never,
  });
  const audit = within(await screen.findByRole("region", { name: "Audit" }));
  expect(audit.getAllByRole("listitem")).toHaveLength(8);
  expect(audit.getByRole("link").getAttribute("href")).toBe("#/agents/a-loom/audit");
  within(screen.getByRole("region", { name: "Output" })).getByRole("link");
  expect(screen.getByRole("tab", { name: /^Sessions/ }).textContent).toMatch(/2$/);
});

test("the tabs count the same, whichever was opened: notes and the log, which are read then, have no figure", async () => {
  const note = (index: number) => ({ note_id: `n-${index}`, by: "loom", text: `Note ${index}`, context: null, at: "2026-11-20T14:00:00Z" });
  const found = { notes: [note(1)], more: false };
  const platform = await open("#/agents/a-loom/mail", {
    get_agent: () => agentPage({ agent: agents[0]!, squads: ["sales"] }),
    list_messages: () => ({ messages: [], more: false }),
    list_runs: () => ({ runs: [run()] }),
    list_notes: ({ query, squad }) => (query || squad ? found : { notes: [note(1), note(2), note(3)], more: false }) as never,
    list_audit: () => ({ rows: [{ row: 1, at: "2026-11-20T14:00:00Z", actor: "operator", action: "mint", agent_id: "a-loom", agent_name: "loom", subject: null, body: null, detail: "{}" }], more: false, sealing: { state: "off", sealed_at: null } }) as never,
  });
  const told = () => screen.getAllByRole("tab").map(({ textContent }) => textContent?.trim());
  await screen.findByRole("tab", { name: "Sessions 1" });
  const before = told();
  expect(before).toEqual(["Overview", "Sessions 1", "Mail 2", "Memory", "Audit"]);
  expect([platform.argsOf("list_notes"), platform.argsOf("list_audit")], "neither is asked for unseen").toEqual([[], []]);
  await fireEvent.click(screen.getByRole("tab", { name: /^Memory/ }));
  await screen.findByText("Note 3");
  expect(told()).toEqual(before);
  await fireEvent.input(await screen.findByRole("searchbox"), { target: { value: "one" } });
  await waitFor(() => expect(platform.argsOf("list_notes").at(-1)).toMatchObject({ query: "one" }));
  await waitFor(() => expect(screen.queryByText("Note 3")).toBeNull());
  await fireEvent.click(screen.getByRole("tab", { name: /^Audit/ }));
  await waitFor(() => expect(platform.argsOf("list_audit")).toHaveLength(1));
  expect(told()).toEqual(before);
});

test.each([[true, /1 row, sealed with a key in memory, which vouches for nothing before this start/], [false, /1 row$/]])("a log that a key in memory seals (%s) says for how much that vouches", async (in_memory, said) => {
  const row = { row: 1, at: "2026-11-20T14:00:00Z", actor: "operator", action: "mint" as const, agent_id: "a-loom", agent_name: "loom", subject: null, body: null, detail: "{}" };
  await open("#/agents/a-loom/audit", {
    get_agent: () => agentPage({ agent: agents[0]! }),
    list_audit: () => ({ rows: [row], more: false, sealing: { state: "on", public_key: "ab", in_memory } }) as never,
  });
  const section = await screen.findByRole("region", { name: "Audit" });
  await waitFor(() => expect(section.querySelector("header p")?.textContent).toMatch(said));
});

describe("a log that does not follow from what was sealed", () => {
  const FAULTS = ["The log of acme is sealed no further: row 7 is missing.", "The log of local is sealed no further: row 2 was changed."];
  const chain = (name: string, fault: string | null) => ({ chain: name, ok: fault === null, fault });
  const unsealed = (name: string, fault: string, sentence: string) => ({ chain: name, what: "", fault, sentence, todo: null });
  const answers: Answers = {
    get_agent: () => agentPage({ agent: agents[0]! }),
    list_audit: () => ({ rows: [], more: false, sealing: { state: "off", sealed_at: null } }) as never,
    verify_audit: () => ({ ok: false, chains: [chain("acme", null), chain("local", "row 2 was changed")], sealing: { state: "off", why: "", logs: [unsealed("acme", "row 7 is missing", FAULTS[0]!), unsealed("local", "row 2 was changed", FAULTS[1]!)] } }) as never,
    accept_audit: () => ({ ok: true, chains: [chain("acme", null), chain("local", null)], sealing: { state: "not_yet" } }) as never,
  };
  const begin = () => open("#/agents/a-loom/audit", answers, { ...peopled, audit_faults: FAULTS });
  const put = { name: m.audit.accept };

  test("is told of unasked, fault by fault, and accepted by one typed word", async () => {
    const platform = await begin();
    for (const fault of FAULTS) await screen.findByText(fault);
    await fireEvent.click(screen.getByRole("button", put));
    const sheet = within(await screen.findByRole("dialog", { name: m.audit.acceptTitle }));
    await fireEvent.input(sheet.getByRole("textbox"), { target: { value: m.audit.acceptName } });
    await fireEvent.click(sheet.getByRole("button", { name: m.audit.acceptAct }));
    await waitFor(() => expect(screen.queryByRole("button", put)).toBeNull());
    for (const fault of FAULTS) expect(screen.queryByText(fault)).toBeNull();
    expect(platform.argsOf("verify_audit")).toEqual([]);
  });

  test("names once what a check finds too, and is over once another window accepted it", async () => {
    const platform = await begin();
    await fireEvent.click(await screen.findByRole("button", { name: m.audit.verify }));
    await screen.findByText(m.audit.broken("row 2 was changed"));
    screen.getByText(FAULTS[0]!);
    expect(screen.queryByText(FAULTS[1]!)).toBeNull();
    expect(screen.getAllByRole("button", put)).toHaveLength(1);
    platform.emit({ type: "audit_changed", faults: [] });
    await waitFor(() => expect(screen.queryByRole("button", put)).toBeNull());
    expect(screen.queryByText(m.audit.broken("row 2 was changed"))).toBeNull();
  });
});

test("all agents are held from the palette and let go on from the status bar", async () => {
  const platform = await open("#/hall", { set_pause: () => ({}), list_messages: () => ({ messages: [], more: false }) });
  await press("k", { ctrlKey: true });
  const input = await screen.findByRole("combobox", { name: "Go to, or do" });
  await fireEvent.input(input, { target: { value: "pause all" } });
  await fireEvent.keyDown(input, { key: "Enter" });
  const bar = screen.getByRole("contentinfo", { name: "Status" });
  await fireEvent.click(await within(bar).findByRole("button", { name: /Agents paused Let them go on/ }));
  await waitFor(() => expect(platform.argsOf("set_pause")).toEqual([{ paused: true }, { paused: false }]));
});

test.each(["#/hall", "#/agents", "#/agents/scopes", "#/bus"])("that agents are held stands in one line on %s, and they are let go on there", async (fragment) => {
  const platform = await open(fragment, { set_pause: () => ({}), list_messages: () => ({ messages: [], more: false }) }, { ...peopled, paused: true });
  const place = within(screen.getByRole("main"));
  const line = (await place.findByText("All agents are paused.")).closest("[role=status]");
  expect(line!.textContent).toContain("mail queues");
  await fireEvent.click(place.getByRole("button", { name: "Let them go on" }));
  await waitFor(() => expect(platform.argsOf("set_pause")).toEqual([{ paused: false }]));
  await waitFor(() => expect(place.queryByText("All agents are paused.")).toBeNull());
});

describe("axe finds nothing", () => {
  const answers: Answers = { get_agent: () => agentPage({ agent: agents[0]!, receipt, denials: [denial()], squads: ["sales"] }) };
  test.each(["#/agents", "#/agents/scopes", "#/agents/mint", "#/agents/a-loom"])("on %s", async (fragment) => {
    await open(fragment, answers);
    await screen.findAllByText(/loom|Mint an agent/);
    const { violations } = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
  });
});

describe("from the palette", () => {
  async function choose(typed: string, answers: Answers) {
    const platform = await open("#/hall", { list_messages: () => ({ messages: [], more: false }), ...answers });
    await press("k", { ctrlKey: true });
    const input = await screen.findByRole("combobox", { name: "Go to, or do" });
    await fireEvent.input(input, { target: { value: typed } });
    await fireEvent.keyDown(input, { key: "Enter" });
    return platform;
  }

  test("everything is stopped after a second word, and it is said what was, where it is and what brings it back", async () => {
    const [known] = peopled.sessions as [SessionSummary];
    const platform = await choose("stop everything", { stop_all: () => ({ rounds: 2, sessions: [known.session_id, "0199d1f0-0000-7000-8000-0000000000ab"], agents: [{ tenant_id: "local", agent_name: "archivist" }, { tenant_id: "acme", agent_name: "loom" }], programs: [{ tenant_id: "local", agent_name: "archivist", ended: true }, { tenant_id: "acme", agent_name: "loom", ended: false }], bridge: true }) });
    const sheet = within(await screen.findByRole("dialog", { name: "Stop everything?" }));
    sheet.getByText("4 agents will be disabled, and their open calls end.");
    expect(platform.argsOf("stop_all")).toEqual([]);
    await fireEvent.click(sheet.getByRole("button", { name: "Stop everything" }));
    const told = within(await screen.findByRole("dialog", { name: "Everything was stopped" }));
    told.getByText("archivist, loom of acme");
    told.getByText("2 rounds: what was said is kept, and Retry in each session asks the seats that had not answered or reacted.");
    told.getByText("2 agents were disabled: enable each again on its page.");
    expect(told.getAllByRole("link").map((link) => [link.textContent, link.getAttribute("href")])).toEqual([
      [known.title, `#/deliberations/${known.session_id}`],
      ["Session …000000ab", "#/deliberations/0199d1f0-0000-7000-8000-0000000000ab"],
    ]);
    expect(told.getAllByRole("listitem").slice(-5).map((item) => item.textContent)).toEqual(["1 program was ended.", "archivist", "1 program did not end.", "loom of acme", "The Discord bridge: start it again on its screen."]);
    await fireEvent.click(told.getByRole("link", { name: known.title }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });

  test("whoever would stop everything may hold the agents instead, where any may call", async () => {
    const platform = await choose("stop everything", { set_pause: () => ({ paused: true }) as never });
    const sheet = within(await screen.findByRole("dialog", { name: "Stop everything?" }));
    await fireEvent.click(sheet.getByRole("button", { name: m.agents.stop.pauseInstead }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await waitFor(() => expect(platform.argsOf("set_pause")).toEqual([{ paused: true }]));
    expect(platform.argsOf("stop_all")).toEqual([]);
    // They are paused now.
    await press("k", { ctrlKey: true });
    const input = await screen.findByRole("combobox", { name: "Go to, or do" });
    await fireEvent.input(input, { target: { value: "stop everything" } });
    await fireEvent.keyDown(input, { key: "Enter" });
    expect(within(await screen.findByRole("dialog", { name: "Stop everything?" })).queryByRole("button", { name: m.agents.stop.pauseInstead })).toBeNull();
  });

  test("an agent that Husting runs is activated, one that is active is not offered", async () => {
    const kasra = agent("kasra", { kind: "managed" });
    const platform = await choose("activate", { activate_agent: () => ({ agent: kasra }), get_agent: () => agentPage({ agent: kasra }) });
    await waitFor(() => expect(platform.argsOf("activate_agent").length).toBe(1));
    expect(platform.argsOf("activate_agent")[0]!.agent_name).not.toBe("athena");
    await screen.findByRole("heading", { name: "kasra" });
  });

  test("on its own page an agent comes before what can be done to it, and what cannot be undone last", async () => {
    await open("#/agents/a-archivist", { get_agent: () => agentPage({ agent: agents[1]! }), list_messages: () => ({ messages: [], more: false }) });
    await screen.findByRole("heading", { name: "archivist" });
    await press("k", { ctrlKey: true });
    const input = await screen.findByRole("combobox", { name: "Go to, or do" });
    const found = () => screen.getAllByRole("option").map((option) => option.querySelector(".label")!.textContent!);
    await fireEvent.input(input, { target: { value: "archivist" } });
    await waitFor(() => expect(found()[0]).toBe("archivist"));
    expect(found().some((label) => label.startsWith("Disable"))).toBe(true);
    expect(found().at(-1)).toMatch(/^Revoke/);
    // What begins an act's words asks for the act.
    await fireEvent.input(input, { target: { value: "disable" } });
    await waitFor(() => expect(found()[0]).toMatch(/^Disable/));
    await fireEvent.input(input, { target: { value: ">revoke" } });
    // The agent that is open is meant before all others.
    await waitFor(() => expect(found()[0]).toBe("Revoke… archivist"));
    expect(found().length).toBeGreaterThan(1);
    expect(found().every((label) => label.startsWith("Revoke…"))).toBe(true);
    await fireEvent.input(input, { target: { value: "rotate the token" } });
    await waitFor(() => expect(found()[0]).toBe("Rotate: archivist"));
    for (const [typed, meant] of [["delete it", "Revoke… archivist"], ["change charter", "Charter and model of archivist"], ["write to him", "Write to archivist"], ["mail", "Show mail"], ["wake on mail", "Show sessions"]] as const) {
      await fireEvent.input(input, { target: { value: typed } });
      await waitFor(() => expect(found()[0], typed).toBe(meant));
    }
  });

  test("an agent is written to from wherever one is, by its name, and from its mail", async () => {
    const to = () => screen.findByRole<HTMLSelectElement>("combobox", { name: "To" });
    const letters = { list_messages: () => ({ messages: [], more: false }) };
    const shown = async () => (await to()).textContent;
    await choose("write to loom", letters);
    await waitFor(() => expect(location.hash).toMatch(/^#\/bus/));
    expect(await shown()).toContain("loom");
    await waitFor(() => expect(document.activeElement?.tagName).toBe("TEXTAREA"));
    cleanup();
    await open("#/agents/a-loom/mail", { get_agent: () => agentPage({ agent: agent("loom") }), ...letters });
    await fireEvent.click(await screen.findByRole("button", { name: "Write to loom" }));
    expect(await shown()).toContain("loom");
    cleanup();
    await choose("write", letters);
    await waitFor(() => expect(location.hash).toBe("#/bus/all/write"));
    expect(await shown(), "nobody is chosen for whom").toContain("choose who");
  });

  test("an agent is found by its name", async () => {
    await choose("@archiv", { get_agent: () => agentPage({ agent: agents[1]! }) });
    await waitFor(() => expect(location.hash).toBe("#/agents/a-archivist"));
  });
});

test("what of a receipt takes a second line stands clear of the row below it", () => {
  expect(readFileSync("src/features/agents/agent/Receipt.svelte", "utf8")).toMatch(/dl > div \{[^}]*padding-block: 3px;/);
});
