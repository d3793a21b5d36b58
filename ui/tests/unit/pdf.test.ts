import { render, screen } from "@testing-library/svelte";
import { afterEach, describe, expect, test, vi } from "vitest";
import ReadingFile from "../../src/features/deliberations/new/ReadingFile.svelte";
import { NewDraft } from "../../src/features/deliberations/new/draft.svelte";
import { readFiles } from "../../src/platform";
import { pdfText } from "../../src/platform/pdf";
import type { PdfAnswer, PdfRequest } from "../../src/platform/pdf-worker";
import { Console } from "../../src/state/console.svelte";
import { lockedPdf, pdf } from "../../../tests/pages/pdf.mjs";
import { Thread, threads } from "../fixtures/pdf-thread";
import { FakePlatform } from "../fixtures/platform";
import { snapshot } from "../fixtures/shared";

/** A thread that answers nothing by itself. */
class Deaf extends Thread {
  override postMessage(data: PdfRequest): void {
    this.asked = data;
  }
}

const file = (bytes: BlobPart, name = "report.pdf") => new File([bytes], name);

afterEach(() => {
  vi.unstubAllGlobals();
  threads.clear();
});

describe("a PDF", () => {
  test("is read as its text, line by line and page after page", async () => {
    vi.stubGlobal("Worker", Thread);
    const pages: [string, number, number][] = [];
    const read = await readFiles([file(pdf([["Tariffs rose by a tenth.", "Freight did not."], ["Harbour fees fell."]]))], { onpage: (...page) => pages.push(page) });
    const text = "Tariffs rose by a tenth.\nFreight did not.\n\nHarbour fees fell.";
    expect(read).toEqual({ files: [{ name: "report.pdf", text, bytes: text.length }], refused: [] });
    expect(pages).toEqual([["report.pdf", 1, 2], ["report.pdf", 2, 2]]);
    expect(threads.size).toBe(0);
  });

  test("that has none, is locked or damaged says which, and the files beside it are read", async () => {
    vi.stubGlobal("Worker", Thread);
    const read = await readFiles([file(pdf([[], []]), "scan.pdf"), file(lockedPdf(), "locked.pdf"), file("%PDF-1.4 and nothing more", "torn.pdf"), file("Plain.", "plain.txt")]);
    expect(read.refused).toEqual([
      { name: "scan.pdf", reason: "pdf_without_text" },
      { name: "locked.pdf", reason: "pdf_locked" },
      { name: "torn.pdf", reason: "pdf_damaged" },
    ]);
    expect(read.files.map(({ name }) => name)).toEqual(["plain.txt"]);
  });

  test("of more text than is wanted is not begun with, and one of exactly as much is read", async () => {
    vi.stubGlobal("Worker", Thread);
    const words = file(pdf([["Twelve bytes"], ["Fourteen bytes"]]));
    const whole = "Twelve bytes\n\nFourteen bytes";
    expect(await pdfText(words, { most: whole.length })).toEqual({ text: whole });
    expect(await pdfText(words, { most: whole.length - 1 })).toEqual({ fault: "pdf_too_large" });
  });

  test("that is larger than anybody reads is not read at all, and one that is just as large is", async () => {
    vi.stubGlobal("Worker", Thread);
    const words = file(pdf([["Words."]]));
    const sized = (size: number) => Object.defineProperty(words, "size", { value: size, configurable: true });
    expect(await pdfText(sized(64 * 1024 * 1024), { most: 1_000 })).toEqual({ text: "Words." });
    expect(await pdfText(sized(64 * 1024 * 1024 + 1), { most: 1_000 })).toEqual({ fault: "pdf_too_large" });
  });

  test("is one too where something else stands before it, and its letters are counted as they are sent", async () => {
    vi.stubGlobal("Worker", Thread);
    const before = new TextEncoder().encode("\n".repeat(1_019));
    // Octal 373 is a letter of two bytes.
    const { files } = await readFiles([new File([before, pdf([["Stra\\373e"]])], "report.pdf")]);
    expect(files).toEqual([{ name: "report.pdf", text: "Straße", bytes: 7 }]);
  });

  test("gives no words that stand beside its page, where nobody sees them", async () => {
    vi.stubGlobal("Worker", Thread);
    const lines = ["Seen.", ...Array<string>(60).fill(""), "Unseen."];
    expect(await pdfText(file(pdf([lines])), { most: 1_000 })).toEqual({ text: "Seen." });
  });

  test("whose thread fails is told as damaged", async () => {
    class Failing extends Thread {
      override postMessage(): void {
        this.onerror?.(new Event("error"));
      }
    }
    vi.stubGlobal("Worker", Failing);
    expect((await readFiles([file(pdf([["Words."]]))])).refused).toEqual([{ name: "report.pdf", reason: "pdf_damaged" }]);
  });
});

describe("a draft that reads one", () => {
  test("waits with it, tells its page, and can be ended; what was read before stays", async () => {
    vi.stubGlobal("Worker", Deaf);
    const draft = new NewDraft(new Console(new FakePlatform(snapshot)));
    await draft.load();
    draft.question = "What now?";
    draft.models = ["one", "two"];
    expect(draft.lacks).toBeNull();
    render(ReadingFile, { draft });
    const reading = draft.read([file("First.", "first.txt"), file(pdf([["Words."]])), file("Last.", "last.txt")]);
    await vi.waitFor(() => expect(threads.size).toBe(1));
    expect(draft.files.map(({ name }) => name)).toEqual(["first.txt"]);
    expect(draft.lacks).toBe("reading");
    expect(screen.queryByRole("status")).toBeNull();
    [...threads][0]?.asked?.answers.postMessage({ page: 3, pages: 40 } satisfies PdfAnswer);
    await screen.findByText("Reading report.pdf, page 3 of 40");
    screen.getByRole("button", { name: "Cancel" }).click();
    await reading;
    expect([threads.size, draft.reading, draft.refusals]).toEqual([0, null, []]);
    expect(draft.files.map(({ name }) => name)).toEqual(["first.txt"]);
    expect(draft.lacks).toBeNull();
    vi.stubGlobal("Worker", Thread);
    await draft.read([file(pdf([["Words."]]))]);
    expect(draft.files.map(({ name }) => name), "what is chosen afterwards is read").toEqual(["first.txt", "report.pdf"]);
  });

  test("ends with the screen that tells of it", async () => {
    vi.stubGlobal("Worker", Deaf);
    const draft = new NewDraft(new Console(new FakePlatform(snapshot)));
    const { unmount } = render(ReadingFile, { draft });
    const reading = draft.read([file(pdf([["Words."]]))]);
    await vi.waitFor(() => expect(threads.size).toBe(1));
    unmount();
    await reading;
    expect([threads.size, draft.reading, draft.files]).toEqual([0, null, []]);
  });

  test("takes what is dropped meanwhile after it", async () => {
    vi.stubGlobal("Worker", Thread);
    const draft = new NewDraft(new Console(new FakePlatform(snapshot)));
    const first = draft.read([file(pdf([["Words."]]))]);
    void draft.read([file("Later.", "later.txt")]);
    await first;
    expect(draft.files.map(({ name }) => name)).toEqual(["report.pdf", "later.txt"]);
  });
});
