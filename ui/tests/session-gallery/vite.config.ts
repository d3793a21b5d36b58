import { svelte } from "@sveltejs/vite-plugin-svelte";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

// A session in each of its states, to look at; no part of the console that is shipped.
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "./",
  plugins: [svelte({ configFile: fileURLToPath(new URL("../../svelte.config.js", import.meta.url)) })],
  build: { outDir: fileURLToPath(new URL("../../node_modules/.session-gallery", import.meta.url)), emptyOutDir: true, assetsInlineLimit: 0 },
});
