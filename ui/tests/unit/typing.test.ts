import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import App from "../../src/App.svelte";
import Field from "../../src/components/Field.svelte";
// Read before the clock of the first test runs: the frame would read them inside that.
import "../../src/components/SheetDialog.svelte";
import "../../src/features/agents/Agents.svelte";
import "../../src/features/bus/Bus.svelte";
import "../../src/features/deliberations/NewDeliberation.svelte";
import "../../src/features/frame/PlacesPalette.svelte";
import { Draft, forWire } from "../../src/features/deliberations/session/tray/draft.svelte";
import { Console } from "../../src/state/console.svelte";
import { unsent } from "../../src/state/begun";
import { parsed } from "../../src/state/drafts";
import { undoLine } from "../../src/state/undo.svelte";
import { busOf, messages, peopled } from "../fixtures/agents";
import { FakePlatform } from "../fixtures/platform";
import { fresh, snapshot } from "../fixtures/shared";

vi.setConfig({ testTimeout: 30_000 });

const ACK = { session_id: "s-new", round_id: "r-new", round_index: 0, status: "processing" as const, progress_url: "", poll_after_ms: 1000, progress_version: 0, rehearsal: false };

async function open(fragment: string, platform: FakePlatform): Promise<FakePlatform> {
  location.hash = fragment;
  dispatchEvent(new HashChangeEvent("hashchange"));
  render(App, { platform });
  await screen.findByRole("navigation", { name: "Places" });
  return platform;
}

const write = (field: HTMLElement, value: string) => fireEvent.input(field, { target: { value } });

/** An answer that comes when it is let go. */
function held<Answer>(answer: Answer) {
  let go!: () => void;
  const promise = new Promise<Answer>((done) => (go = () => done(answer)));
  return { promise, go };
}

beforeEach(() => localStorage.clear());
afterEach(() => {
  cleanup();
  undoLine.dismiss();
  location.hash = "";
});

test("the Enter of an input method chooses its candidate, the next one ends what was typed", async () => {
  const onenter = vi.fn();
  render(Field, { value: "", label: "Title", onenter });
  const field = screen.getByRole("textbox", { name: "Title" });
  await fireEvent.keyDown(field, { key: "Enter", isComposing: true });
  // How WebKit tells it, after the composition has ended.
  await fireEvent.keyDown(field, { key: "Enter", keyCode: 229 });
  expect(onenter).not.toHaveBeenCalled();
  await fireEvent.keyDown(field, { key: "Enter", keyCode: 13 });
  expect(onenter).toHaveBeenCalledOnce();
});

test("Esc leads out of a field, once what was sought in it is emptied, and letters are keys again", async () => {
  await open("#/agents", new FakePlatform(peopled));
  const search = await screen.findByRole<HTMLInputElement>("searchbox");
  search.focus();
  await write(search, "loom");
  await fireEvent.keyDown(search, { key: "Escape" });
  expect(document.activeElement).toBe(search);
  await write(search, "");
  await fireEvent.keyDown(search, { key: "Escape" });
  await waitFor(() => expect(document.activeElement?.id).toBe("screen"));
  await fireEvent.keyDown(document.activeElement!, { key: "g" });
  await fireEvent.keyDown(document.activeElement!, { key: "h" });
  await waitFor(() => expect(location.hash).toBe("#/hall"));
});

test("the palette leaves the keys of an input method alone", async () => {
  await open("#/hall", new FakePlatform());
  await fireEvent.keyDown(document.body, { key: "k", ctrlKey: true });
  const input = await screen.findByRole("combobox", { name: "Go to, or do" });
  await write(input, "pricing");
  await fireEvent.keyDown(input, { key: "Enter", isComposing: true });
  expect(location.hash).toBe("#/hall");
  await fireEvent.keyDown(input, { key: "Enter" });
  await waitFor(() => expect(location.hash).toBe("#/deliberations/s-pricing"));
});

test("another kind is chosen over a sign that was typed, by Tab and by its button", async () => {
  await open("#/hall", new FakePlatform());
  await fireEvent.keyDown(document.body, { key: "k", ctrlKey: true });
  const input = await screen.findByRole<HTMLInputElement>("combobox", { name: "Go to, or do" });
  const kinds = () => within(screen.getByRole("group")).getAllByRole("button", { pressed: true }).map((each) => each.textContent?.trim().split(/\s+/).at(-1));
  await write(input, "@bru");
  expect(kinds()).toEqual(["Agents"]);
  await fireEvent.keyDown(input, { key: "Tab" });
  expect([input.value, ...kinds()]).toEqual(["bru", "Deliberations"]);
  await write(input, "@bru");
  await fireEvent.click(screen.getByRole("button", { name: "All" }));
  expect([input.value, ...kinds()]).toEqual(["bru", "All"]);
});

test("Ctrl+Z belongs to the field in which one types, and outside it takes back the last act", async () => {
  const undo = vi.fn();
  await open("#/deliberations/new", new FakePlatform());
  const question = await screen.findByRole("textbox", { name: "Question" });
  undoLine.show({ done: "Done.", undo });
  await screen.findByText("Done.");
  expect(await fireEvent.keyDown(question, { key: "z", ctrlKey: true }), "the field takes it").toBe(true);
  await fireEvent.keyDown(question, { key: "Z", ctrlKey: true, shiftKey: true });
  expect(undo).not.toHaveBeenCalled();
  await fireEvent.keyDown(document.body, { key: "z", ctrlKey: true });
  expect(undo).toHaveBeenCalledOnce();
});

