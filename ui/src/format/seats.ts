import type { ModelView } from "../generated/ModelView";
import type { SeatLabel } from "../generated/SeatLabel";
import { ALPHABET, givenBehind, givenInitials, initialOf, ownInitial, unlikePanelist } from "./initials";
import { vendorName } from "./vendors";

/** A seat as it is shown: on one panel no two read alike, and no initial reads as a panelist's letter. */
export interface ShownSeat extends SeatLabel {
  /** The model's name alone; two seats may share it. */
  short: string;
  /** What tells the seat from its namesake: whom it is called through, or its id. Empty where no other has the name. */
  via: string;
}

/** The seats of one panel, told apart. `display_name` says by itself which seat is meant. */
export function toldApart(seats: SeatLabel[]): ShownSeat[] {
  const letters = seats.map((seat) => seat.letter);
  const marks = ownInitials(
    seats.map((seat) => seat.display_name),
    seats.map((seat) => seat.initial),
    letters,
  );
  return seats.map((seat, place) => {
    const namesakes = seats.filter((other) => other !== seat && other.display_name === seat.display_name);
    const via = namesakes.length === 0 ? "" : apart(seat, namesakes);
    return {
      ...seat,
      short: seat.display_name,
      via,
      display_name: via ? `${seat.display_name}, ${via}` : seat.display_name,
      initial: unlikePanelist(marks[place] ?? seat.initial, seat.display_name, letters),
    };
  });
}

/** The initials of a panel before it is convened, by model: those that its round will show. */
export function initialsAhead(panel: Pick<ModelView, "id" | "display_name" | "provider">[]): Map<string, string> {
  // Who is which panelist is drawn later; which letters there are is known.
  const calls = panel.map(({ id, ...seat }, place) => ({ ...seat, model: id, letter: ALPHABET[place] ?? "" }));
  return new Map(toldApart(labelsOf(calls)).map(({ model, initial }) => [model, initial]));
}

/** The initial that a model has as the last seat behind a panel, as `initialsAhead` gives it: the letters of the panel are found once for all models. */
export function initialBehind(panel: Pick<ModelView, "display_name">[]): (model: Pick<ModelView, "display_name">) => string {
  const letters = [...ALPHABET].slice(0, panel.length + 1);
  const names = panel.map(({ display_name }) => display_name);
  const given = givenInitials(names);
  const own = ownInitials(names, given, letters);
  const taken = new Set(given);
  return ({ display_name }) => unlikePanelist(ownInitial(givenBehind(display_name, taken), display_name, letters, own), display_name, letters);
}

/** The initial of a model: its seat's on the panel that it is shown for, else the one that it has alone. */
export function markOf(model: string, name: string, panel: SeatLabel[] = []): string {
  return toldApart(panel).find((seat) => seat.model === model)?.initial ?? initialOf(name);
}

/** The seats of a round whose session is not known: its calls have all of a label but the initial, which follows from their order. */
export function labelsOf(calls: Omit<SeatLabel, "initial">[]): SeatLabel[] {
  const given = givenInitials(calls.map(({ display_name }) => display_name));
  return calls.map((call, place) => ({ ...call, initial: given[place] ?? "?" }));
}

// A name in another script was lent a letter, which may be a panelist's: it has letters of its own.
function ownInitials(names: string[], given: string[], letters: string[]): string[] {
  const taken = [...given];
  names.forEach((name, place) => {
    const others = taken.filter((_, other) => other !== place);
    taken[place] = ownInitial(given[place] ?? "?", name, letters, others);
  });
  return taken;
}

function apart(seat: SeatLabel, namesakes: SeatLabel[]): string {
  return namesakes.some((other) => other.provider === seat.provider) ? seat.model : vendorName(seat.provider);
}
