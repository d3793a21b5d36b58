// Every screen of an empty, a filled, a hard and a failing house fits its window, also at twice its size, and axe finds nothing there.

import { HOUSES, test } from "./gallery/house.ts";
import { GONE, live } from "./gallery/moments.ts";
import { TWINS } from "./gallery/screens.ts";
import { settle, walk, type Shown } from "./gallery/walk.ts";
import { violations } from "./harness/looks.ts";
import { misfits } from "./harness/layout.ts";
import { expect } from "./harness/test.ts";

/** The window as it opens, the smallest one, and both at 200 %. */
const SIZES = [
  { width: 1360, height: 860 },
  { width: 900, height: 600 },
  { width: 680, height: 430 },
  { width: 450, height: 300 },
];

// So many screens in one trace take longer than to look at them.
test.use({ trace: "off" });

for (const houseName of HOUSES) {
  test.describe(houseName, () => {
    test.use({ houseName });

    test(`every screen fits, ${houseName}`, async ({ page, house, watch }) => {
      test.setTimeout(480_000);
      watch.expect(/status of (4\d\d|502)/, GONE); // a house is furnished with refusals of ours and of providers, and its server ends
      const found: string[] = [];
      const look = async ({ name, again }: Shown) => {
        for (const size of SIZES) {
          await page.setViewportSize(size);
          await settle(page);
          await again?.();
          found.push(...(await misfits(page)).map((each) => `${name} at ${size.width} × ${size.height}: ${each}`));
        }
        await page.setViewportSize(SIZES[0] as { width: number; height: number });
        // Other tests have axe look at usual words, in either theme and at the smallest size.
        if (houseName === "hard" && !again) found.push(...(await violations(page)).map((each) => `${name}, axe: ${each}`));
      };
      await walk(page, house, look, TWINS);
      if (house.life) await live(house.life, look);
      expect(found, "what does not fit").toEqual([]);
    });
  });
}
