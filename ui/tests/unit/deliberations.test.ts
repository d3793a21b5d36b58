import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { tick } from "svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
// Read before the clock of the first test runs: the frame would read them inside that.
import "../../src/components/SheetDialog.svelte";
import "../../src/features/deliberations/session/Session.svelte";
import { RpcError } from "../../src/platform";
import { open, press } from "../fixtures/page";
import { FakePlatform } from "../fixtures/platform";
import { sessionView } from "../fixtures/rounds";
import { fresh, snapshot, summary } from "../fixtures/shared";

vi.setConfig({ testTimeout: 30_000 });

beforeEach(() => localStorage.clear());
afterEach(() => {
  cleanup();
  location.hash = "";
});

test.each([
  ["#/deliberations", "New deliberation"],
  ["#/agents", "Mint an agent"],
])("what an empty list at %s teaches stands in its place alone", async (address, act) => {
  await open(address, new FakePlatform(fresh));
  const main = within(screen.getByRole("main"));
  await waitFor(() => expect(main.getAllByRole("button", { name: act })).toHaveLength(1));
});

describe("the list of deliberations", () => {
  test("says of each by which door it came in, unless it was opened here", async () => {
    const came = (["console", "cli", "rest", "mcp", "discord"] as const).map((source) => summary(`s-${source}`, `Asked ${source}`, { source }));
    await open("#/deliberations", new FakePlatform({ ...snapshot, sessions: came }));
    const doors = { console: "Asked console", cli: "from the command line", rest: "over REST", mcp: "over MCP", discord: "from Discord" };
    const list = within(screen.getByRole("main"));
    for (const [source, words] of Object.entries(doors)) {
      const row = await list.findByText(`Asked ${source}`);
      expect(row.closest("a")!.textContent?.trim().replace(/\s+/g, " ")).toContain(words);
    }
    expect((await list.findByText("Asked console")).closest("a")!.textContent?.trim()).toBe("Asked console");
  });

  test("has a field that filters it; Ctrl F looks through everything there too", async () => {
    await open("#/deliberations", new FakePlatform());
    const field = await screen.findByRole("searchbox", { name: "Filter deliberations by title, tag and question" });
    await press("/");
    expect(document.activeElement).toBe(field);
    await press("f", { ctrlKey: true });
    await screen.findByRole("combobox", { name: "Go to, or do" });
  });

  test("opens the row that was found with Enter in the field, once it is found; nothing typed opens nothing", async () => {
    const [, { session_id, title }] = snapshot.sessions as [unknown, { session_id: string; title: string }];
    await open("#/deliberations", new FakePlatform());
    const field = await screen.findByRole("searchbox", { name: "Filter deliberations by title, tag and question" });
    await screen.findAllByRole("button", { name: /^More for / });
    await fireEvent.keyDown(field, { key: "Enter" });
    expect(location.hash).toBe("#/deliberations");
    await fireEvent.input(field, { target: { value: title.slice(0, 30) } });
    await fireEvent.keyDown(field, { key: "Enter" });
    await waitFor(() => expect(location.hash).toBe(`#/deliberations/${session_id}`));
  });

  describe("is asked for a row with Enter in the field, and takes nobody there who", () => {
    /** What is typed is being looked for until `found` or `failed`. */
    async function entering() {
      let [found, failed] = [() => {}, () => {}];
      const all = { sessions: snapshot.sessions, total: snapshot.sessions.length };
      const platform: FakePlatform = new FakePlatform(snapshot, {
        list_sessions: ({ query, archived }) => {
          if (!query || archived || platform.argsOf("list_sessions").filter((each) => each.query && !each.archived).length > 1) return all;
          return new Promise((resolve, reject) => {
            found = () => resolve(all);
            failed = () => reject(new RpcError("internal", "The disk was busy."));
          });
        },
      });
      await open("#/deliberations", platform);
      const field = await screen.findByRole("searchbox", { name: "Filter deliberations by title, tag and question" });
      await screen.findAllByRole("button", { name: /^More for / });
      field.focus();
      await fireEvent.input(field, { target: { value: "post" } });
      await fireEvent.keyDown(field, { key: "Enter" });
      await waitFor(() => expect(platform.argsOf("list_sessions").at(-1)?.query).toBe("post"));
      return { platform, field, found: () => found(), failed: () => failed() };
    }

    /** What was looked for is in the list: its words are marked. */
    const shown = () => waitFor(() => expect(document.querySelector("main .title u")).not.toBeNull());

    test("was told that it could not be read", async () => {
      const { platform, failed } = await entering();
      failed();
      await screen.findByText("The disk was busy.");
      platform.emit({ type: "session_changed", session: snapshot.sessions[1]! });
      await waitFor(() => expect(screen.queryByText("The disk was busy.")).toBeNull());
      expect(location.hash).toBe("#/deliberations");
    });

    test("left the field", async () => {
      const { field, found } = await entering();
      field.blur();
      found();
      await shown();
      expect(location.hash).toBe("#/deliberations");
    });

    test("chose the other list", async () => {
      const { platform } = await entering();
      await fireEvent.click(screen.getByRole("radio", { name: "Archived" }));
      await waitFor(() => expect(platform.argsOf("list_sessions").at(-1)).toMatchObject({ archived: true, query: "post" }));
      await shown();
      expect(location.hash).toBe("#/deliberations");
    });

    test("typed on", async () => {
      const { platform, field } = await entering();
      await fireEvent.input(field, { target: { value: "postgres" } });
      await waitFor(() => expect(platform.argsOf("list_sessions").at(-1)?.query).toBe("postgres"));
      await shown();
      expect(location.hash).toBe("#/deliberations");
    });
  });

  test("whose every row is archived is not told as one in which nothing was ever asked", async () => {
    const archived = snapshot.sessions.map((each) => ({ ...each, archived: true }));
    await open("#/deliberations", new FakePlatform({ ...snapshot, sessions: archived }));
    await screen.findByText("Every deliberation is archived.");
  });

  test("is searched, and a row is archived and taken back", async () => {
    const platform = new FakePlatform(snapshot, { edit_session: ({ session_id, archived }) => summary(session_id, "t", { archived: archived ?? false }) });
    await open("#/deliberations", platform);
    await screen.findByRole("button", { name: /More for Should we use Postgres/ });
    await press("e");
    await screen.findByText("Archived “Should we use Postgres or MongoDB for an event store?”.");
    await press("z", { ctrlKey: true });
    await waitFor(() => expect(platform.argsOf("edit_session").map((edit) => edit.archived)).toEqual([true, false]));
    await fireEvent.input(screen.getByRole("searchbox"), { target: { value: "nothing like it" } });
    await screen.findByText(/^No title, tag or question has “nothing like it”\./);
  });

  test("F2 renames the row that the keys are on, and ? lists the keys of its acts", async () => {
    await open("#/deliberations", new FakePlatform());
    const [, second] = await screen.findAllByRole("button", { name: /^More for / });
    await press("?");
    const keys = await screen.findByRole("dialog");
    const told = within(keys).getAllByRole("term").map((term) => [term.textContent, term.nextElementSibling?.textContent?.trim()]);
    expect(told).toEqual(expect.arrayContaining([["Rename and tag", "F2"], ["Archive", "e"]]));
    await fireEvent.keyDown(keys, { key: "Escape" });
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await press("j");
    await waitFor(() => expect(document.activeElement, "the row is read out").toBe(document.querySelector("main a[aria-current=true]")));
    await press("F2");
    const sheet = within(await screen.findByRole("dialog", { name: "Rename and tag" }));
    expect(second!.getAttribute("aria-label")).toBe(`More for ${sheet.getByLabelText<HTMLInputElement>("Title").value}`);
  });

  test("marks in titles and tags what it was filtered by", async () => {
    const sessions = [summary("s-1", "Should we use Postgres?", { tags: ["storage", "2026"] })];
    await open("#/deliberations", new FakePlatform({ ...snapshot, sessions }, { list_sessions: () => ({ sessions, total: 1 }) }));
    await screen.findByRole("button", { name: /More for Should we use Postgres/ });
    const row = within(screen.getByRole("main")).getByText("Should we use Postgres?").closest("a")!;
    expect(row.querySelector("u")).toBeNull();
    await fireEvent.input(screen.getByRole("searchbox"), { target: { value: "postgres storage" } });
    await waitFor(() => expect([...row.querySelectorAll("u")].map(({ textContent }) => textContent)).toEqual(["Postgres", "storage"]));
    expect(row.querySelector(".title")?.textContent).toBe("Should we use Postgres?");
    expect(row.textContent, "all of it is marked").not.toContain("in a question");
    // Words that stand in neither are those of what was asked; the row says so once it was found by them.
    await fireEvent.input(screen.getByRole("searchbox"), { target: { value: "postgres sharding" } });
    expect(row.textContent).not.toContain("in a question");
    await waitFor(() => expect(row.textContent).toContain("in a question"));
    expect([...row.querySelectorAll("u")].map(({ textContent }) => textContent)).toEqual(["Postgres"]);
  });

  test("keeps its columns where they are when what is left of it would need less", async () => {
    const sessions = [summary("s-1", "Ready"), summary("s-2", "Failed", { answered: 2 })];
    await open("#/deliberations", new FakePlatform({ ...snapshot, sessions }, { list_sessions: ({ query }) => ({ sessions: query ? sessions.slice(0, 1) : sessions, total: query ? 1 : 2 }) }));
    await screen.findByRole("button", { name: "More for Failed" });
    const box = screen.getByRole("button", { name: "More for Failed" }).closest(".screen")!;
    expect(box.classList.contains("terse")).toBe(false);
    await fireEvent.input(screen.getByRole("searchbox"), { target: { value: "ready" } });
    await waitFor(() => expect(screen.queryByRole("button", { name: "More for Failed" })).toBeNull());
    expect(box.classList.contains("terse")).toBe(false);
  });

  test("is not renamed to nothing, and says what is lacking", async () => {
    await open("#/deliberations", new FakePlatform());
    await screen.findByRole("button", { name: /More for Should we use Postgres/ });
    await press("r");
    const dialog = within(await screen.findByRole("dialog", { name: "Rename and tag" }));
    const save = dialog.getByRole<HTMLButtonElement>("button", { name: /^Save/ });
    await waitFor(() => expect([save.disabled, save.title]).toEqual([false, ""]));
    await fireEvent.input(dialog.getByRole("textbox", { name: "Title" }), { target: { value: " " } });
    expect([save.disabled, save.title]).toEqual([true, "Write a title first."]);
    expect(dialog.getByRole("alert").textContent).toBe("Write a title first.");
  });

  test("tells of tags that are too many or too long while one types", async () => {
    await open("#/deliberations", new FakePlatform());
    await screen.findByRole("button", { name: /More for Should we use Postgres/ });
    await press("r");
    const dialog = within(await screen.findByRole("dialog", { name: "Rename and tag" }));
    const save = dialog.getByRole<HTMLButtonElement>("button", { name: /^Save/ });
    const type = (value: string) => fireEvent.input(dialog.getByRole("textbox", { name: "Tags, with commas between" }), { target: { value } });
    const long = "x".repeat(41);
    await type(`one, ${long}`);
    expect([dialog.getByRole("alert").textContent, save.disabled]).toEqual([`“${long}” is too long: a tag has at most 40 letters.`, true]);
    await type(Array.from({ length: 13 }, (_, at) => `t${at}`).join(","));
    expect([dialog.getByRole("alert").textContent, save.disabled]).toEqual(["These are 13 tags; 12 are the most.", true]);
    await type(`${"x".repeat(40)}, , two,`);
    expect([dialog.queryByRole("alert"), save.disabled]).toEqual([null, false]);
  });

  test("says why it was not renamed until something else is typed", async () => {
    const refused = new RpcError("invalid_request", "A tag must not begin so.");
    await open("#/deliberations", new FakePlatform(snapshot, { edit_session: () => Promise.reject(refused) }));
    await screen.findByRole("button", { name: /More for Should we use Postgres/ });
    await press("r");
    const dialog = within(await screen.findByRole("dialog", { name: "Rename and tag" }));
    await fireEvent.input(dialog.getByRole("textbox", { name: "Title" }), { target: { value: "One" } });
    await fireEvent.click(dialog.getByRole("button", { name: /^Save/ }));
    await dialog.findByText("A tag must not begin so.");
    await fireEvent.input(dialog.getByRole("textbox", { name: "Title" }), { target: { value: "Another" } });
    expect(dialog.queryByText("A tag must not begin so.")).toBeNull();
  });

  describe("changed elsewhere while its sheet asks", () => {
    async function asked() {
      const [first] = snapshot.sessions;
      const platform = new FakePlatform(snapshot, { edit_session: () => first! });
      await open("#/deliberations", platform);
      await fireEvent.click(await screen.findByRole("button", { name: `More for ${first!.title}` }));
      await fireEvent.click(await screen.findByRole("menuitem", { name: "Rename and tag" }));
      const dialog = within(await screen.findByRole("dialog", { name: "Rename and tag" }));
      const title = dialog.getByRole<HTMLInputElement>("textbox", { name: "Title" });
      const tags = dialog.getByRole<HTMLInputElement>("textbox", { name: "Tags, with commas between" });
      await waitFor(() => expect(title.value).toBe(first!.title));
      const elsewhere = async (change: Partial<typeof first>) => {
        platform.emit({ type: "session_changed", session: { ...first!, ...change } });
        await tick();
      };
      const saved = async () => {
        await fireEvent.click(dialog.getByRole("button", { name: /^Save/ }));
        await waitFor(() => expect(platform.argsOf("edit_session")).toHaveLength(1));
        return platform.argsOf("edit_session")[0];
      };
      return { id: first!.session_id, dialog, title, tags, elsewhere, saved };
    }

    test("what was not touched is as it is there, and is not sent", async () => {
      const { id, dialog, title, tags, elsewhere, saved } = await asked();
      await fireEvent.input(title, { target: { value: "Vans" } });
      await elsewhere({ tags: ["vans", "urgent"] });
      await waitFor(() => expect(tags.value).toBe("vans, urgent"));
      expect(dialog.getByRole("status", { name: "" }).textContent).toBe("");
      expect(await saved()).toEqual({ session_id: id, title: "Vans" });
    });

    test("what was touched stays, and what it takes the place of is told", async () => {
      const { id, dialog, title, elsewhere, saved } = await asked();
      await fireEvent.input(title, { target: { value: "Vans" } });
      await elsewhere({ title: "Lorries" });
      const told = await dialog.findAllByText(/^It was named “.*Lorries.*” elsewhere meanwhile\. Saving puts yours in its place\.$/);
      expect(told.map((each) => each.getAttribute("role")), "under the field, and read out").toEqual(expect.arrayContaining([null, "status"]));
      expect(title.value).toBe("Vans");
      expect(await saved()).toEqual({ session_id: id, title: "Vans" });
    });

    test("a comma that was just typed stays whatever else of it changes", async () => {
      const { tags, elsewhere } = await asked();
      await fireEvent.input(tags, { target: { value: `${tags.value},` } });
      const typed = tags.value;
      await elsewhere({ answered: 1 });
      expect(tags.value).toBe(typed);
    });
  });

  test("its acts close in a window of another size, where their button may be gone, and letters do what they did", async () => {
    await open("#/deliberations", new FakePlatform(snapshot, {}));
    const more = await screen.findByRole("button", { name: "More for Resolve the pricing model. Pick one." });
    more.focus();
    await fireEvent.keyDown(more, { key: "Enter" });
    await screen.findByRole("menuitem", { name: "Delete…" });
    await fireEvent(window, new Event("resize"));
    await waitFor(() => expect(screen.queryByRole("menu")).toBeNull());
    await fireEvent.keyDown(document.body, { key: "n" });
    await waitFor(() => expect(location.hash).toBe("#/deliberations/new"));
  });

  test("deletes only after a word is typed under the title of what is deleted, however long that is", async () => {
    const platform = new FakePlatform(snapshot, { delete_session: () => ({}) });
    await open("#/deliberations", platform);
    const more = await screen.findByRole("button", { name: "More for Resolve the pricing model. Pick one." });
    more.focus();
    await fireEvent.keyDown(more, { key: "Enter" });
    await fireEvent.click(await screen.findByRole("menuitem", { name: "Delete…" }));
    const dialog = await screen.findByRole("dialog");
    const act = within(dialog).getByRole<HTMLButtonElement>("button", { name: "Delete for good" });
    expect(act.disabled).toBe(true);
    within(dialog).getByText("Resolve the pricing model. Pick one.");
    await fireEvent.input(within(dialog).getByLabelText("Type “delete”"), { target: { value: "delete" } });
    expect(act.disabled).toBe(false);
    await fireEvent.click(act);
    expect(platform.argsOf("delete_session")).toEqual([{ session_id: "s-pricing" }]);
    await screen.findByText("Deleted “Resolve the pricing model. Pick one.”.");
  });
});

