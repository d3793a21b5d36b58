// A client's file: which client, what it says with the secret in it, where it may be written, and what was done.

import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import axe from "axe-core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import App from "../../src/App.svelte";
// Read before the clock of the first test runs: the frame would read them inside that.
import "../../src/components/SheetDialog.svelte";
import "../../src/features/agents/Agents.svelte";
import "../../src/features/agents/agent/Agent.svelte";
import { OpenAgent } from "../../src/features/agents/agent/page.svelte";
import { choices, firstOf, hasTransports, inOrder, remember } from "../../src/features/wiring/clients";
import { isLeftOver, isWhole, offersOf } from "../../src/features/wiring/paths";
import { withSecret } from "../../src/features/wiring/text";
import { fileName, targetWords, writtenWords } from "../../src/features/wiring/words";
import type { WiredFile } from "../../src/generated/WiredFile";
import type { WiringTarget } from "../../src/generated/WiringTarget";
import { RpcError } from "../../src/platform";
import type { Console } from "../../src/state/console.svelte";
import { agent, agentPage, minted, peopled, RAW_TOKEN } from "../fixtures/agents";
import { FakePlatform } from "../fixtures/platform";
import { plan, run } from "../fixtures/runs";
import { snapshot } from "../fixtures/shared";
import { clients, target, wiringOf } from "../fixtures/wiring";

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

/** What Husting says of a path while the file is shown. */
const standing = (part: Partial<WiringTarget>): NonNullable<Answers> => ({
  show_wiring: (asked) => ({ ...wiringOf(asked), ...(asked.path ? { target: target({ path: asked.path, ...part }) } : {}) }),
});

const press = (key: string, init: KeyboardEventInit = {}) => fireEvent.keyDown(document.activeElement ?? document.body, { key, ...init });
const loom = agent("loom");

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

describe("clients", () => {
  test("that were found here come first, each part in its order", () =>
    expect(inOrder(clients).map(({ client }) => client)).toEqual(["codex", "cursor", "claude-code", "vscode", "openclaw"]));
  test("end with any other, which is not looked for", () => expect(choices([]).map(({ client }) => client)).toEqual(["json"]));
  test("begin with the one that was chosen last, as long as it is offered", () => {
    expect(firstOf(clients)).toBe("codex");
    remember("vscode");
    expect(firstOf(clients)).toBe("vscode");
    remember("zed");
    expect(firstOf(clients)).toBe("codex");
    expect(firstOf([])).toBe("json");
  });
  test("that know one way to the bus alone are asked nothing", () => expect((["codex", "zed", "openclaw", "claude-desktop"] as const).filter(hasTransports)).toEqual([]));
});

describe("a client’s text", () => {
  test("has the secret wherever it belongs, as it is", () => expect(withSecret("a <your-token> b <your-token>", "hst_a_$&x")).toBe("a hst_a_$&x b hst_a_$&x"));
});

describe("a path", () => {
  const of = (client: "codex" | "json" | "openclaw") => offersOf(wiringOf({ of: { kind: "new_agent" }, client }));
  test("is offered for this user, and in a project where the client looks there", () => {
    expect(of("codex")).toEqual([{ id: "user", path: "/home/ada/.codex/loom.config.toml" }]);
    expect(of("json").map(({ id }) => id)).toEqual(["user", "project"]);
    expect(of("openclaw")).toEqual([]);
  });
  test.each(["/home/ada/depot", "~/depot", " ~/depot", "C:\\depot", "\\\\host\\share"])("%s says where it is", (path) => expect(isWhole(path)).toBe(true));
  test.each(["", "depot", "./depot", "~ada/depot", "~"])("“%s” does not say where it is", (path) => expect(isWhole(path)).toBe(false));
  test("that an offer put there goes with its client, one that was typed stays", () => {
    expect(isLeftOver("/home/ada/.codex/loom.config.toml", of("codex"))).toBe(true);
    expect(isLeftOver("/home/ada/depot", of("codex"))).toBe(false);
  });
  test.each([["/home/ada/.mcp.json", ".mcp.json"], ["C:\\a\\mcp.json", "mcp.json"], ["/", "/"]])("%s is known as %s", (path, name) => expect(fileName(path)).toBe(name));
});

