import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
// Read before the clock of the first test runs: the frame would read them inside that.
import "../../src/components/SheetDialog.svelte";
import type { ProviderTest } from "../../src/generated/ProviderTest";
import { m } from "../../src/messages";
import { RpcError } from "../../src/platform";
import { open } from "../fixtures/page";
import { FakePlatform } from "../fixtures/platform";
import { fresh, presets, provider, snapshot } from "../fixtures/shared";
import { walletView } from "../fixtures/wallet";

vi.setConfig({ testTimeout: 30_000 });

beforeEach(() => localStorage.clear());
afterEach(() => {
  cleanup();
  location.hash = "";
});

describe("providers", () => {
  test("a vendor that is chosen says its name and its address, and any other server is asked for them", async () => {
    const add_provider = () => ({ providers: [provider("groq")], offers: [], presets });
    const platform = new FakePlatform(fresh, { add_provider });
    await open("#/settings/providers", platform);
    await fireEvent.click(await screen.findByRole("button", { name: "Add a provider" }));
    const dialog = within(await screen.findByRole("dialog", { name: "Add a provider" }));
    const add = () => dialog.getByRole<HTMLButtonElement>("button", { name: "Add" });
    const choose = (value: string) => fireEvent.change(dialog.getByLabelText("Vendor"), { target: { value } });
    const isReady = () => !add().disabled;
    await choose("other");
    expect(isReady()).toBe(false);
    await fireEvent.input(dialog.getByLabelText("Address"), { target: { value: "http://127.0.0.1:4010/v1" } });
    expect(isReady()).toBe(true);
    await fireEvent.input(dialog.getByLabelText("Address"), { target: { value: "" } });
    await choose("ollama");
    expect(isReady()).toBe(true);
    expect(dialog.queryByLabelText("Key")).toBeNull();
    await choose("groq");
    expect([isReady(), add().title]).toEqual([false, "Paste its key first."]);
    await fireEvent.input(dialog.getByLabelText("Key"), { target: { value: "gsk_test" } });
    expect(add().title).toBe("");
    await fireEvent.click(add());
    await waitFor(() => expect(platform.argsOf("add_provider")).toEqual([
      { name: "groq", kind: "openai-compatible", base_url: "https://api.groq.com/openai/v1", key: "gsk_test", add_known_models: true },
    ]));
  });

  test("Enter on what is not whole says at its field what it lacks, until that is typed", async () => {
    const platform = new FakePlatform(fresh, { add_provider: () => ({ providers: [], offers: [], presets }) });
    await open("#/settings/providers", platform);
    await fireEvent.click(await screen.findByRole("button", { name: "Add a provider" }));
    const dialog = within(await screen.findByRole("dialog", { name: "Add a provider" }));
    const saidOf = (label: string) => document.getElementById(dialog.getByLabelText(label).getAttribute("aria-describedby") ?? "")?.textContent ?? "";
    const enter = () => fireEvent.submit(dialog.getByLabelText("Name").closest("form")!);
    const key = "Paste its key first.";
    expect(saidOf("Key"), "nobody asked for it yet").not.toBe(key);
    await enter();
    expect([saidOf("Key"), saidOf("Address")]).toEqual([key, ""]);
    await fireEvent.input(dialog.getByLabelText("Key"), { target: { value: " " } });
    expect(saidOf("Key"), "while it is being typed").not.toBe(key);
    await enter();
    expect(saidOf("Key"), "a blank is no key").toBe(key);
    await fireEvent.change(dialog.getByLabelText("Vendor"), { target: { value: "other" } });
    const address = "Write an address such as http://127.0.0.1:4010/v1.";
    expect(saidOf("Address")).toBe("");
    await enter();
    expect([saidOf("Address"), dialog.getByRole("button", { name: "Add" }).title]).toEqual([address, address]);
    await fireEvent.input(dialog.getByLabelText("Name"), { target: { value: "Rack" } });
    await enter();
    expect(saidOf("Name")).toBe("Begin with a letter; lower case, digits and hyphens.");
    expect(platform.argsOf("add_provider")).toEqual([]);
  });

  test.each([
    [{ state: "ready" as const, kept_in: "keyring" as const }, /^kept in the system’s keyring;/],
    [{ state: "locked" as const, message: "It waits for its passphrase." }, /^kept in the sealed file;/],
    [{ state: "ready" as const, kept_in: "memory" as const }, /^kept in memory until Husting quits;/],
    [{ state: "needs_choice" as const, system_words: "no keyring" }, /^kept where you choose next;/],
  ])("a key that is entered says where it will be: %o", async (secrets, said) => {
    await open("#/settings/providers", new FakePlatform({ ...fresh, secrets }));
    await fireEvent.click(await screen.findByRole("button", { name: "Add a provider" }));
    const dialog = within(await screen.findByRole("dialog", { name: "Add a provider" }));
    dialog.getByText(said);
    await fireEvent.change(dialog.getByLabelText("Vendor"), { target: { value: "other" } });
    dialog.getByText(new RegExp(said.source.replace("^", "^leave empty if the server needs none; else ")));
  });

  test("a row whose address is no API’s leads to its address, and keeps its key in the menu", async () => {
    const lost = provider("rack", { misaddressed: true, last_test: { at: "2026-11-14T09:00:00Z", millis: 80, ok: false, status: 404, message: "Not Found" } });
    await open("#/settings/providers", new FakePlatform({ ...snapshot, providers: { providers: [lost], offers: [], presets } }));
    const row = within(await screen.findByRole("row", { name: /^rack/ }));
    expect(row.getByRole("status").title, "whole, where it is cut").toMatch(/^has no list of models at its address \(404\), 14 Nov \d\d:00$/);
    const raised = screen.getByRole("row", { name: /^rack/ }).querySelectorAll("button.secondary");
    expect([...raised].map((each) => each.textContent?.trim()), "the act that helps has the ground").toEqual(["Change the address…"]);
    await fireEvent.click(row.getByRole("button", { name: "More for rack" }));
    expect(screen.getAllByRole("menuitem").map((each) => each.textContent.trim())).toEqual(["Replace the key…", "Remove…"]);
    await fireEvent.keyDown(document.activeElement!, { key: "Escape" });
    await fireEvent.click(row.getByRole("button", { name: "Change the address…" }));
    await screen.findByRole("dialog", { name: "Address of rack" });
  });

  test.each([["ready", true], ["locked", false]] as const)("the act that helps a provider has the ground, with keys that are %s", async (state, unreadable) => {
    const at = "2026-11-14T09:00:00Z";
    const refused = { at, millis: 80, ok: false, status: 401, message: "no" };
    const listed = { providers: [provider("fine", {}), provider("refused", { last_test: refused }), provider("unread", { key_readable: false })], offers: [], presets };
    const secrets = state === "ready" ? snapshot.secrets : { state, path: "/home/x/secrets.sealed", system_words: null };
    await open("#/settings/providers", new FakePlatform({ ...snapshot, providers: listed, secrets } as typeof snapshot));
    const section = within(await screen.findByRole("region", { name: "Providers and keys" }));
    const raised = section.getAllByRole("row").slice(1).map((row) => [...row.querySelectorAll("button.secondary")].map((each) => each.textContent?.trim()));
    expect(raised).toEqual([["Test"], ["Replace"], [unreadable ? "Replace" : "Test"]]);
  });

  test("what was found at an address tells nothing once the key cannot be had", async () => {
    const lost = provider("rack", { misaddressed: true, key_readable: false, last_test: { at: "2026-11-14T09:00:00Z", millis: 80, ok: false, status: 404, message: "Not Found" } });
    await open("#/settings/providers", new FakePlatform({ ...snapshot, providers: { providers: [lost], offers: [], presets } }));
    const row = await screen.findByRole("row", { name: /^rack/ });
    expect([...row.querySelectorAll("button.secondary")].map((each) => each.textContent?.trim())).toEqual(["Replace"]);
  });

  test("a key that the provider refuses is told at the field of another one, in the provider’s own words", async () => {
    const at = "2026-11-14T09:00:00Z";
    const refused = { at, millis: 80, ok: false, status: 401, message: "Incorrect API key provided." };
    const listed = (last_test: typeof refused | null) => ({ providers: [provider("openai", { kind: "openai", models: 0, last_test })], offers: [], presets });
    let tests = 0;
    const platform = new FakePlatform(fresh, { add_provider: () => listed(refused), replace_key: () => listed(null), test_provider: () => listed(++tests === 1 ? refused : { ...refused, ok: true, status: 200 }) });
    await open("#/settings/providers", platform);
    await fireEvent.click(await screen.findByRole("button", { name: "Add a provider" }));
    const adding = within(await screen.findByRole("dialog", { name: "Add a provider" }));
    await fireEvent.input(adding.getByLabelText("Key"), { target: { value: "sk-wrong" } });
    await fireEvent.click(adding.getByRole("button", { name: "Add" }));

    const replacing = within(await screen.findByRole("dialog", { name: "Replace the key of OpenAI" }));
    const field = replacing.getByLabelText("Key");
    const told = replacing.getByText("OpenAI does not take the key that it has (401): Incorrect API key provided.");
    expect(field.getAttribute("aria-describedby")).toBe(told.id);
    expect(screen.queryByRole("dialog", { name: /spend/ }), "one question after the other").toBeNull();
    await fireEvent.input(field, { target: { value: "sk-right" } });
    expect(replacing.queryByText(/does not take/)).toBeNull();
    platform.emit({ type: "providers_changed", providers: listed({ ...refused }) });
    expect((field as HTMLInputElement).value, "news take nothing away").toBe("sk-right");
    await fireEvent.click(replacing.getByRole("button", { name: /^Replace/ }));
    await replacing.findByText(/does not take the key that it has/);
    expect((field as HTMLInputElement).value, "it is tried at once, and the next one is asked for").toBe("");
    await fireEvent.input(field, { target: { value: "sk-third" } });
    await fireEvent.click(replacing.getByRole("button", { name: /^Replace/ }));
    await screen.findByText("OpenAI is connected, and none of its models is on the list.");
    expect(platform.argsOf("replace_key").map((args) => args.key)).toEqual(["sk-right", "sk-third"]);
    await screen.findByRole("dialog", { name: /month/ });
  });

  test("what was refused is forgotten once something else is typed", async () => {
    const add_provider = () => Promise.reject(new RpcError("already_exists", "There is a provider of that name."));
    await open("#/settings/providers", new FakePlatform(snapshot, { add_provider }));
    await fireEvent.click((await screen.findAllByRole("button", { name: /^Add a provider/ }))[0]!);
    const dialog = within(await screen.findByRole("dialog", { name: "Add a provider" }));
    await fireEvent.input(dialog.getByLabelText("Key"), { target: { value: "sk-test" } });
    await fireEvent.click(dialog.getByRole("button", { name: /^Add/ }));
    await dialog.findByText(/There is a provider of that name/);
    await fireEvent.input(dialog.getByLabelText("Name"), { target: { value: "other" } });
    await waitFor(() => expect(dialog.queryByText(/There is a provider of that name/)).toBeNull());
  });

  test.each([
    ["no key was kept", []],
    ["another key was kept", [provider("mistral")]],
  ])("without a keyring the pasted key waits while a place is chosen, and goes nowhere else: %s", async (_, kept) => {
    const KEY = "sk-test-4711-never-shown";
    let ready = false;
    const platform = new FakePlatform(
      { ...fresh, secrets: { state: "needs_choice", system_words: "no such interface" }, providers: { ...fresh.providers, providers: kept } },
      {
        add_provider: () => {
          if (!ready) throw new RpcError("secrets_unavailable", "No key store is ready.");
          return { providers: [provider("openai")], offers: [], presets };
        },
        choose_secrets: () => {
          ready = true;
          return { state: "ready", kept_in: "sealed_file" };
        },
      },
    );
    await open("#/settings/providers", platform);
    await fireEvent.click(await screen.findByRole("button", { name: "Add a provider" }));
    const key = await screen.findByLabelText("Key");
    await fireEvent.input(key, { target: { value: KEY } });
    await fireEvent.click(screen.getByRole("button", { name: "Add" }));
    const phrase = await screen.findByLabelText("Passphrase, at least 12 characters");
    await fireEvent.input(phrase, { target: { value: "short" } });
    const seal = screen.getAllByRole<HTMLButtonElement>("button", { name: "Seal the file" }).at(-1)!;
    const needed = "Type a passphrase of at least 12 characters first.";
    expect([seal.disabled, seal.title]).toEqual([true, needed]);
    expect(screen.queryByText(needed), "while it is being typed").toBeNull();
    await fireEvent.submit(phrase.closest("form")!);
    expect(screen.getByText(needed).id).toBe(phrase.getAttribute("aria-describedby"));
    await fireEvent.input(phrase, { target: { value: "a longer passphrase" } });
    expect(screen.queryByText(needed)).toBeNull();
    const [again, twice] = [screen.getByLabelText("The same passphrase again"), "Type the same passphrase again first."];
    expect([seal.disabled, seal.title], "typed once").toEqual([true, twice]);
    expect(screen.queryByText(twice), "while nobody asked for it").toBeNull();
    await fireEvent.submit(phrase.closest("form")!);
    expect(screen.getByText(twice).id).toBe(again.getAttribute("aria-describedby"));
    await fireEvent.input(again, { target: { value: "a longer" } });
    expect(screen.queryByText("The two differ."), "while it is being typed").toBeNull();
    await fireEvent.focusOut(again);
    screen.getByText("The two differ.");
    await fireEvent.focusIn(again);
    expect(screen.queryByText("The two differ.")).toBeNull();
    await fireEvent.submit(again.closest("form")!);
    screen.getByText("The two differ.");
    expect([platform.argsOf("choose_secrets"), seal.title]).toEqual([[], "The two differ."]);
    await fireEvent.focusIn(again);
    await fireEvent.input(again, { target: { value: "a longer parsephrase" } });
    screen.getByText("The two differ.");
    expect(seal.disabled).toBe(true);
    screen.getByText(/^A forgotten passphrase cannot be recovered: .* are lost.* take secrets\.sealed out/);
    await fireEvent.input(again, { target: { value: "a longer passphrase" } });
    await fireEvent.click(seal);
    await waitFor(() => expect(platform.argsOf("add_provider")).toHaveLength(2));
    expect(platform.argsOf("choose_secrets")).toEqual([{ keep_in: "sealed_file", passphrase: "a longer passphrase", make: true }]);
    await screen.findByText("…w4Kp");
    expect(document.documentElement.outerHTML).not.toContain(KEY);
    expect(JSON.stringify(localStorage)).not.toContain(KEY);
  });

  test("a locked file is opened with one passphrase, and says what to do when that is forgotten", async () => {
    const platform = new FakePlatform({ ...snapshot, secrets: { state: "locked", message: "The sealed file waits for its passphrase." } }, { choose_secrets: () => ({ state: "ready", kept_in: "sealed_file" }) });
    await open("#/settings/providers", platform);
    await fireEvent.click(await screen.findByRole("button", { name: "Open it" }));
    const sheet = within(await screen.findByRole("dialog", { name: "The sealed file is locked" }));
    expect(sheet.queryByLabelText("The same passphrase again")).toBeNull();
    await fireEvent.click(sheet.getByRole("button", { name: "I forgot the passphrase" }));
    sheet.getByText(/take secrets\.sealed out of the data folder/);
    await fireEvent.input(sheet.getByLabelText("Passphrase"), { target: { value: "short" } });
    await fireEvent.click(sheet.getByRole("button", { name: "Open the file" }));
    await waitFor(() => expect(platform.argsOf("choose_secrets")).toEqual([{ keep_in: "sealed_file", passphrase: "short", make: false }]));
  });

  /** What is offered in a sheet, but for its ways out. */
  const offered = (dialog: HTMLElement) => within(dialog).getAllByRole("button").map((each) => each.textContent.trim()).filter((each) => each !== "");

  const KEY_FILE = { state: "locked" as const, message: "The sealed file is locked, and a key file opens it: name it in HUSTING_SECRETS_KEY_FILE.", opener: "restart" as const };

  const PLACES = [
    ["in settings", "#/settings/providers"],
    ["in the hall", "#/hall"],
  ];

  test.each(PLACES)("a file that no passphrase opens asks for none %s, and says what does and what becomes of a lost one", async (_, place) => {
    const platform = new FakePlatform({ ...snapshot, secrets: KEY_FILE }, { choose_secrets: () => ({ state: "ready", kept_in: "keyring" }) });
    await open(place, platform);
    expect(screen.queryByRole("button", { name: "Open it" }), "it is not opened there").toBeNull();
    await fireEvent.click(await screen.findByRole("button", { name: "What to do" }));
    const dialog = await screen.findByRole("dialog", { name: "The sealed file is locked" });
    const sheet = within(dialog);
    sheet.getByText(KEY_FILE.message);
    sheet.getByText(/quit Husting and start it again/);
    expect(dialog.querySelector("input")).toBeNull();
    const lost = "The key file is lost, or the sealed file damaged";
    expect(offered(dialog), "nothing that cannot help").toEqual([lost, "Close", "Try the keyring again"]);
    await fireEvent.click(sheet.getByRole("button", { name: lost }));
    sheet.getByText(/take secrets\.sealed out of the data folder/);
    await fireEvent.click(sheet.getByRole("button", { name: "Try the keyring again" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(platform.argsOf("choose_secrets")).toEqual([{ keep_in: "keyring" }]);
  });

  test.each(PLACES)("a file that could not be made is not called locked %s, and is made there", async (_, place) => {
    const message = "There is no sealed file yet, and none could be made: the passphrase in HUSTING_PASSPHRASE is too short.";
    const platform = new FakePlatform({ ...snapshot, secrets: { state: "no_file", message } }, { choose_secrets: () => ({ state: "ready", kept_in: "sealed_file" }) });
    await open(place, platform);
    await screen.findByText("There is no sealed file yet.");
    await fireEvent.click(await screen.findByRole("button", { name: "Choose where" }));
    const sheet = within(await screen.findByRole("dialog", { name: "Keys have no place yet" }));
    sheet.getByText(`${message} Choose where keys are kept.`);
    expect(sheet.queryByText(/start it again\.$/), "that is not needed").toBeNull();
    await fireEvent.input(sheet.getByLabelText("Passphrase, at least 12 characters"), { target: { value: "a longer passphrase" } });
    await fireEvent.input(sheet.getByLabelText("The same passphrase again"), { target: { value: "a longer passphrase" } });
    await fireEvent.click(sheet.getByRole("button", { name: "Seal the file" }));
    await waitFor(() => expect(platform.argsOf("choose_secrets")).toEqual([{ keep_in: "sealed_file", passphrase: "a longer passphrase", make: true }]));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });

  test("the hall leads to the very field: of a locked file, a refused key and a limit that is used up", async () => {
    const used = { ...snapshot.wallet, balance: 0 };
    const locked = { state: "locked" as const, message: "The sealed file waits for its passphrase." };
    const view = { ...walletView, summary: { ...used, monthly_limit: 40_000_000, balance: 40_000_000 } };
    const platform = new FakePlatform({ ...snapshot, secrets: locked, wallet: used }, { choose_secrets: () => ({ state: "ready", kept_in: "sealed_file" }), set_limit: () => view, replace_key: () => snapshot.providers });
    await open("#/hall", platform);
    const leads = async (act: string, field: string, typed: string) => {
      await fireEvent.click(await screen.findByRole("button", { name: act }));
      const sheet = within(await screen.findByRole("dialog"));
      const focused = await sheet.findByLabelText(field);
      await waitFor(() => expect(document.activeElement, act).toBe(focused));
      await fireEvent.input(focused, { target: { value: typed } });
      await fireEvent.keyDown(focused, { key: "Enter" });
      const form = focused.closest("form");
      if (form) await fireEvent.submit(form);
      await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    };
    await leads("Open it", "Passphrase", "the passphrase");
    await leads("Replace the key", "Key", "another-key");
    await leads("Raise the limit", "Dollars a month", "40");
    expect(platform.argsOf("choose_secrets")).toEqual([{ keep_in: "sealed_file", passphrase: "the passphrase", make: false }]);
    expect(platform.argsOf("replace_key")).toEqual([{ name: "mistral", key: "another-key" }]);
    expect(platform.argsOf("set_limit")).toEqual([{ monthly: 40_000_000 }]);
    expect(location.hash, "it is all done where it was told").toBe("#/hall");
  });

  test("the hall says whose keys are not where keys are kept, and has one entered in place", async () => {
    const gone = (...names: string[]) => ({ ...snapshot.providers, providers: names.map((name) => provider(name, { key_readable: false })) });
    const platform = new FakePlatform({ ...snapshot, providers: gone("rack") }, { replace_key: () => ({ ...snapshot.providers, providers: [provider("rack")] }) });
    await open("#/hall", platform);
    await screen.findByText("The key of rack is not where keys are kept now.");
    await fireEvent.click(screen.getByRole("button", { name: "Enter the key" }));
    const sheet = within(await screen.findByRole("dialog"));
    await fireEvent.input(sheet.getByLabelText("Key"), { target: { value: "sk-anew" } });
    await fireEvent.click(sheet.getByRole("button", { name: /^Replace/ }));
    await waitFor(() => expect(platform.argsOf("replace_key")).toEqual([{ name: "rack", key: "sk-anew" }]));
    await waitFor(() => expect(screen.queryByText(/not where keys are kept/)).toBeNull());

    platform.emit({ type: "providers_changed", providers: gone("rack", "shed") });
    await screen.findByText("The keys of rack and shed are not where keys are kept now.");
    await fireEvent.click(screen.getByRole("button", { name: "Enter the keys" }));
    await waitFor(() => expect(location.hash).toBe("#/settings/providers"));
  });

  test("an address stands on one line, and whole in its row’s title", async () => {
    const at = "http://127.0.0.1:4010/a-rather-long-path-to-the-api/v1";
    await open("#/settings/providers", new FakePlatform({ ...snapshot, providers: { ...snapshot.providers, providers: [provider("rack", { base_url: at })] } }));
    const shown = await screen.findByText(at);
    expect([shown.classList.contains("cut"), shown.closest("th")!.title]).toEqual([true, at]);
  });

  test("a provider is called elsewhere with what it has: its address is changed, and an empty one is its vendor’s", async () => {
    const rack = provider("rack", { base_url: "http://127.0.0.1:4010/v1" });
    const groq = provider("groq", { base_url: "http://127.0.0.1:4011/v1" });
    const listed = { ...snapshot.providers, providers: [groq, rack] };
    const changed = (args: unknown) => {
      const { name, base_url } = args as { name: string; base_url: string };
      if (base_url.includes("refused")) throw new RpcError("invalid_request", "A key is never sent over plain http to another machine.");
      return { ...listed, providers: listed.providers.map((each) => (each.name === name ? { ...each, base_url, last_test: null } : each)) };
    };
    const at = "2026-11-20T14:00:00Z";
    const tests: Record<string, ProviderTest | null> = {
      rack: { at, millis: 80, ok: false, status: null, message: "dns error" },
      // Keys that were locked meanwhile: the address was changed all the same.
      groq: null,
    };
    const tried = ({ name }: { name: string }) => {
      const found = tests[name];
      if (!found) throw new RpcError("secrets_unavailable", "Your keys are locked.");
      return { ...listed, providers: listed.providers.map((each) => (each.name === name ? { ...each, base_url: "http://127.0.0.1:4020/v1", last_test: found } : each)) };
    };
    const platform = new FakePlatform({ ...snapshot, providers: listed }, { change_address: changed, test_provider: tried });
    await open("#/settings/providers", platform);
    const sheetOf = async (name: string) => {
      await fireEvent.click(await screen.findByRole("button", { name: `More for ${name}` }));
      await fireEvent.click(await screen.findByRole("menuitem", { name: /^Change the address/ }));
      const sheet = within(await screen.findByRole("dialog", { name: `Address of ${name}` }));
      return { sheet, field: await sheet.findByLabelText<HTMLInputElement>("Address"), act: sheet.getByRole<HTMLButtonElement>("button", { name: /^Change/ }) };
    };

    const own = await sheetOf("rack");
    expect(own.field.value).toBe("http://127.0.0.1:4010/v1");
    own.sheet.getByText(/its key …\w{4} is sent to this address/);
    expect(own.act.disabled, "it is called there already").toBe(true);
    for (const bad of ["", "127.0.0.1:4020", "ftp://127.0.0.1/v1"]) {
      await fireEvent.input(own.field, { target: { value: bad } });
      expect(own.act.disabled, bad).toBe(true);
    }
    await fireEvent.input(own.field, { target: { value: "http://refused.example.org/v1" } });
    await fireEvent.click(own.act);
    await own.sheet.findByText(/never sent over plain http/);
    await fireEvent.input(own.field, { target: { value: " http://127.0.0.1:4020/v1 " } });
    await waitFor(() => expect(own.sheet.queryByText(/never sent over plain http/)).toBeNull());
    await fireEvent.keyDown(own.field, { key: "Enter" });
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await screen.findByText("http://127.0.0.1:4020/v1");
    const row = (name: string) => within(screen.getByRole("rowheader", { name: new RegExp(`^${name}`) }).closest("tr")!);
    await waitFor(() => expect(row("rack").getByRole("status").textContent, "it is tested there by itself").toContain(m.settings.providers.notAnswered));

    const vendor = await sheetOf("Groq");
    await fireEvent.input(vendor.field, { target: { value: "" } });
    await fireEvent.click(vendor.act);
    await waitFor(() => expect(platform.argsOf("change_address").slice(1)).toEqual([
      { name: "rack", base_url: "http://127.0.0.1:4020/v1" },
      { name: "groq", base_url: "https://api.groq.com/openai/v1" },
    ]));
    await waitFor(() => expect(platform.argsOf("test_provider")).toEqual([{ name: "rack" }, { name: "groq" }]));
    await waitFor(() => expect(row("Groq").getByRole("status").textContent.trim()).toBe("not tested"));
    expect(screen.queryByText(m.settings.failed)).toBeNull();
  });

  test("a test that was answered with an error does not look like a key that was refused", async () => {
    const [first, ...others] = snapshot.providers.providers;
    for (const [status, told] of [
      [500, "answered with an error (500)"],
      [200, "did not answer as an API does; check its address"],
      [404, "has no list of models at its address (404)"],
    ] as const) {
      const failing = { ...first!, misaddressed: status !== 500, last_test: { at: "2026-11-20T14:00:00Z", millis: 20, ok: false, status, message: "the server is broken" } };
      await open("#/settings/providers", new FakePlatform({ ...snapshot, providers: { ...snapshot.providers, providers: [failing, ...others] } }));
      await screen.findByText(told);
      cleanup();
    }
  });

  test("the last test of a provider goes with its key, and comes back with it", async () => {
    const given = provider("rack");
    const gone = { ...given, key_readable: false };
    const shown = async (one: typeof given, from = snapshot) => {
      await open("#/settings/providers", new FakePlatform({ ...from, providers: { ...from.providers, providers: [one] } }));
      const row = (await screen.findByRole("rowheader", { name: /^rack/ })).closest("tr")!;
      const words = within(row).getByRole("status").textContent?.replace(/\s+/g, " ").trim();
      cleanup();
      return words;
    };
    expect(await shown(given)).toMatch(/^answered in 412 ms/);
    expect(await shown(gone)).toBe("its key is not there: replace it");
    expect(await shown(gone, { ...snapshot, secrets: { ...snapshot.secrets, state: "locked" } as typeof snapshot.secrets }), "nobody knows while it is locked").toBe("its key cannot be read now");
  });

  test("what was refused while keys were locked is over once they are open", async () => {
    const locked = { state: "locked" as const, message: "It was sealed on another day." };
    const refused = () => {
      throw new RpcError("secrets_unavailable", "The sealed file with your keys is locked.");
    };
    const platform = new FakePlatform({ ...snapshot, secrets: locked, providers: { ...snapshot.providers, providers: [{ ...provider("rack"), key_readable: false }] } }, { test_provider: refused });
    await open("#/settings/providers", platform);
    const row = within((await screen.findByRole("rowheader", { name: /^rack/ })).closest("tr")!);
    await fireEvent.click(row.getByRole("button", { name: /^Test/ }));
    await screen.findByText("The sealed file with your keys is locked.", { exact: false, selector: ".note *" });
    platform.emit({ type: "secrets_changed", secrets: { state: "ready", kept_in: "sealed_file" } });
    await waitFor(() => expect(document.querySelector(".sections .note")).toBeNull());
  });

  test("where nothing is connected, adding a provider stands in the list’s place alone", async () => {
    const none = { ...fresh, providers: { ...fresh.providers, providers: [], offers: [] } };
    await open("#/settings/providers", new FakePlatform(none));
    await screen.findByText(/^No provider has been added/);
    const section = within(screen.getByRole("region", { name: "Providers and keys" }));
    expect(section.getAllByRole("button", { name: "Add a provider" })).toHaveLength(1);
  });

  test("a locked keyring asks for no passphrase: it is unlocked and tried again", async () => {
    let unlocked = false;
    const choose = () => {
      if (!unlocked) throw new RpcError("secrets_unavailable", "Your keyring is locked (prompt dismissed). Unlock it and try again.");
      return { state: "ready" as const, kept_in: "keyring" as const };
    };
    const platform = new FakePlatform({ ...snapshot, secrets: { state: "keyring_locked", system_words: "prompt dismissed" } }, { choose_secrets: choose });
    await open("#/settings/providers", platform);
    await screen.findByText("Your keyring is locked.");
    screen.getByText("keyring, locked");
    expect(screen.queryByText(/sealed file/), "there is none").toBeNull();
    await fireEvent.click(screen.getByRole("button", { name: "What to do" }));
    const dialog = await screen.findByRole("dialog", { name: "Your keyring is locked" });
    let sheet = within(dialog);
    await waitFor(() => expect(document.activeElement?.textContent.trim(), "Enter does what is to do").toBe("Try again"));
    expect(dialog.querySelector("input"), "a place for the login password").toBeNull();
    await fireEvent.click(sheet.getByRole("button", { name: "Cancel" }));
    await waitFor(() => expect(dialog.isConnected).toBe(false));
    expect(platform.argsOf("choose_secrets"), "nothing was chosen").toEqual([]);
    await fireEvent.click(screen.getByRole("button", { name: "What to do" }));
    sheet = within(await screen.findByRole("dialog", { name: "Your keyring is locked" }));
    await fireEvent.click(sheet.getByRole("button", { name: "Try again" }));
    await sheet.findByText(/prompt dismissed\)/);
    unlocked = true;
    await fireEvent.click(sheet.getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(screen.queryByText("Your keyring is locked.")).toBeNull());
    expect(platform.argsOf("choose_secrets")).toEqual([{ keep_in: "keyring" }, { keep_in: "keyring" }]);
  });

  test("whoever wants a sealed file instead of a locked keyring types its passphrase twice", async () => {
    const platform = new FakePlatform({ ...snapshot, secrets: { state: "keyring_locked", system_words: "prompt dismissed" } }, { choose_secrets: () => ({ state: "ready", kept_in: "sealed_file" }) });
    await open("#/settings/providers", platform);
    await screen.findByText("Your keyring is locked.");
    await fireEvent.click(screen.getByRole("button", { name: "What to do" }));
    const sheet = within(await screen.findByRole("dialog", { name: "Your keyring is locked" }));
    await fireEvent.click(sheet.getByRole("button", { name: "Keep keys elsewhere" }));
    await fireEvent.input(sheet.getByLabelText("Passphrase, at least 12 characters"), { target: { value: "a longer passphrase" } });
    const seal = sheet.getAllByRole<HTMLButtonElement>("button", { name: "Seal the file" }).at(-1)!;
    expect(seal.disabled, "typed once").toBe(true);
    await fireEvent.input(sheet.getByLabelText("The same passphrase again"), { target: { value: "a longer passphrase" } });
    await fireEvent.click(seal);
    await waitFor(() => expect(platform.argsOf("choose_secrets")).toEqual([{ keep_in: "sealed_file", passphrase: "a longer passphrase", make: true }]));
  });

  test("keys that are in memory are kept on in a sealed file from where they are listed", async () => {
    const providers = [{ ...provider("mistral"), key_tail: "9f3c", key_readable: true, kept_in: "memory" as const }];
    const held = { ...snapshot, secrets: { state: "ready" as const, kept_in: "memory" as const }, providers: { ...snapshot.providers, providers } };
    const platform = new FakePlatform(held, { choose_secrets: () => ({ state: "ready", kept_in: "sealed_file" }) });
    await open("#/settings/providers", platform);
    await screen.findByText("Keys are in memory only, and go when Husting quits.");
    await fireEvent.click(screen.getByRole("button", { name: "Keep them" }));
    const sheet = within(await screen.findByRole("dialog", { name: "Keep keys beyond this start" }));
    expect(sheet.queryByText("Until Husting quits"), "that is where they are").toBeNull();
    await fireEvent.input(sheet.getByLabelText("Passphrase, at least 12 characters"), { target: { value: "a longer passphrase" } });
    await fireEvent.input(sheet.getByLabelText("The same passphrase again"), { target: { value: "a longer passphrase" } });
    await fireEvent.click(sheet.getByRole("button", { name: "Seal the file" }));
    await waitFor(() => expect(platform.argsOf("choose_secrets")).toEqual([{ keep_in: "sealed_file", passphrase: "a longer passphrase", make: true }]));
    await waitFor(() => expect(screen.queryByText(/^Keys are in memory only/)).toBeNull());
    cleanup();
    // Where there is a file already, its own passphrase opens it, which is asked for once.
    const beside = { ...held, secrets: { ...held.secrets, left: { count: 2, kept_in: "sealed_file" as const } } };
    let refuses = true;
    const refused = new FakePlatform(held, {
      choose_secrets: () => {
        if (refuses) throw new RpcError("invalid_request", "This passphrase does not open the sealed file, and nothing was changed.");
        return { state: "ready", kept_in: "sealed_file" };
      },
    });
    for (const shown of [new FakePlatform(beside, { choose_secrets: () => ({ state: "ready", kept_in: "sealed_file" }) }), refused]) {
      await open("#/settings/providers", shown);
      await fireEvent.click(await screen.findByRole("button", { name: "Keep them" }));
      const again = within(await screen.findByRole("dialog", { name: "Keep keys beyond this start" }));
      if (shown === refused) {
        for (const field of ["Passphrase, at least 12 characters", "The same passphrase again"]) await fireEvent.input(again.getByLabelText(field), { target: { value: "a longer passphrase" } });
        await fireEvent.click(again.getByRole("button", { name: "Seal the file" }));
        await again.findByText(/^This passphrase does not open the sealed file/);
        expect(again.queryByText("invalid_request"), "what was typed is told by its sentence").toBeNull();
        refuses = false;
      }
      await again.findByText(/the passphrase it was sealed with/);
      expect(again.queryByLabelText("The same passphrase again")).toBeNull();
      await fireEvent.input(again.getByLabelText("Passphrase"), { target: { value: "its own" } });
      await fireEvent.click(again.getByRole("button", { name: "Open the file" }));
      await waitFor(() => expect(shown.argsOf("choose_secrets").at(-1)).toEqual({ keep_in: "sealed_file", passphrase: "its own", make: false }));
      cleanup();
    }
    await open("#/settings/providers", new FakePlatform({ ...held, providers: { ...held.providers, providers: [{ ...providers[0]!, key_tail: null, kept_in: null }] } }));
    await screen.findByRole("button", { name: "Add a provider" });
    expect(screen.queryByText(/^Keys are in memory only/), "no key would go").toBeNull();
  });

  test("a refused test shows the status, and the provider's own words one click away", async () => {
    await open("#/settings/providers", new FakePlatform());
    await screen.findByText("key refused (401)");
    expect(screen.queryByText(/Unauthorized/)).toBeNull();
    await fireEvent.click(screen.getByRole("button", { name: "Mistral’s words" }));
    screen.getByText(/Unauthorized/);
    const line = screen.getByText("key refused (401)").parentElement!;
    expect([line.firstElementChild?.tagName, line.lastElementChild?.className], "its sign, its words and its day stand on one line").toEqual(["svg", expect.stringContaining("when")]);
    expect(within(line).queryByRole("button"), "what is opened stands below").toBeNull();
  });

  test("a provider is asked once which models it has, and what is typed meanwhile stays", async () => {
    const providers = [provider("local"), provider("rack")];
    const platform = new FakePlatform(
      { ...snapshot, providers: { ...snapshot.providers, providers } },
      { refresh_models: ({ provider: name }: { provider: string }) => ({ offered: [{ provider_model: `of-${name}`, table_price: null, known_as: null }] }) },
    );
    await open("#/settings/models", platform);
    await fireEvent.click(await screen.findByRole("button", { name: /^Add a model/ }));
    const sheet = within(await screen.findByRole("dialog"));
    await sheet.findByText("of-local");
    const typed = sheet.getByRole("textbox");
    await fireEvent.input(typed, { target: { value: "gpt-zeta" } });
    // Asking is told as a change of the provider.
    platform.emit({ type: "providers_changed", providers: { ...snapshot.providers, providers: [...providers] } });
    await new Promise((drawn) => requestAnimationFrame(drawn));
    expect(sheet.getByRole<HTMLInputElement>("textbox").value).toBe("gpt-zeta");
    const asked = () => platform.calls.filter(({ command }) => command === "refresh_models").map(({ args }) => args);
    expect(asked()).toEqual([{ provider: "local" }]);
    await fireEvent.input(typed, { target: { value: "" } });
    await fireEvent.change(sheet.getByRole("combobox"), { target: { value: "rack" } });
    await sheet.findByText("of-rack");
    expect(asked()).toEqual([{ provider: "local" }, { provider: "rack" }]);
  });

  test("an id that the provider does not list is remarked on under its field, and may be added all the same", async () => {
    const platform = new FakePlatform(
      { ...snapshot, providers: { ...snapshot.providers, providers: [provider("rack")] } },
      { refresh_models: () => ({ offered: [{ provider_model: "gpt-zeta", table_price: null, known_as: null }] }), add_model: () => snapshot.models },
    );
    await open("#/settings/models", platform);
    await fireEvent.click(await screen.findByRole("button", { name: /^Add a model/ }));
    const sheet = within(await screen.findByRole("dialog"));
    const id = await sheet.findByText("gpt-zeta");
    expect(id.nextElementSibling?.textContent, "stands below the id, which keeps its room").toBe("no price yet; set one once it is on the list");
    const field = sheet.getByRole("textbox");
    const remark = () => document.getElementById(field.getAttribute("aria-describedby") ?? "")?.textContent ?? null;
    expect(remark()).toBeNull();
    await fireEvent.input(field, { target: { value: "gpt-zeta" } });
    expect(remark()).toBeNull();
    sheet.getByText("1 offered");
    await fireEvent.input(field, { target: { value: "gpt-zeta-2" } });
    sheet.getByText("No id that is offered has “gpt-zeta-2”.");
    expect(remark()).toBe("rack does not list this id. It can be added all the same.");
    expect([field.getAttribute("aria-invalid"), sheet.queryByRole("alert")]).toEqual([null, null]);
    await fireEvent.click(sheet.getByRole("button", { name: "Add to the list" }));
    await waitFor(() => expect(platform.argsOf("add_model")).toEqual([{ provider: "rack", provider_model: "gpt-zeta-2" }]));
    await fireEvent.input(field, { target: { value: "gpt zeta" } });
    expect([field.getAttribute("aria-invalid"), remark()]).toEqual(["true", "An id has no spaces."]);
    expect(sheet.getByRole("button", { name: "Add to the list" })).toHaveProperty("disabled", true);
    await fireEvent.keyDown(field, { key: "Enter" });
    expect(platform.argsOf("add_model")).toHaveLength(1);
  });

  test("a provider that refuses the key is told by what happened and what to do, its words apart, and the key is replaced there", async () => {
    const words = "invalid x-api-key: [secret removed]";
    const refused = provider("rack", { last_test: { at: "2026-11-20T14:31:00Z", millis: 40, ok: false, status: 401, message: words } });
    const mended = { ...snapshot.providers, providers: [provider("rack")] };
    let isRefused = true;
    const platform = new FakePlatform(
      { ...snapshot, providers: { ...snapshot.providers, providers: [provider("rack")] } },
      {
        list_providers: () => ({ ...snapshot.providers, providers: [refused] }),
        refresh_models: () => {
          if (isRefused) throw new RpcError("provider_error", `The provider's models could not be read: ${words}.`, { message: words });
          return { offered: [{ provider_model: "of-rack", table_price: null, known_as: null }] };
        },
        replace_key: () => {
          isRefused = false;
          return mended;
        },
      },
    );
    await open("#/settings/models", platform);
    await fireEvent.click(await screen.findByRole("button", { name: /^Add a model/ }));
    const sheet = within(await screen.findByRole("dialog"));
    await sheet.findByText("The key of rack was refused.");
    sheet.getByText("Replace the key to list the models, or type an id that you know.");
    expect(sheet.getByText("provider_auth_failure").tagName, "as a seat says it").toBe("CODE");
    expect(sheet.queryByText("provider_error")).toBeNull();
    expect([sheet.queryByText("Nothing was changed."), sheet.queryByText(/x-api-key/)]).toEqual([null, null]);
    await fireEvent.click(sheet.getByRole("button", { name: "rack’s words" }));
    expect(sheet.getByText(words).classList).toContain("mono");
    await fireEvent.click(sheet.getByRole("button", { name: "Replace the key" }));
    const other = within(await screen.findByRole("dialog", { name: "Replace the key of rack" }));
    await fireEvent.input(other.getByLabelText("Key"), { target: { value: "another" } });
    await fireEvent.click(other.getByRole("button", { name: /^Replace/ }));
    await screen.findByText("of-rack");
    expect(platform.argsOf("replace_key")).toEqual([{ name: "rack", key: "another" }]);
  });

  test("a provider that does not answer is asked again, and the system's words stand apart", async () => {
    const silent = provider("rack", { last_test: { at: "2026-11-20T14:31:00Z", millis: 40, ok: false, status: null, message: "connection refused" } });
    const platform = new FakePlatform(
      { ...snapshot, providers: { ...snapshot.providers, providers: [silent] } },
      {
        list_providers: () => ({ ...snapshot.providers, providers: [silent] }),
        refresh_models: () => {
          throw new RpcError("provider_error", "The provider's models could not be read: connection refused.", { message: "connection refused" });
        },
      },
    );
    await open("#/settings/models", platform);
    await fireEvent.click(await screen.findByRole("button", { name: /^Add a model/ }));
    const sheet = within(await screen.findByRole("dialog"));
    await sheet.findByText("rack did not say which models it has.");
    sheet.getByRole("button", { name: "The system’s words" });
    expect(sheet.queryByRole("button", { name: "Replace the key" })).toBeNull();
    await fireEvent.click(sheet.getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(platform.argsOf("refresh_models")).toHaveLength(2));
  });

  test("where its key cannot be read, a provider is not just asked again: the key is unlocked or entered anew", async () => {
    const rack = provider("rack");
    const refused = (message: string) => ({
      list_providers: () => ({ ...snapshot.providers, providers: [rack] }),
      refresh_models: () => {
        throw new RpcError("secrets_unavailable", message);
      },
    });
    const shown = async (secrets: typeof snapshot.secrets, message: string) => {
      await open("#/settings/models", new FakePlatform({ ...snapshot, secrets, providers: { ...snapshot.providers, providers: [rack] } }, refused(message)));
      await fireEvent.click(await screen.findByRole("button", { name: /^Add a model/ }));
      const sheet = within(await screen.findByRole("dialog"));
      await sheet.findByText(message);
      return sheet;
    };
    const locked = await shown({ state: "locked", message: "It waits." }, "The sealed file is locked.");
    expect(locked.queryByRole("button", { name: "Try again" })).toBeNull();
    await fireEvent.click(locked.getByRole("button", { name: "Unlock" }));
    await screen.findByRole("dialog", { name: "The sealed file is locked" });
    cleanup();
    const restart = await shown(KEY_FILE, "It is locked, and a key file opens it.");
    expect(restart.queryByRole("button", { name: "Unlock" }), "nothing is unlocked there").toBeNull();
    restart.getByRole("button", { name: "What to do" });
    cleanup();
    const gone = await shown({ state: "ready", kept_in: "keyring" }, "The key of rack is not where keys are kept now. Paste it again.");
    gone.getByRole("button", { name: "Replace the key" });
  });

  test("says where a provider is asked that is not at its vendor's address, and whose words tell that it is not there", async () => {
    const lost = provider("openai", { base_url: "http://127.0.0.1:1/v1", last_test: { at: "2026-11-20T14:31:00Z", millis: 4, ok: false, status: null, message: "connection refused" } });
    await open("#/settings/providers", new FakePlatform({ ...snapshot, providers: { ...snapshot.providers, providers: [lost, provider("groq", { base_url: presets.find(({ name }) => name === "groq")!.base_url })] } }));
    const row = within(await screen.findByRole("row", { name: /^OpenAI/ }));
    row.getByText("http://127.0.0.1:1/v1");
    row.getByRole("button", { name: "The system’s words" });
    expect(screen.getByRole("row", { name: /^Groq/ }).textContent).not.toContain("://");
  });

  test("what is on the list already is not put there by its id", async () => {
    const platform = new FakePlatform(snapshot, { refresh_models: () => ({ offered: [{ provider_model: "here", table_price: null, known_as: "here" }, { provider_model: "new", table_price: null, known_as: null }, { provider_model: "here-mini", table_price: null, known_as: null }] }), add_model: () => snapshot.models });
    await open("#/settings/models", platform);
    await fireEvent.click(await screen.findByRole("button", { name: /^Add a model/ }));
    const sheet = within(await screen.findByRole("dialog"));
    await sheet.findByText("3 offered");
    const field = sheet.getByRole("textbox", { name: "Model id at the provider" });
    const put = () => sheet.getAllByRole<HTMLButtonElement>("button", { name: "Add to the list" }).at(-1)!;
    await fireEvent.input(field, { target: { value: "here" } });
    expect(put().disabled).toBe(true);
    await fireEvent.keyDown(field, { key: "Enter" });
    // Another one that fits what is typed is not meant by that.
    await fireEvent.click(sheet.getAllByRole("button", { name: "Add to the list" })[0]!);
    await waitFor(() => expect(platform.argsOf("add_model").map(({ provider_model }) => provider_model)).toEqual(["here-mini"]));
    await fireEvent.input(field, { target: { value: "new" } });
    expect(put().disabled).toBe(false);
    await fireEvent.click(put());
    await waitFor(() => expect(platform.argsOf("add_model").at(-1)).toEqual({ provider: snapshot.providers.providers[0]!.name, provider_model: "new" }));
  });

  test("of a provider that is asked no more nobody is told how it failed", async () => {
    const providers = [provider("gone"), provider("rack")];
    let fail: (fault: RpcError) => void = () => undefined;
    const never = new Promise<never>((_, refuse) => (fail = refuse));
    const platform = new FakePlatform(
      { ...snapshot, providers: { ...snapshot.providers, providers } },
      { refresh_models: ({ provider: name }: { provider: string }) => (name === "gone" ? never : { offered: [{ provider_model: "of-rack", table_price: null, known_as: null }] }) },
    );
    await open("#/settings/models", platform);
    await fireEvent.click(await screen.findByRole("button", { name: /^Add a model/ }));
    const sheet = within(await screen.findByRole("dialog"));
    await fireEvent.change(sheet.getByRole("combobox"), { target: { value: "rack" } });
    await waitFor(() => expect(platform.argsOf("refresh_models")).toHaveLength(2));
    fail(new RpcError("provider_error", "Nobody answered."));
    await sheet.findByText("of-rack");
    expect(sheet.queryByText(/Nobody answered/)).toBeNull();
  });

  test("a model's name and id are whole where they are cut, and its menu does what its row has no room for", async () => {
    const platform = new FakePlatform(snapshot, { set_price: () => snapshot.models });
    await open("#/settings/models", platform);
    const own = snapshot.models.models.find(({ price_source }) => price_source === "operator")!;
    expect((await screen.findByText(own.display_name, { selector: "th *" })).title).toBe(own.display_name);
    expect(screen.getByText(own.id, { selector: "td" }).title).toBe(own.id);
    const more = screen.getByRole("button", { name: `More for ${own.display_name}` });
    more.focus();
    await fireEvent.keyDown(more, { key: "Enter" });
    await fireEvent.click(await screen.findByRole("menuitem", { name: "Use the table’s price" }));
    expect(platform.argsOf("set_price")).toEqual([{ id: own.id, price: null }]);
  });

  test("a price is set in dollars and sent in micro-dollars", async () => {
    const platform = new FakePlatform(snapshot, { set_price: () => snapshot.models });
    await open("#/settings/models", platform);
    // In a narrow window it stands under the name, in others in a column of its own.
    const [act] = await screen.findAllByRole("button", { name: "Set a price" });
    await fireEvent.click(act!);
    const dialog = await screen.findByRole("dialog");
    await fireEvent.input(within(dialog).getByLabelText("In"), { target: { value: "3" } });
    expect(within(dialog).getByRole("button", { name: "Set the price" }).title).toBe("Write In and Out first: zero is a price.");
    for (const [typed, fault] of [["1234567890", "That is too much: at most $100,000."], ["100,000.01", "That is too much: at most $100,000."], ["much", /^Write dollars/]] as const) {
      await fireEvent.input(within(dialog).getByLabelText("Out"), { target: { value: typed } });
      within(dialog).getByText(fault);
      expect(within(dialog).getByRole<HTMLButtonElement>("button", { name: "Set the price" }).disabled).toBe(true);
    }
    await fireEvent.input(within(dialog).getByLabelText("Out"), { target: { value: "15.25" } });
    await fireEvent.click(within(dialog).getByRole("button", { name: "Set the price" }));
    expect(platform.argsOf("set_price")).toEqual([
      { id: "mistral-large-3", price: { input: 3_000_000, output: 15_250_000, cache_read: null, cache_write: null, long: null } },
    ]);
  });
});
