import { readBlocks, type Block } from "./tree";
import { finished } from "./unfinished";

/** Blocks nearer the end than this may still change as text arrives: a paragraph can turn into a heading or a list. */
const UNSETTLED = 2;

/** Reads a growing text again and again, but each finished block only once, and keeps its identity. */
export class BlockStream {
  #settled: Block[] = [];
  #prefix = "";

  /** The blocks of `text`, which normally is the last text and a little more. */
  read(text: string): Block[] {
    if (!text.startsWith(this.#prefix)) this.#reset();
    const tail = readBlocks(finished(text.slice(this.#prefix.length)), this.#prefix.length);
    const done = tail.slice(0, Math.max(0, tail.length - UNSETTLED));
    const last = done.at(-1);
    if (last) {
      this.#settled = [...this.#settled, ...done];
      this.#prefix = text.slice(0, last.end);
    }
    return [...this.#settled, ...tail.slice(done.length)];
  }

  #reset(): void {
    this.#settled = [];
    this.#prefix = "";
  }
}
