// What stands on a screen, looked at by axe in both themes and at the smallest size, every rule on.

import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

const SIZES = [
  { width: 1360, height: 860 },
  { width: 900, height: 600 },
];

/** What can differ in another theme: colours alone. */
const OF_THEMES = ["color-contrast", "link-in-text-block"];

/** That axe finds nothing and nothing hangs over the edge, in each theme and size. `again` brings back what a resize closes. */
export async function isAccessible(page: Page, what: string, again?: () => Promise<void>): Promise<void> {
  for (const size of SIZES) {
    await page.setViewportSize(size);
    await again?.();
    for (const theme of ["dark", "light"] as const) {
      await page.emulateMedia({ colorScheme: theme });
      await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
      const axe = new AxeBuilder({ page });
      const { violations } = await (theme === "dark" ? axe : axe.withRules(OF_THEMES)).analyze();
      expect(violations.map(told), `${what}, ${theme}, ${size.width} × ${size.height}`).toEqual([]);
    }
    const overhang = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overhang, `${what} at ${size.width} × ${size.height}: pixels over the edge`).toBeLessThanOrEqual(0);
  }
  await page.setViewportSize(SIZES[0] as { width: number; height: number });
}

function told({ id, nodes }: { id: string; nodes: { html: string; failureSummary?: string }[] }): string {
  return `${id}: ${nodes.map((node) => `${node.html.slice(0, 160)} – ${node.failureSummary ?? ""}`).join(" | ")}`;
}
