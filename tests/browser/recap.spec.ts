// What a round and a session came to: asked for, awaited, failed, read, paid; and who asked, where it was an agent.

import { ConsolePage } from "../pages/console.ts";
import { Keys } from "../pages/keys.ts";
import { RecapPage } from "../pages/recap.ts";
import { FIRST, QUESTION, SECOND } from "./fixtures/event-store.ts";
import { FIRST_RECAP, SECOND_RECAP, SYNTHESIS } from "./fixtures/recaps.ts";
import { isAccessible } from "./harness/looks.ts";
import { SEATS } from "./harness/panel.ts";
import { answering, debated, debatedAgain, reacting, writing } from "./harness/staging.ts";
import { expect, test } from "./harness/test.ts";

/** The cheapest model here: the first that is asked. */
const WRITER = SEATS.alder.name;

test("a session of two rounds is summed up by keys alone, after its cascade was shown", async ({ page, panel }) => {
  const { session, names } = await debated(new ConsolePage(page), panel, QUESTION, FIRST);
  const recap = new RecapPage(page);
  await recap.open();
  await expect(recap.synthesis, "one round has no synthesis").toContainText("A synthesis needs two rounds with answers");
  await expect(recap.writeSynthesis).toHaveCount(0);
  await session.tab("Claims").click();
  await debatedAgain(session, panel, SECOND, names);

  const keys = await Keys.only(page);
  await panel.play([
    writing("recap", FIRST_RECAP, { calls: { from: 1, to: 1 } }),
    writing("recap", SECOND_RECAP),
    writing("synthesis", SYNTHESIS, { behaviour: { gates: [{ name: "synthesis", at: "before_end" }] } }),
  ]);
  await keys.press("v", "r");
  await keys.tabTo(recap.writeSynthesis);
  await keys.press("Enter");
  await expect(recap.cascade).toContainText("2 recaps are missing and are written first.");
  await expect(recap.cascade).toContainText(new RegExp(`About \\$0\\.\\d+ – 0\\.\\d+, at cost, by ${WRITER}`));
  await keys.press("Escape");
  await expect(recap.cascade).toBeHidden();
  await expect(recap.writeSynthesis, "the way back").toBeFocused();
  await keys.press("Enter");
  await keys.tabTo(recap.cascade.getByRole("button", { name: "Write it" }));
  await keys.press("Enter");

  await expect(recap.round(1)).toContainText(FIRST_RECAP.title);
  await expect(recap.round(2)).toContainText(SECOND_RECAP.title);
  await expect(recap.synthesis).toContainText("The synthesis is being written from the recaps");
  await panel.open("synthesis");
  await expect(recap.synthesis).toContainText(SYNTHESIS.tldr);
  await expect(recap.synthesis).toContainText(`written by ${WRITER}`);
  await page.reload();
  await expect(recap.synthesis, "after a reload too").toContainText(SYNTHESIS.tldr);

  await keys.tabTo(recap.synthesis.getByRole("button", { name: "Round 2" }).first());
  await keys.press("Enter");
  await expect(recap.round(2).getByRole("heading")).toBeFocused();
  await expect(recap.round(2)).toBeInViewport();
  const claim = recap.round(1).getByRole("button", { name: /^Claim of / }).first();
  const quote = ((await claim.getAttribute("aria-label")) ?? "").replace(/^Claim of [^:]+: /, "");
  await claim.focus();
  await keys.press("Enter");
  await expect(session.tab("Claims")).toHaveAttribute("aria-selected", "true");
  expect(await session.quoteOf(page.getByRole("row", { selected: true }))).toBe(quote);
  await keys.press("v", "o");
  await expect(page.getByRole("row", { name: new RegExp(`^${WRITER} recap`) }).first(), "at the provider's price").toBeVisible();
  keys.assertAlone();
});

test("a writer that fails is followed by the next; when all have, it says so and is asked again", async ({ page, panel }) => {
  const console = new ConsolePage(page);
  await console.goto("settings/recap");
  for (const writer of [SEATS.alder.name, SEATS.rowan.name]) {
    await page.getByRole("group", { name: "Asked in this order" }).getByRole("button", { name: "Add a writer" }).click();
    await page.getByRole("dialog").getByRole("button", { name: writer }).click();
  }
  await expect(page.getByRole("group", { name: "Asked in this order" }).getByRole("listitem")).toHaveCount(2);
  const session = await console.ask(QUESTION);
  await session.mapped();
  await panel.play([{ phase: "recap", behaviour: { fault: { kind: "unauthorized401" } } }]);
  const recap = new RecapPage(page);
  await recap.open();
  await recap.write(1).click();
  const failed = recap.round(1).getByRole("alert");
  await expect(failed).toContainText("The recap was not written. The rounds are as they were. Tried: Alder mini and Rowan 2.");
  await failed.getByRole("button", { name: "Alder mini and Rowan 2’s words" }).click();
  await isAccessible(page, "Recap, failed");
  await expect(failed.locator("pre")).toContainText(/^alder: .+\nrowan: .+/);
  await panel.play([{ model: "alder", phase: "recap", behaviour: { fault: { kind: "unauthorized401" } } }, writing("recap", FIRST_RECAP)]);
  await failed.getByRole("button", { name: "Try again" }).click();
  await expect(recap.round(1)).toContainText(`written by ${SEATS.rowan.name}`);
  await session.tab("Claims").click();
  await expect(session.facts, "the round is as it was").toContainText("3 of 3 answered, 3 of 3 reacted");
});

