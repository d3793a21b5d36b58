import { describe, expect, test } from "vitest";
import { SourceMap } from "../../src/markdown/bytes";
import { fragmentWords, titleWords } from "../../src/markdown/fragment";
import { cutRuns } from "../../src/markdown/marks";
import { BlockStream } from "../../src/markdown/stream";
import { readBlocks, type Node, type Piece } from "../../src/markdown/tree";
import { finished } from "../../src/markdown/unfinished";
import { documents, randomDocument } from "./documents";

function pieces(nodes: Node[]): Piece[] {
  return nodes.flatMap((node) => {
    if (node.kind === "text") return [node];
    const head = node.kind === "table" ? pieces(node.head) : [];
    return "children" in node ? [...head, ...pieces(node.children)] : head;
  });
}

const allPieces = (text: string) => readBlocks(text).flatMap((block) => pieces(block.nodes));
const shown = (text: string) => allPieces(text).map((piece) => piece.text).join("");

describe("every shown word knows where it stands", () => {
  test.each(documents)("in a document with %s", (_, text) => {
    const lost = allPieces(text).filter((piece) => piece.start === null && /\w/.test(piece.text));
    expect(lost).toEqual([]);
    for (const { text: words, start, end } of allPieces(text)) {
      if (start === null || end === null || end - start !== words.length) continue;
      expect(text.slice(start, end)).toBe(words);
    }
  });

  test("in 300 documents put together at random", () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const text = randomDocument(seed);
      let last = 0;
      for (const { text: words, start, end } of allPieces(text)) {
        if (start === null || end === null) continue;
        expect(start, `seed ${seed}: order`).toBeGreaterThanOrEqual(last);
        last = end;
        if (end - start === words.length) expect(text.slice(start, end), `seed ${seed}`).toBe(words);
      }
    }
  });

  test("a repeated word in markup is not taken for the one in the text", () => {
    const [found] = allPieces("- a\n- [-](https://x.test/-) -\n").filter((piece) => piece.text === " -");
    expect(found?.start).toBe(27);
    expect(allPieces("1. 1\n2. 2\n").map((piece) => piece.start)).toEqual([3, 8]);
  });
});

test("raw HTML, scripts and images come out as words", () => {
  const text = '<script>alert(1)</script>\n\nHi <img src=x onerror=alert(1)> ![alt](https://x.test/p.png)\n';
  expect(shown(text)).toContain("<script>alert(1)</script>");
  expect(shown(text)).toContain("<img src=x onerror=alert(1)>");
  expect(shown(text)).toContain("alt");
  expect(JSON.stringify(readBlocks(text)), "an image leads nowhere").not.toContain("x.test");
});

test("a link with another scheme is only its words", () => {
  const others = ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "vbscript:x", "//x.test", "/x", "#x", "javascript:location='https://x.test'"].map((href) => `[word](${href})`).join(" ");
  expect(shown(others)).toBe(Array(8).fill("word").join(" "));
  expect(JSON.stringify(readBlocks(others))).not.toContain('"link"');
  const kinds = JSON.stringify(readBlocks("[x](javascript:alert(1)) [y](https://x.test)"));
  expect(kinds).not.toContain("javascript");
  expect(kinds).toContain('"href":"https://x.test"');
});

test("entities show as their character and keep their place", () => {
  const found = allPieces("a &amp; b").find((piece) => piece.text === "&");
  expect(found).toEqual({ kind: "text", text: "&", start: 2, end: 7 });
});

describe("bytes, units and line ends", () => {
  test("a mark in bytes finds its words behind CRLF, umlauts, CJK and a pair", () => {
    const source = "Größe\r\n數據 🦉 owl\r\n";
    const map = new SourceMap(source);
    const encoded = new TextEncoder().encode(source);
    const start = new TextEncoder().encode(source.slice(0, source.indexOf("owl"))).length;
    expect(map.slice(start, start + 3)).toBe("owl");
    expect(map.byteAt(map.text.length)).toBe(encoded.length);
    for (let unit = 0; unit < map.text.length; unit += 1) {
      const byte = map.byteAt(unit);
      expect(map.byteAt(map.unitAt(byte))).toBe(byte);
    }
  });
});

