/** The id of what stands beside the rail and above the status bar. */
export const SCREEN = "screen";

/** That element, which has the focus where nothing in it has; `null` before the first snapshot. */
export function screenBox(): HTMLElement | null {
  return document.getElementById(SCREEN);
}
