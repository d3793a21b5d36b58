import { cleanup, screen, waitFor } from "@testing-library/svelte";
import { afterEach, expect, test, vi } from "vitest";
// Read before the test runs: the frame would read them inside it.
import "../../src/components/SheetDialog.svelte";
import "../../src/features/frame/CloseQuestion.svelte";
import type { Platform } from "../../src/platform";
import { open } from "../fixtures/page";
import { FakePlatform } from "../fixtures/platform";

afterEach(cleanup);

test("whoever closes the window and presses Enter keeps what runs", async () => {
  const attend = vi.fn<NonNullable<Platform["desktop"]>["attend"]>();
  const desktop = { attend, acceptSessions: async () => {} };
  await open("#/hall", Object.assign(new FakePlatform(), { kind: "desktop", setZoom: async () => {}, desktop }) as unknown as FakePlatform);
  await waitFor(() => expect(attend).toHaveBeenCalledOnce());
  attend.mock.lastCall?.[0]({ word: "ask_close" });
  const keep = await screen.findByRole("button", { name: "Keep running without a window" });
  await waitFor(() => expect(document.activeElement).toBe(keep));
});
