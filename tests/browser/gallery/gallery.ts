// Pictures of every screen, to be looked at one by one beside the design: ./dev gallery

import { mkdir, readdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { expect } from "@playwright/test";

import { HOUSES, test } from "./house.ts";
import { live } from "./moments.ts";
import { settle, walk, type Shown } from "./walk.ts";

const FOLDER = fileURLToPath(new URL("../../../target/gallery/", import.meta.url));
const SIZES = [
  { width: 1360, height: 860 },
  { width: 900, height: 600 },
];
const THEMES = ["dark", "light"] as const;
/** In hundredths; to a page a zoom is a smaller or larger window. */
const ZOOMS = [80, 200];

test.use({ trace: "off" });

for (const houseName of HOUSES) {
  test.describe(houseName, () => {
    test.use({ houseName });

    test("pictures", async ({ page, house, watch }) => {
      test.setTimeout(1_200_000);
      watch.expect(/./); // what fails here is meant to be seen
      await mkdir(`${FOLDER}${houseName}`, { recursive: true });
      const look = async ({ name, again }: Shown) => {
        for (const size of SIZES) {
          for (const zoom of [100, ...ZOOMS]) {
            await page.setViewportSize({ width: (size.width * 100) / zoom, height: (size.height * 100) / zoom });
            // What a zoom does to a layout it does in either theme.
            for (const theme of zoom === 100 ? THEMES : THEMES.slice(0, 1)) {
              await page.emulateMedia({ colorScheme: theme });
              await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
              await settle(page);
              await again?.();
              // A row that the pointer lies on looks chosen.
              await page.mouse.move(0, 0);
              const zoomed = zoom === 100 ? "" : `-${zoom}`;
              const path = `${FOLDER}${houseName}/${name}-${theme}-${size.width}x${size.height}${zoomed}.png`;
              await writeFile(path, await page.screenshot({ animations: "disabled" }));
            }
          }
        }
        await page.setViewportSize(SIZES[0] as { width: number; height: number });
      };
      await walk(page, house, look);
      if (house.life) await live(house.life, look);
    });
  });
}

test.afterAll("contact sheets", async ({ browser }) => {
  test.setTimeout(300_000);
  const page = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
  for (const house of HOUSES) {
    const files = (await readdir(`${FOLDER}${house}`).catch(() => [])).filter((name) => name.endsWith(".png"));
    const kinds = new Set(files.map((name) => /-(dark|light)-\d+x\d+(-\d+)?\.png$/.exec(name)?.[0] ?? ""));
    for (const kind of kinds) {
      const shown = files.filter((name) => name.endsWith(kind));
      const figures = shown.map((name) => `<figure><img src="file://${FOLDER}${house}/${name}"><figcaption>${name.slice(0, -kind.length)}</figcaption></figure>`);
      const file = `${FOLDER}${house}${kind.replace(".png", ".html")}`;
      await writeFile(file, `<style>body{display:grid;grid-template-columns:repeat(4,1fr);gap:8px;margin:8px;background:#777;font:12px sans-serif}figure{margin:0}img{width:100%}</style>${figures.join("")}`);
      await page.goto(`file://${file}`);
      await page.screenshot({ path: file.replace(".html", ".png"), fullPage: true });
    }
  }
  await page.close();
});
