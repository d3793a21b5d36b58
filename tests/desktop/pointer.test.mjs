// The mouse: a claim is clicked, words are selected where they stand, and a reload loses nothing.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Button } from "selenium-webdriver";

import { CAREFUL } from "./harness/fakes.mjs";
import { seat, startPanel } from "./harness/panel.mjs";
import { openWindow } from "./harness/window.mjs";

describe("by mouse", () => {
  /** @type {import("./harness/window.mjs").Window} */
  let window;
  /** @type {import("./harness/panel.mjs").Panel} */
  let panel;
  before(async () => {
    panel = await startPanel();
    window = await openWindow();
    await seat(window, panel);
  });
  after(async () => {
    await window.close();
    await panel.stop();
  });

  test("a page that is loaded anew in the middle of a stream goes on with it", async () => {
    const halfway = { ...CAREFUL, gates: [{ name: "look", at: { before_token: 30 } }] };
    await panel.anthropic.play({ otherwise: halfway });
    const { session_id } = await window.rpc("convene", { prompt: "Should we use Postgres or MongoDB for an event store?" });
    await window.evaluate("location.hash = arguments[0]", `#/deliberations/${session_id}/live`);
    await window.shows("1 streaming, 2 answered");
    await window.page.navigate().refresh();
    await window.shows("both of them");
    await window.shows("1 streaming, 2 answered");
    await panel.anthropic.open("look");
    await window.shows("3 reacted");
    await (await window.named("tab", "Claims")).click();
    await window.shows("3 of 3 answered");
  });

  test("a click on a claim opens the answer with its words marked", async () => {
    const quote = await window.find(".quote-words");
    const claim = await quote.getText();
    await quote.click();
    assert.equal(plain(await (await window.find("mark.words")).getText()), plain(claim));
  });

  test("words selected in an answer are taken whole with 2", async () => {
    const text = await window.find("mark.words");
    const { width, height } = await text.getRect();
    const line = { origin: text, y: Math.round(-height / 4) };
    const [from, to] = [{ ...line, x: Math.round(-width / 2) + 2 }, { ...line, x: Math.round(-width / 2) + 220 }];
    await window.page.actions({ async: true }).move(from).press(Button.LEFT).move(to).release(Button.LEFT).perform();
    const selected = String(await window.evaluate("return getSelection().toString()")).split(" ");
    assert.ok(selected.length > 3, selected.join(" "));
    await window.press("2");
    const card = await window.named("article", "EXPLORE");
    const quote = String(await card.getAttribute("aria-label")).replace("EXPLORE: ", "");
    assert.ok(quote.includes(selected.slice(1, -1).join(" ")), quote);
    const answer = await (await window.named("region", "What ")).getText();
    const [before, after] = plain(answer).split(quote);
    assert.ok(after !== undefined, `the answer holds "${quote}"`);
    assert.doesNotMatch(`${before?.at(-1)}${after[0]}`, /\w/, `"${quote}" is whole words`);
  });
});

/** @param {string} words */
const plain = (words) => words.replace(/\s+/g, " ").trim();
