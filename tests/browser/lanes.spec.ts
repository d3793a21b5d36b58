// The bus as swim lanes, with what real agents wrote: who stands in them, the path of a message, and going through it.

import { BusPage } from "../pages/bus.ts";
import { ConsolePage } from "../pages/console.ts";
import { Keys } from "../pages/keys.ts";
import { LanesPage } from "../pages/lanes.ts";
import { mintMany, Tenant, type Agent } from "./harness/agent.ts";
import type { Husting } from "./harness/husting.ts";
import { isAccessible } from "./harness/looks.ts";
import { expect, test } from "./harness/test.ts";

const MEMBER = ["mcp:send", "mcp:inbox", "mcp:broadcast", "mcp:peers"];

interface Mail {
  id: string;
  text: string;
}

/** What lies in an agent's inbox. */
async function fetched(agent: Agent): Promise<Mail> {
  const mail = ((await agent.call("inbox")).messages as Mail[]).at(-1);
  if (!mail) throw new Error("nothing lies in the inbox");
  return mail;
}

/** loom is asked, asks archivist, answers with what that says; nobody reads the answer. One more message is read by nobody. */
async function incident(husting: Husting): Promise<Record<"loom" | "archivist" | "bruno", Agent>> {
  const tenant = await Tenant.of(husting);
  const mint = (name: string, model: string) => tenant.mint(name, { scopes: MEMBER, model });
  const [loom, archivist, bruno] = [await mint("loom", "gpt-5.4"), await mint("archivist", "claude-opus-4-7"), await mint("bruno-voice", "claude-sonnet-4-5")];
  await bruno.call("send", { to: "loom", text: "The HS code of the fourth pallet?", request_id: "code" });
  const asked = await fetched(loom);
  await loom.call("send", { to: "archivist", text: "HS code for cast-iron pump housings?" });
  const question = await fetched(archivist);
  await archivist.call("send", { to: "loom", text: "8413.91 on the last three.", in_reply_to: question.id });
  await fetched(loom);
  await loom.call("send", { to: "bruno-voice", text: "8413.91. It is on the label.", in_reply_to: asked.id });
  await loom.call("send", { to: "operator", text: "Shall I book the carrier?" });
  return { loom, archivist, bruno };
}