test("of words only what was sent is taken away", () => {
  expect(unsent("Which?", "Which?")).toBe("");
  expect(unsent("Which?\nAnd why?", "Which?")).toBe("And why?");
  expect(unsent("What?", "Which?")).toBe("What?");
});

test("what is no form is no draft", () => {
  for (const body of ["{", "7", '"words"', "null"]) expect(parsed(body)).toBeNull();
  expect(parsed('{"text":"Hold"}')).toEqual({ text: "Hold" });
});

test("a question that is written on while it is being put keeps what came after", async () => {
  const answer = held(ACK);
  const bodies: string[] = [];
  const platform = new FakePlatform(snapshot, { convene: () => answer.promise, save_draft: ({ key, body }) => (key === "new" && bodies.push(body), {}) });
  await open("#/deliberations/new", platform);
  const question = await screen.findByRole("textbox", { name: "Question" });
  // It has the focus once what was begun before has been read.
  await waitFor(() => expect(document.activeElement).toBe(question));
  await write(question, "Which plan?");
  await fireEvent.keyDown(question, { key: "Enter", ctrlKey: true });
  await waitFor(() => expect(platform.argsOf("convene")).toHaveLength(1));
  await write(question, "Which plan? And who pays?");
  answer.go();
  await waitFor(() => expect(location.hash).toBe("#/deliberations/s-new"));
  await waitFor(() => expect(JSON.parse(bodies.at(-1) ?? "{}")).toMatchObject({ question: "And who pays?" }));
});

test("the tray keeps what was added or changed while its round was being asked for", () => {
  const draft = new Draft(new Console(new FakePlatform()), "s-1");
  const snippet = { type: "KEEP" as const, quote: "Forty", quoted_model: "gpt-5.4", comment: "", own: false };
  draft.write("Go on.");
  draft.add(snippet);
  draft.add({ ...snippet, quote: "Fifty" });
  draft.choose({ recap: true });
  const taken = draft.taken();
  draft.edit(draft.snippets[1]!.key, { comment: "Why fifty?" });
  draft.add({ ...snippet, quote: "Sixty" });
  draft.write("Go on. Slowly.");
  expect(forWire(taken).map(({ quote, comment }) => [quote, comment])).toEqual([["Forty", null], ["Fifty", null]]);
  draft.sent(taken);
  expect(draft.prompt).toBe("Slowly.");
  expect(draft.snippets.map(({ quote, comment }) => [quote, comment])).toEqual([["Fifty", "Why fifty?"], ["Sixty", ""]]);
  expect(draft.recap).toBe(false);
});

test("a message that is written on while it is being sent keeps what came after, and the draft of another form is none", async () => {
  const answer = held({ message_id: "m-9", recipients: 1, inbox_full: [] });
  const platform = new FakePlatform(peopled, {
    list_messages: busOf(messages),
    get_thread: () => ({ messages: [messages[0]!], more: false }),
    write_message: () => answer.promise,
    draft: ({ key }) => ({ body: key.startsWith("message") ? "{" : null }),
  });
  await open("#/bus", platform);
  await fireEvent.change(await screen.findByRole("combobox", { name: "To" }), { target: { value: "agent/a-loom" } });
  const field = screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Message" });
  await write(field, "Hold the quotes.");
  await fireEvent.click(screen.getByRole("button", { name: "Send" }));
  await write(field, "Hold the quotes. And the labels.");
  answer.go();
  await waitFor(() => expect(field.value).toBe("And the labels."));
  expect(platform.argsOf("write_message")).toEqual([{ to: { kind: "agent", name: "loom" }, text: "Hold the quotes." }]);
});

test("an answer that was sent while another message is answered is not begun anew, and takes no words of the other", async () => {
  const drafts = new Map<string, string>();
  const answer = held({ message_id: "m-9", recipients: 1, inbox_full: [] });
  const platform = new FakePlatform(peopled, {
    list_messages: busOf(messages),
    get_thread: () => ({ messages: [messages[0]!], more: false }),
    write_message: () => answer.promise,
    draft: ({ key }) => ({ body: drafts.get(key) || null }),
    save_draft: ({ key, body }) => (drafts.set(key, body), {}),
  });
  await open("#/bus/yours/6", platform);
  await fireEvent.click(await screen.findByRole("button", { name: "Reply" }));
  const field = screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Message" });
  await write(field, "Yes, the 16:20.");
  await fireEvent.click(screen.getByRole("button", { name: "Send" }));
  await waitFor(() => expect(platform.argsOf("write_message")).toHaveLength(1));
  await fireEvent.click(screen.getByRole("button", { name: "Write anew" }));
  await waitFor(() => expect(drafts.get("message/m-6")).toContain("16:20"));
  await write(field, "Something else.");
  answer.go();
  await waitFor(() => expect(drafts.get("message/m-6")).toBe(""));
  expect(field.value).toBe("Something else.");
});

test("the first question is kept as it is typed, and a file that was taken out comes back", async () => {
  const bodies: string[] = [];
  await open("#/hall", new FakePlatform(fresh, { save_draft: ({ body }) => (bodies.push(body), {}) }));
  const question = await screen.findByRole("textbox", { name: "Question" });
  await write(question, "Hamburg or Rostock?");
  await waitFor(() => expect(bodies.at(-1)).toContain("Rostock"));
  await fireEvent.drop(question, { dataTransfer: { files: [new File(["Tides."], "tides.md")], types: ["Files"] } });
  await screen.findByText("tides.md");
  await fireEvent.click(screen.getByRole("button", { name: /tides\.md/ }));
  await waitFor(() => expect(screen.queryByText("tides.md")).toBeNull());
  await fireEvent.click(screen.getByRole("button", { name: /^Undo/ }));
  await screen.findByText("tides.md");
});
