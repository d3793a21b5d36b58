/**
 * Keys that an input method takes for itself, such as the Enter that chooses a candidate. WebKit tells that Enter
 * after the composition has ended, and only by its code.
 */
export function composes(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}

/** An Enter that ends what was typed. */
export function isEnter(event: KeyboardEvent): boolean {
  return event.key === "Enter" && !composes(event);
}
