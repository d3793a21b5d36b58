import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { createRawSnippet } from "svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import Button from "../../src/components/Button.svelte";
import { catchFocus, keepFocus } from "../../src/features/frame/focus";
import { afterPaint } from "../../src/platform/paint";

let end: (() => void) | undefined;
let box: HTMLElement;
let had: HTMLButtonElement;

beforeEach(() => {
  document.body.innerHTML = `<main tabindex="-1"><button>Left</button></main>`;
  [box, had] = [document.querySelector("main")!, document.querySelector("button")!];
});
afterEach(() => {
  end?.();
  document.body.innerHTML = "";
});

/** Changes of a page are told in a turn of their own. */
const told = () => Promise.resolve();

describe("the focus, once another screen was led to", () => {
  test("is the screen's where nothing has it", () => {
    end = catchFocus(box);
    expect(document.activeElement).toBe(box);
  });

  test("stays with what has it, and is the screen's as soon as that goes", async () => {
    had.focus();
    end = catchFocus(box);
    expect(document.activeElement).toBe(had);
    had.remove();
    await told();
    expect(document.activeElement).toBe(box);
  });

  test("is never taken from what takes it by itself as it comes", async () => {
    had.focus();
    end = catchFocus(box);
    const focused: EventTarget[] = [];
    box.addEventListener("focus", ({ target }) => focused.push(target!));
    const comes = document.createElement("input");
    box.replaceChildren(comes);
    comes.focus();
    await told();
    expect(document.activeElement).toBe(comes);
    expect(focused).toEqual([]);
  });

  test("is left where it is once somebody presses something", async () => {
    had.focus();
    end = catchFocus(box);
    had.dispatchEvent(new KeyboardEvent("keydown", { key: "a", bubbles: true }));
    had.remove();
    await told();
    expect(document.activeElement).toBe(document.body);
  });
});

