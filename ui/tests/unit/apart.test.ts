import { expect, test } from "vitest";
import { m } from "../../src/messages";
import { apart } from "../../src/messages/apart";

const TITLE = "מה מחיר המכס?";

test("words from the right stand apart in a sentence of ours, others stand as they are", () => {
  expect(m.deliberations.archivedDone(TITLE)).toBe(`Archived “\u2068${TITLE}\u2069”.`);
  expect(m.deliberations.archivedDone("Größe, 數據 and 5")).toBe("Archived “Größe, 數據 and 5”.");
});

test("a name cannot turn the sentence it stands in, nor end its own isolation", () => {
  expect(apart("ana\u202Etxt.exe")).toBe("anatxt.exe");
  expect(apart("ana\u2067")).toBe("ana");
  expect(apart(`\u2069${TITLE}`)).toBe(`\u2068${TITLE}\u2069`);
});

test("a sentence inside another keeps its own order", () => {
  expect(m.session.unverified.open(m.session.live.answerOf("נועה"))).toBe("Open \u2068\u2068נועה\u2069’s answer\u2069");
});

test("a command is written as it is run", () => {
  expect(m.convene.refused.pdf_without_text("מכס.pdf")).toContain('with ocrmypdf "מכס.pdf" "מכס.text.pdf" in');
});
