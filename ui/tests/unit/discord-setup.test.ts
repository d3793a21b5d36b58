import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, test } from "vitest";
import App from "../../src/App.svelte";
import { envOf } from "../../src/features/discord/setup/env";
import { askedIn, columnsOf, hasNobody, rowsOf, type PlaceRow } from "../../src/features/discord/setup/grid";
import { RpcError } from "../../src/platform";
import { agent, agents } from "../fixtures/agents";
import { ago, bare, bridged, findings, servers, setup, stand, traffic, view } from "../fixtures/discord";
import { FakePlatform } from "../fixtures/platform";
import { button, open, paged, press, type Answers } from "./discord-screen";

/** Discord’s bits: https://docs.discord.com/developers/topics/permissions */
const [REACTIONS, FILES, WEBHOOKS, THREADS] = [0x40n, 0x8000n, 0x20000000n, 0x800000000n];
const NEEDED = BigInt(new URL(setup().invitation ?? "").searchParams.get("permissions") ?? "");
const withPermissions = (bits: bigint) => (setup().invitation ?? "").replace(/\d+$/, String(bits));

describe("the map", () => {
  const rows = rowsOf(servers.servers, setup());
  const place = (name: string) => rows.find((row): row is PlaceRow => row.kind === "place" && row.name === name)!;
  test("stands by category, and all else last", () =>
    expect(rows.filter(({ kind }) => kind !== "place").map((row) => (row.kind === "heading" ? row.name : row.kind))).toEqual(["Start", "Operations", "Sales", "Anywhere else, where somebody is always asked", "else"]));
  test("a thread asks its channel’s agent until it has its own", () => {
    expect(askedIn(place("Hamburg Friday"), setup())).toEqual({ agent: "loom", inherited: true });
    const own = setup({ routes: [...setup().routes, { channel_id: place("Hamburg Friday").id, name: null, agent: "kasra", lacking: [], unseen: false }] });
    expect(askedIn(place("Hamburg Friday"), own)).toEqual({ agent: "kasra", inherited: false });
    expect(askedIn(place("welcome"), setup())).toBeNull();
  });
  test("does not say that Discord names no channel before it was asked", () => {
    const unasked = rowsOf(null, setup());
    expect(unasked.filter((row) => row.kind === "place").map((row) => row.unseen)).toEqual([false, false, false]);
    expect(unasked[0]).toEqual({ kind: "heading", name: "Mapped", server: false });
  });
  test("shows a mapped channel that Discord does not name", () => {
    const with_lost = setup({ routes: [{ channel_id: "999999999999999999", name: null, agent: "loom", lacking: [], unseen: false }] });
    expect(rowsOf(servers.servers, with_lost).filter((row) => row.kind === "place" && row.unseen)).toHaveLength(1);
  });
  test("nobody is asked in a channel alone: a thread follows its channel, and all else asks somebody", () =>
    expect([place("hq"), place("Hamburg Friday"), { kind: "else" } as const].map(hasNobody)).toEqual([true, false, false]));
  test("has a column for whoever is asked though he is not active, and none for the bridge itself", () => {
    const columns = columnsOf(agents, setup({ default_agent: "nobody-there", connector: "loom" }));
    expect(columns).toContainEqual({ agent: "nobody-there", active: false });
    expect(columns.filter(({ agent }) => agent === "loom")).toEqual([{ agent: "loom", active: false }]);
  });
});

test("a copy as .env has the map and the names, and no token", () => {
  const lines = envOf(setup(), "127.0.0.1:8398").split("\n");
  expect(lines).toContain("MUMEGA_BUS_URL=http://127.0.0.1:8398/mcp");
  expect(envOf(setup(), null)).not.toContain("MUMEGA_BUS_URL");
  expect(lines).toContain('MUMEGA_AGENT_MAP={"123456789012345678":"kasra","987654321098765432":"loom","445566778899001122":"calliope"}');
  expect(lines).toContain("MUMEGA_DEFAULT_AGENT=kasra");
  expect(lines.filter((line) => line.includes("TOKEN"))).toEqual(["DISCORD_BOT_TOKEN=your-bot-token-here", "MUMEGA_BUS_TOKEN=your-bus-token-here"]);
});

