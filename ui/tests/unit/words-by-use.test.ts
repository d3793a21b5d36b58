import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Linter } from "eslint";
import type { ESTree, Plugin } from "vite";
import { transformWithOxc } from "vite";
import { describe, expect, it } from "vitest";
import { partsOf, wordsByUse } from "../../bundling/words-by-use.ts";

const CATALOGUE = resolve(import.meta.dirname, "../../src/messages");
const INDEX = resolve(CATALOGUE, "index.ts");
const hall = resolve(CATALOGUE, "hall.ts");

type Hooks = Plugin & { transform: (code: string, id: string) => Promise<string | null>; generateBundle: (options: object, bundle: object) => void };
const plugin = wordsByUse() as Hooks;
const bundler = {
  resolve: (source: string) => Promise.resolve({ id: source === "./messages" ? INDEX : `/${source}` }),
  error: (words: string) => {
    throw new Error(words);
  },
};

/** What the bundler is given for a module. */
const read = (code: string, id = "/screen.ts"): Promise<string | null> => plugin.transform.call(bundler as never, code, id);
const wordOf = (code: string, word: string): Promise<string | null> => read(code, `${hall}?word=${word}&lang.ts`);

/** Each name in the code that nothing gives it. */
function unknownIn(code: string): string[] {
  const found = new Linter().verify(code, [{ languageOptions: { globals: { Intl: false, console: false } }, rules: { "no-undef": "error" } }]);
  return found.map(({ message }) => message);
}

/** What stands in a part under a name of its own. */
const namesOf = (words: ESTree.ObjectExpression) => words.properties.flatMap((each) => (each.type === "Property" && each.key.type === "Identifier" ? [each.key.name] : []));

describe("the catalogue in a build", () => {
  it("is read word by word, each once, and no further than its text tells", async () => {
    const code = await read(`import { m } from "./messages";\nsay(m.hall.title, m.hall.title.length, m.hall.first.steps, m.hall);`);
    expect(code).toContain(`import { word as m_hall_title } from "${hall}?word=hall.title&lang.ts";`);
    expect(code).toContain(`import { hall as m_hall } from "${hall}";`);
    expect(code).toContain("say(m_hall_title, m_hall_title.length, m_hall_first_steps, m_hall);");
    expect(code?.match(/import/g)).toHaveLength(3);
  });

  it("is left alone where another is called the same, and by whoever does not read it", async () => {
    expect(await read(`import { m } from "./elsewhere/messages";\nsay(m.hall.title);`)).toBeNull();
    expect(await read(`import { m } from "./elsewhere";\nsay(m.hall.title);`)).toBeNull();
    expect(await read(`say("messages");`)).toBeNull();
  });

  it.each([
    `import { m } from "./messages";\nconst { hall } = m;`,
    `import { m } from "./messages";\nsay(m.hall.title, m[part]);`,
    `import { m } from "./messages";\nsay(m.hall.title, parts.map((m) => m.hall.title));`,
    `import { m as words } from "./messages";\nsay(words.hall.title);`,
    `import * as m from "./messages";\nsay(m.hall.title);`,
  ])("is refused whole: %s", async (code) => {
    await expect(read(code)).rejects.toThrow("m.part.word");
  });

  it("gives a word with what it needs of its file and without what others need", async () => {
    const code = `import { count } from "./count";\nimport { apart } from "./apart";\nconst two = 2;\nexport const hall = { first: { title: "One", of: (n) => count(n + two) }, other: apart("x") };`;
    const word = await wordOf(code, "hall.first.of");
    expect(word).toContain("export const word = (n) => count(n + two);");
    expect(word).toContain(`import { count } from "./count";`);
    expect(word).not.toContain("apart");
    await expect(wordOf(code, "hall.second")).rejects.toThrow("hall.second");
  });

  it.each([
    `export const hall = { title: "One", of: (n) => hall.title + n };`,
    `const said = () => hall.title;\nexport const hall = { title: "One", of: (n) => said() + n };`,
    `export const hall = { title: "One", of: (n) => { const { title } = hall; return title + n; } };`,
    `export const hall = { title: "One", of: (n) => said({ hall, n }) };\nfunction said(x) { return x.hall.title; }`,
  ])("keeps the others beside a word that reads them: %s", async (code) => {
    const word = (await wordOf(code, "hall.of")) ?? "";
    expect(unknownIn(word)).toEqual([]);
    expect(word).toContain("export const word = hall.of;");
  });

  it("reads a method as no word of its own", async () => {
    await expect(wordOf(`export const hall = { of(n) { return n; } };`, "hall.of")).rejects.toThrow("The catalogue has no hall.of");
  });

  it("reads no further into what is put together from another", async () => {
    await expect(wordOf(`const more = {};\nexport const hall = { first: { ...more, title: "One" } };`, "hall.first.title")).rejects.toThrow("hall.first.title");
  });

  it("has every word of every part with all that it names", async () => {
    for (const [part, { file, words }] of partsOf(readFileSync(INDEX, "utf8"))) {
      const { code } = await transformWithOxc(readFileSync(file, "utf8"), file);
      for (const name of namesOf(words)) {
        const word = await read(code, `${file}?word=${part}.${name}&lang.ts`);
        expect(unknownIn(word ?? ""), `${part}.${name}`).toEqual([]);
      }
    }
  });

  it("is one language: what is in it under another's name is refused", () => {
    expect(() => partsOf(`import { hall } from "./hall";\nimport { frame } from "./frame";\nexport const m = { hall: frame };`)).toThrow("m that is not the part");
  });

  it("is not taken whole by the first screen", () => {
    const bundle = (isEntry: boolean, whole = hall) => ({ "index.js": { type: "chunk", isEntry, moduleIds: ["/screen.ts", whole] } });
    expect(() => plugin.generateBundle.call(bundler as never, {}, bundle(true))).toThrow(hall);
    expect(() => plugin.generateBundle.call(bundler as never, {}, bundle(true, INDEX)), "passed on whole").toThrow(INDEX);
    expect(() => plugin.generateBundle.call(bundler as never, {}, bundle(false))).not.toThrow();
  });
});
