import { cleanup, render, screen, waitFor } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import App from "../../src/App.svelte";
import "../../src/components/SheetDialog.svelte";
import "../../src/features/agents/Agents.svelte";
import "../../src/features/agents/agent/Agent.svelte";
import "../../src/features/bus/Bus.svelte";
import "../../src/features/deliberations/Deliberations.svelte";
import "../../src/features/deliberations/NewDeliberation.svelte";
import "../../src/features/deliberations/session/Session.svelte";
import "../../src/features/discord/Discord.svelte";
import "../../src/features/settings/Settings.svelte";
import "../../src/features/wallet/Wallet.svelte";
import { allInert, inert } from "../../src/format/inert";
import type { SaidInDiscord } from "../../src/generated/SaidInDiscord";
import { RpcError } from "../../src/platform";
import { agent, agentPage, busOf, denial, messages } from "../fixtures/agents";
import { bridged, servers, traffic, view } from "../fixtures/discord";
import { FakePlatform } from "../fixtures/platform";
import { recapped } from "../fixtures/recaps";
import { liveRound } from "../fixtures/rounds";
import { run, wake } from "../fixtures/runs";
import { degradedRound, fromDiscord, steered } from "../fixtures/sessions";
import { summary } from "../fixtures/shared";

vi.setConfig({ testTimeout: 45_000 });

/** Markup that would load or run something, an escape that colours a terminal, and marks that turn what follows around. */
const PAYLOAD = '<img src="x" onerror="window.ran=1"><script>window.ran=2</script><svg onload="window.ran=3"> [a](javascript:window.ran=4) ![b](http://evil.invalid/b.png) \u001B[31mred\u001B[0m \u202Eecurps\u2066';
/** Fields that hold what people, agents, models, providers and Discord wrote. */
const FOREIGN = new Set(
  ("title tags moderator_name said_by application display_name text comment prompt charter agent_name author place name summary context why fault message reference_name " +
    "quote error_message last_message system_words by hindrance command channel_name bot_name category failure claim arc open_question from to").split(" "),
);

const SAID: SaidInDiscord = { author: "Ana", stance: "CHALLENGE", quote: "Ship on Friday.", quoted_model: "gpt-5.4", comment: "Who is on call?" };

/** The same with the payload behind each text that somebody wrote. */
function poisoned<T>(value: T, key = ""): T {
  if (typeof value === "string") return (FOREIGN.has(key) ? `${value} ${PAYLOAD}` : value) as T;
  if (Array.isArray(value)) return value.map((each) => poisoned(each as unknown, key)) as T;
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, poisoned(each as unknown, name)])) as T;
}

function platform(): FakePlatform {
  const live = { ...steered([liveRound()]), summary: summary("s-live", "What runs?", { status: "streaming" }) };
  const failed = { ...steered([degradedRound()]), summary: summary("s-failed", "What failed?", {}) };
  const sessions: Record<string, unknown> = { "s-live": live, "s-failed": failed, "s-recap": recapped() };
  const answers = {
    get_session: ({ session_id }: { session_id: string }) => poisoned(sessions[session_id] ?? fromDiscord()),
    list_said: () => poisoned({ said: [SAID] }),
    get_agent: ({ agent_id }: { agent_id: string }) => poisoned(agentPage({ agent: bridged.agents.find(({ id }) => id === agent_id) ?? agent("loom"), denials: [denial()], wake })),
    list_messages: (asked: never) => poisoned(busOf(messages)(asked)),
    get_thread: () => poisoned({ messages: messages.slice(0, 3), more: false }),
    list_runs: () => poisoned({ runs: [run()] }),
    list_notes: () => poisoned({ notes: [{ note_id: "n-1", text: "Forty pallets.", context: "the count", by: "loom", at: "2026-11-20T09:00:00Z" }], more: false }),
    discord: () => poisoned(view()),
    list_traffic: () => poisoned({ traffic, next: null }),
    list_servers: () => poisoned(servers),
  };
  return new FakePlatform(poisoned({ ...bridged, denials: { denials: [denial()] } }), answers as never);
}

const ROUTES = [
  "#/hall",
  "#/agents",
  "#/agents/scopes",
  "#/agents/a-loom",
  "#/agents/a-loom/sessions",
  "#/agents/a-loom/mail",
  "#/agents/a-loom/memory",
  "#/bus",
  "#/bus/all/3",
  "#/bus/lanes",
  "#/bus/lanes/3",
  "#/bus/squads",
  "#/deliberations",
  "#/deliberations/new",
  ...["live", "claims", "map", "moved", "answers", "recap", "cost", "transcript"].map((tab) => `#/deliberations/s-pricing/${tab}`),
  "#/deliberations/s-live/live",
  "#/deliberations/s-failed/live",
  "#/deliberations/s-recap/recap",
  "#/wallet",
  "#/discord",
  "#/discord/setup",
  "#/settings/models",
  "#/settings/providers",
  "#/settings/panel",
  "#/agents/a-loom/audit",
  "#/discord/life/r-8",
];

