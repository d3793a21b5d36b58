// The first run, with no provider at all: convene, read, steer, then find the question again for real seats.

import { ConsolePage } from "../pages/console.ts";
import { SessionPage } from "../pages/session.ts";
import { expect, test } from "./harness/test.ts";

const QUESTION = "Should the night shift be paid by the hour?";
const DOCUMENT = `# Notes on the night shift

The night shift has six people and one of them is always on call.
Two of the six have asked for a fixed sum.
Hours are written down by hand and lost about once a month.
A fixed sum would cost four percent more than last year's hours.
Nobody has left because of pay, but two have left because of the rota.
The rota is made on Friday for the following Monday.
An hourly wage rewards those who stay late, whether or not they are needed.
The works council asked for a trial of three months.
`;

test("a rehearsal is convened, read and steered, free and offline", async ({ page }) => {
  const console = new ConsolePage(page);
  const session = new SessionPage(page);

  await test.step("convene in the hall, with a document", async () => {
    await console.question.fill(QUESTION);
    await page.locator("input[type=file]").setInputFiles({ name: "night.md", mimeType: "text/markdown", buffer: Buffer.from(DOCUMENT) });
    await expect(page.getByRole("main")).toContainText("night.md");
    await console.convene.click();
  });

  await test.step("read", async () => {
    await session.mapped();
    await expect(session.facts).toContainText("3 of 3 answered, 3 of 3 reacted");
    await expect(session.facts).toContainText("$0");
    await expect(page.getByRole("main")).toContainText("Rehearsal: rules, no model");
    await session.tab("Answers").click();
    const answer = page.getByRole("region", { name: /^What Rehearsal: .* answered$/ });
    await expect(answer).toBeVisible();
    const text = await answer.innerText();
    const said = DOCUMENT.split("\n").filter((line) => line.endsWith(".") && text.includes(line));
    expect(said.length, "sentences of the document in the answer").toBeGreaterThanOrEqual(1);
  });

  await test.step("steer", async () => {
    await session.tab("Claims").click();
    await page.keyboard.press("j");
    await page.keyboard.press("1");
    await expect(session.snippets).toHaveCount(1);
    await session.nextRound.click();
    await expect(session.round(2)).toBeChecked();
    await session.mapped();
    await expect(page.getByRole("columnheader", { name: "You" })).toBeVisible();
  });

  await test.step("the same question for real seats", async () => {
    await console.button("Convene again").click();
    await expect(console.question).toHaveValue(QUESTION);
    await expect(page.getByRole("list", { name: "Reference" })).toContainText("The night shift has six people");
  });

  await console.goto("wallet");
  await expect(page.getByRole("table", { name: "Ledger" }).getByRole("row")).toHaveCount(2);
});
