import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import App from "../../src/App.svelte";
// Read before the clock of the first test runs: the frame would read them inside that.
import "../../src/features/deliberations/NewDeliberation.svelte";
import "../../src/features/settings/Settings.svelte";
import { RpcError } from "../../src/platform";
import { SharedDrafts } from "../fixtures/drafts";
import { open } from "../fixtures/page";
import { FakePlatform } from "../fixtures/platform";
import { liveRound } from "../fixtures/rounds";
import { run } from "../fixtures/runs";
import { snapshot, summary, walletSummary } from "../fixtures/shared";

vi.setConfig({ testTimeout: 30_000 });

beforeEach(() => localStorage.clear());
afterEach(() => {
  cleanup();
  location.hash = "";
});

describe("the connection", () => {
  test("without a login says how to get one; with one it begins", async () => {
    let allowed = false;
    const platform = new FakePlatform(snapshot, {
      snapshot: () => {
        if (!allowed) throw new RpcError("unauthorized", "No credentials.");
        return snapshot;
      },
    });
    render(App, { platform });
    expect((await screen.findByRole("alert")).textContent).toContain("husting console link");
    allowed = true;
    await fireEvent.click(screen.getByRole("button", { name: "Try again" }));
    await screen.findByRole("navigation", { name: "Places" });
  });

  describe("that is ended by logging out", () => {
    const refused = () => Promise.reject(new RpcError("unauthorized", "No credentials."));
    async function loggedIn(address: string, logOut: () => Promise<void> = async () => {}): Promise<FakePlatform & { logOut: () => Promise<void> }> {
      let isIn = true;
      const ends = async () => logOut().then(() => void (isIn = false));
      const platform = Object.assign(new FakePlatform(snapshot, { snapshot: () => (isIn ? snapshot : refused()) }), { logOut: ends });
      await open(address, platform);
      return platform;
    }
    const isOut = async () => {
      const note = await screen.findByText(/^This browser was logged out/);
      expect(note.closest("[role=alert]")!.textContent).toContain("husting console link");
      expect(screen.queryByRole("navigation", { name: "Places" })).toBeNull();
      expect(document.body.textContent, "nothing of it is left to be read").not.toContain(snapshot.sessions[0]!.title);
      await waitFor(() => expect(document.title).toBe("Husting"));
    };

    test.each(["log out", "logout", "login", "sign out"])("from the palette, which finds it by “%s”, shows nothing more and says how to come back", async (typed) => {
      await loggedIn("#/hall");
      await fireEvent.keyDown(document.body, { key: "k", ctrlKey: true });
      await fireEvent.input(await screen.findByRole("combobox", { name: "Go to, or do" }), { target: { value: typed } });
      const [first] = await screen.findAllByRole("option");
      expect(first!.textContent).toContain("Log out of this browser");
      await fireEvent.click(first!);
      await isOut();
    });

    test("from its row in the settings does the same, and what hinders it is said there", async () => {
      let isThere = false;
      await loggedIn("#/settings/address", () => (isThere ? Promise.resolve() : Promise.reject(new RpcError("unreachable", "Husting does not answer."))));
      const act = await screen.findByRole("button", { name: "Log out" });
      await fireEvent.click(act);
      await screen.findByText(/^This browser is still logged in\./);
      isThere = true;
      await fireEvent.click(act);
      await isOut();
    });

    test("in another of its pages is learnt by this one", async () => {
      const platform = await loggedIn("#/hall");
      await platform.logOut();
      platform.connection("lost");
      await isOut();
    });

    test("has no place in a window", async () => {
      await open("#/settings/address", new FakePlatform());
      await screen.findByText("Pages that may call it");
      expect(screen.queryByRole("button", { name: "Log out" })).toBeNull();
    });
  });

  test("says in a window what its start waits for, and can be quit meanwhile; a page waits for no start", async () => {
    const late = () => screen.queryByText(/^This takes longer than usual\. Husting waits for your desktop’s keyring/);
    const never = () => new FakePlatform(snapshot, { snapshot: () => new Promise(() => {}) });
    render(App, { platform: never() });
    expect(screen.getByRole("status").textContent).toContain("Asking Husting");
    expect(late()).toBeNull();
    cleanup();
    const quit = vi.fn(async () => {});
    render(App, { platform: Object.assign(never(), { quit }) });
    expect(late()).not.toBeNull();
    await fireEvent.click(screen.getByRole("button", { name: "Quit", hidden: true }));
    expect(quit).toHaveBeenCalledOnce();
  });

  describe("whose first snapshot came with the page", () => {
    const withPage = (newest: typeof snapshot) => {
      const platform = new FakePlatform(newest);
      platform.first = structuredClone(snapshot);
      render(App, { platform });
      return platform;
    };
    const asked = (platform: FakePlatform) => platform.argsOf("snapshot").length;

    test("draws it at once and asks for none, while nothing has happened since", async () => {
      const platform = withPage(snapshot);
      expect(screen.getByRole("navigation", { name: "Places" })).toBeDefined();
      expect(asked(platform)).toBe(0);
      platform.emit({ type: "session_changed", session: summary("new", "Said since") });
      await screen.findAllByText("Said since");
      expect(asked(platform)).toBe(0);
    });

    test("takes another where something has", async () => {
      const platform = withPage({ ...snapshot, seq: snapshot.seq + 1, sessions: [summary("new", "Said meanwhile")] });
      await screen.findAllByText("Said meanwhile");
      expect(asked(platform)).toBe(1);
    });
  });

  describe("that is lost", () => {
    const list = (listed: () => boolean) => () => {
      if (!listed()) throw new RpcError("unreachable", "Husting does not answer.");
      return { sessions: snapshot.sessions, total: snapshot.sessions.length };
    };
    const gone = () => Promise.reject(new RpcError("unreachable", "Husting does not answer."));

    test("leaves no list empty: what could not be read is said so in one quiet line, and read when it is back", async () => {
      let isThere = true;
      const platform = new FakePlatform(snapshot, { snapshot: () => (isThere ? snapshot : gone()), list_sessions: list(() => isThere) });
      await open("#/hall", platform);
      isThere = false;
      platform.connection("lost");
      location.hash = "#/deliberations";
      dispatchEvent(new HashChangeEvent("hashchange"));
      await screen.findByText("This list could not be read.");
      expect(screen.getAllByRole("alert")).toHaveLength(1);
      expect(screen.queryByText(/No question has been put/)).toBeNull();
      expect(screen.queryByText(/0 questions/)).toBeNull();
      isThere = true;
      platform.connection("open");
      await screen.findByRole("list", { name: "Deliberations" });
      expect(screen.queryByText("This list could not be read.")).toBeNull();
    });

    test.each([["#/bus", /^No message/], ["#/wallet", /No call has been paid/]])("%s says nothing of an emptiness it cannot know", async (place, empty) => {
      const platform = new FakePlatform(snapshot, { list_messages: gone, ledger: gone, wallet: gone });
      await open("#/hall", platform);
      platform.connection("lost");
      location.hash = place;
      dispatchEvent(new HashChangeEvent("hashchange"));
      await waitFor(() => expect(platform.calls.some(({ command }) => command === "list_messages" || command === "ledger")).toBe(true));
      await waitFor(() => expect(screen.getAllByText(/could not be read/, { selector: "[role=status]" })).not.toHaveLength(0));
      expect(screen.queryByText(empty)).toBeNull();
      expect(screen.getAllByRole("alert")).toHaveLength(1);
    });

    test.each([
      { height: 400, reached: true, lost: true },
      { height: 500, reached: false, lost: true },
      { height: 600, reached: false, lost: false },
    ])("makes a window of $height pixels scroll as a whole where its line leaves no room", async ({ height, reached, lost }) => {
      const before = innerHeight;
      Object.assign(window, { innerHeight: height });
      try {
        let isThere = true;
        const platform = new FakePlatform(snapshot, { snapshot: () => (isThere ? snapshot : gone()) });
        await open("#/hall", platform);
        expect(document.getElementById("screen")!.classList.contains("low")).toBe(reached);
        isThere = false;
        platform.connection("lost");
        await screen.findByText(/does not answer|has not answered/);
        expect(document.getElementById("screen")!.classList.contains("low")).toBe(lost);
      } finally {
        Object.assign(window, { innerHeight: before });
      }
    });

    test("takes the focus from no field that somebody writes in", async () => {
      let isThere = true;
      const platform = new FakePlatform(snapshot, { snapshot: () => (isThere ? snapshot : gone()) });
      await open("#/settings/storage", platform);
      const field = (await screen.findAllByRole<HTMLInputElement>("textbox")).find((each) => each.closest("fieldset"))!;
      field.focus();
      isThere = false;
      platform.connection("lost");
      await screen.findByText(/does not answer|has not answered/);
      expect(field.matches(":disabled")).toBe(false);
      field.blur();
      await waitFor(() => expect(field.matches(":disabled")).toBe(true));
    });

    test("estimates nothing, and says so instead of estimating for ever", async () => {
      const platform = new FakePlatform(snapshot, { estimate: gone, draft: gone });
      await open("#/hall", platform);
      platform.connection("lost");
      location.hash = "#/deliberations/new";
      dispatchEvent(new HashChangeEvent("hashchange"));
      await screen.findByText("No estimate now.");
    });

    test("because its login has ended, is not said to be tried again", async () => {
      let code = "unreachable";
      const platform: FakePlatform = new FakePlatform(snapshot, { snapshot: () => (platform.calls.length > 1 ? Promise.reject(new RpcError(code, "No.")) : snapshot) });
      await open("#/hall", platform);
      platform.connection("lost");
      const status = screen.getByRole("contentinfo", { name: "Status" });
      await waitFor(() => expect(status.textContent).toContain("Not connected. Trying again."));
      expect(status.textContent, "nothing beside it says how things stand now").not.toMatch(/agents live|running|Discord/);
      code = "invalid_token";
      await waitFor(() => {
        platform.connection("lost");
        expect(status.textContent).toContain("Not connected. The login has ended.");
      });
      expect((await screen.findByRole("alert")).textContent).toContain("This browser’s login has ended");
    });

    test.each([
      { full: false, told: "What is shown here is as it was before. What was typed is kept as a draft, or in its tab until it can be one. Run “husting console link” and open the link it prints, here or in a new tab" },
      { full: true, told: "What is shown here is as it was before. What was typed last stands in this page alone. Leave this page open, run “husting console link” and open the link it prints in a new tab" },
    ])("because its login has ended, says where what is typed stands (tab full: $full), and a new page goes on with it", async ({ full, told }) => {
      let isThere = true;
      const drafts = new SharedDrafts();
      const whenThere = <Asked, Answer>(answer: (asked: Asked) => Answer) => (asked: Asked) => (isThere ? answer(asked) : Promise.reject(new RpcError("invalid_token", "No.")));
      const answers = { snapshot: whenThere(() => snapshot), draft: whenThere(drafts.answers.draft), save_draft: whenThere(drafts.answers.save_draft) };
      const platform = new FakePlatform(snapshot, answers);
      await open("#/deliberations/new", platform);
      const question = () => screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Question" });
      await question();
      isThere = false;
      platform.connection("lost");
      platform.tab.full = full;
      await fireEvent.input(await question(), { target: { value: "Which depot?" } });
      const note = await screen.findByRole("alert");
      await waitFor(() => expect(note.textContent).toContain(told));
      expect(note.textContent, "all may have been erased meanwhile").not.toContain("on disk");
      await waitFor(() => expect([platform.tab.asks, platform.tab.texts.size]).toEqual([full, full ? 0 : 1]));
      if (full) return;
      cleanup();
      isThere = true;
      const next = Object.assign(new FakePlatform(snapshot, answers), { tab: platform.tab });
      await open("#/deliberations/new", next);
      await waitFor(async () => expect((await question()).value).toBe("Which depot?"));
      await waitFor(() => expect(drafts.of("new")).toMatchObject({ question: "Which depot?" }));
      expect(platform.tab.texts.size).toBe(0);
    });

    test("because its login has ended, is not contradicted by a screen that nobody answered before", async () => {
      let code = "unreachable";
      const refused = () => Promise.reject(new RpcError(code, code === "unreachable" ? "Husting does not answer; is it still running?" : "No."));
      const platform: FakePlatform = new FakePlatform(snapshot, { snapshot: () => (platform.calls.length > 1 ? refused() : snapshot), wallet: refused, ledger: refused, doctor: refused });
      await open("#/hall", platform);
      platform.connection("lost");
      for (const place of ["#/wallet", "#/settings/doctor"]) {
        location.hash = place;
        dispatchEvent(new HashChangeEvent("hashchange"));
      }
      await fireEvent.click(await screen.findByRole("button", { name: "Look now" }));
      await screen.findByText("There is no answer to this yet.", { selector: "[role=status]" });
      code = "invalid_token";
      platform.connection("lost");
      await waitFor(() => expect(screen.getByRole("alert").textContent).toContain("This browser’s login has ended"));
      expect(document.body.textContent).not.toContain("does not answer");
    });

    test("because its login has ended, tells nothing as running", async () => {
      let isThere = true;
      const round = { ...liveRound(), session_id: "s-event" };
      const sessions = snapshot.sessions.map((each) => (each.session_id === "s-event" ? { ...each, status: "streaming" as const, round_status: "in_progress" as const } : each));
      const answers = { snapshot: () => (isThere ? { ...snapshot, sessions, running: [round] } : Promise.reject(new RpcError("invalid_token", "No."))), list_runs: () => ({ runs: [run({})], total: 1 }) };
      const platform = new FakePlatform({ ...snapshot, sessions, running: [round] }, answers);
      await open("#/hall", platform);
      const running = within(await screen.findByRole("region", { name: "Running" }));
      running.getByRole("button", { name: /^Cancel/ });
      await running.findByText("loom");
      isThere = false;
      platform.connection("lost");
      await running.findByText("What runs now is told once this browser is logged in again.");
      expect(running.queryByRole("button")).toBeNull();
      expect(running.queryByText("loom")).toBeNull();
      const lately = within(screen.getByRole("region", { name: "Lately" }));
      lately.getByRole("link", { name: new RegExp(sessions.find(({ session_id }) => session_id === "s-event")!.title.slice(0, 20)) });
    });
  });

  test("a gap in the events takes a new snapshot", async () => {
    const titles = ["Before the gap", "After the gap"];
    const platform: FakePlatform = new FakePlatform(snapshot, {
      snapshot: () => ({ ...snapshot, seq: platform.seq, sessions: [summary("s-1", titles.shift() ?? "")] }),
    });
    await open("#/hall", platform);
    await screen.findAllByText("Before the gap");
    platform.emit({ type: "wallet_changed", wallet: walletSummary }, 3);
    await screen.findAllByText("After the gap");
  });
});

test("another version of the program is told, with the way out", async () => {
  const platform = new FakePlatform();
  await open("#/hall", platform);
  platform.emit({ type: "wallet_changed", wallet: walletSummary }, 0, 2);
  expect((await screen.findByRole("alert")).textContent).toContain("Load the page again.");
});

test("a damaged store names its commands and files as code", async () => {
  const reason = "The store's file is damaged: restore a backup with `husting restore FILE`; backups are in its folder `backups`.";
  const platform = new FakePlatform(snapshot, { snapshot: () => Promise.reject(new RpcError("store_unavailable", reason)) });
  render(App, { platform });
  await screen.findByText("husting restore FILE", { selector: "code" });
  expect(document.body.textContent).not.toContain("`");
});
