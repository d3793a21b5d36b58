// Takes the pictures in docs/images.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { Page } from "@playwright/test";

import { smaller } from "../harness/png.ts";
import { expect } from "../harness/test.ts";
import { THEMES, type Picture } from "./pictures.ts";

/** Where they are kept; the suite, which only looks whether they can be taken, names another folder. */
const IMAGES = process.env["HUSTING_ALBUM"] ?? fileURLToPath(new URL("../../../docs/images/", import.meta.url));
/** How much a picture of a round at work shows, and so weighs, is up to how fast the machine is: this leaves room for that. */
const MOST_BYTES = 400_000;

/** The pictures that a test is to take. */
export class Album {
  readonly #taken = new Set<string>();

  constructor(
    private readonly page: Page,
    private readonly planned: Partial<Record<Picture, unknown>>,
  ) {}

  /** Takes a picture in each theme. `before` is done again for each. */
  async take(name: Picture, before?: () => Promise<void>): Promise<void> {
    const { page } = this;
    this.#taken.add(name);
    await mkdir(IMAGES, { recursive: true });
    for (const theme of THEMES) {
      await page.emulateMedia({ colorScheme: theme });
      await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
      await before?.();
      await page.evaluate(() => document.fonts.ready);
      const path = join(IMAGES, `${name}-${theme}.png`);
      const picture = smaller(await page.screenshot());
      expect(picture.length, `bytes of ${name}, ${theme}`).toBeLessThanOrEqual(MOST_BYTES);
      await writeFile(path, picture);
    }
  }

  /** Every picture is there. */
  close(): void {
    expect([...this.#taken].toSorted(), "every picture").toEqual(Object.keys(this.planned).toSorted());
  }
}
