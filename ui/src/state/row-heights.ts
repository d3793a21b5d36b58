import type { Density } from "../generated/Density";

/** Pixels of a row by what it holds, the gap below it not counted. */
export interface RowHeights {
  /** One line among figures: the ledger, the audit log, what passes through the bridge. */
  dense: number;
  /** One line. */
  one: number;
  /** Two lines, or one with controls. */
  two: number;
  /** A claim: three lines of its quote, and each seat's cell beside it. */
  claim: number;
}

/** The one place where rows have heights: virtual lists read them, style sheets have them as variables. */
export const ROW_HEIGHTS: Record<Density, RowHeights> = {
  compact: { dense: 28, one: 36, two: 44, claim: 76 },
  comfortable: { dense: 32, one: 44, two: 52, claim: 92 },
};

const VARIABLES: Record<keyof RowHeights, string> = { dense: "--row-dense", one: "--row", two: "--row-two", claim: "--claim-row" };

/** Gives the heights to the style sheets. */
export function writeRowHeights(heights: RowHeights, to: CSSStyleDeclaration): void {
  for (const [row, name] of Object.entries(VARIABLES)) to.setProperty(name, `${heights[row as keyof RowHeights]}px`);
}