describe("what stands at a path, in words", () => {
  test.each<[Partial<WiringTarget>, string]>([
    [{}, "A new file, readable by you alone."],
    [{ exists: true }, "No other server is in it. What stands there now is kept beside it."],
    [{ exists: true, other_servers: 1, replaces: true }, "1 other server in it stays as it is, Husting’s entry is replaced. What stands there now is kept beside it."],
    [{ exists: true, replaces: true, anothers: true }, "No other server is in it. A server of the same name that is not Husting’s is replaced. What stands there now is kept beside it."],
    [{ exists: true, other_servers: 12 }, "12 other servers in it stay as they are. What stands there now is kept beside it."],
  ])("%o", (part, words) => expect(targetWords(target(part))).toBe(words));
  test("and what was done with it", () => {
    expect(writtenWords({ client: "json", path: "/a", backup: null, other_servers: 0, replaced_anothers: false, passing_address: true, git: null })).toMatch(/^The address in it holds until Husting ends:/);
    expect(writtenWords({ client: "json", path: "/a", backup: "/a.before-husting", other_servers: 2, replaced_anothers: true, git: "ignored" })).toBe("2 other servers stayed as they were. What stood there before is in /a.before-husting. A server of the same name that was not Husting’s was replaced; it stands in that file. Git leaves the file out.");
  });
});

