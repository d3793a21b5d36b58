// Frames and keys in the window: WebKitGTK.

import { figure } from "./pages.mjs";
import { EMPTY, HUSTING, open } from "./windows.mjs";

/** @param {string} binary @param {string} [home] */
async function tab(binary, home) {
  const { window } = await open(binary, home);
  return {
    /** @param {string} script @param {unknown[]} values */
    evaluate: (script, ...values) => window.evaluate(script, ...values),
    /** @param {string} chord */
    press: (chord) => window.press(chord),
    /** @param {string} css */
    find: (css) => window.find(css),
    painted: () => window.painted(),
    /** @param {string} command @param {object} args */
    rpc: (command, args) => window.rpc(command, args),
    close: () => window.close(),
  };
}

await figure("frames", { empty: () => tab(EMPTY), husting: (home) => tab(HUSTING, home) });
