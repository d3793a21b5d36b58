// What stands on a screen, looked at by axe in both themes and at the smallest size, every rule on.

import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

const SIZES = [
  { width: 1360, height: 860 },
  { width: 900, height: 600 },
];

/** What can differ in another theme: colours alone. */
const OF_THEMES = ["color-contrast", "link-in-text-block"];

/** What axe cannot decide, and why it is left to eyes: */
const UNDECIDABLE = [
  "color-contrast", // over a mask, a scrim, a select’s arrow or in a drawing; each pair of tokens is measured where nothing lies between
  "link-in-text-block", // the same, of a link beside its sentence
  "th-has-data-cells", // a head over groups, each with a head of its own
  "aria-valid-attr-value", // a menu's button names what stands outside of the page while it is open
];

/** That axe finds nothing and nothing hangs over the edge, in each theme and size. `again` brings back what a resize closes. */
export async function isAccessible(page: Page, what: string, again?: () => Promise<void>): Promise<void> {
  for (const size of SIZES) {
    await page.setViewportSize(size);
    await again?.();
    for (const theme of ["dark", "light"] as const) {
      await page.emulateMedia({ colorScheme: theme });
      await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
      expect(await violations(page, theme === "dark" ? undefined : OF_THEMES), `${what}, ${theme}, ${size.width} × ${size.height}`).toEqual([]);
    }
    const overhang = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overhang, `${what} at ${size.width} × ${size.height}: pixels over the edge`).toBeLessThanOrEqual(0);
  }
  await page.setViewportSize(SIZES[0] as { width: number; height: number });
}

/** What axe finds on the page as it is, by these rules or by all. What it cannot decide is found too, but for what is known to be undecidable. */
export async function violations(page: Page, rules?: string[]): Promise<string[]> {
  const axe = new AxeBuilder({ page }).setLegacyMode();
  const { violations, incomplete } = await (rules ? axe.withRules(rules) : axe).analyze();
  return [...violations, ...incomplete.filter(({ id }) => !UNDECIDABLE.includes(id))].map(told);
}

function told({ id, nodes }: { id: string; nodes: { html: string; failureSummary?: string }[] }): string {
  return `${id}: ${nodes.map((node) => `${node.html.slice(0, 160)} – ${node.failureSummary ?? ""}`).join(" | ")}`;
}
