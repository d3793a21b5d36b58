import { FADE } from "./edges";

/** What marks a choice among tabs, a place among links, and a radio that is on. */
const CHOSEN = "[aria-selected='true'], [aria-current], label.chosen";

/** Keeps what is chosen in a box that scrolls in sight: when another is chosen, and when the room changes; an attachment. */
export function chosenInSight(box: HTMLElement): () => void {
  // Only this box is scrolled: what it stands in stays where it is.
  const show = () => {
    const chosen = box.querySelector(CHOSEN);
    if (!chosen) return;
    const [frame, at] = [box.getBoundingClientRect(), chosen.getBoundingClientRect()];
    box.scrollLeft += Math.min(0, at.left - frame.left - FADE) + Math.max(0, at.right - frame.right + FADE);
    box.scrollTop += Math.min(0, at.top - frame.top - FADE) + Math.max(0, at.bottom - frame.bottom + FADE);
  };
  // Figures beside it come and grow; under a pointer nothing moves for that.
  const sizes = new ResizeObserver((changed) => {
    if (changed.some(({ target }) => target === box) || !box.matches(":hover")) show();
  });
  const choice = new MutationObserver(show);
  [box, ...box.children].forEach((each) => sizes.observe(each));
  choice.observe(box, { subtree: true, attributeFilter: ["aria-selected", "aria-current", "class"] });
  return () => {
    sizes.disconnect();
    choice.disconnect();
  };
}
