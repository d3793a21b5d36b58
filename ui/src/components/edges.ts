/** Pixels at an edge that fade where a box goes on: `--fade` of the styles. */
export const FADE = 32;

/** What is hidden above or below and is less, some half of a row, is no reason to fade: the last row in sight, which may be a sum, would be dimmed for nothing. */
const LEAST = 16;

/** Where words stand at the edge that much is a part of a line, which would stand there cut through. */
const LEAST_OF_TEXT = 4;

/** Marks on which sides a scrolling box has more (`data-more`), so that it fades there; an attachment. */
export const edges = (box: HTMLElement): (() => void) => marks(box, LEAST);

/** As `edges`, of a box that may end in a line of words: it fades as soon as a part of one is hidden. */
export const edgesOfText = (box: HTMLElement): (() => void) => marks(box, LEAST_OF_TEXT);

function marks(box: HTMLElement, least: number): () => void {
  const look = () => {
    // What lies over the edge of a box that does not scroll is seen there, and nothing is hidden.
    const { overflowX, overflowY } = getComputedStyle(box);
    const below = overflowY !== "visible" && box.scrollHeight - box.clientHeight - box.scrollTop >= least;
    const right = overflowX !== "visible" && box.scrollWidth - box.clientWidth - box.scrollLeft > 1;
    const sides = { below, right, left: box.scrollLeft > 1, above: box.scrollTop >= least };
    box.dataset.more = Object.entries(sides).flatMap(([side, more]) => (more ? [side] : [])).join(" ");
  };
  // What it holds grows without its own size changing. The observer also looks first, once the page was laid out: whoever
  // looked here would have it laid out twice.
  const sizes = new ResizeObserver(look);
  const watch = () => [box, ...box.children].forEach((each) => sizes.observe(each));
  const contents = new MutationObserver((changes) => {
    // What has gone is held by nobody for its size.
    for (const node of changes.flatMap(({ removedNodes }) => [...removedNodes])) {
      if (node instanceof Element && node.parentNode !== box) sizes.unobserve(node);
    }
    watch();
    look();
  });
  box.addEventListener("scroll", look, { passive: true });
  contents.observe(box, { childList: true });
  watch();
  return () => {
    box.removeEventListener("scroll", look);
    contents.disconnect();
    sizes.disconnect();
  };
}
