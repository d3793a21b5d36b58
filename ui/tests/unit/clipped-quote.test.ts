import { render, screen } from "@testing-library/svelte";
import { createRawSnippet } from "svelte";
import { expect, test, vi } from "vitest";
import ClippedQuote from "../../src/features/deliberations/session/claims/ClippedQuote.svelte";

const children = createRawSnippet(() => ({ render: () => "<span>and the loser of a race hears of it</span>" }));

test("the mark of a quote that is cut stands where its lines end once they leave it room", () => {
  vi.stubGlobal("ResizeObserver", class {
    constructor(private readonly told: () => void) {}
    observe() {
      this.told();
    }
    disconnect() {}
  });
  vi.spyOn(Element.prototype, "scrollHeight", "get").mockReturnValue(80);
  vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(60);
  const box = (left: number, right: number, top: number, bottom: number) => ({ left, right, top, bottom, width: right - left, height: bottom - top }) as DOMRect;
  vi.spyOn(Element.prototype, "getBoundingClientRect").mockReturnValue(box(0, 240, 0, 60));
  // Beside the mark's room the last line ends earlier; the mark itself stands in that line.
  Range.prototype.getClientRects = function () {
    const isMark = this.startContainer.parentElement?.closest(".mark");
    return [box(0, isMark ? 239 : document.querySelector("[data-cut]") ? 214 : 232, 42, 58)] as unknown as DOMRectList;
  };
  render(ClippedQuote, { quote: "and the loser of a race hears of it", status: "typographic", children });
  const quote = screen.getByTitle("and the loser of a race hears of it");
  expect(quote.hasAttribute("data-cut")).toBe(true);
  expect(quote.style.getPropertyValue("--cut-at")).toBe("214px");
});
