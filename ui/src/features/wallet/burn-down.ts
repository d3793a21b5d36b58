import type { LedgerPage } from "../../generated/LedgerPage";
import type { WalletView } from "../../generated/WalletView";
import { digitsOfSum, money, type MicroUsd } from "../../format/money";
import { DAY, MINUTE } from "../../format/time";
import { lettersOf, roomOf } from "../../format/width";
import { titleWords } from "../../markdown/fragment";
import { m } from "../../messages";
import { apart } from "../../messages/apart";
import { spanOf } from "./span";

/** The drawing of a month: paths in pixels, ticks with their figures. */
export interface BurnDown {
  /** Where the plot begins: the sums beside it have their room. */
  from: number;
  /** The balance since the limit last changed; before it in `before`, which is empty where it never did, or where it would flatten what follows. */
  line: string;
  before: string;
  area: string;
  /** From now to the reset at this month's pace, as far as it is drawn; empty where there is none. */
  ahead: string;
  now: { x: number; y: number };
  /** The balance beside its point, clear of the words of the changes where it stands on the ground of the plot. */
  figure: { x: number; y: number; anchor: "start" | "end"; words: string };
  /** What will have been spent by the reset at this pace; `null` where nothing was spent, or the month is younger than a day, whose first hours say nothing of the rest. */
  pace: MicroUsd | null;
  times: { x: number; words: string }[];
  sums: { y: number; micro: MicroUsd; figure: string }[];
  /** Changes of what may be spent, by the ledger's word; those that stand too close to be told apart are one, of so many, with what they added and what they took. With one of them the drawing begins, where all before it would flatten the rest. */
  breaks: { x: number; kind: string | null; sums: MicroUsd[]; changes: number; begins: boolean }[];
  /** Whose step it is, left of the step and beneath the line, where the balance leaves room. */
  steps: { x: number; y: number; name: string }[];
}

/** A booking of the month: spent, or a change of what may be spent. */
interface Booking {
  ms: number;
  change: MicroUsd;
  /** `null` where only the balance is known. */
  kind: string | null;
  name: string;
}

/** Room around the plot, for its figures; above it for the balance, which stands clear of the line that goes on at this pace below its point. */
export const MARGIN = { left: 56, right: 20, top: 20, bottom: 22 };
const STEPS = [1, 2, 2.5, 5, 10];
/** The turn of the month is no event of its own. */
const TURNS = ["grant", "expiry"];
const SPENDS = ["debit", "refund"];
/** Changes closer than this share their word. */
const BREAK_PX = 120;
/** The part of the drawing that the calls since the last change have at the least. */
const LEGIBLE = 8;
/** Pixels between a point or a line and what is written beside it: the balance, changes and steps end on one line. */
export const BESIDE = 10;
/** Pixels of the balance: of a letter, and from the right edge in which it stands left of the point. */
const FIGURE = { letter: 7, right: 110 };
/** Pixels by which the balance stands lower than its point; `clear` of the words of the changes at the ground. */
const LOWER = { usual: -7, clear: -23 };
/** A name is cut only where it is long, or has no room; to fewer than `least` letters it would say nothing. */
const LABEL = { height: 16, gap: 6, least: 24, most: 40, letter: 6 };
/** Pixels of a figure on the axis, rather too many. */
const TICK = { letter: 6.5, gap: 6 };

/**
 * Lays the month out. Steps, as money leaves in calls, not along a slope. Each balance stands where the ledger has it:
 * where a change of the limit is so large that it would flatten every call since, the drawing begins with that change.
 * `at` is the present minute: what is booked within it moves the drawing on.
 */
