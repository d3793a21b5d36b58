import { tick } from "svelte";
import { focusRow } from "../components/scrolled";
import { leave } from "./actions.svelte";

const CURRENT = "a[aria-current]";
/** The row that was given the focus last. */
let followed: Element | null = null;

/**
 * Gives the row that the keys are on the focus: it is read out, and Enter is its own. A row that is only now scrolled to is
 * drawn a frame later; where none is there, letters are the screen's keys.
 */
export async function follow(list: ParentNode | undefined, row = CURRENT): Promise<void> {
  const focus = () => {
    const found = list?.querySelector<HTMLElement>(row);
    if (found) focusRow((followed = found));
    return found != null;
  };
  await tick();
  if (focus()) return;
  // Whoever went elsewhere meanwhile is left there.
  const had = document.activeElement;
  requestAnimationFrame(() => document.activeElement === had && (focus() || leave()));
}

/** Rows changed their places: the focus goes on with the row that it was given to, not with its place. */
export async function refollow(list: HTMLElement | undefined): Promise<void> {
  await tick();
  const at = document.activeElement;
  if (at !== null && at === followed && list?.contains(at) && !at.matches(CURRENT)) await follow(list);
}
