import { afterEach, describe, expect, test, vi } from "vitest";
import { Actions, actions } from "../../src/keys/actions.svelte";
import { caps, chordOf, isSingle } from "../../src/keys/chord";
import { marksIn, match, matchBeside, parts } from "../../src/keys/match";
import { find } from "../../src/keys/palette.svelte";

const stroke = (key: string, held: Partial<KeyboardEvent> = {}) => ({
  key,
  code: held.code ?? (/^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : ""),
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...held,
});

describe("a chord is named as it is shown", () => {
  test.each([
    [stroke("k", { ctrlKey: true }), "Ctrl+K"],
    [stroke("k", { metaKey: true }), "Ctrl+K"],
    [stroke("R", { shiftKey: true }), "Shift+R"],
    [stroke("?", { shiftKey: true }), "?"],
    [stroke("j"), "j"],
    [stroke("Enter", { ctrlKey: true }), "Ctrl+Enter"],
    [stroke(".", { ctrlKey: true }), "Ctrl+."],
    [stroke("л", { ctrlKey: true, code: "KeyK" }), "Ctrl+K"],
    [stroke(" "), "Space"],
    [stroke("Shift", { shiftKey: true }), null],
  ])("%o", (event, chord) => expect(chordOf(event)).toBe(chord));

  test("letters and digits are single, commands are not", () => {
    expect(["j", "1", "?", "Shift+R", "g h", "Space"].map(isSingle)).toEqual(Array(6).fill(true));
    expect(["Ctrl+K", "Enter", "Esc", "Up"].map(isSingle)).toEqual(Array(4).fill(false));
    expect(caps("Ctrl+Enter")).toEqual(["Ctrl", "Enter"]);
  });
});

