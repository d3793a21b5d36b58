// The first path by keyboard alone: convened, watched, read, steered, paid, refused, raised,
// cancelled and retried, on a panel of priced seats one of which fails.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { assertAccessible } from "./axe.mjs";
import { CAREFUL, CARELESS } from "./fakes.mjs";
import { seat, startPanel } from "./panel.mjs";
import { until } from "./patience.mjs";
import { openWindow } from "./window.mjs";

const QUESTION = "Should we use Postgres or MongoDB for an event store?";

/** Stands in the answer until the test has looked. */
const HALFWAY = { gates: [{ name: "look", at: { before_token: 30 } }] };

/**
 * @param {{ theme: "dark" | "light", width: number, height: number }} look
 */
export function walkThePath({ theme, width, height }) {
  describe(`a deliberation by keyboard, ${theme}, ${width} × ${height}`, () => {
    /** @type {import("./window.mjs").Window} */
    let window;
    /** @type {import("./panel.mjs").Panel} */
    let panel;
    before(async () => {
      panel = await startPanel();
      window = await openWindow();
      await window.resize(width, height);
      await seat(window, panel);
      await window.rpc("edit_settings", { theme });
    });
    after(async () => {
      await window.close();
      await panel.stop();
    });

    /** Looks at a screen and lets axe look at it. @param {string} name */
    const look = async (name) => {
      await window.picture(`path-${theme}/${name}`);
      await assertAccessible(window, `${name}, ${theme}`);
    };
    /** Writes the prompt of the next round. @param {string} prompt */
    const write = async (prompt) => {
      await window.press("p");
      await window.focused("Prompt");
      await window.type(prompt);
    };
    const session = async () => {
      const { sessions } = await window.rpc("list_sessions", { archived: false });
      return window.rpc("get_session", { session_id: sessions[0].session_id });
    };

    test("no step of it touches the mouse", async () => {
      const steps = await readFile(fileURLToPath(import.meta.url), "utf8");
      assert.doesNotMatch(steps, /\.(click|actions|move)\(/);
    });

    test("the panel is seated and the page has the theme", async () => {
      await window.named("heading", "Hall");
      // The page hears of a changed setting a moment after whoever changed it.
      await until(5_000, `the ${theme} theme`, async () => {
        const shown = await window.evaluate("return document.documentElement.dataset.theme");
        return shown === theme || undefined;
      });
      await look("hall");
    });

    test("a question is written and the panel convened", async () => {
      await panel.openai.play({ rules: [{ phase: "respond", behaviour: { ...CAREFUL, ...HALFWAY } }], otherwise: CARELESS });
      await panel.anthropic.play({
        rules: [{ phase: "respond", behaviour: { ...CAREFUL, ...HALFWAY, fault: { kind: "cut", after_tokens: 45 } } }],
        otherwise: CAREFUL,
      });
      await window.press("n");
      await window.focused("Question");
      await window.type(QUESTION);
      await window.shows("3 seats");
      await window.shows("$0.0");
      await look("new");
      await window.press("Control+Enter");
    });

    test("three seats answer side by side, and one breaks off", async () => {
      await window.shows("3 streaming, 0 answered");
      await window.named("button", "Cancel round");
      await look("live");
      await Promise.all([panel.openai.open("look"), panel.anthropic.open("look")]);
    });

    test("the result says that a seat is missing, above its claims", async () => {
      await window.shows("2 of 3 answered");
      await window.named("button", "Retry Cedar");
      assert.match(await window.words(), /unverified/);
      await look("claims");
    });

    test("a claim opens the answer with its words marked, and leads back", async () => {
      await window.press("j");
      const row = await window.find('[role="row"][aria-selected="true"]');
      const claim = await row.findElement({ css: ".quote-words" }).getText();
      await window.press("Enter");
      const marked = await window.evaluate(
        "return [...document.querySelectorAll('mark.words')].map((mark) => mark.textContent).join('')",
      );
      await window.find("mark.words");
      assert.equal(plain(marked), plain(claim));
      await look("answers");
      await window.press("Enter");
      await window.find('[role="row"][aria-selected="true"]');
    });

    test("unverified quotes unfold to what was said", async () => {
      await window.press("u");
      await window.shows("They carry no stance");
      await window.named("button", "Quote it right");
      await look("unverified");
      await window.press("u");
    });

    test("words are found in the session and chosen by keys", async () => {
      await window.press("Control+f");
      await window.focused("Find in this session");
      await window.type("the");
      await window.press("Enter");
      await window.find('[role="search"]');
      const marked = await window.evaluate("return [...(CSS.highlights.get('found-now') ?? [])].join('')");
      assert.equal(marked.toLowerCase(), "the");
      await look("find");
      await window.press("Escape");
      await window.press("v", "c");
      await window.find("[data-claim]");
      await window.press("j", "w");
      const chosen = async () => (await window.evaluate("return document.getSelection().toString()")).trim();
      await until(5_000, "a chosen word", async () => (await chosen()) || undefined);
      await window.press("Shift+ArrowRight");
      assert.match(await until(5_000, "two chosen words", async () => (/\s/.test(await chosen()) ? chosen() : undefined)), /^[^\s]+\s+[^\s]+$/);
      await look("words");
      await window.press("Escape");
      assert.equal(await window.evaluate("return document.getSelection().toString()"), "");
      await window.press(...Array(20).fill("k"));
    });

    test("claims are taken with 1 and 3, and the next round carries them", async () => {
      await panel.openai.play({ otherwise: CAREFUL });
      await panel.anthropic.play({ otherwise: CAREFUL });
      await window.press("1", "j", "3");
      await write("Weigh these two.");
      await look("tray");
      await window.press("Control+Enter");
      await window.shows("3 of 3 answered");
      const { rounds } = await session();
      assert.deepEqual(rounds[1].snippets.map((/** @type {any} */ { type }) => type), ["KEEP", "CHALLENGE"]);
      assert.equal(rounds[1].prompt, "Weigh these two.");
      await look("claims-2");
    });

    test("the map has both rounds, and a claim of it leads to its words", async () => {
      await window.press("v", "m");
      await window.find('[data-node^="1/"]');
      await window.press("j", "Enter");
      await window.find('[aria-label="Positions"] p');
      const claim = await window.evaluate("return document.activeElement.querySelector('.quote').textContent");
      await look("map");
      await window.press("m");
      await window.find('tr[aria-rowindex="3"] button.said');
      await look("map-table");
      await window.press("m", "o");
      await window.find("mark.words");
      const marked = await window.evaluate(
        "return [...document.querySelectorAll('mark.words')].map((mark) => mark.textContent).join('')",
      );
      assert.equal(plain(marked), plain(claim));
    });

    test("who moved is told, or that nobody did", async () => {
      await window.press("v", "v");
      await window.find('[role="tab"][aria-selected="true"][data-id="moved"]');
      assert.match(await window.words(), /Nobody has changed a stance|on \d+ claims?/);
      await look("moved");
    });

    test("what it cost is shown call by call", async () => {
      await window.press("v", "o");
      await window.shows("settled calls");
      const { rounds } = await session();
      const charged = sum(rounds.flatMap((/** @type {any} */ round) => round.debits.map((/** @type {any} */ debit) => debit.amount)));
      const { summary } = await window.rpc("wallet");
      assert.ok(charged > 0);
      assert.equal(summary.spent_month, charged);
      await look("cost");
      await window.press("v", "t");
      await window.shows("Weigh these two.");
      await look("transcript");
    });

    test("the limit is set to less than a round", async () => {
      await window.press("g", "w");
      await window.named("heading", "Wallet");
      await look("wallet");
      await window.tabTo("Limit");
      await window.press("Enter");
      await window.named("dialog", "What may be spent");
      await window.focused("Dollars a month");
      await window.emptyField();
      await window.type("0.05");
      await look("limit");
      await window.press("Enter");
      await window.shows("of $0.05");
    });

    test("a round that the limit does not cover calls nobody and keeps what was written", async () => {
      await window.press("Control+k");
      await window.focused("Go to");
      await window.type("Postgres");
      await look("palette");
      await window.press("Enter");
      await window.named("tab", "Claims");
      const before = await panel.openai.calls();
      await write("Once more.");
      await window.press("Control+Enter");
      await window.named("dialog", "Your limit of $0.05");
      assert.equal(await panel.openai.calls(), before);
      await look("refused");
    });

    test("the raised limit lets it begin", async () => {
      const react = { ...CAREFUL, gates: [{ name: "react", at: "before_response" }] };
      await panel.openai.play({ rules: [{ phase: "react", behaviour: react }], otherwise: CAREFUL });
      await panel.anthropic.play({ otherwise: { ...CAREFUL, fault: { kind: "bad_request400" } } });
      await window.focused("New monthly limit");
      await window.emptyField();
      await window.type("20");
      await window.press("Enter");
      await window.gone("dialog", "Your limit");
      await window.focused("Prompt");
      await window.press("Control+Enter");
      await window.shows("Failed at");
      await window.shows("2 to come, 0 reacted");
      const { rounds } = await session();
      assert.equal(rounds[2].prompt, "Once more.");
      await look("live-failed");
    });

    test("the running round is cancelled, and what was said is kept", async () => {
      await window.press("Control+.");
      await window.shows("Cancelled");
      await window.shows("2 of 3 answered");
      await look("cancelled");
    });

    test("the failed seat is asked again, and the result is whole", async () => {
      await panel.openai.play({ otherwise: CAREFUL });
      await panel.anthropic.play({ otherwise: CAREFUL });
      await window.named("button", "Retry Cedar");
      await window.press("Shift+R");
      await window.shows("3 of 3 answered, 3 of 3 reacted");
      await look("retried");
    });

    test("the books balance to the micro-dollar", async () => {
      const { rounds } = await session();
      const charged = sum(rounds.flatMap((/** @type {any} */ round) => round.debits.map((/** @type {any} */ debit) => debit.amount)));
      const { summary } = await window.rpc("wallet");
      assert.equal(summary.spent_month, charged);
      assert.equal(summary.held, 0);
      assert.deepEqual((await window.rpc("check_ledger")).faults, []);
    });
  });
}

/** @param {string} words */
const plain = (words) => words.replace(/\s+/g, " ").trim();

/** @param {number[]} figures */
const sum = (figures) => figures.reduce((whole, each) => whole + each, 0);