describe("the token’s sheet", () => {
  async function mint(answers: Answers = {}) {
    const platform = await open("#/agents/mint", { mint_agent: ({ agent_name }) => minted(agent_name), ...answers });
    const sheet = within(await screen.findByRole("dialog", { name: "Mint an agent" }));
    await fireEvent.input(sheet.getByRole("textbox", { name: "Name" }), { target: { value: "porter" } });
    await fireEvent.click(sheet.getByRole("button", { name: "Mint" }));
    const once = within(await screen.findByRole("dialog", { name: "The token of porter" }));
    await once.findByRole("region", { name: "What its client reads" });
    return { platform, once };
  }

  const into = async (once: ReturnType<typeof within>, path: string) => fireEvent.input(once.getByRole("textbox", { name: /^File/ }), { target: { value: path } });

  test("begins with a client that was found, and the choice is remembered", async () => {
    const { once } = await mint();
    const choice = once.getByRole<HTMLSelectElement>("combobox", { name: "Client" });
    expect([...choice.options].map(({ label }) => label).slice(0, 3)).toEqual(["Codex, found here", "Cursor, found here", "Claude Code"]);
    expect(choice.value).toBe("codex");
    await fireEvent.change(choice, { target: { value: "claude-code" } });
    await once.findByRole("button", { name: "Copy JSON" });
    cleanup();
    const again = await mint();
    expect(again.once.getByRole<HTMLSelectElement>("combobox", { name: "Client" }).value).toBe("claude-code");
  });

  test("copies the client’s file with the token, and opens the client’s own page", async () => {
    const { platform, once } = await mint();
    await fireEvent.click(once.getByRole("button", { name: "Copy TOML" }));
    await once.findByText(/^Copied\./);
    expect(await navigator.clipboard.readText()).toContain(`Authorization = "Bearer ${RAW_TOKEN}"`);
    await fireEvent.click(once.getByRole("button", { name: /^Codex’s documentation/ }));
    expect(platform.opened).toEqual(["https://clients.example/codex"]);
  });

  test("has a place for what stands at a path from the moment that it is one", async () => {
    let answer = () => {};
    const { once } = await mint({
      show_wiring: (asked) => (asked.path ? new Promise((done) => (answer = () => done({ ...wiringOf(asked), target: target({ path: asked.path }) }))) : wiringOf(asked)),
    });
    const room = () => document.querySelector(".found");
    expect(room()).toBeNull();
    await into(once, "/home/ada/.codex/config.toml");
    expect(room()?.textContent).toBe("");
    await waitFor(() => (answer(), expect(within(room() as HTMLElement).getByRole("status").textContent).toContain("/home/ada/.codex/config.toml")));
    await into(once, "half");
    expect(room()).toBeNull();
  });

  test("writes the file, says what it did, and may then be closed", async () => {
    const write_wiring: NonNullable<Answers>["write_wiring"] = ({ client, path }) => ({ client, path, backup: `${path}.before-husting`, other_servers: 2, replaced_anothers: false, git: "ignored" });
    const { platform, once } = await mint({ ...standing({ exists: true, other_servers: 2, git: "untracked" }), write_wiring });
    expect(once.getByRole<HTMLButtonElement>("button", { name: "Write file" }).disabled).toBe(true);
    await fireEvent.click(once.getByRole("button", { name: "For this user" }));
    const stands = await once.findByText(/^2 other servers in it stay as they are/);
    expect(stands.closest("[role=status]")!.textContent, "who only hears it does not take it for done").toContain("Not written yet: Enter in the field, or “Write file”, does it.");
    expect(once.getByRole<HTMLInputElement>("checkbox", { name: "Leave it out of Git" }).checked).toBe(true);
    await fireEvent.click(once.getByRole("button", { name: "Write file" }));
    await once.findByText(/What stood there before is in/);
    expect(platform.argsOf("write_wiring")).toEqual([{ of: { kind: "agent", agent_id: "a-porter" }, client: "codex", path: "/home/ada/.codex/loom.config.toml", git_exclude: true, secret: RAW_TOKEN }]);
    const primary = [...document.querySelectorAll("button.primary .words")].map((each) => each.textContent?.trim());
    expect(primary, "one thing is next").toEqual(["Done"]);
    // Another client has a file of its own.
    await fireEvent.change(once.getByRole("combobox", { name: "Client" }), { target: { value: "cursor" } });
    await waitFor(() => expect(once.queryByText(/What stood there before is in/)).toBeNull());
    await once.findByRole("textbox", { name: /^File/ });
    await press("Escape");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });

  test("refused says why beside the path, and keeps what was typed", async () => {
    const { platform, once } = await mint({
      show_wiring: (asked) => (asked.path ? Promise.reject(new RpcError("client_file", "Its folder is not there.")) : wiringOf(asked)),
    });
    await into(once, "depot");
    once.getByText(/^Begin with \//);
    await into(once, "~/nowhere");
    await once.findByText("Its folder is not there.");
    expect(once.getByRole<HTMLInputElement>("textbox", { name: /^File/ }).value).toBe("~/nowhere");
    expect(platform.argsOf("show_wiring").filter(({ path }) => path)).toHaveLength(1);
    expect(once.getByRole<HTMLButtonElement>("button", { name: "Write file" }).disabled).toBe(true);
  });

  test("warns plainly of a file that Git has, and offers no box for it", async () => {
    const { once } = await mint({ ...standing({ exists: true, git: "tracked" }), write_wiring: () => Promise.reject(new RpcError("client_file", "It changed since it was read.")) });
    await into(once, "~/depot");
    const intoView = vi.spyOn(Element.prototype, "scrollIntoView");
    await once.findByText(/^Git has this file already/);
    expect(once.queryByRole("checkbox")).toBeNull();
    expect(intoView, "a warning leaves the reader where they are").not.toHaveBeenCalled();
    await fireEvent.keyDown(once.getByRole("textbox", { name: /^File/ }), { key: "Enter" });
    const refused = (await once.findByText("It changed since it was read.")).closest('[role="alert"]');
    await waitFor(() => expect(intoView.mock.contexts, "what the write was refused for comes into sight").toContain(refused));
    intoView.mockRestore();
    await press("Escape");
    await once.findByText("It has not been copied or written yet.");
  });

  test("keeps a folder that was typed when another client is chosen", async () => {
    const { platform, once } = await mint();
    await into(once, "~/depot");
    await once.findByText(/^A new file/);
    await fireEvent.change(once.getByRole("combobox", { name: "Client" }), { target: { value: "claude-code" } });
    await waitFor(() => expect(platform.argsOf("show_wiring").at(-1)).toMatchObject({ client: "claude-code", path: "~/depot", transport: "http" }));
  });

  test("asks for a file alone where the client has none in a folder, and says why its name is what it is", async () => {
    const { once } = await mint();
    const field = async () => (await once.findByRole<HTMLInputElement>("textbox", { name: /^File/ })).labels![0]!.textContent!.trim();
    await fireEvent.change(once.getByRole("combobox", { name: "Client" }), { target: { value: "claude-code" } });
    await waitFor(async () => expect(await field()).toBe("File or folder"));
    expect(once.getByText("mcp__sos__send").tagName).toBe("CODE");
    expect(once.getByText("sos").closest("p")?.textContent).toContain("The bus’s entry is named sos, so that skills find its tools, such as mcp__sos__send.");
    await fireEvent.change(once.getByRole("combobox", { name: "Client" }), { target: { value: "codex" } });
    await waitFor(async () => expect(await field()).toBe("File"));
  });

  test("shows a command for a client that has no file of ours", async () => {
    const { once } = await mint();
    await fireEvent.change(once.getByRole("combobox", { name: "Client" }), { target: { value: "openclaw" } });
    await once.findByRole("button", { name: "Copy command" });
    expect(once.queryByRole("textbox", { name: /^File/ })).toBeNull();
  });

  test("goes from the written file to launching", async () => {
    const porter = minted("porter").agent;
    const { once } = await mint({
      ...standing({}),
      write_wiring: ({ client, path }) => ({ client, path, backup: null, other_servers: 0, replaced_anothers: false, git: null }),
      get_agent: () => agentPage({ agent: porter }),
      plan_run: () => plan(),
    });
    await fireEvent.click(once.getByRole("button", { name: "For this user" }));
    await once.findByText(/^A new file/);
    await fireEvent.click(once.getByRole("button", { name: "Write file" }));
    await fireEvent.click(await once.findByRole("button", { name: "Launch" }));
    await screen.findByRole("dialog", { name: "Launch porter" });
    expect(location.hash).toBe("#/agents/a-porter/sessions/launch");
  });

  test("says what launching needs, and does it in one press: written, kept, launched", async () => {
    const porter = minted("porter").agent;
    const { platform, once } = await mint({
      ...standing({}),
      write_wiring: ({ client, path }) => ({ client, path, backup: null, other_servers: 0, replaced_anothers: false, git: null }),
      get_agent: () => agentPage({ agent: porter }),
      plan_run: () => plan(),
    });
    const launch = () => once.getByRole<HTMLButtonElement>("button", { name: "Write and launch…" });
    once.getByText("To launch it, write its file first: it reads the token there.");
    expect(launch().disabled).toBe(true);
    await fireEvent.click(once.getByRole("button", { name: "For this user" }));
    await once.findByText(/^A new file/);
    expect(once.queryByText(/^To launch it/)).toBeNull();
    await fireEvent.click(launch());
    await screen.findByRole("dialog", { name: "Launch porter" });
    expect(platform.argsOf("write_wiring")).toHaveLength(1);
  });

  test("does not launch what was not written, and holds the token", async () => {
    const { once } = await mint({ ...standing({}), write_wiring: () => Promise.reject(new RpcError("client_file", "It changed since it was read.")) });
    await fireEvent.click(once.getByRole("button", { name: "For this user" }));
    await once.findByText(/^A new file/);
    await fireEvent.click(once.getByRole("button", { name: "Write and launch…" }));
    await once.findByText("It changed since it was read.");
    await press("Escape");
    await once.findByText("It has not been copied or written yet.");
  });
});

describe("an agent’s wiring", () => {
  const file = (part: Partial<WiredFile>): WiredFile => ({ client: "codex", path: "/home/ada/.codex/loom.config.toml", written_at: "2026-11-19T10:00:00Z", state: "current", ...part });

  test("says of each file what became of it, and what to do", async () => {
    await open("#/agents/a-loom", { get_agent: () => agentPage({ agent: loom, wired: [file({}), file({ path: "/a/.mcp.json", client: "json", state: "old_token" })] }) });
    const region = within(await screen.findByRole("region", { name: "Wiring" }));
    await region.findByText("Codex");
    region.getByText("up to date");
    region.getByText("old token");
    region.getByText(/Wire it again\.$/);
  });

  test("of one that was revoked is left behind, and is not to be written again", async () => {
    const gone = { ...loom, id: "a-gone", status: "revoked" as const, token_tail: null, revoked_at: "2026-11-20T14:32:00Z" };
    await open("#/agents/a-gone", { get_agent: () => agentPage({ agent: gone, wired: [file({ state: "old_token" }), file({ path: "/a/.mcp.json", client: "json", state: "gone" })] }) });
    const region = within(await screen.findByRole("region", { name: "Wiring" }));
    await region.findByText("left behind");
    region.getByText(/Its token opens nothing any more\.$/);
    region.getByText("gone");
    expect(region.queryByText(/Wire it again/)).toBeNull();
    expect(region.getAllByRole("button"), "nothing is in the other").toHaveLength(1);
  });

  test("of one that was revoked is taken out of a file, with what was kept of it", async () => {
    const gone = { ...loom, id: "a-gone", status: "revoked" as const, token_tail: null, revoked_at: "2026-11-20T14:32:00Z" };
    const left = file({ state: "old_token" });
    const wired = [left];
    const platform = await open("#/agents/a-gone", {
      get_agent: () => agentPage({ agent: gone, wired: [...wired] }),
      unwire_agent: ({ path }) => {
        wired.pop();
        return { client: "codex", path, taken_out: true, anothers: false, backup: `${path}.before-husting`, other_servers: 2 };
      },
    });
    const region = within(await screen.findByRole("region", { name: "Wiring" }));
    await fireEvent.click(await region.findByRole("button", { name: "Take it out of loom.config.toml" }));
    await region.findByText(`Taken out of ${left.path}. 2 other servers stayed as they were. What stood there before is in ${left.path}.before-husting, without the token.`);
    expect(platform.argsOf("unwire_agent")).toEqual([{ agent_id: "a-gone", path: left.path }]);
    await waitFor(() => expect(region.queryByText("left behind")).toBeNull());
  });

  test("that could not be taken out says why, stays, and hinders none of the others", async () => {
    const gone = { ...loom, id: "a-gone", status: "revoked" as const, token_tail: null, revoked_at: "2026-11-20T14:32:00Z" };
    const [first, other] = [file({ state: "old_token" }), file({ path: "/a/.mcp.json", client: "json", state: "old_token" })];
    let wired = [first, other];
    await open("#/agents/a-gone/audit", {
      get_agent: () => agentPage({ agent: gone, wired }),
      unwire_agent: ({ path }) => {
        if (path === first.path) return Promise.reject(new RpcError("client_file", "It is read-only."));
        wired = [first];
        return { client: "json", path, taken_out: true, anothers: false, backup: null, other_servers: 0 };
      },
    });
    await screen.findByRole("tab", { name: /^Audit/, selected: true });
    await press("k", { ctrlKey: true });
    const input = await screen.findByRole("combobox", { name: "Go to, or do" });
    await fireEvent.input(input, { target: { value: "clients’ files" } });
    await fireEvent.keyDown(input, { key: "Enter" });
    // What it comes to is told where its files are.
    const region = within(await screen.findByRole("region", { name: "Wiring" }));
    await region.findByText(`It was not taken out of ${first.path}.`);
    region.getByText("It is read-only.");
    await region.findByText("Taken out of /a/.mcp.json.");
    await waitFor(() => expect(region.getAllByText("left behind")).toHaveLength(1));
  });

  test("of one that was revoked is forgotten where the entry is not its own", async () => {
    const gone = { ...loom, id: "a-gone", status: "revoked" as const, token_tail: null, revoked_at: "2026-11-20T14:32:00Z" };
    const wired = [file({ state: "anothers" })];
    const platform = await open("#/agents/a-gone", {
      get_agent: () => agentPage({ agent: gone, wired: [...wired] }),
      unwire_agent: ({ path }) => {
        wired.pop();
        return { client: "codex", path, taken_out: false, anothers: true, backup: null, other_servers: 0 };
      },
    });
    const region = within(await screen.findByRole("region", { name: "Wiring" }));
    await region.findByText("not its entry");
    region.getByText(/is not this agent’s\.$/);
    await fireEvent.click(region.getByRole("button", { name: "Forget loom.config.toml" }));
    await region.findByText(/^The entry in .*loom\.config\.toml is not this agent’s, and stays\.$/);
    expect(platform.argsOf("unwire_agent")).toHaveLength(1);
    await waitFor(() => expect(region.queryByText("not its entry")).toBeNull());
  });

  /** The page of one that was revoked, with these files; each is gone from it once its entry was taken out. */
  async function revoked(wired: WiredFile[]) {
    const gone = { ...loom, status: "revoked" as const, token_tail: null, revoked_at: "2026-11-20T14:32:00Z" };
    const platform = await open(
      "#/agents/a-loom",
      {
        get_agent: () => agentPage({ agent: gone, wired: [...wired] }),
        unwire_agent: ({ path }) => {
          wired = wired.filter((each) => each.path !== path);
          return { client: "codex", path, taken_out: true, anothers: false, backup: null, other_servers: 0 };
        },
      },
      { ...peopled, agents: peopled.agents.map((each) => (each.id === gone.id ? gone : each)) },
    );
    return { platform, region: within(await screen.findByRole("region", { name: "Wiring" })) };
  }

  async function fromPalette(files = "") {
    await press("k", { ctrlKey: true });
    await fireEvent.input(await screen.findByRole("combobox", { name: "Go to, or do" }), { target: { value: "clients’ files" } });
    const row = await screen.findByRole("option", { name: /^Take loom out of its clients’ files/ });
    expect(row.textContent).toContain(files);
    await fireEvent.click(row);
  }

  test("says what was done, and only of the file that was meant last", async () => {
    const { region } = await revoked([file({ path: "/a/one.toml", state: "old_token" }), file({ path: "/a/two.toml", state: "old_token" })]);
    await fireEvent.click(await region.findByRole("button", { name: "Take it out of one.toml" }));
    await region.findByText("Taken out of /a/one.toml.");
    await waitFor(() => expect(region.queryByRole("button", { name: "Take it out of one.toml" })).toBeNull());
    await fireEvent.click(await region.findByRole("button", { name: "Take it out of two.toml" }));
    await region.findByText("Taken out of /a/two.toml.");
    await waitFor(() => expect(region.queryByRole("listitem")).toBeNull());
    expect(region.queryByText("Taken out of /a/one.toml.")).toBeNull();
    expect(region.queryByText("No client’s file was written for it."), "one was").toBeNull();
  });

  test("is taken out from the palette of all files that still have it, and of no other", async () => {
    const { platform, region } = await revoked([file({ path: "/a/one.toml", state: "old_token" }), file({ path: "/a/gone.toml", state: "gone" }), file({ path: "/a/two.toml", state: "changed" })]);
    await region.findAllByText("left behind");
    await fromPalette("/a/one.toml, /a/two.toml");
    await region.findByText("Taken out of /a/two.toml.");
    expect(platform.argsOf("unwire_agent").map(({ path }) => path)).toEqual(["/a/one.toml", "/a/two.toml"]);
    await waitFor(() => expect(region.queryByText("left behind")).toBeNull());
    expect(platform.argsOf("unwire_agent")).toHaveLength(2);
  });

  test("is read anew once it was taken out, also where another was refused", async () => {
    const asked: string[] = [];
    const call = async (command: string, { path }: { path?: string }) => {
      asked.push([command, path].filter(Boolean).join(" "));
      if (path === "/a/two.toml") throw new RpcError("client_file", "It is read-only.");
      return command === "get_agent" ? agentPage({ agent: loom }) : { client: "codex", path, taken_out: true, anothers: false, backup: null, other_servers: 0 };
    };
    const page = new OpenAgent({ call } as unknown as Console, "a-loom");
    await page.unwire(["/a/one.toml", "/a/two.toml", "/a/three.toml"].map((path) => file({ path })));
    expect(asked).toEqual(["unwire_agent /a/one.toml", "unwire_agent /a/two.toml", "unwire_agent /a/three.toml", "get_agent"]);
    expect(page.unwiring.done.map(({ path }) => path)).toEqual(["/a/one.toml", "/a/three.toml"]);
  });

  test("of one that lives is not taken out by a slip", async () => {
    await open("#/agents/a-loom", { get_agent: () => agentPage({ agent: loom, wired: [file({ state: "old_token" })] }) });
    const region = within(await screen.findByRole("region", { name: "Wiring" }));
    await region.findByText("old token");
    expect(region.queryByRole("button", { name: /^Take it out/ })).toBeNull();
  });

  test("that a revocation leaves behind is taken out of all files from its receipt", async () => {
    const files = [file({ state: "old_token" }), file({ path: "/a/.mcp.json", client: "json", state: "old_token" }), file({ path: "/b/.mcp.json", client: "json", state: "gone" })];
    const gone = { ...loom, status: "revoked" as const, revoked_at: "2026-11-20T14:32:00Z", connections: 0 };
    const receipt = { last_accepted: null, revoked_at: gone.revoked_at, row: 8, token_tails: [], accepted_since: 0, streams_closed: 0, waits_cancelled: 0, left_after_micros: null, process_ended: null, process_after_micros: null, messages_parked: 0, sessions_at_work: [] };
    let ended = false;
    let left = files;
    const platform = await open("#/agents/a-loom", {
      get_agent: () => agentPage({ agent: ended ? gone : loom, wired: left, receipt: ended ? receipt : null }),
      revoke_agent: () => ((ended = true), { agent: gone, receipt }),
      unwire_agent: ({ path }) => {
        left = left.filter((each) => each.path !== path);
        return { client: "json", path, taken_out: path !== "/a/.mcp.json", anothers: false, backup: null, other_servers: 0 };
      },
    });
    await fireEvent.click(await screen.findByRole("button", { name: "Revoke…" }));
    const sheet = within(await screen.findByRole("dialog", { name: "Revoke loom?" }));
    await fireEvent.input(sheet.getByRole("textbox"), { target: { value: "loom" } });
    await fireEvent.click(sheet.getByRole("button", { name: "Revoke loom" }));
    const told = within(await screen.findByRole("dialog", { name: "Kill receipt" }));
    told.getByText("2 files still have the dead token.");
    await fireEvent.click(told.getByRole("button", { name: "Take it out of both" }));
    await told.findByText(`Taken out of ${files[0]!.path}.`);
    await told.findByText("Nothing of Husting’s was in /a/.mcp.json any more.");
    expect(platform.argsOf("unwire_agent").map(({ path }) => path)).toEqual([files[0]!.path, files[1]!.path]);
    await waitFor(() => expect(told.queryByText(/still ha/)).toBeNull());
  });

  test("of one that never was is asked for as such, and says why its token changes", async () => {
    await open("#/agents/a-loom", { get_agent: () => agentPage({ agent: loom }) });
    await screen.findByText(/Wire it, and its client reaches the bus/);
    await fireEvent.click(screen.getByRole("button", { name: "Wire…" }));
    const sheet = within(await screen.findByRole("dialog", { name: "Wire loom?" }));
    sheet.getByText(/^Its token was shown once and is kept nowhere/);
    sheet.getByRole("button", { name: "Wire" });
  });

  test("names its clients before they were looked for", async () => {
    await open("#/agents/a-loom", { get_agent: () => agentPage({ agent: loom, wired: [file({ client: "claude-desktop" })] }), list_clients: () => Promise.reject(new RpcError("internal", "No.")) });
    const region = within(await screen.findByRole("region", { name: "Wiring" }));
    await region.findByText("Claude Desktop");
  });

  test("after a rotation offers to write the new token where the old one stands", async () => {
    const last = file({ client: "json", path: "/home/ada/work/.mcp.json" });
    const platform = await open("#/agents/a-loom", { get_agent: () => agentPage({ agent: loom, wired: [last, file({})] }), rotate_agent: () => minted("loom"), ...standing({ exists: true, replaces: true }) });
    await fireEvent.click(await screen.findByRole("button", { name: "Rotate…" }));
    const asked = within(await screen.findByRole("dialog", { name: "Rotate the token of loom?" }));
    await fireEvent.click(asked.getByRole("button", { name: "Rotate" }));
    const field = await screen.findByLabelText<HTMLInputElement>(/^File/);
    expect(field.value).toBe(last.path);
    await waitFor(() => expect(screen.getByRole<HTMLButtonElement>("button", { name: "Write file" }).disabled).toBe(false));
    await fireEvent.click(screen.getByRole("button", { name: "Write file" }));
    await waitFor(() => expect(platform.argsOf("write_wiring")).toMatchObject([{ client: "json", path: last.path }]));
  });

  async function rewire(answer: NonNullable<Answers>["rewire_agent"]) {
    const platform = await open("#/agents/a-loom", { get_agent: () => agentPage({ agent: loom, wired: [file({ state: "changed" })] }), ...standing({ exists: true, replaces: true }), rewire_agent: answer });
    await fireEvent.click(await screen.findByRole("button", { name: "Wire again…" }));
    const sheet = within(await screen.findByRole("dialog", { name: "Wire loom again?" }));
    await sheet.findByText(/entry is replaced/);
    expect([...sheet.getByRole<HTMLSelectElement>("combobox", { name: "Client" }).options].map(({ value }) => value)).not.toContain("openclaw");
    await fireEvent.click(sheet.getByRole("button", { name: "Wire again" }));
    return platform;
  }

  test("of a running program says that it is to be launched again", async () => {
    await open("#/agents/a-loom", { get_agent: () => agentPage({ agent: loom, wired: [file({})] }), list_runs: () => ({ runs: [run()] }) });
    await fireEvent.click(await screen.findByRole("button", { name: "Wire again…" }));
    const sheet = within(await screen.findByRole("dialog", { name: "Wire loom again?" }));
    await sheet.findByText("Its program is running with the old token.");
    sheet.getByText(/stop it and launch it again/);
  });

  test("is written anew and tried, without the token being shown", async () => {
    const platform = await rewire(({ client, path }) => ({ agent: loom, mcp: null, answered: true, old_ended: true, also: [], left: [], wired: { client, path, backup: null, other_servers: 0, replaced_anothers: false, git: null } }));
    await screen.findByRole("dialog", { name: "Wired again" });
    screen.getByText(/^A call with the new token was answered/);
    expect(platform.argsOf("rewire_agent")).toEqual([{ agent_id: "a-loom", client: "codex", path: "/home/ada/.codex/loom.config.toml" }]);
    await press("Escape");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });

  test("says before it that its other files get the new token too, and after it which have it and which have not", async () => {
    const paths = ["/home/ada/.cursor/mcp.json", "/home/ada/.config/zed/settings.json"];
    const wired = [file({}), ...paths.map((path) => file({ path })), file({ path: "/gone", state: "gone" }), file({ path: "/kims", state: "anothers" })];
    const also = { client: "cursor" as const, path: paths[0]!, backup: null, other_servers: 1, replaced_anothers: false, git: null };
    await open("#/agents/a-loom", {
      get_agent: () => agentPage({ agent: loom, wired }),
      ...standing({ exists: true, replaces: true }),
      rewire_agent: ({ client, path }) => ({ agent: loom, mcp: null, answered: true, old_ended: false, wired: { ...also, client, path }, also: [also], left: [{ path: paths[1]!, why: "It is not valid JSON." }] }),
    });
    await fireEvent.click(await screen.findByRole("button", { name: "Wire again…" }));
    const sheet = within(await screen.findByRole("dialog", { name: "Wire loom again?" }));
    await sheet.findByText("Its 2 other files get the new token too.");
    await fireEvent.click(sheet.getByRole("button", { name: "Wire again" }));
    const done = within(await screen.findByRole("dialog", { name: "Wired again" }));
    done.getByText("2 files have loom’s new token.");
    expect(done.getAllByRole("status").map(({ textContent }) => textContent).join(" ")).toContain(paths[0]!);
    done.getByText(`${paths[1]} could not be written, and has the old token.`);
    done.getByText("It is not valid JSON.");
    done.getByText("A call with the new token was answered. The old one goes on for a minute.");
  });

  test("that could not be written shows the new token once, why, and which other files have it", async () => {
    const also = { client: "cursor" as const, path: "/home/ada/.cursor/mcp.json", backup: null, other_servers: 1, replaced_anothers: false, git: null };
    await rewire(() => ({ ...minted("loom"), answered: null, old_ended: false, also: [also], left: [], not_written: "The disk is full." }));
    const once = within(await screen.findByRole("dialog", { name: "The token of loom" }));
    once.getByText(/The disk is full\./);
    once.getByText("Its other file has the new token.");
    once.getByText(also.path);
    await press("Escape");
    await once.findByText("It has not been copied or written yet.");
  });
});

describe("the hall", () => {
  test("offers a client that was found while nobody has a token, and goes to minting with it", async () => {
    await open("#/hall", {}, { ...peopled, agents: [], denials: { denials: [] } });
    const offer = within(await screen.findByRole("region", { name: "Clients on this machine" }));
    offer.getByText("Codex is installed here.");
    offer.getByText(/and be started from here\.$/);
    await fireEvent.click(offer.getByRole("button", { name: "Put it on the bus" }));
    await screen.findByRole("dialog", { name: "Mint an agent" });
    expect(firstOf(clients.filter(({ client }) => client !== "cursor"))).toBe("codex");
  });

  const files = (wired: Record<string, WiredFile[]>): Answers => ({ get_agent: ({ agent_id }) => agentPage({ agent: agent(agent_id.slice(2)), wired: wired[agent_id] ?? [] }) });
  const codex = (part: Partial<WiredFile> = {}): WiredFile => ({ client: "codex", path: "/home/ada/.codex/loom.config.toml", written_at: "2026-11-19T10:00:00Z", state: "current", ...part });
  const CLIENTS = { name: "Clients on this machine" };

  test("offers a client to which no agent is wired, whatever agents there are", async () => {
    await open("#/hall", files({ "a-archivist": [codex()] }));
    within(await screen.findByRole("region", CLIENTS)).getByText(/^Cursor /);
    cleanup();
    await open("#/hall", files({ "a-archivist": [codex({ state: "gone" })] }));
    within(await screen.findByRole("region", CLIENTS)).getByText(/^Codex /);
  });

  test("offers none once each that was found has an agent, and does not ask on", async () => {
    const platform = await open("#/hall", files({ "a-archivist": [codex(), codex({ client: "cursor", state: "old_token" })] }));
    await screen.findByRole("heading", { name: "Hall" });
    await waitFor(() => expect(platform.argsOf("get_agent")).toHaveLength(1));
    expect(screen.queryByRole("region", CLIENTS)).toBeNull();
  });

  test("offers none of which it is not known", async () => {
    const platform = await open("#/hall", { get_agent: () => Promise.reject(new RpcError("store_unavailable", "The disk is full.")) });
    await screen.findByRole("heading", { name: "Hall" });
    await waitFor(() => expect(platform.argsOf("get_agent")).toHaveLength(1));
    expect(screen.queryByRole("region", CLIENTS)).toBeNull();
  });

  test("lists what was found among the first steps", async () => {
    await open("#/hall", {}, { ...snapshot, sessions: [], session_count: 0, convened: false, running: [], agents: [] });
    const list = within(await screen.findByRole("list", { name: "Clients on this machine" }));
    expect(list.getAllByRole("listitem").map((row) => row.querySelector("b")!.textContent)).toEqual(["Codex", "Cursor"]);
  });
});

test("axe finds nothing in the token’s sheet", async () => {
  await open("#/agents/mint", { mint_agent: ({ agent_name }) => minted(agent_name), ...standing({ exists: true, git: "untracked" }) });
  const sheet = within(await screen.findByRole("dialog", { name: "Mint an agent" }));
  await fireEvent.input(sheet.getByRole("textbox", { name: "Name" }), { target: { value: "porter" } });
  await fireEvent.click(sheet.getByRole("button", { name: "Mint" }));
  await fireEvent.click(await screen.findByRole("button", { name: "For this user" }));
  await screen.findByRole("checkbox", { name: "Leave it out of Git" });
  const { violations } = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
});
