import { REFERENCE_LIMIT, type DroppedFile, type ReadFiles } from "../../../platform";
import { utf8 } from "../../../format/numbers";
import { m } from "../../../messages";

/** The files together as the one document every seat reads; a single file goes as it is, byte for byte. */
export function asReference(files: DroppedFile[]): { reference: string; reference_name: string } | null {
  const [only] = files;
  if (!only) return null;
  const reference = files.length === 1 ? only.text : files.map((file) => `# ${file.name}\n\n${file.text}`).join("\n\n");
  return { reference, reference_name: files.map((file) => file.name).join(", ") };
}

/** Adds what was read, as far as the document may grow, and says in sentences what was left out. */
export function added(files: DroppedFile[], read: ReadFiles): { files: DroppedFile[]; refusals: string[] } {
  const kept = [...files];
  const stays = files.length > 0 ? ` ${m.convene.stays}` : "";
  const refusals = read.refused.map(({ name, reason }) => `${m.convene.refused[reason](name)}${stays}`);
  for (const file of read.files) {
    if (bytesOf([...kept, file]) > REFERENCE_LIMIT) refusals.push(m.convene.tooMuch);
    else kept.push(file);
  }
  return { files: kept, refusals };
}

/** UTF-8 bytes of the joined document. */
export function bytesOf(files: DroppedFile[]): number {
  const heads = files.length > 1 ? files.reduce((sum, file) => sum + utf8(file.name) + 6, 0) : 0;
  return files.reduce((sum, file) => sum + file.bytes, heads);
}
