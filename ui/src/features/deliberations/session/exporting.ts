import type { ExportFormat } from "../../../generated/ExportFormat";
import { m } from "../../../messages";
import { copyText } from "../../../platform";
import { undoLine } from "../../../state/undo.svelte";
import type { Desk } from "./desk.svelte";

/** Writes the session to a file of the operator's choosing and says where it went. */
export async function saveAs(desk: Desk, format: ExportFormat): Promise<void> {
  await desk.act(m.session.notExported, async () => {
    const { file_name, text } = await desk.console.call("export_session", { session_id: desk.id, format });
    undoLine.tell(m.session.exported(await desk.console.platform.saveFile(file_name, text)));
  });
}

/** Puts the Markdown transcript on the clipboard; `false` when this window may not. */
export async function copyTranscript(desk: Desk): Promise<boolean> {
  const { text } = await desk.console.call("export_session", { session_id: desk.id, format: "md" });
  return copyText(text);
}

/** Copies it from wherever in the session one is, and says so. */
export async function tellCopied(desk: Desk): Promise<void> {
  const words = m.session.transcript;
  await desk.act(words.copyFailed, async () => undoLine.tell((await copyTranscript(desk)) ? words.copiedWhole : words.notCopied));
}

/** What a session can be saved as, for a menu. */
export function exports(desk: Desk): { id: ExportFormat; label: string; run: () => void }[] {
  const formats: { id: ExportFormat; label: string }[] = [
    { id: "md", label: m.session.exportMd },
    { id: "json", label: m.session.exportJson },
  ];
  return formats.map((format) => ({ ...format, run: () => void saveAs(desk, format.id) }));
}
