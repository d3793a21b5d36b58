import { DAY, month } from "../../format/time";

// The wallet's months are those of UTC. West of it a month's first moment is of the day before, east of it the last is of
// the day after: a day inwards is of that month everywhere.

/** "November", of the month of the wallet's that begins at `start`. */
export const monthFrom = (start: string): string => month(new Date(Date.parse(start) + DAY));
/** "November", of the month of the wallet's that ends at `end`, when the limit is whole again. */
export const monthUntil = (end: string): string => month(new Date(Date.parse(end) - DAY));
