// A page that is reloaded, and a server that is killed, in the middle of an answer.

import type { Locator } from "@playwright/test";

import { ConsolePage } from "../pages/console.ts";
import { SEATS, when } from "./harness/panel.ts";
import { expect, test } from "./harness/test.ts";

const QUESTION = "Should letters to the press be signed?";
const rowan = SEATS.rowan.name;

test("a reload in the middle of a stream loses nothing", async ({ page, panel, husting }) => {
  await panel.play([
    when("rowan", {
      gates: [
        { name: "first", at: { before_token: 40 } },
        { name: "second", at: { before_token: 80 } },
      ],
    }),
  ]);
  const session = await new ConsolePage(page).ask(QUESTION);
  await expect(session.column(SEATS.larch.name)).toContainText("Answered");
  await expect(session.words(rowan)).not.toBeEmpty();
  const before = await steady(() => written(session.words(rowan)));

  await page.reload();
  await expect.poll(() => written(session.words(rowan))).toBe(before);
  await panel.open("first");
  await expect.poll(async () => (await written(session.words(rowan))).length).toBeGreaterThan(before.length);
  expect(await written(session.words(rowan))).toContain(before);

  await panel.open("second");
  await session.mapped();
  const [, id] = /deliberations\/([^/]+)/.exec(page.url()) ?? [];
  const record = JSON.parse(await husting.cli("session", "show", id ?? "", "--json")) as Shown;
  const told = record.rounds[0]?.responses.find((each) => each.model === "rowan")?.text ?? "";
  await session.tab("Live").click();
  const shown = await written(session.words(rowan));
  const sentences = told.split(/\s*\n\s*/).map((line) => line.replace(/^- /, "").replaceAll("**", "").trim());
  for (const sentence of sentences) expect(shown).toContain(sentence);
});

interface Shown {
  rounds: { responses: { model: string; text: string }[] }[];
}

/** The words of a column as they stand, whatever breaks their lines. */
async function written(column: Locator): Promise<string> {
  return (await column.innerText()).replace(/\s+/g, " ").trim();
}

/** What `read` gives once two looks at it agree. */
async function steady(read: () => Promise<string>): Promise<string> {
  let last = "";
  await expect
    .poll(async () => {
      const before = last;
      last = await read();
      return last !== "" && before === last;
    }, { intervals: [300] })
    .toBe(true);
  return last;
}
