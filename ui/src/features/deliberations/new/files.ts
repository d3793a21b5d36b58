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
    const taken = toldApart(kept, file);
    if (!taken) refusals.push(m.convene.thereAlready(file.name));
    else if (bytesOf([...kept, taken]) > REFERENCE_LIMIT) refusals.push(m.convene.tooMuch);
    else kept.push(taken);
  }
  return { files: kept, refusals };
}

/** The file under a name that none of the others has, since seats know them by their names; `null` where it is one of them. */
export function toldApart(files: DroppedFile[], file: DroppedFile): DroppedFile | null {
  const names = [file.name, ...files.map((_, at) => numbered(file.name, at + 2))];
  if (files.some(({ name, text }) => text === file.text && names.includes(name))) return null;
  const free = names.find((name) => files.every((each) => each.name !== name));
  return { ...file, name: free ?? file.name };
}

/** UTF-8 bytes of the joined document. */
export function bytesOf(files: DroppedFile[]): number {
  const heads = files.length > 1 ? files.reduce((sum, file) => sum + utf8(file.name) + 6, 0) : 0;
  return files.reduce((sum, file) => sum + file.bytes, heads);
}

/** The number stands before the ending, as file managers write it. */
function numbered(name: string, n: number): string {
  const [, stem = name, ending = ""] = /^(.+?)(\.\w+)?$/s.exec(name) ?? [];
  return `${stem} (${n})${ending}`;
}
