import { resolve } from "node:path";
import type { Plugin } from "vite";
import { describe, expect, it } from "vitest";
import { wordsByUse } from "../../bundling/words-by-use";

const CATALOGUE = resolve(import.meta.dirname, "../../src/messages");
const hall = resolve(CATALOGUE, "hall.ts");

/** What the bundler is given for a module. */
async function read(code: string, id = "/screen.ts"): Promise<string | null> {
  const { transform } = wordsByUse() as Plugin & { transform: (code: string, id: string) => Promise<string | null> };
  const bundler = {
    resolve: (source: string) => Promise.resolve({ id: source === "./messages" ? resolve(CATALOGUE, "index.ts") : `/${source}` }),
    error: (words: string) => Promise.reject(new Error(words)),
  };
  return transform.call(bundler as never, code, id) as Promise<string | null>;
}

describe("the catalogue in a build", () => {
  it("is read word by word, each once, and no further than its text tells", async () => {
    const code = await read(`import { m } from "./messages";\nsay(m.hall.title, m.hall.title.length, m.hall.first.steps, m.hall);`);
    expect(code).toContain(`import { word as m_hall_title } from "${hall}?word=hall.title&lang.ts";`);
    expect(code).toContain(`import { hall as m_hall } from "${hall}";`);
    expect(code).toContain("say(m_hall_title, m_hall_title.length, m_hall_first_steps, m_hall);");
    expect(code?.match(/import/g)).toHaveLength(3);
  });

  it("is left alone where another is called the same, and by whoever does not read it", async () => {
    expect(await read(`import { m } from "./elsewhere";\nsay(m.hall.title);`)).toBeNull();
    expect(await read(`import { other } from "./messages";\nsay(other);`)).toBeNull();
  });

  it.each(["const { hall } = m;", "say(m[part]);", "say(parts.map((m) => m.hall.title));"])("is refused whole: %s", async (code) => {
    await expect(read(`import { m } from "./messages";\nsay(m.hall.title);\n${code}`)).rejects.toThrow("m.part.word");
  });

  it("gives a word with what it needs of its file and without what others need", async () => {
    const code = `import { count } from "./count";\nimport { apart } from "./apart";\nconst two = 2;\nexport const hall = { first: { title: "One", of: (n) => count(n + two) }, other: apart("x") };`;
    const word = await read(code, `${hall}?word=hall.first.of&lang.ts`);
    expect(word).toContain("export const word = (n) => count(n + two);");
    expect(word).toContain(`import { count } from "./count";`);
    expect(word).not.toContain("apart");
    await expect(read(code, `${hall}?word=hall.second&lang.ts`)).rejects.toThrow("hall.second");
  });

  it("refuses a word that reads another of its part, which is not there beside it", async () => {
    const code = `export const hall = { title: "One", of: (n) => hall.title + n };`;
    await expect(read(code, `${hall}?word=hall.of&lang.ts`)).rejects.toThrow("hall.of");
    expect(await read(code, `${hall}?word=hall.title&lang.ts`)).toContain(`export const word = "One";`);
  });

  it("reads no further into what is put together from another", async () => {
    const code = `const more = {};\nexport const hall = { first: { ...more, title: "One" } };`;
    await expect(read(code, `${hall}?word=hall.first.title&lang.ts`)).rejects.toThrow("hall.first.title");
  });
});
