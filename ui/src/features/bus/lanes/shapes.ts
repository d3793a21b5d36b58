import type { MessageView } from "../../../generated/MessageView";
import { m } from "../../../messages";
import { pixelOf, type Span } from "../strip/span";
import { recipientLane, senderLane } from "./lanes";
import { heldUntil, isResting, momentsOf, unreadUntil } from "./moments";

/** Pixels of a lane, the gap below it counted. */
export const LANE = 66;
/** The same in a low window, so that more of them stand in sight. */
export const LOW_LANE = 44;
/** Of it, what is left free below. */
export const GAP = 2;
/** Half of a bar's height. */
export const THICK = 4;
/** Half of a square's side. */
export const SIDE = 3.5;
const DOT = 3;
const HEAD = 4;
/** What was given back has no time of that: its bar is a stub. */
const STUB = 10;
/** A bar of no time is still seen. */
const LEAST_BAR = 2;
/** From a line's end to the middle of its lane. */
const REST = THICK + 2;
/** How far beside the mark of a lane between a line goes past it, and over which height it turns there and back. */
const [ASIDE, ELBOW] = [6, 8];
/** Pixels that a place is compared with, and those beside it. */
const BESIDE = [-1, 0, 1];

export interface Point {
  x: number;
  y: number;
}

/** How a message is drawn: from a dot along a line to whatever became of it. */
export interface Shape {
  place: number;
  from: Point;
  to: Point;
  /** Pixels by which its line goes beside the way from one to the other, past the end of another on it. */
  aside: number;
  /** It ends in an arrow's head, in a square, in an amber one, or faintly. */
  end: "fetched" | "waiting" | "resting" | "withdrawn";
  /** Held by its reader, from and to. */
  bar: [number, number] | null;
  /** When the bar ended is not stored. */
  stub: boolean;
  /** Beside its end, where it rests or was taken back. */
  word: string;
  /** Where that stands. */
  wordAt: Point;
}

/** Where lanes are, and how time runs over them. */
export interface Plot {
  rows: Record<string, number>;
  span: Span;
  width: number;
  /** Nothing is drawn behind it: when the messages were read. */
  now: number;
  /** How high a lane is, where that is not `LANE`. */
  lane?: number;
}

/** The middle of a lane. */
export function middleOf(row: number, lane = LANE): number {
  return row * lane + (lane - GAP) / 2;
}

/** A message as it is drawn; `null` where one of its lanes is not there. */
export function shapeOf(message: MessageView, { rows, span, width, now, lane }: Plot): Shape | null {
  const [one, other] = [rows[senderLane(message)], rows[recipientLane(message)]];
  if (one === undefined || other === undefined) return null;
  const { sent, fetched } = momentsOf(message);
  const x = (at: number) => pixelOf(span, width, at);
  const y = middleOf(other, lane);
  const end = endOf(message);
  const read = unreadUntil(message);
  const reached = read === Infinity ? sent : read;
  const until = heldUntil(message);
  const bar: [number, number] | null = fetched === null ? null : until === null ? [x(fetched), x(fetched) + STUB] : [x(fetched), Math.max(x(fetched) + LEAST_BAR, x(Math.min(until, now)))];
  const rest = bar ? bar[1] : x(reached);
  return {
    place: message.place,
    from: { x: x(sent), y: middleOf(one, lane) },
    to: { x: x(reached), y },
    aside: 0,
    end,
    bar,
    stub: until === null,
    word: wordOf(message),
    wordAt: { x: rest + SIDE + 5, y: y + 4 },
  };
}

/** Messages as they are drawn. Whatever lies upon what else, each mark stands at its time: beside it would be another one. */
export function shapesOf(messages: MessageView[], plot: Plot): Shape[] {
  const shapes = messages.flatMap((message) => shapeOf(message, plot) ?? []);
  const spots = new Map<string, Shape[]>();
  for (const shape of shapes) {
    const way = Math.sign(shape.to.y - shape.from.y);
    const spot = `${way} ${shape.from.y} ${Math.round(shape.from.x)}`;
    if (way === 0) continue;
    const known = spots.get(spot);
    if (known) known.push(shape);
    else spots.set(spot, [shape]);
  }
  for (const spot of spots.values()) spread(spot);
  part(shapes);
  return shapes;
}

/**
 * Of lines that leave a lane in one moment and go one way, those to a farther lane go past the ends of the nearer:
 * down to the left, where no bar begins, up to the right, where no count stands.
 */
function spread(shapes: Shape[]): void {
  const far = ({ from, to }: Shape) => Math.abs(to.y - from.y);
  const ends = new Map<string, Shape>();
  for (const shape of shapes.toSorted((one, other) => far(one) - far(other))) {
    const { from, to } = shape;
    const isMet = (end: Shape) => far(end) < far(shape) && Math.abs(from.x + ((to.x - from.x) * far(end)) / far(shape) - end.to.x) < ASIDE;
    if (someOf(ends.values(), isMet)) shape.aside = to.y > from.y ? -ASIDE : ASIDE;
    ends.set(`${to.y} ${Math.round(to.x)}`, shape);
  }
}

