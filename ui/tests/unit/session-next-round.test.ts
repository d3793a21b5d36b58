import { fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, test } from "vitest";
import type { EstimateRound } from "../../src/generated/EstimateRound";
import type { SnippetAck } from "../../src/generated/SnippetAck";
import { RpcError } from "../../src/platform";
import { CLAIMS, liveRound } from "../fixtures/rounds";
import { firstRound, secondRound, steered } from "../fixtures/sessions";
import { snapshot } from "../fixtures/shared";
import { estimate, walletView } from "../fixtures/wallet";
import { ACK, bare, cards, CLAUDE, GPT, open, press, QWEN, shownTab, tray } from "./session-screen";

describe("the next round", () => {
  test("is estimated with its figures parted", async () => {
    await open(steered());
    const cost = await tray().findByRole("group", { name: "Estimate" });
    await waitFor(() => expect(cost.textContent).toContain("$0.038 – 0.053 about 55 s"));
  });

  const draft = JSON.stringify({ prompt: "Pick one.", snippets: [] });

  test("does not begin with a prompt that is too long, and the strip says so too", async () => {
    const platform = await open(steered(), "", { draft: () => ({ body: JSON.stringify({ prompt: "x".repeat(64_001), snippets: [] }) }) });
    const strip = within(screen.getByRole("group", { name: "Steering tray" }));
    const begin = strip.getByRole<HTMLButtonElement>("button", { name: "Next round" });
    await waitFor(() => expect([begin.disabled, begin.title]).toEqual([true, "64,001 characters; a prompt holds 64,000."]));
    await press("Enter", { ctrlKey: true });
    expect(platform.argsOf("append_round")).toEqual([]);
  });

  test("takes no prompt and no comment that its field could not lay out, and keeps what stood there", async () => {
    const said = { type: "KEEP", quote: CLAIMS[0]!.quote, quoted_model: GPT, comment: "Why?", own: false };
    await open(steered(), "", { draft: () => ({ body: JSON.stringify({ prompt: "Pick one.", snippets: [said] }) }) });
    const fields = await waitFor(() => {
      const all = tray().getAllByRole<HTMLTextAreaElement>("textbox");
      expect(all.map(({ value }) => value)).toEqual(["Why?", "Pick one."]);
      return all;
    });
    for (const field of fields) {
      const before = field.value;
      await fireEvent.input(field, { target: { value: `${before}${"x".repeat(5_000_000)}` } });
      await tray().findByText("There is no room for 5,000,000 more characters: 256,000 fit here. What stood here stays.");
      expect(field.value).toBe(before);
      await fireEvent.input(field, { target: { value: `${before} Now.` } });
      await waitFor(() => expect(tray().queryByText(/no room for/)).toBeNull());
    }
  });

  /** What is amber in the tray, in the strip. */
  const amber = () => [screen.getByRole("complementary", { name: "Steering tray" }), screen.getByRole("group", { name: "Steering tray" })].map((part) => [...part.querySelectorAll(".button.primary .words")].map((each) => each.textContent));

  test("that keys of its seats are locked is said before it is asked for, and gives the amber to what unlocks them", async () => {
    const platform = await open(steered(), "", { draft: () => ({ body: draft }) });
    await waitFor(() => expect(amber()).toEqual([["Next round"], ["Next round"]]));
    const mute = snapshot.models.models.map((each) => (each.kind === "rehearsal" ? each : { ...each, available: false, unavailable_reason: "no_key" as const }));
    platform.emit({ type: "models_changed", models: { ...snapshot.models, models: mute }, panel: snapshot.panel });
    platform.emit({ type: "secrets_changed", secrets: { state: "locked", message: "secrets.sealed is locked." } });
    await waitFor(() => expect(amber()).toEqual([["Unlock"], ["Unlock"]]));
    tray().getByText("Its seats cannot be called: their keys are locked.");
    await fireEvent.click(tray().getByRole("button", { name: "Unlock" }));
    await screen.findByRole("dialog", { name: "The sealed file is locked" });
    platform.emit({ type: "secrets_changed", secrets: snapshot.secrets });
    platform.emit({ type: "models_changed", models: snapshot.models, panel: snapshot.panel });
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await waitFor(() => expect(amber()).toEqual([["Next round"], ["Next round"]]));
  });

  test("that the wallet cannot pay gives the amber to what mends it, and has it back after", async () => {
    let isShort = true;
    const platform = await open(steered(), "", {
      draft: () => ({ body: draft }),
      estimate: () => ({ ...estimate(snapshot.panel.seats), hold: 211_000, least: 211_000, available: isShort ? 100_000 : 9_000_000, affordable: !isShort }),
      set_limit: () => {
        isShort = false;
        return { ...walletView, summary: { ...walletView.summary, monthly_limit: 30_000_000 } };
      },
    });
    await waitFor(() => expect(amber()).toEqual([["Raise the limit"], ["Raise the limit"]]));
    tray().getByText(/The round sets aside at least \$0\.211, more than the \$0\.10 that is left\./);
    expect(tray().getByRole<HTMLButtonElement>("button", { name: "Next round" }).disabled, "a refusal says what is lacking by then").toBe(false);
    await fireEvent.click(tray().getByRole("button", { name: "Raise the limit" }));
    const dialog = within(await screen.findByRole("dialog", { name: /^Your limit of/ }));
    await fireEvent.click(dialog.getByRole("button", { name: /Raise/ }));
    await waitFor(() => expect(amber()).toEqual([["Next round"], ["Next round"]]));
    expect(platform.argsOf("append_round"), "it was not asked for yet").toEqual([]);
  });

  test("that the session’s own limit does not cover has that one raised", async () => {
    const view = { ...steered(), spend_limit: 1_500_000 };
    let read = view;
    const platform = await open(() => read, "", {
      estimate: () => ({ ...estimate(snapshot.panel.seats), hold: 1_500_000, least: 1_500_000, available: 1_500_000, affordable: read.spend_limit > 1_500_000 }),
      edit_session: ({ spend_limit }) => {
        read = { ...view, spend_limit: spend_limit ?? 0 };
        return read.summary;
      },
    });
    await tray().findByText(/The round sets aside at least \$1\.50, more than this session’s limit leaves\./);
    await fireEvent.click(tray().getByRole("button", { name: "Raise the limit" }));
    const dialog = within(await screen.findByRole("dialog", { name: /^This session’s limit of \$1\.50/ }));
    const field = dialog.getByRole<HTMLInputElement>("textbox");
    const suggested = field.value;
    const raise = dialog.getByRole<HTMLButtonElement>("button", { name: /Raise/ });
    // What is spent of it, and the $1.50 that the round begins with.
    const least = view.summary.cost + 1_500_000;
    const cents = Math.ceil(least / 10_000) / 100;
    for (const [sum, falls] of [[least - 1, true], [least, false]] as const) {
      await fireEvent.input(field, { target: { value: (sum / 1e6).toFixed(6) } });
      expect(dialog.queryByRole("status")?.textContent, `${sum}`).toBe(falls ? `Below $${cents.toFixed(2)} this round is refused again.` : undefined);
      expect(raise.disabled).toBe(falls);
      if (falls) await fireEvent.keyDown(field, { key: "Enter" });
    }
    expect(platform.argsOf("edit_session")).toEqual([]);
    await fireEvent.input(field, { target: { value: suggested } });
    await fireEvent.click(raise);
    await waitFor(() => expect(amber()).toEqual([["Next round"], ["Next round"]]));
  });

  test("is no amber act before its price is known, and is one where none can be told", async () => {
    let answer = () => {};
    await open(steered(), "", { estimate: () => new Promise((_, fail) => (answer = () => fail(new RpcError("internal", "no")))) });
    expect(amber()).toEqual([[], []]);
    tray().getByText("Estimating what it costs");
    await waitFor(() => (answer(), expect(amber()).toEqual([["Next round"], ["Next round"]])));
  });

  test("says of a snippet that another seat said it, and whose it goes as, be it kept as one's own", async () => {
    const snippets = [CLAIMS[0]!, CLAIMS[1]!].map(({ quote }, at) => ({ type: "KEEP", quote, quoted_model: CLAUDE, comment: "So it is.", own: at === 1 }));
    const found = (asked: EstimateRound): SnippetAck[] =>
      (asked.snippets ?? []).map((_, index) => (index === 1 ? { index, quote_status: "misattributed", said_by: QWEN } : { index, quote_status: "exact" }));
    const platform = await open(steered(), "", {
      draft: () => ({ body: JSON.stringify({ prompt: "", snippets }) }),
      estimate: (asked: EstimateRound) => ({ ...estimate([CLAUDE, GPT, QWEN]), snippets: found(asked) }),
    });
    const said = "Qwen 3.6 Plus said it: it goes as Qwen 3.6 Plus’s.";
    await waitFor(() => expect(tray().getAllByRole("article").map((card) => within(card).queryByText(said) !== null)).toEqual([false, true]));
    const [, theirs] = tray().getAllByRole("article");
    expect(within(theirs!).queryByText("my words"), "words are one's own or another's").toBeNull();
    within(theirs!).getByRole("img", { name: "Qwen 3.6 Plus" });
    const asked = platform.argsOf("estimate").at(-1)?.snippets?.map(({ quote, comment }) => ({ quote, comment }));
    expect(asked, "whose they are does not hang on what is said to them").toEqual(snippets.map(({ quote }) => ({ quote, comment: null })));
    const soughtNow = () => platform.argsOf("estimate").map((each) => each.snippets?.length);
    const once = soughtNow().length;
    await fireEvent.input(tray().getByRole("textbox", { name: "Prompt" }), { target: { value: "Pick one." } });
    await waitFor(() => expect(soughtNow().slice(once), "what is typed moves no quote").toEqual([0]));
    await fireEvent.input(within(theirs!).getByRole("textbox", { name: /^Comment/ }), { target: { value: "So it is not." } });
    await waitFor(() => expect(soughtNow().slice(once)).toEqual([0, 0]));
    within(theirs!).getByText(said);
    // What stood before it is gone, and nobody has answered anew.
    await fireEvent.click(within(tray().getAllByRole("article")[0]!).getByRole("button", { name: /^Remove/ }));
    expect(tray().getAllByRole("article").map((card) => within(card).queryByText(said) !== null)).toEqual([true]);
  });

  test("says of the same words under two names for which of them another said it", async () => {
    const { quote } = CLAIMS[0]!;
    const [one, other] = steered().summary.seats.map(({ model }) => model);
    const snippets = [one, other].map((quoted_model) => ({ type: "KEEP", quote, quoted_model, comment: "", own: false }));
    await open(steered(), "", {
      draft: () => ({ body: JSON.stringify({ prompt: "", snippets }) }),
      estimate: ({ snippets: asked }: EstimateRound) => ({
        ...estimate([CLAUDE, GPT, QWEN]),
        snippets: (asked ?? []).map((_, index) => ({ index, ...(index === 1 ? { quote_status: "misattributed", said_by: one } : { quote_status: "exact" }) })),
      }),
    } as never);
    const told = () => tray().getAllByRole("article").map((card) => within(card).queryByText(/ said it: it goes as /) !== null);
    await waitFor(() => expect(told()).toEqual([false, true]));
  });

  test("begins nothing before what was put together for it has been read", async () => {
    let answer = () => {};
    const platform = await open(steered(), "", { draft: () => new Promise((done) => (answer = () => done({ body: draft }))), append_round: () => ACK });
    await waitFor(() => expect(platform.argsOf("draft")).toHaveLength(1));
    await waitFor(() => expect(platform.argsOf("estimate").length).toBeGreaterThan(0));
    const begin = () => tray().getByRole<HTMLButtonElement>("button", { name: "Next round" });
    expect(begin().disabled).toBe(true);
    await press("Enter", { ctrlKey: true });
    answer();
    await waitFor(() => expect(begin().disabled).toBe(false));
    expect(platform.argsOf("append_round")).toEqual([]);
    await press("Enter", { ctrlKey: true });
    await waitFor(() => expect(platform.argsOf("append_round")).toMatchObject([{ prompt: "Pick one." }]));
  });

  test("whose draft could not be read begins nothing without it, and reads it again", async () => {
    let fails = true;
    const platform = await open(steered(), "", { append_round: () => ACK, draft: () => {
      if (fails) throw new RpcError("store_unavailable", "The store does not answer.");
      return { body: draft };
    } });
    const said = await tray().findByText(/^What was put together here before could not be read\. It is kept\./);
    const begin = tray().getByRole<HTMLButtonElement>("button", { name: "Next round" });
    expect([begin.disabled, begin.title]).toEqual([true, "What was put together here before could not be read. It is kept."]);
    await press("Enter", { ctrlKey: true });
    fails = false;
    await fireEvent.click(within(said).getByRole("button", { name: "Try again" }));
    await tray().findByDisplayValue("Pick one.");
    expect(platform.argsOf("append_round")).toEqual([]);
    expect(tray().queryByText(/could not be read/)).toBeNull();
    await waitFor(() => expect(begin.disabled).toBe(false));
  });

  test("begins with one that is just as long, each sign counted once", async () => {
    const prompt = "🌊".repeat(64_000);
    const platform = await open(steered(), "", { draft: () => ({ body: JSON.stringify({ prompt, snippets: [] }) }), append_round: () => ACK });
    const begin = within(screen.getByRole("group", { name: "Steering tray" })).getByRole<HTMLButtonElement>("button", { name: "Next round" });
    await waitFor(() => expect([begin.disabled, begin.title]).toEqual([false, ""]));
    await press("Enter", { ctrlKey: true });
    await waitFor(() => expect(platform.argsOf("append_round")).toMatchObject([{ prompt }]));
  });

  test("gives the focus to the view, also where the round was told before the call was answered", async () => {
    let answer: (ack: typeof ACK) => void = () => undefined;
    const platform = await open(steered([firstRound()]), "", { draft: () => ({ body: draft }), append_round: () => new Promise((resolve) => (answer = resolve)) });
    const prompt = await tray().findByDisplayValue("Pick one.");
    prompt.focus();
    await press("Enter", { ctrlKey: true });
    await waitFor(() => expect(platform.argsOf("append_round")).toHaveLength(1));
    platform.emit({ type: "round_changed", round: bare({ ...liveRound(), round_id: "r-2", index: 1 }) });
    await waitFor(() => expect(shownTab()).toMatch(/^Live/));
    answer(ACK);
    await waitFor(() => expect(document.activeElement?.getAttribute("role")).toBe("tabpanel"));
  });

  test("that begins elsewhere while an earlier one is read is new at the switcher until it is shown", async () => {
    let now = steered();
    const platform = await open(() => now, "claims/0");
    const named = () => within(screen.getByRole("radiogroup", { name: "Which round" })).getAllByRole("radio").map((each) => each.closest("label")!.textContent.trim());
    expect(named(), "what was there is not new").toEqual(["Round 1", "Round 2"]);
    const third = { ...liveRound(), round_id: "r-3", index: 2 };
    now = steered([...now.rounds, third]);
    platform.emit({ type: "round_changed", round: bare(third) });
    await waitFor(() => expect(named()).toEqual(["Round 1", "Round 2", "Round 3, new"]));
    const over = { ...third, status: "complete" as const, phase: "done" as const };
    now = steered([...now.rounds.slice(0, 2), over]);
    platform.emit({ type: "round_changed", round: bare(over) });
    await waitFor(() => expect(named(), "nobody has looked at it").toEqual(["Round 1", "Round 2", "Round 3, new"]));
    await fireEvent.click(screen.getByRole("radio", { name: "Round 3, new" }));
    await waitFor(() => expect(named()).toEqual(["Round 1", "Round 2", "Round 3"]));
    await fireEvent.click(screen.getByRole("radio", { name: "Round 1" }));
    await waitFor(() => expect(location.hash).toMatch(/claims\/0$/));
    expect(named(), "it was read").toEqual(["Round 1", "Round 2", "Round 3"]);
  });

  test("that is new behind a closed list of rounds is told beside it, and opened there", async () => {
    const copies = (n: number) => Array.from({ length: n }, (_, index) => ({ ...secondRound(), round_id: `r-${index + 1}`, index }));
    let now = steered(copies(4));
    const platform = await open(() => now, "claims/0");
    const rounds = () => screen.getByRole<HTMLSelectElement>("combobox", { name: "Which round" });
    const told = () => screen.queryByRole("button", { name: /^Round \d is new$/ })?.textContent.trim();
    expect(told(), "what was there is not new").toBeUndefined();
    now = steered(copies(5));
    platform.emit({ type: "round_changed", round: bare(now.rounds[4]!) });
    await waitFor(() => expect(told()).toBe("Round 5 is new"));
    expect([...rounds().options].map(({ label }) => label)).toEqual(["Round 1", "Round 2", "Round 3", "Round 4", "Round 5, new"]);
    await fireEvent.click(screen.getByRole("button", { name: "Round 5 is new" }));
    await waitFor(() => expect(location.hash).toMatch(/claims\/4$/));
    expect(told(), "it is shown").toBeUndefined();
    await waitFor(() => expect(document.activeElement).toBe(rounds()));
  });

  test("is refused for credit: the limit is raised in place and the draft stays", async () => {
    let isShort = true;
    const platform = await open(steered(), "", {
      draft: () => ({ body: draft }),
      append_round: () => {
        if (isShort) throw new RpcError("credit_exhausted", "Nothing was called.", { needed: 100_000, limited_by: "balance" });
        return ACK;
      },
      set_limit: () => {
        isShort = false;
        return walletView;
      },
    });
    await tray().findByDisplayValue("Pick one.");
    await press("Enter", { ctrlKey: true });
    const dialog = within(await screen.findByRole("dialog"));
    dialog.getByText(/kept as a draft/);
    await fireEvent.click(dialog.getByRole("button", { name: /Raise/ }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(platform.argsOf("set_limit")).toHaveLength(1);
    tray().getByDisplayValue("Pick one.");
    await press("Enter", { ctrlKey: true });
    await waitFor(() => expect(tray().getByRole("textbox", { name: "Prompt" })).toHaveProperty("value", ""));
    expect(platform.argsOf("save_draft").at(-1)).toEqual({ key: "session/s-event", body: "" });
  });

  test("is refused by the session's own limit: that one is raised, to what the round fits under", async () => {
    const view = { ...steered(), spend_limit: 1_500_000 };
    view.summary = { ...view.summary, cost: 1_400_000 };
    const raised = { ...view, spend_limit: 3_000_000 };
    let read = view;
    const platform = await open(() => read, "cost", {
      // Of the round that would follow with other words: the refusal knows better what it refused.
      estimate: () => ({ ...estimate(snapshot.panel.seats), least: 5_000_000 }),
      draft: () => ({ body: draft }),
      append_round: () => {
        throw new RpcError("credit_exhausted", "Nothing was called.", { needed: 1_000_000, effective_balance: 9_000_000, limited_by: "session" });
      },
      edit_session: () => {
        read = raised;
        return raised.summary;
      },
    });
    await tray().findByDisplayValue("Pick one.");
    await tray().findByText(/\$0\.038/);
    await press("Enter", { ctrlKey: true });
    const dialog = within(await screen.findByRole("dialog"));
    dialog.getByRole("heading", { name: /This session’s limit of \$1.50/ });
    const field = dialog.getByRole("textbox", { name: /New limit of this session/ });
    expect(field).toHaveProperty("value", "$3");
    await fireEvent.input(field, { target: { value: "1.50" } });
    expect(dialog.getByRole("button", { name: /Raise/ })).toHaveProperty("disabled", true);
    await fireEvent.input(field, { target: { value: "3" } });
    await fireEvent.click(dialog.getByRole("button", { name: /Raise/ }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(platform.argsOf("edit_session")).toEqual([{ session_id: "s-event", spend_limit: 3_000_000 }]);
    expect(platform.argsOf("set_limit")).toEqual([]);
    tray().getByDisplayValue("Pick one.");
    await screen.findByText(/\$3\.00/);
  });

  test("a busy session is explained and nothing typed is lost", async () => {
    await open(steered(), "", {
      draft: () => ({ body: draft }),
      append_round: () => {
        throw new RpcError("session_busy", "busy");
      },
    });
    await tray().findByDisplayValue("Pick one.");
    await press("Enter", { ctrlKey: true });
    await tray().findByText(/A round of this session is running/);
    tray().getByDisplayValue("Pick one.");
  });

  test("that a session is busy is said only until its round has ended, another trouble until the next try", async () => {
    let code = "session_busy";
    const ended = secondRound({ round_id: "r-3", index: 2 });
    let view = steered();
    const platform = await open(() => view, "", {
      draft: () => ({ body: draft }),
      append_round: () => {
        throw new RpcError(code as "session_busy", "Of the store.");
      },
    });
    await tray().findByDisplayValue("Pick one.");
    await press("Enter", { ctrlKey: true });
    await tray().findByText(/A round of this session is running/);
    view = steered([firstRound(), secondRound(), ended]);
    platform.emit({ type: "round_changed", round: bare(ended) });
    await waitFor(() => expect(tray().queryByText(/A round of this session is running/)).toBeNull());
    tray().getByDisplayValue("Pick one.");
    code = "internal";
    await press("Enter", { ctrlKey: true });
    await tray().findByText(/Of the store/);
    const another = secondRound({ round_id: "r-4", index: 3 });
    view = steered([firstRound(), secondRound(), ended, another]);
    platform.emit({ type: "round_changed", round: bare(another) });
    await tray().findByRole("heading", { name: /Round 5/ });
    tray().getByText(/Of the store/);
  });

  test("a snippet's stance, comment and place can be changed, and its removal undone", async () => {
    const snippets = [{ type: "KEEP", quote: "Measure a full rebuild.", quoted_model: GPT, comment: "", own: false }];
    await open(steered(), "", { draft: () => ({ body: JSON.stringify({ prompt: "", snippets }) }) });
    const card = await tray().findByRole("article");
    within(card).getByRole("button", { name: /Change the stance/ }).focus();
    await press("2");
    await waitFor(() => expect(cards()).toEqual(["EXPLORE: Measure a full rebuild."]));
    await press("Delete");
    await waitFor(() => expect(cards()).toEqual([]));
    await press("z", { ctrlKey: true });
    await waitFor(() => expect(cards()).toEqual(["EXPLORE: Measure a full rebuild."]));
  });
});
