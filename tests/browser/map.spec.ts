// The map of a session: its places, its keys, its pointer, its table, and what it costs to draw.

import type { Locator } from "@playwright/test";

import { ConsolePage } from "../pages/console.ts";
import { Keys } from "../pages/keys.ts";
import { MapPage } from "../pages/map.ts";
import { FIRST, QUESTION, SECOND } from "./fixtures/event-store.ts";
import { CLAIMS_A_ROUND, FIRST as MANY, QUESTION as MANY_RULES, SECOND as MANY_AGAIN } from "./fixtures/many-claims.ts";
import { isAccessible } from "./harness/looks.ts";
import { debated, debatedAgain } from "./harness/staging.ts";
import { expect, test } from "./harness/test.ts";

type Box = { x: number; y: number; width: number; height: number };

const OUTBOX = "A transactional outbox is only free";
const SCHEMA = "Flexible documents buy you nothing";

test("nodes keep their places when a round is added, and what was steered leads to it", async ({ page, panel }) => {
  const console = new ConsolePage(page);
  const { session, names } = await debated(console, panel, QUESTION, FIRST);
  const map = new MapPage(page);
  await map.open();
  const before = await map.places();
  expect(Object.keys(before).length).toBeGreaterThan(5);

  await test.step("a snippet is drafted in the next round's column, in the row of its claim", async () => {
    await expect(page.getByRole("heading", { name: "Round 2 draft" })).toBeVisible();
    await map.node(OUTBOX).focus();
    await page.keyboard.press("4");
    await expect(map.drafts).toHaveCount(1);
    await expect(map.drafts).toHaveAccessibleName(new RegExp(`^Round 2, CORE: ${OUTBOX}`));
    const [node, draft] = await Promise.all([map.node(OUTBOX).boundingBox(), map.drafts.boundingBox()]);
    expect(draft?.y).toBe(node?.y);
  });

  await page.keyboard.press("t");
  await debatedAgain(session, panel, SECOND, names);
  await map.open();
  await expect(map.graph.locator('[data-node^="1/"]').first()).toBeVisible();
  const after = await map.places();
  expect(Object.fromEntries(Object.entries(after).filter(([id]) => id in before))).toEqual(before);

  await test.step("the claim goes on in its row, with the stance it was given", async () => {
    const taken = map.node(OUTBOX);
    await expect(taken).toHaveAttribute("data-node", /^1\//);
    await expect(taken).toHaveAccessibleName(/CORE You\. Goes on from round 1$/);
    const [earlier] = await map.nodes.filter({ hasText: OUTBOX }).evaluateAll((nodes) => nodes.map((node) => (node as HTMLElement).style.top));
    expect(await taken.evaluate((node: HTMLElement) => node.style.top)).toBe(earlier);
  });

  await test.step("what a seat took up again by itself is taken further, in grey", async () => {
    await expect(map.node(SCHEMA)).toHaveAccessibleName(/Goes on from round 1$/);
    await expect(map.node(SCHEMA)).not.toHaveAccessibleName(/You/);
    expect(await map.further.count()).toBeGreaterThan(0);
    await expect(map.legend).toContainText("taken further");
  });
});

test("is walked by keys alone, and ends at the words in their answer", async ({ page, panel }) => {
  const { session } = await debated(new ConsolePage(page), panel, QUESTION, FIRST);
  const map = new MapPage(page);
  const keys = await Keys.only(page);
  await keys.press("v", "m");
  await expect(map.nodes.first()).toBeVisible();
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("data-node"));

  const count = Number(/\d+/.exec((await page.getByRole("heading", { name: /^Round 1/ }).textContent())?.replace("Round 1", "") ?? "")?.[0]);
  const seen = new Set<string>();
  for (let each = 0; each < count; each += 1) {
    await keys.press("j");
    await expect.poll(async () => seen.has((await focused()) ?? ""), "a node that was not reached yet").toBe(false);
    seen.add((await focused()) ?? "");
    await expect(page.locator(":focus")).toBeInViewport({ ratio: 1 });
  }
  expect(seen.size).toBe(count);
  await keys.press("k", "k");

  await keys.press("Enter");
  await expect(page.locator(":focus")).toHaveAttribute("aria-expanded", "true");
  await expect(map.positions).toBeVisible();
  await keys.press("Escape");
  await expect(map.positions).toBeHidden();
  const quote = await page.locator(":focus .quote").textContent();
  await keys.press("Enter", "Enter");
  await expect(session.tab("Answers")).toHaveAttribute("aria-selected", "true");
  await expect(session.markedWords.first()).toBeInViewport();
  expect((await session.markedWords.allTextContents()).join("")).toBe(quote);

  await keys.press("v", "m");
  await expect(map.nodes.first()).toBeVisible();
  await keys.press("m");
  await expect(map.table).toBeVisible();
  await keys.press("j", "o");
  await expect(session.tab("Answers")).toHaveAttribute("aria-selected", "true");
  await expect(session.markedWords.first()).toBeInViewport();
  keys.assertAlone();
});