describe("the key handler", () => {
  afterEach(() => document.body.replaceChildren());

  const press = (registry: Actions, key: string, init: KeyboardEventInit = {}, on: EventTarget = document.body) => {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init });
    on.addEventListener("keydown", (heard) => registry.handle(heard as KeyboardEvent), { once: true });
    on.dispatchEvent(event);
    return event.defaultPrevented;
  };

  test("Esc leads out of a field to the screen, but not out of a dialog that lies over it", () => {
    const registry = new Actions();
    const screen = document.body.appendChild(Object.assign(document.createElement("main"), { id: "screen", tabIndex: -1 }));
    const field = document.body.appendChild(document.createElement("input"));
    field.focus();
    const release = registry.holdModal();
    press(registry, "Escape", {}, field);
    expect(document.activeElement).toBe(field);
    release();
    press(registry, "Escape", {}, field);
    expect(document.activeElement).toBe(screen);
  });

  test("moving in a list takes the focus off what stands beside it, and leaves it on a row", () => {
    const registry = new Actions();
    const screen = document.body.appendChild(Object.assign(document.createElement("main"), { id: "screen", tabIndex: -1 }));
    const rail = document.body.appendChild(document.createElement("button"));
    screen.innerHTML = "<ul><li><button>Open</button></li></ul>";
    registry.register([
      { id: "next", label: "Next", scope: "list", keys: ["j"], listed: false, run: () => {} },
      { id: "pause", label: "Pause", scope: "global", keys: ["p"], run: () => {} },
    ]);
    rail.focus();
    press(registry, "p", {}, rail);
    expect(document.activeElement).toBe(rail);
    press(registry, "j", {}, rail);
    expect(document.activeElement, "Enter is the row's from here on").toBe(screen);
    const row = screen.querySelector("button")!;
    row.focus();
    press(registry, "j", {}, row);
    expect(document.activeElement).toBe(row);
  });

  test("whoever goes elsewhere by a key leaves what stands beside the screen, and nothing in it", () => {
    const registry = new Actions();
    const screen = document.body.appendChild(document.createElement("main"));
    screen.innerHTML = "<button>Tab</button>";
    const bar = document.body.appendChild(document.createElement("button"));
    registry.register([
      { id: "go", label: "Go", scope: "global", keys: ["g b"], run: () => (location.hash = "#/bus") },
      { id: "stay", label: "Stay", scope: "global", keys: ["s"], run: () => {} },
    ]);
    for (const [at, left] of [[bar, document.body], [screen.querySelector("button")!, screen.querySelector("button")!]] as const) {
      location.hash = "";
      at.focus();
      press(registry, "s", {}, at);
      expect(document.activeElement).toBe(at);
      press(registry, "g", {}, at);
      press(registry, "b", {}, at);
      expect(document.activeElement).toBe(left);
    }
    location.hash = "";
  });

  test("what cannot be sent now presses no button that has the focus by chance", () => {
    const button = document.body.appendChild(document.createElement("button"));
    expect(press(new Actions(), "Enter", { ctrlKey: true }, button)).toBe(true);
    expect(press(new Actions(), "Enter", {}, button)).toBe(false);
  });

  test("letters act outside fields only, commands everywhere", () => {
    const registry = new Actions();
    const [letter, command] = [vi.fn(), vi.fn()];
    registry.register([
      { id: "next", label: "Next", scope: "list", keys: ["j"], run: letter },
      { id: "palette", label: "Go", scope: "global", keys: ["Ctrl+K"], run: command },
    ]);
    const field = document.body.appendChild(document.createElement("textarea"));
    expect(press(registry, "j", {}, field)).toBe(false);
    expect(press(registry, "k", { ctrlKey: true }, field)).toBe(true);
    expect(press(registry, "j")).toBe(true);
    expect([letter.mock.calls.length, command.mock.calls.length]).toEqual([1, 1]);
  });

  test("arrows, Enter and Shift with a letter belong to the field that is written in; F keys do not", () => {
    const registry = new Actions();
    const run = vi.fn();
    registry.register([{ id: "move", label: "Move", scope: "list", keys: ["Down", "Enter", "Shift+R", "Shift+Right", "F7"], run }]);
    const field = document.body.appendChild(document.createElement("textarea"));
    const typed = [["ArrowDown"], ["Enter"], ["R", { shiftKey: true }], ["ArrowRight", { shiftKey: true }]] as const;
    for (const [key, init] of typed) expect(press(registry, key, init ?? {}, field)).toBe(false);
    expect(press(registry, "F7", {}, field)).toBe(true);
    for (const [key, init] of typed) expect(press(registry, key, init ?? {})).toBe(true);
    expect(run).toHaveBeenCalledTimes(5);
  });

  test("an overlay of keys lists what each key does here", () => {
    const registry = new Actions();
    const action = (id: string, scope: "global" | "list", keys?: string[]) => ({ id, label: id, scope, keys, run: vi.fn() });
    registry.register([action("everywhere", "global", ["Ctrl+F"]), action("keyless", "global"), action("next", "list", ["j"])]);
    const drop = registry.register([action("here", "list", ["Ctrl+F"])]);
    expect(registry.reachable().map(({ id }) => id)).toEqual(["next", "here"]);
    drop();
    expect(registry.reachable().map(({ id }) => id)).toEqual(["everywhere", "next"]);
  });

  test("the palette has last what cannot be taken back, and what was looked up beside what has its number elsewhere", () => {
    const act = (label: string, grave = false) => ({ id: label, label, scope: "list" as const, grave, sought: true, run: vi.fn() });
    const drop = actions.register([act("Loom is revoked", true), act("Rotate: loom"), act("Disable: loom")]);
    const message = { id: "Rotate: loom", kind: "messages" as const, label: "The loom stands.", run: vi.fn() };
    expect(find("loom", null, [message, message]).map(({ label }) => label)).toEqual(["The loom stands.", "Rotate: loom", "Disable: loom", "Loom is revoked"]);
    drop();
  });

  test("a key that is held down moves on, and asks Husting once", () => {
    const registry = new Actions();
    const [move, ask] = [vi.fn(), vi.fn()];
    registry.register([
      { id: "next", label: "Next", scope: "list", keys: ["j"], run: move },
      { id: "post", label: "Post", scope: "list", keys: ["a"], asks: true, run: ask },
    ]);
    for (const repeat of [false, true, true]) for (const key of ["j", "a"]) expect(press(registry, key, { repeat })).toBe(true);
    expect([move.mock.calls.length, ask.mock.calls.length]).toEqual([3, 1]);
  });

  test("letters can be switched off; commands stay", () => {
    const registry = new Actions();
    const run = vi.fn();
    registry.register([{ id: "x", label: "X", scope: "global", keys: ["x", "Ctrl+X"], run }]);
    registry.singleKeys = false;
    expect(press(registry, "x")).toBe(false);
    expect(press(registry, "x", { ctrlKey: true })).toBe(true);
    expect(run).toHaveBeenCalledTimes(1);
  });

  test("a prefix waits for its second key", () => {
    const registry = new Actions();
    const run = vi.fn();
    registry.register([{ id: "go", label: "Go", scope: "global", keys: ["g h"], run }]);
    press(registry, "h");
    expect(run).not.toHaveBeenCalled();
    press(registry, "g");
    press(registry, "h");
    expect(run).toHaveBeenCalledTimes(1);
  });

  test("the list outranks the frame, the tray outranks both", () => {
    const registry = new Actions();
    const calls: string[] = [];
    for (const scope of ["tray", "global", "list"] as const) {
      registry.register([{ id: scope, label: scope, scope, keys: ["x"], run: () => calls.push(scope) }]);
    }
    press(registry, "x");
    expect(calls).toEqual(["tray"]);
  });

  test("Esc closes the topmost thing, and nothing beneath a dialog listens", () => {
    const registry = new Actions();
    const closed: string[] = [];
    registry.onEscape(() => closed.push("tray"));
    const drop = registry.onEscape(() => closed.push("popover"));
    press(registry, "Escape");
    drop();
    const release = registry.holdModal();
    expect(press(registry, "Escape")).toBe(false);
    release();
    press(registry, "Escape");
    expect(closed).toEqual(["popover", "tray"]);
    expect(press(registry, "Escape")).toBe(false);
  });
});

