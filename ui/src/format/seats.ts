import type { SeatLabel } from "../generated/SeatLabel";
import type { Marks } from "./initials";
import { vendorName } from "./vendors";

/** A seat by a name that no other of its panel has. */
export interface NamedSeat extends SeatLabel {
  /** The model's name alone; two seats may share it. */
  short: string;
  /** What tells the seat from its namesake: whom it is called through, or its id. Empty where no other has the name. */
  via: string;
}

/** A seat as it is shown: on one panel no two read alike, and no initial reads as a panelist's letter. */
export interface ShownSeat extends NamedSeat {
  initial: string;
}

/** The seats of one panel, told apart by their names: `display_name` says by itself which seat is meant. */
export function named(seats: SeatLabel[]): NamedSeat[] {
  return seats.map((seat) => {
    const namesakes = seats.filter((other) => other !== seat && other.display_name === seat.display_name);
    const via = namesakes.length === 0 ? "" : apart(seat, namesakes);
    return { ...seat, short: seat.display_name, via, display_name: via ? `${seat.display_name}, ${via}` : seat.display_name };
  });
}

/** The seats of one panel, told apart by name and mark. */
export function toldApart(seats: SeatLabel[], marks: Marks): ShownSeat[] {
  const initials = marks.ofPanel(seats);
  return named(seats).map((seat, place) => ({ ...seat, initial: initials[place] ?? "?" }));
}

/** The mark of a model: its seat's on the panel that it is shown for, else the one that it has alone. */
export function markOf(marks: Marks, model: string, name: string, panel: SeatLabel[] = []): string {
  return toldApart(panel, marks).find((seat) => seat.model === model)?.initial ?? marks.of(model, name);
}

function apart(seat: SeatLabel, namesakes: SeatLabel[]): string {
  return namesakes.some((other) => other.provider === seat.provider) ? seat.model : vendorName(seat.provider);
}
