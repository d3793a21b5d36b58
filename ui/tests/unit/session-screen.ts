// A session on its screen, for the tests of its parts; whoever imports it has a fresh page for each of its tests.

import { cleanup, configure, fireEvent, render, screen, within } from "@testing-library/svelte";
import { afterEach, beforeEach, vi } from "vitest";
import App from "../../src/App.svelte";
// Read before the clock of the first test runs: the frame would read it inside that.
import "../../src/features/deliberations/session/Session.svelte";
import type { RoundView } from "../../src/generated/RoundView";
import type { SeatCallView } from "../../src/generated/SeatCallView";
import type { SessionView } from "../../src/generated/SessionView";
import { FakePlatform } from "../fixtures/platform";
import { seats, snapshot } from "../fixtures/shared";

// A matrix is a large page for jsdom: what is hidden is not asked of each element, and a busy machine gets time.
configure({ defaultHidden: true });
vi.setConfig({ testTimeout: 30_000 });

export const [CLAUDE, GPT, QWEN] = seats.map(({ model }) => model) as [string, string, string];
export const ACK = {
  session_id: "s-event",
  round_id: "r-3",
  round_index: 2,
  status: "processing" as const,
  progress_url: "/api/sessions/s-event/progress",
  poll_after_ms: 1000,
  progress_version: 0,
  rehearsal: false,
};

type Answers = ConstructorParameters<typeof FakePlatform>[1];

export async function open(view: SessionView | (() => SessionView), tab = "", answers: Answers = {}): Promise<FakePlatform> {
  const read = typeof view === "function" ? view : () => view;
  const running = read().rounds.filter((round) => round.status === "in_progress");
  const platform = new FakePlatform({ ...snapshot, running }, { get_session: read, ...answers });
  location.hash = `#/deliberations/s-event${tab && `/${tab}`}`;
  dispatchEvent(new HashChangeEvent("hashchange"));
  render(App, { platform });
  await screen.findByRole("tablist", { name: "Views of the session" });
  return platform;
}

export const press = (key: string, init: KeyboardEventInit = {}) => fireEvent.keyDown(document.activeElement ?? document.body, { key, ...init });
export const shownTab = () => screen.getByRole("tab", { selected: true }).textContent.trim();
export const rows = () => screen.getAllByRole("row").filter((row) => row.dataset.claim);
export const tray = () => within(screen.getByRole("complementary", { name: "Steering tray" }));
export const cards = () => tray().queryAllByRole("article").map((card) => card.getAttribute("aria-label"));

/** Without the words: as events carry a round. */
export function bare(round: RoundView): RoundView {
  const silent = (calls: SeatCallView[]) => calls.map((call) => ({ ...call, text: "" }));
  return { ...round, answers: silent(round.answers), reactions: silent(round.reactions) };
}

beforeEach(() => localStorage.clear());
afterEach(() => {
  document.getSelection()?.removeAllRanges();
  cleanup();
  location.hash = "";
});
