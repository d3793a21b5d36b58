import { createSubscriber } from "svelte/reactivity";

/** The time to the second, for ages and clocks. It ticks only while something on the screen reads it. */
class Now {
  #subscribe = createSubscriber((update) => {
    const timer = setInterval(update, 1_000);
    return () => clearInterval(timer);
  });

  get at(): Date {
    this.#subscribe();
    return new Date();
  }
}

/** The window's clock. */
export const now = new Now();
