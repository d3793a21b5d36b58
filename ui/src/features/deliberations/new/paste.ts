import { characters } from "../../../format/numbers";
import { LENGTHS } from "../../../generated/lengths";
import { m } from "../../../messages";
import { undoLine } from "../../../state/undo.svelte";
import type { NewDraft } from "./draft.svelte";

/**
 * Takes what is pasted where a deliberation is asked for: files, words that no question holds, and words that are pasted
 * beside a field become its reference. What fits into a field is the field's own.
 */
export function takePaste(event: ClipboardEvent, draft: NewDraft, question: HTMLElement | undefined): void {
  const { files } = event.clipboardData ?? {};
  if (files?.length) {
    event.preventDefault();
    void draft.read(files);
    return;
  }
  const text = event.clipboardData?.getData("text/plain");
  if (!text) return;
  const tooLong = event.target === question && text.length > LENGTHS.prompt && characters(text) > LENGTHS.prompt;
  if (!tooLong && (event.target instanceof HTMLTextAreaElement || event.target instanceof HTMLInputElement)) return;
  event.preventDefault();
  const file = new File([text], m.convene.pasted);
  // A field that lays out megabytes holds the page for seconds, and none of it could be sent.
  void (tooLong ? readInstead(draft, file) : draft.read([file]));
}

async function readInstead(draft: NewDraft, file: File) {
  if (await draft.read([file])) undoLine.tell(m.convene.pastedAsReference);
}