test("what was asked for with a round is written behind it", async ({ page, panel }) => {
  const console = new ConsolePage(page);
  const recap = new RecapPage(page);
  await panel.play([writing("recap", FIRST_RECAP), writing("synthesis", SYNTHESIS), ...answering(FIRST)]);
  await console.goto("deliberations/new");
  await page.getByRole("switch", { name: "Recap this round" }).click();
  await expect(page.getByRole("switch", { name: "Learning allowed" })).not.toBeChecked();
  await isAccessible(page, "New, with a recap");
  const session = await console.ask(QUESTION);
  await session.mapped();
  await recap.open();
  await expect(recap.round(1)).toContainText(FIRST_RECAP.tldr);

  await session.tab("Claims").click();
  await session.tray.getByRole("checkbox", { name: "Synthesis after it" }).click();
  await expect(session.tray).toContainText(/Synthesis after it\s+\+ \$0\.\d+ – 0\.\d+/);
  await isAccessible(page, "the tray, with a synthesis", async () => {
    if (await session.tray.isHidden()) await page.getByRole("button", { name: "Tray" }).click();
  });
  await session.nextRound.click();
  await expect(session.round(2)).toBeChecked();
  await session.mapped();
  await recap.open();
  await expect(recap.synthesis).toContainText(SYNTHESIS.title);
  await expect(recap.round(2)).toContainText(FIRST_RECAP.title);
  await expect(session.tray.getByRole("checkbox", { name: "Synthesis after it" })).not.toBeChecked();
});

test("a rehearsal's recap is written by rules, and says so", async ({ page }) => {
  const session = await new ConsolePage(page).ask("Should the night shift be paid by the hour? It has six people. One of them is always on call.");
  await session.mapped();
  const recap = new RecapPage(page);
  await recap.open();
  await recap.write(1).click();
  await expect(recap.round(1)).toContainText("Rehearsal: written by rules, not by a model.");
});

test("an agent's session says whose it is, and nobody else is You", async ({ page, panel, husting }) => {
  const console = new ConsolePage(page);
  const made = JSON.parse(await husting.cli("--json", "key", "create", "--name", "laptop")) as { raw_key: string };
  const headers = { authorization: `Bearer ${made.raw_key}`, "content-type": "application/json" };
  const body = { prompt: QUESTION, moderator_name: "Scout", application: "Claude Code", recap_round: true };
  await panel.play([writing("recap", FIRST_RECAP)]);
  const reply = await fetch(`${husting.address}/api/deliberation`, { method: "POST", headers, body: JSON.stringify(body) });
  expect(reply.status).toBe(202);
  await console.goto("deliberations");
  await expect(page.getByRole("main")).toContainText("over REST");
  await page.getByRole("main").getByRole("link", { name: QUESTION }).click();
  await expect(page.getByText("opened by key laptop over REST, with Claude Code")).toBeVisible();
  await page.getByRole("tab", { name: "Transcript" }).click();
  await expect(page.getByText("steered by Scout · key laptop")).toBeVisible();
  await expect(page.getByRole("region", { name: "Transcript" })).toContainText(FIRST_RECAP.tldr);
  await expect(page.getByRole("main").getByText("You", { exact: true })).toHaveCount(0);
});

test("the recaps, by axe", async ({ page, panel }) => {
  test.slow();
  const { session, names } = await debated(new ConsolePage(page), panel, QUESTION, FIRST);
  await debatedAgain(session, panel, SECOND, names);
  const recap = new RecapPage(page);
  await recap.open();
  await isAccessible(page, "Recap, none");
  await isAccessible(page, "Recap, the cascade", async () => {
    if (await recap.cascade.isHidden()) await recap.writeSynthesis.click();
    await expect(recap.cascade).toContainText("at cost");
  });
  const held = { behaviour: { gates: [{ name: "recap", at: "before_end" as const }] } };
  await panel.play([writing("recap", FIRST_RECAP, held), writing("synthesis", SYNTHESIS), ...reacting(FIRST, names)]);
  await recap.writeSynthesis.click();
  await recap.cascade.getByRole("button", { name: "Write it" }).click();
  await expect(recap.synthesis).toContainText("The recap of round 1 is being written first");
  await isAccessible(page, "Recap, awaited");
  await panel.open("recap");
  await expect(recap.synthesis).toContainText(SYNTHESIS.title);
  await isAccessible(page, "Recap");
});
