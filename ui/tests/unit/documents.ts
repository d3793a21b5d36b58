/** Markdown as models write it, one document for each trap on the way from shown words to their place. */
export const documents: [string, string][] = [
  ["prose", "Usage aligns incentives. Seats do not.\n\nSecond paragraph,\nbroken over lines.\n\nThird.\n"],
  ["emphasis", "**Usage-based, with a floor.** That *most* pilots ~~never~~ start at `three`.\n\nA ***both*** and __other__ _one_.\n"],
  ["lists", "What I would ship:\n\n1. A floor of $99.\n2. Three cents a run,\n   with a hard cap.\n   - nested one\n   - nested two\n\n     with a paragraph\n3. Above 25.\n\n* [ ] open\n* [x] done\n"],
  ["quotes", "> Seats are easier to sell.\n> Usage aligns\n> incentives.\n>\n> > deeper words\n\nafter\n"],
  ["headings", "# One\n\nTwo\n===\n\n### Three `code` #\n\ntext\n"],
  ["code", "Before\n\n```rust\nfn main() {\n    println!(\"hi\");\n}\n```\n\n    indented code\n    more\n\nAfter `in ``line`.\n"],
  ["tables", "| seat | cost |\n|---|:-:|\n| A | $0.01 |\n| - | **bold** |\n| x \\| y | z |\n\nafter\n"],
  ["links", "See [the docs](https://x.test/a_(b) \"title\") and https://x.test/auto and <https://x.test/angle>, [ref][r].\n\n[r]: https://x.test/ref\n\nLast words.\n"],
  ["entities and escapes", "AT&amp;T &lt;tag&gt; \\*not em\\* 5 &#x2014; 6 &nope; done\n"],
  ["other scripts", "Die Größe zählt.\n\n數據庫**很重要**。事件存儲 🦉 夜。\n\n- élan vital\n"],
  ["html", "<details>\n<summary>more</summary>\n</details>\n\nText <br> with <b>tags</b>.\n"],
  ["a rule", "One\n\n---\n\nTwo\n\n***\n\nThree\n"],
];

/** A small seeded generator, so that a failure names the document that made it. */
export function randomDocument(seed: number): string {
  const next = mulberry(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;
  const words = () => Array.from({ length: 1 + Math.floor(next() * 6) }, () => pick(WORDS)).join(" ");
  const dressed = () => pick(DRESS)(words());
  const sentence = () => Array.from({ length: 1 + Math.floor(next() * 3) }, dressed).join(" ");
  return Array.from({ length: 1 + Math.floor(next() * 6) }, () => pick(BLOCKS)(sentence, pick(WORDS))).join("\n\n");
}

const WORDS = ["a", "the", "usage", "1", "-", "Größe", "數據", "🦉", "x_y", "$5", "&amp;", "5*3", "(x)", "end."] as const;
const DRESS: ((words: string) => string)[] = [
  (words) => words,
  (words) => `**${words}**`,
  (words) => `*${words}*`,
  (words) => `\`${words}\``,
  (words) => `[${words}](https://x.test/${words.length})`,
];
const BLOCKS: ((sentence: () => string, word: string) => string)[] = [
  (sentence) => `${sentence()}\n${sentence()}`,
  (sentence) => `- ${sentence()}\n- ${sentence()}\n  ${sentence()}\n  - ${sentence()}`,
  (sentence) => `1. ${sentence()}\n2. ${sentence()}`,
  (sentence) => `> ${sentence()}\n> ${sentence()}`,
  (sentence, word) => `## ${word} ${sentence()}`,
  (sentence, word) => `\`\`\`\n${sentence()}\n  ${word}\n\`\`\``,
  (sentence, word) => `| ${word} | b |\n|---|---|\n| ${word} | ${sentence()} |`,
];

function mulberry(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
