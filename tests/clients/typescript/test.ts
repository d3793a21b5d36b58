// What the tests are given: one house for each worker, a new agent for each test.

import { test as plain } from "@playwright/test";

import { Agent, type Settings } from "./agent.ts";
import { House } from "./house.ts";

interface Given {
  /** Every seat debates until a test says otherwise. */
  house: House;
  agent: Agent;
}

export const test = plain.extend<Given & Settings, { shared: House }>({
  version: ["2025-11-25", { option: true }],
  shared: [
    async ({}, use) => {
      const house = await House.build();
      await use(house);
      await house.end();
    },
    { scope: "worker" },
  ],
  house: async ({ shared }, use) => {
    await shared.play();
    await use(shared);
  },
  agent: async ({ house, version }, use) => {
    const agent = await Agent.open(house.mcp, house.key, version);
    await use(agent);
    await agent.close();
  },
});
