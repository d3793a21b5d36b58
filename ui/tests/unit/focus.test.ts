import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { catchFocus } from "../../src/features/frame/focus";

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
