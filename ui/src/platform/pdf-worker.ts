// Runs in a thread of its own: pdf.js, of which nothing but the text of a file is wanted.

import { getDocument } from "unpdf/pdfjs";

import type { PdfFault } from "./pdf";

/** Asks for the text of a file. */
export interface PdfRequest {
  bytes: ArrayBuffer;
  /** Most bytes of UTF-8 of the text. */
  most: number;
  /** Where the answers go. */
  answers: MessagePort;
}

/** How far it is, and at last the text or why there is none. */
export type PdfAnswer = { page: number; pages: number } | { text: string } | { fault: PdfFault };

onmessage = async ({ data }: MessageEvent<PdfRequest>) => {
  const answer = (words: PdfAnswer) => data.answers.postMessage(words);
  try {
    answer(await textOf(data, answer));
  } catch (thrown) {
    answer({ fault: thrown instanceof Error && thrown.name === "PasswordException" ? "pdf_locked" : "pdf_damaged" });
  }
};

async function textOf({ bytes, most }: PdfRequest, answer: (words: PdfAnswer) => void): Promise<PdfAnswer> {
  // Its text needs none of what draws it: no fonts of the system, no code, nothing from elsewhere.
  const pdf = await getDocument({ data: new Uint8Array(bytes), isEvalSupported: false, useSystemFonts: false, disableFontFace: true, useWorkerFetch: false, enableXfa: false, verbosity: 0 }).promise;
  const encoder = new TextEncoder();
  const pages: string[] = [];
  let length = 0;
  for (let page = 1; page <= pdf.numPages; page += 1) {
    answer({ page, pages: pdf.numPages });
    const { items } = await (await pdf.getPage(page)).getTextContent();
    const text = items.map((item) => ("str" in item ? item.str + (item.hasEOL ? "\n" : "") : "")).join("").trim();
    if (text === "") continue;
    length += encoder.encode(pages.length === 0 ? text : `\n\n${text}`).byteLength;
    pages.push(text);
    if (length > most) return { fault: "pdf_too_large" };
  }
  return pages.length === 0 ? { fault: "pdf_without_text" } : { text: pages.join("\n\n") };
}
