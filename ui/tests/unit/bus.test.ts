import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import axe from "axe-core";
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import App from "../../src/App.svelte";
import Delivery from "../../src/components/Delivery.svelte";
import "../../src/components/SheetDialog.svelte";
import "../../src/features/bus/Bus.svelte";
import { asked, ANY } from "../../src/features/bus/filter";
import { stateAt } from "../../src/features/bus/lanes/moments";
import { factsOf } from "../../src/features/bus/message/facts";
import Readers from "../../src/features/bus/message/Readers.svelte";
import { reachedOf, readerName, recipientName, senderName } from "../../src/features/bus/reached";
import { worded } from "../../src/features/bus/worded";
import type { Reach } from "../../src/generated/Reach";
import type { Snapshot } from "../../src/generated/Snapshot";
import { m } from "../../src/messages";
import { RpcError } from "../../src/platform";
import { agent, agentPage, broadcast, busOf, message, messages, peopled } from "../fixtures/agents";
import { press } from "../fixtures/page";
import { FakePlatform } from "../fixtures/platform";
import { run } from "../fixtures/runs";

vi.setConfig({ testTimeout: 30_000 });

type Answers = ConstructorParameters<typeof FakePlatform>[1];

async function open(fragment: string, answers: Answers = {}, held = messages, from = peopled): Promise<FakePlatform> {
  const platform = new FakePlatform(from, { list_messages: busOf(held), get_thread: () => ({ messages: [held[0]!], more: false }), ...answers });
  location.hash = fragment;
  dispatchEvent(new HashChangeEvent("hashchange"));
  render(App, { platform });
  await screen.findByRole("navigation", { name: "Places" });
  return platform;
}

const tail = async () => within(await screen.findByRole("list", { name: "Messages" }));

beforeEach(() => localStorage.clear());
afterEach(() => {
  cleanup();
  location.hash = "";
});

test("names have the room of the day where all messages are of today", async () => {
  const roomOf = async (...at: string[]) => {
    cleanup();
    await open("#/bus", {}, at.map((sent_at, index) => message(at.length - index, { sent_at })));
    return (await screen.findByRole("list", { name: "Messages" })).closest<HTMLElement>(".tail")!.style.getPropertyValue("--time");
  };
  const [now, before] = [new Date().toISOString(), "2026-11-20T08:00:00Z"];
  expect([await roomOf(now), await roomOf(now, before), await roomOf(before, now)]).toEqual(["56px", "76px", "76px"]);
});

describe("a question from Discord", () => {
  /** Rows that the program's own rule is held to as well: `crates/domain/src/worded.rs`. */
  const table = JSON.parse(readFileSync("../tests/fixtures/worded.json", "utf8")) as { request: string } & Record<"rows" | "answers", { name: string; text: string; words: string }[]>;
  const ID = "7c1e3a52-0c7e-4d0f-9a64-0f2f6f3a9b11";
  const howToReply = (id: string) => `To reply, send a message to discord-connector with {ack_for:${id}} in its text; what else you write in it is posted there.)`;
  const asked = message(8, { origin: "discord", from: "discord:Ines", from_agent: null, request_id: ID, text: `[request_id:${ID}] Which plan?\n\n(Ines wrote this in Discord. ${howToReply(ID)}` });

  test.each([
    ["its own marker at the very start", {}, "Which plan?"],
    ["a marker that names another request", { request_id: "other" }, "[request_id:"],
    ["a marker of an agent's", { origin: "agent" as const }, "[request_id:"],
    ["a marker further on", { text: `See [request_id:${ID}] Which plan?` }, "See [request_id:"],
    ["a marker of another form", { text: "[request_id:7] Which plan?", request_id: "7" }, "[request_id:7] Which"],
  ])("with %s", (_, part, begins) => {
    const { words, marker } = worded({ ...asked, ...part });
    expect(words.startsWith(begins)).toBe(true);
    expect(marker).toBe(begins === "Which plan?" ? `[request_id:${ID}]` : null);
  });

  test.each(table.rows)("is shown without what is for machines: $name", ({ text, words }) => {
    expect(worded({ ...asked, request_id: table.request, text }).words).toBe(words);
  });

  test("is shown as fast where a stranger wrote many blanks", () => {
    const blanks = `Why?${" ".repeat(100_000)}x`;
    const begun = performance.now();
    expect(worded({ ...asked, text: `[request_id:${ID}] ${blanks}` }).words).toBe(blanks);
    expect(worded({ ...asked, text: `[request_id:${ID}] ${blanks}\n\n<!--mumega-discord-ctx:{"request_id":"${ID}"}-->` }).words).toBe(blanks);
    // A pattern that tries each blank anew takes seconds.
    expect(performance.now() - begun).toBeLessThan(1_000);
  });

  test("says that its thread goes on, where only the nearest were read", async () => {
    await open("#/bus/all/8", { get_thread: () => ({ messages: [messages[0]!, asked], more: true }) }, [...messages, asked]);
    const thread = await screen.findByRole("region", { name: "Thread" });
    expect(within(thread).getAllByRole("listitem")).toHaveLength(2);
    expect(thread.textContent).toContain("These are the 2 nearest to it; there are more.");
  });

  test("stands in the list with the person’s words alone", async () => {
    await open("#/bus", {}, [...messages, asked]);
    const said = [...(await tail()).getAllByRole("listitem")].map((row) => row.querySelector(".said")?.textContent);
    expect(said).toContain("Which plan?");
  });

  test.each(table.answers)("is answered in words, without the mark that names it: $name", ({ text, words }) => {
    const read = (in_reply_to: string | null) => worded(message(9, { origin: "agent", text, in_reply_to }));
    expect(read("q-1")).toMatchObject({ words, text });
    expect(read(null).words).toBe(text);
  });

  test("shows the words, behind them what the agent is told, and the marker; all of it copied is what is stored", async () => {
    await open("#/bus/all/8", { get_thread: () => ({ messages: [asked], more: false }) }, [...messages, asked]);
    const panel = await screen.findByRole("complementary", { name: "Message from Ines to loom" });
    const said = panel.querySelector<HTMLElement>(".words > span")!;
    expect(said.textContent).toBe(`Which plan?\n\n(Ines wrote this in Discord. ${howToReply(ID)} [request_id:${ID}]`);
    const copy = () => {
      const clipboardData = { setData: vi.fn() };
      const event = Object.assign(new Event("copy", { bubbles: true, cancelable: true }), { clipboardData });
      said.dispatchEvent(event);
      return event.defaultPrevented ? clipboardData.setData.mock.calls : "the browser’s";
    };
    document.getSelection()!.selectAllChildren(said);
    expect(copy()).toEqual([["text/plain", asked.text]]);
    document.getSelection()!.setBaseAndExtent(said.firstChild!, 0, said.firstChild!, 5);
    expect(copy()).toBe("the browser’s");
  });
});

describe("how far a message came", () => {
  const words = Object.fromEntries(messages.map((each) => [each.place, reachedOf(each).word]));
  test("is told in the word beside its cells", () =>
    expect(words).toEqual({ 1: "acknowledged", 2: "withdrawn", 3: "parked, delivered 5 times", 4: "persisted", 5: "fetched, leased", 6: "persisted", 7: "answered in 4.5 s" }));
  test("says what its word means to whoever rests on it", async () => {
    await open("#/bus");
    const parked = (await tail()).getByText("parked, delivered 5 times");
    expect(parked.closest("[title]")?.getAttribute("title")).toBe("parked, delivered 5 times: It was delivered 5 times and not acknowledged. It is delivered to nobody until you redeliver it.");
  });
  test.each([
    ["a request that ran out of tries", { request_id: "r-1", deliveries: 5 }, "delivered 5 times"],
    ["a request whose reader was revoked", { request_id: "r-1", deliveries: 4 }, "reader was revoked"],
    ["a plain one whose reader was revoked", { request_id: null, deliveries: 2 }, "reader was revoked"],
    ["one that its reader never had", { request_id: null, deliveries: 0, fetched_at: null }, "reader was revoked"],
  ])("that is parked is told by its cause, in its row as in its facts: %s", (_, part, cause) => {
    const parked = message(1, { state: "parked", acknowledged_at: null, acknowledged_by: null, ended_at: "2026-11-20T14:31:00Z", ...part });
    expect(reachedOf(parked)).toMatchObject({ how: "resting", word: `parked, ${cause.replace("was ", "")}`, brief: "parked" });
    expect(reachedOf(parked).meaning).toContain(cause);
    expect(factsOf(parked, 600).at(-1)!.more).toContain(cause);
  });
  test.each([[64_000, "1 min"], [725_000, "12 min"], [7_205_000, "2 h"]])("an answer after %d ms is told in one figure, and where that has no room by the word alone", (ms, time) => {
    const answered = { ...messages[6]!, answered_at: new Date(Date.parse(messages[6]!.sent_at) + ms).toISOString() };
    expect(reachedOf(answered).word).toBe(`answered in ${time}`);
    expect(reachedOf(answered).brief).toBe("answered");
  });
  test("fills a cell for each stored fact and for nothing else", () =>
    expect(messages.map((each) => reachedOf(each).facts)).toEqual([3, 1, 2, 1, 2, 1, 4]));
  test.each([
    ["held, and its id was answered", { state: "held" as const, fetched_at: null, acknowledged_at: null, acknowledged_by: null, answered_at: "2026-11-20T14:28:20Z", ended_at: "2026-11-20T14:28:10Z" }, "■□□■"],
    ["answered by the operator", { mailbox: null, state: "done" as const, fetched_at: null, answered_at: "2026-11-20T14:28:20Z" }, "■□■■"],
    ["marked as read by the operator", { mailbox: null, state: "done" as const, fetched_at: null, answered_at: null }, "■□■□"],
    ["acknowledged", {}, "■■■□"],
  ])("fills no cell of a fact that never came before a later one: %s", (_, part, cells) => {
    const { container } = render(Delivery, { reached: reachedOf(message(1, part)) });
    expect([...container.querySelectorAll("i")].map((cell) => (cell.classList.contains("full") ? "■" : "□")).join("")).toBe(cells);
  });
  test("names its end with its reason", () => {
    const facts = factsOf(messages[2]!, 600);
    expect(facts.map(({ id, is }) => `${id} ${is}`)).toEqual(["persisted true", "fetched true", "acknowledged false", "answered false", "parked true"]);
    expect(facts[1]!.more).toBe("Delivery 5 of 5.");
  });
  test.each([
    ["answered by the operator", message(1, { mailbox: null, state: "done", fetched_at: null, deliveries: 0, acknowledged_by: "reply", answered_at: "2026-11-20T14:28:20Z" }), "never You answered it here, without fetching it."],
    ["marked as read by the operator", message(1, { mailbox: null, state: "done", fetched_at: null, deliveries: 0, acknowledged_by: "ack" }), "never You read it here, without fetching it."],
    ["taken back unread", messages[1]!, "never"],
    ["waiting", messages[3]!, "not yet"],
    ["waiting again after it was taken back and answered", { ...messages[3]!, answered_at: "2026-11-20T14:28:20Z" }, "not yet"],
  ])("is not awaited where it can come no more: %s", (_, given, told) => {
    const { time, more } = factsOf(given, 600)[1]!;
    expect([time, more].filter(Boolean).join(" ")).toBe(told);
  });
  test("stands in the tail as in the lanes, also where an answer came after it was taken back", () => {
    const both = { ...messages[1]!, answered_at: "2026-11-20T14:30:00Z" };
    expect([reachedOf(both).word, stateAt(both, Date.parse("2026-11-20T15:00:00Z"))]).toEqual(["withdrawn", "withdrawn"]);
    expect(factsOf(both, 600).at(-1)).toMatchObject({ id: "withdrawn", is: true });
  });
  test("a lease says when the message comes back", () => expect(factsOf(messages[4]!, 600)[1]!.more).toBe("Delivery 1 of 2. It comes back if nothing is said for 10 minutes."));
});

