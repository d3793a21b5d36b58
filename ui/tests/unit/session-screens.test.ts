import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import { tick } from "svelte";
import axe from "axe-core";
import { describe, expect, test } from "vitest";
import App from "../../src/App.svelte";
import type { SessionView } from "../../src/generated/SessionView";
import { m } from "../../src/messages";
import { RpcError } from "../../src/platform";
import { FakePlatform } from "../fixtures/platform";
import { call, CLAIMS } from "../fixtures/rounds";
import { CUT, degradedRound, firstRound, secondRound, steered, streamingRound } from "../fixtures/sessions";
import { GPT, open, press, shownTab } from "./session-screen";

describe("a session that could not be read", () => {
  const goTo = async (fragment: string) => {
    location.hash = fragment;
    dispatchEvent(new HashChangeEvent("hashchange"));
    await tick();
  };
  const unread = () => screen.findByText(/^The session could not be read\./);
  const views = () => screen.findByRole("tablist", { name: "Views of the session" });

  test("is read anew by whoever comes back to it, and as soon as Husting answers again", async () => {
    let isThere = false;
    const platform = new FakePlatform(undefined, { get_session: () => (isThere ? steered() : Promise.reject(new RpcError("store_unavailable", "The disk is full."))) });
    await goTo("#/deliberations/s-event");
    render(App, { platform });
    await unread();
    await goTo("#/hall");
    await waitFor(() => expect(screen.queryByText(/^The session could not be read\./)).toBeNull());
    await goTo("#/deliberations/s-event");
    expect(screen.queryByText(/^The session could not be read\./), "what failed before is told no more while it is read").toBeNull();
    await screen.findByText(m.deliberations.loading);
    await unread();
    await goTo("#/hall");
    isThere = true;
    await goTo("#/deliberations/s-event");
    await views();
    cleanup();
    isThere = false;
    await goTo("#/deliberations/s-event");
    const again = new FakePlatform(undefined, { get_session: () => (isThere ? steered() : Promise.reject(new RpcError("store_unavailable", "The disk is full."))) });
    render(App, { platform: again });
    await unread();
    isThere = true;
    again.connection("lost");
    again.connection("open");
    await views();
  });
});

describe("the window’s Back", () => {
  const back = async () => {
    const before = location.hash;
    history.back();
    await waitFor(() => expect(location.hash).not.toBe(before));
  };

  test("leads from words in their answer to the claim they were followed from, and one step further to where the session was opened from", async () => {
    location.hash = "#/hall";
    await open(steered());
    await press("j");
    await press("j");
    await press("Enter");
    await waitFor(() => expect(shownTab()).toMatch(/^Answers/));
    await press("h");
    expect(screen.getByRole("radio", { name: /GPT/ })).toHaveProperty("checked", true);
    await back();
    await waitFor(() => expect(shownTab()).toMatch(/^Claims/));
    expect(screen.getByRole("row", { selected: true }).dataset.claim, "the row is as it was left").toBe("c2");
    history.forward();
    await waitFor(() => expect(shownTab()).toMatch(/^Answers/));
    expect(screen.getByRole("radio", { name: /Qwen/ }), "and so is what was gone to").toHaveProperty("checked", true);
    await back();
    await press("v");
    await press("m");
    await waitFor(() => expect(shownTab()).toMatch(/^Map/));
    await back();
    expect(location.hash, "a view is no step").toBe("#/hall");
  });

  test("leads from what was looked for to where that began, however often it was followed", async () => {
    await open(steered(), "answers/0");
    await press("f", { ctrlKey: true });
    const bar = within(await screen.findByRole("search"));
    await fireEvent.input(bar.getByRole("searchbox"), { target: { value: "resonates with me" } });
    for (const at of ["1 of 4", "2 of 4", "3 of 4"]) {
      await press("Enter");
      await bar.findByText(at);
    }
    await waitFor(() => expect(shownTab()).toMatch(/^Claims/));
    await back();
    await waitFor(() => expect(shownTab()).toMatch(/^Answers/));
  });
});

test("Home and End lead to the first and the last view, as arrows do to the next", async () => {
  await open(steered(), "answers");
  const tabs = () => screen.getAllByRole("tab");
  screen.getByRole("tab", { selected: true }).focus();
  for (const [key, at] of [["End", -1], ["Home", 0], ["ArrowLeft", -1], ["ArrowRight", 0]] as const) {
    await press(key);
    await waitFor(() => expect(tabs().at(at)!.getAttribute("aria-selected"), key).toBe("true"));
    await waitFor(() => expect(document.activeElement, key).toBe(tabs().at(at)));
  }
  expect(await press("End", { altKey: true }), "with a modifier it is the browser's").toBe(true);
});