describe("the focus, once what had it goes", () => {
  const painted = () => told().then(() => new Promise<void>(afterPaint));

  /** What has the focus after the marked control, or what is marked so, has gone. */
  async function after(inside: string, gone = "[data-at]"): Promise<string> {
    document.body.innerHTML = `<main id="screen" tabindex="-1">${inside}</main>`;
    box = document.querySelector("main")!;
    end = keepFocus(box);
    box.querySelector<HTMLElement>("[data-at]")!.focus();
    box.querySelector(gone)!.remove();
    await painted();
    return document.activeElement?.id || (document.activeElement?.textContent ?? "");
  }
  const row = (name: string, mark = "") => `<li data-row="${name}"><a href="#/">${name}</a><button ${mark}>Remove ${name}</button></li>`;

  test.each([
    ["in its row, and not at a button that nobody chose", `<ul><li><a href="#/">Row</a><button data-at>Allow</button><button>Refuse</button></li></ul>`, undefined, "RowRefuse"],
    ["at what comes next, where that does nothing by itself", `<ul><li><a href="#/">Row</a><button data-at>Allow</button><a href="#/why">Why</a></li></ul>`, undefined, "Why"],
    ["or at what came before", `<ul><li><a href="#/">Row</a><button data-at>Allow</button></li>${row("next")}</ul>`, undefined, "Row"],
    ["at the row that takes its row’s place", `<ul>${row("a")}${row("b", "data-at")}${row("c")}</ul>`, "[data-row=b]", "c"],
    ["at the one before, where it was the last", `<ul>${row("a")}${row("b", "data-at")}</ul>`, "[data-row=b]", "a"],
    ["in the section of a list that is empty", `<section><header><button>Add</button></header><ul>${row("a", "data-at")}</ul></section>`, "[data-row=a]", "Add"],
    ["and at none that is switched off, or written in", `<section><button data-at>Test</button><input><button disabled>Use</button><button>Replace</button></section>`, undefined, "UseReplace"],
    ["at the head of the screen, where nothing of that is left", `<section><button data-at>Try again</button></section><section><button>Other</button></section>`, "section", "screen"],
    ["at the view itself, where another one is shown", `<div role="tabpanel" id="view" tabindex="-1"><div><button data-at>Claim</button></div><p>View</p><button>Answer</button></div>`, "div > div", "view"],
  ])("goes on %s", async (_, inside, gone, wanted) => expect(await after(inside, gone)).toBe(wanted));

  test("stays with what only changes its place", async () => {
    document.body.innerHTML = `<main tabindex="-1"><ul>${row("a", "data-at")}${row("b")}</ul></main>`;
    box = document.querySelector("main")!;
    end = keepFocus(box);
    const at = box.querySelector<HTMLElement>("[data-at]")!;
    at.focus();
    box.querySelector("ul")!.append(at.parentElement!);
    expect(document.activeElement).toBe(document.body);
    await painted();
    expect(document.activeElement).toBe(at);
  });

  test("goes on at the place of the row, where that goes after the button", async () => {
    document.body.innerHTML = `<main tabindex="-1"><ul>${row("a")}${row("b", "data-at")}${row("c")}</ul></main>`;
    box = document.querySelector("main")!;
    end = keepFocus(box);
    const [at, its] = [box.querySelector<HTMLElement>("[data-at]")!, box.querySelector("[data-row=b]")!];
    at.focus();
    at.remove();
    await told();
    its.remove();
    await painted();
    expect(document.activeElement?.textContent).toBe("c");
  });

  test("is what takes it by itself’s, and whoever left it before is left alone", async () => {
    document.body.innerHTML = `<main tabindex="-1"><ul>${row("a", "data-at")}${row("b")}</ul><button id="own">Own</button></main>`;
    box = document.querySelector("main")!;
    end = keepFocus(box);
    const [at, own] = [box.querySelector<HTMLElement>("[data-at]")!, document.getElementById("own")!];
    at.focus();
    at.remove();
    own.focus();
    await painted();
    expect(document.activeElement).toBe(own);
    own.blur();
    await told();
    own.remove();
    await painted();
    expect(document.activeElement).toBe(document.body);
  });

  test("is not given to a row that takes the place of one that was scrolled away", async () => {
    document.body.innerHTML = `<main tabindex="-1"><ul>${row("a", "data-at")}${row("b")}</ul></main>`;
    box = document.querySelector("main")!;
    end = keepFocus(box);
    const list = box.querySelector("ul")!;
    box.querySelector<HTMLElement>("[data-at]")!.focus();
    list.dispatchEvent(new Event("scroll"));
    list.querySelector("[data-row=a]")!.remove();
    await painted();
    expect(document.activeElement).toBe(document.body);
  });
});

describe("a button that has the focus", () => {
  const children = createRawSnippet(() => ({ render: () => "<span>Test</span>" }));
  afterEach(cleanup);

  test("keeps it while it is switched off, and does nothing", async () => {
    const onclick = vi.fn();
    const { rerender } = render(Button, { children, onclick, disabled: false });
    const button = screen.getByRole<HTMLButtonElement>("button", { name: "Test" });
    const isOff = () => [button.disabled, button.getAttribute("aria-disabled")];
    button.focus();
    await rerender({ disabled: true });
    expect(isOff()).toEqual([false, "true"]);
    await fireEvent.click(button);
    expect(onclick).not.toHaveBeenCalled();
    await rerender({ disabled: false });
    expect(isOff()).toEqual([false, null]);
    await fireEvent.click(button);
    expect(onclick).toHaveBeenCalledOnce();
    await rerender({ disabled: true });
    // The window is left, and what has the focus in it has it still.
    await fireEvent.blur(button);
    expect(isOff()).toEqual([false, "true"]);
    button.blur();
    await vi.waitFor(() => expect(isOff()).toEqual([true, null]));
  });

  test("is pressed once by a key that is held down, where it asks Husting", async () => {
    const { rerender } = render(Button, { children, asks: true });
    const button = screen.getByRole("button", { name: "Test" });
    const goesThrough = (repeat: boolean) => fireEvent.keyDown(button, { key: "Enter", repeat });
    expect([await goesThrough(false), await goesThrough(true)]).toEqual([true, false]);
    await rerender({ asks: false });
    expect(await goesThrough(true), "a figure goes on and on").toBe(true);
  });
});
