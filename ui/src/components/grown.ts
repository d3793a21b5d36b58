import type { Attachment } from "svelte/attachments";

/** WebKitGTK 2.50, in which the window is drawn, does not know `field-sizing`. */
const BY_ITSELF = globalThis.CSS?.supports?.("field-sizing", "content") ?? true;

/** Lets a field be as high as the words in it, as `field-sizing: content` does where the browser knows that; the styles say how high at least and at most. */
export function grown(words: string): Attachment<HTMLTextAreaElement> {
  return (field) => {
    void words;
    if (BY_ITSELF) return;
    let [width, frame] = [field.clientWidth, 0];
    fit(field);
    // In the next frame: what is watched may not be resized while it is looked at.
    const widths = new ResizeObserver(() => {
      if (field.clientWidth === width) return;
      width = field.clientWidth;
      frame = requestAnimationFrame(() => fit(field));
    });
    widths.observe(field);
    return () => {
      cancelAnimationFrame(frame);
      widths.disconnect();
    };
  };
}

function fit(field: HTMLTextAreaElement): void {
  const around: [Element, number][] = [];
  for (let box = field.parentElement; box; box = box.parentElement) around.push([box, box.scrollTop]);
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`;
  // While it was low, what it stands in had less to scroll.
  for (const [box, top] of around) if (box.scrollTop !== top) box.scrollTop = top;
}
