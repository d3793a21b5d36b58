import { utf8 } from "../format/numbers";
import { pdfText } from "./pdf";
import type { DroppedFile, ReadFiles, RefusedFile } from "./platform";

/** A reference holds at most this many bytes: each seat reads all of it. */
export const REFERENCE_LIMIT = 4 * 1024 * 1024;

/** A PDF's header stands within so many bytes of its start (ISO 32000-1, annex H.3.4.1). */
const HEADER = 1_024;

/** What is told and asked while files are read. */
export interface Reading {
  /** Called before each page of a PDF, which is read slowly, counted from 1. */
  onpage?: (name: string, page: number, pages: number) => void;
  /** Ends the reading. */
  signal?: AbortSignal;
}

/**
 * Reads what was dropped or chosen as text, of a PDF its text; what is too large or not UTF-8 is named, not guessed at.
 * @throws {DOMException} `AbortError` when `signal` ended it.
 */
export async function readFiles(list: Iterable<File>, reading: Reading = {}): Promise<ReadFiles> {
  const read: ReadFiles = { files: [], refused: [] };
  for (const file of list) {
    const taken = await taking(file, reading);
    if (typeof taken === "string") read.refused.push({ name: file.name, reason: taken });
    else read.files.push(taken);
  }
  return read;
}

async function taking(file: File, { onpage, signal }: Reading): Promise<DroppedFile | RefusedFile["reason"]> {
  const head = new Uint8Array(await file.slice(0, HEADER).arrayBuffer());
  if (isPdf(head)) {
    const read = await pdfText(file, { most: REFERENCE_LIMIT, onpage: (page, pages) => onpage?.(file.name, page, pages), signal });
    return "fault" in read ? read.fault : { name: file.name, text: read.text, bytes: utf8(read.text) };
  }
  if (isWide(head)) return "not_utf8";
  if (head.includes(0)) return "not_text";
  if (file.size > REFERENCE_LIMIT) return "too_large";
  const bytes = await file.arrayBuffer();
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (text.trim() === "") return "empty";
    return text.includes("\0") ? "not_text" : { name: file.name, text, bytes: bytes.byteLength };
  } catch {
    return readsAsText(new Uint8Array(bytes)) ? "not_utf8" : "not_text";
  }
}

function isPdf(head: Uint8Array): boolean {
  return new TextDecoder("latin1").decode(head).includes("%PDF-");
}

// Bytes of a text in an older encoding: no control characters, and more plain letters than others.
function readsAsText(bytes: Uint8Array): boolean {
  const plain = bytes.filter((byte) => byte >= 0x20 && byte < 0x7f).length;
  return plain * 2 > bytes.length && !bytes.some((byte) => byte < 0x09 || (byte > 0x0d && byte < 0x1b));
}

// The mark with which text in UTF-16 begins.
function isWide(head: Uint8Array): boolean {
  const [first, second] = head;
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}
