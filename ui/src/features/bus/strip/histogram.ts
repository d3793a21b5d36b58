import { BINS, clamp, type Span } from "./span";

/** A bar of the strip, in pixels. */
export interface Bar {
  x: number;
  y: number;
  width: number;
  height: number;
  /** It is lit: its share of time lies in the frame. */
  within: boolean;
}

/** Room between two bars. */
const GAP = 2;
/** What one message is at least drawn as. */
const LEAST = 2;

/** The whole shares that a window touches: what was sent in it stands in bars inside of its frame. */
export function frameOf(strip: Span, { start, end }: Span, shares: number): Span {
  // Before it was counted a strip has no bars, but its shares.
  const share = (strip.end - strip.start) / (shares || BINS);
  const edge = (at: number, round: (shares: number) => number) => clamp(strip, strip.start + round((at - strip.start) / share) * share);
  const from = Math.min(edge(start, Math.floor), strip.end - share);
  return { start: from, end: Math.max(edge(end, Math.ceil), from + share) };
}

/** The bars of a strip of that size; those in the frame, which goes around whole shares unless the pointer has it, are lit. An empty share has a hair, so that the strip is seen to be there. */
export function barsOf(counts: number[], strip: Span, frame: Span, width: number, height: number): Bar[] {
  const most = Math.max(1, ...counts);
  const pitch = width / Math.max(1, counts.length);
  const share = (strip.end - strip.start) / Math.max(1, counts.length);
  return counts.map((count, index) => {
    const middle = strip.start + (index + 0.5) * share;
    const tall = count === 0 ? 1 : Math.max(LEAST, Math.round((count / most) * height));
    return { x: index * pitch + GAP / 2, y: height - tall, width: Math.max(1, pitch - GAP), height: tall, within: middle >= frame.start && middle < frame.end };
  });
}
