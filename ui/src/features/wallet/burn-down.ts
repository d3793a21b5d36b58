import type { WalletView } from "../../generated/WalletView";
import type { MicroUsd } from "../../format/money";

/** The drawing of a month: paths in pixels, ticks with their figures. */
export interface BurnDown {
  line: string;
  area: string;
  /** From now to the reset at this month's pace; empty where there is none. */
  ahead: string;
  now: { x: number; y: number; balance: MicroUsd };
  /** What will have been spent by the reset at this pace. */
  pace: MicroUsd;
  days: { x: number; day: number }[];
  sums: { y: number; micro: MicroUsd }[];
}

/** Room around the plot, for its figures. */
export const MARGIN = { left: 56, right: 20, top: 8, bottom: 22 };
const STEPS = [1, 2, 2.5, 5, 10];

/** Lays the month out. Steps, as money leaves in calls, not along a slope. */
export function burnDown(view: WalletView, at: number, width: number, height: number): BurnDown {
  const [start, end] = [Date.parse(view.month_start), Date.parse(view.month_end)];
  const today = Math.max(start, Math.min(at, end));
  const balance = view.summary.balance;
  const spent = view.summary.spent_month;
  const pace = today > start ? Math.round(spent * ((end - start) / (today - start))) : spent;
  const left = Math.max(0, balance - (pace - spent));
  const axis = sumAxis([...view.burn_down.map((point) => point.balance), balance, left]);
  const x = (ms: number) => MARGIN.left + ((ms - start) / (end - start)) * (width - MARGIN.left - MARGIN.right);
  const y = (micro: MicroUsd) => MARGIN.top + ((axis.high - micro) / (axis.high - axis.low)) * (height - MARGIN.top - MARGIN.bottom);
  const line = steps(view, start, today, balance, x, y);
  const floor = y(axis.low);
  return {
    line,
    area: `${line} V${floor} H${px(x(start))} Z`,
    ahead: spent > 0 ? `M${px(x(today))} ${px(y(balance))} L${px(x(end))} ${px(y(left))}` : "",
    now: { x: x(today), y: y(balance), balance },
    pace,
    days: dayTicks(start, end).map(({ ms, day }) => ({ x: x(ms), day })),
    sums: axis.ticks.map((micro) => ({ y: y(micro), micro })),
  };
}

function steps(view: WalletView, start: number, today: number, balance: MicroUsd, x: (ms: number) => number, y: (micro: MicroUsd) => number): string {
  const points = view.burn_down.map((point) => ({ ms: Math.max(start, Date.parse(point.at)), balance: point.balance }));
  const first = points[0]?.balance ?? balance;
  const path = [`M${px(x(start))} ${px(y(first))}`, ...points.map((point) => `H${px(x(point.ms))} V${px(y(point.balance))}`)];
  return [...path, `H${px(x(today))} V${px(y(balance))}`].join(" ");
}

/** Round figures around the balances; the axis begins above zero only where the month's change would vanish on it. */
export function sumAxis(values: MicroUsd[]): { low: MicroUsd; high: MicroUsd; ticks: MicroUsd[] } {
  const [least, most] = [Math.min(...values), Math.max(...values, 1)];
  const from = least > most / 2 && least < most ? least : 0;
  const step = niceStep(Math.max(most - from, most / 50, 4) / 4);
  const low = Math.floor(from / step) * step;
  const high = Math.ceil(most / step) * step || step;
  const ticks = Array.from({ length: Math.round((high - low) / step) + 1 }, (_, index) => low + index * step);
  return { low, high: Math.max(high, low + step), ticks };
}

function niceStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = STEPS.find((each) => each * power >= raw) ?? 10;
  return Math.max(1, Math.round(factor * power));
}

function dayTicks(start: number, end: number): { ms: number; day: number }[] {
  const DAY = 86_400_000;
  const days = Math.round((end - start) / DAY);
  return [1, 5, 10, 15, 20, 25, 30].filter((day) => day <= days).map((day) => ({ ms: start + (day - 1) * DAY, day }));
}

function px(value: number): string {
  return value.toFixed(1);
}
