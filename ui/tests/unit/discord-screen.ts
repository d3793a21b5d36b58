// The console with a Discord bridge, for the tests of its screens; whoever imports it has a fresh page for each of its tests.

import { cleanup, fireEvent, screen } from "@testing-library/svelte";
import { afterEach, beforeEach, vi } from "vitest";
// Read ahead: screens and sheets are otherwise read when they are first needed, which counts as waiting here.
import "../../src/components/SheetDialog.svelte";
import "../../src/features/discord/Discord.svelte";
import type { DiscordView } from "../../src/generated/DiscordView";
import type { ListTraffic } from "../../src/generated/ListTraffic";
import type { Traffic } from "../../src/generated/Traffic";
import { undoLine } from "../../src/state/undo.svelte";
import { bridged, servers, traffic, view } from "../fixtures/discord";
import { open as openPage } from "../fixtures/page";
import { FakePlatform } from "../fixtures/platform";

vi.setConfig({ testTimeout: 30_000 });

export type Answers = ConstructorParameters<typeof FakePlatform>[1];

/** Traffic as the host gives it, a page at a time. */
export const paged = (held: Traffic[], most = 200) => ({ before, limit = 50 }: ListTraffic) => {
  const fits = held.filter(({ at }) => before === undefined || at < before);
  const page = fits.slice(0, Math.min(limit, most));
  return { traffic: page, next: fits.length > page.length ? (page.at(-1)?.at ?? null) : null };
};

export async function open(fragment: string, answers: Answers = {}, shown: DiscordView = view()): Promise<FakePlatform> {
  const platform = new FakePlatform({ ...bridged, discord: shown.stand }, { discord: () => shown, list_traffic: paged(traffic), list_servers: () => servers, ...answers });
  await openPage(fragment, platform);
  return platform;
}

export const press = (key: string, init: KeyboardEventInit = {}) => fireEvent.keyDown(document.activeElement ?? document.body, { key, ...init });
export const button = (name: string | RegExp) => screen.findByRole("button", { name });

beforeEach(() => localStorage.clear());
afterEach(() => {
  cleanup();
  undoLine.dismiss();
  location.hash = "";
});