test("the palette underlines what was typed", () => {
  const found = match("Go to deliberations", "delib");
  expect(found?.ranges).toEqual([[6, 11]]);
  expect(parts("Go to deliberations", found!.ranges)).toEqual([
    { text: "Go to ", hit: false },
    { text: "delib", hit: true },
    { text: "erations", hit: false },
  ]);
  expect(match("Wallet", "x")).toBeNull();
  expect(match("Wallet", "wal")!.score).toBeGreaterThan(match("The wallet", "wal")!.score);
});

test("of what was found elsewhere too, those words are underlined that stand in the label", () => {
  expect(marksIn("Should we use Postgres?", "postgres archived")).toEqual([[14, 22]]);
  expect(marksIn("Should we use Postgres?", "postgres should")).toEqual([[0, 6], [14, 22]]);
  expect(marksIn("Should we use Postgres?", "")).toEqual([]);
});

test("words that stand beside a label find it only by their beginning", () => {
  expect(matchBeside("porter", "gpt-5.4 mcp:inbox", "in")).toBeNull();
  expect(matchBeside("porter", "gpt-5.4 mcp:inbox", "por 5.4")!.ranges).toEqual([[0, 3]]);
  expect(matchBeside("porter", "runs gpt-5.4 mcp:inbox", "gpt-5.4")!.ranges).toEqual([]);
  expect(matchBeside("Address", "Settings", "set rest", "port, host, rest, openapi")!.by, "a word that is shown needs no telling").toEqual(["rest"]);
  expect(matchBeside("Address", "Settings", "ope", "port, host, rest, openapi")!.by).toEqual(["openapi"]);
  expect(matchBeside("Pause agents", "hold, stop", "top")).toBeNull();
  expect(matchBeside("Pause agents", "hold, stop", "sto")!.score).toBeLessThan(match("Stop everything at once", "stop")!.score);
});
