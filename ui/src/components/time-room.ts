import { isToday } from "../format/time";

/**
 * Room for the moments of a list: those of today are told without their day, and the names have what these leave.
 * @param ends the first of them and the last
 */
export function timeRoom(ends: readonly (string | undefined)[], now: Date): string {
  return ends.every((at) => at === undefined || isToday(new Date(at), now)) ? "56px" : "76px";
}
