import type { ExportFormat } from "../../../generated/ExportFormat";
import { m } from "../../../messages";
import type { Desk } from "./desk.svelte";

/** Writes the session to a file of the operator's choosing and says where it went. */
export async function saveAs(desk: Desk, format: ExportFormat): Promise<void> {
  await desk.act(m.session.notExported, async () => {
    const { file_name, text } = await desk.console.call("export_session", { session_id: desk.id, format });
    desk.said = m.session.exported(await desk.console.platform.saveFile(file_name, text));
  });
}

/** Puts the Markdown transcript on the clipboard; `false` when this window may not. */
export async function copyTranscript(desk: Desk): Promise<boolean> {
  const { text } = await desk.console.call("export_session", { session_id: desk.id, format: "md" });
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedBySelection(text);
  }
}

// Where the page's origin has no clipboard interface, a selected field still copies.
function copiedBySelection(text: string): boolean {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "sr-only";
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  return copied;
}
