import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
// Read before the clock of the first test runs: the frame would read them inside that.
import "../../src/components/SheetDialog.svelte";
import "../../src/features/settings/Settings.svelte";
import type { BackupOccasion } from "../../src/generated/BackupOccasion";
import type { Snapshot } from "../../src/generated/Snapshot";
import { m } from "../../src/messages";
import { RpcError } from "../../src/platform";
import { anew } from "../../src/state/anew.svelte";
import { agents } from "../fixtures/agents";
import { open } from "../fixtures/page";
import { FakePlatform } from "../fixtures/platform";
import { fresh, snapshot, summary } from "../fixtures/shared";
import { FakeTab } from "../fixtures/tab";

vi.setConfig({ testTimeout: 30_000 });

beforeEach(() => localStorage.clear());
afterEach(() => {
  cleanup();
  location.hash = "";
});

test("the whole audit log is one section: agents by their name, and more of it as more is done", async () => {
  const row = (number: number, more: object) => ({ row: number, at: "2026-11-20T14:00:00Z", actor: "operator", action: "mint" as const, agent_id: null, agent_name: null, subject: null, body: null, detail: "{}", ...more });
  const log = [row(3, { actor: "agent:loom", action: "send", agent_id: "a-loom", agent_name: "loom", subject: "0199d1f0-0000-7000-8000-00000000000b" }), row(2, { action: "revoke", agent_id: "a-gone", agent_name: "vera" }), row(1, { action: "tenant", subject: "0199d1f0-0000-7000-8000-00000000000a" })];
  const platform = new FakePlatform({ ...snapshot, agents }, {
    list_audit: () => ({ rows: log, more: false, sealing: { state: "off", sealed_at: null } }) as never,
    export_audit: () => ({ file_name: "case.jsonl", text: "the chain" }),
  });
  await open("#/settings/audit", platform);
  const section = within(await screen.findByRole("region", { name: "Audit log" }));
  const cells = () => section.getAllByRole("row").slice(1).map((each) => within(each).getAllByRole("cell")[3]!.textContent);
  await waitFor(() => expect(cells(), "a revoked one too").toEqual(["…0000000b", "vera", "…0000000a"]));
  const asked = () => platform.argsOf("list_audit").at(-1)?.actions;
  expect([asked()?.includes("send"), asked()?.includes("fetch")], "fetches would hide what else was done").toEqual([true, false]);
  await fireEvent.click(section.getByRole("checkbox", { name: m.audit.fetches }));
  await waitFor(() => expect(platform.argsOf("list_audit").at(-1)).toEqual({ limit: 100 }));
  await waitFor(() => expect(cells()).toHaveLength(3));
  log.unshift(row(5, { action: "pause", detail: JSON.stringify({ paused: false }) }), row(4, { action: "pause", detail: JSON.stringify({ paused: true }) }));
  platform.emit({ type: "bus_moved", bus: snapshot.bus });
  await waitFor(() => expect(cells()).toEqual(["", "", "…0000000b", "vera", "…0000000a"]));
  section.getByText(m.audit.pausedAll.held);
  section.getByText(m.audit.pausedAll.goOn);
  await fireEvent.click(section.getByRole("button", { name: m.audit.export }));
  await section.findAllByText(/Written to|Handed to/);
  expect(platform.argsOf("export_audit")).toEqual([{}]);
});

