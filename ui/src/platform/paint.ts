/** Runs it once what stands now has been drawn. */
export function afterPaint(run: () => void): void {
  nextFrame(() => setTimeout(run));
}

/** Runs it before the next frame. A hidden window gets no frames, but its text must not pile up unread. */
export function nextFrame(run: () => void): void {
  if (document.hidden) setTimeout(run, 250);
  else requestAnimationFrame(run);
}