describe("how far a broadcast came", () => {
  const at = (part: Partial<Reach>) => message(1, { broadcast: true, squad: "sales", reach: { mailboxes: 3, fetched: 0, acknowledged: 0, answered: 0, withdrawn: 0, parked: 0, ...part } });
  test.each<[Partial<Reach>, Partial<ReturnType<typeof reachedOf>>]>([
    [{}, { facts: 1, whole: 1, how: "stored", word: "persisted" }],
    [{ fetched: 2 }, { facts: 2, whole: 1, how: "stored", word: "fetched by 2 of 3" }],
    [{ fetched: 3, acknowledged: 3 }, { facts: 3, whole: 3, how: "stored", word: "acknowledged by 3 of 3", brief: "ack. 3 of 3" }],
    [{ fetched: 3, acknowledged: 2, answered: 1 }, { facts: 4, whole: 2, how: "stored", word: "answered by 1 of 3" }],
    [{ fetched: 2, withdrawn: 1 }, { facts: 2, whole: 1, how: "stored", word: "fetched by 2 of 3" }],
    [{ withdrawn: 3 }, { facts: 1, how: "withdrawn", word: "withdrawn" }],
    [{ fetched: 3, parked: 3 }, { facts: 2, whole: 2, how: "resting", word: "parked" }],
  ])("%o", (part, told) => expect(reachedOf(at(part))).toMatchObject(told));

  test("in one mailbox is told as of any message", () => expect(reachedOf({ ...at({ mailboxes: 1 }), state: "leased", acknowledged_at: null }).word).toBe("fetched, leased"));

  test("and to whom it went", () => {
    expect(recipientName(at({}))).toBe("#sales");
    expect(recipientName({ ...at({}), squad: null })).toBe("all agents");
    expect(recipientName(message(1, { squad: "sales" })), "in one mailbox").toBe("loom #sales");
    expect(recipientName(message(1, { broadcast: true })), "in one mailbox").toBe("loom, to all agents");
    expect(readerName(message(1, { broadcast: true })), "whom an act on it is about").toBe("loom");
    expect(readerName(at({})), "of all mailboxes").toBe("#sales");
  });
});

test("a list that is empty says plainly what it will list", () => {
  const told = Object.values(m.bus.emptyOf);
  expect(told.filter((sentence) => / (stands|rests|waits) here/.test(sentence))).toEqual([]);
  expect(told.filter((sentence) => / (appears|is listed) here|then listed here/.test(sentence))).toHaveLength(told.length);
});

