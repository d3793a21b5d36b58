// A page whose server is gone: it says so, does nothing that cannot work, and goes on when it is back.

import type { Page } from "@playwright/test";

import { ConsolePage } from "../pages/console.ts";
import { SEATS, when } from "./harness/panel.ts";
import { isAccessible } from "./harness/looks.ts";
import { rpc } from "./harness/rpc.ts";
import { expect, test } from "./harness/test.ts";

const QUESTION = "Which of two warehouses should be closed first?";
const GONE = /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|status of 401/;
const rowan = SEATS.rowan.name;

test("a server that dies is missed at once; when it is back the page goes on, and the round can be asked again", async ({ page, panel, husting, watch }) => {
  watch.expect(GONE);
  await panel.play([when("rowan", { gates: [{ name: "never", at: { before_token: 40 } }] }, { calls: { from: 1, to: 1 } })]);
  const console = new ConsolePage(page);
  const session = await console.ask(QUESTION);
  await expect(session.column(SEATS.larch.name)).toContainText("Answered");
  await expect(session.column(rowan)).toContainText("Responding");
  await page.keyboard.press("t");
  await session.prompt.fill("Say it in tons.");
  const clock = page.getByRole("list", { name: "Phases of the round" }).getByText(/^\d+:\d\d of/);
  await expect(clock).toBeVisible();

  await husting.stop("SIGKILL");
  const banner = page.getByRole("alert").filter({ hasText: /has not answered|login has ended/ });
  await expect(banner).toContainText(/Husting has not answered since \d\d:\d\d:\d\d/, { timeout: 2_000 });
  const stood = await clock.innerText();
  await expect(page.getByRole("contentinfo", { name: "Status" })).toContainText("Not connected. Trying again.");
  const cancel = page.getByRole("button", { name: /^Cancel round/ });
  await expect(cancel).toBeDisabled();
  await expect(cancel).toHaveAccessibleDescription(/^Husting has not answered since/);
  await expect(page.getByRole("button", { name: `Stop ${rowan}` })).toBeDisabled();
  await page.keyboard.press("Control+.");
  await isAccessible(page, "live, while nobody answers");
  // Two more tries take longer than a second in which a clock would go on.
  for (const _ of [1, 2]) await page.waitForEvent("requestfailed", (request) => request.url().endsWith("/console/events"));
  expect(await clock.innerText()).toBe(stood);
  await expect(page.getByText("The round was not cancelled")).toHaveCount(0);

  await console.goto("settings/rounds");
  await expect(page.getByRole("textbox", { name: "Deadline" })).toBeDisabled();
  await page.goBack();
  await expect(clock).toBeVisible();
  await page.keyboard.press("t");
  await expect(session.prompt).toHaveValue("Say it in tons.");

  await husting.serve();
  await expect(banner).toContainText("This browser’s login has ended", { timeout: 10_000 });
  await expect(session.prompt).toHaveValue("Say it in tons.");
  const other = await page.context().newPage();
  await other.goto(await husting.link());
  await expect(banner).toBeHidden({ timeout: 10_000 });
  await session.tab("Live").click();
  await expect(session.column(rowan)).toContainText("stream_interrupted");
  await expect(session.prompt).toHaveValue("Say it in tons.");
  await expect(page.getByText("The draft could not be kept")).toBeHidden();
  await session.retry(rowan).click();
  await expect(session.facts).toContainText("3 of 3 answered, 3 of 3 reacted");
});

test("what was typed while the server was gone is there when the link is opened in the same tab, and is on the disk by then", async ({ page, husting, watch }) => {
  watch.expect(GONE);
  const console = new ConsolePage(page);
  await console.goto("deliberations/new");
  await console.question.fill("Which depot");
  await expect.poll(() => kept(page)).toContain("Which depot");

  await husting.stop("SIGKILL");
  const banner = page.getByRole("alert").filter({ hasText: /has not answered|login has ended/ });
  await expect(banner).toContainText("Husting has not answered since");
  const unsent = page.waitForEvent("requestfailed", (request) => request.postData()?.includes("gets the night run") ?? false);
  await console.question.fill("Which depot gets the night run?");
  await unsent;

  await husting.serve();
  await expect(banner).toContainText("This browser’s login has ended", { timeout: 10_000 });
  await expect(banner).toContainText("open the link it prints, here or in a new tab");
  await console.goto("hall");
  await page.goto(await husting.link());
  await expect(console.heading("Hall")).toBeVisible();
  expect(page.url()).not.toContain("code");
  await expect.poll(() => kept(page), "without its screen").toContain("Which depot gets the night run?");
  expect(await page.evaluate(() => Object.keys(sessionStorage).filter((name) => name.startsWith("husting.")))).toEqual([]);
  await console.goto("deliberations/new");
  await expect(console.question).toHaveValue("Which depot gets the night run?");

  const begun = page.waitForEvent("load");
  await page.goto(await husting.link());
  await begun;
  await expect(console.question, "a link leads back to where one was").toHaveValue("Which depot gets the night run?");
  await expect(page).toHaveURL(/#\/deliberations\/new$/);
});

/** The new question as it stands on the disk. */
async function kept(page: Page): Promise<string> {
  return ((await rpc(page, "draft", { key: "new" })) as { body: string | null }).body ?? "";
}

test("a page is told that a server is there which has nothing to say", async ({ page }) => {
  const heard = page.evaluate(
    () =>
      new Promise((tell) => {
        const source = new EventSource("/console/events");
        source.addEventListener("alive", () => (source.close(), tell("alive")));
      }),
  );
  expect(await heard).toBe("alive");
});