describe("a sandbox", () => {
  test.each(["#/discord", "#/discord/setup"])("is told beside the title, and Discord itself is not: %s", async (at) => {
    await open(at, {}, view({ setup: setup({ sandbox: "127.0.0.1:8321" }) }));
    const head = async () => (await screen.findByRole("heading", { level: 1, name: "Discord" })).parentElement?.textContent;
    await waitFor(async () => expect(await head()).toMatch(/sandbox at 127\.0\.0\.1:8321/i));
    cleanup();
    await open(at);
    await waitFor(async () => expect(await head()).toMatch(/husting#4471|Set-up/));
    expect(await head()).not.toMatch(/sandbox/i);
  });

  test.each(["#/discord", "#/discord/setup"])("gives another token where it refuses the kept one, and Discord’s page does not: %s", async (at) => {
    const refused = { stand: stand({ bridge: { state: "stopped", why: "No." }, token_refused: true }), health: null };
    await open(at, {}, view({ ...refused, setup: setup({ sandbox: "127.0.0.1:8321" }) }));
    await screen.findByText(/the one that the sandbox prints/);
    expect(screen.queryByText(/[Rr]eset it on the Bot page/)).toBeNull();
    cleanup();
    await open(at, {}, view(refused));
    await screen.findByText(/[Rr]eset it on the Bot page/);
  });
});

describe("the set-up", () => {
  test("is what a machine without a bot shows, and the token leaves no trace on the page", async () => {
    const platform = await open("#/discord", { test_discord: () => ({ findings, token_taken: true, took_millis: 310, view: view({ stand: stand({ bridge: { state: "off" } }) }) }) }, bare);
    const token = "MTE3.not-a-token.of-anybody-3v0A";
    const field = await screen.findByLabelText<HTMLInputElement>("Bot token");
    expect(field.type).toBe("password");
    await fireEvent.input(field, { target: { value: token } });
    await fireEvent.click(await button("Test and keep"));
    await waitFor(() => expect(platform.argsOf("test_discord")).toEqual([{ token }]));
    expect(document.documentElement.outerHTML).not.toContain(token);
    await waitFor(() => expect([...document.querySelectorAll("input")].map(({ value }) => value)).not.toContain(token));
    expect(JSON.stringify({ ...localStorage, ...sessionStorage })).not.toContain(token);
  });

  const typed = async (answer: NonNullable<Answers>["test_discord"]) => {
    const platform = await open("#/discord", { test_discord: answer }, bare);
    const field = await screen.findByLabelText<HTMLInputElement>("Bot token");
    await fireEvent.input(field, { target: { value: " a-token " } });
    await fireEvent.keyDown(field, { key: "Enter" });
    return { platform, field };
  };
  const found = (subject: string, words: string, token_taken: boolean | null = null) => ({ findings: [{ subject, verdict: "fault" as const, words }], token_taken, took_millis: 310, view: bare });

  test("a token that Discord refuses is gone from the field", async () => {
    const { field } = await typed(() => found("bot token", "Discord does not take it", false));
    await screen.findByText(/does not take it/);
    await waitFor(() => expect(field.value).toBe(""));
  });

  test("a new token that Discord refuses does not look like the one that is kept", async () => {
    await open("#/discord/setup", { test_discord: () => ({ ...found("bot token", "Discord does not take it", false), view: view() }) });
    await fireEvent.click(await button("Replace"));
    const field = await screen.findByLabelText<HTMLInputElement>("Bot token");
    await fireEvent.input(field, { target: { value: "another" } });
    await fireEvent.click(await button("Test and keep"));
    await screen.findByText(/does not take it/);
    await waitFor(() => expect(field.value).toBe(""));
    expect(field.isConnected, "the next try is typed there").toBe(true);
    expect(screen.queryByText("kept with the keys")).toBeNull();
    // How long Discord took stands beside the kept one, of which it was not asked.
    await fireEvent.click(await button("Keep the old one"));
    await screen.findByText(/kept with the keys/);
    expect(screen.queryByText(/310 ms/)).toBeNull();
    // Whoever goes to another screen and comes back finds the kept one, of which nothing was found.
    for (const hash of ["#/discord", "#/discord/setup"]) {
      location.hash = hash;
      await (hash === "#/discord" ? screen.findByRole("heading", { name: "Traffic" }) : screen.findByText(/kept with the keys/));
      expect(screen.queryByText(/does not take it/), hash).toBeNull();
    }
  });

  test("a fault has the barred circle, as every failure, and not the cross of a challenge", async () => {
    await open("#/discord/setup", { test_discord: () => found("bot token", "Discord does not take it", false) });
    await fireEvent.click(await button("Test again"));
    const sign = within(await screen.findByRole("list", { name: "What was found" })).getByRole("img", { name: "fault" });
    expect(sign.querySelector("svg")!.classList).toContain("lucide-ban");
  });

  const refused = () => view({ stand: stand({ bridge: { state: "stopped", why: "Discord says no. Reset it." }, token_refused: true }), health: null });
  const starts = () => screen.findByRole<HTMLButtonElement>("button", { name: "Start the bridge" });

  test("a kept token that Discord refuses is no step that is done, and nothing starts before another is taken", async () => {
    const taken = view({ stand: stand({ bridge: { state: "off" } }), setup: setup({ bot: { ...setup().bot!, token_tail: "9x1B" } }), health: null });
    const platform = await open("#/discord/setup", { test_discord: () => ({ findings, token_taken: true, took_millis: 310, view: taken }) }, refused());
    const field = await screen.findByLabelText<HTMLInputElement>("Bot token");
    const step = within(field.closest("section")!);
    step.getByText("Discord no longer accepts the bot’s token. Reset it on the Bot page and paste the new one here.");
    expect(step.queryByText("done")).toBeNull();
    screen.getByText(/^Set-up: 2 of 5 steps done/);
    screen.getByText("The bridge starts once Discord takes the bot’s token.");
    screen.getByText(/^Once it runs, the bridge hears .*mentions and direct messages/);
    expect((await starts()).disabled).toBe(true);
    expect(platform.argsOf("list_servers"), "it would refuse that as well").toEqual([]);
    await fireEvent.input(field, { target: { value: "a-token" } });
    await fireEvent.click(await button("Test and keep"));
    await waitFor(() => expect(step.queryByText("done")).toBeTruthy());
    expect((await starts()).disabled).toBe(false);
  });

  test("a kept token that Discord refuses again is told of once, with the way to another", async () => {
    const words = "Discord does not take it: reset it on the Bot page of https://discord.com/developers/applications and paste the new one here";
    await open("#/discord/setup", { test_discord: () => ({ findings: [{ subject: "bot token", verdict: "fault", words }], token_taken: false, took_millis: 31, view: refused() }) }, refused());
    const step = within((await screen.findByLabelText("Bot token")).closest("section")!);
    await fireEvent.click(await button("Test again"));
    const list = within(await step.findByRole("list", { name: "What was found" }));
    list.getByRole("button", { name: "discord.com/developers" });
    expect(list.queryByRole("button", { name: "Copy the invitation" })).toBeNull();
    expect(step.queryByText(/any more\. Reset it/)).toBeNull();
    expect(step.getAllByText(/does not take/)).toHaveLength(1);
    expect(document.body.textContent).not.toContain("https://discord.com/developers/applications");
    await fireEvent.input(step.getByLabelText("Bot token"), { target: { value: "another" } });
    await fireEvent.click(await button("Test and keep"));
    await step.findByText("What was typed just now is not kept. Found with it:", undefined, { timeout: 5_000 });
    expect(step.queryByText(/any more\. Reset it/)).toBeNull();
    expect(step.getAllByText(/does not take/)).toHaveLength(1);
  });

  test("a token that is tested again is what Discord says of it now, until the bridge was begun anew", async () => {
    let taken = true;
    const platform = await open("#/discord/setup", { test_discord: () => ({ findings, token_taken: taken, took_millis: 310, view: refused() }), start_bridge: refused }, refused());
    await fireEvent.click(await button("Test again"));
    await waitFor(async () => expect((await starts()).disabled).toBe(false));
    platform.emit({ type: "discord_moved", discord: stand({ bridge: { state: "connecting", after: null } }) });
    platform.emit({ type: "discord_moved", discord: refused().stand });
    await waitFor(async () => expect((await starts()).disabled).toBe(true));
    taken = false;
    await fireEvent.click(await button("Test again"));
    await waitFor(() => expect(platform.argsOf("test_discord")).toHaveLength(2));
    expect((await starts()).disabled).toBe(true);
  });

  test("a test that the kept token passes reads the channels anew, and what the bot may do in them", async () => {
    let readable = false;
    let shown = view({ setup: setup({ routes: [{ ...setup().routes[0]!, lacking: null }] }) });
    const answers: Answers = {
      discord: () => shown,
      list_servers: () => {
        if (!readable) throw new RpcError("provider_error", "Discord says no: Unknown Member (10007).");
        shown = view();
        return servers;
      },
      test_discord: () => {
        readable = true;
        return { findings, token_taken: true, took_millis: 310, view: view({ setup: { ...shown.setup, bot: { ...setup().bot!, tested_at: ago(1) } } }) };
      },
    };
    await open("#/discord/setup", answers, shown);
    await screen.findByText(/Unknown Member/);
    await fireEvent.click(await button("Test again"));
    await screen.findByText("Operations");
    expect(screen.queryByText(/Unknown Member/)).toBeNull();
    location.hash = "#/discord";
    await screen.findByRole("list", { name: "Channels" });
    await waitFor(() => expect(screen.queryByText(/not known yet/)).toBeNull());
  });

  test("a token that is only tried and refused leaves the kept one as it is", async () => {
    const off = view({ stand: stand({ bridge: { state: "off" } }), health: null });
    await open("#/discord/setup", { test_discord: () => ({ ...found("bot token", "Discord does not take it", false), view: off }) }, off);
    await fireEvent.click(await button("Replace"));
    await fireEvent.input(await screen.findByLabelText("Bot token"), { target: { value: "another" } });
    await fireEvent.click(await button("Test and keep"));
    await screen.findByText(/does not take it/);
    await waitFor(() => expect(screen.getByLabelText<HTMLInputElement>("Bot token").value, "the next try is typed there").toBe(""));
    expect((await starts()).disabled).toBe(false);
  });

  test.each(["invalid_body", "invalid_request"])("what is no token is gone from the field: %s", async (code) => {
    const { field } = await typed(() => {
      throw new RpcError(code, "That is no bot's token: it has a space in it.");
    });
    await screen.findByText(/it has a space in it/);
    await waitFor(() => expect(field.value).toBe(""));
    expect(screen.queryByText(code), "what was typed is told by its sentence").toBeNull();
  });

  test.each(["Enter", "the button"])("whoever had a token refused by %s goes on typing in the field, and presses no keys of the screen", async (way) => {
    let answer: () => void = () => {};
    const platform = await open("#/discord/setup", { test_discord: () => new Promise((done) => (answer = () => done(found("bot token", "Discord does not take it", false)))) }, bare);
    const field = await screen.findByLabelText<HTMLInputElement>("Bot token");
    field.focus();
    await fireEvent.input(field, { target: { value: "a-token" } });
    const act = await button("Test and keep");
    if (way === "Enter") await fireEvent.keyDown(field, { key: "Enter" });
    else {
      act.focus();
      await fireEvent.click(act);
    }
    await waitFor(() => expect(platform.argsOf("test_discord")).toHaveLength(1));
    expect([field, act].map((each) => each.matches(":disabled")), "neither loses the focus while it is tested").toEqual([false, false]);
    answer();
    await screen.findByText(/does not take it/);
    await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText("Bot token")));
    for (const letter of "ga") await press(letter);
    expect(location.hash).toBe("#/discord/setup");
  });

  test("once the kept token is refused, another is typed at once", async () => {
    await open("#/discord/setup", { test_discord: () => ({ ...found("bot token", "Discord does not take it", false), view: refused() }) });
    const again = await button("Test again");
    again.focus();
    await fireEvent.click(again);
    await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText("Bot token")));
  });

  test("another token that is typed while one is tested stays", async () => {
    let answer: () => void = () => {};
    const { platform, field } = await typed(() => new Promise((done) => (answer = () => done(found("bot token", "Discord does not take it", false)))));
    await waitFor(() => expect(platform.argsOf("test_discord")).toHaveLength(1));
    await fireEvent.input(field, { target: { value: "another" } });
    answer();
    await screen.findByText(/does not take it/);
    // What follows an answer has been done by the next turn.
    await new Promise((done) => setTimeout(done));
    expect(field.value).toBe("another");
  });

  test.each<[string, NonNullable<Answers>["test_discord"]]>([
    ["could not be reached", () => found("connection", "Discord cannot be reached; whether the bot's token is right is not known")],
    ["did not answer in time", () => found("Discord", "Discord did not answer everything within 60 seconds; nothing was changed")],
  ])("a token stays in the field where Discord %s, and is sent again", async (_, answer) => {
    const { platform, field } = await typed(answer);
    await screen.findByText(/neither taken nor refused/);
    expect(field.value).toBe(" a-token ");
    expect(JSON.stringify({ ...localStorage, ...sessionStorage })).not.toContain("a-token");
    await fireEvent.click(await button("Test and keep"));
    await waitFor(() => expect(platform.argsOf("test_discord")).toEqual([{ token: "a-token" }, { token: "a-token" }]));
    // Nothing but the test was told of it.
    expect(platform.argsOf("save_draft")).toEqual([]);
  });

  const LACKING = "No keyring answers on this machine (no bus). Choose in Settings where keys are kept.";
  const lacking = () => {
    throw new RpcError("secrets_unavailable", LACKING);
  };

  test("a token without a place to be kept is not said to be untested, and is tested again once there is one", async () => {
    let hasPlace = false;
    const { platform, field } = await typed(() => (hasPlace ? { findings, token_taken: true, took_millis: 310, view: view() } : lacking()));
    await screen.findByText(LACKING);
    await screen.findByText("There is no place to keep this token yet. It is kept in this field alone.");
    expect(screen.queryByText(/neither taken nor refused/)).toBeNull();
    expect(field.value).toBe(" a-token ");
    platform.emit({ type: "secrets_changed", secrets: { state: "needs_choice", system_words: "no bus" } });
    await fireEvent.click(await button("Choose where"));
    await screen.findByRole("dialog");
    hasPlace = true;
    // As the command line chooses it.
    platform.emit({ type: "secrets_changed", secrets: { state: "ready", kept_in: "sealed_file" } });
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await waitFor(() => expect(platform.argsOf("test_discord")).toEqual([{ token: "a-token" }, { token: "a-token" }]));
  });

  test("what a token needs is told before it is asked for, and no longer once it is there", async () => {
    const platform = await open("#/discord", { test_discord: lacking }, bare);
    const field = await screen.findByLabelText<HTMLInputElement>("Bot token");
    platform.emit({ type: "secrets_changed", secrets: { state: "needs_choice", system_words: "no bus" } });
    await screen.findByText("No keyring answers on this machine. The token needs a place to be kept.");
    await fireEvent.input(field, { target: { value: "a-token" } });
    await fireEvent.click(await button("Test and keep"));
    await screen.findByText(LACKING);
    expect(screen.queryByText(/The token needs a place/), "once is enough").toBeNull();
    platform.emit({ type: "secrets_changed", secrets: { state: "ready", kept_in: "keyring" } });
    await waitFor(() => expect(screen.queryByText(LACKING)).toBeNull());
    screen.getByText("It is kept with the keys, and is not shown again.");
  });

  test.each([
    ["locked", { state: "locked" as const, message: "It was sealed on another day." }, "The sealed file with your keys is locked.", "Open it"],
    ["keyring_locked", { state: "keyring_locked" as const, system_words: "locked" }, "Your keyring is locked.", "What to do"],
  ])("a key store that is %s is said to be so, and not to be lacking", async (_, secrets, lead, act) => {
    const platform = await open("#/discord", { test_discord: lacking }, bare);
    const field = await screen.findByLabelText<HTMLInputElement>("Bot token");
    platform.emit({ type: "secrets_changed", secrets });
    await screen.findByText(`${lead} The token is kept once it is open.`);
    await fireEvent.input(field, { target: { value: "a-token" } });
    await fireEvent.click(await button("Test and keep"));
    await screen.findByText(LACKING);
    await screen.findByText(/until it is open, this token is kept in this field alone/);
    expect(screen.queryByText(/no place|needs a place/)).toBeNull();
    expect(screen.queryByRole("button", { name: "Choose where" })).toBeNull();
    await fireEvent.click(await button(act));
    await screen.findByRole("dialog");
  });

  test("what was found is of the map and the bridge as they were, whoever changes them, and wherever one is", async () => {
    const route = (channel_id: string, agent: string) => ({ channel_id, name: `c-${channel_id.slice(0, 2)}`, agent, lacking: [], unseen: false });
    const [one, other] = [route("123456789012345678", "loom"), route("999999999999999999", "kasra")];
    const idle = stand({ bridge: { state: "off" } });
    let shown = view({ stand: idle, health: null, setup: setup({ routes: [one] }) });
    const platform = await open("#/discord", { discord: () => shown, test_discord: () => ({ findings, token_taken: true, took_millis: 310, view: shown }), list_traffic: paged([]) }, shown);
    const look = async () => {
      await fireEvent.click(await button("Check"));
      await screen.findByRole("list", { name: "What was found" });
    };
    const isGone = () => waitFor(() => expect(screen.queryByRole("list", { name: "What was found" })).toBeNull());
    await look();
    // Mapped in a terminal, and read when one comes back.
    location.hash = "#/hall";
    await screen.findByRole("heading", { name: "Hall", level: 1 });
    shown = { ...shown, setup: setup({ routes: [one, other] }) };
    location.hash = "#/discord";
    await screen.findByText("#c-99");
    await isGone();
    await look();
    platform.emit({ type: "discord_moved", discord: stand() });
    await isGone();
  });

  test("the kept token is checked again once what keeps it is open", async () => {
    let isOpen = false;
    const platform = await open("#/discord/setup", { test_discord: () => (isOpen ? { findings, token_taken: true, took_millis: 310, view: view() } : lacking()) });
    platform.emit({ type: "secrets_changed", secrets: { state: "locked", message: "It was sealed on another day." } });
    await fireEvent.click(await button("Test again"));
    await screen.findByText(LACKING);
    isOpen = true;
    platform.emit({ type: "secrets_changed", secrets: { state: "ready", kept_in: "sealed_file" } });
    await screen.findByRole("list", { name: "What was found" });
    expect(screen.queryByText(LACKING)).toBeNull();
    expect(platform.argsOf("test_discord")).toEqual([{}, {}]);
  });

  test("and is not where another is typed, which is tested by whoever typed it", async () => {
    const platform = await open("#/discord/setup", { test_discord: lacking });
    platform.emit({ type: "secrets_changed", secrets: { state: "locked", message: "It was sealed on another day." } });
    await fireEvent.click(await button("Test again"));
    await screen.findByText(LACKING);
    await fireEvent.click(await button("Replace"));
    await fireEvent.input(await screen.findByLabelText("Bot token"), { target: { value: "another" } });
    platform.emit({ type: "secrets_changed", secrets: { state: "ready", kept_in: "sealed_file" } });
    await waitFor(() => expect(screen.queryByText(LACKING)).toBeNull());
    expect(platform.argsOf("test_discord")).toEqual([{}]);
  });

  test("an Application ID is saved as it is left, and a wrong one is not", async () => {
    const platform = await open("#/discord/setup", { edit_discord: () => bare }, bare);
    const field = await screen.findByLabelText("Application ID");
    await fireEvent.input(field, { target: { value: "12" } });
    await fireEvent.change(field, { target: { value: "12" } });
    await screen.findByText("An Application ID is 17 to 20 digits.");
    await fireEvent.input(field, { target: { value: " 1178204455310091748 " } });
    await fireEvent.change(field, { target: { value: " 1178204455310091748 " } });
    await waitFor(() => expect(platform.argsOf("edit_discord")).toEqual([{ application_id: "1178204455310091748" }]));
  });

  test("names the sandbox while there is no bot, with the command that starts it", async () => {
    await open("#/discord/setup", {}, bare);
    const step = within(await screen.findByRole("region", { name: "Create the application" }));
    expect(step.getByText("./dev discord-sandbox").closest("p")!.textContent).toContain("starts a sandbox, a Discord on this machine");
    cleanup();
    await open("#/discord/setup");
    await screen.findByRole("region", { name: "Create the application" });
    expect(screen.queryByText(/sandbox/), "whoever has a bot needs none").toBeNull();
  });

  test("in a sandbox nothing leads to Discord itself, and the next step is named", async () => {
    const platform = await open("#/discord/setup", {}, view({ setup: setup({ sandbox: "127.0.0.1:8321", bot: null, application_id: null }) }));
    const step = (name: string) => screen.findByRole("region", { name }).then(within);
    const first = await step("Create the application");
    first.getByText(/“Test the token” takes the token/);
    expect(first.queryByText(/In the portal/)).toBeNull();
    expect(first.queryByRole("button", { name: "discord.com/developers" })).toBeNull();
    expect(first.queryByLabelText("Application ID"), "the step is done").toBeNull();
    await screen.findByText(/Set-up: 3 of 5 steps done/);
    const page = await step("On its Bot page");
    page.getByText(/^A sandbox has no Bot page/);
    page.getByText("done");
    expect(page.queryByText(/Reset Token|Message Content Intent/)).toBeNull();
    (await step("Invite it")).getByText("The sandbox’s bot is in its servers already.");
    for (const name of ["Open in the browser", "Copy"]) expect(screen.queryByRole("button", { name })).toBeNull();
    expect(screen.queryByText("./dev discord-sandbox")).toBeNull();
    expect(platform.opened).toEqual([]);
  });

  test("a token tells its application, whatever was typed before", async () => {
    const told = view({ setup: setup({ routes: [] }) });
    const platform = await open("#/discord/setup", { test_discord: () => ({ findings, token_taken: true, took_millis: 310, view: told }) }, bare);
    const field = await screen.findByLabelText<HTMLInputElement>("Application ID");
    const step = within(screen.getByRole("region", { name: "Create the application" }));
    await fireEvent.input(field, { target: { value: "12" } });
    await fireEvent.change(field, { target: { value: "12" } });
    await step.findByText("An Application ID is 17 to 20 digits.");
    await fireEvent.input(screen.getByLabelText("Bot token"), { target: { value: "a-token" } });
    await fireEvent.click(await button("Test and keep"));
    await step.findByText("done");
    expect([field.value, field.getAttribute("aria-invalid")]).toEqual([told.setup.application_id, null]);
    expect(step.queryByText("An Application ID is 17 to 20 digits.")).toBeNull();
    expect(platform.argsOf("edit_discord")).toEqual([]);
  });

  test("the fifth step is done once the bridge runs and the bot is shut out nowhere, and mentions always ask somebody", async () => {
    const { routes } = setup();
    const lacking = (lacking: string[] | null) => view({ setup: setup({ routes: routes.map((route, at) => ({ ...route, lacking: at === 1 ? lacking : [] })) }) });
    for (const [lacks, done] of [[["View Channels"], 0], [null, 1], [[], 1]] as const) {
      await open("#/discord/setup", {}, lacking(lacks && [...lacks]));
      const shut = within(await screen.findByRole("region", { name: "Who answers where" }));
      expect(shut.queryAllByText("done"), `${lacks}`).toHaveLength(done);
      await screen.findByText(done ? /^Set-up: all 5 steps done/ : /^Set-up: 4 of 5 steps done/);
      cleanup();
    }
    await open("#/discord/setup", {}, lacking([]));
    const map = within(await screen.findByRole("region", { name: "Who answers where" }));
    map.getByText("done");
    expect((await map.findByText("Somebody is always asked there: choose who.")).parentElement!.title, "a dash beside a ticked cell says nothing").toBe("Somebody is always asked there: choose who.");
    map.getByText("Anywhere else, where somebody is always asked");
    map.getByRole("columnheader", { name: "nobody" });
    expect(map.queryByRole("checkbox", { name: /^Mentions.*nobody/ }), "its box cannot be ticked").toBeNull();
    cleanup();
    await open("#/discord/setup", {}, bare);
    const alone = within(await screen.findByRole("region", { name: "Who answers where" }));
    alone.getByText("Step 5");
    alone.getByText("Anywhere, where somebody is always asked");
    expect(alone.queryByRole("columnheader", { name: "nobody" }), "it could be chosen nowhere").toBeNull();
  });

  test("what was found stays true of channels and agents that a change of the map does not touch", async () => {
    const of = (subject: string) => {
      const [kind, name] = subject.split(" ");
      const about = kind === "channel" ? { channel_id: name! } : kind === "agent" ? { agent: name! } : {};
      return { subject, ...about, verdict: "well" as const, words: "it is in order" };
    };
    const subjects = ["bot token", "channel 123456789012345678", "channel 987654321098765432", "agent kasra", "agent loom", "agent calliope"];
    const { routes } = setup();
    const changed = view({ setup: setup({ routes: routes.map((route) => (route.name === "shipping-ops" ? { ...route, agent: "kasra" } : route)) }) });
    let shown = view();
    // The news of the change is faster than its answer, and has the screen read anew.
    const edit = async () => {
      shown = changed;
      const reads = platform.argsOf("discord").length;
      platform.emit({ type: "discord_moved", discord: stand() });
      await waitFor(() => expect(platform.argsOf("discord").length).toBeGreaterThan(reads));
      return changed;
    };
    const platform: FakePlatform = await open("#/discord/setup", { discord: () => shown, edit_discord: edit, test_discord: () => ({ findings: subjects.map(of), token_taken: true, took_millis: 310, view: view() }) });
    await fireEvent.click(await button("Test again"));
    const found = await screen.findByRole("list", { name: "What was found" });
    const told = () => [...found.querySelectorAll("b")].map(({ textContent }) => textContent);
    expect(told()).toEqual(subjects);
    expect(found.querySelector("p b"), "a subject and its sentence do not run on as one broken line").toBeNull();
    await fireEvent.click(await screen.findByRole("checkbox", { name: "#shipping-ops: kasra, not asked" }));
    await waitFor(() => expect(told()).toEqual(["bot token", "channel 123456789012345678", "agent kasra", "agent calliope"]));
  });

  test("says of whoever is asked and reads no mail what the list of agents says of him", async () => {
    const asleep = [agent("loom", { status: "suspended" }), agent("kasra", { kind: "managed", status: "inactive" })];
    const platform = new FakePlatform({ ...bridged, agents: asleep }, { discord: () => view(), list_traffic: paged([]), list_servers: () => servers });
    location.hash = "#/discord/setup";
    dispatchEvent(new HashChangeEvent("hashchange"));
    render(App, { platform });
    await screen.findByRole("grid", { name: "Who answers where" });
    expect(screen.getAllByRole("columnheader").flatMap(({ title }) => title || [])).toEqual(expect.arrayContaining(["loom is disabled", "kasra is switched off", "There is no agent called calliope"]));
  });

  test("a channel is mapped by a click and by keys", async () => {
    const platform = await open("#/discord/setup", { edit_discord: () => view() });
    const grid = within(await screen.findByRole("grid", { name: "Who answers where" }));
    const cell = (name: string) => grid.findByRole("checkbox", { name });
    expect((await cell("#hq: kasra")).getAttribute("aria-checked")).toBe("true");
    expect((await cell("Hamburg Friday: loom, like its channel")).getAttribute("aria-checked")).toBe("true");
    await fireEvent.click(await cell("#customs: loom, not asked"));
    await waitFor(() => expect(platform.argsOf("edit_discord")).toEqual([{ routes: [{ channel_id: "553100000000000917", agent: "loom" }] }]));
    await fireEvent.click(await cell("#hq: ask nobody"));
    await waitFor(() => expect(platform.argsOf("edit_discord")).toContainEqual({ routes: [{ channel_id: "123456789012345678" }] }));
    (await cell("#announcements: loom, not asked")).focus();
    await press("ArrowDown");
    await waitFor(() => expect(document.activeElement?.getAttribute("aria-label")).toBe("#hq: loom, not asked"));
    await press("End");
    await waitFor(() => expect(document.activeElement?.getAttribute("aria-label")).toBe("#hq: ask nobody"));
    (await cell("Hamburg Friday: loom, like its channel")).focus();
    await press("End");
    await waitFor(() => expect(document.activeElement?.getAttribute("aria-label")).toMatch(/^Hamburg Friday: /));
    expect(document.activeElement).toBe(screen.getAllByRole("checkbox", { name: /^Hamburg Friday: / }).at(-1));
    await fireEvent.click(await cell("Mentions and direct messages: loom, not asked"));
    await waitFor(() => expect(platform.argsOf("edit_discord")).toContainEqual({ default_agent: "loom" }));
  });

  test("says before it starts that the bridge is an agent itself, and where it runs leads to it", async () => {
    await open("#/discord/setup");
    await screen.findByText("The bridge is itself an agent on the bus, discord-connector, and is counted and listed as one.");
    cleanup();
    const connector = agent("discord-connector", { kind: "connector" });
    const platform = new FakePlatform({ ...bridged, agents: [...bridged.agents, connector] }, { discord: () => view(), list_traffic: paged(traffic) });
    location.hash = "#/discord";
    dispatchEvent(new HashChangeEvent("hashchange"));
    render(App, { platform });
    const link = await screen.findByRole("link", { name: "discord-connector" });
    expect(link.getAttribute("href")).toBe(`#/agents/${connector.id}`);
  });

  test("says beside the map what panels from Discord may cost in a day at most, and leads to both limits", async () => {
    const platform = await open("#/discord/setup");
    const told = (await screen.findByText(/^Whoever is heard in Discord may begin panels/)).closest("p")!;
    await waitFor(() => expect(told.textContent?.replace(/\s+/g, " ")).toContain("may begin panels: at most 10 rounds a day. With your default panel a first round sets aside at most $0.211, later rounds more. $1.37 of the spending limit is left."));
    expect(platform.argsOf("estimate")).toEqual([{ prompt_bytes: 2_000, reference_bytes: 0 }]);
    platform.emit({ type: "wallet_changed", wallet: { ...bridged.wallet, monthly_limit: 20_000_000, balance: 20_000_000 } });
    await waitFor(() => expect(platform.argsOf("estimate"), "what is left is another sum").toHaveLength(2));
    expect(within(told.nextElementSibling as HTMLElement).getByRole("link", { name: "Spending limit" }).getAttribute("href")).toBe("#/settings/spending");
    await fireEvent.click(within(told.nextElementSibling as HTMLElement).getByRole("button", { name: "Rounds of panels in a day" }));
    expect(document.activeElement).toBe(screen.getByLabelText("Rounds of panels in a day"));
    cleanup();
    await open("#/discord/setup", {}, view({ setup: setup({ panels_per_day: 0 }) }));
    await screen.findByText(/^Nobody can begin a panel from Discord\./);
    expect(screen.queryByRole("link", { name: "Spending limit" })).toBeNull();
  });

  test("how it speaks is changed at once, within what is possible", async () => {
    const platform = await open("#/discord/setup", { edit_discord: () => view() });
    await fireEvent.click(await screen.findByRole("switch", { name: "Agents under their own name" }));
    await fireEvent.click(screen.getByRole("radio", { name: "none" }));
    const panels = screen.getByLabelText("Rounds of panels in a day");
    await fireEvent.change(panels, { target: { value: "1001" } });
    await screen.findByText("A whole number up to 1,000.");
    await fireEvent.change(panels, { target: { value: "0" } });
    await waitFor(() => expect(platform.argsOf("edit_discord")).toEqual([{ own_names: true }, { marks: "off" }, { panels_per_day: 0 }]));
  });

  test("the invitation opens in the person’s own browser, and asks for what the manner makes use of", async () => {
    const platform = await open("#/discord/setup");
    await fireEvent.click(await button("Open in the browser"));
    expect(platform.opened).toEqual([withPermissions(NEEDED | REACTIONS | FILES | THREADS)]);
  });

  test("what the invitation asks for besides the needed is the operator’s to choose", async () => {
    const platform = await open("#/discord/setup");
    for (const name of ["Add Reactions", "Attach Files", "Create Public Threads"]) await fireEvent.click(await screen.findByRole("checkbox", { name }));
    expect((await screen.findByRole<HTMLInputElement>("checkbox", { name: "Send Messages" })).disabled).toBe(true);
    await fireEvent.click(await button("Open in the browser"));
    await fireEvent.click(await screen.findByRole("checkbox", { name: "Manage Webhooks" }));
    await fireEvent.click(await button("Open in the browser"));
    expect(platform.opened).toEqual([withPermissions(NEEDED), withPermissions(NEEDED | WEBHOOKS)]);
  });

  test("the bridge starts by its key, and its work is shown", async () => {
    const off = view({ stand: stand({ bridge: { state: "off" } }), health: null });
    const platform = await open("#/discord/setup", { start_bridge: () => view() }, off);
    await button("Start the bridge");
    await press("Enter", { ctrlKey: true });
    await waitFor(() => expect(platform.argsOf("start_bridge")).toEqual([{}]));
    await waitFor(() => expect(location.hash).toBe("#/discord"));
  });

  test("the token is forgotten only by the bot’s name", async () => {
    const platform = await open("#/discord/setup", { forget_bot: () => bare });
    await fireEvent.click(await button("Forget"));
    const ask = await screen.findByRole("textbox", { name: "Type husting#4471 to forget its token" });
    await fireEvent.input(ask, { target: { value: "husting#4471" } });
    await fireEvent.click(await button(/^Forget the token/));
    await waitFor(() => expect(platform.argsOf("forget_bot")).toEqual([{}]));
    await screen.findByLabelText("Bot token");
  });
});