describe("storage", () => {
  test("says what each kind takes, the largest with the longest bar, and measures again", async () => {
    let logs = 2_000_000;
    const platform = new FakePlatform(snapshot, {
      storage: () => ({ folder: "/home/ana/.local/share/husting", uses: [{ kind: "deliberations", bytes: 4_000_000 }, { kind: "logs", bytes: logs }], bytes: 4_000_000 + logs }),
    });
    await open("#/settings/storage", platform);
    const table = await screen.findByRole("table", { name: "Storage" });
    const rows = () => within(table).getAllByRole("row").slice(1).map((row) => row.textContent?.trim());
    expect(rows()).toEqual(["Deliberations4 MB", "Logs2 MB"]);
    const bars = [...table.querySelectorAll<HTMLElement>(".share span")].map((bar) => bar.style.width);
    expect(bars).toEqual(["100%", "50%"]);
    screen.getByText("6 MB");
    logs = 1_000;
    await fireEvent.click(screen.getByRole("button", { name: "Measure again" }));
    await waitFor(() => expect(rows()).toEqual(["Deliberations4 MB", "Logs1 kB"]));
  });

  test("has a bar for each kind but what is only on its way, which would dwarf them", async () => {
    const uses = [{ kind: "deliberations" as const, bytes: 4_000_000 }, { kind: "free" as const, bytes: 1_000_000 }, { kind: "write_ahead" as const, bytes: 30_000_000 }];
    await open("#/settings/storage", new FakePlatform(snapshot, { storage: () => ({ folder: "/home/ana/.local/share/husting", uses, bytes: 35_000_000 }) }));
    const table = await screen.findByRole("table", { name: "Storage" });
    expect([...table.querySelectorAll<HTMLElement>(".share span")].map((bar) => bar.style.width)).toEqual(["100%", "25%"]);
    expect(within(table).getAllByRole("rowheader").map(({ textContent }) => textContent), "the biggest first").toEqual(["Write-ahead log", "Deliberations", "Free in the store"]);
    within(table).getByText("folded into the store now and then; not in the bars");
  });

  test("what could not be measured is said, and the rest of the page stands", async () => {
    const platform = new FakePlatform(snapshot, {
      storage: () => {
        throw new RpcError("internal", "The data folder cannot be read: permission denied.");
      },
    });
    await open("#/settings/storage", platform);
    await screen.findByText(/The data folder cannot be read/);
    screen.getByRole("textbox", { name: "Unfinished answers and output" });
  });
});

