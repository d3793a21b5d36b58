import { actions } from "../../keys/actions.svelte";

/**
 * Gives a box the focus as soon as nothing has it, until somebody presses something: what had it can go with a screen that
 * is left, or with what stood over that. Whatever takes the focus by itself as it comes has it already when the page tells
 * that it has changed. Returns what ends it.
 */
export function catchFocus(box: HTMLElement): () => void {
  const look = () => {
    // A dialog that is open has the focus, or is about to.
    if (document.activeElement === document.body && !actions.modal) box.focus({ preventScroll: true });
  };
  const changes = new MutationObserver(look);
  const end = () => {
    changes.disconnect();
    for (const press of PRESSES) removeEventListener(press, end, true);
  };
  changes.observe(document.body, { childList: true, subtree: true });
  for (const press of PRESSES) addEventListener(press, end, true);
  look();
  return end;
}

const PRESSES = ["keydown", "pointerdown"];
