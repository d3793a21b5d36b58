import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import type { ESTree, Plugin } from "vite";
import { normalizePath, parseAst, Visitor } from "vite";

const CATALOGUE = normalizePath(resolve(import.meta.dirname, "../src/messages/"));
const INDEX = `${CATALOGUE}/index.ts`;
/** What the catalogue is called by whoever reads it. */
const NAME = "m";
/** How it is imported. */
const SOURCE = /(^|\/)messages(\/index)?$/;
/** The module of one word, such as `hall.ts?word=hall.first.title`; the end says in which language its file is. */
const WORD = /\?word=([\w.]+)&lang\.ts$/;

/** Whether a module is a part of the message catalogue. */
export const isOfCatalogue = (id: string) => id.startsWith(`${CATALOGUE}/`);

/**
 * Tree-shakes the message catalogue by the word. A bundler leaves out what a module exports and nobody imports, but no
 * property of an object, and keeps a module in one file. Here `m.hall.first.title` becomes an import of a module that has
 * that word alone, so that it comes with the screen that says it.
 *
 * An alias (`const s = m.hall`) takes the part whole. What is read at several depths is there several times: words are
 * said, and never compared by identity. A build has the one language of `messages/index.ts`.
 */
export function wordsByUse(): Plugin {
  const parts = partsOf(readFileSync(INDEX, "utf8"));
  const files = new Set([INDEX, ...[...parts.values()].map(({ file }) => file)]);
  return {
    name: "words-by-use",
    apply: "build",
    enforce: "post",
    async transform(code, id) {
      const word = isOfCatalogue(id) ? WORD.exec(id)?.[1] : undefined;
      if (word) return wordAlone(code, word.split(".")) ?? this.error(`The catalogue has no ${word} that could be read by itself.`);
      if (!code.includes("messages")) return null;
      for (const from of importsOf(code).filter(({ source }) => SOURCE.test(source.value))) {
        if ((await this.resolve(from.source.value, id))?.id !== INDEX) continue;
        return eachWordImported(code, from, parts) ?? this.error(`Import the catalogue as { ${NAME} }, read it as ${NAME}.part.word, and call nothing else ${NAME}.`);
      }
      return null;
    },
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== "chunk" || !chunk.isEntry) continue;
        const whole = chunk.moduleIds.find((id) => files.has(id));
        if (whole) this.error(`What the first screen needs takes all of ${whole}. Have it name the words it says, without an alias for the part.`);
      }
    },
  };
}

/** A part of the catalogue: where it is written and what it is. */
interface Part {
  file: string;
  words: ESTree.ObjectExpression;
}

/** The parts of the catalogue by their names, each of which is the name that its own file exports. */
export function partsOf(index: string): Map<string, Part> {
  const parts = new Map<string, Part>();
  for (const { source, specifiers } of importsOf(index)) {
    const file = `${normalizePath(resolve(CATALOGUE, source.value))}.ts`;
    const code = readFileSync(file, "utf8");
    for (const { local } of specifiers) {
      const words = declared(code, local.name)?.words;
      if (words) parts.set(local.name, { file, words });
    }
  }
  const whole = declared(index, NAME)?.words.properties ?? [];
  const isPart = (each: ESTree.ObjectProperty | ESTree.SpreadElement) => each.type === "Property" && each.shorthand && each.key.type === "Identifier" && parts.has(each.key.name);
  if (whole.length === 0 || !whole.every(isPart)) throw new Error(`${INDEX} has something in ${NAME} that is not the part of its name.`);
  return parts;
}

