import { fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { needs } from "../../src/features/hall/needs";
import { dayAndTime } from "../../src/format/time";
import type { MessageView } from "../../src/generated/MessageView";
import { Console } from "../../src/state/console.svelte";
import { message, peopled } from "../fixtures/agents";
import { question, reply, stand, view } from "../fixtures/discord";
import { FakePlatform } from "../fixtures/platform";
import { button, open } from "./discord-screen";

test("a bridge over locked keys is told in the hall with them", async () => {
  const locked = stand({ bridge: { state: "stopped", why: "The sealed file is locked: unlock it in Settings." }, waits_for_keys: true });
  const platform = await open("#/hall", {}, view({ stand: locked, health: null }));
  platform.emit({ type: "secrets_changed", secrets: { state: "locked", message: "It was sealed on another day." } });
  const row = (await screen.findByText("The sealed file with your keys is locked.")).closest("li")!;
  expect(row.textContent).toContain("Seats that need a key stay out until it is opened. The Discord bridge waits for the keys, its token among them.");
  expect(screen.getAllByText(/The Discord bridge waits/)).toHaveLength(1);
  platform.emit({ type: "discord_moved", discord: { ...locked, bridge: { state: "delivering" }, waits_for_keys: false } });
  await waitFor(() => expect(row.textContent).not.toContain("Discord bridge"));
});

test("the hall leads from a token that Discord refuses to its replacement", async () => {
  await open("#/hall", {}, view({ stand: stand({ bridge: { state: "stopped", why: "Discord says no. Reset it." }, token_refused: true }), health: null }));
  const row = within((await screen.findByText("Discord no longer accepts the bot’s token.")).closest("li")!);
  row.getByText(/^Nobody in Discord is heard until the bridge has another\..*older than 15 minutes waits for your word.*and posts the replies that wait\.$/);
  await fireEvent.click(row.getByRole("button", { name: "Replace the token" }));
  await screen.findByLabelText("Bot token");
  screen.getByText("refused by Discord");
  expect(location.hash).toBe("#/discord/setup");
});

test("the hall names what waits, and leads there", async () => {
  await open("#/hall", {}, view({ stand: stand({ bridge: { state: "stopped", why: "Discord does not take the token." } }) }));
  await screen.findByText("2 replies to Discord have no place.");
  await screen.findByText("A message of the Discord bridge rests.");
  await screen.findByText("A question from Discord was heard late.");
  await screen.findByText("Discord does not take the token.");
  const rail = within(screen.getByRole("navigation", { name: "Places" }));
  expect(rail.getByRole("link", { name: /Discord/ }).textContent).toContain("4");
  await fireEvent.click(await button("Place"));
  await waitFor(() => expect(location.hash).toBe("#/discord"));
});

test("the hall quotes the newest reply that has no place, with its agent", async () => {
  const [old, newest] = view().unplaced;
  await open("#/hall", {}, view({ unplaced: [{ ...old!, arrived_at: "2026-11-20T14:00:00Z" }, { ...newest!, arrived_at: "2026-11-20T14:20:00Z" }] }));
  const words = await screen.findByRole<HTMLAnchorElement>("link", { name: newest!.text });
  expect([words.classList.contains("said"), words.hash]).toEqual([true, "#/discord"]);
  const row = words.closest("li")!;
  within(row).getByText(newest!.agent);
  expect(row.textContent).toContain("2 replies to Discord have no place.");
  expect(row.textContent).not.toContain(old!.text);
});

test("a question that rests is told once in the hall, as the bridge's", async () => {
  const resting = (request_id: string, text: string) => message(8, { origin: "discord", from: "discord:Ines", request_id, state: "parked", mailbox: "a-gone", to: "gone", text });
  const shown = view({ resting: [question("p-1", { state: "parked" })] });
  const hall = async (held: MessageView) => {
    const console = new Console(new FakePlatform({ ...peopled, discord: shown.stand, bus: { ...peopled.bus, counts: { ...peopled.bus.counts, parked: 1, unread: 0 } } }, { discord: () => shown, list_messages: () => ({ messages: [held], more: false }) }));
    await console.refresh();
    const kinds = () => needs(console).map(({ kind }) => kind);
    await waitFor(() => expect(console.bus.resting).toHaveLength(1));
    await waitFor(() => expect(kinds()).toContain("bridge_parked"));
    return { kinds, console };
  };
  const told = await hall(resting("p-1", "Still there?"));
  await told.console.discord.load();
  expect(told.kinds()).not.toContain("resting");
  expect(told.kinds()).not.toContain("mail");
  const other = await hall(resting("p-2", "Somebody else's."));
  await other.console.discord.load();
  expect(other.kinds()).toContain("resting");
});

test("a row of the hall says since when the newest rests, where that was kept", async () => {
  const old = "2025-01-02T10:00:00Z";
  const resting = [question("p-1", { state: "parked", at: old, rested_at: "2025-01-05T12:30:00Z" }), reply("p-2", { state: "barred", at: "2025-01-03T10:00:00Z" }), question("h-1", { state: "held", at: old, rested_at: "2025-01-06T08:00:00Z" })];
  await open("#/hall", {}, view({ resting, stand: stand({ unplaced: 0, parked: 2, held: 1 }) }));
  const row = async (words: string) => (await screen.findByText(words)).closest("li")!.querySelector(".num")?.textContent;
  const day = (moment: string) => dayAndTime(new Date(moment));
  await waitFor(async () => expect(await row("2 messages of the Discord bridge rest.")).toBe(`the newest rests since ${day("2025-01-05T12:30:00Z")}`));
  expect(await row("A question from Discord was heard late.")).toBe(`rests since ${day("2025-01-06T08:00:00Z")}`);
});

test("a row of the hall is as old as the newest of what it counts, and is read again whenever the bridge moved", async () => {
  const past = (seconds: number) => new Date(Date.now() - seconds * 1_000).toISOString();
  const [first, second] = view().unplaced;
  const resting = [question("h-1", { state: "held", sent_at: null, at: past(9_000) }), question("p-1", { state: "parked", at: past(4_000) }), reply("p-2", { state: "barred", at: past(90) })];
  const platform = await open("#/hall", {}, view({ unplaced: [{ ...first!, arrived_at: past(9_000) }, { ...second!, arrived_at: past(2_520) }], resting, stand: stand({ bridge: { state: "stopped", why: "No." } }) }));
  const age = async (words: string) => (await screen.findByText(words)).closest("li")!.querySelector(".num")?.textContent ?? null;
  await waitFor(async () => expect(await age("2 replies to Discord have no place.")).toBe("42 min"));
  expect([await age("A message of the Discord bridge rests."), await age("A question from Discord was heard late.")]).toEqual(["1 min", "2 h"]);
  // Nobody knows since when it has stopped.
  expect(await age("The Discord bridge ended by itself.")).toBeNull();
  const read = platform.argsOf("discord").length;
  // As many rest as before, and it may be others that do. What moved within one pace is read once.
  platform.emit({ type: "discord_moved", discord: stand({ bot_name: "other" }) });
  platform.emit({ type: "discord_moved", discord: stand({ bot_name: "another" }) });
  await waitFor(() => expect(platform.argsOf("discord")).toHaveLength(read + 1));
});