test("who is written to stands in every row, also in the narrowest", () => {
  const sheet = readFileSync("src/features/bus/tail/TailRow.svelte", "utf8");
  expect([...sheet.matchAll(/([^{}]*)\{[^{}]*display: none/g)].filter(([, names = ""]) => /\.(to|who|arrow|time|state)\b/.test(names))).toEqual([]);
});

test("rows are as high as their words need in the same lists in which these have a line of their own", () => {
  const [tail, row] = ["Tail", "TailRow"].map((name) => readFileSync(`src/features/bus/tail/${name}.svelte`, "utf8")) as [string, string];
  const narrow = Number(/NARROW = (\d+)/.exec(tail)![1]);
  expect(row).toMatch(new RegExp(`@container \\(max-width: ${narrow}px\\) \\{\\s*\\.row \\{ display: grid;`));
  expect(tail, "nor has a state its width there").toContain(`@container (min-width: ${narrow + 1}px)`);
});

test("what a row offers says its word in a list that is narrow, where no message is open beside it", () => {
  const sheet = readFileSync("src/features/bus/tail/RowActs.svelte", "utf8");
  const hidden = [...sheet.matchAll(/@container[^{]*\{([^{}]*)\{ display: none/g)].flatMap(([, names = ""]) => names.split(",").map((name) => name.trim()));
  expect(hidden.filter((name) => !name.startsWith(".beside") && !name.includes(".button + .button"))).toEqual([]);
});

test("beside an open message a row says its state in brief, and its text has the room", () => {
  const sheet = readFileSync("src/features/bus/tail/TailRow.svelte", "utf8");
  const narrower = /@container \(max-width: 1000px\) \{(.*?)\n {2}\}/s.exec(sheet)![1]!;
  expect(narrower).toMatch(/\.brief \{ display: inline; \}/);
  expect(Number(/\.state \{ width: (\d+)px/.exec(narrower)![1])).toBeLessThan(100);
});

describe("a broadcast", () => {
  const held = [...messages, ...broadcast(8), message(11)];
  const words = "Count the pallets of the north gate.";
  const thread = { get_thread: () => ({ messages: broadcast(8).slice(0, 1), more: false }) };

  test("stands once in the tail, with how far it came", async () => {
    await open("#/bus", {}, held);
    const row = (await (await tail()).findByText(words)).closest("a")!;
    expect(row.textContent).toMatch(/#sales.*acknowledged by 1 of 3/s);
    expect(row.querySelectorAll(".cells .full, .cells .part")).toHaveLength(3);
    expect([...row.querySelectorAll(".cells i")].map(({ className }) => /part/.test(className))).toEqual([false, true, true, false]);
    expect((await tail()).getAllByText(words)).toHaveLength(1);
  });

  test("of the operator’s stands once under Yours", async () => {
    await open("#/bus/yours", {}, held);
    const row = (await (await tail()).findByText(words)).closest("a")!;
    expect(row.textContent).toMatch(/#sales.*acknowledged by 1 of 3/s);
    expect((await tail()).getAllByText(words)).toHaveLength(1);
  });

  test("counts once in the head, as in the list below it", async () => {
    await open("#/bus", {}, held);
    const rows = await (await tail()).findAllByRole("listitem");
    expect(held.length, "it lies in several mailboxes").toBeGreaterThan(rows.length);
    screen.getByText(`${rows.length} messages, 2 need you`);
  });

  test("is in a queue what it is in each mailbox", async () => {
    await open("#/bus/unacknowledged", {}, held.map((each) => (each.text === words ? { ...each, state: "unacknowledged" } : each)));
    expect(await (await tail()).findAllByText(words)).toHaveLength(3);
  });

  test("opens in one mailbox, which is named, and tells its other readers", async () => {
    const platform = await open("#/bus/all/10", { withdraw: () => ({}), ...thread }, held);
    const panel = within(await screen.findByRole("complementary", { name: "Message from operator to loom #sales" }));
    panel.getByText("In the mailbox of loom:");
    const readers = within(await panel.findByRole("region", { name: "Readers" })).getAllByRole("link");
    expect(readers.map(({ textContent }) => textContent?.replace(/\s+/g, " ").trim())).toEqual(["archivist fetched, leased", "loom persisted", "porter acknowledged"]);
    expect(readers.map((each) => [each.getAttribute("href"), each.getAttribute("aria-current")])).toEqual([["#/bus/all/9", null], ["#/bus/all/10", "true"], ["#/bus/all/8", null]]);
    await fireEvent.click(panel.getByRole("button", { name: "Withdraw" }));
    await waitFor(() => expect(platform.argsOf("withdraw")).toEqual([{ mailbox: "a-loom", message_id: "m-8" }]));
  });

  test("stands in its thread as it was opened, whichever of its mailboxes the thread tells", async () => {
    await open("#/bus/all/10", { get_thread: () => ({ messages: [broadcast(8)[0]!, message(11)], more: false }) }, held);
    const links = within(await screen.findByRole("region", { name: "Thread" })).getAllByRole("link");
    expect(links.map((each) => [each.getAttribute("href"), each.getAttribute("aria-current")])).toEqual([["#/bus/all/10", "true"], ["#/bus/all/11", null]]);
  });

  test.each([[true, "These are 3 of them; there are more."], [false, null]])("says that it has more readers than are listed: %s", (more, words) => {
    render(Readers, { messages: broadcast(8), more, place: 8 });
    expect(screen.queryByText(/there are more/)?.textContent ?? null).toBe(words);
  });

  test("of which there is one reader has no list of them", async () => {
    await open("#/bus/all/4");
    const panel = within(await screen.findByRole("complementary", { name: "Message from operator to loom #sales" }));
    expect(panel.queryByRole("region", { name: "Readers" })).toBeNull();
  });
});

test.each(["#/bus", "#/bus/parked", "#/bus/lanes"])("the rail's figure is named, and stands on the screen %s in the same words", async (fragment) => {
  await open(fragment);
  const place = within(screen.getByRole("navigation", { name: "Places" })).getByRole("link", { name: /^Bus ?, 2 need you$/ });
  expect([place.title, place.querySelector("[aria-hidden].count")?.textContent]).toEqual(["Bus: 2 need you", "2"]);
  const head = (await screen.findByRole("heading", { level: 1, name: "Bus" })).parentElement!;
  await waitFor(() => expect(head.textContent).toContain("2 need you"));
});

test("a place with nothing to count is named by its name alone", async () => {
  await open("#/hall", {}, [], { ...peopled, bus: { ...peopled.bus, counts: { ...peopled.bus.counts, parked: 0, unread: 0 } } });
  expect(within(screen.getByRole("navigation", { name: "Places" })).getByRole("link", { name: "Bus" }).title).toBe("Bus");
});

test("nobody but the operator is called operator", () => {
  expect(senderName(messages[3]!)).toBe("operator");
  expect(senderName(message(9, { from: "discord:operator via connector", origin: "discord" }))).toBe("operator via connector");
});

test("a filter asks for what was chosen and for nothing else", () => {
  expect(asked("all", ANY)).toEqual({ together: true });
  expect(asked("all", { ...ANY, agent: "a-1" }), "what is in an agent’s mail is its own").toEqual({ agent_id: "a-1" });
  expect(asked("all", { ...ANY, squad: "sales" })).toEqual({ together: true, squad: "sales" });
  expect(asked("yours", ANY), "what the operator wrote to many stands once").toEqual({ together: true, operator: true });
  expect(asked("yours", { ...ANY, agent: "a-1" }), "and in an agent’s mail as that agent’s").toEqual({ operator: true, agent_id: "a-1" });
  expect(asked("parked", { agent: "a-1", squad: "sales", origin: "discord", query: " code " })).toEqual({ states: ["parked"], agent_id: "a-1", squad: "sales", origin: "discord", query: "code" });
});

describe("the tail", () => {
  test("draws few rows of ten thousand, stays with the newest, and reads older ones as they are needed", async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => message(index + 1));
    const platform = await open("#/bus", {}, many);
    const list = await tail();
    await list.findByText("Bruno asks for the HS code of pallet 10000.");
    expect(list.getAllByRole("listitem").length).toBeLessThan(60);
    many.push(message(10_001));
    platform.emit({ type: "bus_moved", bus: { ...peopled.bus, newest: 10_001 } });
    await list.findByText("Bruno asks for the HS code of pallet 10001.");
    expect(platform.argsOf("list_messages").every(({ limit = 100 }) => limit <= 100)).toBe(true);
  });

  test("says who wrote to whom whole to whoever rests on a name that is cut", async () => {
    await open("#/bus", {}, [message(1, { origin: "discord", from: "discord:bruno via connector", to: "the-night-watch-of-the-harbour" })]);
    const list = await tail();
    expect((await list.findByText("bruno via connector")).title).toBe("discord:bruno via connector");
    expect(list.getByText("the-night-watch-of-the-harbour").title).toBe("the-night-watch-of-the-harbour");
  });

  test("takes a message's new state where it stands", async () => {
    const held = [...messages];
    const platform = await open("#/bus", {}, held);
    const list = await tail();
    await list.findByText("fetched, leased");
    held[4] = { ...held[4]!, state: "done", acknowledged_at: "2026-11-20T14:30:00Z", acknowledged_by: "ack" };
    platform.emit({ type: "bus_moved", bus: peopled.bus });
    await waitFor(() => expect(list.queryByText("fetched, leased")).toBeNull());
    expect(list.getAllByRole("listitem")).toHaveLength(messages.length);
  });

  test("shows a queue, whose messages leave it when they are dealt with", async () => {
    const held = [...messages];
    const platform = await open("#/bus/parked", {}, held);
    const list = await tail();
    await list.findByText("Draft the week’s letter from the log.");
    expect(list.getAllByRole("listitem")).toHaveLength(1);
    held[2] = { ...held[2]!, state: "waiting" };
    platform.emit({ type: "bus_moved", bus: peopled.bus });
    await screen.findByText(/^Nothing is parked\./);
  });

  test("a row of what rests leaves its acts to the message that is open beside it", async () => {
    for (const [fragment, beside] of [["#/bus/parked", false], ["#/bus/parked/3", true]] as const) {
      await open(fragment);
      const act = await (await tail()).findByRole("button", { name: "Redeliver to archivist" });
      expect(act.closest(".acts")!.classList.contains("beside")).toBe(beside);
      cleanup();
    }
  });

  test("a row of what rests offers what its message does, and of another queue only opens it", async () => {
    const platform = await open("#/bus/parked", { redeliver: () => ({}), withdraw: () => ({}) });
    const list = await tail();
    await fireEvent.click(await list.findByRole("button", { name: "Redeliver to archivist" }));
    await waitFor(() => expect(platform.argsOf("redeliver")).toEqual([{ message_id: "m-3", mailbox: "a-archivist" }]));
    await fireEvent.click(list.getByRole("button", { name: "Withdraw from archivist" }));
    await screen.findByText("The message to archivist was taken back.");
    expect(platform.argsOf("withdraw")).toEqual([{ message_id: "m-3", mailbox: "a-archivist" }]);
    cleanup();
    await open("#/bus");
    expect((await tail()).queryByRole("button", { name: /^Redeliver/ })).toBeNull();
  });

  test("marks what is unread of the operator's own, and nothing else", async () => {
    await open("#/bus");
    const rows = (await tail()).getAllByRole("listitem").map(({ textContent }) => textContent);
    expect(rows.filter((words) => words.includes(", unread"))).toEqual([expect.stringContaining("Shall I book the carrier?")]);
  });

  test("a figure beside a queue counts what it lists; of the operator's own it names the unread", async () => {
    await open("#/bus");
    const tabs = within(await screen.findByRole("tablist", { name: "Queues" })).getAllByRole("tab").map((each) => each.textContent?.replace(/\s+/g, " ").trim());
    const { unread, parked, withdrawn } = peopled.bus.counts;
    expect([unread, parked, withdrawn].every((n) => n > 0), "there is something to count").toBe(true);
    expect(tabs).toEqual(expect.arrayContaining(["All 1,204", `Yours ${unread} unread`, `Parked ${parked}`, `Withdrawn ${withdrawn}`]));
  });

  test.each([
    ["#/bus", /^Nobody has written yet\. Write to an agent/, true],
    ["#/bus/yours", /^Nobody has written to you/, true],
    ["#/bus/unacknowledged", /^Nothing is stuck\. Mail that was delivered 2 times and not acknowledged is listed here until it is, or you redeliver it\. A question is delivered 5 times, and parked after that\.$/, false],
    ["#/bus/parked", /^Nothing is parked/, false],
    ["#/bus/held", /^Nothing is held/, false],
    ["#/bus/withdrawn", /^Nothing was withdrawn/, false],
  ])("that is empty says at %s what would stand there, and offers the act there is", async (fragment, sentence, writes) => {
    await open(fragment, {}, [], { ...peopled, bus: { ...peopled.bus, newest: 0 } });
    const panel = within((await screen.findByText(sentence)).closest<HTMLElement>(".empty")!);
    expect(panel.queryAllByRole("button").map(({ textContent }) => textContent?.trim().replace(/\s+w$/, ""))).toEqual(writes ? ["Write as the operator"] : []);
    if (!writes) return;
    await fireEvent.click(panel.getByRole("button"));
    await waitFor(() => expect(document.activeElement?.tagName).toMatch(/TEXTAREA|SELECT/));
  });

  test("that is empty offers to mint an agent, and to write to one that Husting runs where one is there", async () => {
    const kasra = agent("kasra", { kind: "managed" });
    const acts = async (agents: typeof peopled.agents) => {
      await open("#/bus", {}, [], { ...peopled, agents, bus: { ...peopled.bus, newest: 0 } });
      const panel = within((await screen.findByText(/^Nobody has written yet\. Mint an agent/)).closest<HTMLElement>(".empty")!);
      const found = panel.queryAllByRole("button").map(({ textContent }) => textContent?.trim().replace(/\s+w$/, ""));
      cleanup();
      return found;
    };
    expect(await acts([kasra])).toEqual(["Mint an agent", "Write as the operator"]);
    expect(await acts([kasra, agent("discord-connector", { kind: "connector" })]), "the bridge is nobody's").toEqual(["Mint an agent", "Write as the operator"]);
    expect(await acts([{ ...kasra, status: "inactive" }])).toEqual(["Mint an agent"]);
  });

  test("the head counts what was found, as it counts all", async () => {
    await open("#/bus");
    await tail();
    const head = screen.getByRole("heading", { name: "Bus" }).parentElement!;
    expect(head.textContent).toMatch(/\d messages/);
    const field = screen.getByRole("searchbox", { name: "Find messages" });
    await fireEvent.input(field, { target: { value: "HS code" } });
    const found = messages.filter(({ text }) => text.includes("HS code")).length;
    await waitFor(() => expect(head.textContent).toContain(`${found} found`));
    expect(head.textContent).not.toContain("messages");
    cleanup();
    const many = Array.from({ length: 120 }, (_, at) => ({ ...messages[0]!, message_id: `m-${at}`, place: at + 1, text: `HS code ${at}` }));
    await open("#/bus", {}, many, { ...peopled, bus: { ...peopled.bus, newest: 120 } });
    await tail();
    await fireEvent.input(screen.getByRole("searchbox", { name: "Find messages" }), { target: { value: "HS code" } });
    await screen.findByText(/more than 100 found/);
    cleanup();
    await open("#/bus", {}, many, { ...peopled, bus: { ...peopled.bus, newest: 120, counts: { ...peopled.bus.counts, total: 120 } } });
    await tail();
    expect(screen.getByRole("heading", { name: "Bus" }).parentElement!.textContent, "as its tab does").toContain("120 messages");
    expect(screen.getByRole("tab", { name: /^All/ }).textContent).toContain("120");
  });

  test("a fruitless filter offers to be cleared", async () => {
    await open("#/bus");
    await tail();
    await fireEvent.input(screen.getByRole("searchbox", { name: "Find messages" }), { target: { value: "zeppelin" } });
    await fireEvent.click(await screen.findByRole("button", { name: "Clear" }));
    await tail();
  });
});

describe("a message", () => {
  test("is opened by keys and shows its facts", async () => {
    await open("#/bus");
    await (await tail()).findByText("Bruno asks for the HS code of pallet 7.");
    document.getElementById("screen")!.focus();
    await press("?");
    const keys = within(await screen.findByRole("dialog"));
    const told = (region: string) => within(keys.getByRole("region", { name: region })).queryAllByText("Open the row");
    expect([told("On this screen").length, told("On other screens").length], "before a row was chosen").toEqual([1, 0]);
    await press("Escape");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    document.getElementById("screen")!.focus();
    await press("Enter");
    expect(screen.queryByRole("complementary"), "it leads to the newest first").toBeNull();
    const newest = (await tail()).getByRole("link", { current: true });
    await waitFor(() => expect(document.activeElement, "the row is read out").toBe(newest));
    await press("Enter");
    const panel = within(await screen.findByRole("complementary", { name: "Message from bruno-voice to loom" }));
    expect(document.activeElement?.getAttribute("aria-label"), "and so is what it opens").toBe("Message from bruno-voice to loom");
    expect(panel.getByRole("list", { name: "What became of it" }).textContent).toMatch(/Persisted.*Fetched.*Acknowledged.*Answered/s);
    await press("Escape");
    await waitFor(() => expect(screen.queryByRole("complementary")).toBeNull());
    await waitFor(() => expect(document.activeElement, "the keys go on at its row").toBe(newest));
    await press("k");
    await waitFor(() => expect(document.activeElement?.textContent).not.toBe(newest.textContent));
    expect(document.activeElement).toBe((await tail()).getByRole("link", { current: true }));
    for (let row = 0; row < messages.length; row += 1) await press("k");
    document.getElementById("screen")!.focus();
    await press("Enter");
    await screen.findByRole("complementary");
  });

  test("that opens leaves the focus with whoever writes", async () => {
    await open("#/bus");
    await (await tail()).findByText("Bruno asks for the HS code of pallet 7.");
    const search = screen.getByRole("searchbox", { name: "Find messages" });
    search.focus();
    await fireEvent.click(within(await screen.findByRole("list", { name: m.bus.tail })).getAllByRole("link").at(-1)!);
    await screen.findByRole("complementary", { name: /^Message from/ });
    expect(document.activeElement).toBe(search);
  });

  test("from Discord leads to its way there: what is answered on the bus may not be posted yet", async () => {
    await open("#/bus/all/1", {}, [message(1, { origin: "discord", from: "discord:bruno via connector", from_agent: null, request_id: "r-1" })]);
    const panel = within(await screen.findByRole("complementary"));
    expect((await panel.findByRole("link", { name: "How far it came there" })).getAttribute("href")).toBe("#/discord/life/r-1");
    cleanup();
    await open("#/bus/all/1", {}, [message(1, { request_id: "r-1" })]);
    await within(await screen.findByRole("complementary")).findByText("request");
    expect(screen.queryByRole("link", { name: "How far it came there" })).toBeNull();
  });

  test("fades where it goes on", async () => {
    await open("#/bus/all/3");
    const panel = await screen.findByRole("complementary", { name: /archivist/ });
    Object.defineProperty(panel, "scrollHeight", { value: 900 });
    await fireEvent.scroll(panel);
    expect(panel.dataset.more).toBe("below");
  });

  test("says what its hops, its origin, its number and its deliveries mean, to the pointer and to whoever listens", async () => {
    await open("#/bus/all/3");
    const panel = await screen.findByRole("complementary", { name: /archivist/ });
    for (const [name, means] of [["origin", /^Who wrote it/], ["hops", /messages of agents it came after/], ["number in the mailbox", /numbered as they arrive/], ["Delivery 5 of 5.", /After 5 without a word/]] as const) {
      const told = within(panel).getByText(name);
      expect(told.title).toMatch(means);
      expect(told.querySelector(".sr-only")?.textContent?.replace(/^[. ]+/, "")).toBe(told.title);
    }
  });

  test("has its acts in one order and at one edge, whatever its state", async () => {
    const ORDER = ["Reply", "Mark as read", "Redeliver", "Withdraw", "Show in the lanes", "Erase words…"];
    for (const place of [3, 5, 6]) {
      await open(`#/bus/all/${place}`);
      await screen.findByRole("button", { name: "Show in the lanes" });
      const acts = [...document.querySelectorAll(".message .acts button")];
      const names = acts.map((act) => act.querySelector(".words")!.textContent!);
      expect(names.length).toBeGreaterThan(2);
      expect(names).toEqual(ORDER.filter((name) => names.includes(name)));
      expect(acts.every(({ classList }) => classList.contains("secondary"))).toBe(true);
      cleanup();
    }
  });

  test("that is parked is delivered again", async () => {
    const platform = await open("#/bus/parked/3", { redeliver: () => ({}) });
    const panel = within(await screen.findByRole("complementary", { name: /archivist/ }));
    await fireEvent.click(panel.getByRole("button", { name: "Redeliver" }));
    await waitFor(() => expect(platform.argsOf("redeliver")).toEqual([{ mailbox: "a-archivist", message_id: "m-3" }]));
  });

  test("is withdrawn, and that is taken back", async () => {
    const platform = await open("#/bus/all/5", { withdraw: () => ({}), redeliver: () => ({}) });
    await fireEvent.click(await screen.findByRole("button", { name: "Withdraw" }));
    await screen.findByText("The message to loom was taken back.");
    await press("z", { ctrlKey: true });
    await waitFor(() => expect(platform.argsOf("redeliver")).toEqual([{ mailbox: "a-loom", message_id: "m-5" }]));
  });

  test("to the operator is answered in its thread", async () => {
    const platform = await open("#/bus/yours/6", { write_message: () => ({ message_id: "m-9", recipients: 1, inbox_full: [] }) });
    await screen.findByRole("complementary", { name: "Message from loom to operator" });
    await fireEvent.click(screen.getByRole("button", { name: "Reply" }));
    await screen.findByText("Reply to loom");
    const field = screen.getByRole("textbox", { name: "Message" });
    await waitFor(() => expect(document.activeElement).toBe(field));
    await fireEvent.input(field, { target: { value: "Yes, the 16:20." } });
    await press("Enter", { ctrlKey: true });
    await waitFor(() => expect(platform.argsOf("write_message")).toEqual([{ to: { kind: "agent", name: "loom" }, text: "Yes, the 16:20.", in_reply_to: "m-6" }]));
    await screen.findByText("Sent.");
    await fireEvent.click(screen.getByRole("button", { name: "Reply" }));
    await waitFor(() => expect(screen.queryByText("Sent."), "the next one was not").toBeNull());
  });

  test("of an agent that was revoked is not answered to another of its name", async () => {
    const namesake: Snapshot = { ...peopled, agents: [...peopled.agents.filter(({ id }) => id !== "a-loom"), agent("loom", { id: "a-loom-again" })] };
    const platform = await open("#/bus/yours/6", { write_message: () => ({ message_id: "m-9", recipients: 1, inbox_full: [] }) }, messages, namesake);
    await screen.findByRole("complementary", { name: "Message from loom to operator" });
    await fireEvent.click(screen.getByRole("button", { name: "Reply" }));
    await fireEvent.input(screen.getByRole("textbox", { name: "Message" }), { target: { value: "Yes, the 16:20." } });
    await screen.findByText("loom was revoked and reads no answer. An agent that has its name now is another.");
    await press("Enter", { ctrlKey: true });
    expect(screen.getByRole("button", { name: "Send" })).toHaveProperty("disabled", true);
    expect(platform.argsOf("write_message")).toEqual([]);
  });
});

test("an agent that leaves its mail is a card in the hall, which opens its page with the reason", async () => {
  const why = "It had its 50 turns of today. It goes on tomorrow (UTC), or once Settings allow more.";
  const athena = agent("athena", { kind: "managed", token_tail: null, hindrance: why });
  const others = peopled.agents.filter(({ id }) => id !== athena.id);
  await open("#/hall", { get_agent: () => agentPage({ agent: athena }) }, messages, { ...peopled, agents: [...others, athena] });
  const needs = within(await screen.findByRole("region", { name: "Needs you" }));
  const card = within((await needs.findByText("athena leaves its mail unread.")).closest("li")!);
  card.getByText(why);
  await fireEvent.click(card.getByRole("button", { name: "Open the agent" }));
  await screen.findByRole("heading", { name: "athena" });
  expect((await screen.findByRole("alert")).textContent).toContain(why);
});

test("an agent whose program fails again and again is a card in the hall, which opens what it said", async () => {
  const others = peopled.agents.filter(({ id }) => id !== "a-loom");
  await open("#/hall", { get_agent: () => agentPage({ agent: agent("loom") }) }, messages, { ...peopled, agents: [...others, agent("loom", { given_up_run: "run-9" })] });
  const needs = within(await screen.findByRole("region", { name: "Needs you" }));
  const card = within((await needs.findByText("The program of loom fails again and again.")).closest("li")!);
  await fireEvent.click(card.getByRole("button", { name: "See what it said" }));
  await waitFor(() => expect(location.hash).toBe("#/agents/a-loom/sessions/run-9"));
});

test("a program that fails again and again is left as it is from its card", async () => {
  const others = peopled.agents.filter(({ id }) => id !== "a-loom");
  let reached = false;
  const left = run({ run_id: "run-9", agent_name: "loom" });
  const unreached = new RpcError("store_unavailable", "The store does not answer.");
  const stop_run = () => (reached ? left : Promise.reject(unreached));
  const platform = await open("#/hall", { stop_run }, messages, { ...peopled, agents: [...others, agent("loom", { given_up_run: "run-9" })] });
  const needs = within(await screen.findByRole("region", { name: "Needs you" }));
  const card = within((await needs.findByText("The program of loom fails again and again.")).closest("li")!);
  await fireEvent.click(card.getByRole("button", { name: "Leave it" }));
  await card.findByText("The store does not answer.");
  reached = true;
  await fireEvent.click(card.getByRole("button", { name: "Leave it" }));
  await screen.findByText("Left as it is: it no longer waits for you.");
  expect(platform.argsOf("stop_run")).toEqual([{ run_id: "run-9" }, { run_id: "run-9" }]);
});

test("what is written while agents are held says when it is read", async () => {
  const platform = await open("#/bus", { set_pause: () => ({}), write_message: () => ({ message_id: "m-9", recipients: 1, inbox_full: [] }) }, messages, { ...peopled, paused: true });
  await fireEvent.change(await screen.findByRole("combobox", { name: "To" }), { target: { value: "agent/a-loom" } });
  await fireEvent.input(screen.getByRole("textbox", { name: "Message" }), { target: { value: "The 16:20." } });
  await fireEvent.click(screen.getByRole("button", { name: /^Send/ }));
  await screen.findByText("Sent. It is read once agents go on.");
  await fireEvent.click(within(screen.getByRole("main")).getByRole("button", { name: "Let them go on" }));
  await waitFor(() => expect(platform.argsOf("set_pause")).toEqual([{ paused: false }]));
});

test("the operator writes to a squad, and hears whose inbox was full", async () => {
  const platform = await open("#/bus", { write_message: () => ({ message_id: "m-9", recipients: 3, inbox_full: ["loom"] }) });
  await fireEvent.change(await screen.findByRole("combobox", { name: "To" }), { target: { value: "squad/sales" } });
  await fireEvent.input(screen.getByRole("textbox", { name: "Message" }), { target: { value: "Hold the quotes." } });
  await fireEvent.click(screen.getByRole("button", { name: "Send" }));
  await screen.findByText("Sent to 3 agents. The inbox of loom is full: it did not reach them.");
  expect(platform.argsOf("write_message")).toEqual([{ to: { kind: "squad", name: "sales" }, text: "Hold the quotes." }]);
  await fireEvent.change(screen.getByRole("combobox", { name: "To" }), { target: { value: "agent/a-loom" } });
  expect(screen.queryByText(/^Sent to/), "that was to another").toBeNull();
});

test("a message may be as long as the host takes it, and one that is longer says so", async () => {
  await open("#/bus");
  await fireEvent.change(await screen.findByRole("combobox", { name: "To" }), { target: { value: "agent/a-loom" } });
  const send = screen.getByRole("button", { name: "Send" });
  for (const [length, disabled] of [[65_536, false], [65_537, true]] as const) {
    await fireEvent.input(screen.getByRole("textbox", { name: "Message" }), { target: { value: "x".repeat(length) } });
    expect(send, String(length)).toHaveProperty("disabled", disabled);
  }
  screen.getByText("65,537 characters; 65,536 are the most.");
  const field = screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Message" });
  await fireEvent.input(field, { target: { value: "x".repeat(5_065_537) } });
  await screen.findByText("There is no room for 5,000,000 more characters: 262,144 fit here. What stood here stays.");
  expect(field.value, "what no field lays out is not taken in").toHaveLength(65_537);
});

test("what a field left out is told beside the words that stood there, and goes with them", async () => {
  await open("#/bus", { write_message: () => ({ message_id: "m-9", recipients: 1, inbox_full: [] }) });
  await fireEvent.change(await screen.findByRole("combobox", { name: "To" }), { target: { value: "agent/a-loom" } });
  const field = screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Message" });
  await fireEvent.input(field, { target: { value: "Hold." } });
  await fireEvent(field, new InputEvent("beforeinput", { data: "x".repeat(300_000), inputType: "insertFromPaste", bubbles: true, cancelable: true }));
  const told = await screen.findByText("There is no room for 300,000 more characters: 262,144 fit here. What stood here stays.");
  expect([field.getAttribute("aria-invalid"), field.getAttribute("aria-describedby")]).toEqual(["true", told.id]);
  await fireEvent.click(screen.getByRole("button", { name: "Send" }));
  await waitFor(() => expect(field.value).toBe(""));
  expect([screen.queryByText(/^There is no room/), field.getAttribute("aria-invalid")]).toEqual([null, null]);
});

test("nobody is written to before the operator says whom, or narrows the list to one", async () => {
  const platform = await open("#/bus", { write_message: () => ({ message_id: "m-9", recipients: 1, inbox_full: [] }) });
  const to = await screen.findByRole<HTMLSelectElement>("combobox", { name: "To" });
  expect(to.closest(".select")!.querySelector(".chevron svg"), "the one part for a choice from a list").not.toBeNull();
  expect(to.value).toBe("");
  await fireEvent.input(screen.getByRole("textbox", { name: "Message" }), { target: { value: "Hold the quotes." } });
  expect(screen.getByRole("button", { name: "Send" })).toHaveProperty("disabled", true);
  screen.getByText("Choose who is to read it.");
  await fireEvent.change(screen.getByRole("combobox", { name: "Agent" }), { target: { value: "a-loom" } });
  await waitFor(() => expect(to.value).toBe("agent/a-loom"));
  expect(screen.queryByText("Choose who is to read it.")).toBeNull();
  await fireEvent.click(screen.getByText("Ask for an answer"));
  await fireEvent.click(screen.getByRole("button", { name: "Send" }));
  await waitFor(() => expect(platform.argsOf("write_message")).toMatchObject([{ to: { kind: "agent", name: "loom" }, request_id: expect.stringMatching(/^operator-/) }]));
});

test("a message half written is there after another screen, with whom it is for and what it answers", async () => {
  let body: string | null = null;
  const platform = await open("#/bus", { draft: ({ key }) => ({ body: key === "message" ? body : null }), save_draft: (asked) => ((body = asked.key === "message" ? asked.body : body), {}), write_message: () => ({ message_id: "m-9", recipients: 1, inbox_full: [] }) });
  const field = () => screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Message" });
  const elsewhereAndBack = async () => {
    location.hash = "#/wallet";
    dispatchEvent(new HashChangeEvent("hashchange"));
    await waitFor(() => expect(screen.queryByRole("textbox", { name: "Message" })).toBeNull());
    await waitFor(() => expect(body).not.toBeNull());
    location.hash = "#/bus/yours/6";
    dispatchEvent(new HashChangeEvent("hashchange"));
  };
  await fireEvent.change(await screen.findByRole("combobox", { name: "To" }), { target: { value: "agent/a-loom" } });
  await fireEvent.input(await field(), { target: { value: "Hold the quo" } });
  await elsewhereAndBack();
  await waitFor(async () => expect((await field()).value).toBe("Hold the quo"));
  expect(screen.getByRole<HTMLSelectElement>("combobox", { name: "To" }).value).toBe("agent/a-loom");

  await fireEvent.click(await screen.findByRole("button", { name: "Reply" }));
  await fireEvent.input(await field(), { target: { value: "Yes, the 16:20." } });
  await waitFor(() => expect(body).toContain("16:20"));
  expect(body, "not the words of the message that is answered").not.toContain("Labels are printed");
  await elsewhereAndBack();
  await screen.findByText("Reply to loom");
  await fireEvent.click(screen.getByRole("button", { name: "Send" }));
  await waitFor(() => expect(platform.argsOf("write_message")).toEqual([{ to: { kind: "agent", name: "loom" }, text: "Yes, the 16:20.", in_reply_to: "m-6" }]));
  await waitFor(() => expect(body).toBe(""));
});

test("all that is written in comes into sight with the field's focus, and again where a zoom leaves less room", async () => {
  const intoView = vi.spyOn(Element.prototype, "scrollIntoView");
  const whole = () => intoView.mock.contexts.filter((each) => each === screen.getByRole("region", { name: "Write as the operator" })).length;
  await open("#/bus");
  const field = await screen.findByRole("textbox", { name: "Message" });
  dispatchEvent(new Event("resize"));
  await new Promise(requestAnimationFrame);
  expect(whole(), "nobody writes").toBe(0);
  await press("w");
  await waitFor(() => expect(document.activeElement).toBe(field));
  await waitFor(() => expect(whole()).toBe(1));
  dispatchEvent(new Event("resize"));
  await waitFor(() => expect(whole()).toBe(2));
  intoView.mockRestore();
});

test("words begun for one are no answer to another, and stand there again for whom they were begun", async () => {
  const drafts = new Map<string, string>();
  await open("#/bus/yours/6", { draft: ({ key }) => ({ body: drafts.get(key) || null }), save_draft: ({ key, body }) => (drafts.set(key, body), {}) });
  const field = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Message" });
  await fireEvent.change(screen.getByRole("combobox", { name: "To" }), { target: { value: "agent/a-archivist" } });
  await fireEvent.input(field, { target: { value: "Hold the quotes." } });
  await fireEvent.click(await screen.findByRole("button", { name: "Reply" }));
  await screen.findByText("Reply to loom");
  expect(field.value).toBe("");
  await fireEvent.input(field, { target: { value: "Yes, book it." } });
  await fireEvent.click(screen.getByRole("button", { name: "Write anew" }));
  await waitFor(() => expect(field.value).toBe("Hold the quotes."));
  expect(screen.getByRole<HTMLSelectElement>("combobox", { name: "To" }).value).toBe("agent/a-archivist");
  await fireEvent.click(screen.getByRole("button", { name: "Reply" }));
  await waitFor(() => expect(field.value).toBe("Yes, book it."));
});

describe("writing to an agent while the bus is there", () => {
  const to = () => screen.findByRole<HTMLSelectElement>("combobox", { name: "To" });
  const field = () => screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Message" });
  const waiting = (drafts: Map<string, string>) => JSON.parse(drafts.get("message/for") || "{}") as Record<string, unknown>;

  async function begin(drafts = new Map<string, string>(), at = "#/bus/yours/6") {
    const platform = await open(at, { draft: ({ key }) => ({ body: drafts.get(key) || null }), save_draft: ({ key, body }) => (drafts.set(key, body), {}), write_message: () => ({ message_id: "m-9", recipients: 1, inbox_full: [] }) });
    await field();
    return platform;
  }

  async function writeTo(name: string) {
    await press("k", { ctrlKey: true });
    const input = await screen.findByRole("combobox", { name: "Go to, or do" });
    await fireEvent.input(input, { target: { value: `write to ${name}` } });
    await fireEvent.keyDown(input, { key: "Enter" });
    await waitFor(async () => expect((await to()).value).toBe(`agent/a-${name}`));
    expect(document.activeElement, "one goes on typing there").toBe(await field());
    const shown = screen.getByRole<HTMLSelectElement>("combobox", { name: m.bus.agent }).selectedOptions[0]?.textContent;
    expect(shown, "what it wrote and was written stands above").toBe(name);
  }

  test("reaches whom it was begun for, and what was begun for another waits for that one", async () => {
    const platform = await begin();
    await writeTo("archivist");
    await fireEvent.input(await field(), { target: { value: "Hold the quotes." } });
    await writeTo("loom");
    expect((await field()).value).toBe("");
    await screen.findByText("Your words to archivist wait, and appear here when you write to them again.");
    await fireEvent.input(await field(), { target: { value: "Book the carrier." } });
    await fireEvent.click(screen.getByRole("button", { name: "Send" }));
    await waitFor(() => expect(platform.argsOf("write_message")).toMatchObject([{ to: { kind: "agent", name: "loom" }, text: "Book the carrier." }]));
    await waitFor(async () => expect((await field()).value).toBe(""));
    await fireEvent.change(await to(), { target: { value: "agent/a-archivist" } });
    await waitFor(async () => expect((await field()).value).toBe("Hold the quotes."));
  });

  test("keeps all that was begun for one, however often another is written to in between", async () => {
    const drafts = new Map<string, string>();
    await begin(drafts);
    await writeTo("archivist");
    await fireEvent.input(await field(), { target: { value: "Hold the quotes." } });
    await writeTo("loom");
    await fireEvent.input(await field(), { target: { value: "All of them." } });
    await fireEvent.change(await to(), { target: { value: "agent/a-archivist" } });
    await writeTo("loom");
    await waitFor(() => expect(waiting(drafts)["agent/a-archivist"]).toEqual({ name: "archivist", text: "Hold the quotes.\n\nAll of them.", asks: false }));
    await writeTo("archivist");
    await waitFor(async () => expect((await field()).value).toBe("Hold the quotes.\n\nAll of them."));
  });

  test("that is on its way while another is written to is neither sent again nor cuts the other's words", async () => {
    let arrive: () => void = () => {};
    const drafts = new Map<string, string>();
    await open("#/bus/yours/6", { draft: ({ key }) => ({ body: drafts.get(key) || null }), save_draft: ({ key, body }) => (drafts.set(key, body), {}), write_message: () => new Promise((done) => (arrive = () => done({ message_id: "m-9", recipients: 1, inbox_full: [] }))) });
    await writeTo("archivist");
    await fireEvent.input(await field(), { target: { value: "Hold" } });
    await fireEvent.click(screen.getByRole("button", { name: "Send" }));
    await writeTo("loom");
    await fireEvent.input(await field(), { target: { value: "Hold the carrier." } });
    arrive();
    await waitFor(() => expect(drafts.get("message/for")).toBe(""));
    expect((await field()).value).toBe("Hold the carrier.");
    expect(screen.queryByText(/^Sent/)).toBeNull();
  });

  test("asks for an answer still once its words stand there again, and is sent from the tick by the key", async () => {
    const platform = await begin();
    await writeTo("archivist");
    await fireEvent.input(await field(), { target: { value: "Hold the quotes?" } });
    const tick = () => screen.getByRole<HTMLInputElement>("checkbox", { name: "Ask for an answer" });
    await fireEvent.click(tick());
    await writeTo("loom");
    expect(tick().checked).toBe(false);
    await writeTo("archivist");
    await waitFor(() => expect(tick().checked).toBe(true));
    await fireEvent.keyDown(tick(), { key: "Enter", ctrlKey: true });
    await waitFor(() => expect(platform.argsOf("write_message")).toMatchObject([{ to: { name: "archivist" }, text: "Hold the quotes?", request_id: expect.stringMatching(/^operator-/) }]));
  });

  test("that was begun for one who is revoked says so and then waits, and another of that name is not written what was begun for the first", async () => {
    const platform = await begin(new Map(), "#/bus");
    await writeTo("archivist");
    await fireEvent.input(await field(), { target: { value: "For the first." } });
    await writeTo("loom");
    const archivist = peopled.agents.find(({ id }) => id === "a-archivist")!;
    platform.emit({ type: "agent_changed", agent: { ...archivist, status: "revoked" } });
    platform.emit({ type: "agent_changed", agent: { ...archivist, id: "a-second" } });
    await waitFor(async () => expect([...(await to()).options].map(({ value }) => value)).toContain("agent/a-second"));
    await fireEvent.change(await to(), { target: { value: "agent/a-second" } });
    expect((await field()).value).toBe("");
    await fireEvent.input(await field(), { target: { value: "For the second." } });
    platform.emit({ type: "agent_changed", agent: { ...archivist, id: "a-second", status: "revoked" } });
    await screen.findByText("The agent or squad this was begun for is gone. Choose who is to read it.");
    expect(screen.getByRole<HTMLButtonElement>("button", { name: "Send" }).disabled).toBe(true);
    await fireEvent.input(await field(), { target: { value: "For the second alone." } });
    expect((await to()).selectedOptions[0]!.textContent, "by its name").toBe("archivist");
    await writeTo("loom");
    expect((await field()).value).toBe("");
    await screen.findByText("Your words to archivist, who is gone, wait: choose archivist in the list to have them.");
    await fireEvent.input(await field(), { target: { value: "For loom." } });
    await fireEvent.change(await to(), { target: { value: "agent/a-second" } });
    await waitFor(async () => expect((await field()).value, "and none that stand here are for it").toBe("For the second alone."));
    await fireEvent.change(await to(), { target: { value: "agent/a-archivist" } });
    await waitFor(async () => expect((await field()).value).toBe("For the first."));
    await writeTo("loom");
    await waitFor(async () => expect((await field()).value).toBe("For loom."));
  });

  test("chosen or begun before what was kept has been read takes nothing of it away", async () => {
    const kept = JSON.stringify({ text: "For archivist.", to: "agent/a-archivist", asks: false, answering: null });
    const drafts = new Map([["message", kept]]);
    let read: () => void = () => {};
    const reading = new Promise<void>((done) => (read = done));
    await open("#/bus", { draft: async ({ key }) => (await reading, { body: drafts.get(key) || null }), save_draft: ({ key, body }) => (drafts.set(key, body), {}) });
    await fireEvent.change(await to(), { target: { value: "agent/a-loom" } });
    await fireEvent.input(await field(), { target: { value: "And this." } });
    read();
    await waitFor(async () => expect((await field()).value).toBe("For archivist.\n\nAnd this."));
    await waitFor(async () => expect((await to()).value).toBe("agent/a-loom"));
  });

  test("that could not be put aside says so as long as it is kept in this window alone", async () => {
    const drafts = new Map<string, string>();
    await open("#/bus", {
      draft: ({ key }) => ({ body: drafts.get(key) || null }),
      save_draft: ({ key, body }) => {
        if (key === "message/for") throw new RpcError("store_unavailable", "The disk is full.");
        return (drafts.set(key, body), {});
      },
    });
    await writeTo("archivist");
    await fireEvent.input(await field(), { target: { value: "For archivist." } });
    await writeTo("loom");
    await screen.findByText(/^What waits for others was not read or kept just now/);
    await screen.findByText("The disk is full.");
  });

  test("that waited for its reader is not forgotten there before it is kept where it stands now", async () => {
    const drafts = new Map([["message/for", JSON.stringify({ "agent/a-loom": { name: "loom", text: "Hold the quotes.", asks: false } })]]);
    const platform = await open("#/bus", {
      draft: ({ key }) => ({ body: drafts.get(key) || null }),
      save_draft: ({ key, body }) => {
        if (key === "message") throw new RpcError("store_unavailable", "The disk is full.");
        return (drafts.set(key, body), {});
      },
    });
    await fireEvent.change(await to(), { target: { value: "agent/a-loom" } });
    await waitFor(async () => expect((await field()).value).toBe("Hold the quotes."));
    await waitFor(() => expect(platform.argsOf("save_draft").map(({ key }) => key)).toContain("message"));
    // What follows an answer has been done by the next turn.
    await new Promise((done) => setTimeout(done));
    expect(waiting(drafts)).toMatchObject({ "agent/a-loom": { text: "Hold the quotes." } });
    expect(platform.argsOf("save_draft").map(({ key }) => key)).not.toContain("message/for");
  });

  test("is sent once, however often that is asked for before it has arrived, and can be sent again where it did not", async () => {
    let refuse: () => void = () => {};
    const platform = await open("#/bus", { write_message: () => new Promise((_, reject) => (refuse = () => reject(new RpcError("store_unavailable", "The disk is full.")))) });
    await writeTo("loom");
    await fireEvent.input(await field(), { target: { value: "Hold." } });
    const send = screen.getByRole<HTMLButtonElement>("button", { name: "Send" });
    await fireEvent.click(send);
    await waitFor(() => expect(platform.argsOf("write_message")).toHaveLength(1));
    expect(send.disabled).toBe(true);
    await fireEvent.keyDown(await field(), { key: "Enter", ctrlKey: true });
    expect(platform.argsOf("write_message")).toHaveLength(1);
    refuse();
    await screen.findByText("The disk is full.");
    expect(send.disabled).toBe(false);
  });

  test("is told to have been sent until the list is narrowed to somebody else", async () => {
    await begin(new Map(), "#/bus");
    const narrow = (id: string) => fireEvent.change(screen.getByRole("combobox", { name: m.bus.agent }), { target: { value: id } });
    await narrow("a-loom");
    await fireEvent.input(await field(), { target: { value: "Hold." } });
    await fireEvent.click(screen.getByRole("button", { name: "Send" }));
    const told = await screen.findByText("Sent.");
    expect(told.getAttribute("role")).toBe("status");
    await narrow("a-archivist");
    await waitFor(() => expect(told.textContent).toBe(""));
  });

  test("that was sent behind what waited already waits no longer, and what waited does", async () => {
    let arrive: () => void = () => {};
    const drafts = new Map([["message/for", JSON.stringify({ "agent/a-archivist": { name: "archivist", text: "Before.", asks: true } })]]);
    await open("#/bus", { draft: ({ key }) => ({ body: drafts.get(key) || null }), save_draft: ({ key, body }) => (drafts.set(key, body), {}), write_message: () => new Promise((done) => (arrive = () => done({ message_id: "m-9", recipients: 1, inbox_full: [] }))) });
    await fireEvent.input(await field(), { target: { value: "Now." } });
    await fireEvent.change(await to(), { target: { value: "agent/a-archivist" } });
    await fireEvent.click(screen.getByRole("button", { name: "Send" }));
    await writeTo("loom");
    await waitFor(() => expect(waiting(drafts)["agent/a-archivist"]).toMatchObject({ text: "Before.\n\nNow.", asks: true }));
    arrive();
    await waitFor(() => expect(waiting(drafts)["agent/a-archivist"]).toMatchObject({ text: "Before." }));
  });

  test("that is on its way as its reader is disabled is sent, and does not stand there as if it were not", async () => {
    let arrive: () => void = () => {};
    const platform = await open("#/bus", { draft: () => ({ body: null }), save_draft: () => ({}), write_message: () => new Promise((done) => (arrive = () => done({ message_id: "m-9", recipients: 1, inbox_full: [] }))) });
    await writeTo("archivist");
    await fireEvent.input(await field(), { target: { value: "Hold." } });
    await fireEvent.click(screen.getByRole("button", { name: "Send" }));
    const archivist = peopled.agents.find(({ id }) => id === "a-archivist")!;
    platform.emit({ type: "agent_changed", agent: { ...archivist, status: "suspended" } });
    await screen.findByText("archivist is disabled and reads no mail. Enable it, or choose another.");
    arrive();
    await waitFor(async () => expect((await field()).value).toBe(""));
    await screen.findByText("Sent.");
  });

  test("that waits for one who is revoked since is there among the readers, after a start anew too, and is given to another by hand", async () => {
    const drafts = new Map<string, string>();
    const platform = await begin(drafts, "#/bus");
    await writeTo("archivist");
    await fireEvent.input(await field(), { target: { value: "For archivist alone." } });
    await writeTo("loom");
    const groups = async () => [...(await to()).querySelectorAll("optgroup")].map((group) => [group.label, ...[...group.children].map(({ textContent }) => textContent)]);
    await waitFor(async () => expect(await groups()).toContainEqual(["Agents", "archivist (words wait)", "athena", "bruno-voice", "loom"]));
    const archivist = peopled.agents.find(({ id }) => id === "a-archivist")!;
    platform.emit({ type: "agent_changed", agent: { ...archivist, status: "revoked" } });
    await waitFor(async () => expect(await groups()).toContainEqual(["Not active, words wait", "archivist"]));
    cleanup();

    await open("#/bus", { draft: ({ key }) => ({ body: drafts.get(key) || null }), save_draft: ({ key, body }) => (drafts.set(key, body), {}) }, messages, { ...peopled, agents: peopled.agents.filter(({ id }) => id !== "a-archivist") });
    await waitFor(async () => expect(await groups()).toContainEqual(["Not active, words wait", "archivist"]));
    await fireEvent.change(await to(), { target: { value: "agent/a-archivist" } });
    await waitFor(async () => expect((await field()).value).toBe("For archivist alone."));
    await screen.findByText("The agent or squad this was begun for is gone. Choose who is to read it.");
    await waitFor(() => expect(drafts.get("message/for")).toBe(""));
    expect(JSON.parse(drafts.get("message") ?? "{}"), "kept where it stands now").toMatchObject({ text: "For archivist alone." });
    await fireEvent.change(await to(), { target: { value: "agent/a-loom" } });
    expect((await field()).value).toBe("For archivist alone.");
  });

  test("waits for one who is disabled, and for a squad by its name", async () => {
    const drafts = new Map<string, string>();
    const platform = await begin(drafts, "#/bus");
    await writeTo("archivist");
    await fireEvent.input(await field(), { target: { value: "For archivist." } });
    const archivist = peopled.agents.find(({ id }) => id === "a-archivist")!;
    platform.emit({ type: "agent_changed", agent: { ...archivist, status: "suspended" } });
    await screen.findByText("archivist is disabled and reads no mail. Enable it, or choose another.");
    await writeTo("loom");
    expect((await field()).value).toBe("");
    await waitFor(() => expect(waiting(drafts)["agent/a-archivist"]).toMatchObject({ text: "For archivist." }));
    await fireEvent.change(await to(), { target: { value: "squad/sales" } });
    await waitFor(async () => expect((await to()).value).toBe("squad/sales"));
    await fireEvent.input(await field(), { target: { value: "For all of sales." } });
    await writeTo("loom");
    await screen.findByText(/^Your words to .?#sales.? wait/);
  });

  test("is not put in the place of what waits already and cannot be read now", async () => {
    const drafts = new Map([["message/for", JSON.stringify({ "agent/a-archivist": { name: "archivist", text: "Before.", asks: false } })]]);
    const lost = new Set<string>();
    await open("#/bus", {
      draft: ({ key }) => {
        if (lost.has(key)) throw new RpcError("store_unavailable", "The store cannot be read now.");
        return { body: drafts.get(key) || null };
      },
      save_draft: ({ key, body }) => (drafts.set(key, body), {}),
    });
    await fireEvent.input(await field(), { target: { value: "Now." } });
    await fireEvent.change(await to(), { target: { value: "agent/a-archivist" } });
    lost.add("message/for");
    await press("k", { ctrlKey: true });
    const input = await screen.findByRole("combobox", { name: "Go to, or do" });
    await fireEvent.input(input, { target: { value: "write to loom" } });
    await fireEvent.keyDown(input, { key: "Enter" });
    await screen.findByText(/^What waits for others was not read or kept just now/);
    expect((await field()).value).toBe("Now.");
    expect((await to()).value).toBe("agent/a-archivist");
    expect(drafts.get("message/for")).toContain("Before.");
  });

  test("that was kept while agents were chosen by name is still for that one", async () => {
    const kept = JSON.stringify({ text: "For archivist alone.", to: "agent/archivist", asks: false, answering: null });
    await begin(new Map([["message", kept]]), "#/bus");
    await waitFor(async () => expect((await field()).value).toBe("For archivist alone."));
    expect((await to()).value).toBe("agent/a-archivist");
  });

  test("does not take over what was begun for whom the list was narrowed to", async () => {
    const drafts = new Map<string, string>();
    await begin(drafts, "#/bus");
    const narrow = (id: string) => fireEvent.change(screen.getByRole("combobox", { name: m.bus.agent }), { target: { value: id } });
    await narrow("a-archivist");
    await fireEvent.input(await field(), { target: { value: "For archivist alone." } });
    await narrow("a-loom");
    expect((await to()).value, "the words stay whose they are").toBe("agent/a-archivist");
    await writeTo("loom");
    expect((await field()).value).toBe("");
    await waitFor(() => expect(waiting(drafts)["agent/a-archivist"]).toMatchObject({ text: "For archivist alone." }));
  });

  test("that was begun for all of them waits for all, by that name", async () => {
    const drafts = new Map<string, string>();
    await begin(drafts, "#/bus");
    await writeTo("loom");
    await fireEvent.input(await field(), { target: { value: "Sent." } });
    await fireEvent.click(screen.getByRole("button", { name: "Send" }));
    await waitFor(async () => expect((await field()).value).toBe(""));
    const narrow = (id: string) => fireEvent.change(screen.getByRole("combobox", { name: m.bus.agent }), { target: { value: id } });
    await narrow("");
    await fireEvent.change(await to(), { target: { value: "all" } });
    await fireEvent.input(await field(), { target: { value: "For all." } });
    await writeTo("archivist");
    await waitFor(() => expect(waiting(drafts).all).toMatchObject({ name: "all agents", text: "For all." }));
    expect([...(await to()).options].map(({ textContent }) => textContent)).toContain("all agents (words wait)");
  });

  test("ends a reply that was begun, whose words wait for it", async () => {
    await begin();
    await fireEvent.click(await screen.findByRole("button", { name: "Reply" }));
    await fireEvent.input(await field(), { target: { value: "Yes, book it." } });
    await writeTo("archivist");
    expect((await field()).value).toBe("");
    expect(screen.queryByText("Reply to loom")).toBeNull();
    location.hash = "#/bus/yours/6";
    dispatchEvent(new HashChangeEvent("hashchange"));
    await fireEvent.click(await screen.findByRole("button", { name: "Reply" }));
    await waitFor(async () => expect((await field()).value).toBe("Yes, book it."));
  });

  test("takes no reply that was kept for what is begun", async () => {
    const reply = { message_id: "m-6", from: "loom", from_agent: "a-loom", origin: "mcp" };
    const drafts = new Map([["message", JSON.stringify({ text: "Yes, book it.", to: "", asks: false, answering: reply })]]);
    await open("#/hall", { draft: ({ key }) => ({ body: drafts.get(key) || null }), save_draft: ({ key, body }) => (drafts.set(key, body), {}) });
    await writeTo("archivist");
    await waitFor(() => expect(JSON.parse(drafts.get("message/m-6") ?? "{}")).toMatchObject({ text: "Yes, book it." }));
    expect((await field()).value).toBe("");
    expect(screen.queryByText("Reply to loom")).toBeNull();
  });

  test("the palette acts on the message that is open", async () => {
    await begin();
    await screen.findByRole("button", { name: "Erase words…" });
    await press("k", { ctrlKey: true });
    const input = await screen.findByRole("combobox", { name: "Go to, or do" });
    for (const [typed, label] of [["delete it", /^Erase words…/], ["delete this message", /^Erase words…/], ["answer it", /^Reply/], ["reply", /^Reply/]] as const) {
      await fireEvent.input(input, { target: { value: typed } });
      await waitFor(() => expect(within(screen.getByRole("dialog", { name: "Go to, or do" })).getAllByRole("option")[0]!.textContent!.trim(), typed).toMatch(label));
    }
  });

  test("is left with Esc, and what the list is narrowed to goes with the next one", async () => {
    await begin(new Map(), "#/bus");
    await writeTo("archivist");
    const shown = () => screen.getByRole<HTMLSelectElement>("combobox", { name: m.bus.agent }).value;
    await fireEvent.keyDown(await field(), { key: "Escape" });
    expect(document.activeElement).toBe(document.getElementById("screen"));
    expect(shown()).toBe("a-archivist");
    await press("Escape");
    expect(shown()).toBe("");
  });

  test("leaves the field once a reply was sent and what was begun before stands there again", async () => {
    const platform = await begin();
    await fireEvent.input(await field(), { target: { value: "For archivist." } });
    await fireEvent.change(await to(), { target: { value: "agent/a-archivist" } });
    await fireEvent.click(await screen.findByRole("button", { name: "Reply" }));
    await waitFor(async () => expect((await field()).value).toBe(""));
    await fireEvent.input(await field(), { target: { value: "Yes, book it." } });
    (await field()).focus();
    await fireEvent.keyDown(await field(), { key: "Enter", ctrlKey: true });
    await waitFor(async () => expect((await field()).value).toBe("For archivist."));
    await waitFor(() => expect(document.activeElement).toBe(document.getElementById("screen")));
    expect(platform.argsOf("write_message")).toHaveLength(1);
  });

  test("takes words that were begun for nobody yet, and leaves those of a letter kept for another", async () => {
    await begin(new Map(), "#/bus");
    await fireEvent.input(await field(), { target: { value: "Hold the quotes." } });
    await writeTo("loom");
    expect((await field()).value).toBe("Hold the quotes.");
    cleanup();
    const kept = JSON.stringify({ text: "For archivist alone.", to: "agent/a-archivist", asks: false, answering: null });
    const drafts = new Map([["message", kept]]);
    await open("#/hall", { draft: ({ key }) => ({ body: drafts.get(key) || null }), save_draft: ({ key, body }) => (drafts.set(key, body), {}) });
    await writeTo("loom");
    await waitFor(() => expect(waiting(drafts)["agent/a-archivist"]).toMatchObject({ text: "For archivist alone." }));
    expect((await field()).value).toBe("");
  });
});

test("a reply that is begun elsewhere does not take over what was kept for somebody else", async () => {
  const kept = JSON.stringify({ text: "Hold the quotes.", to: "agent/a-archivist", asks: false, answering: null });
  const drafts = new Map([["message", kept]]);
  await open("#/hall", { draft: ({ key }) => ({ body: drafts.get(key) || null }), save_draft: ({ key, body }) => (drafts.set(key, body), {}) });
  const letter = within((await screen.findByText("Labels are printed. Shall I book the carrier?")).closest("li")!);
  expect(letter.getByRole("button", { name: "Reply to loom" }).title, "its words are shown, and the next letter takes its place").toBe("");
  await fireEvent.click(letter.getByRole("button", { name: "Reply to loom" }));
  await screen.findByText("Reply to loom");
  await waitFor(() => expect(JSON.parse(drafts.get("message/new") ?? "{}")).toMatchObject({ text: "Hold the quotes." }));
  expect(screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Message" }).value).toBe("");
});

test("a letter in the hall is answered by one button, which is there as long as its writer is", async () => {
  await open("#/hall");
  const letter = within((await screen.findByText("Labels are printed. Shall I book the carrier?")).closest("li")!);
  await fireEvent.click(letter.getByRole("button", { name: "Reply to loom" }));
  await screen.findByText("Reply to loom");
  await waitFor(() => expect(location.hash, "a reload does not begin it again").toBe("#/bus/yours/6"));
  expect(document.activeElement).toBe(screen.getByRole("textbox", { name: "Message" }));
});

test("a letter of a revoked agent is opened and marked, not answered", async () => {
  await open("#/hall", {}, messages, { ...peopled, agents: peopled.agents.filter(({ id }) => id !== "a-loom") });
  const letter = within((await screen.findByText("Labels are printed. Shall I book the carrier?")).closest("li")!);
  expect(letter.getAllByRole("button").map(({ textContent }) => textContent?.trim())).toEqual(["Mark as read", "Open"]);
});

test("a member is taken out of a squad, and the undo line puts it back as it was there", async () => {
  const platform = await open("#/bus/squads", { remove_member: () => ({ squads: [] }), add_member: () => peopled.squads });
  await fireEvent.click(await screen.findByRole("button", { name: "Remove loom from sales" }));
  await screen.findByText("loom is no longer in sales. It may join again.");
  expect(platform.argsOf("remove_member")).toEqual([{ squad: "sales", agent_id: "a-loom" }]);
  expect(screen.queryByRole("button", { name: "Remove loom from sales" })).toBeNull();
  await fireEvent.click(screen.getByRole("button", { name: /^Undo/ }));
  await screen.findByText("loom is in sales.");
  expect(platform.argsOf("add_member")).toEqual([{ squad: "sales", agent_id: "a-loom", summary: "labels and pallets" }]);
  screen.getByRole("button", { name: "Remove loom from sales" });
});

test("an agent is put into a squad where the squad stands, which offers those that are not in it", async () => {
  const joined = { name: "sales", created_at: "2026-11-03T08:00:00Z", members: [...peopled.squads.squads[0]!.members, { agent_id: "a-porter", agent_name: "porter", joined_at: "2026-11-20T14:31:00Z", summary: null }] };
  const from = { ...peopled, agents: [...peopled.agents, agent("porter")] };
  const platform = await open("#/bus/squads", { add_member: () => ({ squads: [joined] }) }, messages, from);
  const add = await screen.findByRole("button", { name: "Add to #sales" });
  add.focus();
  await fireEvent.keyDown(add, { key: "Enter" });
  expect(screen.queryByRole("menuitem", { name: "loom" })).toBeNull();
  await fireEvent.click(await screen.findByRole("menuitem", { name: "porter" }));
  await screen.findByText("porter is in sales.");
  expect(platform.argsOf("add_member")).toEqual([{ squad: "sales", agent_id: "a-porter" }]);
});

test("where there is no squad, the next step is one button", async () => {
  await open("#/bus/squads", {}, messages, { ...peopled, squads: { squads: [] } });
  await fireEvent.click(await screen.findByRole("button", { name: "Scope matrix" }));
  await waitFor(() => expect(location.hash).toBe("#/agents/scopes"));
  cleanup();
  await open("#/bus/squads", {}, messages, { ...peopled, squads: { squads: [] }, agents: [] });
  await screen.findByText(/ An agent minted with the preset Member may join\.$/);
  await fireEvent.click(await screen.findByRole("button", { name: "Mint an agent" }));
  await waitFor(() => expect(location.hash).toBe("#/agents/mint"));
});

test("the hall shows what was denied, what rests and what was written to the operator, and acts on it", async () => {
  const platform = await open("#/hall", { acknowledge: () => ({}), redeliver: () => ({}), decide_denial: () => ({ denials: [] }) });
  const needs = within(await screen.findByRole("region", { name: "Needs you" }));
  const letter = (await needs.findByText("Labels are printed. Shall I book the carrier?")).closest("li")!;
  await fireEvent.click(within(letter).getByRole("button", { name: /^Mark as read, from / }));
  expect(platform.argsOf("acknowledge")).toEqual([{ message_id: "m-6" }]);
  const parked = needs.getByText("Draft the week’s letter from the log.").closest("li")!;
  expect(parked.textContent, "as its row on the bus says").toContain("is parked: it was delivered 5 times and not acknowledged");
  await fireEvent.click(within(parked).getByRole("button", { name: "Redeliver" }));
  expect(platform.argsOf("redeliver")).toEqual([{ mailbox: "a-archivist", message_id: "m-3" }]);
  needs.getByText(/^It called .*, which convenes panels, from your wallet, and was told to ask you\.$/);
  await fireEvent.click(needs.getByRole("button", { name: "Refuse: loom, mcp:deliberate" }));
  expect(platform.argsOf("decide_denial")).toEqual([{ denial_id: "d-1", decision: "refuse" }]);
  const told = await screen.findByText("loom was refused mcp:deliberate.");
  expect(told.closest("[role=status]"), "which is read out as its row goes").not.toBeNull();
  expect(within(told.parentElement!).queryByRole("button"), "and nothing takes it back").toBeNull();
  const here = within(screen.getByRole("region", { name: /^Here/ }));
  expect(here.getAllByRole("listitem")).toHaveLength(peopled.agents.length);
});

describe("mail that a revoked agent never read", () => {
  const unread = Array.from({ length: 30 }, (_, index) => message(index + 1, { state: "parked", mailbox: "a-gone", to: "gone", acknowledged_at: null }));
  const parked = (n: number): Snapshot => ({ ...peopled, denials: { denials: [] }, bus: { ...peopled.bus, counts: { total: 0, parked: n, held: 0, unacknowledged: 0, withdrawn: 0, unread: 0 } } });

  test("is one card in the hall with its count, and one act takes all of it back", async () => {
    const platform = await open("#/hall", { withdraw: () => ({}) }, unread, parked(30));
    const needs = within(await screen.findByRole("region", { name: "Needs you" }));
    const card = (await needs.findByText("30 messages")).closest("li")!;
    expect(card.textContent).toContain("30 messages to gone are parked: their reader was revoked");
    expect(within(card).queryByRole("button", { name: /Redeliver/ })).toBeNull();
    const listed = needs.getAllByRole("listitem").length;
    expect(screen.getByTitle(/^Hall/).querySelector(".badge")!.textContent, "the badge of the rail").toBe(String(listed));
    expect(needs.queryByText(/more messages? waits?/)).toBeNull();
    await fireEvent.click(within(card).getByRole("button", { name: "Withdraw all 30" }));
    await waitFor(() => expect(platform.argsOf("withdraw")).toHaveLength(30));
    expect(platform.argsOf("withdraw")).toContainEqual({ message_id: "m-7", mailbox: "a-gone" });
  });

  test("tells when some of it could not be taken back, and takes back the rest", async () => {
    const platform = await open("#/hall", { withdraw: ({ message_id }) => (message_id === "m-30" ? Promise.reject(new RpcError("invalid_state", "This message is gone.")) : {}) }, unread, parked(30));
    await fireEvent.click(await screen.findByRole("button", { name: "Withdraw all 30" }));
    await screen.findByText("This message is gone.");
    expect(platform.argsOf("withdraw")).toHaveLength(30);
  });

  test("a single one offers to be taken back, in the hall and where it is opened", async () => {
    const platform = await open("#/hall", { withdraw: () => ({}) }, unread.slice(0, 1), parked(1));
    await fireEvent.click(await screen.findByRole("button", { name: "Withdraw" }));
    expect(platform.argsOf("withdraw")).toEqual([{ message_id: "m-1", mailbox: "a-gone" }]);
    cleanup();
    await open("#/bus/parked/1", {}, unread.slice(0, 1), parked(1));
    const panel = within(await screen.findByRole("complementary", { name: /^Message from/ }));
    await panel.findByRole("button", { name: "Withdraw" });
    expect(panel.queryByRole("button", { name: "Redeliver" })).toBeNull();
  });

  test("says that it ran out of tries before its reader was revoked, where it did", async () => {
    const tried = unread.slice(0, 1).map((each) => ({ ...each, request_id: "r-1", deliveries: 5 }));
    await open("#/hall", {}, tried, parked(1));
    const card = (await screen.findByRole("button", { name: "Withdraw" })).closest("li")!;
    expect(card.textContent).toContain("is parked: it was delivered 5 times and not acknowledged, and its reader was revoked");
  });

  test("of one that still reads is delivered again by one act", async () => {
    const platform = await open("#/hall", { redeliver: () => ({}) }, unread.slice(0, 3).map((each) => ({ ...each, mailbox: "a-loom", to: "loom", request_id: `r-${each.place}`, deliveries: 5 })), parked(3));
    expect((await screen.findByText("3 messages")).closest("li")!.textContent).toContain("3 messages to loom are parked: they were delivered 5 times and not acknowledged");
    await fireEvent.click(await screen.findByRole("button", { name: "Redeliver all 3" }));
    expect(platform.argsOf("redeliver")).toHaveLength(3);
  });
});

describe("axe finds nothing", () => {
  test.each(["#/bus", "#/bus/all/5", "#/bus/squads", "#/hall"])("on %s", async (fragment) => {
    await open(fragment);
    await screen.findAllByText(/pallet 7|loom/);
    const { violations } = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
  });
});

describe("words that are to be erased", () => {
  test("go once it is typed, and a refusal stands where it was asked", async () => {
    let refuse = true;
    const erased = { ...messages[0]!, text: "", erased: true };
    const platform = await open("#/bus/all/1", {
      erase: () => {
        if (refuse) throw new RpcError("store_unavailable", "The disk is full.");
        return {};
      },
      list_messages: (asked) => busOf(refuse ? messages : [erased, ...messages.slice(1)])(asked),
      get_thread: () => ({ messages: [messages[0]!], more: false }),
    });
    await fireEvent.click(await screen.findByRole("button", { name: "Erase words…" }));
    const typed = await screen.findByRole("textbox", { name: "Type “erase”" });
    const act = () => screen.getByRole("button", { name: "Erase" });
    expect(act()).toHaveProperty("disabled", true);
    await fireEvent.input(typed, { target: { value: "erase" } });
    await fireEvent.click(act());
    await screen.findByText("The disk is full.");
    refuse = false;
    await fireEvent.click(act());
    const panel = await screen.findByRole("complementary", { name: /bruno-voice to loom/ });
    await within(panel).findByText("The text was erased.");
    expect(platform.argsOf("erase")).toEqual([{ message_id: "m-1" }, { message_id: "m-1" }]);
    expect(within(panel).queryByRole("button", { name: "Erase words…" })).toBeNull();
  });
});
