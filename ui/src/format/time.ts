import { calendar } from "../messages/calendar";
import { count } from "./numbers";

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** "0:44", "12:05", "1:02:00": a running clock. */
export function clock(ms: number): string {
  const total = Math.max(0, Math.floor(ms / SECOND));
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const tail = `${hours ? pad(minutes) : minutes}:${pad(seconds)}`;
  return hours ? `${hours}:${tail}` : tail;
}

/** "51.1 s", "2 min 5 s", "412 ms": how long something took. */
export function took(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < MINUTE) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  const [minutes, seconds] = [Math.floor(ms / MINUTE), Math.floor((ms % MINUTE) / SECOND)];
  return seconds ? `${minutes} min ${seconds} s` : `${minutes} min`;
}

/** "0.9 ms", "41 ms", "1.34 s": how long after a moment something had happened, from microseconds. */
export function delay(micros: number): string {
  const ms = micros / 1_000;
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  return ms < 999.5 ? `${Math.round(ms)} ms` : `${(ms / SECOND).toFixed(2)} s`;
}

/** "412 ms", "0.8 s", "20 s", "1 min 24 s", "2 h 5 min": how long something was waited for. */
export function waited(ms: number): string {
  if (ms < 10 * SECOND) return took(ms);
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return took(ms);
  const [hours, minutes] = [Math.floor(ms / HOUR), Math.floor((ms % HOUR) / MINUTE)];
  return minutes ? `${count(hours)} h ${minutes} min` : `${count(hours)} h`;
}

/** "51.1 s", "12 min", "3 h": how long something took, in one figure. */
export function tookAbout(ms: number): string {
  if (ms < MINUTE) return took(ms);
  return ms < 2 * HOUR ? `${Math.floor(ms / MINUTE)} min` : `${count(Math.floor(ms / HOUR))} h`;
}

const NOW = "now";

/** "now", "11 s", "2 min", "3 h", then the day: how long ago, without the word. */
export function age(from: Date, now: Date): string {
  const ms = Math.max(0, now.getTime() - from.getTime());
  if (ms < SECOND) return NOW;
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h`;
  return shortDay(from);
}

/** "3 h ago" by the words given; what is now, or past a day, needs none. */
export function ago(from: Date, now: Date, words: (age: string) => string): string {
  const told = age(from, now);
  return told === NOW || told === shortDay(from) ? told : words(told);
}

/** "41 min", "3 h", "12 d": how long until then as it was at the beginning of this minute, and never nothing. */
export function left(minute: Date, until: Date): string {
  // What of the minute has passed is not known: an hour that was given within it is an hour, and not 61 minutes.
  const ms = Math.max(MINUTE, Math.floor((until.getTime() - minute.getTime()) / MINUTE) * MINUTE);
  if (ms <= 90 * MINUTE) return `${Math.ceil(ms / MINUTE)} min`;
  return ms <= 2 * DAY ? `${Math.ceil(ms / HOUR)} h` : `${Math.ceil(ms / DAY)} d`;
}

/** Of the day that `now` is of. */
export const isToday = (at: Date, now: Date): boolean => at.toDateString() === now.toDateString();
/** "14:33". */
export const timeOfDay = (at: Date): string => `${pad(at.getHours())}:${pad(at.getMinutes())}`;
/** "14:33:07". */
export const exactTime = (at: Date): string => `${timeOfDay(at)}:${pad(at.getSeconds())}`;
/** "14:33:07.204", for what a log has to tell apart. */
export const logTime = (at: Date): string => `${exactTime(at)}.${String(at.getMilliseconds()).padStart(3, "0")}`;
/** "20 Nov 14:12". */
export const dayAndTime = (at: Date): string => `${shortDay(at)} ${timeOfDay(at)}`;
/** "20 Nov 2026 14:12", for what may be of another year. */
export const dayOfYearAndTime = (at: Date): string => `${shortDay(at)} ${at.getFullYear()} ${timeOfDay(at)}`;
/** "20 Nov 2026 14:12:07", for one of several of the same minute. */
export const withSeconds = (at: Date): string => `${shortDay(at)} ${at.getFullYear()} ${exactTime(at)}`;
/** "20 Nov". */
export const shortDay = (at: Date): string => `${at.getDate()} ${calendar.shortMonths[at.getMonth()]}`;
/** "Friday 20 November, 14:33". */
export const wholeMoment = (at: Date): string => `${calendar.weekdays[at.getDay()]} ${dayOfMonth(at)}, ${timeOfDay(at)}`;
/** "1 December". */
export const dayOfMonth = (at: Date): string => `${at.getDate()} ${month(at)}`;
/** "14 November 2026", from a date without a time; a date that cannot be read stays as it is. */
export function fullDay(date: string): string {
  const at = new Date(`${date}T12:00:00Z`);
  return Number.isNaN(at.getTime()) ? date : `${at.getUTCDate()} ${calendar.months[at.getUTCMonth()]} ${at.getUTCFullYear()}`;
}
/** "November". */
export const month = (at: Date): string => calendar.months[at.getMonth()] ?? "";

/** A moment of the day that `now` is of by its time alone, as `time` writes it; any other with its day. */
export const momentOf = (at: Date, now: Date, time: (at: Date) => string): string => (isToday(at, now) ? time(at) : dayAndTime(at));

/** RFC 3339 in UTC, as Husting writes it into its sentences. */
const WRITTEN = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/** A sentence of Husting's with its times as they are read here. */
export const withTimes = (sentence: string): string => sentence.replace(WRITTEN, (at) => dayAndTime(new Date(at)));

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
