// Puts a written debate on: answers at a human pace, reactions that name the panelists as they are called that day.

import { expect } from "@playwright/test";

import type { ConsolePage } from "../../pages/console.ts";
import type { SessionPage } from "../../pages/session.ts";
import type { Part, Reaction } from "../fixtures/event-store.ts";
import { SEATS, when, type Panel, type Seat } from "./panel.ts";
import type { Behaviour, Rule } from "./script.ts";

const seats = Object.keys(SEATS) as Seat[];
/** Gates that were put up; one that was opened stays open. */
let gates = 0;

/** Rules that make each seat say its part; `how` adds pace or faults for one. */
export function answering(parts: Record<Seat, Part>, how: Partial<Record<Seat, Behaviour>> = {}): Rule[] {
  return seats.map((seat) => when(seat, { answer: { text: parts[seat].answer }, ...how[seat] }));
}

/** Which letter each seat goes by in this session, read where the operator sees it. */
export async function letters(session: SessionPage, names?: Record<Seat, string>): Promise<Record<Seat, string>> {
  const found: [Seat, string][] = [];
  for (const seat of seats) {
    const column = session.column(names?.[seat] ?? SEATS[seat].name);
    await expect(column).toContainText(/panelist [A-C]/);
    found.push([seat, /panelist ([A-C])/.exec(await column.innerText())?.[1] ?? ""]);
  }
  return Object.fromEntries(found) as Record<Seat, string>;
}

/** Lets the seats react as written. */
export async function react(panel: Panel, parts: Record<Seat, Part>, names: Record<Seat, string>): Promise<void> {
  await panel.play(reacting(parts, names, { pace: { first_byte_ms: 600, tokens_per_second: 140 } }));
}

/** Rules that make each seat react as written. */
export function reacting(parts: Record<Seat, Part>, names: Record<Seat, string>, how: Behaviour = {}): Rule[] {
  return seats.map((model) => ({
    model,
    phase: "react",
    behaviour: { ...how, answer: { text: JSON.stringify({ snippets: parts[model].reactions.map((each) => snippet(each, names)) }) } },
  }));
}

/** Puts a question and has both the answers and the reactions given as written. */
export async function debated(console: ConsolePage, panel: Panel, question: string, parts: Record<Seat, Part>): Promise<{ session: SessionPage; names: Record<Seat, string> }> {
  const held: Behaviour = { gates: [{ name: "named", at: "before_end" }] };
  await panel.play(answering(parts, { rowan: held, larch: held, alder: held }));
  const session = await console.ask(question);
  const names = await letters(session, panel.names);
  await panel.play(reacting(parts, names));
  await panel.open("named");
  await session.mapped();
  return { session, names };
}

/** Begins the next round, answered and reacted to as written. */
export async function debatedAgain(session: SessionPage, panel: Panel, parts: Record<Seat, Part>, names: Record<Seat, string>): Promise<void> {
  // A round that is over at once would never be seen live.
  const gate = `again ${(gates += 1)}`;
  const held: Behaviour = { gates: [{ name: gate, at: "before_end" }] };
  await panel.play([...answering(parts, { rowan: held }), ...reacting(parts, names)]);
  await session.nextRound.click();
  await session.isLive();
  await panel.open(gate);
  await session.mapped();
}

/** A rule that makes whoever writes a summary write this one. */
export function writing(phase: "recap" | "synthesis", summary: object, more: Partial<Rule> = {}): Rule {
  return { phase, ...more, behaviour: { answer: { text: JSON.stringify(summary) }, ...more.behaviour } };
}

function snippet({ type, of, quote, comment }: Reaction, names: Record<Seat, string>) {
  return { type, quote, quoted_model: names[of], comment };
}
