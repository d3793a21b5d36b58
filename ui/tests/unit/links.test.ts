import { cleanup, fireEvent, render, screen, within } from "@testing-library/svelte";
import { afterEach, beforeEach, expect, test } from "vitest";
// Read before the clock of the first test runs: the frame would read them inside that.
import "../../src/components/SheetDialog.svelte";
import Linked from "./Linked.svelte";
import { FakePlatform } from "../fixtures/platform";

beforeEach(() => localStorage.clear());
afterEach(() => {
  cleanup();
  location.hash = "";
});

test("a link a model wrote is opened outside, and only after its host was shown", async () => {
  const platform = new FakePlatform();
  render(Linked, { platform, source: "See [the docs](https://evil.test/x)." });
  await fireEvent.click(screen.getByRole("link", { name: "the docs" }));
  expect(platform.opened).toEqual([]);
  const dialog = await screen.findByRole("dialog", { name: "Open evil.test?" });
  await fireEvent.click(within(dialog).getByRole("button", { name: "Open" }));
  expect(platform.opened).toEqual(["https://evil.test/x"]);
});
