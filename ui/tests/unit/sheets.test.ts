import { cleanup, fireEvent, render } from "@testing-library/svelte";
import { createRawSnippet } from "svelte";
import { afterEach, expect, test, vi } from "vitest";
import ErrorNote from "../../src/components/ErrorNote.svelte";
import SheetDialog from "../../src/components/SheetDialog.svelte";
import { reach } from "../../src/state/reach.svelte";

afterEach(cleanup);

const field = (name: string) => createRawSnippet(() => ({ render: () => `<div><a href="#help">Help</a><input data-autofocus aria-label="${name}" /></div>` }));
const focused = () => document.activeElement?.getAttribute("aria-label");

test("a sheet over another takes the keyboard to its own field", async () => {
  render(SheetDialog, { open: true, title: "Add a provider", children: field("Key"), onclose: () => undefined });
  await vi.waitFor(() => expect(focused()).toBe("Key"));
  render(SheetDialog, { open: true, title: "Where keys are kept", children: field("Passphrase"), onclose: () => undefined });
  await vi.waitFor(() => expect(focused()).toBe("Passphrase"));
});

test("a sheet opens at its top, also where its field stands below all that is read first", async () => {
  const focus = vi.spyOn(HTMLElement.prototype, "focus");
  const words = createRawSnippet(() => ({ render: () => "<p>What ends with it.</p>" }));
  const shown = render(SheetDialog, { open: true, title: "Revoke loom?", children: words, foot: field("Type loom"), onclose: () => undefined });
  await vi.waitFor(() => expect(focused()).toBe("Type loom"));
  expect(focus.mock.lastCall, "below what is read").toEqual([{ preventScroll: true }]);
  shown.unmount();
  render(SheetDialog, { open: true, title: "Rename", children: field("Title"), onclose: () => undefined });
  await vi.waitFor(() => expect(focused()).toBe("Title"));
  expect(focus.mock.lastCall, "among what is read").toEqual([{ preventScroll: false }]);
  focus.mockRestore();
});

test("a foot's field that a low window has out of sight is told above the acts, which lead to it", async () => {
  let look = () => {};
  vi.stubGlobal("ResizeObserver", class {
    constructor(told: () => void) {
      look = told;
    }
    observe() {}
    disconnect() {}
  });
  let bottom = 400;
  const rects = vi.spyOn(Element.prototype, "getBoundingClientRect").mockImplementation(function (this: Element) {
    return { top: 300, bottom: this.matches("input") ? bottom : 340 } as DOMRect;
  });
  const words = createRawSnippet(() => ({ render: () => "<p>What ends with it.</p>" }));
  const foot = createRawSnippet(() => ({ render: () => '<div><label for="name">Type loom to revoke it</label><input id="name" data-autofocus /></div>' }));
  const acts = createRawSnippet(() => ({ render: () => "<button>Cancel</button>" }));
  const shown = render(SheetDialog, { open: true, title: "Revoke loom?", children: words, foot, acts, onclose: () => undefined });
  const sheet = await shown.findByRole("dialog");
  Object.defineProperty(sheet, "scrollHeight", { value: 700 });
  look();
  const act = await shown.findByRole("button", { name: "Type loom to revoke it" });
  await fireEvent.click(act);
  expect([sheet.scrollTop, document.activeElement]).toEqual([700, shown.getByLabelText("Type loom to revoke it")]);
  bottom = 290;
  await fireEvent.scroll(sheet);
  expect(shown.queryByRole("button", { name: "Type loom to revoke it" }), "it is in sight").toBeNull();
  rects.mockRestore();
  vi.unstubAllGlobals();
});

