// What models, providers and people write is shown and does nothing.

import { ConsolePage } from "../pages/console.ts";
import { SEATS, when } from "./harness/panel.ts";
import { expect, test } from "./harness/test.ts";

const ANSWER = `<script>window.__ran = 1; fetch("http://evil.invalid/")</script>

An image <img src="http://evil.invalid/a.png" onerror="window.__ran = 2"> stands here, and ![another](http://evil.invalid/b.png) too.

<svg onload="window.__ran = 3"><style>body { background: url(http://evil.invalid/c.png) }</style></svg>
<iframe src="http://evil.invalid/"></iframe><a href="javascript:window.__ran=4">raw</a>

Press [this link](javascript:window.__ran=5), [that one](data:text/html,<script>window.__ran=6</script>) or [an honest one](https://example.com/page?q=1).

The amount is \u202E001 $\u202C today, \u001B[31mred\u001B[0m and \u2066isolated\u2069.

<form action="http://evil.invalid/"><input name="q" autofocus><button>Send</button></form>

A last sentence that nobody can object to stands at the end of it.`;

const NAME = `<img src=x onerror=alert(1)>`;

test("markup, scripts, links and direction marks in an answer are inert", async ({ page, panel }) => {
  await panel.play([when("rowan", { answer: { text: ANSWER } })]);
  const console = new ConsolePage(page);
  const session = await console.ask(`Is ${NAME} a name? </textarea><script>window.__ran = 7</script>`);
  await session.mapped();
  for (const view of ["Live", "Answers", "Transcript", "Claims"] as const) {
    await session.tab(view).click();
    await expect(page.getByRole("main")).toBeVisible();
    const { inner, links, controls } = await planted(page);
    expect(inner, `elements made of an answer in ${view}`).toEqual([]);
    expect(links.filter((href) => !/^(https?:|#)/.test(href)), `links in ${view}`).toEqual([]);
    expect(controls, `direction and escape characters in ${view}`).toBe(false);
  }
  expect(await page.evaluate(() => (globalThis as unknown as { __ran?: number }).__ran)).toBeUndefined();

  await session.tab("Live").click();
  await session.words(SEATS.rowan.name).getByRole("link", { name: "an honest one" }).click();
  await expect(console.dialog("Open example.com?")).toContainText("https://example.com/page?q=1");
  await console.button("Stay here").click();
});

test("a provider's own words, a title, a tag and a model's name are inert", async ({ page, panel, husting }) => {
  await husting.cli("models", "add", "spruce", "--provider", "northwind", "--name", `${NAME}\u202Eecurps`);
  await husting.cli("models", "price", "spruce", "--in", "1", "--out", "2");
  await panel.play([when("alder", { fault: { kind: "unauthorized401" } })]);
  const console = new ConsolePage(page);
  const session = await console.ask(`A title with ${NAME} in it`);
  await session.tab("Live").click();
  await page.getByRole("button", { name: "northwind’s words" }).first().click();
  await expect(session.column(SEATS.alder.name)).toContainText("provider_auth_failure");
  await expect(page.getByRole("heading", { level: 1 })).toContainText(NAME);
  for (const place of ["hall", "deliberations", "deliberations/new", "wallet", "settings/models"]) {
    await console.goto(place);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    expect((await planted(page)).inner, place).toEqual([]);
  }
  await page.keyboard.press("Control+k");
  await page.keyboard.type("onerror");
  await expect(page.getByRole("option", { name: NAME }).first()).toBeVisible();
  expect((await planted(page)).inner, "the palette").toEqual([]);
});

/** Elements, links and characters that only an answer could have put on the page. */
function planted(page: import("@playwright/test").Page) {
  return page.evaluate(() => ({
    inner: [...document.querySelectorAll("main script, main img, main iframe, main form[action], main style, [onerror], [onload]")].map((each) => each.outerHTML.slice(0, 120)),
    links: [...document.querySelectorAll("main a")].map((each) => each.getAttribute("href") ?? ""),
    controls: /[\u001B\u202A-\u202E\u2066-\u2069]/.test(document.querySelector("main")?.textContent ?? ""),
  }));
}
