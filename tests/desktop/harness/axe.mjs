// axe on the page as it is drawn: every rule on, nothing excluded.

import assert from "node:assert/strict";

import { AxeBuilder } from "@axe-core/webdriverjs";

import { within } from "./patience.mjs";

/**
 * Fails with what axe finds on the screen.
 * @param {import("./window.mjs").Window} window
 * @param {string} screen
 */
export async function assertAccessible(window, screen) {
  await window.painted();
  // Otherwise it opens a second window for the frames of other origins, of which there are none.
  const axe = new AxeBuilder(window.page).setLegacyMode();
  const { violations } = await within(60_000, `axe on ${screen}`, axe.analyze());
  const found = violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}\n  ${node.html.slice(0, 300)}\n  ${node.failureSummary ?? ""}`),
  );
  assert.deepEqual(found, [], `axe on ${screen}`);
}
