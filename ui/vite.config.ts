import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { Plugin, Rolldown } from "vite";
import { defineConfig } from "vitest/config";

import { isOfCatalogue, wordsByUse } from "./bundling/words-by-use.ts";

const ENTRY = resolve(import.meta.dirname, "index.html");

// All that the first screen needs, in one file. What a later screen needs as well would else be a file of its own, and
// a window asks for each of its files and waits for it.
function atStart(): Rolldown.CodeSplittingGroup {
  const needed = new Set<string>();
  const gather = (id: string, context: Rolldown.ChunkingContext) => {
    if (needed.has(id)) return;
    needed.add(id);
    for (const imported of context.getModuleInfo(id)?.importedIds ?? []) gather(imported, context);
  };
  return {
    debugName: "start",
    name(id, context) {
      gather(ENTRY, context);
      return needed.has(id) ? "start" : null;
    },
  };
}

// The words of all later screens, in one file: most of them say some of another's.
function catalogue(): Rolldown.CodeSplittingGroup {
  return { debugName: "catalogue", name: "catalogue", test: isOfCatalogue };
}

// A script with a letter beyond Latin-1 is kept with two bytes for each of its letters, in WebKit and in Chromium.
function asAscii(): Plugin {
  const escaped = (letter: string) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return {
    name: "as-ascii",
    enforce: "post",
    generateBundle(_options, bundle) {
      for (const file of Object.values(bundle)) if (file.type === "chunk") file.code = file.code.replace(/[^\x00-\x7f]/g, escaped);
    },
  };
}

/** The letters of `html`, in pixels. */
function rootLetters(): number {
  const size = /^html \{ font-size: (\d+)px;/m.exec(readFileSync(resolve(import.meta.dirname, "src/styles/base.css"), "utf8"))?.[1];
  if (!size) throw new Error("src/styles/base.css gives html no letters in pixels");
  return Number(size);
}

// WebKit measures a container with the window's zoom and a query's pixels without it, so that nothing made room at 200 %.
// What is told in letters of the page grows with it: https://drafts.csswg.org/css-conditional-5/#container-queries
function containersInLetters(): Plugin {
  const root = rootLetters();
  const inLetters = (query: string) => query.replace(/([\d.]+)px/g, (_, px: string) => `${Number(px) / root}rem`);
  return {
    name: "containers-in-letters",
    enforce: "pre",
    transform: (code, id) => (/\.css$/.test(id) ? code.replace(/@container[^{]+/g, inLetters) : null),
  };
}

type Shape = [tag: string, attributes: Record<string, string>];

// Lucide's own component makes its shapes one by one from data, with whatever attributes it is given: on the first screen
// that was a quarter of the time in which it is built. Here each icon is one piece of markup. It takes `size`,
// `strokeWidth` and `class`, and is hidden from screen readers: what it means is said beside it.
function plainIcons(): Plugin {
  const attributesOf = (given: Record<string, string>) => Object.entries(given).map(([name, value]) => ` ${name}="${value}"`).join("");
  return {
    name: "plain-icons",
    enforce: "pre",
    transform(code, id) {
      if (!/@lucide\/svelte\/dist\/icons\/[^/]+\.svelte$/.test(id)) return null;
      const data = /^const iconData = (.+);$/m.exec(code)?.[1];
      if (!data) return this.error("Lucide keeps the data of its icons otherwise than this reads them.");
      const { name, size, node } = JSON.parse(data) as { name: string; size: number; node: Shape[] };
      const shapes = node.map(([tag, attributes]) => `<${tag}${attributesOf(attributes)} />`).join("");
      const frame = attributesOf({ viewBox: `0 0 ${size} ${size}`, fill: "none", stroke: "currentColor", "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true" });
      return `<script>let { size = ${size}, strokeWidth = 2, class: more = "" } = $props();</script>
        <svg${frame} width={size} height={size} stroke-width={strokeWidth} class="lucide-${name} {more}">${shapes}</svg>`;
    },
  };
}

// Tauri's dev window and `husting serve` both load the same bundle, one from its own
// protocol and one from under /console/, so every address in it is relative.
// In the mode "licences" the build also tells which packages it took in: ./dev package
export default defineConfig(({ mode }) => ({
  base: "./",
  plugins: [plainIcons(), containersInLetters(), svelte(), wordsByUse(), asAscii()],
  server: { port: 5317, strictPort: true },
  // Below 16.4 a rule for what goes from right to left becomes one for languages, which no name of somebody else's tells.
  build: { target: "safari16", cssTarget: "safari16.4", assetsInlineLimit: 0, sourcemap: false, rolldownOptions: { checks: { bundlerTimings: false }, output: { codeSplitting: { groups: [atStart(), catalogue()] } } }, license: mode === "licences" && { fileName: "licences.json" } },
  resolve: process.env.VITEST ? { conditions: ["browser"] } : {},
  test: {
    environment: "jsdom",
    include: ["tests/unit/**/*.test.ts"],
    setupFiles: ["tests/unit/setup.ts"],
    testTimeout: 20_000,
    // Left to itself it leaves a core to others, and of two that is half.
    maxWorkers: "100%",
    restoreMocks: true,
  },
}));
