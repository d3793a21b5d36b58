// Frames and keys in the window: WebKitGTK.

import { figure } from "./pages.mjs";
import { EMPTY, HUSTING, open } from "./windows.mjs";

/** @param {string} binary @param {string} [home] */
const tab = async (binary, home) => (await open(binary, home)).window;

await figure("frames", { empty: () => tab(EMPTY), husting: (home) => tab(HUSTING, home) });
