import { momentOf, timeOfDay } from "../../format/time";

/** A moment of today by its time, any other with its day. */
export function when(moment: string, today: Date): string {
  return momentOf(new Date(moment), today, timeOfDay);
}