test("is moved and scaled with the mouse, and a click on words ends at them", async ({ page, panel }) => {
  const { session } = await debated(new ConsolePage(page), panel, QUESTION, FIRST);
  await page.setViewportSize({ width: 900, height: 600 });
  const map = new MapPage(page);
  await map.open();
  const first = map.nodes.first();
  const at = async () => (await first.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };

  await test.step("a drag moves the plane and clicks nothing", async () => {
    const { x, y } = await at();
    await page.mouse.move(x + 120, y + 40);
    await page.mouse.down();
    await page.mouse.move(x + 90, y - 20, { steps: 5 });
    await page.mouse.up();
    await expect.poll(async () => Math.round((await at()).y - y)).toBe(-60);
    await expect(session.tab("Map")).toHaveAttribute("aria-selected", "true");
    await expect(map.positions).toBeHidden();
  });

  await test.step("the wheel with Ctrl scales it around the pointer", async () => {
    const { x, width } = await at();
    await page.mouse.move(x + 100, 300);
    await page.keyboard.down("Control");
    await page.mouse.wheel(0, -120);
    await page.keyboard.up("Control");
    await expect.poll(async () => (await at()).width).toBeGreaterThan(width + 20);
    await map.zoom.getByRole("button", { name: /back to 100 %$/ }).click();
    await expect.poll(async () => (await at()).width).toBe(width);
  });

  const words = map.words(map.nodes.nth(1));
  const quote = await words.textContent();
  await words.click();
  await expect(session.tab("Answers")).toHaveAttribute("aria-selected", "true");
  expect((await session.markedWords.allTextContents()).join("")).toBe(quote);
});

test("in a small window nothing lies over a node or the stance of a line", async ({ page, panel }) => {
  const { session, names } = await debated(new ConsolePage(page), panel, QUESTION, FIRST);
  await debatedAgain(session, panel, SECOND, names);
  const map = new MapPage(page);
  await map.open();
  await page.setViewportSize({ width: 900, height: 600 });
  await expect(map.minimap, "it has no room in the foot to show anything").toBeHidden();

  await map.nodes.filter({ hasText: SCHEMA }).first().focus();
  await page.keyboard.press("Enter");
  await expect(map.positions).toBeInViewport({ ratio: 1 });
  const stances = await map.stances.all();
  expect(stances.length).toBeGreaterThan(0);
  const cards = await Promise.all((await map.positions.getByRole("button").all()).map(boxOf));
  for (const stance of await Promise.all(stances.map(boxOf))) expect(cards.filter((card) => overlap(card, stance))).toEqual([]);
});

test("in a wide window the minimap is large, and every claim comes free of it", async ({ page, panel }) => {
  const { session, names } = await debated(new ConsolePage(page), panel, QUESTION, FIRST);
  await debatedAgain(session, panel, SECOND, names);
  const map = new MapPage(page);
  await map.open();
  await page.setViewportSize({ width: 1100, height: 600 });
  const minimap = await boxOf(map.minimap);
  expect(minimap.width).toBeGreaterThanOrEqual(170);
  expect(minimap.height).toBeGreaterThanOrEqual(92);
  expect(overlap(await boxOf(map.graph), minimap), "it stands over the plane").toBe(true);
  expect(overlap(await boxOf(map.legend), minimap)).toBe(false);
  expect(overlap(await boxOf(map.zoom), minimap)).toBe(false);

  // At 125 % the second round's column lies under it.
  await map.zoom.getByRole("button", { name: "Larger" }).click();
  await test.step("scrolled to its end, whatever the column", async () => {
    for (const across of [0, 0.5, 1]) {
      // Those in sight are drawn a frame later.
      await map.graph.evaluate(async (plane, across) => {
        plane.scrollTo((plane.scrollWidth - plane.clientWidth) * across, plane.scrollHeight);
        for (let frame = 0; frame < 3; frame += 1) await new Promise((drawn) => requestAnimationFrame(drawn));
      }, across);
      const drawn = await map.nodes.evaluateAll((nodes) =>
        nodes.map((node) => {
          const { x, y, width, height } = node.getBoundingClientRect();
          return { words: node.textContent ?? "", box: { x, y, width, height } };
        }),
      );
      expect(drawn.length).toBeGreaterThan(0);
      for (const { words, box } of drawn) expect(overlap(box, minimap), words).toBe(false);
    }
  });

  await test.step("walked to by keys", async () => {
    // From the top, so that there is a column to walk down.
    await map.graph.evaluate(async (plane) => {
      plane.scrollTo(0, 0);
      for (let frame = 0; frame < 3; frame += 1) await new Promise((drawn) => requestAnimationFrame(drawn));
    });
    await map.nodes.first().focus();
    await page.keyboard.press("l");
    const focused = page.locator("[data-node]:focus");
    const column = await map.nodes.evaluateAll((nodes) => nodes.filter((node) => (node as HTMLElement).dataset.node?.startsWith("1/")).length);
    for (let each = 0; each < column; each += 1) {
      await page.keyboard.press("j");
      await expect(focused).toBeInViewport({ ratio: 1 });
      expect(overlap(await boxOf(focused), minimap), await focused.innerText()).toBe(false);
    }
  });

  await test.step("a press on it goes there", async () => {
    await page.mouse.click(minimap.x + 12, minimap.y + 12);
    await expect.poll(async () => map.graph.evaluate((plane) => plane.scrollTop)).toBe(0);
  });

  await test.step("what is fanned out does not hold the plane", async () => {
    await page.keyboard.press("Enter");
    await expect(map.positions).toBeVisible();
    await map.graph.evaluate((plane) => plane.scrollTo(0, plane.scrollHeight));
    const end = await map.graph.evaluate((plane) => plane.scrollHeight - plane.clientHeight);
    expect(await map.graph.evaluate(async (plane) => (await new Promise(requestAnimationFrame), await new Promise(requestAnimationFrame), Math.round(plane.scrollTop)))).toBe(Math.round(end));
  });
});

