import type { Sight } from "./sight.svelte";

/** Plays until it is stopped: in frames, or from event to event where no motion is wanted. Returns what stops it. */
export function play(sight: Sight, events: () => number[]): () => void {
  return globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches ? stepping(sight, events) : gliding(sight);
}

function gliding(sight: Sight): () => void {
  let last = performance.now();
  let frame = requestAnimationFrame(draw);
  function draw(time: number) {
    sight.advance(Math.max(0, time - last));
    last = time;
    if (sight.playing) frame = requestAnimationFrame(draw);
  }
  return () => cancelAnimationFrame(frame);
}

function stepping(sight: Sight, events: () => number[]): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const arm = () => {
    const { at, wait } = sight.next(events());
    timer = setTimeout(() => {
      sight.reach(at);
      if (sight.playing) arm();
    }, wait);
  };
  arm();
  return () => clearTimeout(timer);
}
