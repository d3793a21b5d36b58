// Tests that are given a house.

import { Discord } from "../harness/discord.ts";
import { Panel } from "../harness/panel.ts";
import { Programs } from "../harness/programs.ts";
import { test as base } from "../harness/test.ts";
import { fail, furnish, type House } from "./houses.ts";
import { HARD, USUAL, type Words } from "./words.ts";

/** The houses, in the order in which they are walked through. */
export const HOUSES = ["empty", "filled", "hard", "failing"] as const;
export type HouseName = (typeof HOUSES)[number];

interface Given {
  /** Which house; an option. */
  houseName: HouseName;
  words: Words;
  discord: Discord;
  programs: Programs;
  house: House;
}

export const test = base.extend<Given>({
  houseName: ["empty", { option: true }],
  words: async ({ houseName }, use) => use(houseName === "hard" ? HARD : USUAL),
  discord: async ({ words }, use) => {
    const { server, people, channels } = words.discord;
    const discord = await Discord.start({ server, people, channels });
    await use(discord);
    await discord.stop();
  },
  programs: async ({}, use) => {
    const programs = await Programs.fresh();
    await use(programs);
    await programs.end();
  },
  // Whoever begins has Discord's portal before them, and no sandbox.
  serverEnv: async ({ houseName, discord, programs }, use) => use({ ...(houseName === "empty" ? {} : discord.env), ...programs.env }),
  house: async ({ houseName, words, page, husting, discord, programs }, use) => {
    if (houseName === "empty") return use({ things: {}, sought: "zzz" });
    const panel = await Panel.seat(husting, { limit: words.limit, names: words.seats });
    const ground = { page, husting, discord, programs };
    await use(houseName === "failing" ? await fail(words, panel, ground) : await furnish(words, panel, ground));
    await panel.stop();
  },
});
