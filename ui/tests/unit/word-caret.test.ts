import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { onLine, WordCaret, wordsIn } from "../../src/markdown/word-caret";

function drawn(html: string): HTMLElement {
  const root = document.body.appendChild(document.createElement("div"));
  root.innerHTML = html;
  return root;
}

const shown = (root: HTMLElement) =>
  wordsIn(root).map(({ start, end }) => {
    const range = document.createRange();
    range.setStart(start.node, start.offset);
    range.setEnd(end.node, end.offset);
    return range.toString();
  });
const selected = () => document.getSelection()!.toString();

afterEach(() => {
  document.getSelection()?.removeAllRanges();
  document.body.replaceChildren();
});

describe("the words of drawn text", () => {
  test("run through marks and emphasis, and never from one paragraph into the next", () => {
    expect(shown(drawn("<p>Use <strong>up</strong><span>casters</span>, don’t build.</p><p>Why</p><ul><li>not</li></ul>"))).toEqual([
      "Use", "upcasters", "don’t", "build", "Why", "not",
    ]);
  });

  test("are words in scripts without spaces too", () => {
    const words = shown(drawn("<p>我们使用数据库。</p>"));
    expect(words.length).toBeGreaterThan(1);
    expect(words.join("")).toBe("我们使用数据库");
  });
});

describe("a caret among words", () => {
  const begin = (near: string | null = null) => {
    const root = drawn("<p>A unique (stream, version) key</p><p>gives <mark>optimistic</mark> concurrency.</p>");
    return WordCaret.in(root, near ? root.querySelector(near) : null)!;
  };

  test("stands at one word and takes any run of them, in both directions", () => {
    const caret = begin();
    expect(selected()).toBe("A");
    caret.step(1, false);
    caret.step(1, true);
    caret.step(1, true);
    expect(selected()).toBe("unique (stream, version");
    caret.step(-1, true);
    expect(selected()).toBe("unique (stream");
    for (let each = 0; each < 4; each += 1) caret.step(-1, true);
    expect(selected()).toBe("A unique");
    caret.rest();
    expect(selected()).toBe("A");
  });

  test("stays inside the text", () => {
    const caret = begin();
    caret.step(-1, false);
    expect(selected()).toBe("A");
    caret.step(99, false);
    expect(selected()).toBe("concurrency");
  });

  test("begins at the words under discussion", () => {
    begin("mark");
    expect(selected()).toBe("optimistic");
  });

  test("has nowhere to stand without words", () => expect(WordCaret.in(drawn("<p>…</p>"), null)).toBeNull());

  describe("on lines as they are drawn", () => {
    const LINES = ["A unique stream", "version key gives", "optimistic concurrency"];
    // jsdom draws nothing: each word stands on the line that has it, in a box a little lower where the word is long.
    function rectOf(this: Range): DOMRect {
      const word = this.toString();
      const line = LINES.findIndex((each) => each.split(" ").includes(word));
      return new DOMRect((LINES[line] ?? "").indexOf(word) * 8, line * 20, word.length * 8, word.length > 6 ? 18 : 16);
    }

    beforeEach(() => void Object.defineProperty(Range.prototype, "getBoundingClientRect", { configurable: true, value: rectOf }));
    afterEach(() => void Reflect.deleteProperty(Range.prototype, "getBoundingClientRect"));

    test.each([
      [1, "unique", "A", "stream"],
      [4, "key", "version", "gives"],
      [7, "concurrency", "optimistic", "concurrency"],
    ])("goes to the first and the last word of its own (%i)", (steps, word, first, last) => {
      const caret = begin();
      caret.step(steps, false);
      expect(selected()).toBe(word);
      caret.edge(1, false);
      expect(selected()).toBe(last);
      caret.edge(-1, false);
      expect(selected()).toBe(first);
    });

    test("takes the words up to either end", () => {
      const caret = begin();
      caret.step(1, false);
      caret.edge(1, true);
      expect(selected()).toBe("unique (stream");
      caret.edge(-1, true);
      expect(selected()).toBe("A unique");
    });
  });

  test("goes to the nearest word of the line above or below", () => {
    const lines = [[0, 40, 90], [0, 55, 95], [0]];
    const rects = lines.flatMap((lefts, line) => lefts.map((left) => new DOMRect(left, line * 20, 30, 16)));
    expect(onLine(rects, 1, 1)).toBe(4);
    expect(onLine(rects, 4, -1)).toBe(1);
    expect(onLine(rects, 2, 1)).toBe(5);
    expect(onLine(rects, 4, 1)).toBe(6);
    expect([onLine(rects, 6, 1), onLine(rects, 1, -1)]).toEqual([6, 0]);
  });
});