export function burnDown(view: WalletView, page: LedgerPage | null, at: number, width: number, height: number): BurnDown {
  const [start, end] = [Date.parse(view.month_start), Date.parse(view.month_end)];
  const balance = view.summary.balance;
  const levels = levelled(bookings(view, page, start), balance);
  const today = Math.max(start, Math.min(levels.findLast(({ ms }) => ms > at && ms <= at + MINUTE)?.ms ?? at, end));
  const spent = view.summary.spent_month;
  const pace = spent > 0 && today - start >= DAY ? Math.round(spent * ((end - start) / (today - start))) : null;
  const first = levels[0]?.before ?? balance;
  const changed = levels.findLastIndex(isBreak);
  const origin = isLegible(levels) ? -1 : lastFollowed(levels);
  const shown = origin < 0 ? levels : levels.slice(origin);
  const sums = shown === levels ? [first, ...levels.map(({ after }) => after)] : shown.map(({ after }) => after);
  const begun = (shown === levels ? beginning(view, levels) : shown[0]?.ms) ?? start;
  const span = spanOf({ start, end }, begun, today);
  const rest = pace === null || today >= span.to ? balance : Math.max(0, balance - (pace - spent) * ((span.to - today) / (end - today)));
  const axis = sumAxis([...sums, balance, rest]);
  const from = Math.max(MARGIN.left, ...axis.ticks.map((micro) => axis.figure(micro).length * TICK.letter + TICK.gap));
  const along = (ms: number) => from + ((ms - span.from) / (span.to - span.from)) * (width - from - MARGIN.right);
  const x = (ms: number) => along(Math.min(Math.max(ms, span.from), today));
  const y = (micro: MicroUsd) => MARGIN.top + ((axis.high - micro) / (axis.high - axis.low)) * (height - MARGIN.top - MARGIN.bottom);
  const floor = y(axis.low);
  const before = changed <= origin ? "" : stepped(levels.slice(origin + 1, changed + 1), begun, x, y);
  const since = levels[changed]?.ms ?? begun;
  const line = `${stepped(levels.slice(changed + 1), since, x, y, levels[changed]?.after ?? first)} H${px(x(today))} V${px(y(balance))}`;
  const breaks = breaksOf(levels.filter(isBreak), x, levels[origin]);
  const low = breaks.length > 0 && y(balance) > floor - LABEL.height - LABEL.gap;
  const words = (breaks.length > 0 ? 1 : 0) + (low ? 1 : 0);
  const figure = figureOf(balance, { x: x(today), y: y(balance) }, low, width);
  const hasRoom = (step: { x: number; y: number }) =>
    (words === 0 || step.y < floor - words * LABEL.height - LABEL.gap) && !isUnder(figure, step);
  return {
    from,
    line,
    before,
    area: `${before}${before ? line.replace("M", "L") : line} V${floor} H${px(x(begun))} Z`,
    ahead: pace !== null ? `M${px(x(today))} ${px(y(balance))} L${px(width - MARGIN.right)} ${px(y(rest))}` : "",
    now: { x: x(today), y: y(balance) },
    figure,
    pace,
    times: span.ticks.map(({ ms, words }) => ({ x: along(ms), words })),
    sums: axis.ticks.map((micro) => ({ y: y(micro), micro, figure: axis.figure(micro) })),
    breaks,
    steps: named(shown, from, x, y).filter(hasRoom),
  };
}

// To the right of the point while the month is young, else to its left.
function figureOf(balance: MicroUsd, now: { x: number; y: number }, low: boolean, width: number): BurnDown["figure"] {
  const isEarly = now.x < width - FIGURE.right;
  const lower = low ? LOWER.clear : LOWER.usual;
  return { x: now.x + (isEarly ? BESIDE : -BESIDE), y: now.y + lower, anchor: isEarly ? "start" : "end", words: money(balance, 6) };
}

// Words that end at `step` lie upon the balance.
function isUnder({ x, y, anchor, words }: BurnDown["figure"], step: { x: number; y: number }): boolean {
  const left = anchor === "end" ? x - words.length * FIGURE.letter : x;
  return Math.abs(step.y - y) < LABEL.height && step.x > left;
}

// The newest bookings are known with their words; of older ones the balance after each, thinned.
function bookings(view: WalletView, page: LedgerPage | null, start: number): Booking[] {
  const known = (page?.rows ?? []).filter((row) => Date.parse(row.at) >= start).toReversed();
  const [oldest] = known;
  const from = oldest && (page?.more ?? false) && known.length === page?.rows.length ? Date.parse(oldest.at) : oldest ? start : Infinity;
  const points = view.burn_down.map((point) => ({ ms: Date.parse(point.at), balance: point.balance })).filter(({ ms }) => ms < from);
  if (oldest && points.length > 0) points.push({ ms: from, balance: oldest.balance_after - oldest.change });
  const older = points.slice(1).map(({ ms, balance }, at): Booking => ({ ms, change: balance - (points[at]?.balance ?? balance), kind: null, name: "" }));
  return [...older.filter(({ change }) => change !== 0), ...known.map((row) => ({ ms: Date.parse(row.at), change: row.change, kind: row.kind, name: row.session_title ? titleWords(row.session_title) : (row.agent ?? "") }))];
}

// The month's own grant is its first booking: before it there was no balance that could be drawn.
function beginning({ burn_down: [first, ...others] }: WalletView, levels: { ms: number }[]): number | undefined {
  const moments = [...(first && others.length > 0 ? [Date.parse(first.at)] : []), ...levels.slice(0, 1).map(({ ms }) => ms)];
  return moments.length > 0 ? Math.min(...moments) : undefined;
}

function isSpent({ kind, change }: Booking): boolean {
  return kind === null ? change <= 0 : SPENDS.includes(kind);
}

function isBreak(booking: Booking): boolean {
  return booking.change !== 0 && !isSpent(booking) && !(booking.kind !== null && TURNS.includes(booking.kind));
}

// What was left before and after each booking. The month's own grant begins it: nothing led up to that.
function levelled(all: Booking[], balance: MicroUsd): (Booking & { before: MicroUsd; after: MicroUsd })[] {
  let after = balance;
  return all
    .toReversed()
    .map((booking) => {
      const before = after - booking.change;
      const level = { ...booking, after, before: booking.kind !== null && TURNS.includes(booking.kind) ? after : before };
      after = before;
      return level;
    })
    .toReversed();
}

