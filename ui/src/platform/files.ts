import type { DroppedFile, ReadFiles } from "./platform";

/** A reference holds at most this many bytes (spec 4.2). */
export const REFERENCE_LIMIT = 4 * 1024 * 1024;

/** Reads what was dropped or chosen as text; what is too large or not UTF-8 is named, not guessed at. */
export async function readFiles(list: Iterable<File>): Promise<ReadFiles> {
  const read: ReadFiles = { files: [], refused: [] };
  for (const file of list) {
    if (file.size > REFERENCE_LIMIT) {
      read.refused.push({ name: file.name, reason: "too_large" });
      continue;
    }
    const taken = await asText(file);
    if (taken) read.files.push(taken);
    else read.refused.push({ name: file.name, reason: "not_text" });
  }
  return read;
}

async function asText(file: File): Promise<DroppedFile | null> {
  const bytes = await file.arrayBuffer();
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.includes("\0") ? null : { name: file.name, text, bytes: bytes.byteLength };
  } catch {
    return null;
  }
}
