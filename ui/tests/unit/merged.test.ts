import { describe, expect, test } from "vitest";
import { merged, mergedWords } from "../../src/state/merged";

describe("words that two consoles changed at once", () => {
  test.each([
    ["only here", "Which?", "Which depot?", "Which?", "Which depot?"],
    ["only there", "Which?", "Which?", "Which depot?", "Which depot?"],
    ["alike", "", "Which depot?", "Which depot?", "Which depot?"],
    ["there further than here", "", "Which", "Which depot?", "Which depot?"],
    ["here further than there", "", "Which depot?", "Which", "Which depot?"],
    ["both behind what was known", "Which?", "Which? Mine.", "Which? Theirs.", "Which? Theirs.\n\nMine."],
    ["both, and nothing was known", "", "Mine.", "Theirs.", "Theirs.\n\nMine."],
    ["sent there while more was typed here", "Which?", "Which? And when?", "", "And when?"],
    ["sent here while more was typed there", "Which?", "", "Which? And when?", "And when?"],
    ["sent there", "Which?", "Which?", "", ""],
    ["written anew there", "Which?", "Which? Mine.", "Quite another.", "Quite another.\n\nMine."],
  ])("%s", (_, base, mine, theirs, both) => {
    expect(mergedWords(base, mine, theirs)).toBe(both);
  });
});

describe("a draft that two consoles changed at once", () => {
  const draft = (fields: object) => JSON.stringify(fields);

  test("has what either changed", () => {
    const base = draft({ prompt: "Which?", recap: false, blind: true });
    expect(JSON.parse(merged(base, draft({ prompt: "Which?", recap: true, blind: true }), draft({ prompt: "Which depot?", recap: false, blind: true })))).toEqual({
      prompt: "Which depot?",
      recap: true,
      blind: true,
    });
  });

  test("has mine where both changed what is no words, and both where it is", () => {
    const both = merged(draft({ prompt: "", to: "a" }), draft({ prompt: "Mine.", to: "b" }), draft({ prompt: "Theirs.", to: "c" }));
    expect(JSON.parse(both)).toEqual({ prompt: "Theirs.\n\nMine.", to: "b" });
    expect(JSON.parse(merged(draft({ name: "" }), draft({ name: "ines" }), draft({ name: "loom" })))).toEqual({ name: "ines" });
  });

  test("has what either added to a list, and nothing that either took out", () => {
    const [a, b, c, d] = ["a", "b", "c", "d"].map((quote) => ({ quote }));
    const list = (snippets: unknown[]) => draft({ snippets });
    expect(JSON.parse(merged(list([a, b]), list([b, c]), list([a, b, d])))).toEqual({ snippets: [b, d, c] });
    expect(JSON.parse(merged(list([a, b]), list([a, c]), list([a, b, c])))).toEqual({ snippets: [a, c] });
  });

  test("has an item once, with what each changed of it, and a choice of names as the one of them", () => {
    const snippet = (type: string, comment: string) => ({ type, quote: "A queue.", quoted_model: "gpt", comment });
    const of = (...snippets: object[]) => draft({ snippets });
    expect(JSON.parse(merged(of(snippet("KEEP", "")), of(snippet("KEEP", "Why?")), of(snippet("CORE", ""))))).toEqual({ snippets: [snippet("CORE", "Why?")] });
    const other = { ...snippet("KEEP", ""), quoted_model: "qwen" };
    expect(JSON.parse(merged(of(), of(snippet("KEEP", "")), of(other))), "the same words of another").toEqual({ snippets: [other, snippet("KEEP", "")] });
    const models = (...models: string[]) => draft({ models });
    expect(JSON.parse(merged(models("a"), models("a", "b"), models("c", "d")))).toEqual({ models: ["a", "b"] });
  });

  test("that was sent or dropped in one is gone in the other, but for what was typed behind it", () => {
    const base = draft({ prompt: "Which?", snippets: [{ quote: "a" }], recap: true });
    expect(merged(base, base, "")).toBe("");
    expect(merged(base, "", base)).toBe("");
    const more = draft({ prompt: "Which? And when?", snippets: [{ quote: "a" }], recap: true });
    expect(JSON.parse(merged(base, more, ""))).toEqual({ prompt: "And when?" });
    expect(JSON.parse(merged(base, "", more))).toEqual({ prompt: "And when?" });
    const added = draft({ prompt: "Which?", snippets: [{ quote: "a" }, { quote: "b" }], recap: true });
    for (const both of [merged(base, added, ""), merged(base, "", added)]) expect(JSON.parse(both), "what was sent is not sent again").toEqual({ snippets: [{ quote: "b" }] });
  });

  test("has words of each reader behind each other, and forgets whom nothing waits for any more", () => {
    const aside = (text: string) => ({ name: "loom", text, asks: false });
    const base = draft({ loom: aside("Before."), ines: aside("Gone.") });
    const both = merged(base, draft({ loom: aside("Before.\n\nMine."), ines: aside("Gone.") }), draft({ loom: aside("Before.\n\nTheirs."), kasra: aside("New.") }));
    expect(JSON.parse(both)).toEqual({ loom: aside("Before.\n\nTheirs.\n\nMine."), kasra: aside("New.") });
  });
});