// The last change that calls came after: one that nothing followed yet says nothing of how they can be seen.
function lastFollowed(levels: Level[]): number {
  return levels.slice(0, Math.max(0, levels.findLastIndex(isSpent))).findLastIndex(isBreak);
}

// Whether the calls since that change can be seen beside all that came before it; without any there is nothing to flatten.
function isLegible(levels: Level[]): boolean {
  const range = (balances: MicroUsd[]) => Math.max(...balances) - Math.min(...balances);
  const followed = lastFollowed(levels);
  const since = followed < 0 ? 0 : range(levels.slice(followed).map(({ after }) => after));
  return since === 0 || since * LEGIBLE >= range(levels.flatMap(({ before, after }) => [before, after]));
}

type Level = ReturnType<typeof levelled>[number];
type Scale = (value: number) => number;

function stepped(levels: Level[], start: number, x: Scale, y: Scale, first = levels[0]?.before ?? 0): string {
  return [`M${px(x(start))} ${px(y(first))}`, ...levels.map(({ ms, after }) => `H${px(x(ms))} V${px(y(after))}`)].join(" ");
}

/** What was added, and what was taken. */
function bothWays(changes: MicroUsd[]): MicroUsd[] {
  const sum = (some: MicroUsd[]) => some.reduce((one, other) => one + other, 0);
  return [sum(changes.filter((change) => change > 0)), sum(changes.filter((change) => change < 0))].filter((change) => change !== 0);
}

/** A change in words. What was added and what was taken stand in as many places as their difference needs. */
export function wordOf({ kind, sums, changes, begins }: BurnDown["breaks"][number]): string {
  const places = sums.length > 1 ? digitsOfSum(sums, sums.reduce((one, other) => one + other, 0)) : undefined;
  const word = m.wallet.changedBy(kind, sums.map((sum) => money(sum, places)), changes);
  return begins ? m.wallet.beginsWith(word) : word;
}

function breaksOf(levels: Level[], x: Scale, origin: Level | undefined): BurnDown["breaks"] {
  const breaks: BurnDown["breaks"] = [];
  for (const level of levels) {
    const { ms, kind, change } = level;
    const begins = level === origin;
    const last = breaks.at(-1);
    if (last && x(ms) - last.x < BREAK_PX) Object.assign(last, { x: x(ms), kind, sums: bothWays([...last.sums, change]), changes: last.changes + 1, begins: last.begins || begins });
    else breaks.push({ x: x(ms), kind, sums: [change], changes: 1, begins });
  }
  return breaks;
}

// Steps of one session that follow each other share its name, where it has room.
function named(levels: Level[], from: number, x: Scale, y: Scale): BurnDown["steps"] {
  const runs: { name: string; ms: number; before: MicroUsd; after: MicroUsd }[] = [];
  for (const { name, ms, before, after } of levels.filter((level) => isSpent(level))) {
    const last = runs.at(-1);
    if (last?.name === name) last.after = after;
    else runs.push({ name, ms, before, after });
  }
  return runs.flatMap(({ name, ms, before, after }) => {
    const short = cut(lettersOf(name), x(ms) - BESIDE - from);
    const hasRoom = short !== null && y(after) - y(before) >= LABEL.height;
    return name && hasRoom ? [{ x: x(ms) - BESIDE, y: (y(before) + y(after)) / 2 + 4, name: apart(short.join("").replace(/\s+…$/, "…")) }] : [];
  });
}

// As many letters as there is room for; `null` where that is too few.
function cut(letters: string[], room: number): string[] | null {
  const first = (most: number) => (letters.length > most ? [...letters.slice(0, most - 1), "…"] : letters);
  for (let most = LABEL.most; most >= LABEL.least; most -= 1) if (wide(first(most)) < room) return first(most);
  return null;
}

// As wide as they can be: a drawing in pixels does not cut them.
function wide(short: string[]): number {
  return roomOf(short) * LABEL.letter;
}

/** An axis of sums, and how each is written on it: with the places that its steps need, all alike. */
interface SumAxis {
  low: MicroUsd;
  high: MicroUsd;
  ticks: MicroUsd[];
  figure: (micro: MicroUsd) => string;
}

/** Round figures around the balances; the axis begins above zero only where the month's change would vanish on it. */
export function sumAxis(values: MicroUsd[]): SumAxis {
  const [least, most] = [Math.min(...values), Math.max(...values, 1)];
  const from = least > most / 2 && least < most ? least : 0;
  const step = niceStep(Math.max(most - from, 4) / 4);
  const low = Math.floor(from / step) * step;
  const high = Math.ceil(most / step) * step || step;
  const ticks = Array.from({ length: Math.round((high - low) / step) + 1 }, (_, index) => low + index * step);
  const places = [0, 2, 3, 4, 5].find((each) => step % 10 ** (6 - each) === 0) ?? 6;
  return { low, high: Math.max(high, low + step), ticks, figure: (micro) => money(micro, places) };
}

function niceStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = STEPS.find((each) => each * power >= raw) ?? 10;
  return Math.max(1, Math.round(factor * power));
}

function px(value: number): string {
  return value.toFixed(1);
}