test("axe finds nothing in the graph, its positions, its drafts, its table, and in Moved", async ({ page, panel }) => {
  test.slow();
  const { session, names } = await debated(new ConsolePage(page), panel, QUESTION, FIRST);
  await debatedAgain(session, panel, SECOND, names);
  const map = new MapPage(page);
  await map.open();
  await map.node(OUTBOX).focus();
  await page.keyboard.press("3");
  await page.keyboard.press("Enter");
  await expect(map.positions).toBeVisible();
  await isAccessible(page, "Map, fanned out");
  await page.getByRole("radio", { name: "Table" }).click();
  await expect(map.table).toContainText("from round 1");
  await isAccessible(page, "Map, table");
  await session.tab("Moved").click();
  await expect(page.getByRole("table", { name: /^Who changed their mind/ })).toContainText("SHIFT");
  await isAccessible(page, "Moved");
});

test("240 claims of two rounds: only those in sight are drawn, each once on the way", async ({ page, panel }) => {
  test.slow();
  const { session, names } = await debated(new ConsolePage(page), panel, MANY_RULES, MANY);
  await debatedAgain(session, panel, MANY_AGAIN, names);
  const map = new MapPage(page);
  await map.open();
  const claims = await Promise.all([1, 2].map(async (round) => Number(/([\d]+) claims/.exec((await page.getByRole("heading", { name: `Round ${round}` }).innerText()))?.[1])));
  for (const each of claims) expect(each).toBeGreaterThanOrEqual(CLAIMS_A_ROUND);
  expect(await map.nodes.count()).toBeLessThan(60);

  const drawn = await map.graph.evaluate(async (surface) => {
    const isNode = (part: Node) => part instanceof Element && part.matches("[data-node]:not([data-stance])");
    let [built, most] = [0, 0];
    const watch = new MutationObserver((changes) => {
      for (const change of changes) built += [...change.addedNodes].filter(isNode).length;
    });
    watch.observe(surface, { childList: true, subtree: true });
    const far = surface.scrollHeight - surface.clientHeight;
    for (let each = 1; each <= 120; each += 1) {
      surface.scrollTop = (far * each) / 120;
      await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
      most = Math.max(most, surface.querySelectorAll("[data-node]:not([data-stance])").length);
    }
    watch.disconnect();
    return { built, most };
  });
  expect(drawn.most, "claims that are drawn at once").toBeLessThan(60);
  // Those far down are built at all, and a step builds those alone that it brings into sight.
  expect(drawn.built, "claims built on the way down").toBeGreaterThan(CLAIMS_A_ROUND / 2);
  expect(drawn.built, "claims built on the way down").toBeLessThanOrEqual(claims.reduce((sum, each) => sum + each, 0));

  await expect.poll(async () => Object.keys(await map.places()).length).toBeLessThan(60);
  await page.keyboard.press("m");
  await expect(map.table).toBeVisible();
  expect(await map.table.getByRole("row").count()).toBeLessThan(80);
  await expect(map.table).toHaveAttribute("aria-rowcount", String(1 + 3 + claims.reduce((sum, each) => sum + each, 0)));
});

async function boxOf(part: Locator): Promise<Box> {
  const box = await part.boundingBox();
  if (!box) throw new Error(`not drawn: ${part}`);
  return box;
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
