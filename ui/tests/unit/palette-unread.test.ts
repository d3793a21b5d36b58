import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, expect, test, vi } from "vitest";
import App from "../../src/App.svelte";
import { later } from "../../src/features/frame/later";
import { FakePlatform } from "../fixtures/platform";

// A busy machine gets time.
vi.setConfig({ testTimeout: 30_000 });

afterEach(() => {
  vi.restoreAllMocks();
  cleanup();
});

const chord = () => fireEvent.keyDown(document.body, { key: "k", ctrlKey: true });

test("a palette that could not be read says so, and is asked for anew", async () => {
  location.hash = "";
  render(App, { platform: new FakePlatform() });
  await screen.findByRole("navigation", { name: "Places" });
  const read = vi.spyOn(later, "palette").mockRejectedValue(new TypeError("the server is away"));
  await chord();
  await screen.findByText("This screen could not be read.");
  read.mockRestore();
  await chord();
  await screen.findByRole("combobox", { name: "Go to, or do" });
  expect(screen.queryByText("This screen could not be read.")).toBeNull();
});

test("whatever else opens over a screen says so as well, and is asked for anew", async () => {
  location.hash = "";
  render(App, { platform: new FakePlatform() });
  await screen.findByRole("navigation", { name: "Places" });
  const read = vi.spyOn(later, "keys").mockRejectedValue(new TypeError("the server is away"));
  await fireEvent.keyDown(document.body, { key: "?" });
  await screen.findByText("This screen could not be read.");
  read.mockRestore();
  await fireEvent.keyDown(document.body, { key: "?" });
  await screen.findByRole("dialog");
  expect(screen.queryByText("This screen could not be read.")).toBeNull();
});
