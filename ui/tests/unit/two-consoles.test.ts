import { cleanup, configure, fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import App from "../../src/App.svelte";
import "../../src/features/bus/Bus.svelte";
import "../../src/features/deliberations/session/Session.svelte";
import { busOf, messages, peopled } from "../fixtures/agents";
import { SharedDrafts } from "../fixtures/drafts";
import { FakePlatform } from "../fixtures/platform";
import { steered } from "../fixtures/sessions";
import { snapshot } from "../fixtures/shared";

configure({ defaultHidden: true });
vi.setConfig({ testTimeout: 30_000 });

async function open(hash: string, drafts: SharedDrafts, answers: ConstructorParameters<typeof FakePlatform>[1] = {}, seen = snapshot): Promise<FakePlatform> {
  const platform = new FakePlatform(seen, { ...drafts.answers, ...answers });
  location.hash = hash;
  dispatchEvent(new HashChangeEvent("hashchange"));
  render(App, { platform });
  return platform;
}

beforeEach(() => localStorage.clear());
afterEach(() => {
  cleanup();
  location.hash = "";
});

const type = (field: HTMLElement, value: string) => fireEvent.input(field, { target: { value } });

describe("the next round, put together in two consoles", () => {
  const KEY = "session/s-event";
  const snippet = (quote: string, comment = "") => ({ type: "CORE", quote, quoted_model: "gpt-5.4", comment, own: false });
  const draft = (prompt: string, ...snippets: object[]) => ({ prompt, snippets, recap: false, synthesis: false });
  const tray = () => within(screen.getByRole("complementary", { name: "Steering tray" }));
  const prompt = () => tray().getByRole<HTMLTextAreaElement>("textbox", { name: "Prompt" });
  const cards = () => tray().queryAllByRole("article");

  async function begin(drafts: SharedDrafts) {
    const platform = await open("#/deliberations/s-event", drafts, { get_session: () => steered() });
    await screen.findByRole("tablist", { name: "Views of the session" });
    return platform;
  }

  test("is one: what the other adds, writes and sends is seen here", async () => {
    const drafts = new SharedDrafts({ [KEY]: draft("Which?", snippet("A queue is simpler.")) });
    const platform = await begin(drafts);
    await waitFor(() => expect([prompt().value, cards()]).toMatchObject(["Which?", { length: 1 }]));
    const comment = within(cards()[0]!).getByRole("textbox");
    comment.focus();
    drafts.elsewhere(platform, KEY, draft("Which depot?", snippet("A queue is simpler."), snippet("Tables cost more.")));
    await waitFor(() => expect([prompt().value, cards()]).toMatchObject(["Which depot?", { length: 2 }]));
    expect(document.activeElement, "what stood here keeps the focus").toBe(comment);
    drafts.elsewhere(platform, KEY, null);
    await waitFor(() => expect([prompt().value, cards()]).toMatchObject(["", { length: 0 }]));
    expect(platform.argsOf("save_draft"), "nothing of it was written again").toEqual([]);
  });

  test("has what both wrote where neither knew of the other, on the disk and here", async () => {
    const drafts = new SharedDrafts({ [KEY]: draft("Which?") });
    const platform = await begin(drafts);
    await waitFor(() => expect(prompt().value).toBe("Which?"));
    await type(prompt(), "Which? And when?");
    // Its news is still on the way when what was typed here is kept.
    drafts.elsewhere(null, KEY, draft("Which? And where?", snippet("A queue is simpler.")));
    await waitFor(() => expect(drafts.of(KEY)).toMatchObject({ prompt: "Which? And where?\n\nAnd when?", snippets: [{ quote: "A queue is simpler." }] }));
    expect(prompt().value).toBe("Which? And where?\n\nAnd when?");
    expect(cards()).toHaveLength(1);
    expect(platform.argsOf("save_draft").at(-1)?.body).not.toContain('"key"');
  });

  test("that was sent elsewhere is not sent again: what is typed behind it stays", async () => {
    const drafts = new SharedDrafts({ [KEY]: draft("Which?", snippet("A queue is simpler.")) });
    await begin(drafts);
    await waitFor(() => expect(cards()).toHaveLength(1));
    await type(prompt(), "Which? And when?");
    drafts.elsewhere(null, KEY, null);
    await waitFor(() => expect(drafts.of(KEY)).toMatchObject({ prompt: "And when?" }));
    expect([prompt().value, cards()]).toMatchObject(["And when?", { length: 0 }]);
  });
});

describe("a new question, written in two consoles", () => {
  test("is one", async () => {
    const drafts = new SharedDrafts();
    const platform = await open("#/deliberations/new", drafts);
    const question = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Question" });
    await waitFor(() => expect(platform.argsOf("draft").some(({ key }) => key === "new")).toBe(true));
    drafts.elsewhere(platform, "new", { question: "Which depot?", files: [], models: null, blind: false, spend: "2" });
    await waitFor(() => expect(question.value).toBe("Which depot?"));
    expect(screen.getByRole<HTMLInputElement>("textbox", { name: "Spend at most" }).value).toBe("2");
    drafts.elsewhere(platform, "new", null);
    await waitFor(() => expect(question.value).toBe(""));
    await type(question, "And when?");
    await waitFor(() => expect(drafts.of("new")).toMatchObject({ question: "And when?" }));
  });
});

describe("a message, written in two consoles", () => {
  const letter = (to: string, text: string) => ({ text, to: `agent/a-${to}`, name: to, asks: false, answering: null });
  const field = () => screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Message" });
  const to = () => screen.getByRole<HTMLSelectElement>("combobox", { name: "To" });

  async function begin(drafts: SharedDrafts) {
    const platform = await open("#/bus", drafts, { list_messages: busOf(messages), write_message: () => ({ message_id: "m-9", recipients: 1, inbox_full: [] }) }, peopled);
    await field();
    await waitFor(() => expect(platform.argsOf("draft").some(({ key }) => key === "message")).toBe(true));
    return platform;
  }

  test("is one: it is written on here too, and is gone here once it was sent there", async () => {
    const drafts = new SharedDrafts({ message: letter("loom", "Hold.") });
    const platform = await begin(drafts);
    await waitFor(async () => expect([(await field()).value, to().value]).toEqual(["Hold.", "agent/a-loom"]));
    drafts.elsewhere(platform, "message", letter("loom", "Hold. All of it."));
    await waitFor(async () => expect((await field()).value).toBe("Hold. All of it."));
    drafts.elsewhere(platform, "message", null);
    await waitFor(async () => expect((await field()).value).toBe(""));
    expect(platform.argsOf("save_draft")).toEqual([]);
  });

  test("that another begins for somebody else stands in no field here: what stands here stays, and waits for its reader", async () => {
    const drafts = new SharedDrafts({ message: letter("loom", "Hold.") });
    const platform = await begin(drafts);
    await waitFor(async () => expect((await field()).value).toBe("Hold."));
    drafts.elsewhere(platform, "message", letter("archivist", "Book it."));
    await waitFor(() => expect(drafts.of("message/for")).toEqual({ "agent/a-loom": { name: "loom", text: "Hold.", asks: false } }));
    expect([(await field()).value, to().value]).toEqual(["Hold.", "agent/a-loom"]);
    // The other's is sent, and not this one.
    drafts.elsewhere(platform, "message", null);
    await waitFor(() => expect(drafts.of("message")).toMatchObject({ text: "Hold.", to: "agent/a-loom" }));
    expect((await field()).value).toBe("Hold.");
    // Both go on: each waits once, as it was last.
    for (const [mine, theirs] of [["Hold. Now.", "Book it."], ["Hold. Now. Please.", "Book it. Twice."]] as const) {
      drafts.elsewhere(null, "message", letter("archivist", theirs));
      await type(await field(), mine);
      await waitFor(() => expect(drafts.of("message")).toMatchObject({ text: mine, to: "agent/a-loom" }));
      await waitFor(() => expect(drafts.of("message/for")).toMatchObject({ "agent/a-archivist": { text: theirs } }));
    }
    await fireEvent.click(screen.getByRole("button", { name: "Send" }));
    await waitFor(async () => expect((await field()).value).toBe(""));
    await waitFor(() => expect(drafts.of("message/for"), "what was sent does not wait").toEqual({ "agent/a-archivist": { name: "archivist", text: "Book it. Twice.", asks: false } }));
  });

  test("that came back once the other’s was sent is gone here as soon as it was sent there, too", async () => {
    const drafts = new SharedDrafts({ message: letter("loom", "Hold.") });
    const platform = await begin(drafts);
    await waitFor(async () => expect((await field()).value).toBe("Hold."));
    drafts.elsewhere(platform, "message", letter("archivist", "Book it."));
    await waitFor(() => expect(drafts.of("message/for")).toMatchObject({ "agent/a-loom": { text: "Hold." } }));
    drafts.elsewhere(platform, "message", null);
    await waitFor(() => expect(drafts.of("message")).toMatchObject({ text: "Hold.", to: "agent/a-loom" }));
    const keeps = platform.argsOf("save_draft").length;
    drafts.elsewhere(platform, "message/for", null);
    drafts.elsewhere(platform, "message", null);
    await waitFor(async () => expect((await field()).value).toBe(""));
    expect(platform.argsOf("save_draft"), "it is not put back").toHaveLength(keeps);
    expect(drafts.of("message")).toBeNull();
  });

  test("that another begins is typed into by nobody who has begun none", async () => {
    const drafts = new SharedDrafts();
    const platform = await begin(drafts);
    drafts.elsewhere(platform, "message", letter("archivist", "Book it."));
    await waitFor(() => expect(platform.argsOf("draft").filter(({ key }) => key === "message").length).toBeGreaterThan(1));
    expect((await field()).value).toBe("");
    await fireEvent.change(to(), { target: { value: "agent/a-loom" } });
    await type(await field(), "Hold.");
    await waitFor(() => expect(drafts.of("message")).toMatchObject({ text: "Hold.", to: "agent/a-loom" }));
    await waitFor(() => expect(drafts.of("message/for")).toEqual({ "agent/a-archivist": { name: "archivist", text: "Book it.", asks: false } }));
  });

  test("for the same reader has the words of both", async () => {
    const drafts = new SharedDrafts({ message: letter("loom", "Hold.") });
    await begin(drafts);
    await waitFor(async () => expect((await field()).value).toBe("Hold."));
    await type(await field(), "Hold. The quotes too.");
    drafts.elsewhere(null, "message", letter("loom", "Hold. Until Monday."));
    await waitFor(() => expect(drafts.of("message")).toMatchObject({ text: "Hold. Until Monday.\n\nThe quotes too.", to: "agent/a-loom" }));
    expect((await field()).value).toBe("Hold. Until Monday.\n\nThe quotes too.");
  });

  test("for another reader is put aside for that one: words do not change hands", async () => {
    const drafts = new SharedDrafts({ message: letter("loom", "Hold.") });
    await begin(drafts);
    await waitFor(async () => expect((await field()).value).toBe("Hold."));
    await type(await field(), "Hold the quotes.");
    drafts.elsewhere(null, "message", letter("archivist", "Book it."));
    await waitFor(() => expect(drafts.of("message")).toMatchObject({ text: "Hold the quotes.", to: "agent/a-loom" }));
    await waitFor(() => expect(drafts.of("message/for")).toEqual({ "agent/a-archivist": { name: "archivist", text: "Book it.", asks: false } }));
    expect([(await field()).value, to().value]).toEqual(["Hold the quotes.", "agent/a-loom"]);
  });
});
