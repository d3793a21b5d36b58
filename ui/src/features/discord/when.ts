import { dayAndTime, timeOfDay } from "../../format/time";

/** A moment of today by its time, any other with its day. */
export function when(moment: string, today: Date): string {
  const at = new Date(moment);
  return at.toDateString() === today.toDateString() ? timeOfDay(at) : dayAndTime(at);
}
