// Selecting words as a hand does: press, drag, let go.

import { expect, type Locator } from "@playwright/test";

interface Point {
  x: number;
  y: number;
}

/** Drags over `words` where they stand in one run of text inside `region`. */
export async function selectWords(region: Locator, words: string): Promise<void> {
  await expect(region).toContainText(words);
  const [from, to] = await region.evaluate((root, wanted): [Point, Point] => {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const node = texts.currentNode;
      const at = node.textContent?.indexOf(wanted) ?? -1;
      if (at < 0) continue;
      node.parentElement?.scrollIntoView({ block: "center" });
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + wanted.length);
      const rects = [...range.getClientRects()];
      const [first, last] = [rects[0] as DOMRect, rects.at(-1) as DOMRect];
      return [
        { x: first.left + 1, y: first.top + first.height / 2 },
        { x: last.right - 1, y: last.top + last.height / 2 },
      ];
    }
    throw new Error(`no run of text holds: ${wanted}`);
  }, words);
  const { mouse } = region.page();
  await mouse.move(from.x, from.y);
  await mouse.down();
  await mouse.move((from.x + to.x) / 2, to.y, { steps: 4 });
  await mouse.move(to.x, to.y, { steps: 4 });
  await mouse.up();
}
