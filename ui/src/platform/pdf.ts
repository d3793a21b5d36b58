import type { PdfAnswer, PdfRequest } from "./pdf-worker";

/** Nobody reads a larger one by hand, and it has to be held in memory twice. */
const LARGEST = 64 * 1024 * 1024;

/** Why no text was had of a PDF: none is in it, it wants a password, it is no whole PDF, or it or its text is too large. */
export type PdfFault = "pdf_without_text" | "pdf_locked" | "pdf_damaged" | "pdf_too_large";

/** What is told and asked while it is read. */
export interface PdfReading {
  /** Most bytes of UTF-8 that its text may have. */
  most: number;
  /** Called before each page, counted from 1. */
  onpage?: (page: number, pages: number) => void;
  /** Ends the reading. */
  signal?: AbortSignal;
}

/**
 * The text of a PDF, its pages apart by an empty line. It is read by pdf.js in a thread of its own, which ends with it:
 * what is in a stranger's file holds the page up as little as it outlives it.
 * @throws {DOMException} `AbortError` when `signal` ended it.
 */
export async function pdfText(file: Blob, { most, onpage, signal }: PdfReading): Promise<{ text: string } | { fault: PdfFault }> {
  if (file.size > LARGEST) return { fault: "pdf_too_large" };
  const bytes = await file.arrayBuffer();
  signal?.throwIfAborted();
  const worker = new Worker(new URL("./pdf-worker.ts", import.meta.url), { type: "module" });
  // A port of its own: in a thread pdf.js greets whoever began it by itself.
  const { port1: near, port2: far } = new MessageChannel();
  try {
    return await new Promise((resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason as DOMException), { once: true });
      near.onmessage = ({ data }: MessageEvent<PdfAnswer>) => ("page" in data ? onpage?.(data.page, data.pages) : resolve(data));
      worker.onerror = (event) => {
        event.preventDefault();
        resolve({ fault: "pdf_damaged" });
      };
      worker.postMessage({ bytes, most, answers: far } satisfies PdfRequest, [bytes, far]);
    });
  } finally {
    worker.terminate();
    near.close();
  }
}
