// The page of ./dev discord-sandbox, on which one plays the people: a slash command and its options.

import { expect, test } from "@playwright/test";

import { Discord } from "./harness/discord.ts";

const COMMANDS = [
  {
    type: 1,
    name: "ask",
    description: "Ask an agent",
    options: [
      { type: 3, name: "agent", description: "Who is asked", required: true },
      { type: 3, name: "text", description: "What it is asked", required: true, max_length: 20 },
      { type: 3, name: "tone", description: "How it answers", choices: [{ name: "In brief", value: "brief" }, { name: "At length", value: "long" }] },
      { type: 4, name: "rounds", description: "How often" },
      { type: 5, name: "aloud", description: "For all to read" },
    ],
  },
  { type: 1, name: "agents", description: "Who is on the bus" },
];

test("a command shows its options, each with what it is for, and goes with what was filled in", async ({ page }) => {
  const discord = await Discord.start();
  try {
    await discord.register(COMMANDS);
    await page.goto(discord.origin);
    const message = page.getByRole("textbox", { name: "Message" });
    const options = page.getByRole("group", { name: "Options" });
    await expect(page.getByRole("button", { name: "# hq" })).toBeVisible();
    await message.fill("/");
    await expect(page.getByRole("button", { name: "/agents Who is on the bus" })).toBeVisible();
    await expect(options).toBeHidden();
    await page.getByRole("button", { name: /^\/ask agent text \[tone\] / }).click();

    await expect(options.locator("label > span")).toHaveText([
      "agent required · Who is asked",
      "text required · What it is asked",
      "tone optional · How it answers",
      "rounds optional · How often",
      "aloud optional · For all to read",
    ]);
    await expect(options.getByLabel("tone").getByRole("option")).toHaveText(["Left out", "In brief", "At length"]);
    await expect(options.getByLabel("agent")).toBeFocused();
    await page.keyboard.type("loom");
    await page.getByRole("button", { name: "Send" }).click();
    await expect(page.getByRole("status")).toHaveText("text is required");
    await expect(options.getByLabel("text")).toBeFocused();
    await expect(options.getByLabel("agent"), "what was filled in stays").toHaveValue("loom");

    await options.getByLabel("text").fill("Where is the ship, and when does it land?");
    await expect(options.getByLabel("text")).toHaveValue("Where is the ship, a");
    await options.getByLabel("text").fill("Where is the ship?");
    await options.getByLabel("tone").selectOption("At length");
    await options.getByLabel("rounds").fill("2");
    await options.getByLabel("aloud").selectOption("true");
    const sent = page.waitForRequest("**/__act");
    await options.getByLabel("text").press("Enter");
    const deed: unknown = (await sent).postDataJSON();
    expect(deed).toMatchObject({ do: "command", name: "ask", options: { agent: "loom", text: "Where is the ship?", tone: "long", rounds: 2, aloud: true } });
    await expect(message).toHaveValue("");
    await expect(options).toBeHidden();

    await message.fill("/ask agent=quill text=Are you there?");
    const typed = page.waitForRequest("**/__act");
    await message.press("Enter");
    expect(((await typed).postDataJSON() as { options: unknown }).options).toEqual({ agent: "quill", text: "Are you there?" });

    await expect(message).toHaveValue("");
    await message.fill("/ask");
    await message.press("Enter");
    await expect(options.getByLabel("agent"), "a command that is only named asks for what it lacks").toBeFocused();
  } finally {
    await discord.stop();
  }
});

