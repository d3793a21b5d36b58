import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import App from "../../src/App.svelte";
import { caps } from "../../src/keys/chord";
import type { Platform } from "../../src/platform";
import { FakePlatform } from "../fixtures/platform";
import { settings, snapshot } from "../fixtures/shared";

vi.setConfig({ testTimeout: 30_000 });

beforeEach(() => localStorage.clear());
afterEach(() => {
  cleanup();
  location.hash = "";
});

async function opened(zoom: number, more: Partial<Platform>): Promise<FakePlatform> {
  let now = { ...settings, zoom };
  const from = { ...snapshot, settings: now };
  const platform = Object.assign(new FakePlatform(from, { edit_settings: (edit) => (now = { ...now, ...edit } as typeof now) }), more);
  render(App, { platform });
  await screen.findByRole("navigation", { name: "Places" });
  return platform;
}

const press = (key: string) => fireEvent.keyDown(document.body, { key, ctrlKey: true });
const asked = (platform: FakePlatform) => platform.argsOf("edit_settings").map(({ zoom }) => zoom);

test("Ctrl with +, - and 0 draws the window larger, smaller and as at first, in the settings' steps", async () => {
  const setZoom = vi.fn(async () => {});
  const platform = await opened(100, { setZoom });
  await press("+");
  await waitFor(() => expect(setZoom).toHaveBeenLastCalledWith(110));
  await press("=");
  await waitFor(() => expect(setZoom).toHaveBeenLastCalledWith(125));
  await press("-");
  await waitFor(() => expect(setZoom).toHaveBeenLastCalledWith(110));
  await press("0");
  await waitFor(() => expect(setZoom).toHaveBeenLastCalledWith(100));
  await press("0");
  expect(asked(platform)).toEqual([110, 125, 110, 100]);
});

test("it is drawn larger while a sheet or the palette lies over the screen, and nothing beneath them hears a key", async () => {
  const platform = await opened(100, { setZoom: async () => {} });
  await fireEvent.keyDown(document.body, { key: "?" });
  const keys = await screen.findByRole("dialog");
  await fireEvent.keyDown(keys, { key: "+", ctrlKey: true });
  await waitFor(() => expect(asked(platform)).toEqual([110]));
  expect(await fireEvent.keyDown(keys, { key: "f", ctrlKey: true }), "nobody took the key").toBe(true);
  await fireEvent.keyDown(keys, { key: "Escape" });
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  await press("k");
  await fireEvent.keyDown(await screen.findByRole("combobox"), { key: "0", ctrlKey: true });
  await waitFor(() => expect(asked(platform)).toEqual([110, 100]));
});

test.each([
  [200, "+"],
  [80, "-"],
])("at %i percent there is no step further", async (zoom, key) => {
  const platform = await opened(zoom, { setZoom: async () => {} });
  expect(await press(key), "the web view's own zoom stays out of it").toBe(false);
  expect(asked(platform)).toEqual([]);
});

test.each([
  [175, "+", 200],
  [90, "-", 80],
])("from %i percent one more step leads to the end", async (zoom, key, to) => {
  const platform = await opened(zoom, { setZoom: async () => {} });
  await press(key);
  await waitFor(() => expect(asked(platform)).toEqual([to]));
});

test("a browser keeps these keys", async () => {
  const platform = await opened(100, {});
  expect(await press("+"), "nobody took the key").toBe(true);
  expect(asked(platform)).toEqual([]);
});

test("a size that cannot be kept is told as that", async () => {
  const full = () => {
    throw { code: "store_unavailable", message: "The disk is full. Make room, then try again." };
  };
  render(App, { platform: Object.assign(new FakePlatform(snapshot, { edit_settings: full }), { setZoom: async () => {} }) });
  await screen.findByRole("navigation", { name: "Places" });
  await press("+");
  await screen.findByText("Nothing was changed. The disk is full. Make room, then try again.");
});

test("palette and keys list them", async () => {
  await opened(100, { setZoom: async () => {} });
  await fireEvent.keyDown(document.body, { key: "?" });
  const keys = await screen.findByRole("dialog");
  for (const label of ["Zoom in", "Zoom out", "Reset the zoom"]) within(keys).getByText(label);
  await fireEvent.keyDown(keys, { key: "Escape" });
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  await press("k");
  await fireEvent.input(await screen.findByRole("combobox"), { target: { value: "zoom" } });
  await screen.findByRole("option", { name: /Zoom in/ });
});

test("a plus is a cap of its own", () => {
  expect(["Ctrl++", "+", "Ctrl+-"].map(caps)).toEqual([["Ctrl", "+"], ["+"], ["Ctrl", "-"]]);
});
