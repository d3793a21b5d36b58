import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { readFileSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import Field from "../../src/components/Field.svelte";

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

test.each([
  [300, "name, model, scope"],
  [70, "name"],
])("a hint that %d pixels would cut gives way to a brief one", async (room, shown) => {
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(room);
  render(Field, { value: "", label: "Find agents", bare: true, placeholder: "name, model, scope", brief: "name" });
  await vi.waitFor(() => expect(screen.getByRole("textbox", { name: "Find agents" }).getAttribute("placeholder")).toBe(shown));
});

test.each([
  ["Field", "field"],
  ["Select", "select"],
  ["TextArea", "area"],
])("a %s keeps its place in a row that its neighbour's error makes higher", (part, box) => {
  const source = readFileSync(`src/components/${part}.svelte`, "utf8");
  expect(new RegExp(`^\\s*\\.${box} \\{ ([^}]*)\\}`, "m").exec(source)?.[1]).toContain("align-content: start;");
});

test("a field that finds shows the key that leads to it, and while one types there the key that empties it", async () => {
  render(Field, { value: "", label: "Find agents", bare: true, type: "search", keys: "/" });
  const field = screen.getByRole("searchbox");
  const shown = () => document.querySelector("kbd")!.textContent;
  expect(shown()).toBe("/");
  await fireEvent.focus(field);
  expect(shown()).toBe("/");
  await fireEvent.input(field, { target: { value: "lo" } });
  expect(shown()).toBe("Esc");
  await fireEvent.blur(field);
  expect(shown()).toBe("/");
});

test("Esc empties a field that finds before it closes anything else; once it is empty, and while an input method composes, it is left to the screen", async () => {
  const typed: string[] = [];
  render(Field, { value: "", label: "Find agents", bare: true, type: "search", keys: "/", oninput: (value: string) => typed.push(value) });
  const field = screen.getByRole<HTMLInputElement>("searchbox");
  // As `fireEvent` tells it: false where somebody took the key.
  const escape = (init: KeyboardEventInit = {}) => fireEvent.keyDown(field, { key: "Escape", ...init });
  await fireEvent.focus(field);
  expect(await escape(), "nothing to empty").toBe(true);
  await fireEvent.input(field, { target: { value: "lo" } });
  expect(await escape({ isComposing: true })).toBe(true);
  expect(field.value).toBe("lo");
  expect(await escape()).toBe(false);
  expect([field.value, typed, document.querySelector("kbd")!.textContent]).toEqual(["", ["lo", ""], "/"]);
  expect(await escape()).toBe(true);
});

test("a field that shows no key leaves Esc to what it stands in", async () => {
  render(Field, { value: "", label: "Find", bare: true, type: "search" });
  const field = screen.getByRole<HTMLInputElement>("searchbox");
  await fireEvent.focus(field);
  await fireEvent.input(field, { target: { value: "lo" } });
  expect([await fireEvent.keyDown(field, { key: "Escape" }), field.value]).toEqual([true, "lo"]);
});
