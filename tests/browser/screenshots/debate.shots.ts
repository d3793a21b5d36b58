// The pictures of deliberations, taken of a debate that was written for them: ./dev screenshots

import { fileURLToPath } from "node:url";

import type { Page } from "@playwright/test";

import { ConsolePage } from "../../pages/console.ts";
import { MapPage } from "../../pages/map.ts";
import { KeysPage } from "../../pages/keyring.ts";
import { selectWords } from "../../pages/pointer.ts";
import { RecapPage } from "../../pages/recap.ts";
import { FIRST, QUESTION, SECOND, STEERING } from "../fixtures/event-store.ts";
import { BEFORE, NEXT, NEXT_DOCUMENT } from "../fixtures/others.ts";
import { QUESTION as FAILING, PRICING } from "../fixtures/pricing.ts";
import { FIRST_RECAP, SECOND_RECAP, SYNTHESIS } from "../fixtures/recaps.ts";
import { SEATS } from "../harness/panel.ts";
import { answering, letters, react, writing } from "../harness/staging.ts";
import { expect, test } from "../harness/test.ts";
import { Album } from "./album.ts";
import { OF_A_DEBATE, SMALL, WINDOW } from "./pictures.ts";

const REFERENCE = fileURLToPath(new URL("../../fixtures/reference-event-store.md", import.meta.url));

test.use({ limit: "1.50" });

