import type { MessageView } from "../../../generated/MessageView";
import { recipientLane, senderLane } from "./lanes";
import { momentsOf } from "./moments";
import { shapeOf, type Plot, type Shape } from "./shapes";

/** Pixels between lines that would lie upon each other. */
const BESIDE = 5;
/** Steps by which lines stand beside each other: more would move a message out of its moment. Of more lines the first are a bundle, a step before the others. */
const MOST = 4;
/** Moments that follow each other closely begin anew after so many, wherever the window begins: what leaves it moves few others. */
const RUN = 8;

/** A shape with the lanes that it crosses, from and to. */
interface Crossing {
  shape: Shape;
  sent: number;
  lanes: [number, number];
}

/** Messages as they are drawn, those of one moment beside each other in their order, the last of them where it was sent. */
export function shapesOf(messages: MessageView[], plot: Plot): Shape[] {
  const { rows, span, width } = plot;
  const long = ((span.end - span.start) / width) * BESIDE;
  const run = (at: number) => Math.floor(at / (long * RUN));
  const moments: Crossing[][] = [];
  for (const message of messages) {
    const shape = shapeOf(message, plot);
    const [one, other] = [rows[senderLane(message)], rows[recipientLane(message)]];
    if (!shape || one === undefined || other === undefined) continue;
    const { sent } = momentsOf(message);
    const crossing: Crossing = { shape, sent, lanes: [Math.min(one, other), Math.max(one, other)] };
    const moment = moments.at(-1);
    const first = moment?.[0]?.sent ?? -Infinity;
    if (moment && Math.abs(sent - first) < long && run(sent) === run(first)) moment.push(crossing);
    else moments.push([crossing]);
  }
  return moments.flatMap(beside);
}

/** Moves those that cross a lane of a later one before it: what was sent is never drawn as if it were yet to come. */
function beside(moment: Crossing[]): Shape[] {
  if (moment.length === 1) return moment.map(({ shape }) => shape);
  /** By lane, the first step that is free in it. */
  const free: Record<number, number> = {};
  /** By where it is sent from, where a bundle begins. */
  const bundled: Record<number, number> = {};
  const placed: { shape: Shape; isBundled: boolean }[] = [];
  for (const { shape, lanes: [high, low] } of moment.toReversed()) {
    let step = 0;
    for (let row = high; row <= low; row += 1) step = Math.max(step, free[row] ?? 0);
    for (let row = high; row <= low; row += 1) free[row] = step + 1;
    const by = -Math.min(step, MOST - 1) * BESIDE;
    const isBundled = step >= MOST - 1;
    if (isBundled) bundled[shape.from.y] = Math.min(bundled[shape.from.y] ?? Infinity, shape.from.x + by);
    placed.push({ shape: moved(shape, by), isBundled });
  }
  return placed.reverse().map(({ shape, isBundled }) => (isBundled ? moved(shape, (bundled[shape.from.y] ?? shape.from.x) - shape.from.x) : shape));
}

/** Its end goes along where it is upright; any other end is a time of its own. */
function moved(shape: Shape, by: number): Shape {
  if (by === 0) return shape;
  const { from, to, bar, wordAt } = shape;
  const along = bar === null && to.x === from.x ? by : 0;
  return { ...shape, from: { ...from, x: from.x + by }, to: { ...to, x: to.x + along }, wordAt: { ...wordAt, x: wordAt.x + along } };
}