describe("what stands around the views", () => {
  test.each(["Cost", "Recap", "Transcript"])("%s fades where it goes on below", async (name) => {
    await open(steered(), name.toLowerCase());
    const box = await screen.findByRole("region", { name });
    Object.defineProperty(box, "scrollHeight", { value: 900 });
    await fireEvent.scroll(box);
    expect(box.dataset.more).toBe("below");
  });

  test("F2 is the key of the one act that renames and tags", async () => {
    const summary = () => ({ ...steered().summary, title: "Event store", tags: ["events"] });
    const platform = await open(steered(), "", { edit_session: summary });
    await press("k", { ctrlKey: true });
    await fireEvent.input(await screen.findByRole("combobox", { name: "Go to, or do" }), { target: { value: "title" } });
    expect(screen.queryAllByRole("option", { name: /title/i }).map((each) => each.querySelector(".label")!.textContent)).not.toContain("Change the title");
    await press("Escape");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await press("F2");
    const sheet = within(await screen.findByRole("dialog", { name: "Rename and tag" }));
    await fireEvent.input(sheet.getByLabelText("Title"), { target: { value: "Event store" } });
    await fireEvent.keyDown(sheet.getByLabelText("Title"), { key: "Enter" });
    await waitFor(() => expect(platform.argsOf("edit_session")).toEqual([expect.objectContaining({ session_id: "s-event", title: "Event store" })]));
  });

  test("a view takes the focus of a screen that was just led to", async () => {
    await open(steered(), "recap");
    document.getElementById("screen")!.focus();
    await press("v");
    await press("o");
    await waitFor(() => expect(document.activeElement?.getAttribute("role")).toBe("tabpanel"));
  });

  test("a click on the title renames in place", async () => {
    const platform = await open(steered(), "", { edit_session: ({ title }) => ({ ...steered().summary, title: title ?? "" }) });
    await fireEvent.click(within(await screen.findByRole("heading", { level: 1 })).getByRole("button"));
    const field = await screen.findByRole("textbox", { name: "Title" });
    await fireEvent.input(field, { target: { value: "  Event store  " } });
    await fireEvent.submit(field.closest("form")!);
    await waitFor(() => expect(screen.getByRole("heading", { level: 1 }).textContent).toBe("Event store"));
    expect(platform.argsOf("edit_session")).toEqual([{ session_id: "s-event", title: "Event store" }]);
  });

  test("says what converged means where it stands, by pointer and by key", async () => {
    await open(steered(), "claims");
    const share = screen.getByRole("button", { name: "63 % converged" });
    const meaning = "A claim has converged while no CHALLENGE stands against it, be it agreed or open: 5 of 8 in this round.";
    expect(share.title).toBe(meaning);
    await fireEvent.click(share);
    within(screen.getByRole("group", { name: "converged" })).getByText(meaning);
    expect(share.getAttribute("aria-expanded")).toBe("true");
    await press("Escape");
    expect(screen.queryByRole("group", { name: "converged" })).toBeNull();
  });

  test("calls nothing converged where no seat reacted: what was quoted to the panel stands unanswered", async () => {
    const whole = degradedRound();
    await open(steered([{ ...whole, summary: { ...whole.summary, reacted: 0 } }]), "claims");
    expect(screen.getByRole("group", { name: "The result in one line" }).textContent).not.toContain("converged");
    cleanup();
    await open(steered([whole]), "claims");
    expect(screen.getByRole("group", { name: "The result in one line" }).textContent).toContain("converged");
  });

  test("what a button opened beside it is closed by it, and by a press anywhere else", async () => {
    const first = CLAIMS[0]!;
    const [position] = first.positions;
    const round = secondRound();
    const held = [{ ...first, positions: [position!, { ...position!, type: "SHIFT" as const, comment: "Later." }, ...first.positions.slice(1)] }, ...CLAIMS.slice(1)];
    await open(steered([firstRound(), { ...round, claim_map: { ...round.claim_map!, claims: held } }]), "claims");
    const pressOn = async (button: Element) => {
      await fireEvent.pointerDown(button);
      await fireEvent.click(button);
    };
    for (const [name, group] of [[/converged$/, "converged"], [/^Filter/, "Filter claims"], [/^Both positions of/, /^Both positions of/], ["Show what differs", "Show what differs"]] as const) {
      const button = screen.getAllByRole("button", { name })[0]!;
      const shown = () => screen.queryByRole("group", { name: group });
      await pressOn(button);
      expect(shown(), String(name)).not.toBeNull();
      await pressOn(button);
      expect(shown(), String(name)).toBeNull();
      await pressOn(button);
      await fireEvent.pointerDown(document.body);
      expect(shown(), String(name)).toBeNull();
    }
  });
});