describe("restoring a backup", () => {
  afterEach(() => anew.forget());

  test("comes after the words that say what a backup holds", async () => {
    await open("#/settings/backup", new FakePlatform(snapshot, { list_backups: () => ({ backups: [] }) }));
    await screen.findByText("All sessions, agents, messages and the ledger, in one file without the providers’ keys.");
  });

  test("the hints of both its fields are written alike", async () => {
    await open("#/settings/backup", new FakePlatform(snapshot, { list_backups: () => ({ backups: [] }) }));
    const hint = async (label: string) => document.getElementById((await screen.findByRole("textbox", { name: label })).getAttribute("aria-describedby") ?? "")?.textContent?.trim();
    expect([await hint("New file on this machine"), await hint("Backup to restore, a file on this machine")]).toEqual(["the full path of a new file; ~/ works", "one that Husting wrote, here or on another machine"]);
  });

  test("a backup goes where it is said to, and what is said of it names the file that was written", async () => {
    await open("#/settings/backup", new FakePlatform(snapshot, { list_backups: () => ({ backups: [] }), backup: () => ({ file_name: "/home/ana/kept.db", text: "" }) }));
    const field = await screen.findByRole("textbox", { name: "New file on this machine" });
    await fireEvent.input(field, { target: { value: "~/kept.db" } });
    await fireEvent.keyDown(field, { key: "Enter" });
    await screen.findByText("Written to /home/ana/kept.db.");
  });

  const found = { version: 27, known: 28, written_at: "2025-11-20T09:05:00Z", newest_at: "2025-11-19T18:30:00Z", sessions: 1, messages: 1204, agents: 3 };

  async function named(platform: FakePlatform, path: string): Promise<void> {
    await open("#/settings/backup", platform);
    const field = await screen.findByRole("textbox", { name: "Backup to restore, a file on this machine" });
    await fireEvent.input(field, { target: { value: path } });
    await fireEvent.keyDown(field, { key: "Enter" });
  }

  test("tells what is in it before its word can be typed, and restores the file that it told of", async () => {
    const platform = new FakePlatform(snapshot, { look_at_backup: () => found, restore_backup: () => ({}) });
    await named(platform, " /srv/kept.db ");
    const sheet = await screen.findByRole("dialog", { name: "Restore a backup" });
    const holds = within(sheet).getByText(/^Written 20 Nov 2025 \d\d:05; 1 deliberation, 1,204 messages, 3 agents\. The newest of them is of 19 Nov 2025 \d\d:30\. Its store has version 27 and is brought up to this Husting’s, 28\.$/);
    expect(sheet.getAttribute("aria-describedby"), "right under the title").toBe(holds.id);
    for (const later of [/^\/srv\/kept\.db takes the store’s place/, "Taken out:"]) expect(holds.compareDocumentPosition(within(sheet).getByText(later))).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
    expect(platform.argsOf("look_at_backup")).toEqual([{ path: "/srv/kept.db" }]);
    const word = within(sheet).getByLabelText("Type “restore” to go on");
    await fireEvent.input(word, { target: { value: "restore" } });
    await fireEvent.keyDown(word, { key: "Enter" });
    await screen.findByText(/^Husting begins anew with this backup/);
    expect(platform.argsOf("restore_backup")).toEqual([{ path: "/srv/kept.db" }]);
  });

  test("one of the list is restored by its own path, and leaves what was typed", async () => {
    const platform = new FakePlatform(snapshot, {
      list_backups: () => ({ backups: [{ path: "/srv/backups/28.db", made: "daily" as const, bytes: 2_411_724, written_at: "2025-11-28T09:05:00Z" }] }),
      look_at_backup: () => found,
      restore_backup: () => ({}),
    });
    await open("#/settings/backup", platform);
    const field = await screen.findByRole("textbox", { name: "Backup to restore, a file on this machine" });
    await fireEvent.input(field, { target: { value: "/media/stick/husting.db" } });
    await fireEvent.click(await screen.findByRole("button", { name: /^Restore the backup of 28 Nov/ }));
    const word = within(await screen.findByRole("dialog", { name: "Restore a backup" })).getByLabelText("Type “restore” to go on");
    expect(field).toHaveProperty("value", "/media/stick/husting.db");
    await fireEvent.input(word, { target: { value: "restore" } });
    await fireEvent.keyDown(word, { key: "Enter" });
    await waitFor(() => expect(platform.argsOf("restore_backup")).toEqual([{ path: "/srv/backups/28.db" }]));
  });

  test("those of the data folder are offered, the newest first, a week of them until more are asked for", async () => {
    const kept = (day: number, made: BackupOccasion) => ({ path: `/srv/backups/${day}.db`, made, bytes: 2_411_724, written_at: `2025-11-${day}T09:05:00Z` });
    const backups = [kept(29, "before_restore"), ...Array.from({ length: 8 }, (_, at) => kept(28 - at, "daily"))];
    const platform = new FakePlatform(snapshot, { list_backups: () => ({ backups }), look_at_backup: () => found });
    await open("#/settings/backup", platform);
    const table = await screen.findByRole("table", { name: "Backups in the data folder" });
    expect(within(table).getAllByRole("rowheader").map((head) => head.title)).toEqual(backups.slice(0, 7).map(({ path }) => path));
    within(table).getByText("before a restore");
    await fireEvent.click(screen.getByRole("button", { name: "Show all 9" }));
    expect(within(table).getAllByRole("row")).toHaveLength(10);
    await fireEvent.click(within(table).getByRole("button", { name: /^Restore the backup of 21 Nov 2025 \d\d:05, made by itself/ }));
    await screen.findByRole("dialog", { name: "Restore a backup" });
    expect(platform.argsOf("look_at_backup")).toEqual([{ path: "/srv/backups/21.db" }]);
  });

  test("those of one minute are told apart by their seconds, and no others have them", async () => {
    const kept = (second: string) => ({ path: `/srv/backups/${second}.db`, made: "before_restore" as const, bytes: 2_411_724, written_at: `2025-11-${second}Z` });
    const backups = ["29T09:05:41", "29T09:05:07", "28T09:05:07"].map(kept);
    await open("#/settings/backup", new FakePlatform(snapshot, { list_backups: () => ({ backups }) }));
    const table = await screen.findByRole("table", { name: "Backups in the data folder" });
    const written = within(table).getAllByRole("rowheader").map((head) => head.textContent);
    expect(written).toEqual([/ 2025 \d\d:05:41$/, / 2025 \d\d:05:07$/, /^28 Nov 2025 \d\d:05$/].map((each) => expect.stringMatching(each)));
    within(table).getByRole("button", { name: /^Restore the backup of 29 Nov 2025 \d\d:05:41, made before a restore/ });
  });

  test("without one it is said when there will be, and what went wrong is told", async () => {
    await open("#/settings/backup", new FakePlatform(snapshot, { list_backups: () => ({ backups: [] }) }));
    await screen.findByText(/^There is no backup in the data folder yet/);
    cleanup();
    const failing = () => {
      throw new RpcError("store_unavailable", "The folder cannot be read.");
    };
    await open("#/settings/backup", new FakePlatform(snapshot, { list_backups: failing }));
    await screen.findByText(/could not be listed/);
    screen.getByRole("textbox", { name: "Backup to restore, a file on this machine" });
  });

  test("or erasing all data elsewhere takes what was shown away here too, and says what became of it", async () => {
    let code = "";
    localStorage.setItem("husting.look", "noted");
    const tab = new FakeTab();
    tab.keep(`husting.unsent/${encodeURIComponent(snapshot.home)}/message`, JSON.stringify({ body: '{"text":"Hold."}' }));
    const begun: [Parameters<FakePlatform["emit"]>[0], string][] = [
      [{ type: "restore_begun", backup: "/srv/kept.db" }, "Husting begins anew with the backup /srv/kept.db."],
      [{ type: "erase_begun", erasing: { left: ["notes.txt"], not_removed: [] } }, m.frame.anew.erased.begins],
    ];
    for (const [event, told] of begun) {
      code = "";
      const full = () => Promise.reject(new RpcError("store_unavailable", "The disk is full."));
      const platform = Object.assign(new FakePlatform(snapshot, { snapshot: () => (code ? Promise.reject(new RpcError(code, "No.")) : snapshot), save_draft: full }), { tab });
      await open("#/hall", platform);
      await screen.findByRole("navigation", { name: "Places" });
      expect(tab.texts.size, "what could not be sent").toBe(1);
      platform.emit(event);
      code = "invalid_token";
      platform.connection("lost");
      const alert = await screen.findByRole("alert");
      await waitFor(() => expect(alert.textContent).toContain(told));
      expect(screen.queryByRole("navigation", { name: "Places" })).toBeNull();
      cleanup();
      anew.forget();
    }
    expect(localStorage.getItem("husting.look"), "what this browser noted goes too").toBeNull();
    expect([...tab.texts], "and what was not sent").toEqual([]);
  });

  test("takes what was shown away until Husting is there with it, and then tells what waits", async () => {
    let code = "";
    const anew = {
      ...snapshot,
      seq: 3,
      started_at: "2026-11-20T15:00:00Z",
      sessions: [summary("s-old", "Of the backup")],
      session_count: 1,
      secrets: { state: "locked" as const, message: "secrets.sealed is locked." },
      discord: { ...snapshot.discord, bridge: { state: "off" as const } },
    };
    let now: Snapshot = snapshot;
    const platform = new FakePlatform(snapshot, { look_at_backup: () => found, restore_backup: () => ({}), snapshot: () => (code ? Promise.reject(new RpcError(code, "No.")) : now) });
    await named(platform, "/srv/kept.db");
    const word = await screen.findByLabelText("Type “restore” to go on");
    await fireEvent.input(word, { target: { value: "restore" } });
    await fireEvent.keyDown(word, { key: "Enter" });
    await screen.findByText(/^Husting begins anew with this backup/);
    const rail = () => screen.queryByRole("navigation", { name: "Places" });
    expect(rail()).not.toBeNull();
    code = "invalid_token";
    platform.connection("lost");
    await waitFor(() => expect(rail(), "which counted the store that is gone").toBeNull());
    const told = await screen.findByRole("alert");
    expect(told.textContent).toContain("Husting begins anew with the backup /srv/kept.db.");
    expect(told.textContent).toContain("run “husting console link”");
    [code, now] = ["", anew];
    platform.connection("open");
    await waitFor(() => expect(rail()).not.toBeNull());
    expect(within(rail()!).getByRole("link", { name: /^Deliberations/ }).textContent).toContain("1");
    const line = within((await screen.findByText(/^Husting began anew with the backup/)).closest<HTMLElement>("[role=alert]")!);
    line.getByText(/Agents’ tokens and deliberation keys that were revoked since that backup was made open again: .* The sealed file with your keys is locked\. The Discord bridge is not started\.$/);
    await fireEvent.click(line.getByRole("button", { name: "To the bridge" }));
    expect(location.hash).toBe("#/discord");
    await fireEvent.click(line.getByRole("button", { name: "To the agents" }));
    expect(location.hash).toBe("#/agents");
    cleanup();
    await open("#/hall", new FakePlatform(anew));
    await screen.findByText(/^Husting began anew with the backup/);
    await fireEvent.click(screen.getByRole("button", { name: "Dismiss" }));
    expect(screen.queryByText(/^Husting began anew with the backup/)).toBeNull();
  });

  test.each([
    ["a paused bridge", { discord: { ...snapshot.discord, bridge: { state: "paused" as const } } }, /The Discord bridge is paused\.$/],
    ["no place for keys, of which there is none,", { secrets: { state: "needs_choice" as const, system_words: "no keyring" }, providers: { ...snapshot.providers, providers: [] } }, /kept among the backups\. Agents’ tokens and deliberation keys .*: rotate it once more\. Settings are as they were then\.$/],
    ["an audit log that was sealed further", { audit_faults: ["The log is sealed no further: seals were removed."] }, /The audit log does not follow from what was sealed, which a restore brings about: the Hall leads to it\.$/],
  ])("%s is told of afterwards as what it is", async (_, differing, told) => {
    anew.started(snapshot.started_at);
    anew.begin({ backup: "/srv/kept.db" });
    await open("#/hall", new FakePlatform({ ...snapshot, started_at: "2026-11-20T15:00:00Z", ...differing }));
    const line = within((await screen.findByText(/^Husting began anew with the backup/)).closest<HTMLElement>("[role=alert]")!);
    line.getByText(told);
    await fireEvent.click(line.getByRole("button", { name: "Dismiss" }));
  });

  test("that another followed, which this page was not told of, is not told as the one in force", async () => {
    anew.started(snapshot.started_at);
    anew.begin({ backup: "/srv/kept.db" });
    const backups = ["2026-11-20T14-30-00.000Z", "2026-11-20T14-40-00.000Z"].map((moment) => ({ path: `/srv/backups/replaced-${moment}.db`, made: "before_restore" as const, bytes: 2_411_724, written_at: "2026-11-20T14:30:00Z" }));
    const platform = new FakePlatform({ ...snapshot, started_at: "2026-11-20T15:00:00Z" }, { list_backups: () => ({ backups }) });
    await open("#/hall", platform);
    await waitFor(() => expect(localStorage.getItem("husting.anew")).toBeNull());
    expect(platform.argsOf("list_backups")).toHaveLength(1);
    expect(screen.queryByText(/^Husting began anew/)).toBeNull();
  });

  test("a file is looked at once, however often it is asked for meanwhile", async () => {
    let answer: () => void = () => {};
    const platform = new FakePlatform(snapshot, { look_at_backup: () => new Promise((done) => (answer = () => done(found))) });
    await named(platform, "/srv/kept.db");
    await fireEvent.keyDown(screen.getByRole("textbox", { name: "Backup to restore, a file on this machine" }), { key: "Enter" });
    await screen.findByText("Looking at the backup");
    answer();
    await screen.findByRole("dialog", { name: "Restore a backup" });
    expect(platform.argsOf("look_at_backup")).toHaveLength(1);
  });

  test("is told of as begun until Husting is there with it, also where the page never noticed that it was away", async () => {
    let now: Snapshot = snapshot;
    const platform = new FakePlatform(snapshot, { look_at_backup: () => found, restore_backup: () => ({}), snapshot: () => now });
    await named(platform, "/srv/kept.db");
    const word = await screen.findByLabelText("Type “restore” to go on");
    await fireEvent.input(word, { target: { value: "restore" } });
    await fireEvent.keyDown(word, { key: "Enter" });
    await screen.findByText(/^Husting begins anew with this backup/);
    now = { ...snapshot, seq: 3, started_at: "2026-11-20T15:00:00Z" };
    platform.emit({ type: "hello" }, 1);
    await screen.findByText("Husting began anew with the backup /srv/kept.db.");
    expect(screen.queryByText(/^Husting begins anew/)).toBeNull();
    const [act] = screen.getAllByRole<HTMLButtonElement>("button", { name: "Restore" });
    expect(act!.disabled, "another can be restored").toBe(false);
  });

  test("a file that cannot be restored is told of beside its path, and no word is asked for", async () => {
    const platform = new FakePlatform(snapshot, {
      look_at_backup: () => {
        throw new RpcError("invalid_request", "This cannot be restored: /srv/kept.db is damaged: try another backup.");
      },
    });
    await named(platform, "/srv/kept.db");
    await screen.findByText(/kept\.db is damaged: try another backup\./);
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(platform.argsOf("restore_backup")).toEqual([]);
  });
});