test("a piece is cut where marks begin and end", () => {
  const piece: Piece = { kind: "text", text: "Usage aligns incentives.", start: 10, end: 34 };
  const runs = cutRuns(piece, [
    { start: 10, end: 34, kind: "chosen", order: 0 },
    { start: 16, end: 22, kind: "words", order: 1 },
  ]);
  expect(runs.map((run) => [run.text, run.marks.map((mark) => mark.kind)])).toEqual([
    ["Usage ", ["chosen"]],
    ["aligns", ["chosen", "words"]],
    [" incentives.", ["chosen"]],
  ]);
});

describe("streaming", () => {
  test("reads to the same blocks as the whole text, and keeps what is finished", () => {
    // A reference defined below its use is only known once the text is whole, and then it is read whole.
    for (const [name, text] of documents.filter(([kind]) => kind !== "links")) {
      const stream = new BlockStream();
      let [before, after] = [stream.read(""), stream.read("")];
      for (let end = 1; end <= text.length; end += 7) {
        before = after;
        after = stream.read(text.slice(0, end));
      }
      after = stream.read(text);
      expect(after, name).toEqual(readBlocks(text));
      if (after.length > 4) expect(after[0], name).toBe(before[0]);
    }
  });

  test("shows no marker of emphasis or code that is still to be closed", () => {
    const text = "*Stance: KEEP* and **bold _both_** with `code` here.\n\n- *first* item\n- **second** one\n\n***Both*** end";
    for (let end = 1; end <= text.length; end += 1) {
      const stream = new BlockStream();
      const shown = stream.read(text.slice(0, end)).flatMap(({ nodes }) => pieces(nodes));
      expect(shown.map((piece) => piece.text).join(""), text.slice(0, end)).not.toMatch(/[*_`]/);
      for (const piece of shown) if (piece.start !== null) expect(text.slice(piece.start, piece.end!)).toBe(piece.text);
    }
  });

  test("leaves signs that are no markers, and fenced code, as they are", () => {
    for (const text of ["5*3 is 15", "2 * 3 and snake_case_name x", "a\\*b", "```\n*x = `1\n", "* item", "~~~\n**kwargs"]) expect(finished(text)).toBe(text);
  });

  test("starts again when the text is another one", () => {
    const stream = new BlockStream();
    stream.read("One.\n\nTwo.\n\nThree.\n\nFour.\n\n");
    expect(stream.read("Other.")).toEqual(readBlocks("Other."));
  });
});

describe("a piece cut out of Markdown", () => {
  test.each([
    ["| value | |---|", "value"],
    ["…the event | cost | 40 | |---|---| | a | b…", "…the event cost 40 a b…"],
    ["Retention.* Then more", "Retention. Then more"],
    ["half **bold", "half bold"],
    ["…end** of it", "…end of it"],
    ["# Head and ## another", "Head and another"],
    ["- an item", "an item"],
    ["see [the docs](https://x.test/a) now", "see the docs now"],
    ["```rust fn main()", "rust fn main()"],
    ["~~never~~ and _once_ and __twice__", "never and once and twice"],
  ])("%s is read as %s", (piece, words) => expect(fragmentWords(piece)).toBe(words));

  test.each(["5*3 and a * b", "ls | grep x", "a_b_c and snake_case", "C# or F#", "1 - 2 -- 3", "x > y", "…cut words…", "[id] (x)"])("and %s stays as it is", (piece) => expect(fragmentWords(piece)).toBe(piece));

  test.each([
    ["# Does the *manifest* go into `depot.toml`?", "Does the manifest go into depot.toml?"],
    ["> **Night run**: 5 * 3 or 2 ** 8, in C#", "Night run: 5 * 3 or 2 ** 8, in C#"],
    ["Should we ignore *.lock and *.toml in git?", "Should we ignore *.lock and *.toml in git?"],
    ["Use **kwargs or a struct?", "Use **kwargs or a struct?"],
    ["Is a --- b fine, or a | b?", "Is a --- b fine, or a | b?"],
    ["Is `a_b` in [the docs](https://x.test/a) ~~not~~ _there_?", "Is a_b in the docs not there?"],
    ["Does the *manifest of **the…", "Does the manifest of the…"],
    ["<img src=x> & <b>bold</b>", "<img src=x> & <b>bold</b>"],
    ["***", "***"],
  ])("the title %s is told as %s", (title, words) => expect(titleWords(title)).toBe(words));
});