test("a sheet shows where its focus is, also to whoever opened it with a pointer", async () => {
  const radios = createRawSnippet(() => ({ render: () => `<div><label><input type="radio" name="end" aria-label="at once" checked /></label><label><input type="radio" name="end" aria-label="in a minute" /></label></div>` }));
  const matches = vi.spyOn(Element.prototype, "matches").mockImplementation(function (this: Element, selector) {
    return selector !== ":focus-visible" && Element.prototype.closest.call(this, selector) === this;
  });
  render(SheetDialog, { open: true, title: "Rotate the token of loom?", children: radios, onclose: () => undefined });
  await vi.waitFor(() => expect(focused()).toBe("at once"));
  const radio = document.activeElement as HTMLElement;
  expect(radio.dataset.shown).toBe("");
  radio.blur();
  expect(radio.dataset.shown, "the ring goes with the focus").toBeUndefined();
  matches.mockRestore();
});

test("a sheet gives the keyboard back to what opened it, or to the head of the screen where that has gone", async () => {
  const screen = Object.assign(document.createElement("main"), { id: "screen", tabIndex: -1 });
  document.body.append(screen);
  for (const stays of [true, false]) {
    const opener = document.createElement("button");
    screen.append(opener);
    opener.focus();
    const shown = render(SheetDialog, { open: true, title: "Rename", children: field("Title"), onclose: () => undefined });
    await vi.waitFor(() => expect(focused()).toBe("Title"));
    if (!stays) opener.remove();
    await shown.rerender({ open: false });
    await vi.waitFor(() => expect(document.activeElement).toBe(stays ? opener : screen));
    shown.unmount();
  }
  screen.remove();
});

test("what goes wrong comes into sight in a sheet's body as in its foot", async () => {
  const intoView = vi.spyOn(Element.prototype, "scrollIntoView");
  const foot = createRawSnippet(() => ({ render: () => `<div id="foot"></div>` }));
  render(SheetDialog, { open: true, title: "Mint an agent", children: field("Name"), foot, onclose: () => undefined });
  const told = (beside: Element) => {
    const alert = Object.assign(document.createElement("p"), { textContent: "It was refused." });
    alert.setAttribute("role", "alert");
    beside.append(alert);
    return alert;
  };
  const input = await vi.waitFor(() => document.querySelector('[aria-label="Name"]')!);
  for (const beside of [input.parentElement!, document.querySelector("#foot")!]) {
    const alert = told(beside);
    await vi.waitFor(() => expect(intoView.mock.contexts).toContain(alert));
  }
  intoView.mockRestore();
});

test("what a sheet's foot tells scrolls to what has the focus only where it covers that", async () => {
  const intoView = vi.spyOn(Element.prototype, "scrollIntoView");
  let [top, bottom] = [-400, -372];
  const rects = vi.spyOn(Element.prototype, "getBoundingClientRect").mockImplementation(function (this: Element) {
    return (this.matches("input") ? { top, bottom } : this.matches(".foot") ? { top: 500, bottom: 568 } : { top: 568, bottom: 600 }) as DOMRect;
  });
  const foot = createRawSnippet(() => ({ render: () => `<div id="foot"></div>` }));
  const acts = createRawSnippet(() => ({ render: () => "<button>Close</button>" }));
  const body = createRawSnippet(() => ({ render: () => '<input data-autofocus aria-label="Copy" />' }));
  render(SheetDialog, { open: true, title: "The token of loom", children: body, foot, acts, onclose: () => undefined });
  await vi.waitFor(() => expect(focused()).toBe("Copy"));
  const warn = async () => {
    intoView.mockClear();
    const alert = Object.assign(document.createElement("p"), { textContent: "It has not been copied." });
    alert.setAttribute("role", "alert");
    document.querySelector("#foot")!.append(alert);
    await vi.waitFor(() => expect(intoView.mock.contexts).toContain(alert));
  };
  await warn();
  expect(intoView.mock.contexts, "it was scrolled away before").not.toContain(document.activeElement);
  [top, bottom] = [520, 548];
  await warn();
  expect(intoView.mock.contexts).toContain(document.activeElement);
  rects.mockRestore();
  intoView.mockRestore();
});

test("a note says by itself whether it warns or refuses, whatever its code", () => {
  const { rerender } = render(ErrorNote, { happened: "The link was not opened." });
  const note = () => document.querySelector<HTMLElement>('.note[role="alert"]')!;
  expect(note().dataset.warns, "a refusal has no code of its own").toBeUndefined();
  return rerender({ happened: "Git has this file already.", warns: true, code: "client_file" }).then(() => expect(note().dataset.warns).toBe(""));
});

