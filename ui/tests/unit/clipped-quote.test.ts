import { cleanup, render, screen } from "@testing-library/svelte";
import { createRawSnippet } from "svelte";
import { afterEach, expect, test, vi } from "vitest";
import ClippedQuote from "../../src/features/deliberations/session/claims/ClippedQuote.svelte";

afterEach(cleanup);

const box = (left: number, right: number, top: number, bottom: number) => ({ left, right, top, bottom, width: right - left, height: bottom - top }) as DOMRect;

/** A quote of more than three lines, with the box of its last line in sight. */
function cut(words: string, lastLine: (isRoomLeft: boolean) => DOMRect): HTMLElement {
  vi.stubGlobal("ResizeObserver", class {
    constructor(private readonly told: () => void) {}
    observe() {
      this.told();
    }
    disconnect() {}
  });
  vi.spyOn(Element.prototype, "scrollHeight", "get").mockReturnValue(80);
  vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(60);
  vi.spyOn(Element.prototype, "getBoundingClientRect").mockReturnValue(box(0, 240, 0, 60));
  Range.prototype.getClientRects = function () {
    // The mark itself stands in that line.
    const isMark = this.startContainer.parentElement?.closest(".mark");
    return [isMark ? box(1, 239, 42, 58) : lastLine(document.querySelector("[data-cut]") !== null)] as unknown as DOMRectList;
  };
  const children = createRawSnippet(() => ({ render: () => `<span>${words}</span>` }));
  render(ClippedQuote, { quote: words, status: "typographic", children });
  return screen.getByTitle(words);
}

test("the mark of a quote that is cut stands where its lines end once they leave it room", () => {
  const quote = cut("and the loser of a race hears of it", (isRoomLeft) => box(0, isRoomLeft ? 214 : 232, 42, 58));
  expect([quote.dataset.cut, quote.style.getPropertyValue("--cut-at")]).toEqual(["right", "214px"]);
});

test("a name of another script among the words does not turn their lines round", () => {
  const quote = cut("the ledger of שלום stands beside billing", () => box(0, 214, 42, 58));
  expect(quote.dataset.cut).toBe("right");
});

test("lines that are written to the left end there, and so does their mark", () => {
  const quote = cut("(1) מאגר האירועים צריך לשבת ליד החיוב before tax", (isRoomLeft) => box(isRoomLeft ? 26 : 8, 230, 42, 58));
  expect([quote.dataset.cut, quote.style.getPropertyValue("--cut-at")]).toEqual(["left", "214px"]);
});
