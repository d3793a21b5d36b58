import { dayAndTime, isToday, timeOfDay } from "../../format/time";

/** A moment of today by its time, any other with its day. */
export function when(moment: string, today: Date): string {
  const at = new Date(moment);
  return isToday(at, today) ? timeOfDay(at) : dayAndTime(at);
}
