// Whoever acts from the keyboard goes on where they acted: while the act runs, and once what was pressed has gone with it.

import { cleanup, fireEvent, screen, waitFor } from "@testing-library/svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
// Read before the clock of the first test runs: the frame would read them inside that.
import "../../src/features/agents/agent/Agent.svelte";
import "../../src/features/bus/Bus.svelte";
import "../../src/features/deliberations/NewDeliberation.svelte";
import "../../src/features/deliberations/session/Session.svelte";
import "../../src/features/discord/Discord.svelte";
import "../../src/features/settings/Settings.svelte";
import "../../src/features/wallet/Wallet.svelte";
import type { Commands } from "../../src/generated/commands";
import { undoLine } from "../../src/state/undo.svelte";
import { agentPage, agents, busOf, denial, messages, peopled } from "../fixtures/agents";
import { bridged, findings, stand, view } from "../fixtures/discord";
import { open, press } from "../fixtures/page";
import { FakePlatform } from "../fixtures/platform";
import { firstRound, secondRound, steered, streamingRound } from "../fixtures/sessions";
import { snapshot } from "../fixtures/shared";

vi.setConfig({ testTimeout: 30_000 });

type Answers = NonNullable<ConstructorParameters<typeof FakePlatform>[1]>;

interface Act {
  at: string;
  /** What is pressed. */
  button: RegExp;
  /** What Husting is asked by it. */
  asks: keyof Commands;
  answers: Answers;
  shows?: typeof snapshot;
  /** What its answer is followed by. */
  told?: (platform: FakePlatform) => void;
  /** Every press counts. */
  counts?: true;
  /** What has the focus in the end. */
  leads: RegExp;
  before?: () => Promise<unknown>;
}

const LOOM = "#/agents/a-loom";
const loom = agents.find(({ id }) => id === "a-loom")!;
const page = { get_agent: () => agentPage({ agent: loom, denials: [denial()] }) };
const live = steered([firstRound(), secondRound(), streamingRound()]);
const stopped = { ...streamingRound(), answers: streamingRound().answers.map((call) => ({ ...call, state: "error" as const, error_code: "cancelled" as const })) };
const paused = view({ stand: stand({ bridge: { state: "paused" } }) });

/** A bus whose parked message is no longer so once it was given again. */
function redelivered(): Pick<Act, "answers" | "told"> {
  const held = [...messages];
  return {
    answers: { list_messages: (asked) => busOf(held)(asked), redeliver: () => ({}) as never },
    told: (platform) => {
      held[2] = { ...held[2]!, state: "waiting" };
      platform.emit({ type: "bus_moved", bus: { ...peopled.bus, counts: { ...peopled.bus.counts, parked: 0 } } });
    },
  };
}

const ACTS: Record<string, Act> = {
  "an agent is disabled": { at: LOOM, button: /^Disable/, asks: "disable_agent", answers: { ...page, disable_agent: () => ({ agent: { ...loom, status: "suspended" } }) as never }, shows: peopled, leads: /^Enable/ },
  "a scope is given for an hour": {
    at: LOOM,
    button: /^Allow for an hour: mcp:broadcast/,
    asks: "set_scope",
    answers: { ...page, set_scope: ({ scope }) => ({ agent: { ...loom, grants: [...loom.grants, { scope, ends_at: new Date(Date.now() + 3_600_000).toISOString(), once: false }] } }) },
    shows: peopled,
    counts: true,
    leads: /^mcp:broadcast/,
  },
  "what was denied is refused": { at: LOOM, button: /^Refuse/, asks: "decide_denial", answers: { ...page, decide_denial: () => ({ denials: [] }) }, shows: peopled, leads: /loom/ },
  "a card of the hall is answered": { at: "#/hall", button: /^Refuse/, asks: "decide_denial", answers: { list_messages: busOf(messages), decide_denial: () => ({ denials: [] }) }, shows: peopled, leads: /Shall I book the carrier/ },
  "a message of the hall is given again": { at: "#/hall", button: /^Redeliver/, asks: "redeliver", ...redelivered(), shows: peopled, leads: /./ },
  "a message is sent": {
    at: "#/bus",
    button: /^Send/,
    asks: "write_message",
    answers: { list_messages: busOf(messages), write_message: () => ({ message_id: "m-9", recipients: 1, inbox_full: [] }) as never },
    shows: peopled,
    before: async () => {
      await fireEvent.change(await screen.findByRole("combobox", { name: "To" }), { target: { value: "agent/a-loom" } });
      await fireEvent.input(screen.getByRole("textbox", { name: "Message" }), { target: { value: "Book the carrier." } });
    },
    leads: /^Message$/,
  },
  "the ledger is checked": { at: "#/wallet", button: /^Check now/, asks: "check_ledger", answers: { check_ledger: () => ({ ok: true, rows: 3, checked_at: "2026-11-20T14:33:00Z" }) as never }, leads: /^Check now/ },
  "the bridge is checked": { at: "#/discord", button: /^Check/, asks: "test_discord", answers: { discord: () => view(), test_discord: () => ({ findings, token_taken: true, took_millis: 310, view: view() }) }, shows: bridged, leads: /^Check/ },
  "the bridge is paused": { at: "#/discord", button: /^Pause$/, asks: "pause_bridge", answers: { discord: () => view(), pause_bridge: () => paused }, shows: bridged, leads: /^Resume/ },
  "a provider is tested": { at: "#/settings/providers", button: /^Test/, asks: "test_provider", answers: { test_provider: () => snapshot.providers }, leads: /^Test/ },
  "a seat is stopped": {
    at: "#/deliberations/s-event/live",
    button: /^Stop GPT/,
    asks: "stop_seat",
    answers: { get_session: () => live, stop_seat: () => ({}) as never },
    shows: { ...snapshot, running: [streamingRound()] },
    told: (platform) => platform.emit({ type: "round_changed", round: stopped }),
    counts: true,
    leads: /^GPT-5.4’s answer/,
  },
};

beforeEach(() => localStorage.clear());
afterEach(() => {
  cleanup();
  undoLine.dismiss();
  location.hash = "";
});

const focused = () => document.activeElement!;
const named = (element: Element) => element.getAttribute("aria-label") ?? element.textContent!.trim();

test.each(Object.entries(ACTS))("the focus stays where it is when %s", async (_, { at, button, asks, answers, shows = snapshot, told, counts, leads, before }) => {
  let go!: () => void;
  const answered = new Promise<void>((done) => (go = done));
  const answer = answers[asks] as (args: never) => unknown;
  const platform = new FakePlatform(shows, { ...answers, [asks]: (args: never) => answered.then(() => answer(args)) });
  await open(at, platform);
  await before?.();
  const pressed = (await screen.findAllByRole("button", { name: button }))[0]!;
  pressed.focus();
  // The key presses it twice in a browser, where somebody cannot wait.
  for (let time = 0; time < 2; time += 1) if (await press("Enter")) await fireEvent.click(pressed);
  await waitFor(() => expect(platform.argsOf(asks)).toHaveLength(counts ? 2 : 1));
  expect([focused() === pressed, pressed.matches(":disabled")], "while it runs").toEqual([true, false]);
  go();
  told?.(platform);
  await waitFor(() => {
    expect([focused() === document.body, focused().id === "screen", focused().matches(":disabled")], "nowhere, nor at the head of the screen").toEqual([false, false, false]);
    expect(named(focused())).toMatch(leads);
  });
});
