// The screens beside the path, in both themes: axe finds nothing on any of them.

import { after, before, describe, test } from "node:test";

import { assertAccessible } from "./harness/axe.mjs";
import { openWindow } from "./harness/window.mjs";

describe("screens of a fresh start", () => {
  /** @type {import("./harness/window.mjs").Window} */
  let window;
  before(async () => {
    window = await openWindow();
  });
  after(() => window.close());

  for (const theme of ["dark", "light"]) {
    test(`every section of the settings, ${theme}`, async () => {
      await window.rpc("edit_settings", { theme });
      await window.find(`html[data-theme="${theme}"]`);
      for (const [section, heading] of SECTIONS) {
        await window.evaluate("location.hash = arguments[0]", `#/settings/${section}`);
        await window.named("heading", heading);
        await assertAccessible(window, `settings, ${section}, ${theme}`);
      }
    });

    test(`hall, deliberations, a new one, the keys, ${theme}`, async () => {
      for (const [keys, heading] of PLACES) {
        await window.press(...keys);
        await window.named("heading", heading);
        await assertAccessible(window, `${heading}, ${theme}`);
        await window.picture(`fresh-${theme}/${heading}`);
        await window.press("Escape", "Escape");
      }
    });
  }
});

/** @type {[string, string][]} */
const SECTIONS = [
  ["providers", "Providers and keys"],
  ["models", "Models and prices"],
  ["panel", "Default panel"],
  ["recap", "Recaps"],
  ["spending", "Spending"],
  ["rounds", "Panels and rounds"],
  ["limits", "Key and agent limits"],
  ["keys", "Deliberation keys"],
  ["address", "Address and origins"],
  ["look", "Look"],
  ["backup", "Backup"],
  ["doctor", "Diagnostics"],
  ["about", "About"],
];

/** @type {[string[], string][]} */
const PLACES = [
  [["g", "h"], "Hall"],
  [["g", "d"], "Deliberations"],
  [["g", "w"], "Wallet"],
  [["n"], "New deliberation"],
];
