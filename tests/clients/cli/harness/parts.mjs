// What a model does in a test: one step for each time that it is asked.

/**
 * Calls a tool of the bus, says something, or does one of them after something else happened.
 * @typedef {{ call: string, with: object } | { say: string }} Act
 * @typedef {Act | (() => Promise<Act>)} Step
 */

/** A tool of the bus as the clients name it. @param {string} tool */
export const named = (tool) => `mcp__sos__${tool}`;

/** A call of a tool of the bus. @param {string} tool @param {object} args @returns {Act} */
export const call = (tool, args = {}) => ({ call: tool, with: args });

/** The last word of a turn. @param {string} text @returns {Act} */
export const say = (text) => ({ say: text });

/**
 * Does something while the client waits for the model, then acts: what a test changes in the midst of a
 * turn is changed before the client can call.
 * @param {() => Promise<unknown>} first
 * @param {Act} act
 * @returns {Step}
 */
export function after(first, act) {
  return async () => {
    await first();
    return act;
  };
}

/** @param {Step} step @returns {Promise<Act>} */
export const played = async (step) => (typeof step === "function" ? step() : step);
