import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import type { ESTree, Plugin } from "vite";
import { parseAst, Visitor } from "vite";

const CATALOGUE = resolve(import.meta.dirname, "../src/messages");
const WHOLE = resolve(CATALOGUE, "index.ts");
/** What the catalogue is called. */
const ALL = "m";
/** What asks a file of the catalogue for one of its words, `hall.first.title`; the end says in which language the file is. */
const ONE = /\?word=([\w.]+)&lang\.ts$/;

/** Whether a module is a part of the message catalogue. */
export const isOfCatalogue = (id: string) => id.startsWith(CATALOGUE);

/**
 * Reads `m.hall.first.title` as an import of that word alone, so that the bundler puts each word where it is said. Whoever
 * writes or translates the catalogue has it as one object; read whole, it was a quarter of what the first screen waits for.
 */
export function wordsByUse(): Plugin {
  const parts = partsOf(readFileSync(WHOLE, "utf8"));
  return {
    name: "words-by-use",
    apply: "build",
    enforce: "post",
    async transform(code, id) {
      const word = ONE.exec(id)?.[1];
      if (word && isOfCatalogue(id)) return alone(code, word.split(".")) ?? this.error(`The catalogue has no ${word} that could be read by itself.`);
      if (!code.includes(ALL)) return null;
      for (const from of importsOf(code)) {
        const isAll = from.specifiers.some(({ local }) => local.name === ALL) && (await this.resolve(from.source.value, id))?.id === WHOLE;
        if (isAll) return eachAlone(code, from, parts) ?? this.error(`Read the catalogue as ${ALL}.part.word, and call nothing else ${ALL}.`);
      }
      return null;
    },
  };
}

/** A part of the catalogue: where it is written and what it is. */
interface Part {
  file: string;
  words: ESTree.ObjectExpression;
}

/** The parts of the catalogue, by the names under which the whole has them. */
function partsOf(whole: string): Map<string, Part> {
  const parts = new Map<string, Part>();
  for (const { source, specifiers } of importsOf(whole)) {
    const file = resolve(CATALOGUE, `${source.value}.ts`);
    const code = readFileSync(file, "utf8");
    for (const { local } of specifiers) {
      const words = declared(code, local.name)?.words;
      if (words) parts.set(local.name, { file, words });
    }
  }
  return parts;
}

/** The statement of `code` that exports the object of this name. */
function declared(code: string, name: string): { statement: ESTree.Span; words: ESTree.ObjectExpression } | null {
  for (const statement of parseAst(code, { lang: "ts" }).body) {
    if (statement.type !== "ExportNamedDeclaration" || statement.declaration?.type !== "VariableDeclaration") continue;
    const [object] = statement.declaration.declarations;
    if (object && isNamed(object.id, name) && object.init?.type === "ObjectExpression") return { statement, words: object.init };
  }
  return null;
}

/** What `object` has under `name`, where that can be told from its text and is no method. */
function valueOf(object: ESTree.Expression, name: string): ESTree.Expression | null {
  if (object.type !== "ObjectExpression" || object.properties.some((each) => each.type === "SpreadElement")) return null;
  const found = object.properties.find((each) => each.type === "Property" && !each.computed && isNamed(each.key, name));
  return found?.type === "Property" && !found.method ? found.value : null;
}

/** What stands under names, one within the other. */
const atPath = (object: ESTree.Expression, path: string[]) => path.reduce<ESTree.Expression | null>((so, name) => so && valueOf(so, name), object);

/** Of a file of the catalogue, a module that has one word and no other. */
function alone(code: string, [part = "", ...path]: string[]): string | null {
  const whole = declared(code, part);
  const said = whole && atPath(whole.words, path);
  // By itself it knows no other of its part.
  if (!said || names(code.slice(said.start, said.end), part)) return null;
  return withoutUnused(changed(code, [{ ...rangeOf(whole.statement), to: `export const word = ${code.slice(said.start, said.end)};` }]));
}

/** Whether an expression reads anything of what is called `name`. */
function names(expression: string, name: string): boolean {
  let found = false;
  new Visitor({ MemberExpression: ({ object }) => void (found ||= isNamed(object, name)) }).visit(parseAst(`(${expression})`));
  return found;
}

/** Without the imports that other words needed: they would be read for nothing. */
function withoutUnused(code: string): string {
  const named = new Map<string, number>();
  new Visitor({ Identifier: ({ name }) => void named.set(name, (named.get(name) ?? 0) + 1) }).visit(parseAst(code));
  const unused = importsOf(code).filter(({ specifiers }) => specifiers.every(({ local }) => named.get(local.name) === SAID_BY_IMPORT));
  return changed(code, unused.map((each) => ({ ...rangeOf(each), to: "" })));
}

/** `code` with an import for each word that it reads as `m.part.word`; `null` where it does anything else with `m`. */
function eachAlone(code: string, whole: ESTree.ImportDeclaration, parts: Map<string, Part>): string | null {
  const imports = new Set<string>();
  const changes = new Map<number, Change>();
  const read = (node: ESTree.MemberExpression) => {
    const [object, name = "", ...path] = chainOf(node);
    const part = parts.get(name);
    // It comes from the outside in: of what was read already, the inner part is not read again.
    if (object !== ALL || !part || !atPath(part.words, path) || changes.has(node.start)) return;
    const local = [ALL, name, ...path].join("_");
    const from = path.length > 0 ? `${part.file}?word=${[name, ...path].join(".")}&lang.ts` : part.file;
    imports.add(`import { ${path.length > 0 ? "word" : name} as ${local} } from ${JSON.stringify(from)};`);
    changes.set(node.start, { ...rangeOf(node), to: local });
  };
  let named = 0;
  new Visitor({ MemberExpression: read, Identifier: ({ name }) => void (named += Number(name === ALL)) }).visit(parseAst(code));
  if (named !== changes.size + SAID_BY_IMPORT) return null;
  return changed(code, [...changes.values(), { ...rangeOf(whole), to: [...imports].join("") }]);
}

/** The names of `one.two.three`; none of any other expression. */
function chainOf(node: ESTree.Expression): string[] {
  if (node.type === "Identifier") return [node.name];
  if (node.type !== "MemberExpression" || node.computed || node.property.type !== "Identifier") return [];
  const object = chainOf(node.object);
  return object.length > 0 ? [...object, node.property.name] : [];
}

/** `import { one }` names what it imports and what it is called here. */
const SAID_BY_IMPORT = 2;

const importsOf = (code: string) => parseAst(code, { lang: "ts" }).body.filter((each) => each.type === "ImportDeclaration");

const isNamed = (node: ESTree.Node, name: string) => node.type === "Identifier" && node.name === name;

interface Change extends ESTree.Span {
  to: string;
}

const rangeOf = ({ start, end }: ESTree.Span) => ({ start, end });

function changed(code: string, changes: Change[]): string {
  return changes.sort((a, b) => b.start - a.start).reduce((so, { start, end, to }) => so.slice(0, start) + to + so.slice(end), code);
}
