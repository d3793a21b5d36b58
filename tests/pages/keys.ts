// The keyboard, and nothing else.

import { expect, type Locator, type Page } from "@playwright/test";

export class Keys {
  private constructor(
    private readonly page: Page,
    private readonly pointers: string[],
  ) {}

  /** Takes the page's keyboard, and from here on takes note of every pointer. */
  static async only(page: Page): Promise<Keys> {
    const pointers: string[] = [];
    await page.exposeFunction("__pointed", (what: string) => pointers.push(what));
    await page.evaluate(() => {
      const report = (globalThis as unknown as Record<string, (what: string) => void>).__pointed;
      for (const kind of ["pointerdown", "mousedown", "touchstart", "dragstart"]) {
        document.addEventListener(kind, (event) => report?.(`${event.type} on ${(event.target as Element).outerHTML.slice(0, 80)}`), true);
      }
    });
    return new Keys(page, pointers);
  }

  /** Presses keys one after the other. */
  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text);
  }

  /** Types into a field once it has the focus. */
  async into(field: Locator, text: string): Promise<void> {
    await expect(field).toBeFocused();
    await this.type(text);
  }

  /** Tabs until `wanted` has the focus. */
  async tabTo(wanted: Locator, most = 60): Promise<void> {
    await expect(wanted).toBeVisible();
    for (let step = 0; step < most; step += 1) {
      if (await wanted.evaluate((element) => element === document.activeElement)) return;
      await this.press("Tab");
    }
    throw new Error(`not reached by ${most} presses of Tab: ${wanted}`);
  }

  /** That no pointer was used. */
  assertAlone(): void {
    expect(this.pointers, "pointers in a test of keys alone").toEqual([]);
  }
}