describe("erasing all data", () => {
  // What is begun anew is the window's, and outlives the screen.
  afterEach(() => anew.forget());

  const storage = () => ({ folder: "/home/ana/.local/share/husting", uses: [], bytes: 0 });

  async function asked(platform: FakePlatform): Promise<HTMLElement> {
    await open("#/settings/storage", platform);
    await fireEvent.click(await screen.findByRole("button", { name: "Erase all data…" }));
    return screen.findByRole("dialog", { name: "Erase all data" });
  }

  test("is done once its word was typed, says what stays, and leaves no note in the browser", async () => {
    let code = "";
    let now: Snapshot = snapshot;
    const platform = new FakePlatform(snapshot, {
      storage,
      snapshot: () => (code ? Promise.reject(new RpcError(code, "No.")) : now),
      erase_all: () => ({ left: ["/home/ana/.local/share/husting/mine.txt"], not_removed: ["/mnt/backups"] }),
    });
    const sheet = await asked(platform);
    expect(within(sheet).getAllByRole("listitem").map((each) => each.querySelector("b")?.textContent)).toEqual(["Deleted:", "Ended:", "Kept:", "Way back:"]);
    within(sheet).getByText(/agent’s program in tmux.*numbers of Discord bots/);
    const act = within(sheet).getByRole<HTMLButtonElement>("button", { name: "Erase all data" });
    const word = within(sheet).getByLabelText("Type “erase” to go on");
    expect(within(sheet).queryByText("erase"), "its sentence has the word").toBeNull();
    for (const value of ["erased", "eras", "e"]) {
      await fireEvent.input(word, { target: { value } });
      await fireEvent.keyDown(word, { key: "Enter" });
      expect(act.disabled, value).toBe(true);
    }
    expect(platform.argsOf("erase_all")).toEqual([]);
    localStorage.setItem("husting.seen", "[]");
    await fireEvent.input(word, { target: { value: "erase" } });
    await fireEvent.click(act);
    await screen.findByText("Husting erases all data and begins anew with nothing.");
    expect(platform.argsOf("erase_all")).toEqual([{}]);
    expect(localStorage.getItem("husting.seen")).toBeNull();
    const again = screen.getByRole<HTMLButtonElement>("button", { name: "Erase all data…" });
    expect([again.disabled, again.title]).toEqual([true, m.frame.anew.erased.begins]);
    const left = /Not removed.*: \/mnt\/backups\. Left, because Husting did not write it: \/home\/ana\/\.local\/share\/husting\/mine\.txt\./;
    const rail = () => screen.queryByRole("navigation", { name: "Places" });
    code = "invalid_token";
    platform.connection("lost");
    await waitFor(() => expect(rail(), "which counted what is erased").toBeNull());
    const told = await screen.findByRole("alert");
    expect(told.textContent).toMatch(left);
    expect(told.textContent).toContain("run “husting console link”");
    expect(told.textContent).not.toMatch(/on disk|draft/);
    [code, now] = ["", { ...fresh, started_at: "2026-11-20T15:00:00Z" }];
    platform.connection("open");
    const line = (await screen.findByText("All data is erased: Husting began anew with nothing.")).closest("[role=alert]")!;
    expect(line.textContent).toMatch(left);
    expect(localStorage.getItem("husting.anew")).toBeNull();
  });

  test("is learnt from another page of this browser also once the stream has broken: what is shown goes with the next answer", async () => {
    let code = "";
    const platform = new FakePlatform(snapshot, { storage, snapshot: () => (code ? Promise.reject(new RpcError(code, "No.")) : snapshot) });
    await open("#/hall", platform);
    code = "unreachable";
    platform.connection("lost");
    await screen.findByText(/^Husting has not answered since/);
    await waitFor(() => expect(platform.argsOf("snapshot")).toHaveLength(2));
    await new Promise(requestAnimationFrame);
    localStorage.setItem("husting.anew", JSON.stringify({ nothing: true, left: "", of: snapshot.started_at, by: null }));
    dispatchEvent(new StorageEvent("storage", { key: "husting.anew" }));
    code = "invalid_token";
    await fireEvent.click(screen.getByRole("button", { name: "Try now" }));
    const told = await screen.findByText(/^Husting erases all data and begins anew with nothing/);
    await waitFor(() => expect(told.closest("[role=alert]")!.textContent).toContain("run “husting console link”"));
    expect(screen.queryByRole("navigation", { name: "Places" })).toBeNull();
  });

  test.each([
    [{ backup: "/srv/kept.db" }, "Husting begins anew with the backup /srv/kept.db."],
    [{ nothing: true as const, left: "" }, "Husting erases all data and begins anew with nothing."],
  ])("and a restore are not begun while Husting is to begin anew, and their buttons say with what: %o", async (beginning, why) => {
    const backups = [{ path: "/srv/backups/28.db", made: "daily" as const, bytes: 2_411_724, written_at: "2025-11-28T09:05:00Z" }];
    const platform = new FakePlatform(snapshot, { storage, list_backups: () => ({ backups }) });
    anew.started(snapshot.started_at);
    anew.begin(beginning);
    await open("#/settings/storage", platform);
    const erase = await screen.findByRole<HTMLButtonElement>("button", { name: "Erase all data…" });
    expect([erase.disabled, erase.title]).toEqual([true, why]);
    cleanup();
    await open("#/settings/backup", platform);
    await screen.findByText(/^28 Nov 2025/);
    const restores = screen.getAllByRole<HTMLButtonElement>("button", { name: /^Restore/ });
    expect(restores.map(({ disabled, title }) => [disabled, title])).toEqual([[true, why], [true, why]]);
  });

  test("what is refused is said in the sheet, and nothing is forgotten", async () => {
    const platform = new FakePlatform(snapshot, {
      storage,
      erase_all: () => {
        throw new RpcError("secrets_unavailable", "Nothing was erased: keys may be in the keyring.");
      },
    });
    const sheet = await asked(platform);
    localStorage.setItem("husting.seen", "[]");
    const word = within(sheet).getByLabelText("Type “erase” to go on");
    await fireEvent.input(word, { target: { value: "erase" } });
    await fireEvent.keyDown(word, { key: "Enter" });
    await within(sheet).findByText(/Nothing was erased/);
    expect(localStorage.getItem("husting.seen")).toBe("[]");
    await fireEvent.click(within(sheet).getByRole("button", { name: "Cancel" }));
    await fireEvent.click(screen.getByRole("button", { name: "Erase all data…" }));
    await waitFor(() => expect(screen.queryByText(/Nothing was erased/)).toBeNull());
  });
});
