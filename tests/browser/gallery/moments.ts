// What stands only for a while: a token that is shown once or turned away, a receipt, a running round, credit used up, a connection lost.

import { expect, type Page } from "@playwright/test";

import { AgentsPage } from "../../pages/agents.ts";
import { ConsolePage } from "../../pages/console.ts";
import { DiscordPage } from "../../pages/discord.ts";
import { SessionPage } from "../../pages/session.ts";
import type { Husting } from "../harness/husting.ts";
import { when, type Panel } from "../harness/panel.ts";
import { rpc } from "../harness/rpc.ts";
import { answering } from "../harness/staging.ts";
import { settle, type Shown } from "./walk.ts";
import type { Words } from "./words.ts";

/** Who and what they are brought about with. */
export interface Stage {
  page: Page;
  husting: Husting;
  panel: Panel;
  words: Words;
}

/** What a browser says of a server that is gone. */
export const GONE = /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/;

/** Each begins where the one before has ended. */
export type Moments = Record<string, (stage: Stage) => Promise<void>>;

/** A bot's token of the right shape that no bot has. */
const WRONG = "MTE3ODIwNDQ1NTMxMDA5MTc0OA.Wrong0.x7Kq2nVbZ4mRt9LpYw3cHd8sJf6gUe1oAiQz5T";

/** Where much failed. */
export const FAILED: Moments = {
  "token-refused": async ({ page }) => {
    await new ConsolePage(page).goto("discord/setup");
    const bridge = new DiscordPage(page);
    await bridge.token.fill(WRONG);
    await bridge.test.click();
    await expect(bridge.findings).toContainText("Discord does not take it");
  },
};

/** Where everything is; after the last nothing answers any more. */
export const FURNISHED: Moments = {
  "token-once": async ({ page, words }) => {
    await new ConsolePage(page).goto("agents");
    await new AgentsPage(page).mint(words.newcomer);
  },
  "token-unkept": async ({ page }) => {
    await page.keyboard.press("Escape");
    await expect(new AgentsPage(page).once.getByRole("alert")).toBeVisible();
  },
  "kill-receipt": async ({ page, words }) => {
    const agents = new AgentsPage(page);
    await agents.once.getByRole("button", { name: "Close anyway" }).click();
    await new ConsolePage(page).goto(`agents/${words.newcomer}`);
    await page.getByRole("button", { name: "Revoke…" }).click();
    const sheet = page.getByRole("dialog", { name: `Revoke ${words.newcomer}?` });
    await sheet.getByRole("textbox").fill(words.newcomer);
    await sheet.getByRole("button", { name: "Revoke" }).click();
    await expect(agents.receipt).toContainText("counted from the log");
    // The page behind the sheet reads the row that the receipt names.
    await expect(page.getByRole("region", { name: "Audit", includeHidden: true })).toContainText("revoked");
  },
  "round-runs": async ({ page, panel, words }) => {
    await new AgentsPage(page).receipt.getByRole("button", { name: "Done" }).click();
    const cut = when("alder", { answer: { text: words.first.alder.answer }, fault: { kind: "cut", after_tokens: 20 } });
    const writes = when("rowan", { answer: { text: words.first.rowan.answer }, gates: [{ name: "moment", at: { before_token: 24 } }] });
    await panel.play([cut, writes, ...answering(words.first)]);
    const session = await new ConsolePage(page).ask(words.question);
    await expect(session.column(words.seats.larch)).toContainText("Answered");
    await expect(session.column(words.seats.alder)).toContainText("Failed");
    await expect(session.column(words.seats.rowan)).toContainText("Responding");
  },
  "credit-used-up": async ({ page, panel, words }) => {
    await panel.open("moment");
    const session = new SessionPage(page);
    await session.mapped();
    await rpc(page, "set_limit", { monthly: 50_000 });
    await session.prompt.fill(words.steering);
    await session.nextRound.click();
    await expect(session.limitUsed).toBeVisible();
  },
  "connection-lost": async ({ page, husting }) => {
    await page.keyboard.press("Escape");
    await rpc(page, "set_limit", { monthly: 20_000_000 });
    await expect(new SessionPage(page).limitUsed).toHaveCount(0);
    await husting.stop("SIGKILL");
    await expect(page.getByRole("alert").filter({ hasText: "Husting has not answered since" })).toBeVisible();
  },
};

/** Brings each about and hands it over. */
export async function live({ moments, stage }: { moments: Moments; stage: Stage }, look: (shown: Shown) => Promise<void>): Promise<void> {
  for (const [name, begin] of Object.entries(moments)) {
    await begin(stage);
    await settle(stage.page);
    await look({ name });
  }
}
