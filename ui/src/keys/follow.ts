import { tick } from "svelte";
import { leave } from "./actions.svelte";

/**
 * Gives the row that the keys are on the focus: it is read out, and Enter is its own. A row that is only now scrolled to is
 * drawn a frame later; where none is there, letters are the screen's keys.
 */
export async function follow(list: ParentNode | undefined, row = "a[aria-current]"): Promise<void> {
  const focus = () => {
    const found = list?.querySelector<HTMLElement>(row);
    found?.focus({ preventScroll: true });
    return found != null;
  };
  await tick();
  if (!focus()) requestAnimationFrame(() => focus() || leave());
}
