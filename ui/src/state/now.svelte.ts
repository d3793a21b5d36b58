import { createSubscriber } from "svelte/reactivity";
import { reach } from "./reach.svelte";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** The time for ages and clocks. It ticks only while something on the screen reads it, and only as often as that needs. */
class Now {
  #eachSecond = ticking(SECOND);
  #eachMinute = ticking(MINUTE);

  /** To the second, for work in progress: it stands still while nobody can tell how that goes on. */
  get at(): Date {
    return reach.lostAt ?? this.#second;
  }

  /** The beginning of the minute, one moment for all that reads it: an idle window that shows nothing finer is woken once in it. */
  get minute(): Date {
    this.#eachMinute();
    return new Date(Math.floor(Date.now() / MINUTE) * MINUTE);
  }

  /** For an age: to the second in its first minute, then to the minute. */
  since(from: Date): Date {
    this.#eachMinute();
    const at = new Date();
    return at.getTime() - from.getTime() < MINUTE ? this.#second : at;
  }

  /** For the age of what goes on unseen: it stands still while nobody can tell how that goes on. */
  sinceKnown(from: Date): Date {
    return reach.lostAt ?? this.since(from);
  }

  get #second(): Date {
    this.#eachSecond();
    return new Date();
  }
}

/** Ticks at whole seconds or minutes of the machine's clock. */
function ticking(every: number): () => void {
  return createSubscriber((update) => {
    let timer: ReturnType<typeof setTimeout>;
    const arm = () => {
      timer = setTimeout(tick, every - (Date.now() % every));
    };
    const tick = () => {
      update();
      arm();
    };
    arm();
    return () => clearTimeout(timer);
  });
}

/** The window's clock. */
export const now = new Now();
