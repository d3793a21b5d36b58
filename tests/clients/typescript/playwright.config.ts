// The official TypeScript client against the real `husting serve`, once in each protocol version: ./dev test mcp

import { defineConfig } from "@playwright/test";

import { VERSIONS, type Settings } from "./agent.ts";

// Deadlines take half a minute however they are asked about: one pass looks at them in all versions.
const SLOW = "deadlines.spec.ts";
// The bus has ways of its own, and its tests go through them themselves.
const BUS = ["bus.spec.ts", "channel.spec.ts"];

export default defineConfig<Settings>({
  testDir: ".",
  projects: [
    ...VERSIONS.map((version) => ({ name: version, testMatch: "*.spec.ts", testIgnore: [SLOW, ...BUS], use: { version } })),
    { name: "deadlines", testMatch: SLOW },
    { name: "bus", testMatch: BUS },
  ],
  outputDir: "../../../.dev/typescript",
  // They wait for rounds more than they compute.
  workers: 3,
  forbidOnly: Boolean(process.env.CI),
  retries: 0,
  timeout: 120_000,
  reporter: [["list", { printSteps: false }]],
});
