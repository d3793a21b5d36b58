import type { SeatLabel } from "../generated/SeatLabel";
import { unlikePanelist } from "./initials";
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
  return seats.map((seat) => {
    const namesakes = seats.filter((other) => other !== seat && other.display_name === seat.display_name);
    const via = namesakes.length === 0 ? "" : apart(seat, namesakes);
    return {
      ...seat,
      short: seat.display_name,
      via,
      display_name: via ? `${seat.display_name}, ${via}` : seat.display_name,
      initial: unlikePanelist(seat.initial, seat.display_name, letters),
    };
  });
}

function apart(seat: SeatLabel, namesakes: SeatLabel[]): string {
  return namesakes.some((other) => other.provider === seat.provider) ? seat.model : vendorName(seat.provider);
}