test("what is no value of its option is said and not sent, and a command that is registered anew has its new fields", async ({ page }) => {
  const discord = await Discord.start();
  try {
    await discord.register(COMMANDS);
    await page.goto(discord.origin);
    const message = page.getByRole("textbox", { name: "Message" });
    const options = page.getByRole("group", { name: "Options" });
    const said = page.getByRole("status");
    const deeds: unknown[] = [];
    page.on("request", (request) => request.url().endsWith("/__act") && deeds.push(request.postDataJSON()));
    await expect(page.getByRole("button", { name: "# hq" })).toBeVisible();
    for (const [typed, wrong] of [
      ["rounds=abc", "rounds is a whole number: abc is none"],
      ["rounds=2.5", "rounds is a whole number: 2.5 is none"],
      ["rounds=", "rounds is a whole number: nothing is none"],
      ["aloud=perhaps", "aloud is true or false: perhaps is none"],
    ] as const) {
      await message.fill(`/ask agent=quill text=Hello ${typed}`);
      await message.press("Enter");
      await expect(said).toHaveText(wrong);
    }
    expect(deeds).toEqual([]);

    await message.fill("/ask ");
    await options.getByLabel("agent").fill("loom");
    const [ask] = COMMANDS;
    const [agent, text] = ask?.options ?? [];
    const completed = [{ ...agent, autocomplete: true }, text, { type: 3, name: "place", description: "Where it answers" }];
    await discord.register([{ ...ask, options: completed }]);
    await expect(options.locator("label > span")).toHaveText([
      "agent required · Who is asked",
      "text required · What it is asked",
      "place optional · Where it answers",
    ]);
    await expect(options.getByLabel("agent"), "what was filled in stays").toHaveValue("loom");

    const refusal = { status: 422, json: { error: "There is no such option." } };
    await page.route("**/__act", (route) => route.fulfill(refusal));
    await options.getByLabel("agent").fill("loo");
    await expect(said).toHaveText("There is no such option.");
    await expect(options.locator("datalist")).not.toHaveAttribute("data-asked");
  } finally {
    await discord.stop();
  }
});

test("a form that was closed does not come again when the page is loaded anew", async ({ page }) => {
  const discord = await Discord.start();
  try {
    const modal = { title: "Round 2", custom_id: "round", components: [{ type: 1, components: [{ type: 4, custom_id: "question", label: "Question", style: 2 }] }] };
    const world = await discord.world();
    const asked = { ...world, interactions: [{ id: "77", user: world.people[0]?.id, modal }] };
    await page.route("**/__world", (route) => route.fulfill({ json: asked }));
    await page.goto(discord.origin);
    const form = page.getByRole("dialog");
    await expect(form).toContainText("Round 2");
    await form.getByRole("button", { name: "Cancel" }).click();
    await expect(form).toBeHidden();
    await page.reload();
    await expect(page.getByRole("button", { name: "# hq" })).toBeVisible();
    await expect(form).toBeHidden();
  } finally {
    await discord.stop();
  }
});

test("who is clicked is written to, and nothing is sent before it is typed; direct messages are written by whom they are with", async ({ page }) => {
  const discord = await Discord.start();
  try {
    await page.goto(discord.origin);
    const message = page.getByRole("textbox", { name: "Message" });
    const speaker = page.getByRole("combobox", { name: "Who speaks" });
    const { people } = await discord.world();
    const idOf = (wanted: string): string | undefined => people.find(({ name }) => name === wanted)?.id;
    const deeds: unknown[] = [];
    page.on("request", (request) => request.url().endsWith("/__act") && deeds.push(request.postDataJSON()));
    await speaker.selectOption("ines");
    await page.getByRole("button", { name: "bruno" }).click();

    await expect(page.locator("#title")).toHaveText("bruno");
    await expect(message).toBeFocused();
    await expect(page.getByRole("article")).toHaveCount(0);
    expect(deeds).toEqual([{ do: "dm", person: idOf("bruno") }]);
    await expect(speaker.locator("option:checked")).toHaveText("bruno");
    await expect(speaker).toBeDisabled();
    await page.keyboard.type("Are you there?");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("article")).toContainText("Are you there?");
    expect(deeds[1]).toMatchObject({ do: "say", person: idOf("bruno"), text: "Are you there?" });

    await page.getByRole("button", { name: "# hq" }).click();
    await expect(speaker.locator("option:checked"), "a channel is written in by who was chosen").toHaveText("ines");
    await expect(speaker).toBeEnabled();
  } finally {
    await discord.stop();
  }
});