test("everyone who wrote or was written to has a lane, and the path of a message is told in words with its waits", async ({ page, husting }) => {
  const { bruno } = await incident(husting);
  const lanes = new LanesPage(page);
  await new ConsolePage(page).goto("bus");
  await page.getByRole("radio", { name: "Swim lanes" }).check();
  await expect(lanes.names).toHaveText(["operator", "archivist", "bruno-voice", "loom"]);
  await expect(lanes.drawing).toHaveAccessibleName(/^4 lanes with 5 deliveries/);
  await expect(lanes.rows).toHaveCount(5);
  await expect(lanes.standing).toContainText("operator 1 persisted");
  await expect(lanes.standing).toContainText("bruno-voice 1 persisted");
  await lanes.row("It is on the label").getByRole("link").click();
  await expect(lanes.steps).toHaveCount(2);
  await expect(lanes.steps.nth(0)).toContainText("The HS code of the fourth pallet?");
  await expect(lanes.steps.nth(1)).toContainText("not fetched at");
  await expect(page).toHaveURL(/#\/bus\/lanes\/\d+$/);
  await fetched(bruno);
  await expect(lanes.steps.nth(1), "a fact that comes is taken where it stands").not.toContainText("not fetched at");
  await expect(lanes.standing).toContainText("bruno-voice 1 leased");
  await page.reload();
  await expect(lanes.steps, "the address is the path’s").toHaveCount(2);
});

test("whoever comes back from the lanes goes on in the queue and with the filter that were left", async ({ page, husting }) => {
  await incident(husting);
  await new ConsolePage(page).goto("bus");
  const filter = page.getByRole("searchbox", { name: "Find messages" });
  await filter.fill("carrier");
  await page.getByRole("tab", { name: /^Yours/ }).click();
  await page.getByRole("radio", { name: "Swim lanes" }).check();
  await expect(new LanesPage(page).rows).toHaveCount(5);
  await page.getByRole("radio", { name: "Tail" }).check();
  await expect(page.getByRole("tab", { name: /^Yours/ })).toHaveAttribute("aria-selected", "true");
  await expect(filter).toHaveValue("carrier");
});

test("the playhead goes from event to event by keys alone, and the words with it", async ({ page, husting }) => {
  await incident(husting);
  await page.emulateMedia({ reducedMotion: "no-preference" });
  const lanes = new LanesPage(page);
  const keys = await Keys.only(page);
  await keys.press("Control+k");
  await keys.type("swim lanes");
  await keys.press("Enter");
  await expect(lanes.rows).toHaveCount(5);
  await keys.press("j");
  await expect(lanes.current).toContainText("Shall I book the carrier?");
  await keys.press("k", "Enter");
  await expect(lanes.path).toBeVisible();
  await expect(lanes.steps).toHaveCount(2);
  const asked = lanes.steps.nth(0);
  for (let step = 0; step < 40 && !(await asked.getByText(/^not fetched at/).isVisible()); step += 1) await keys.press("ArrowLeft");
  await expect(asked).toContainText("not fetched at");
  await expect(lanes.steps.nth(1)).toContainText("not sent at");
  await expect(lanes.standing).toContainText("loom 1 persisted");
  await keys.press("ArrowRight");
  await expect(asked).toContainText("fetched after");
  await expect(lanes.standing).toContainText("loom 1 leased");
  // From the window's start: it plays for minutes, and is not through before it is held.
  await keys.press(...Array.from({ length: 12 }, () => "ArrowLeft"));
  const before = await lanes.at();
  await keys.press("Space");
  await expect(page.getByRole("button", { name: "Pause", exact: true })).toBeVisible();
  await expect.poll(() => lanes.at(), "it plays").toBeGreaterThan(before);
  await keys.press("Space");
  await expect(page.getByRole("button", { name: "Play", exact: true })).toBeVisible();
  await keys.press("+", "+", "+");
  await expect(page.getByText("1 min", { exact: true })).toBeVisible();
  await keys.tabTo(lanes.window);
  const window = await lanes.window.getAttribute("aria-valuetext");
  await keys.press("ArrowLeft");
  await expect(lanes.window).not.toHaveAttribute("aria-valuetext", window ?? "");
  await keys.press("End");
  await keys.press("Escape");
  await expect(lanes.path).toHaveCount(0);
  keys.assertAlone();
});

test("a press on the drawing chooses what is there, a press beside it moves the playhead", async ({ page, husting }) => {
  const { loom } = await incident(husting);
  const lanes = new LanesPage(page);
  await new ConsolePage(page).goto("bus/lanes");
  await expect(lanes.rows).toHaveCount(5);
  for (const key of ["+", "+", "+"]) await page.keyboard.press(key);
  const box = (await lanes.chart.locator(".lanes .over").boundingBox())!;
  await page.mouse.click(box.x + box.width / 3, box.y + 33);
  const before = await lanes.at();
  await page.mouse.click(box.x + box.width / 2, box.y + 33);
  expect(await lanes.at(), "later to the right").toBeGreaterThan(before);
  await expect(lanes.path).toHaveCount(0);
  await loom.call("send", { to: "operator", text: "It is booked." });
  await page.getByRole("radio", { name: "Tail" }).check();
  await page.getByRole("radio", { name: "Swim lanes" }).check();
  await expect(lanes.rows).toHaveCount(6);
  const end = (await lanes.chart.locator(".lanes .over").boundingBox())!;
  // The newest ends at the operator's lane, where the window ends.
  for (let left = 8; left < 60 && !(await lanes.path.isVisible()); left += 3) await page.mouse.click(end.x + end.width - left, end.y + 32);
  await expect(lanes.path).toContainText(/It is booked\.|Shall I book the carrier\?/);
});

test("a message opens in the lanes, and from there again in the tail", async ({ page, husting }) => {
  await incident(husting);
  const [bus, lanes] = [new BusPage(page), new LanesPage(page)];
  await new ConsolePage(page).goto("bus");
  await bus.row("8413.91 on the last three.").getByRole("link").click();
  await bus.message.getByRole("button", { name: "Show in the lanes" }).click();
  await expect(lanes.steps).toHaveText([/HS code for cast-iron pump housings\?/, /8413\.91 on the last three\./]);
  await lanes.path.getByRole("button", { name: "Open thread in tail" }).click();
  await expect(bus.message.getByRole("region", { name: "Thread" })).toContainText("8413.91 on the last three.");
  await expect(bus.message).toHaveAccessibleName("Message from loom to archivist");
});

test("five hundred agents: few lanes are drawn, and the bus that goes on is followed", async ({ page, husting }) => {
  test.setTimeout(240_000);
  const tenant = await Tenant.of(husting);
  const loom = await tenant.mint("loom", { scopes: MEMBER });
  const zed = await tenant.mint("zed", { scopes: MEMBER });
  await tenant.mint("zoe", { scopes: MEMBER });
  await mintMany(page, 500);
  const lanes = new LanesPage(page);
  await new ConsolePage(page).goto("bus/lanes");
  await expect(page.getByText("Nobody has written yet.")).toBeVisible();
  await loom.call("broadcast", { text: "Notice one." });
  await expect(lanes.drawing, "kasra is one of them").toHaveAccessibleName(/^504 lanes with 503 deliveries/);
  expect(await lanes.names.count(), "lanes that are drawn").toBeLessThan(40);
  expect(await lanes.rows.count(), "rows that are drawn").toBeLessThan(60);
  await zed.call("send", { to: "zoe", text: "The newest." });
  await expect(lanes.drawing).toHaveAccessibleName(/^504 lanes with 504 deliveries/);
  await page.keyboard.press("j");
  await expect(lanes.current).toContainText("The newest.");
  await expect(lanes.names.filter({ hasText: /^zed$/ }), "the lane of what is chosen comes into sight").toBeInViewport();
  await page.mouse.move(400, 400);
  await page.mouse.wheel(0, -100_000);
  await expect(lanes.names.filter({ hasText: /^kasra$/ })).toBeInViewport();
  await loom.call("send", { to: "n-007", text: "Newer still." });
  await expect(lanes.drawing).toHaveAccessibleName(/^504 lanes with 505 deliveries/);
  await expect(lanes.names.filter({ hasText: /^kasra$/ }), "who scrolled away stays there").toBeInViewport();
});

test("the lanes, by axe", async ({ page, husting }) => {
  test.slow();
  const console = new ConsolePage(page);
  const lanes = new LanesPage(page);
  await console.goto("bus/lanes");
  await expect(page.getByText("Nobody has written yet.")).toBeVisible();
  await isAccessible(page, "Lanes, empty");
  await incident(husting);
  await expect(lanes.rows).toHaveCount(5);
  await isAccessible(page, "Lanes");
  await lanes.row("It is on the label").getByRole("link").click();
  await expect(lanes.steps).toHaveCount(2);
  for (let step = 0; step < 4; step += 1) await page.keyboard.press("ArrowLeft");
  await isAccessible(page, "Path of one message");
  await page.setViewportSize({ width: 680, height: 430 });
  await expect(lanes.path, "at twice the size the panel stands below").toBeAttached();
  await lanes.path.scrollIntoViewIfNeeded();
  await expect(lanes.path).toBeInViewport();
});
