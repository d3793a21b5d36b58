// The console in Chromium against the real `husting serve`: ./dev test browser

import { execFileSync } from "node:child_process";

import { defineConfig } from "@playwright/test";

/** The system's own browser: nothing is downloaded. */
function chromium(): string {
  for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
    try {
      return execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim();
    } catch {
      continue; // called otherwise here
    }
  }
  throw new Error("no Chromium on the path: install your system's package chromium");
}

/** What walks through furnished houses. */
const HOUSES = ["fits.spec.ts", "reading.spec.ts"];

export default defineConfig({
  testDir: ".",
  projects: [
    // First: minutes of one worker, while the other goes through the rest.
    { name: "houses", testMatch: HOUSES },
    { name: "test", testMatch: "*.spec.ts", testIgnore: HOUSES },
    { name: "screenshots", testMatch: "screenshots/*.shots.ts" },
    { name: "gallery", testMatch: "gallery/gallery.ts" },
  ],
  outputDir: "../../.dev/browser",
  workers: 2,
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  // In CI, where nobody can look, a test that failed is run once more and then told of as flaky.
  retries: process.env.CI ? 1 : 0,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: [["list", { printSteps: false }]],
  use: {
    viewport: { width: 1360, height: 860 },
    locale: "en-US",
    timezoneId: "UTC",
    reducedMotion: "reduce",
    actionTimeout: 15_000,
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: chromium(),
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