test("an address that names no deliberation says so, and leads to the list", async () => {
  const refused = new RpcError("invalid_request", "UUID parsing failed: invalid character");
  await open("#/deliberations/zzz", new FakePlatform(snapshot, { get_session: () => Promise.reject(refused) }));
  await screen.findByText("There is no such deliberation.");
  expect(document.body.textContent).not.toContain("UUID");
  expect(screen.getByRole("link", { name: "All deliberations" }).getAttribute("href")).toBe("#/deliberations");
});

test("a deliberation that is deleted while it is open says so at once, and leads to the list", async () => {
  const { session_id } = snapshot.sessions[0]!;
  const platform = new FakePlatform();
  await open(`#/deliberations/${session_id}`, platform);
  await screen.findByRole("tablist");
  platform.emit({ type: "session_removed", session_id });
  const note = (await screen.findByText("This deliberation was deleted.")).closest<HTMLElement>("[role=alert]")!;
  within(note).getByRole("link", { name: "All deliberations" });
  expect(screen.queryByRole("tablist")).toBeNull();
});

describe("an open deliberation", () => {
  const { session_id, title } = snapshot.sessions[0]!;

  async function openMenu() {
    const [more] = await screen.findAllByRole("button", { name: "More for this deliberation" });
    more!.focus();
    await fireEvent.keyDown(more!, { key: "Enter" });
  }

  test("is archived and taken back where it is", async () => {
    const platform = new FakePlatform(snapshot, { edit_session: ({ archived }) => summary(session_id, title, { archived: archived ?? false }) });
    await open(`#/deliberations/${session_id}`, platform);
    await openMenu();
    await fireEvent.click(await screen.findByRole("menuitem", { name: "Archive" }));
    await screen.findByText(`Archived “${title}”.`);
    await screen.findByText("Archived");
    await press("z", { ctrlKey: true });
    await waitFor(() => expect(screen.queryByText("Archived")).toBeNull());
    expect(platform.argsOf("edit_session").map((edit) => edit.archived)).toEqual([true, false]);
    expect(location.hash).toBe(`#/deliberations/${session_id}`);
  });

  test("is told without the marks of its question wherever its title stands, and renamed with them", async () => {
    const [marked, plain] = ["# Does the *manifest* go into `depot.toml`?", "Does the manifest go into depot.toml?"];
    const here = { ...snapshot, sessions: [{ ...snapshot.sessions[0]!, title: marked }] };
    const view = { ...sessionView(), summary: here.sessions[0]! };
    const platform = new FakePlatform(here, { get_session: () => view, edit_session: ({ archived }) => summary(session_id, marked, { archived: archived ?? false }) });
    await open("#/deliberations", platform);
    const rail = within(screen.getByRole("navigation", { name: "Places" }));
    expect(rail.getByText(plain).closest("a")!.title).toBe(marked);
    const row = within(screen.getByRole("main"));
    expect((await row.findByText(plain)).title).toBe(marked);
    row.getByRole("button", { name: `More for ${plain}` });
    cleanup();
    await open(`#/deliberations/${session_id}`, platform);
    const head = await screen.findByText<HTMLButtonElement>(plain, { selector: "h1 button" });
    expect([head.title, document.title.includes(plain)]).toEqual([marked, true]);
    await fireEvent.click(head);
    expect((await screen.findByRole<HTMLInputElement>("textbox", { name: "Title" })).value).toBe(marked);
    await press("Escape");
    await openMenu();
    await fireEvent.click(await screen.findByRole("menuitem", { name: "Archive" }));
    await screen.findByText(`Archived “${plain}”.`);
    cleanup();
    await open("#/hall", new FakePlatform(here));
    expect((await within(screen.getByRole("main")).findAllByText(plain)).map((each) => each.title)).toEqual([marked]);
  });

  test("that is deleted there makes way for the list", async () => {
    const platform: FakePlatform = new FakePlatform(snapshot, { delete_session: () => (platform.emit({ type: "session_removed", session_id }), {}) });
    await open(`#/deliberations/${session_id}`, platform);
    await openMenu();
    await fireEvent.click(await screen.findByRole("menuitem", { name: "Delete…" }));
    const dialog = within(await screen.findByRole("dialog"));
    await fireEvent.input(dialog.getByRole("textbox"), { target: { value: "delete" } });
    const act = dialog.getByRole<HTMLButtonElement>("button", { name: "Delete for good" });
    expect(act.disabled).toBe(false);
    await fireEvent.click(act);
    await waitFor(() => expect(location.hash).toBe("#/deliberations"));
    await screen.findByRole("heading", { name: "Deliberations" });
    expect(screen.queryByRole("dialog")).toBeNull();
    await screen.findByText(/^Deleted “.*”\.$/);
  });

  test.each([
    ["arch", "Archive"],
    ["rename", "Rename and tag"],
    ["tag", "Rename and tag"],
    ["delete", "Delete…"],
  ])("is what “%s” in the palette means first", async (typed, act) => {
    await open(`#/deliberations/${session_id}`, new FakePlatform());
    await screen.findByRole("tablist");
    await press("k", { ctrlKey: true });
    await fireEvent.input(await screen.findByRole("combobox", { name: "Go to, or do" }), { target: { value: typed } });
    expect(screen.getAllByRole("option")[0]!.querySelector(".label")!.textContent).toBe(act);
  });
});