test("a code stands beside the sentence that it is the code of: what was answered, and not what did not come about for it", () => {
  const { rerender, container } = render(ErrorNote, { happened: "Nothing was changed.", kept: "What was typed is kept.", error: { message: "A tenant has that name already.", code: "already_exists" } });
  const said = () => [...container.querySelectorAll(".note p")].map((each) => each.textContent!.replace(/\s+/g, " ").trim());
  expect(said()).toEqual(["Nothing was changed.", "What was typed is kept. A tenant has that name already. already_exists"]);
  return rerender({ happened: "Nothing was changed.", kept: undefined, error: { message: "The console was not reached.", code: "unreachable" } }).then(() =>
    expect(said()).toEqual(["Nothing was changed.", "The console was not reached."]));
});

test("no note tells the code of an answer beside another sentence than the answer's own", () => {
  const sources = import.meta.glob<string>("../../src/**/*.svelte", { query: "?raw", import: "default", eager: true });
  const notes = Object.values(sources).flatMap((source) => source.match(/<ErrorNote\b[^<]*/g) ?? []);
  expect(notes.length).toBeGreaterThan(80);
  expect(notes.filter((note) => /todo=\{[^}]*\.message\}/.test(note) && /code=/.test(note))).toEqual([]);
});

test("Ctrl+Enter submits a sheet once for each press, and not while nobody answers", async () => {
  const onsubmit = vi.fn();
  render(SheetDialog, { open: true, title: "Mint an agent", children: field("Name"), onclose: () => undefined, onsubmit });
  const input = await vi.waitFor(() => document.querySelector('[aria-label="Name"]')!);
  const press = (more: KeyboardEventInit = {}) => fireEvent.keyDown(input, { key: "Enter", ctrlKey: true, ...more });
  reach.lose();
  await press();
  expect(onsubmit, "nobody answers").not.toHaveBeenCalled();
  reach.regain();
  await press();
  await press({ repeat: true });
  expect(onsubmit, "a key that is held down").toHaveBeenCalledOnce();
});

test("Ctrl K in a sheet is no key of the browser, says that it waits, and what is typed next stands in no field", async () => {
  const onclose = vi.fn();
  const shown = render(SheetDialog, { open: true, title: "What may be spent in a month?", children: field("Limit"), onclose });
  await vi.waitFor(() => expect(focused()).toBe("Limit"));
  expect(await fireEvent.keyDown(shown.getByLabelText("Limit"), { key: "k", ctrlKey: true }), "it is taken").toBe(false);
  await vi.waitFor(() => expect(shown.getByRole("alert").textContent).toBe("Close this first to search."));
  expect(document.activeElement).toBe(shown.getByRole("dialog"));
  expect(onclose).not.toHaveBeenCalled();
});

test.each([
  ["closes a sheet in which nothing was written", false, 1],
  ["leaves what was written, which Esc gives up", true, 0],
])("a click beside %s", async (_, written, closed) => {
  const onclose = vi.fn();
  render(SheetDialog, { open: true, title: "Add a provider", written, children: field("Name"), onclose });
  await vi.waitFor(() => expect(focused()).toBe("Name"));
  const beside = document.querySelector<HTMLElement>(".husting-scrim")!;
  // Presses are listened to from the moment after it opened, and taken in after another.
  const settles = () => new Promise((settled) => setTimeout(settled, 40));
  await settles();
  await fireEvent(beside, new MouseEvent("pointerdown", { bubbles: true, cancelable: true, button: 0, clientX: 900, clientY: 500 }));
  await settles();
  expect(onclose).toHaveBeenCalledTimes(closed);
  if (written) await fireEvent.keyDown(document.querySelector('[aria-label="Name"]')!, { key: "Escape" });
  expect(onclose).toHaveBeenCalledOnce();
});
