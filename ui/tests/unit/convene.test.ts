import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { tick } from "svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
// Read before the clock of the first test runs: the frame would read them inside that.
import "../../src/components/SheetDialog.svelte";
import "../../src/features/deliberations/NewDeliberation.svelte";
import "../../src/features/deliberations/session/Session.svelte";
import type { SecretsView } from "../../src/generated/SecretsView";
import { RpcError } from "../../src/platform";
import { open, press } from "../fixtures/page";
import { Thread } from "../fixtures/pdf-thread";
import { m } from "../../src/messages";
import { FakePlatform } from "../fixtures/platform";
import { ACK } from "../fixtures/rounds";
import { fresh, models, snapshot, walletSummary } from "../fixtures/shared";
import { estimate, walletView } from "../fixtures/wallet";

vi.setConfig({ testTimeout: 30_000 });

beforeEach(() => localStorage.clear());
afterEach(() => {
  vi.unstubAllGlobals();
  cleanup();
  location.hash = "";
});

/** Once what was begun before has been read, the question has the focus. */
async function write(question: string) {
  const field = await screen.findByRole("textbox", { name: "Question" });
  await waitFor(() => expect(document.activeElement).toBe(field));
  await fireEvent.input(field, { target: { value: question } });
}

describe("a new deliberation", () => {
  test("is convened from the keyboard with the default panel, its document byte for byte", async () => {
    const platform = new FakePlatform(snapshot, { convene: () => ACK });
    await open("#/deliberations/new", platform);
    const text = "# Volumes\r\n\r\nForty events a second. Größe: 18 kB.\n";
    const question = await screen.findByRole("textbox", { name: "Question" });
    await fireEvent.input(question, { target: { value: "Postgres or MongoDB?" } });
    await fireEvent.drop(question, { dataTransfer: { files: [new File([text], "volumes.md")], types: ["Files"] } });
    await screen.findByText("volumes.md");
    question.focus();
    await press("Enter", { ctrlKey: true });
    await waitFor(() => expect(platform.argsOf("convene")).toHaveLength(1));
    expect(platform.argsOf("convene")[0]).toEqual({
      prompt: "Postgres or MongoDB?",
      models: ["claude-opus-4-7", "gpt-5.4", "openrouter/qwen-3.6-plus"],
      recap_round: false,
      blind: true,
      reference: text,
      reference_name: "volumes.md",
    });
    await waitFor(() => expect(location.hash).toBe("#/deliberations/s-new"));
  });

  test("that is sent too early says why, and leads to what is missing", async () => {
    const platform = new FakePlatform(snapshot, { convene: () => ACK });
    await open("#/deliberations/new", platform);
    const question = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Question" });
    const early = async (why: RegExp) => {
      await press("Enter", { ctrlKey: true });
      await waitFor(() => expect(screen.getAllByRole("status").some((each) => why.test(each.textContent))).toBe(true));
    };
    await waitFor(() => expect(document.activeElement).toBe(question));
    question.blur();
    await early(/Write a question first/);
    expect(document.activeElement).toBe(question);
    await fireEvent.input(question, { target: { value: "Postgres or MongoDB?" } });
    const spend = screen.getByRole<HTMLInputElement>("textbox", { name: "Spend at most" });
    await fireEvent.input(spend, { target: { value: "n" } });
    await early(/A figure of the panel cannot be used/);
    expect(document.activeElement).toBe(spend);
    await fireEvent.input(spend, { target: { value: "" } });
    for (const seat of screen.getAllByRole<HTMLInputElement>("checkbox", { checked: true }).slice(1)) await fireEvent.click(seat);
    question.focus();
    await early(/Choose at least two seats/);
    expect(document.activeElement).toHaveProperty("type", "checkbox");
    expect(platform.argsOf("convene")).toEqual([]);
  });

  test("says what it was begun from, which for own words is nothing", async () => {
    await open("#/deliberations/new", new FakePlatform());
    const begun = () => within(screen.getByRole("radiogroup", { name: "Start from" })).getByRole("radio", { checked: true });
    const question = await screen.findByRole("textbox", { name: "Question" });
    expect(begun()).toHaveProperty("value", "blank");
    await fireEvent.input(question, { target: { value: "Postgres or MongoDB?" } });
    expect(begun()).toHaveProperty("value", "blank");
    await fireEvent.input(question, { target: { value: "" } });
    await fireEvent.click(screen.getByRole("radio", { name: "Red team" }));
    await waitFor(() => expect(question).toHaveProperty("value", expect.stringContaining("Here is our plan")));
    await fireEvent.input(question, { target: { value: "Here is our plan: a second depot." } });
    expect(begun()).toHaveProperty("value", "red-team");
  });

  test("takes a template that its address comes to name while it stands, but not over own words", async () => {
    const go = (fragment: string) => {
      location.hash = fragment;
      dispatchEvent(new HashChangeEvent("hashchange"));
    };
    await open("#/deliberations/new", new FakePlatform());
    const question = await screen.findByRole("textbox", { name: "Question" });
    go("#/deliberations/new/red-team");
    await waitFor(() => expect(question).toHaveProperty("value", expect.stringContaining("Here is our plan")));
    await fireEvent.input(question, { target: { value: "Postgres or MongoDB?" } });
    go("#/deliberations/new/design-review");
    await tick();
    expect(question).toHaveProperty("value", "Postgres or MongoDB?");
  });

  test("a template that takes the place of own words is said to, and can be taken back", async () => {
    await open("#/deliberations/new", new FakePlatform());
    const question = await screen.findByRole("textbox", { name: "Question" });
    await fireEvent.input(question, { target: { value: "Postgres or MongoDB?" } });
    await fireEvent.click(screen.getByRole("radio", { name: "Red team" }));
    await waitFor(() => expect(question).toHaveProperty("value", expect.stringContaining("Here is our plan")));
    await screen.findByText("Your question was replaced by the template “Red team”.");
    await fireEvent.click(screen.getByRole("button", { name: /^Undo/ }));
    await waitFor(() => expect(question).toHaveProperty("value", "Postgres or MongoDB?"));
    expect(screen.getByRole("radio", { name: "Blank" })).toHaveProperty("checked", true);
  });

  describe("what was taken away before the screen was left", () => {
    const leave = async (fragment: string) => {
      location.hash = fragment;
      dispatchEvent(new HashChangeEvent("hashchange"));
      await tick();
    };
    async function begun() {
      const bodies = new Map<string, string>();
      await open("#/deliberations/new", new FakePlatform(snapshot, { draft: ({ key }) => ({ body: bodies.get(key) ?? null }), save_draft: ({ key, body }) => (bodies.set(key, body), {}) }));
      return screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Question" });
    }
    const back = async () => {
      await leave("#/hall");
      await waitFor(() => expect(screen.queryByRole("textbox", { name: "Question" })).toBeNull());
      await leave("#/deliberations/new");
      return screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Question" });
    };
    const undo = async () => fireEvent.click(screen.getByRole("button", { name: /^Undo/ }));

    test("an own question that gave way to a template comes back, before what was written since", async () => {
      const question = await begun();
      await fireEvent.input(question, { target: { value: "Postgres or MongoDB?" } });
      await fireEvent.click(screen.getByRole("radio", { name: "Red team" }));
      const again = await back();
      await fireEvent.input(again, { target: { value: "And who runs it?" } });
      await undo();
      await waitFor(() => expect(again.value).toBe("Postgres or MongoDB?\n\nAnd who runs it?"));
    });

    test("a file comes back, also where it is called back from another screen", async () => {
      const question = await begun();
      await fireEvent.input(question, { target: { value: "Q?" } });
      await fireEvent.drop(question, { dataTransfer: { files: [new File(["Forty a second."], "notes.md")], types: ["Files"] } });
      await fireEvent.click(await screen.findByRole("button", { name: "Remove notes.md" }));
      await back();
      await undo();
      await fireEvent.click(await screen.findByRole("button", { name: "Remove notes.md" }));
      await leave("#/hall");
      await undo();
      await leave("#/deliberations/new");
      await screen.findByRole("button", { name: "Remove notes.md" });
      expect(await screen.findByRole("textbox", { name: "Question" })).toHaveProperty("value", "Q?");
    });
  });

  test("a seat whose provider failed its last test is no seat that is fine", async () => {
    const [first, ...others] = snapshot.providers.providers;
    const answered = (status: number) => ({ ...first!, last_test: { at: "2026-11-20T14:00:00Z", millis: 80, ok: false, status, message: "no" } });
    const failed = answered(500);
    await open("#/deliberations/new", new FakePlatform({ ...snapshot, providers: { ...snapshot.providers, providers: [failed, ...others] } }));
    await screen.findByRole("complementary", { name: "Panel" });
    const row = (of: (provider: string) => boolean) => screen.getByRole("checkbox", { name: `Seat ${models.find((each) => each.available && of(each.provider) && each.kind !== "rehearsal")!.display_name}` }).closest("tr")!.textContent;
    expect(row((provider) => provider === first!.name)).toContain("last test failed");
    expect(row((provider) => provider !== first!.name)).not.toContain("last test failed");
    cleanup();
    await open("#/deliberations/new", new FakePlatform({ ...snapshot, providers: { ...snapshot.providers, providers: [answered(401), ...others] } }));
    await screen.findByRole("complementary", { name: "Panel" });
    expect(row((provider) => provider === first!.name)).toContain("Key refused");
  });

  test("where kept keys are not there any more it leads to where they are entered anew", async () => {
    await openUnread({ state: "ready", kept_in: "memory" });
    const panel = within(await screen.findByRole("complementary", { name: "Panel" }));
    panel.getByText(/^Fewer than two seats can be called: keys that were kept are not there any more/);
    await fireEvent.click(panel.getByRole("button", { name: "Enter keys anew" }));
    await waitFor(() => expect(location.hash).toBe("#/settings/providers"));
  });

  test("does not convene a template before its gaps are filled", async () => {
    const platform = new FakePlatform();
    await open("#/deliberations/new/red-team", platform);
    const question = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Question" });
    await waitFor(() => expect(question.value).toMatch(/^Here is our plan: …/));
    const convene = await screen.findByRole<HTMLButtonElement>("button", { name: /^Convene/ });
    expect([convene.disabled, convene.title]).toEqual([true, "Replace the dots in the question first."]);
    const panel = within(screen.getByRole("complementary", { name: "Panel" }));
    panel.getByText("Replace the dots in the question first.");
    await fireEvent.input(question, { target: { value: question.value.replace("…", "we move on Sunday.") } });
    await waitFor(() => expect(convene.disabled).toBe(false));
    expect(panel.queryByText(/^Replace the dots/)).toBeNull();
  });

  test("does not convene a template while one of its gaps is left, whatever else was changed in it", async () => {
    await open("#/deliberations/new/decision", new FakePlatform());
    const question = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Question" });
    await waitFor(() => expect(question.value).toMatch(/^We must choose between … and …/));
    const convene = await screen.findByRole<HTMLButtonElement>("button", { name: /^Convene/ });
    for (let gaps = question.value.split("…").length - 1; gaps > 0; gaps -= 1) {
      expect([convene.disabled, convene.title], `${gaps} gaps`).toEqual([true, "Replace the dots in the question first."]);
      await fireEvent.input(question, { target: { value: question.value.replace("…", "salt") } });
      await tick();
    }
    await waitFor(() => expect(convene.disabled).toBe(false));
    // One's own dots are no gaps.
    await fireEvent.input(question, { target: { value: `Well … ${question.value}` } });
    await waitFor(() => expect(convene.disabled).toBe(false));
    // Nor are they in own words that only have a piece of a template in them.
    await fireEvent.input(question, { target: { value: "Salt, pepper and … sugar?" } });
    await waitFor(() => expect(convene.disabled).toBe(false));
  });

  test("keeps no template that nobody filled: it is no question of the hall’s either", async () => {
    const kept = new Map<string, string>();
    const platform = new FakePlatform(fresh, { draft: ({ key }) => ({ body: kept.get(key) ?? null }), save_draft: ({ key, body }) => (kept.set(key, body), {}) });
    await open("#/deliberations/new/red-team", platform);
    const question = await screen.findByRole("textbox", { name: "Question" });
    await waitFor(() => expect(question).toHaveProperty("value", expect.stringContaining("Here is our plan")));
    location.hash = "#/hall";
    dispatchEvent(new HashChangeEvent("hashchange"));
    await waitFor(() => expect(screen.getByPlaceholderText("What should the three seats weigh?")).toHaveProperty("value", ""));
    await new Promise((done) => setTimeout(done, 500));
    expect(kept.get("new") ?? "").toBe("");
    expect(screen.getByPlaceholderText("What should the three seats weigh?")).toHaveProperty("value", "");
  });

  test("takes no damaged PDF and no binary file, says what to do instead, and keeps what was there", async () => {
    vi.stubGlobal("Worker", Thread);
    await open("#/deliberations/new", new FakePlatform());
    const question = await screen.findByRole("textbox", { name: "Question" });
    await fireEvent.input(question, { target: { value: "Which plan?" } });
    const drop = (...files: File[]) => fireEvent.drop(question, { dataTransfer: { files, types: ["Files"] } });
    await drop(new File(["Forty a second."], "volumes.md"));
    await screen.findByText("volumes.md");
    await drop(
      new File(["\ufeff%PDF-1.7\n%\u00e2\u00e3"], "the plan.pdf"),
      new File([new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 13])], "chart.png"),
      new File([new Uint8Array([0xff, 0xfe, 0x48, 0])], "wide.txt"),
      new File([new Uint8Array([0x47, 0x72, 0xf6, 0xdf, 0x65])], "latin.txt"),
      new File([], "nothing.md"),
      new File(["\ufeff \n"], "blank.md"),
    );
    await waitFor(() => expect(screen.getAllByRole("alert")).toHaveLength(6));
    const alerts = screen.getAllByRole("alert").map((each) => each.textContent ?? "");
    expect(alerts[0]).toMatch(/^the plan\.pdf is damaged.*paste it here/);
    expect(alerts[1]).toMatch(/^chart\.png is not text/);
    for (const text of alerts.slice(4)) expect(text).toMatch(/^(nothing|blank)\.md is empty, so there is nothing in it to read or quote\. What was here stays\.$/);
    for (const text of alerts.slice(2, 4)) expect(text).toMatch(/^(wide|latin)\.txt is text in another encoding than UTF-8/);
    screen.getByText("volumes.md");
    expect(question).toHaveProperty("value", "Which plan?");
  });

  test("that refuses its first file speaks of nothing that was there", async () => {
    await open("#/deliberations/new", new FakePlatform());
    await fireEvent.drop(await screen.findByRole("textbox", { name: "Question" }), { dataTransfer: { files: [new File([], "nothing.md")], types: ["Files"] } });
    await waitFor(() => expect(screen.getByRole("alert").textContent).toBe("nothing.md is empty, so there is nothing in it to read or quote."));
  });

  test("takes the same file once and says so; another one of its name gets a number", async () => {
    await open("#/deliberations/new", new FakePlatform());
    const question = await screen.findByRole("textbox", { name: "Question" });
    const drop = (...files: File[]) => fireEvent.drop(question, { dataTransfer: { files, types: ["Files"] } });
    const names = () => screen.getAllByRole("button", { name: /^Remove / }).map((each) => each.getAttribute("aria-label")?.slice("Remove ".length));
    await drop(new File(["Forty a second."], "volumes.md"));
    await screen.findByText("volumes.md");
    await drop(new File(["Forty a second."], "volumes.md"), new File(["Fifty a second."], "volumes.md"), new File(["Forty a second."], "rates.md"));
    await waitFor(() => expect(names()).toEqual(["volumes.md", "volumes (2).md", "rates.md"]));
    expect(screen.getByRole("alert").textContent).toBe("volumes.md was here already, with the same text. It was not taken again.");
    await drop(new File(["Fifty a second."], "volumes.md"), new File(["Sixty a second."], "volumes.md"));
    await waitFor(() => expect(names(), "it is known under its number too").toEqual(["volumes.md", "volumes (2).md", "rates.md", "volumes (3).md"]));
    await fireEvent.click(screen.getByRole("button", { name: "Remove volumes.md" }));
    await drop(new File(["Forty a second."], "volumes.md"));
    await waitFor(() => expect(names()).toEqual(["volumes (2).md", "rates.md", "volumes (3).md", "volumes.md"]));
    await fireEvent.click(screen.getByRole("button", { name: /^Undo/ }));
    expect(names(), "what was added again meanwhile is not put back").toHaveLength(4);
  });

  test("takes a file back until it is sent: then there is nothing to undo", async () => {
    await open("#/deliberations/new", new FakePlatform(snapshot, { convene: () => ACK }));
    const question = await screen.findByRole("textbox", { name: "Question" });
    await fireEvent.input(question, { target: { value: "Q?" } });
    await fireEvent.drop(question, { dataTransfer: { files: [new File(["Forty a second."], "volumes.md")], types: ["Files"] } });
    await fireEvent.click(await screen.findByRole("button", { name: "Remove volumes.md" }));
    await screen.findByRole("button", { name: /^Undo/ });
    await fireEvent.click(screen.getByRole("button", { name: /^Convene/ }));
    await waitFor(() => expect(screen.queryByRole("button", { name: /^Undo/ })).toBeNull());
  });

  test("sends its options, and not while one of them cannot be read", async () => {
    const platform = new FakePlatform(snapshot, { convene: () => ACK });
    await open("#/deliberations/new", platform);
    await write("Q?");
    await fireEvent.input(screen.getByRole("textbox", { name: "Spend at most" }), { target: { value: "much" } });
    const button = screen.getByRole<HTMLButtonElement>("button", { name: "Convene" });
    expect(button.disabled).toBe(true);
    screen.getByText(/^Write dollars/);
    await fireEvent.input(screen.getByRole("textbox", { name: "Spend at most" }), { target: { value: "0" } });
    expect(button.disabled, "nothing is no limit").toBe(true);
    screen.getByText(/^With a cap of 0/);
    await fireEvent.input(screen.getByRole("textbox", { name: "Spend at most" }), { target: { value: "99999999999" } });
    screen.getByText("That is too much: a limit is at most $1,000,000.");
    expect(button.disabled, "too much").toBe(true);
    await fireEvent.input(screen.getByRole("textbox", { name: "Spend at most" }), { target: { value: "$0.50" } });
    expect(screen.queryByText(/^Write dollars|^With a cap of 0|^That is too much/)).toBeNull();
    await fireEvent.input(screen.getByRole("textbox", { name: "Answer length" }), { target: { value: "4,096" } });
    await fireEvent.input(screen.getByRole("textbox", { name: "Deadline" }), { target: { value: "90" } });
    const blind = screen.getByRole("switch", { name: "Blind" });
    expect(document.getElementById(blind.getAttribute("aria-describedby")!)!.textContent, "what stands beside it").toBe(m.convene.blindMeaning);
    await fireEvent.click(blind);
    await fireEvent.click(screen.getByRole("switch", { name: "Recap this round" }));
    const consent = screen.getByRole("switch", { name: "Learning allowed" });
    expect(consent.getAttribute("aria-checked"), "off unless somebody says otherwise").toBe("false");
    screen.getByText(/Husting sends nothing\.$/);
    await fireEvent.click(consent);
    await fireEvent.click(button);
    await waitFor(() => expect(platform.argsOf("convene")).toHaveLength(1));
    expect(platform.argsOf("convene")[0]).toMatchObject({ spend_limit: 500_000, max_output_tokens: 4096, deadline_seconds: 90, blind: false, recap_round: true, improvement_consent: true });
  });

  test("is estimated to the byte, as the command line does", async () => {
    const platform = new FakePlatform(snapshot);
    await open("#/deliberations/new", platform);
    await write("Wo? Köln");
    await waitFor(() => expect(platform.argsOf("estimate").at(-1)).toMatchObject({ prompt_bytes: 9 }));
  });

  test("refused by the wallet: its limit is raised in place and the panel convened", async () => {
    let isShort = true;
    const platform = new FakePlatform(snapshot, {
      convene: () => {
        if (isShort) throw new RpcError("credit_exhausted", "Nothing was called.", { needed: 100_000, limited_by: "holds" });
        return ACK;
      },
      set_limit: () => {
        isShort = false;
        return walletView;
      },
    });
    await open("#/deliberations/new", platform);
    await write("Q?");
    await fireEvent.click(screen.getByRole("button", { name: "Convene" }));
    await fireEvent.click(within(await screen.findByRole("dialog", { name: /^Your limit of/ })).getByRole("button", { name: /Raise/ }));
    await waitFor(() => expect(platform.argsOf("convene")).toHaveLength(2));
  });

  test("refused by its own cap: that one is raised, to what the round fits under, and nothing else", async () => {
    const platform = new FakePlatform(snapshot, {
      convene: ({ spend_limit }) => {
        if ((spend_limit ?? 0) < 1_200_000) throw new RpcError("credit_exhausted", "Nothing was called.", { needed: 1_200_000, limited_by: "session" });
        return ACK;
      },
    });
    await open("#/deliberations/new", platform);
    await write("Q?");
    await fireEvent.input(screen.getByRole("textbox", { name: "Spend at most" }), { target: { value: "0.50" } });
    await fireEvent.click(screen.getByRole("button", { name: "Convene" }));
    const dialog = within(await screen.findByRole("dialog", { name: /This session’s limit of \$0\.50/ }));
    dialog.getByText(/kept as a draft/);
    expect(dialog.getByRole("textbox")).toHaveProperty("value", "$2");
    await fireEvent.click(dialog.getByRole("button", { name: /Raise/ }));
    await waitFor(() => expect(platform.argsOf("convene").map(({ spend_limit }) => spend_limit)).toEqual([500_000, 2_000_000]));
    expect(platform.argsOf("set_limit")).toEqual([]);
    await waitFor(() => expect(location.hash).toBe("#/deliberations/s-new"));
  });

  test("a cap under what the round holds says so at once, with the sum that is enough", async () => {
    const platform = new FakePlatform(snapshot, {});
    await open("#/deliberations/new", platform);
    await screen.findByText(/^holds \$0\.211/);
    const cap = screen.getByRole("textbox", { name: "Spend at most" });
    const type = (value: string) => fireEvent.input(cap, { target: { value } });
    await type("0.01");
    const least = "Too little: this round needs $0.15 at least.";
    expect(document.getElementById(cap.getAttribute("aria-describedby") ?? "")?.textContent, "it is the field's").toBe(least);
    await type("0.20");
    screen.getByText("The round holds $0.211 until it ends. With less, answers are shortened or nothing is called.");
    await type("0.211");
    expect(screen.queryByText(/^Too little|^The round holds \$/), "what is named is enough").toBeNull();
    expect(cap.getAttribute("aria-invalid")).toBeNull();
    await waitFor(() => expect(platform.argsOf("estimate").at(-1)?.spend_limit, "the host counts it").toBe(211_000));
    await type("");
    expect(cap.getAttribute("aria-invalid"), "no cap").toBeNull();
  });

  test("a cap is measured by what the host needs at least, which may be more than the seats' minimums", async () => {
    await open("#/deliberations/new", new FakePlatform(snapshot, { estimate: () => ({ ...estimate(snapshot.panel.seats), least: 180_400 }) }));
    await write("Q?");
    await screen.findByText(/^holds \$0\.211/);
    await fireEvent.input(screen.getByRole("textbox", { name: "Spend at most" }), { target: { value: "0.18" } });
    await screen.findByText("Too little: this round needs $0.181 at least.");
  });

  test("whoever unfolds the rehearsal seats goes on at the first of them", async () => {
    await open("#/deliberations/new", new FakePlatform({ ...snapshot, panel: { ...snapshot.panel, seats: snapshot.panel.seats.slice(0, 2) } }));
    const fold = await screen.findByRole("button", { name: /^3 rehearsal seats/ });
    fold.focus();
    await fireEvent.click(fold);
    const first = models.find(({ kind }) => kind === "rehearsal")!;
    await waitFor(() => expect(document.activeElement?.getAttribute("aria-label")).toBe(`Seat ${first.display_name}`));
    expect(fold.isConnected).toBe(false);
  });

  test("a seat that cannot be taken says why and offers the one act that mends it", async () => {
    await open("#/deliberations/new", new FakePlatform());
    const row = (await screen.findByText("Gemini 3 Pro")).closest("tr")!;
    expect(within(row).getByRole<HTMLInputElement>("checkbox").disabled).toBe(true);
    expect(row.textContent).toContain("No key");
    await fireEvent.click(within(row).getByRole("button", { name: "Add a key" }));
    await waitFor(() => expect(location.hash).toBe("#/settings/providers"));
  });

  test("a seat beyond the limit has the limit asked for where it stands", async () => {
    const dear = models.map((each) => (each.kind === "rehearsal" || !each.available ? each : { ...each, available: false, unavailable_reason: "credit_exhausted" as const }));
    const platform = new FakePlatform({ ...snapshot, models: { ...snapshot.models, models: dear }, wallet: { ...walletSummary, monthly_limit: 10_000, balance: 0 } });
    await open("#/deliberations/new", platform);
    const row = (await screen.findAllByText("Beyond the limit"))[0]!.closest("tr")!;
    await fireEvent.click(within(row).getByRole("button", { name: "Raise the limit" }));
    await screen.findByRole("dialog", { name: "What may be spent in a month?" });
    expect(location.hash, "what is being written stays in sight").toBe("#/deliberations/new");
    await fireEvent.click(screen.getByRole("button", { name: "Cancel" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });

  test("beyond the limit, what a higher limit would leave as it is is mended first", async () => {
    const dear = models.map((each) => (each.kind === "rehearsal" || !each.available ? each : { ...each, available: false, unavailable_reason: "credit_exhausted" as const }));
    const [first, ...others] = snapshot.providers.providers;
    const seat = models.find((each) => each.available && each.provider === first!.name)!.display_name;
    for (const [status, act] of [[401, "Replace the key"], [null, "Try again"], [500, "Raise the limit"]] as const) {
      const failed = { ...first!, last_test: { at: "2026-11-20T14:00:00Z", millis: 80, ok: false, status, message: "no" } };
      const platform = new FakePlatform({ ...snapshot, providers: { ...snapshot.providers, providers: [failed, ...others] }, models: { ...snapshot.models, models: dear } }, { test_provider: () => ({ ...snapshot.providers, providers: [first!, ...others] }) });
      await open("#/deliberations/new", platform);
      const row = within((await screen.findByRole("checkbox", { name: `Seat ${seat}` })).closest("tr")!);
      await fireEvent.click(row.getByRole("button", { name: act }));
      if (status === 401) await waitFor(() => expect(location.hash).toBe("#/settings/providers"));
      else if (status) await screen.findByRole("dialog", { name: "What may be spent in a month?" });
      else await row.findByRole("button", { name: "Raise the limit" });
      cleanup();
    }
  });

  test("words that no field lays out are not taken into it, whichever way they come: what stood there stays, and the field says what to do", async () => {
    const platform = new FakePlatform();
    await open("#/deliberations/new", platform);
    await write("Which one?");
    const question = screen.getByLabelText<HTMLTextAreaElement>(/^Question/);
    const told = () => within(question.closest("label")!).queryByRole("alert")?.textContent;
    const add = (data: string, inputType = "insertFromPaste") => fireEvent(question, new InputEvent("beforeinput", { data, inputType, bubbles: true, cancelable: true }));
    expect(await add("x".repeat(255_000)), "a little too much is shortened there").toBe(true);
    expect(told()).toBeUndefined();
    expect(await add("x".repeat(5_000_000))).toBe(false);
    await waitFor(() => expect(told()).toBe("There is no room for 5,000,000 more characters: a question holds 64,000. Put long text into Reference as a file."));
    await fireEvent.input(question, { target: { value: "Which one is it?" } });
    expect(told(), "it is over with the next letter").toBeUndefined();
    await fireEvent.input(question, { target: { value: `Which one is it?${"x".repeat(5_000_000)}` } });
    await waitFor(() => expect(told()).toMatch(/^There is no room for 5,000,000 more characters/));
    expect(question.value).toBe("Which one is it?");
    await waitFor(() => expect(platform.argsOf("save_draft").at(-1)?.body).toContain("Which one is it?"), { timeout: 2_000 });
    expect(Math.max(...platform.argsOf("save_draft").map(({ body }) => body.length))).toBeLessThan(1_000);
  });

  test("a draft that no field lays out is shown by its beginning, and the field says so", async () => {
    const body = JSON.stringify({ question: "x".repeat(5_000_000), files: [], models: null, blind: true, recap: false, consent: false, spend: "", tokens: "", deadline: "" });
    await open("#/deliberations/new", new FakePlatform(snapshot, { draft: () => ({ body }) }));
    const question = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: /^Question/ });
    await waitFor(() => expect(question.value).toHaveLength(256_000));
    expect(within(question.closest("label")!).getByRole("alert").textContent).toBe("5,000,000 characters were kept here; a question holds 64,000. The first 256,000 stand in this field; the rest is kept until you change them, and goes with them into the reference.");
  });

  test("a draft that no field lays out is kept whole for as long as nobody changes it, and moved whole", async () => {
    const question = `${"x".repeat(700_000)}end`;
    const draft = (question: string) => JSON.stringify({ question, files: [], models: null, blind: true, recap: false, consent: false, spend: "", tokens: "", deadline: "" });
    const opened = async () => {
      const platform = new FakePlatform(snapshot, { draft: () => ({ body: draft(question) }) });
      await open("#/deliberations/new", platform);
      const field = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: /^Question/ });
      await waitFor(() => expect(field.value).toHaveLength(256_000));
      const kept = () => platform.argsOf("save_draft").map(({ body }) => JSON.parse(body) as { question: string; files: { text: string }[] });
      return { field, kept };
    };
    const looked = await opened();
    cleanup();
    expect(looked.kept().filter((body) => body.question !== question)).toEqual([]);

    const moved = await opened();
    await fireEvent.click(screen.getByRole("button", { name: "Move it to the reference" }));
    expect(screen.queryByRole("alert"), "what is told of it goes with it").toBeNull();
    await waitFor(() => expect(moved.kept().at(-1)?.files[0]?.text === question).toBe(true), { timeout: 3_000 });
    await fireEvent.input(moved.field, { target: { value: "And now?" } });
    await fireEvent.click(screen.getByRole("button", { name: "Undo" }));
    await waitFor(() => expect(moved.kept().at(-1)?.question === `${question}\n\nAnd now?`).toBe(true), { timeout: 3_000 });
    cleanup();

    const changed = await opened();
    await fireEvent.input(changed.field, { target: { value: "x".repeat(255_999) } });
    await waitFor(() => expect(changed.kept().at(-1)?.question).toHaveLength(255_999), { timeout: 3_000 });
  });

  test("a question is not moved to the reference while a file is being read", async () => {
    await open("#/deliberations/new", new FakePlatform());
    const question = await screen.findByLabelText<HTMLTextAreaElement>(/^Question/);
    await fireEvent.input(question, { target: { value: "x".repeat(70_000) } });
    const file = new File(["Notes."], "notes.md", { type: "text/markdown" });
    let read: (bytes: ArrayBuffer) => void = () => undefined;
    const bytes = new Promise<ArrayBuffer>((resolve) => (read = resolve));
    Object.defineProperty(file, "arrayBuffer", { value: () => bytes });
    screen.getByRole("button", { name: "Move it to the reference" });
    await fireEvent.paste(question, { clipboardData: { files: [file], getData: () => "" } });
    await waitFor(() => expect(screen.queryByRole("button", { name: "Move it to the reference" })).toBeNull());
    read(new TextEncoder().encode("Notes.").buffer);
    await screen.findByText("notes.md");
  });

  test("words that no question holds are pasted as a reference, and never laid out", async () => {
    await open("#/deliberations/new", new FakePlatform());
    const question = await screen.findByLabelText<HTMLTextAreaElement>("Question");
    await fireEvent.input(question, { target: { value: "Which one?" } });
    const paste = (text: string) => fireEvent.paste(question, { clipboardData: { files: [], getData: () => text } });
    expect(await paste("x".repeat(64_000)), "what fits is the field's own").toBe(true);
    expect(await paste("😀".repeat(40_000)), "a question's characters are counted as people count them").toBe(true);
    expect(await fireEvent.paste(screen.getByRole("searchbox", { name: "Find a seat" }), { clipboardData: { files: [], getData: () => "x".repeat(64_001) } }), "another field's own").toBe(true);
    expect(await paste("x".repeat(4 * 1024 * 1024 + 1))).toBe(false);
    await screen.findByText("Pasted text is larger than 4 MiB. Nothing of it was taken.");
    expect(screen.queryByText(m.convene.pastedAsReference), "it is no reference either").toBeNull();
    expect(await paste("x".repeat(64_001))).toBe(false);
    await within(await screen.findByRole("region", { name: "Reference" })).findByText("Pasted text");
    await screen.findByText(m.convene.pastedAsReference);
    expect(question.value).toBe("Which one?");
  });

  test("with the limit used up and one seat that is free says why no second one can be called, beside it and to whoever sends", async () => {
    const used = models.map((each) => {
      if (each.kind === "local") return { ...each, available: true, unavailable_reason: null, unavailable_message: null };
      return each.kind === "rehearsal" ? each : { ...each, available: false, unavailable_reason: "credit_exhausted" as const };
    });
    const platform = new FakePlatform({
      ...snapshot,
      models: { ...snapshot.models, models: used },
      panel: { ...snapshot.panel, seats: ["ollama/gpt-oss:20b"] },
      wallet: { ...walletSummary, monthly_limit: 10_000, balance: 0 },
    });
    await open("#/deliberations/new", platform);
    const panel = within(await screen.findByRole("complementary", { name: "Panel" }));
    panel.getByText(/^Fewer than two seats can be called: your limit of \$0\.01 is used, and a round of two seats sets aside \$0\.05 at least\./);
    const question = await screen.findByRole("textbox", { name: "Question" });
    await waitFor(() => expect(document.activeElement).toBe(question));
    await fireEvent.input(question, { target: { value: "Postgres or MongoDB?" } });
    await press("Enter", { ctrlKey: true });
    await screen.findByText("The limit leaves too little for two seats.");
    expect(document.activeElement).toBe(panel.getByRole("button", { name: "Raise the limit" }));
    expect(screen.queryByText(m.convene.lacks.seats)).toBeNull();
  });

  test("with the limit used up says why fewer than two seats can be called, and raises it or takes the rehearsal seats", async () => {
    const used = models.map((each) => (each.kind === "rehearsal" ? each : { ...each, available: false, unavailable_reason: each.available ? ("credit_exhausted" as const) : each.unavailable_reason }));
    const platform = new FakePlatform({
      ...snapshot,
      models: { ...snapshot.models, models: used },
      panel: { ...snapshot.panel, seats: [] },
      wallet: { ...walletSummary, monthly_limit: 10_000, balance: 0 },
    });
    await open("#/deliberations/new", platform);
    const panel = within(await screen.findByRole("complementary", { name: "Panel" }));
    panel.getByText("Fewer than two seats can be called: your limit of $0.01 is used, and a round of two seats sets aside $0.10 at least. Raise the limit to $0.23 or more, or take the rehearsal seats.");
    expect(panel.queryByText("Choose at least two seats.")).toBeNull();
    await fireEvent.click(panel.getByRole("button", { name: "Raise the limit" }));
    const limit = within(await screen.findByRole("dialog", { name: "What may be spent in a month?" }));
    expect(limit.getByRole<HTMLInputElement>("textbox").value, "a sum that helps").toBe("$1");
    await fireEvent.input(limit.getByRole("textbox"), { target: { value: "0.17" } });
    limit.getByText("Below $0.18 no model that costs money could take a seat: a seat’s call sets aside at least $0.05, and $0.1208 of the month is spent or held.");
    await fireEvent.input(limit.getByRole("textbox"), { target: { value: "0.18" } });
    limit.getByText("Below $0.23 no round of two seats could be paid: it sets aside at least $0.10, and $0.1208 of the month is spent or held.");
    await fireEvent.input(limit.getByRole("textbox"), { target: { value: "0.23" } });
    expect(limit.queryByText(/^Below/)).toBeNull();
    for (const much of ["99999999999999999999", "1,000,001"]) {
      await fireEvent.input(limit.getByRole("textbox"), { target: { value: much } });
      limit.getByText("That is too much: a limit is at most $1,000,000.");
      expect(limit.getByRole<HTMLButtonElement>("button", { name: /^Set the limit/ }).disabled).toBe(true);
    }
    await fireEvent.click(limit.getByRole("button", { name: "Cancel" }));
    await fireEvent.click(panel.getByRole("button", { name: "Rehearsal seats, $0" }));
    expect(screen.getByRole<HTMLInputElement>("checkbox", { name: "Seat Rehearsal skeptic" }).checked).toBe(true);
    expect(panel.queryByText(/^Fewer than two seats can be called/)).toBeNull();
  });

  async function openUnread(secrets: SecretsView) {
    const locked = models.map((each) => (each.kind === "rehearsal" || !each.available ? each : { ...each, available: false, unavailable_reason: "no_key" as const }));
    const panel = { ...snapshot.panel, seats: [], waits_for_keys: true };
    const platform = new FakePlatform({ ...snapshot, secrets, models: { ...snapshot.models, models: locked }, panel });
    await open("#/deliberations/new", platform);
    return platform;
  }

  const SEALED: SecretsView = { state: "locked", message: "secrets.sealed is locked." };

  test("while keys are locked seats nobody in place of who needs one, and unlocks them or takes the rehearsal seats", async () => {
    const platform = await openUnread(SEALED);
    const panel = within(await screen.findByRole("complementary", { name: "Panel" }));
    panel.getByText("Fewer than two seats can be called: your keys are locked. Unlock them, or take the rehearsal seats.");
    panel.getByText("0 seats");
    const row = screen.getByRole("checkbox", { name: "Seat GPT-5.4" }).closest("tr")!;
    expect(row.textContent).toContain("Key locked");
    const keyless = screen.getByRole("checkbox", { name: "Seat Gemini 3 Pro" }).closest("tr")!;
    expect(keyless.textContent, "nothing is unlocked for who has no key").toContain("No key");
    within(keyless).getByRole("button", { name: "Add a key" });
    await fireEvent.click(within(row).getByRole("button", { name: "Unlock" }));
    const sheet = within(await screen.findByRole("dialog", { name: "The sealed file is locked" }));
    await fireEvent.click(sheet.getByRole("button", { name: "Cancel" }));
    await fireEvent.click(panel.getByRole("button", { name: "Unlock" }));
    await screen.findByRole("dialog", { name: "The sealed file is locked" });
    platform.emit({ type: "secrets_changed", secrets: snapshot.secrets });
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    panel.getByText("0 seats");
    await waitFor(() => expect(document.activeElement?.id, "what opened it is there still").not.toBe("screen"));
    platform.emit({ type: "models_changed", models: snapshot.models, panel: snapshot.panel });
    await screen.findByText("3 seats");
    expect(screen.getByRole<HTMLInputElement>("checkbox", { name: "Seat GPT-5.4" }).checked).toBe(true);
  });

  test("rehearsal seats that were taken while keys are locked are convened", async () => {
    await openUnread(SEALED);
    const panel = within(await screen.findByRole("complementary", { name: "Panel" }));
    await fireEvent.input(screen.getByRole("textbox", { name: "Question" }), { target: { value: "Do we ship?" } });
    const convene = panel.getByRole<HTMLButtonElement>("button", { name: /^Convene/ });
    expect(convene.disabled).toBe(true);
    await fireEvent.click(panel.getByRole("button", { name: "Rehearsal seats, $0" }));
    expect(convene.disabled).toBe(false);
    expect(panel.queryByText(/^Fewer than two seats can be called/)).toBeNull();
  });

  test("a panel that was emptied is not the default one, which seats nobody while keys are locked", async () => {
    await openUnread(SEALED);
    const isDefault = () => screen.getByRole<HTMLInputElement>("radio", { name: "Default panel" }).checked;
    await waitFor(() => expect(isDefault()).toBe(true));
    const panel = within(await screen.findByRole("complementary", { name: "Panel" }));
    await fireEvent.click(panel.getByRole("button", { name: "Rehearsal seats, $0" }));
    for (const box of screen.getAllByRole<HTMLInputElement>("checkbox", { name: /^Seat Rehearsal/ })) await fireEvent.click(box);
    panel.getByText("0 seats");
    expect(isDefault()).toBe(false);
  });

  test("where no keyring answers looks for keys before it offers another place for them", async () => {
    const platform = await openUnread({ state: "needs_choice", system_words: "no provider" });
    const panel = within(await screen.findByRole("complementary", { name: "Panel" }));
    panel.getByText(/^Fewer than two seats can be called: no keyring answers/);
    const row = screen.getByRole("checkbox", { name: "Seat GPT-5.4" }).closest("tr")!;
    expect(row.textContent).toContain("Key not at hand");
    await fireEvent.click(panel.getByRole("button", { name: "Look for keys" }));
    const sheet = within(await screen.findByRole("dialog", { name: "No keyring answers on this machine" }));
    sheet.getByText(/^Keys were kept before\./);
    expect(sheet.queryByLabelText(/^Passphrase/), "a new file has none of these keys").toBeNull();
    await fireEvent.click(sheet.getByRole("button", { name: "Keep keys elsewhere" }));
    sheet.getByText(/you enter them anew/);
    expect(platform.argsOf("choose_secrets")).toEqual([]);
  });

  test("a full panel takes no fourth seat until one leaves", async () => {
    await open("#/deliberations/new", new FakePlatform());
    const fourth = await screen.findByRole<HTMLInputElement>("checkbox", { name: "Seat DeepSeek V4" });
    expect(fourth.disabled).toBe(true);
    expect(fourth.title).toBe("3 seats are the most a panel holds; the setting can raise it to 8.");
    await fireEvent.click(screen.getByRole("checkbox", { name: "Seat GPT-5.4" }));
    expect(fourth.disabled).toBe(false);
    expect(fourth.title).toBe("");
  });

  test("a seat has one mark in the list and on the panel, where two names begin alike as well", async () => {
    const mini = { ...snapshot.models.models.find(({ id }) => id === "gpt-5.4")!, id: "gpt-5.4-mini", display_name: "GPT-5.4 mini" };
    const panel = { ...snapshot.panel, seats: ["gpt-5.4", mini.id, "openrouter/qwen-3.6-plus"] };
    await open("#/deliberations/new", new FakePlatform({ ...snapshot, models: { ...snapshot.models, models: [...snapshot.models.models, mini] }, panel }));
    const side = within(await screen.findByRole("complementary", { name: "Panel" }));
    const onPanel = side.getAllByRole("listitem").map((each) => each.querySelector(".initial")?.textContent);
    expect(onPanel).toEqual(["G4", "Gm", "Q"]);
    const inList = ["GPT-5.4", "GPT-5.4 mini", "Qwen 3.6 Plus"].map((name) => screen.getByRole("checkbox", { name: `Seat ${name}` }).closest("tr")?.querySelector(".initial")?.textContent);
    expect(inList).toEqual(onPanel);
  });

  test("a seat has in the list, before it is ticked, the mark that it has on the panel, whoever sits there", async () => {
    const mini = { ...snapshot.models.models.find(({ id }) => id === "gpt-5.4")!, id: "gpt-5.4-mini", display_name: "GPT-5.4 mini" };
    const panel = { ...snapshot.panel, seats: ["gpt-5.4", "openrouter/qwen-3.6-plus"] };
    await open("#/deliberations/new", new FakePlatform({ ...snapshot, models: { ...snapshot.models, models: [...snapshot.models.models, mini] }, panel }));
    const box = await screen.findByRole("checkbox", { name: "Seat GPT-5.4 mini" });
    const letter = () => box.closest("tr")?.querySelector(".initial")?.textContent;
    expect(letter()).toBe("Gm");
    await fireEvent.click(box);
    expect(letter()).toBe("Gm");
    const side = within(screen.getByRole("complementary", { name: "Panel" }));
    expect(side.getAllByRole("listitem").at(-1)?.querySelector(".initial")?.textContent).toBe("Gm");
  });

  test("an act that cannot be done yet says what it waits for", async () => {
    await open("#/deliberations/new", new FakePlatform());
    const convene = await screen.findByRole<HTMLButtonElement>("button", { name: "Convene" });
    expect([convene.disabled, convene.title]).toEqual([true, "Write a question first."]);
    const panel = within(screen.getByRole("complementary", { name: "Panel" }));
    await waitFor(() => panel.getByText("Write a question first."));
    await fireEvent.input(screen.getByRole("textbox", { name: "Question" }), { target: { value: "Q?" } });
    await waitFor(() => expect([convene.disabled, convene.title]).toEqual([false, ""]));
    expect(panel.queryByText("Write a question first.")).toBeNull();
  });

  test("nothing typed is lost: it is kept as a draft and comes back", async () => {
    const platform = new FakePlatform();
    await open("#/deliberations/new", platform);
    const question = await screen.findByRole("textbox", { name: "Question" });
    await waitFor(() => expect(platform.argsOf("draft")).toHaveLength(1));
    await fireEvent.input(question, { target: { value: "Half a question" } });
    await waitFor(() => expect(platform.argsOf("save_draft")).toHaveLength(1), { timeout: 2000 });
    const body = platform.argsOf("save_draft")[0]!.body;
    cleanup();
    await open("#/deliberations/new", new FakePlatform(snapshot, { draft: () => ({ body }) }));
    const again = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Question" });
    await waitFor(() => expect(again.value).toBe("Half a question"));
  });

  test("what is typed or pasted before the draft was read stands behind it, and neither is lost", async () => {
    const file = { name: "Pasted text", text: "the long one", bytes: 12 };
    const body = JSON.stringify({ question: "Kept?", files: [file], models: ["gpt-5.4", "qwen-3.6-plus"], blind: false, recap: true, consent: false, spend: "2", tokens: "", deadline: "" });
    let answer = () => {};
    const platform = new FakePlatform(snapshot, { draft: () => new Promise((done) => (answer = () => done({ body }))) });
    await open("#/deliberations/new", platform);
    const question = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Question" });
    await waitFor(() => expect(platform.argsOf("draft")).toHaveLength(1));
    await fireEvent.input(question, { target: { value: "And now?" } });
    const pasted = "y".repeat(64_001);
    await fireEvent.paste(question, { clipboardData: { getData: () => pasted, files: [], items: [] } });
    const reference = within(await screen.findByRole("region", { name: "Reference" }));
    await reference.findByText("Pasted text");
    answer();
    await waitFor(() => expect(question.value).toBe("Kept?\n\nAnd now?"));
    reference.getByText("Pasted text");
    reference.getByText("Pasted text (2)");
    expect(screen.getByRole<HTMLInputElement>("textbox", { name: "Spend at most" }).value, "what nobody touched is as it was kept").toBe("2");
    await waitFor(() => expect(platform.argsOf("save_draft").length).toBeGreaterThan(0), { timeout: 2_000 });
    const kept = JSON.parse(platform.argsOf("save_draft").at(-1)!.body) as { question: string; files: { text: string }[]; recap: boolean };
    expect(kept.files.map(({ text }) => text)).toEqual([file.text, pasted]);
    expect([kept.question, kept.recap]).toEqual(["Kept?\n\nAnd now?", true]);
  });

  test("convenes nobody before it was read what was begun before, and with all of that after", async () => {
    const body = JSON.stringify({ question: "Kept?", files: [], models: ["gpt-5.4", "qwen-3.6-plus"], blind: false, recap: false, consent: false, spend: "", tokens: "", deadline: "" });
    let answer = () => {};
    const platform = new FakePlatform(snapshot, { draft: () => new Promise((done) => (answer = () => done({ body }))), convene: () => ACK });
    await open("#/deliberations/new", platform);
    const question = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Question" });
    await waitFor(() => expect(platform.argsOf("draft")).toHaveLength(1));
    await fireEvent.input(question, { target: { value: "And now?" } });
    await press("Enter", { ctrlKey: true });
    await screen.findByText("What was begun here before is still being read.");
    const convene = screen.getByRole<HTMLButtonElement>("button", { name: "Convene" });
    expect(convene.disabled).toBe(true);
    expect(platform.argsOf("convene")).toEqual([]);
    answer();
    await waitFor(() => expect(convene.disabled).toBe(false));
    await press("Enter", { ctrlKey: true });
    await waitFor(() => expect(platform.argsOf("convene")).toMatchObject([{ prompt: "Kept?\n\nAnd now?", models: ["gpt-5.4", "qwen-3.6-plus"] }]));
  });

  test("refused for credit: the limit is raised in place and the question goes through", async () => {
    let limit = 20_000_000;
    const platform = new FakePlatform(
      { ...snapshot, wallet: { ...walletSummary, monthly_limit: limit } },
      {
        convene: () => {
          if (limit === 20_000_000) throw new RpcError("credit_exhausted", "The wallet does not cover the round.");
          return ACK;
        },
        set_limit: ({ monthly }) => {
          limit = monthly ?? 0;
          return { ...walletView, summary: { ...walletSummary, monthly_limit: monthly } };
        },
      },
    );
    await open("#/deliberations/new", platform);
    await write("Q?");
    await press("Enter", { ctrlKey: true });
    const dialog = await screen.findByRole("dialog");
    expect(dialog.textContent).toContain("Nothing was called.");
    const field = within(dialog).getByRole<HTMLInputElement>("textbox", { name: "New monthly limit in dollars" });
    expect(field.value).toBe("$30");
    await fireEvent.keyDown(field, { key: "Enter" });
    await waitFor(() => expect(platform.argsOf("convene")).toHaveLength(2));
    expect(platform.argsOf("set_limit")).toEqual([{ monthly: 30_000_000 }]);
  });

  test("refused by the wallet names what is needed, suggests a sum it fits under, and lowers nothing", async () => {
    const platform = new FakePlatform(
      { ...snapshot, wallet: { ...walletSummary, monthly_limit: 20_000_000, balance: 798_900, limit_used: 19_201_100, held: 0 } },
      {
        convene: () => {
          throw new RpcError("credit_exhausted", "Nothing was called.", { needed: 6_300_000, limited_by: "wallet" });
        },
      },
    );
    await open("#/deliberations/new", platform);
    await write("Q?");
    await fireEvent.click(screen.getByRole("button", { name: "Convene" }));
    const dialog = within(await screen.findByRole("dialog", { name: /^Your limit of \$20 for November leaves too little/ }));
    dialog.getByText(/The round sets aside at least \$6\.30, and \$0\.79 is left\./);
    dialog.getByText("$19.21 used, $0.79 left, $0.00 held");
    dialog.getByRole("button", { name: /^Raise and convene/ });
    const field = dialog.getByRole<HTMLInputElement>("textbox");
    expect(field.value).toBe("$30");
    for (const [typed, fault] of [["5", "The limit is $20 now: write a higher one."], ["", "Write dollars"], ["-5", "Write dollars"], ["abc", "Write dollars"]] as const) {
      await fireEvent.input(field, { target: { value: typed } });
      expect((await dialog.findByRole("alert")).textContent).toContain(fault);
      expect(dialog.queryByRole("status"), "one word at a time").toBeNull();
      await fireEvent.keyDown(field, { key: "Enter" });
      expect(dialog.getByRole("button", { name: /Raise/ })).toHaveProperty("disabled", true);
    }
    expect(platform.argsOf("set_limit")).toEqual([]);
    // $19.2011 of the month are gone.
    await fireEvent.input(field, { target: { value: "25.50" } });
    expect(dialog.getByRole("status").textContent).toBe("Below $25.51 this round is refused again.");
    await fireEvent.keyDown(field, { key: "Enter" });
    expect(dialog.getByRole<HTMLButtonElement>("button", { name: /^Raise and convene/ }).disabled).toBe(true);
    expect(platform.argsOf("set_limit"), "a limit that is known not to do").toEqual([]);
    await fireEvent.input(field, { target: { value: "25.51" } });
    expect(dialog.queryByRole("status")).toBeNull();
    expect(dialog.getByRole<HTMLButtonElement>("button", { name: /^Raise and convene/ }).disabled).toBe(false);
    dialog.getByText("$20 again on 1 December");
  });

  test("refused by the wallet goes on as soon as enough is left, whoever saw to it", async () => {
    let isShort = true;
    const short = { ...walletSummary, monthly_limit: 120_000, balance: 90_000, limit_used: 30_000, held: 0 };
    const platform = new FakePlatform(
      { ...snapshot, wallet: short },
      {
        convene: () => {
          if (isShort) throw new RpcError("credit_exhausted", "Nothing was called.", { needed: 145_000, limited_by: "wallet" });
          return ACK;
        },
      },
    );
    await open("#/deliberations/new", platform);
    await write("Q?");
    await fireEvent.click(screen.getByRole("button", { name: "Convene" }));
    const dialog = within(await screen.findByRole("dialog", { name: /^Your limit of \$0\.12 for November leaves too little/ }));
    expect(dialog.queryByText(/again on 1 December/), "as much would be there again, and not suffice").toBeNull();
    dialog.getByRole("button", { name: "Close" });
    isShort = false;
    platform.emit({ type: "wallet_changed", wallet: { ...short, monthly_limit: 1_000_000, balance: 970_000 } });
    const over = within(await screen.findByRole("dialog", { name: "Enough is left now" }));
    expect(over.queryByRole("textbox"), "no limit is asked for").toBeNull();
    await waitFor(() => expect(document.activeElement).toBe(over.getByRole("button", { name: "Go on" })));
    await fireEvent.click(over.getByRole("button", { name: "Go on" }));
    await waitFor(() => expect(platform.argsOf("convene")).toHaveLength(2));
    expect(platform.argsOf("set_limit")).toEqual([]);
  });

  test.each([
    ["held sums that may come back", { monthly_limit: 5_000_000, balance: 1_000_000, held: 1_000_000, limit_used: 4_000_000 }],
    ["a limit of nothing", { monthly_limit: 0, balance: 0, held: 0, limit_used: 0 }],
  ])("refused for %s does not say that the limit is used", async (_, purse) => {
    const refused = () => {
      throw new RpcError("credit_exhausted", "Nothing was called.", { needed: 500_000, limited_by: "wallet" });
    };
    await open("#/deliberations/new", new FakePlatform({ ...snapshot, wallet: { ...walletSummary, ...purse } }, { convene: refused }));
    await write("Q?");
    await fireEvent.click(screen.getByRole("button", { name: "Convene" }));
    await screen.findByRole("dialog", { name: /leaves too little/ });
  });

  test("what other rounds hold has it estimated anew, and what is left is told as no more than it is", async () => {
    const platform = new FakePlatform(snapshot, { estimate: ({ models = [] }) => ({ ...estimate(models), available: 1_418_900 }) });
    await open("#/deliberations/new", platform);
    const panel = within(await screen.findByRole("complementary", { name: "Panel" }));
    await panel.findByText("$1.41 left");
    const before = platform.argsOf("estimate").length;
    platform.emit({ type: "wallet_changed", wallet: { ...snapshot.wallet, held: snapshot.wallet.held + 1_000 } });
    await waitFor(() => expect(platform.argsOf("estimate").length).toBeGreaterThan(before));
  });

  test("refused under a limit that was lowered below what is gone suggests one under which the round runs, cut to the least", async () => {
    const wallet = { ...walletSummary, monthly_limit: 5_000_000, balance: 0, limit_used: 12_000_000, held: 0 };
    const refused = () => {
      throw new RpcError("credit_exhausted", "Nothing was called.", { needed: 500_000, limited_by: "wallet" });
    };
    await open("#/deliberations/new", new FakePlatform({ ...snapshot, wallet }, { convene: refused, estimate: ({ models = [] }) => ({ ...estimate(models), hold: 40_000_000, least: 450_000 }) }));
    await write("Q?");
    await fireEvent.click(screen.getByRole("button", { name: "Convene" }));
    const dialog = within(await screen.findByRole("dialog", { name: "Your limit of $5 for November is used" }));
    dialog.getByText("$12.00 used, $7.00 beyond the limit, $0.00 held");
    const field = dialog.getByRole<HTMLInputElement>("textbox");
    expect([field.value, dialog.queryByRole("status")]).toEqual(["$15", null]);
    await fireEvent.input(field, { target: { value: "12.49" } });
    expect(dialog.getByRole("status").textContent).toBe("Below $12.50 this round is refused again.");
  });

  describe("a document that does not fit", () => {
    const begin = async (answers: ConstructorParameters<typeof FakePlatform>[1] = {}) => {
      await open("#/deliberations/new", new FakePlatform(snapshot, answers));
      const question = await screen.findByRole("textbox", { name: "Question" });
      await fireEvent.input(question, { target: { value: "Q?" } });
      return (text: string) => fireEvent.drop(question, { dataTransfer: { files: [new File([text], "long.txt")], types: ["Files"] } });
    };
    const row = () => screen.getByText("Claude Opus 4.7", { selector: "td b" }).closest("tr")!.textContent;
    const needs = (tokens: string) => waitFor(() => expect(row()).toContain(`does not fit: needs about ${tokens} of 200,000 tokens`));
    const convene = () => screen.getByRole<HTMLButtonElement>("button", { name: "Convene" });

    test("marks the seat by the host's count, and fewer than two that can read it are not convened", async () => {
      const drop = await begin();
      await drop("x".repeat(820_000));
      await needs("215,000");
      expect(row()).not.toContain("key …");
      expect(convene().disabled).toBe(false);
      await drop("y".repeat(820_000));
      await screen.findByText(/Fewer than two of these seats can read all of this/);
      expect(convene().disabled).toBe(true);
    });

    test("has no price and no limit in its way where fewer than two can read it", async () => {
      const drop = await begin({ estimate: ({ models = [] }) => ({ ...estimate(models), affordable: false, available: 1 }) });
      await screen.findByRole("button", { name: "Raise the limit" });
      await drop("x".repeat(1_640_000));
      await screen.findByText(/Fewer than two of these seats can read all of this/);
      expect(screen.queryByRole("button", { name: "Raise the limit" })).toBeNull();
      expect(screen.queryByText("The round sets aside more than is left.")).toBeNull();
    });

    test("is first counted by the page; a count of other words is not taken for one of these", async () => {
      const drop = await begin({ estimate: ({ models = [], reference_bytes }) => (reference_bytes > 0 ? new Promise(() => {}) : estimate(models)) });
      await screen.findByText(/\$0\.038/);
      await drop("x".repeat(820_000));
      await needs("214,000");
    });

    test("may fit all the same by the host's count: for one, the wallet lowers answers", async () => {
      let answer = () => {};
      const lowered = (models: string[]) => {
        const whole = estimate(models, 766_800);
        return { ...whole, lowered_output_tokens: 4_096, seats: whole.seats.map((seat) => ({ ...seat, fits: true, needed_tokens: seat.needed_tokens - 4_096 })) };
      };
      const held = (models: string[]) => new Promise<ReturnType<typeof lowered>>((done) => (answer = () => done(lowered(models))));
      const drop = await begin({ estimate: ({ models = [], reference_bytes }) => (reference_bytes > 0 ? held(models) : estimate(models)) });
      await drop("x".repeat(766_800));
      await needs("201,000");
      await waitFor(() => (answer(), expect(row()).not.toContain("does not fit")));
    });

    test("is counted by its characters, of which the host knows only the bytes", async () => {
      const drop = await begin();
      await drop("數".repeat(195_000));
      await needs("205,000");
    });
  });

  describe("a question longer than one may be", () => {
    const short = () => ({ ...estimate(snapshot.panel.seats), hold: 500_000, least: 500_000, available: 100_000, affordable: false });
    const ask = async (text: string) => {
      await open("#/deliberations/new", new FakePlatform(snapshot, { estimate: short }));
      const question = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: /^Question/ });
      await screen.findByText("The round sets aside more than is left.");
      await fireEvent.input(question, { target: { value: text } });
      await screen.findByText(/characters; a question holds 64,000\.$/);
      return question;
    };
    const side = () => within(screen.getByRole("complementary", { name: "Panel" }));

    test("says that alone: neither a reference nor the limit is in its way", async () => {
      await ask("數".repeat(250_000));
      side().getByText("The question is too long.");
      expect(side().queryByText(/Shorten the reference/)).toBeNull();
      expect(screen.queryByText(/does not fit/)).toBeNull();
      expect(side().queryByText("The round sets aside more than is left.")).toBeNull();
      expect(side().queryByRole("button", { name: "Raise the limit" })).toBeNull();
      expect(side().getByRole("button", { name: "Convene" })).toHaveProperty("disabled", true);
    });

    test("becomes the reference at a press, with the focus on what is to be asked of it, and comes back", async () => {
      const text = "x".repeat(70_000);
      const question = await ask(text);
      await fireEvent.click(screen.getByRole("button", { name: "Move it to the reference" }));
      await within(screen.getByRole("list", { name: "Reference" })).findByText("Moved from the question");
      expect(question.value).toBe("");
      expect(document.activeElement).toBe(question);
      side().getByRole("button", { name: "Raise the limit" });
      await screen.findByText("The question is the reference now.");
      // A template that is looked at meanwhile is not put behind it.
      await fireEvent.click(screen.getByRole("radio", { name: "Red team" }));
      await fireEvent.click(screen.getByRole("button", { name: /^Undo/ }));
      await waitFor(() => expect(question.value).toBe(text));
      expect(screen.queryByText("Moved from the question")).toBeNull();
    });

    test("stays where it is where there is a reference", async () => {
      const question = await ask("x".repeat(70_000));
      screen.getByRole("button", { name: "Move it to the reference" });
      await fireEvent.drop(question, { dataTransfer: { files: [new File(["Forty events a second."], "volumes.md")], types: ["Files"] } });
      await screen.findByText("volumes.md");
      expect(screen.queryByRole("button", { name: "Move it to the reference" })).toBeNull();
    });
  });

  test("a hold beyond what is free is warned of, and drawn full", async () => {
    const short = () => ({ ...estimate(snapshot.panel.seats), hold: 500_000, least: 500_000, available: 100_000, affordable: false });
    await open("#/deliberations/new", new FakePlatform(snapshot, { estimate: short }));
    await screen.findByText("The round sets aside more than is left.");
    const bar = screen.getByRole("img", { name: /^What the round holds/ });
    expect(bar.querySelector<HTMLElement>(".held")!.style.flexGrow).toBe("1");
  });

  const amber = () => [...document.querySelectorAll("aside .button.primary .words")].map((each) => each.textContent);

  test("is amber once its price is known; before, it says what is awaited", async () => {
    let answer = () => {};
    await open("#/deliberations/new", new FakePlatform(snapshot, { estimate: ({ models = [] }) => new Promise((done) => (answer = () => done(estimate(models)))) }));
    await write("Q?");
    await screen.findByText("Estimating what it costs");
    expect(amber()).toEqual([]);
    await waitFor(() => (answer(), expect(amber()).toEqual(["Convene"])));
  });

  test("gives the amber to the limit that it exceeds; raised, it is not convened unasked", async () => {
    let available = 100_000;
    const platform = new FakePlatform(snapshot, {
      estimate: () => ({ ...estimate(snapshot.panel.seats), hold: 500_000, least: 500_000, available, affordable: available > 500_000 }),
      convene: () => ACK,
      set_limit: ({ monthly }) => {
        available = 9_000_000;
        return { ...walletView, summary: { ...walletSummary, monthly_limit: monthly } };
      },
    });
    await open("#/deliberations/new", platform);
    await write("Q?");
    await waitFor(() => expect(amber()).toEqual(["Raise the limit"]));
    await fireEvent.click(screen.getByRole("button", { name: "Raise the limit" }));
    await fireEvent.click(within(await screen.findByRole("dialog", { name: /^Your limit of/ })).getByRole("button", { name: /Raise/ }));
    await waitFor(() => expect(amber()).toEqual(["Convene"]));
    expect(platform.argsOf("convene")).toEqual([]);
  });

  test("a rehearsal is convened again with real seats, question and document kept", async () => {
    const platform = new FakePlatform(snapshot, { convene: () => ACK });
    await open("#/deliberations/new/again/s-event", platform);
    const question = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Question" });
    await waitFor(() => expect(question.value).toBe("Should we use Postgres or MongoDB for an event store?"));
    await press("Enter", { ctrlKey: true });
    await waitFor(() => expect(platform.argsOf("convene")).toHaveLength(1));
    expect(platform.argsOf("convene")[0]).toMatchObject({ models: snapshot.panel.seats, reference_name: "volumes.md" });
  });

  test("a file that is not text is named, not guessed at", async () => {
    await open("#/deliberations/new", new FakePlatform());
    const question = await screen.findByRole("textbox", { name: "Question" });
    await fireEvent.drop(question, { dataTransfer: { files: [new File([new Uint8Array([0xff, 0xd8, 0xff, 0xe0])], "photo.jpg")], types: ["Files"] } });
    expect((await screen.findByRole("alert")).textContent).toContain("photo.jpg is not text");
  });

  test("a refusal goes once it is closed, another file is taken, or one is removed", async () => {
    await open("#/deliberations/new", new FakePlatform());
    const question = await screen.findByRole("textbox", { name: "Question" });
    const drop = (file: File) => fireEvent.drop(question, { dataTransfer: { files: [file], types: ["Files"] } });
    const isRefused = async () => {
      await drop(new File([], "nothing.md"));
      await screen.findByRole("alert");
    };
    const isGone = () => waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
    await isRefused();
    await fireEvent.click(screen.getByRole("button", { name: m.parts.close }));
    await isGone();
    await isRefused();
    await drop(new File(["Forty a second."], "volumes.md"));
    await screen.findByText("volumes.md");
    await isGone();
    await isRefused();
    await fireEvent.click(screen.getByRole("button", { name: "Remove volumes.md" }));
    await isGone();
  });
});