beforeEach(() => localStorage.clear());
afterEach(() => {
  cleanup();
  location.hash = "";
});

describe("a text that others wrote", () => {
  test.each([
    ["\u001B[1;31mred\u001B[0m", "red"],
    ["a\u202Egpj.exe\u202C", "agpj.exe"],
    ["one\r\n\ttwo\u0000\u009B", "one\r\n\ttwo"],
    ["مرحبا 👩‍🚀 é", "مرحبا 👩‍🚀 é"],
    ["[12m stays", "[12m stays"],
    ["\u202A\u202B\u202C\u202D\u202Eturned\u2066\u2067\u2068\u2069", "turned"],
  ])("%j is %j", (text, shown) => expect(inert(text)).toBe(shown));
  test("is made inert wherever it stands in an answer, and in an error; a file stays as it is", () => {
    const turned = "\u202Etxt";
    expect(allInert({ a: [{ b: turned }, null, 3], c: { file_name: turned, text: turned } })).toEqual({ a: [{ b: "txt" }, null, 3], c: { file_name: turned, text: turned } });
    expect(new RpcError("internal", turned).message).toBe("txt");
  });
});

test("what Husting tells later is as inert as what it told at first", async () => {
  const host = new FakePlatform();
  location.hash = "#/deliberations";
  render(App, { platform: host });
  await screen.findByRole("navigation", { name: "Places" });
  host.emit({ type: "session_changed", session: poisoned(summary("s-later", "Told later")) });
  const title = await screen.findByText(/^Told later/);
  expect(title.textContent).toContain("red ecurps");
  expect(document.body.innerHTML).not.toMatch(/[\u001B\u202E\u2066]/);
});

test("what comes with the page is as inert", async () => {
  const host = platform();
  host.first = structuredClone(host.snapshot);
  location.hash = "#/deliberations";
  render(App, { platform: host });
  await screen.findByRole("navigation", { name: "Places" });
  await waitFor(() => expect(document.body.textContent).toContain("ecurps"));
  expect(document.body.innerHTML).not.toMatch(/[\u001B\u202E\u2066]/);
});

describe("what others wrote does nothing and turns nothing around", () => {
  test.each(ROUTES)("%s", async (route) => {
    location.hash = route;
    dispatchEvent(new HashChangeEvent("hashchange"));
    render(App, { platform: platform() });
    await screen.findByRole("navigation", { name: "Places" });
    await waitFor(() => expect(document.getElementById("screen")?.textContent).toContain("ecurps"));
    const planted = [...document.querySelectorAll("img, script, iframe, object, form[action], [onerror], [onload]")];
    expect(planted.map((each) => each.outerHTML.slice(0, 80))).toEqual([]);
    const links = [...document.querySelectorAll("a")].map((each) => each.getAttribute("href") ?? "");
    expect(links.filter((href) => !/^(https?:|#)/.test(href))).toEqual([]);
    const marked = /[\u001B\u202A-\u202E\u2066-\u2069]/;
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const turned: string[] = [];
    while (walker.nextNode()) {
      const text = walker.currentNode.nodeValue ?? "";
      if (marked.test(text)) turned.push(`${walker.currentNode.parentElement?.outerHTML.slice(0, 60)}: ${text.slice(0, 40)}`);
    }
    expect(turned).toEqual([]);
    const titles = [...document.querySelectorAll("[title], [aria-label]")].filter((each) => marked.test((each.getAttribute("title") ?? "") + (each.getAttribute("aria-label") ?? "")));
    expect(titles.map((each) => each.outerHTML.slice(0, 80))).toEqual([]);
    expect((globalThis as { ran?: number }).ran).toBeUndefined();
  });
});

test("a provider’s own words do nothing where they are unfolded", async () => {
  location.hash = "#/settings/providers";
  dispatchEvent(new HashChangeEvent("hashchange"));
  render(App, { platform: platform() });
  (await screen.findAllByRole("button", { name: /’s words$/ }))[0]!.click();
  await waitFor(() => expect(document.querySelector("pre.words")?.textContent).toContain("<img"));
  expect(document.querySelectorAll("pre.words *")).toHaveLength(0);
});