/** Of two lanes' lines that lie on each other and go opposite ways, those up go beside those down: else two messages are one line with two heads. */
function part(shapes: Shape[]): void {
  const [down, up] = [new Set<string>(), [] as Shape[]];
  for (const shape of shapes) {
    const { from, to, aside } = shape;
    if (aside !== 0 || from.y === to.y) continue;
    if (to.y < from.y) up.push(shape);
    else down.add(between(from.y, to.y, Math.round(from.x), Math.round(to.x)));
  }
  for (const shape of up) {
    const { from, to } = shape;
    const [high, low] = [Math.round(to.x), Math.round(from.x)];
    // As far as a pixel from each other they are one stroke to the eye.
    const isMet = BESIDE.some((left) => BESIDE.some((right) => down.has(between(to.y, from.y, high + left, low + right))));
    if (isMet) shape.aside = ASIDE;
  }
}

/** What a line between two lanes is known by, from the upper of them. */
function between(upper: number, lower: number, high: number, low: number): string {
  return `${upper} ${lower} ${high} ${low}`;
}

function someOf<Item>(items: Iterable<Item>, fits: (item: Item) => boolean): boolean {
  for (const item of items) if (fits(item)) return true;
  return false;
}

/** Lines of many shapes joined, so that ten thousand messages are a handful of elements. */
export interface Paths {
  lines: string;
  heads: string;
  dots: string;
  bars: string;
  stubs: string;
  squares: string;
  resting: string;
  /** Lines and ends of what was withdrawn before anybody read it. */
  withdrawn: string;
}

/** Heights between which something is drawn. */
export interface Band {
  top: number;
  bottom: number;
}

/** What shapes come to in a band, each stroke once: at that scale many fall onto each other. */
export function pathsOf(shapes: Shape[], band: Band): Paths {
  const drawn = { lines: new Set<string>(), heads: new Set<string>(), dots: new Set<string>(), bars: new Set<string>(), stubs: new Set<string>(), squares: new Set<string>(), resting: new Set<string>(), withdrawn: new Set<string>() };
  const isIn = ({ y }: Point) => y > band.top && y < band.bottom;
  for (const shape of shapes) {
    const { from, to, end, bar } = shape;
    const isUnread = end === "withdrawn" && bar === null;
    for (const stroke of lineOf(shape, band)) (isUnread ? drawn.withdrawn : drawn.lines).add(stroke);
    if (isIn(from)) drawn.dots.add(dot(from));
    if (!isIn(to)) continue;
    if (bar !== null || end === "fetched") drawn.heads.add(head(turnOf(shape), to));
    if (bar) (shape.stub ? drawn.stubs : drawn.bars).add(rect(bar[0], to.y - THICK, bar[1] - bar[0], THICK * 2));
    if (end === "waiting" && bar === null) drawn.squares.add(square(to.x, to.y));
    if (end === "resting") drawn.resting.add(square(bar ? bar[1] : to.x, to.y));
    if (isUnread) drawn.withdrawn.add(head(turnOf(shape), to));
  }
  const joined = Object.entries(drawn).map(([name, parts]) => [name, [...parts].join("")]);
  return Object.fromEntries(joined) as unknown as Paths;
}

/** Words beside ends, as many as stand beside each other in their lane. */
export function wordsOf(shapes: Shape[]): Shape[] {
  const taken: Record<number, number> = {};
  const inOrder = shapes.filter(({ word }) => word).sort((one, other) => one.wordAt.x - other.wordAt.x);
  return inOrder.filter(({ word, wordAt }) => {
    if (wordAt.x < (taken[wordAt.y] ?? -Infinity)) return false;
    taken[wordAt.y] = wordAt.x + word.length * 7 + 8;
    return true;
  });
}

/** Pixels of a letter of a message's words, as wide as most are. */
const LETTER = 7;

/** Where the words of the chosen message begin: below its dot, and as far before it as they need to end within the plot. */
export function saidAt(dot: number, letters: number, width: number): number {
  return Math.max(0, Math.min(dot + 8, width - letters * LETTER));
}

/** Whether any of it stands in a band. */
export function crosses({ from, to }: Shape, { top, bottom }: Band): boolean {
  return Math.max(from.y, to.y) > top && Math.min(from.y, to.y) < bottom;
}

/** How near a press must be to mean a shape. */
const NEAR = 7;
/** And how near to be on one. */
export const ON = 3;

/** How far from each other two may be that lie upon each other. */
const UPON = 0.5;

/** The shapes that a press there can mean, all that lie upon each other: ends before lines, as lines cross. */
export function shapesAt(shapes: Shape[], at: Point, near = NEAR): Shape[] {
  const most = mostAway(shapes, at, near);
  return shapes.filter((shape) => awayFrom(shape, at) <= most);
}

/** How many they are: asked at each move of the pointer, so it makes nothing. */
export function manyAt(shapes: Shape[], at: Point, near = NEAR): number {
  const most = mostAway(shapes, at, near);
  if (most < 0) return 0;
  let many = 0;
  for (const shape of shapes) if (awayFrom(shape, at) <= most) many += 1;
  return many;
}