/** The statement of `code` that exports the object of this name. */
function declared(code: string, name: string): { statement: ESTree.Span; words: ESTree.ObjectExpression } | null {
  for (const statement of statementsOf(code)) {
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

/** Of a file of the catalogue, a module that exports one word as `word`; `null` where there is none. */
function wordAlone(code: string, [part = "", ...path]: string[]): string | null {
  const whole = declared(code, part);
  const said = whole && atPath(whole.words, path);
  if (!said) return null;
  const alone = edited(code, [{ ...rangeOf(whole.statement), to: `export const word = ${code.slice(said.start, said.end)};` }]);
  // A word, or what it calls, may read others of its part.
  if (namesIn(alone).has(part)) return `${code}\nexport const word = ${[part, ...path].join(".")};`;
  return withoutUnusedImports(alone);
}

/** Without what other words need: the bundler would leave it out, but take its file for one of those that are needed. */
function withoutUnusedImports(code: string): string {
  const imports = importsOf(code);
  const read = namesIn(edited(code, imports.map((each) => ({ ...rangeOf(each), to: "" }))));
  const unused = imports.filter(({ specifiers }) => specifiers.length > 0 && !specifiers.some(({ local }) => read.has(local.name)));
  return edited(code, unused.map((each) => ({ ...rangeOf(each), to: "" })));
}

/** `code` with an import for each word that it reads as `m.part.word`; `null` where it does anything else with `m`. */
function eachWordImported(code: string, from: ESTree.ImportDeclaration, parts: Map<string, Part>): string | null {
  const [all, ...others] = from.specifiers;
  if (all?.type !== "ImportSpecifier" || !isNamed(all.imported, NAME) || all.local.name !== NAME || others.length > 0) return null;
  const imports = new Set<string>();
  const edits = new Map<number, Edit>();
  const read = (node: ESTree.MemberExpression) => {
    const [object, name = "", ...path] = chainOf(node);
    const part = parts.get(name);
    // The outermost comes first: of what was read already, the inner part is not read again.
    if (object !== NAME || !part || !atPath(part.words, path) || edits.has(node.start)) return;
    const local = [NAME, name, ...path].join("_");
    const module = path.length > 0 ? `${part.file}?word=${[name, ...path].join(".")}&lang.ts` : part.file;
    imports.add(`import { ${path.length > 0 ? "word" : name} as ${local} } from ${JSON.stringify(module)};`);
    edits.set(node.start, { ...rangeOf(node), to: local });
  };
  let named = 0;
  const program = parseAst(code);
  program.body = program.body.filter((each) => each.start !== from.start);
  new Visitor({ MemberExpression: read, Identifier: ({ name }) => void (named += Number(name === NAME)) }).visit(program);
  if (named !== edits.size) return null;
  return edited(code, [...edits.values(), { ...rangeOf(from), to: [...imports].join("") }]);
}

/** The names of `one.two.three`; none of any other expression. */
function chainOf(node: ESTree.Expression): string[] {
  if (node.type === "Identifier") return [node.name];
  if (node.type !== "MemberExpression" || node.computed || node.property.type !== "Identifier") return [];
  const object = chainOf(node.object);
  return object.length > 0 ? [...object, node.property.name] : [];
}

/** Every name that `code` gives or reads; what an object has under a name is none. */
function namesIn(code: string): Set<string> {
  const names = new Map<number, string>();
  const keys = new Set<number>();
  new Visitor({
    Identifier: ({ name, start }) => void names.set(start, name),
    MemberExpression: ({ computed, property }) => void (computed || keys.add(property.start)),
    Property: ({ computed, shorthand, key }) => void (computed || shorthand || keys.add(key.start)),
  }).visit(parseAst(code));
  return new Set([...names].flatMap(([start, name]) => (keys.has(start) ? [] : [name])));
}

const statementsOf = (code: string) => parseAst(code, { lang: "ts" }).body;

const importsOf = (code: string) => statementsOf(code).filter((each) => each.type === "ImportDeclaration");

const isNamed = (node: ESTree.Node, name: string) => node.type === "Identifier" && node.name === name;

interface Edit extends ESTree.Span {
  to: string;
}

const rangeOf = ({ start, end }: ESTree.Span) => ({ start, end });

function edited(code: string, edits: Edit[]): string {
  return edits.sort((a, b) => b.start - a.start).reduce((so, { start, end, to }) => so.slice(0, start) + to + so.slice(end), code);
}
