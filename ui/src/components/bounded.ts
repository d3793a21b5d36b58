import type { Attachment } from "svelte/attachments";
import { characters } from "../format/numbers";
import { m } from "../messages";
import type { LeftOut } from "./left-out.svelte";

/** What is a little too long is shortened in its field, so that a field takes several times what it is for. */
const TIMES = 4;

/** Units of a text that a field takes at most whose words have this limit. */
function mostOf(limit: number): number {
  return TIMES * limit;
}

/** The beginning of words that a field of this limit takes; half a character is none. */
export function beginningOf(words: string, limit: number): string {
  return words.slice(0, mostOf(limit)).replace(/[\uD800-\uDBFF]$/, "");
}

/**
 * Leaves out of a field what it could not lay out: megabytes hold the page for seconds, at every change. What would make
 * it longer than it takes is left out whole and told in a sentence, until anything else was written.
 * @param limit most characters that the words are for
 * @param worded the sentence, by how many characters were left out and how many it takes
 */
export function bounded(leftOut: LeftOut, limit: number, worded = m.parts.leftOut): Attachment<HTMLTextAreaElement> {
  return (field) => {
    const most = mostOf(limit);
    const leaveOut = (count: number) => leftOut.tell(worded(count, most));

    // Before it is laid out.
    function refuse(event: InputEvent) {
      const added = event.data ?? event.dataTransfer?.getData("text/plain") ?? "";
      const longer = added.length - (field.selectionEnd - field.selectionStart);
      if (longer <= 0 || field.value.length + longer <= most) return;
      event.preventDefault();
      leaveOut(characters(added));
    }

    // Whoever writes into it without asking first, such as a browser's helper, does so here.
    function putBack(event: Event) {
      const [{ value }, words] = [field, leftOut.words()];
      if (value.length <= most || value.length <= words.length) return leftOut.forget();
      event.stopImmediatePropagation();
      field.value = words;
      leaveOut(characters(value) - characters(words));
    }

    field.addEventListener("beforeinput", refuse);
    // Ahead of whoever reads the field.
    field.addEventListener("input", putBack, { capture: true });
    return () => {
      field.removeEventListener("beforeinput", refuse);
      field.removeEventListener("input", putBack, { capture: true });
    };
  };
}