/** How far those are at most that lie upon the nearest; below 0 where none is near. */
function mostAway(shapes: Shape[], at: Point, near: number): number {
  let least = near;
  for (const shape of shapes) least = Math.min(least, awayFrom(shape, at));
  return least < near ? least + UPON : -1;
}

function awayFrom(shape: Shape, at: Point): number {
  return Math.min(awayFromEnds(shape, at), awayFromLine(shape, at) + 2);
}

function awayFromEnds({ from, to, bar, end }: Shape, at: Point): number {
  const dotAway = Math.hypot(at.x - from.x, at.y - from.y);
  const endAway = end === "fetched" ? Infinity : Math.hypot(at.x - (bar ? bar[1] : to.x), at.y - to.y);
  const barAway = bar && at.x >= bar[0] && at.x <= bar[1] ? Math.max(0, Math.abs(at.y - to.y) - THICK) : Infinity;
  return Math.min(dotAway, endAway, barAway);
}

function awayFromLine({ from, to, aside }: Shape, at: Point): number {
  const start = from.x + aside;
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const part = Math.max(0, Math.min(1, ((at.x - start) * dx + (at.y - from.y) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(at.x - start - part * dx, at.y - from.y - part * dy);
}

function endOf(message: MessageView): Shape["end"] {
  const { state, fetched_at } = message;
  if (isResting(message)) return "resting";
  if (state === "withdrawn") return "withdrawn";
  return fetched_at === null && state === "waiting" ? "waiting" : "fetched";
}

function wordOf({ state, fetched_at }: MessageView): string {
  const { state: s } = m.bus;
  if (state === "parked" || state === "held" || state === "withdrawn" || state === "unacknowledged") return s[state];
  return state === "waiting" && fetched_at !== null ? m.lanes.cameBack : "";
}

/** The part of a line in the band: a broadcast to a hundred lanes is one stroke there instead of a hundred. */
function lineOf({ from, to, aside }: Shape, band: Band): string[] {
  const way = Math.sign(to.y - from.y);
  // To oneself: over the lane and back.
  if (way === 0) return [`M${px(from.x)} ${px(from.y)}C${px(from.x)} ${px(from.y - 22)} ${px(to.x)} ${px(to.y - 22)} ${px(to.x)} ${px(to.y - REST)}`];
  const end = { x: to.x, y: to.y - way * REST };
  if (aside === 0) return [stroke(from, end, band)];
  const [out, back] = [besideAt(from, end, aside, from.y + way * ELBOW), besideAt(from, end, aside, end.y - way * ELBOW)];
  const parts: [Point, Point][] = [[from, out], [out, back], [back, end]];
  const isIn = ([one, other]: [Point, Point]) => Math.max(one.y, other.y) > band.top && Math.min(one.y, other.y) < band.bottom;
  return parts.filter(isIn).map(([one, other]) => stroke(one, other, band));
}

/** From where its last part goes straight to its end. */
function turnOf({ from, to, aside }: Shape): Point {
  const way = Math.sign(to.y - from.y);
  const end = { x: to.x, y: to.y - way * REST };
  return aside === 0 ? from : besideAt(from, end, aside, end.y - way * ELBOW);
}

function besideAt(from: Point, end: Point, aside: number, y: number): Point {
  return { x: from.x + ((end.x - from.x) * (y - from.y)) / (end.y - from.y) + aside, y };
}

function stroke(from: Point, end: Point, { top, bottom }: Band): string {
  const slope = (end.x - from.x) / (end.y - from.y);
  const at = (y: number) => {
    const inside = Math.max(top, Math.min(bottom, y));
    return `${px(from.x + (inside - from.y) * slope)} ${px(inside)}`;
  };
  return `M${at(from.y)}L${at(end.y)}`;
}

function head(from: Point, to: Point): string {
  const way = Math.sign(to.y - from.y) || 1;
  const [dx, dy] = [to.x - from.x, to.y - way * REST - from.y];
  const long = Math.hypot(dx, dy) || 1;
  const [ux, uy] = from.y === to.y ? [0, 1] : [dx / long, dy / long];
  const tip = { x: to.x, y: to.y - way * REST };
  const wing = (side: 1 | -1) => `${px(tip.x - HEAD * (ux + side * uy))} ${px(tip.y - HEAD * (uy - side * ux))}`;
  return `M${wing(1)}L${px(tip.x)} ${px(tip.y)}L${wing(-1)}`;
}

function dot({ x, y }: Point): string {
  return `M${px(x - DOT)} ${px(y)}a${DOT} ${DOT} 0 1 0 ${DOT * 2} 0a${DOT} ${DOT} 0 1 0 ${-DOT * 2} 0`;
}

function square(x: number, y: number): string {
  return rect(x - SIDE, y - SIDE, SIDE * 2, SIDE * 2);
}

function rect(x: number, y: number, width: number, height: number): string {
  return `M${px(x)} ${px(y)}h${px(width)}v${height}h${px(-width)}z`;
}

function px(value: number): string {
  return value.toFixed(1);
}