test("the transcript says who steered, what was only said to be said, and who did not react", async () => {
  const whole = degradedRound({ moderator_name: "Scout", asked_by: "key laptop" });
  const lost = call(GPT, "react", { state: "error", error_code: "rate_limit", error_message: "429" });
  const own = { type: "KEEP" as const, quote: "Nobody said this.", quoted_model: GPT, comment: null, confidence: null, quote_status: "not_found" as const };
  await open(steered([firstRound(), { ...whole, snippets: [own], reactions: [whole.reactions[0]!, lost] }]), "transcript");
  const round = within(screen.getByRole("article", { name: "Round 2" }));
  round.getByText("steered by Scout · key laptop");
  round.getByText(/^GPT-5.4 did not react\./);
  within(round.getByRole("list", { name: "Forwarded" })).getByText("their own words");
  round.getByText("2 quotes not verified");
  round.getByText("Qwen 3.6 Plus quoted GPT-5.4");
  await press("f", { ctrlKey: true });
  await fireEvent.input(await screen.findByRole("searchbox", { name: "Find in this session" }), { target: { value: "inside one shard" } });
  await waitFor(() => expect(document.getSelection()!.toString()).toBe("inside one shard"));
  expect(shownTab()).toBe("Transcript");
});

test("the transcript holds every answer of every round and is saved as it is exported", async () => {
  const platform = await open(steered([firstRound(), degradedRound()]), "transcript", {
    export_session: ({ format }) => ({ file_name: `event-store.${format}`, text: `as ${format}` }),
  });
  expect(document.body.textContent).toContain(CUT);
  expect(screen.getAllByText(/Never let a consumer read/)).toHaveLength(2);
  await fireEvent.click(screen.getByRole("button", { name: "Save as JSON" }));
  await waitFor(() => expect(platform.saved).toEqual([{ name: "event-store.json", text: "as json" }]));
  expect((await screen.findByText("Handed to your downloads.")).closest(".sr-only"), "for those who see it, too").toBeNull();
});

describe("for those who do not see it", () => {
  const views: [string, () => SessionView][] = [
    ["claims", steered],
    ["answers", steered],
    ["cost", steered],
    ["transcript", () => steered([firstRound(), degradedRound()])],
    ["live", () => steered([firstRound(), degradedRound()])],
    ["live", () => steered([firstRound(), secondRound(), streamingRound()])],
  ];
  test.each(views)("axe finds nothing in %s", async (tab, view) => {
    await open(view(), tab);
    await press("u");
    // Without layout there are no colours to judge: the browser suite does, in both themes, with every rule on.
    HTMLCanvasElement.prototype.getContext = () => null;
    const { violations } = await axe.run(document.body);
    expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
  });

  test("a view that is left by a key hands the focus to the one in its place", async () => {
    await open(steered());
    await press("j");
    expect(document.activeElement?.getAttribute("role")).toBe("row");
    await press("v");
    await press("o");
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("tabpanel", { name: "Cost" })));
    await press("v");
    await press("c");
    await waitFor(() => expect(document.activeElement?.getAttribute("aria-selected")).toBe("true"));
  });

  test("a view and a place that a key leads to have the focus from beside the screen too", async () => {
    await open(steered());
    const bar = within(screen.getByRole("contentinfo", { name: "Status" }));
    bar.getAllByRole("link")[0]!.focus();
    await press("v");
    await press("o");
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("tabpanel", { name: "Cost" })));
    within(screen.getByRole("navigation", { name: "Places" })).getAllByRole("link")[0]!.focus();
    await press("g");
    await press("w");
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("main")));
  });

  test("the overlay names the keys that act now, and no other", async () => {
    await open(steered());
    await press("?");
    const overlay = await screen.findByRole("dialog");
    for (const word of ["Choose words by keys (F7 too)", "Show answers", "Open or close the tray", "Write the prompt", "Next round"]) within(overlay).getByText(word);
    expect(within(overlay).queryByText("Add as KEEP")).toBeNull();
    const digits = within(overlay).getByText("Add selected words as KEEP, EXPLORE, CHALLENGE, CORE or SHIFT");
    expect(within(overlay).getByRole("region", { name: "On this screen" }).contains(digits), "once words are selected they act here").toBe(true);
    expect(digits.nextElementSibling?.textContent?.replace(/\s+/g, "")).toBe("1–5");
  });
});
