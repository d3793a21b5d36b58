import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

// Tauri's dev window and `husting serve` both load the same bundle, one from its own
// protocol and one from under /console/, so every address in it is relative.
// In the mode "licences" the build also tells which packages it took in: ./dev package
export default defineConfig(({ mode }) => ({
  base: "./",
  plugins: [svelte()],
  server: { port: 5317, strictPort: true },
  build: { target: "safari16", cssTarget: "safari16", assetsInlineLimit: 0, sourcemap: false, license: mode === "licences" && { fileName: "licences.json" } },
  resolve: process.env.VITEST ? { conditions: ["browser"] } : {},
  test: {
    environment: "jsdom",
    include: ["tests/unit/**/*.test.ts"],
    setupFiles: ["tests/unit/setup.ts"],
    testTimeout: 20_000,
    restoreMocks: true,
  },
}));
