// Waiting with a limit: a WebDriver session that is not answered hangs for ever, so every
// step says what it waits for and for how long.

/**
 * The result of `step`, or an error naming `what` when it takes longer than `limit`.
 * @template T
 * @param {string} what
 * @param {number} limit milliseconds
 * @param {PromiseLike<T>} step
 * @returns {Promise<T>}
 */
export async function within(limit, what, step) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing after ${limit} ms`)), limit);
  });
  try {
    return /** @type {T} */ (await Promise.race([step, late]));
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Asks `probe` until it gives something other than undefined.
 * @template T
 * @param {string} what
 * @param {number} limit milliseconds
 * @param {() => Promise<T | undefined>} probe
 * @returns {Promise<T>}
 */
export async function until(limit, what, probe) {
  const deadline = performance.now() + limit;
  for (;;) {
    const found = await within(limit, what, probe());
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`${what}: nothing after ${limit} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
