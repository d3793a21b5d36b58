import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, expect, test, vi } from "vitest";
import Menu from "../../src/components/Menu.svelte";
import { actions } from "../../src/keys/actions.svelte";
import { SCREEN } from "../../src/state/screen";

const handle = (event: KeyboardEvent) => actions.handle(event);

afterEach(() => {
  cleanup();
  removeEventListener("keydown", handle);
  document.getElementById(SCREEN)?.remove();
});

test.each([{ ctrlKey: true }, { metaKey: true }])("Enter with %o on a menu’s button is the screen’s key; alone it opens the menu", async (held) => {
  document.body.append(Object.assign(document.createElement("main"), { id: SCREEN }));
  addEventListener("keydown", handle);
  const send = vi.fn();
  const release = actions.register([{ id: "send", label: "Next round", scope: "tray", keys: ["Ctrl+Enter"], run: send }]);
  render(Menu, { label: "Export", worded: true, items: [{ id: "record", label: "Record", run: () => undefined }] });
  const button = screen.getByRole("button", { name: "Export" });
  button.focus();
  await fireEvent.keyDown(button, { key: "Enter", ...held });
  expect(send).toHaveBeenCalledOnce();
  expect(screen.queryByRole("menu")).toBeNull();
  await fireEvent.keyDown(button, { key: "Enter" });
  await screen.findByRole("menuitem", { name: "Record" });
  expect(send).toHaveBeenCalledOnce();
  release();
});