test("pictures of a debate", async ({ page, panel, husting }) => {
  test.setTimeout(300_000);
  const console = new ConsolePage(page);
  const album = new Album(page, OF_A_DEBATE);

  await test.step("what was there before", async () => {
    for (const { question, title } of BEFORE) {
      await (await console.ask(question)).mapped();
      await rename(page, husting, title);
    }
  });

  await test.step("one in which a seat fails", async () => {
    const held = { gates: [{ name: "heard", at: "before_end" as const }] };
    const cut = { pace: { tokens_per_second: 90 }, fault: { kind: "error_event_mid_stream" as const, after_tokens: 400 } };
    await panel.play(answering(PRICING, { rowan: held, larch: held, alder: cut }));
    const session = await console.ask(FAILING);
    await react(panel, PRICING, await letters(session));
    await panel.open("heard");
    await session.mapped();
    await rename(page, husting, "Pricing model");
  });

  const session = await test.step("the first round", async () => {
    const held = { pace: { tokens_per_second: 130 }, gates: [{ name: "named", at: "before_end" as const }] };
    await panel.play(answering(FIRST, { rowan: held, larch: held, alder: held }));
    await console.goto("deliberations/new");
    await page.locator("input[type=file]").first().setInputFiles(REFERENCE);
    const session = await console.ask(QUESTION);
    await react(panel, FIRST, await letters(session));
    await panel.open("named");
    await session.mapped();
    return session;
  });

  await test.step("steered", async () => {
    await steer(page, session, "A transactional outbox", "4", "Treat this as the criterion.");
    await steer(page, session, "A unique key on stream", "3", "Larch has a point about the index. Restate or defend.");
    await session.prompt.fill(STEERING);
    await panel.play(
      answering(SECOND, {
        rowan: { pace: { tokens_per_second: 21 } },
        larch: { pace: { tokens_per_second: 38 } },
        alder: { pace: { tokens_per_second: 14 }, fault: { kind: "rate_limited429", retry_after: 2, times: 1 } },
      }),
    );
    await session.nextRound.click();
  });

  await test.step("live", async () => {
    await expect(session.column(SEATS.larch.name)).toContainText("Answered", { timeout: 40_000 });
    await expect(session.words(SEATS.alder.name)).toContainText("I would put that in");
    await album.take("live");
    await react(panel, SECOND, await letters(session));
    await session.mapped();
  });

  await test.step("claims", async () => {
    await steer(page, session, "A transactional outbox", "4", "Treat this as the criterion.");
    await steer(page, session, "One commit beats", "1", "");
    await session.prompt.fill("Write the rule as one sentence that the next team can hold us to.");
    await album.take("claims", async () => {
      await session.facts.click();
      await selectWords(row(session, "Change streams hand"), "you end up running Debezium or polling");
    });
    await session.facts.click();
    await page.setViewportSize(SMALL);
    await album.take("claims-900x600");
    await page.setViewportSize(WINDOW);
  });

  await test.step("map, who moved", async () => {
    const map = new MapPage(page);
    await map.open();
    await map.node("A transactional outbox").focus();
    await page.keyboard.press("Enter");
    await expect(map.positions).toBeVisible();
    await album.take("map");
    await session.tab("Moved").click();
    await expect(page.getByRole("table", { name: /^Who changed their mind/ })).toBeVisible();
    await album.take("moved");
    await session.tab("Claims").click();
  });

  await test.step("recap", async () => {
    const recap = new RecapPage(page);
    await panel.play([writing("recap", FIRST_RECAP, { calls: { from: 1, to: 1 } }), writing("recap", SECOND_RECAP), writing("synthesis", SYNTHESIS)]);
    await recap.open();
    await recap.writeSynthesis.click();
    await recap.cascade.getByRole("button", { name: "Write it" }).click();
    await expect(recap.synthesis).toContainText(SYNTHESIS.tldr);
    await album.take("recap");
    await session.tab("Claims").click();
  });

  await test.step("answers, cost, a failed seat", async () => {
    await row(session, "Change streams hand").getByText("Change streams hand").click();
    await page.getByRole("button", { name: /not verified/ }).click();
    await expect(session.markedWords.first()).toBeVisible();
    await album.take("answers");
    await session.tab("Cost").click();
    await album.take("cost");
    await page.getByRole("navigation", { name: "Places" }).getByRole("link", { name: "Pricing model" }).click();
    await session.tab("Live").click();
    await page.getByRole("button", { name: /words$/ }).click();
    await album.take("failed-seat");
  });

  await test.step("wallet and settings", async () => {
    await console.goto("wallet");
    await expect(page.getByRole("table", { name: "Ledger" })).toContainText("round 2");
    await expect(page.getByText("Balances equal")).toBeVisible();
    await album.take("wallet");
    await husting.cli("models", "add", "spruce", "--provider", "northwind", "--name", "Spruce 70B", "--context", "128000");
    await husting.cli("models", "add", "hazel", "--provider", "fjord", "--name", "Hazel 1", "--context", "200000");
    await husting.cli("models", "price", "hazel", "--in", "0.80", "--out", "4");
    await husting.cli("models", "disable", "hazel");
    for (const provider of ["fjord", "northwind"]) await husting.cli("provider", "test", provider);
    await console.goto("settings/providers");
    await expect(page.getByText("answered in").nth(1)).toBeVisible();
    await album.take("settings");
    await husting.cli("key", "create", "--name", "night run", "--daily-rounds", "12");
    await console.goto("settings/keys");
    const keys = new KeysPage(page);
    await keys.make("laptop");
    await album.take("keys");
    await keys.once.getByRole("button", { name: "Close" }).click();
    await keys.once.getByRole("button", { name: "Close anyway" }).click();
  });

  await test.step("new", async () => {
    await console.goto("deliberations/new");
    await console.question.fill(NEXT);
    const document = { name: "sunday-pilot.md", mimeType: "text/markdown", buffer: Buffer.from(NEXT_DOCUMENT) };
    await page.locator("input[type=file]").first().setInputFiles(document);
    await page.getByRole("textbox", { name: "Spend at most" }).fill("0.50");
    await console.question.focus();
    await expect(page.getByRole("complementary", { name: "Panel" })).toContainText(/holds \$/);
    await album.take("new");
  });

  await test.step("hall, while a round runs", async () => {
    await panel.play(answering(SECOND, { rowan: { pace: { tokens_per_second: 20 } }, alder: { pace: { tokens_per_second: 12 } } }));
    await console.convene.click();
    await expect(session.column(SEATS.larch.name)).toContainText("Answered");
    await expect(session.words(SEATS.rowan.name)).toContainText("forty a second");
    await console.goto("hall");
    await expect(page.getByRole("region", { name: "Running" })).toContainText(/0:0[3-9]/);
    await album.take("hall");
  });
  album.close();
});

/** Gives the session on the screen a short name. */
async function rename(page: Page, husting: import("../harness/husting.ts").Husting, title: string): Promise<void> {
  const [, id] = /deliberations\/([^/]+)/.exec(page.url()) ?? [];
  await husting.cli("session", "rename", id ?? "", title);
  await expect(page.getByRole("heading", { name: title, level: 1 })).toBeVisible();
}

/** A claim's row by its first words. */
function row(session: import("../../pages/session.ts").SessionPage, words: string) {
  return session.claims.filter({ hasText: words }).first();
}

/** Takes a claim into the tray with a comment. */
async function steer(page: Page, session: import("../../pages/session.ts").SessionPage, words: string, stance: string, comment: string): Promise<void> {
  const before = await session.snippets.count();
  await row(session, words).focus();
  await page.keyboard.press(stance);
  await expect(session.snippets).toHaveCount(before + 1);
  await session.snippets.last().getByRole("textbox").fill(comment);
  await session.facts.click();
}
