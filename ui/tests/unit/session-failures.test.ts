import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, test } from "vitest";
import type { SeatCallView } from "../../src/generated/SeatCallView";
import { m } from "../../src/messages";
import { RpcError } from "../../src/platform";
import { call, liveRound } from "../fixtures/rounds";
import { CUT, degradedRound, firstRound, secondRound, steered, streamingRound } from "../fixtures/sessions";
import { seats, snapshot } from "../fixtures/shared";
import { estimate } from "../fixtures/wallet";
import { ACK, CLAUDE, GPT, open, press, QWEN, rows, shownTab, tray } from "./session-screen";

describe("a round that lacks a seat", () => {
  test("says so in amber, keeps what was written and offers one act", async () => {
    const platform = await open(steered([firstRound(), degradedRound()]), "live", { retry_round: () => ({ ...ACK, round_id: "r-2" }) });
    expect(document.querySelector(".missing")?.textContent).toBe("2 of 3 answered");
    const column = within(screen.getByRole("article", { name: "Qwen 3.6 Plus’s answer" }));
    column.getByText(/The connection broke while words were coming/);
    column.getByText(`${CUT.length} characters kept for you. No other seat reads them. Retry asks it again.`);
    await fireEvent.click(column.getByRole("button", { name: "Details" }));
    column.getByText(/upstream reset/);
    await press("r", { shiftKey: true });
    await waitFor(() => expect(platform.argsOf("retry_round")).toEqual([{ session_id: "s-event", round_id: "r-2" }]));
  });

  test("names and tells all whom its act calls: who answers anew, and that others react anew", async () => {
    const lost = [CLAUDE, GPT].map((model) => call(model, "react", { state: "error", error_code: "provider_error", error_message: null, unreadable: true }));
    await open(steered([firstRound(), degradedRound({ reactions: lost })]), "claims");
    const asks = "Asks Qwen 3.6 Plus to answer again, then whoever has answered to react to what they have not seen yet.";
    const act = () => within(screen.getByRole("group", { name: "The result in one line" })).getByRole<HTMLButtonElement>("button", { name: /^Retry/ });
    expect([act().querySelector(".words")?.textContent, act().title]).toEqual(["Retry Qwen 3.6 Plus, then the reactions", asks]);
    await press("v");
    await press("l");
    const beside = within(await screen.findByRole("article", { name: "GPT-5.4’s answer" })).getByRole<HTMLButtonElement>("button", { name: /^Retry/ });
    expect([beside.getAttribute("aria-label"), beside.title], "in the column of a seat whose reaction is lost too").toEqual(["Retry Qwen 3.6 Plus, then the reactions", asks]);
    cleanup();
    const heard = secondRound();
    await open(steered([firstRound(), { ...heard, can_retry: true, reactions: heard.reactions.map((each, at) => (at === 1 ? { ...each, state: "error" } : each)) }]), "claims");
    const { display_name } = heard.reactions[1]!;
    expect([act().querySelector(".words")?.textContent, act().title]).toEqual(["Retry reactions", `Asks ${display_name} to react to what they have not seen yet.`]);
  });

  test("that still runs says at the seat that it can be asked again once it is over, and has no act for that yet", async () => {
    const running = streamingRound();
    const codes = ["stream_interrupted", "provider_auth_failure", "cancelled"] as const;
    const answers = running.answers.map((each, at) => ({ ...each, state: "error" as const, error_code: codes[at]! }));
    await open(steered([firstRound(), { ...running, answers }]), "live");
    const said = [...document.querySelectorAll(".trouble .rest")].map((each) => each.textContent!.replace(/\s+/g, " ").trim().replace(/^[\d,]+ characters kept for you\. No other seat reads them\. |^It had written nothing\. /, ""));
    expect(said).toEqual(["It can be asked again once the round is over.", "Replace the key in Settings, then retry once the round is over.", "It can be asked again once the round is over."]);
    expect(screen.queryByRole("button", { name: /^Retry/ })).toBeNull();
  });

  test.each(["live", "claims"] as const)("because Husting was closed says in its %s what was asked, which a retry asks again", async (tab) => {
    const whole = degradedRound({ prompt: "Which of both\nis **cheaper**?" });
    const closed = { ...whole, answers: whole.answers.map((each) => ({ ...each, closed: each.state === "error" })) };
    await open(steered([firstRound(), closed]), tab);
    const asked = screen.getByTitle(/^Which of both/);
    expect(asked.textContent).toBe("Which of both is cheaper?");
    cleanup();
    await open(steered([firstRound(), whole]), tab);
    expect(screen.queryAllByTitle(/^Which of both/), "which nobody left").toHaveLength(tab === "live" ? 1 : 0);
  });

  test.each([
    ["answers", 1, "1 answer is kept whole. “Retry 2 seats, then the reactions” asks again only for what is missing."],
    ["reactions", 3, "3 answers are kept whole. “Retry reactions” asks again only for what is missing."],
  ] as const)("because Husting ended during its %s says so in its head and its line, with what was kept and what to do", async (during, answered, rest) => {
    const whole = secondRound();
    const cut = { state: "error" as const, error_code: "stream_interrupted" as const, error_message: "Husting was closed while the call ran.", closed: true };
    const broken = (calls: SeatCallView[], from: number) => calls.map((each, at) => (at < from ? each : { ...each, ...cut }));
    const answers = during === "answers" ? broken(whole.answers, 1) : whole.answers;
    const reactions = during === "answers" ? whole.reactions.map((each) => ({ ...each, state: "absent" as const })) : broken(whole.reactions, 0);
    const summary = { ...whole.summary, answered, reacted: 0, asked_to_react: during === "answers" ? 0 : 3, claims: 0, degraded: true, no_claims_because: "no_reactions" as const };
    const round = { ...whole, answers, reactions, summary, can_retry: true, claim_map: { ...whole.claim_map!, claims: [] } };
    await open(steered([firstRound(), round]), "claims");
    const told = () => document.body.textContent!.replace(/\s+/g, " ");
    const head = () => screen.getByRole("heading", { level: 1 }).closest("header")!.textContent;
    expect(told()).toContain(`Husting ended while this round ran. ${rest}`);
    expect(head()).toContain("Husting ended while it ran");
    expect(screen.getAllByText(/^Husting ended while the call ran\./)).toHaveLength(during === "answers" ? 2 : 3);
    await press("v");
    await press("l");
    await waitFor(() => expect(shownTab()).toBe("Live"));
    const column = within(screen.getByRole("article", { name: "Qwen 3.6 Plus’s answer" }));
    column.getByText("Interrupted at 34.0 s");
    column.getByRole("button", { name: during === "answers" ? "Retry 2 seats, then the reactions" : "Retry reactions" });
    expect(told()).toContain("Husting ended while this round ran.");
    await press("v");
    await press("a");
    await waitFor(() => expect(shownTab()).toMatch(/^Answers/));
    expect(head()).toContain("Husting ended while it ran");
    cleanup();
    const before = snapshot.wallet;
    try {
      snapshot.wallet = { ...before, monthly_limit: 1_000_000, balance: 0, held: 0 };
      for (const view of ["claims", "live"]) {
        await open(steered([firstRound(), round]), view);
        expect(told(), view).toContain(`Husting ended while this round ran. ${rest.split(" “Retry")[0]}`);
        expect(told(), `${view}: nothing that is off is promised`).not.toMatch(/asks again only|asks it again/);
        cleanup();
      }
    } finally {
      snapshot.wallet = before;
    }
  });

  test("a retry that the session's limit does not cover offers to raise it, and then retries", async () => {
    let limit = 20_000;
    const view = () => ({ ...steered([firstRound(), degradedRound()]), spend_limit: limit });
    const platform = await open(view, "claims", {
      retry_round: () => {
        if (limit < 1_000_000) throw new RpcError("credit_exhausted", "Nothing was called.", { needed: 50_000, limited_by: "session" });
        return ACK;
      },
      edit_session: ({ spend_limit }) => {
        limit = spend_limit ?? 0;
        return view().summary;
      },
    });
    await press("r", { shiftKey: true });
    const dialog = within(await screen.findByRole("dialog", { name: /This session’s limit of \$0\.02/ }));
    dialog.getByText(/Nothing was called again/);
    const field = dialog.getByRole<HTMLInputElement>("textbox");
    const suggested = field.value;
    await fireEvent.input(field, { target: { value: "99999999999" } });
    expect(dialog.getByRole("alert").textContent).toBe("That is too much: a limit is at most $1,000,000.");
    await fireEvent.input(field, { target: { value: suggested } });
    await fireEvent.click(dialog.getByRole("button", { name: /Raise/ }));
    await waitFor(() => expect(platform.argsOf("retry_round")).toHaveLength(2));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });

  test("in which nobody answered opens on each seat's reason with the provider's own words a click away, and offers one retry", async () => {
    const whole = degradedRound();
    const answers = [GPT, QWEN].map((model, at) =>
      call(model, "respond", { state: "error", text: "", sentences: [], error_code: at === 0 ? "provider_auth_failure" : "rate_limit", error_message: '{"error":{"code":429}}' }),
    );
    const summary = { ...whole.summary, answered: 0, claims: 0, no_claims_because: "nobody_answered" as const };
    await open(steered([{ ...whole, index: 0, status: "failed", answers, reactions: [], claim_map: null, summary }]));
    screen.getByText("No seat answered.");
    const failed = within(screen.getByRole("region", { name: "What failed, and why" }));
    expect(failed.getAllByRole("listitem").map((each) => each.querySelector("h2")?.textContent)).toEqual(["GPT-5.4", "Qwen 3.6 Plus"]);
    failed.getByText(/^The provider refused the key, or the key may not use this model\./);
    await fireEvent.click(failed.getByRole("button", { name: "OpenRouter’s words" }));
    failed.getByText('{"error":{"code":429}}');
    expect(screen.getAllByRole("button", { name: /Retry/ })).toHaveLength(1);
  });

  test("in which nobody answered speaks of no words to select", async () => {
    const whole = degradedRound();
    const hints = /select words by keys|on selected words|^Select words of/;
    for (const answered of [0, 1]) {
      await open(steered([{ ...whole, index: 0, status: "failed", summary: { ...whole.summary, answered } }]), "answers");
      expect(screen.queryAllByText(hints).length > 0, "below the answers or in the tray").toBe(answered > 0);
      await fireEvent.click(screen.getByRole("tab", { name: "Live" }));
      await screen.findByRole("region", { name: "Live" });
      expect(screen.queryAllByText(hints).length > 0, "below what came").toBe(answered > 0);
      cleanup();
    }
  });

  test("of which the first answer is on its way already speaks of words to select", async () => {
    const { summary } = degradedRound();
    await open(steered([{ ...liveRound(), session_id: "s-event", index: 0, summary: { ...summary, answered: 0 } }]), "live");
    tray().getByText(/^Select words of/);
  });

  test("says of each failure what to do, and leads to the settings where it is done there", async () => {
    const whole = degradedRound();
    const codes = ["provider_auth_failure", "cancelled", "max_retries_exceeded"] as const;
    const answers = seats.map(({ model }, at) => call(model, "respond", { state: "error", text: "", sentences: [], error_code: codes[at] ?? null }));
    const summary = { ...whole.summary, answered: 0, claims: 0, no_claims_because: "nobody_answered" as const };
    const round = { ...whole, index: 0, status: "failed" as const, answers, reactions: [], claim_map: null, summary };
    await open(steered([round]), "claims");
    const failed = within(screen.getByRole("region", { name: "What failed, and why" }));
    const said = () => failed.getAllByRole("listitem").map((each) => each.querySelector(".rest")?.textContent?.replace(/\s+/g, " ").trim());
    expect(said()).toEqual([
      "It had written nothing. Replace the key in Settings, then retry.",
      "It had written nothing. Retry asks it again.",
      "It had written nothing. Test the provider in Settings, then retry.",
    ]);
    expect(failed.getAllByRole("link").map((link) => [link.textContent, link.getAttribute("href")])).toEqual([
      ["Replace the key in Settings", "#/settings/providers"],
      ["Test the provider in Settings", "#/settings/providers"],
    ]);
    cleanup();
    await open(steered([round]), "answers");
    screen.getByText(/^It had written nothing\./);
    expect(screen.queryByText("No words came from this seat."), "told once").toBeNull();
    cleanup();
    // Nothing asks it again where the round cannot be tried again.
    await open(steered([{ ...round, can_retry: false }]), "claims");
    expect(screen.queryByText(/Retry asks it again/)).toBeNull();
  });

  test("and whose session waits for it is retried from the tray as well, where the tray says so", async () => {
    const whole = degradedRound();
    const answers = [GPT, QWEN].map((model) => call(model, "respond", { state: "error", text: "", sentences: [], error_code: "provider_auth_failure" }));
    const summary = { ...whole.summary, answered: 0, claims: 0, no_claims_because: "nobody_answered" as const };
    const view = steered([{ ...whole, index: 0, status: "failed", answers, reactions: [], claim_map: null, summary }]);
    const platform = await open({ ...view, summary: { ...view.summary, status: "failed" } }, "claims", { retry_round: () => ACK });
    tray().getByText("No seat answered the first round. Retry it before the next one.");
    await fireEvent.click(tray().getByRole("button", { name: "Retry 2 seats" }));
    await waitFor(() => expect(platform.argsOf("retry_round")).toEqual([{ session_id: "s-event", round_id: "r-2" }]));
    const strip = within(screen.getByRole("group", { name: "Steering tray" }));
    strip.getByRole("button", { name: "Retry 2 seats" });
    for (const each of [tray(), strip]) {
      expect(each.queryByText(/Husting asks|Estimat|\$/), "of a round that cannot follow nothing is asked, and it has no price").toBeNull();
      expect(each.queryByRole("button", { name: /^Next round/ })).toBeNull();
    }
    expect(tray().queryByRole("checkbox")).toBeNull();
    expect(tray().queryByRole("textbox", { name: "Prompt" })).toBeNull();
    await press("p");
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("complementary", { name: "Steering tray" })));
  });

  test("and whose session waits for it keeps the field that somebody wrote in", async () => {
    const whole = degradedRound();
    const running = { ...whole, index: 0, status: "in_progress" as const, answers: [], reactions: [], claim_map: null };
    const before = steered([running]);
    const platform = await open({ ...before, summary: { ...before.summary, status: "streaming" } }, "live");
    const field = () => screen.queryByRole<HTMLTextAreaElement>("textbox", { name: "Prompt" });
    await fireEvent.input(field()!, { target: { value: "And then?" } });
    field()!.focus();
    const summary = { ...whole.summary, answered: 0, claims: 0, no_claims_because: "nobody_answered" as const };
    const failed = steered([{ ...running, status: "failed", summary }]);
    platform.emit({ type: "round_changed", round: failed.rounds[0]! });
    platform.emit({ type: "session_changed", session: { ...failed.summary, status: "failed" } });
    await tray().findByText("No seat answered the first round. Retry it before the next one.");
    expect(field()?.value).toBe("And then?");
    await fireEvent.input(field()!, { target: { value: "" } });
    expect(document.activeElement, "it does not go from under whoever empties it").toBe(field());
  });

  test("in which every reaction failed shows them under the empty map, and leads to what was written", async () => {
    const whole = degradedRound();
    const reactions = [GPT, QWEN].map((model) => call(model, "react", { state: "error", error_code: "rate_limit", error_message: null }));
    const summary = { ...whole.summary, reacted: 0, claims: 0, no_claims_because: "no_reactions" as const };
    await open(steered([{ ...whole, index: 0, reactions, claim_map: { ...whole.claim_map!, claims: [] }, summary }]), "claims");
    const failed = within(screen.getByRole("region", { name: "What failed, and why" }));
    failed.getByText("GPT-5.4’s reaction");
    screen.getByRole("button", { name: "Read the answers" });
  });

  test.each([
    ["rate_limit", "OpenRouter’s words"],
    ["max_retries_exceeded", "OpenRouter’s words"],
    ["internal_deadline_reached", "Details"],
    ["cancelled", null],
  ] as const)("calls words the provider's only where it said them: %s", async (error_code, label) => {
    const whole = degradedRound();
    const failed = { ...whole.answers[2]!, error_code, error_message: "what is kept" };
    await open(steered([firstRound(), { ...whole, answers: [...whole.answers.slice(0, 2), failed] }]), "live");
    const column = within(screen.getByRole("article", { name: "Qwen 3.6 Plus’s answer" }));
    expect(column.queryByRole("button", { name: /words|Details/ })?.textContent?.trim() ?? null).toBe(label);
  });

  test("and whose account at the provider is empty says so, with what mends it", async () => {
    const whole = degradedRound();
    const failed = { ...whole.answers[2]!, error_code: "rate_limit" as const, spent: "credit" as const, error_message: "the account at the provider does not cover the call: You exceeded your quota." };
    await open(steered([firstRound(), { ...whole, answers: [...whole.answers.slice(0, 2), failed] }]), "live");
    const column = within(screen.getByRole("article", { name: "Qwen 3.6 Plus’s answer" }));
    expect(column.getByText("rate_limit").parentElement!.textContent).toBe("The account at the provider does not cover this call: its credit, or its budget, is used up. rate_limit");
    column.getByText(/Top it up or raise its budget there, then retry\./);
    expect(column.queryByText(/Retry asks it again/)).toBeNull();
    await fireEvent.click(column.getByRole("button", { name: "Details" }));
    column.getByText(/You exceeded your quota\./);
  });

  test("and of whose answer its provider's filter let no word through says so, and that nothing else broke it off", async () => {
    const whole = degradedRound();
    const failed = { ...whole.answers[2]!, error_code: "provider_error" as const, text: "", filtered: true, finish_reason: "content_filter", error_message: "The model ended (content_filter) without a word." };
    await open(steered([firstRound(), { ...whole, answers: [...whole.answers.slice(0, 2), failed] }]), "live");
    const column = within(screen.getByRole("article", { name: "Qwen 3.6 Plus’s answer" }));
    expect(column.getByText("provider_error").parentElement!.textContent).toBe("The provider’s filter let no word of it through. provider_error");
    column.getByText(/Ask in other words, or seat another model\.$/);
    expect(column.queryByText(/Retry asks it again/)).toBeNull();
    await fireEvent.click(column.getByRole("button", { name: "Details" }));
  });

  test("and whose answer its provider's filter cut off says so, not that it reached its length", async () => {
    const whole = degradedRound();
    const cut = (filtered: boolean) => ({ ...whole.answers[0]!, is_partial: true, finish_reason: filtered ? "content_filter" : "length", filtered });
    for (const [filtered, said] of [
      [true, "The provider’s filter cut this answer off here."],
      [false, "The answer reached its length and ends here."],
    ] as const) {
      for (const tab of ["live", "answers"] as const) {
        await open(steered([firstRound(), { ...whole, answers: [cut(filtered), ...whole.answers.slice(1)] }]), tab);
        expect(screen.getAllByText(said), `in ${tab}, of this answer alone`).toHaveLength(1);
        cleanup();
      }
    }
  });

  test("that was tried again tells each call's time from the start of its own try", async () => {
    const whole = secondRound({ tries: ["2026-11-20T14:11:00Z", "2026-11-20T15:00:00Z"] });
    const again = { ...whole.answers[2]!, started_at: "2026-11-20T15:00:00Z", ended_at: "2026-11-20T15:00:12.500Z" };
    const reactions = whole.reactions.map((each) => ({ ...each, state: "absent" as const }));
    await open(steered([firstRound(), { ...whole, reactions, answers: [...whole.answers.slice(0, 2), again] }]), "live");
    screen.getByText("Answered at 12.5 s");
    expect(screen.getAllByText("Answered at 34.0 s")).toHaveLength(2);
  });

  test.each([[412, "Answered at 412 ms"], [999, "Answered at 999 ms"], [1_000, "Answered at 1.0 s"]])("that answered after %s ms tells it", async (ms, said) => {
    const began = "2026-11-20T14:11:00.000Z";
    const whole = secondRound({ tries: [began] });
    const soon = { ...whole.answers[2]!, started_at: began, ended_at: new Date(Date.parse(began) + ms).toISOString() };
    const reactions = whole.reactions.map((each) => ({ ...each, state: "absent" as const }));
    await open(steered([firstRound(), { ...whole, reactions, answers: [...whole.answers.slice(0, 2), soon] }]), "live");
    screen.getByText(said);
  });

  test("that broke off before anything was said tells no reactions and no time", async () => {
    const whole = degradedRound();
    const answers = whole.answers.map(({ model }) => call(model, "respond", { state: "error", text: "", sentences: [], error_code: "cancelled", error_message: null }));
    const timings = { slowest_answer_ms: 0, slowest_reaction_ms: 0, round_ms: 0 };
    const summary = { ...whole.summary, answered: 0, asked_to_react: 0, reacted: 0, quotes: 0, unverified: 0, claims: 0, timings };
    await open(steered([{ ...whole, status: "failed", cancelled: true, answers, reactions: [], claim_map: null, summary }]), "live");
    const line = screen.getByRole("group", { name: "The result in one line" }).textContent!;
    expect(line).toContain("0 of 3 answered");
    expect(line).not.toMatch(/reacted|0\.0 s|0 ms/);
    const facts = screen.getByRole("group", { name: "The result in one line" }).querySelector(".facts")!;
    expect(facts.firstElementChild?.querySelector(".sign"), "the sign stands before all else").toBeTruthy();
    expect(facts.querySelectorAll(".sign")).toHaveLength(1);
    expect(screen.getAllByText("It was cancelled.")).toHaveLength(3);
    expect(screen.getAllByText(/^Cancelled at /)).toHaveLength(3);
    expect(document.querySelector("code"), "its code says nothing beside that").toBeNull();
    expect(screen.getByRole("main").textContent, "one word for it").not.toMatch(/stopped/i);
    await press("v");
    await press("t");
    await waitFor(() => expect(shownTab()).toBe("Transcript"));
    expect(screen.getByRole("article").textContent).not.toMatch(/0 of 0|reacted|0 ms/);
  });

  test("is tried again before the next round where there are no claims to go on from", async () => {
    const [, , failed] = degradedRound().answers;
    const empty = { ...degradedRound().summary, answered: 0, claims: 0, no_claims_because: "nobody_answered" as const };
    const broken = degradedRound({ index: 0, status: "failed", answers: [failed!], reactions: [], claim_map: null, summary: empty });
    const primary = () => [...document.querySelectorAll("button.primary .words")].map((each) => each.textContent?.trim());
    await open(steered([broken]), "claims");
    expect(primary()).toEqual(["Retry Qwen 3.6 Plus"]);
    tray().getByText("Round 1 gave no claims to go on from: retry it first, or go on without them.");
    expect(m.session.tray.raiseFirst(1), "both ways need the limit raised").toMatch(/: raise it, then retry the round or go on without them\.$/);
    await waitFor(() => expect(tray().getByRole<HTMLButtonElement>("button", { name: "Next round" }).disabled).toBe(false));
    cleanup();
    await open(steered([firstRound(), { ...broken, index: 1 }]), "claims");
    await waitFor(() => expect(new Set(primary()), "the first round’s claims are there").toEqual(new Set(["Next round"])));
    expect(tray().queryByText(/gave no claims/)).toBeNull();
  });

  test("is tried again where a call can be paid, and no round of two seats", async () => {
    const { wallet: before } = snapshot;
    try {
      snapshot.wallet = { ...before, monthly_limit: 1_500_000, balance: 90_000, held: 0, limit_used: 1_410_000 };
      await open(steered([firstRound(), degradedRound()]), "claims");
      const result = within(screen.getByRole("group", { name: "The result in one line" }));
      expect(result.getByRole<HTMLButtonElement>("button", { name: /^Retry/ }).disabled).toBe(false);
    } finally {
      snapshot.wallet = before;
    }
  });

  test("that the wallet cannot pay again gives the amber to the limit in each view, and says why beside the act that waits for it", async () => {
    const [, , failed] = degradedRound().answers;
    const empty = { ...degradedRound().summary, answered: 0, claims: 0, no_claims_because: "nobody_answered" as const };
    const broken = degradedRound({ index: 0, status: "failed", answers: [failed!], reactions: [], claim_map: null, summary: empty });
    const { wallet: before, models } = snapshot;
    const short = () => ({ ...estimate(snapshot.panel.seats), hold: 211_000, least: 211_000, available: 0, affordable: false });
    const primary = () => new Set([...document.querySelectorAll("button.primary .words")].map((each) => each.textContent?.trim()));
    try {
      snapshot.wallet = { ...before, monthly_limit: 1_000_000, balance: 0, held: 0 };
      for (const view of ["live", "claims", "cost"]) {
        const platform = await open(steered([broken]), view, { estimate: short });
        await waitFor(() => expect(primary(), view).toEqual(new Set(["Raise the limit"])));
        const line = screen.getByRole("group", { name: "The result in one line" });
        expect(line.textContent).toContain("Too little of the limit is left: raise it, then retry.");
        expect(screen.queryByText(/Retry asks it again/), `${view}: nothing that is off is promised`).toBeNull();
        await press("r", { shiftKey: true });
        expect(platform.argsOf("retry_round"), `${view}: nor by its key`).toEqual([]);
        const retry = within(line).getByRole<HTMLButtonElement>("button", { name: "Retry Qwen 3.6 Plus" });
        expect([retry.disabled, retry.title], "nobody whom it asks can be paid").toEqual([true, "Too little of the limit is left: raise it, then retry."]);
        await fireEvent.click(within(line).getByRole("button", { name: "Raise the limit" }));
        await screen.findByRole("dialog", { name: /^Your limit of/ });
        cleanup();
      }
      await open(steered([broken]), "answers", { estimate: short });
      const beside = await screen.findByRole<HTMLButtonElement>("button", { name: "Retry Qwen 3.6 Plus" });
      expect([beside.disabled, beside.title]).toEqual([true, "Too little of the limit is left: raise it, then retry."]);
      cleanup();
      const refused = { ...failed!, error_code: "provider_auth_failure" as const };
      const RAISE = "Too little of the limit is left: raise it, then retry.";
      for (const view of ["live", "claims", "answers"] as const) {
        for (const [one, way] of [
          [failed!, RAISE],
          [{ ...failed!, closed: true }, RAISE],
          [{ ...failed!, error_code: "pre_stream_provider_error" as const, error_message: "No such model." }, `The provider’s words say why. ${RAISE}`],
          [refused, `Replace the key in Settings. ${RAISE}`],
          [{ ...failed!, spent: "credit" as const }, `Top it up or raise its budget there. ${RAISE}`],
        ] as const) {
          await open(steered([{ ...broken, answers: [one] }]), view, { estimate: short });
          await waitFor(() => expect(document.querySelector(".trouble .rest")?.textContent?.replace(/\s+/g, " ").trim(), `${view}: what is left, and the one way on`).toBe(`${CUT.length} characters kept for you. No other seat reads them. ${way}`));
          cleanup();
        }
      }
      await open(steered([{ ...broken, answers: [refused] }]), "answers", { estimate: short });
      await screen.findByRole("button", { name: "Retry Qwen 3.6 Plus" });
      expect(document.querySelector(".rest")?.textContent?.replace(/\s+/g, " "), "one way on, in the order in which it is gone").toContain("Replace the key in Settings. Too little of the limit is left: raise it, then retry.");
      cleanup();
      await open(steered([{ ...broken, answers: [{ ...refused, error_code: "pre_stream_failure" }] }]), "answers", { estimate: short });
      await screen.findByRole("button", { name: "Retry Qwen 3.6 Plus" });
      expect(document.querySelector(".rest")?.textContent).toContain("The details say what is missing.");
      cleanup();
      await open(steered([{ ...broken, answers: [refused], can_retry: false }]), "answers", { estimate: short });
      await screen.findByText(/Replace the key in Settings/);
      expect(document.querySelector(".rest")?.textContent?.replace(/\s+/g, " "), "nothing is tried again there").toMatch(/Replace the key in Settings\.$/);
      cleanup();
      const view = steered([broken]);
      const free = view.summary.seats.map((seat) => ({ ...seat, model: `ollama/${seat.model}` }));
      const rounds = [{ ...broken, answers: [{ ...failed!, model: `ollama/${failed!.model}` }] }];
      const line = () => screen.getByRole("group", { name: "The result in one line" });
      await open({ ...view, rounds, summary: { ...view.summary, seats: free } }, "claims");
      expect(screen.getByRole<HTMLButtonElement>("button", { name: /^Retry/ }).disabled, "nobody asks a model that is not here").toBe(true);
      expect(line().textContent).toContain(" are no longer on the list of models: put them back in Settings, then retry.");
      tray().getByText(/ are no longer on the list of models: put them back in Settings, or ask another panel\.$/);
      expect(tray().getByRole<HTMLButtonElement>("button", { name: /^Next round/ }).disabled, "no round can follow").toBe(true);
      expect(within(line()).queryByRole("button", { name: "Raise the limit" })).toBeNull();
      cleanup();
      const here = snapshot.models.models.map((model) => ({ ...model, id: `ollama/${model.id}`, minimum: 0 }));
      snapshot.models = { ...models, models: [...models.models, ...here] };
      await open({ ...view, rounds, summary: { ...view.summary, seats: free } }, "claims");
      expect(screen.getByRole<HTMLButtonElement>("button", { name: /^Retry/ }).disabled).toBe(false);
      expect(screen.getByRole("group", { name: "The result in one line" }).textContent, "nothing is paid for seats that cost nothing").not.toContain("limit");
      cleanup();
      await open({ ...view, summary: { ...view.summary, status: "failed" } }, "claims", { estimate: short });
      await waitFor(() => expect(primary(), "no round can follow it").toEqual(new Set(["Raise the limit"])));
      tray().getByText("No seat answered the first round, and too little of the limit is left: raise it, then retry the round.");
      await fireEvent.click(tray().getByRole("button", { name: "Raise the limit" }));
      await screen.findByRole("dialog", { name: /^Your limit of/ });
    } finally {
      snapshot.wallet = before;
      snapshot.models = models;
    }
  });

  test("tells a seat whose call failed from one that took no position, over its column and in each cell", async () => {
    const WHY = `Its answer failed. ${m.session.failure[degradedRound().answers[2]!.error_code!]}`;
    await open(steered([degradedRound()]), "claims");
    // The moderator has the last column.
    const heads = screen.getAllByRole("columnheader").slice(1, 4);
    const signs = heads.map((head) => within(head).queryByRole<HTMLAnchorElement>("link", { name: WHY }));
    expect(signs.map((sign) => sign !== null)).toEqual([false, false, true]);
    expect([signs[2]?.title, signs[2]?.hash]).toEqual([signs[2]?.ariaLabel ?? signs[2]?.getAttribute("aria-label"), expect.stringMatching(/\/live\/\d+$/)]);
    for (const row of rows()) {
      const cell = within(row).getAllByRole("gridcell")[2]!;
      expect(cell.textContent?.trim()).toBe("Its answer failed");
    }
    expect(document.querySelectorAll(".silent").length, "who was asked and is silent keeps the dot").toBe(4);
    cleanup();
    await open(steered([degradedRound()]), "answers");
    const seatsOf = within(await screen.findByRole("radiogroup", { name: m.session.answers.seats }));
    expect(seatsOf.getAllByRole("img", { name: WHY })).toHaveLength(1);
    cleanup();
    const whole = secondRound();
    const lost = whole.reactions.map((each, index) => (index === 1 ? { ...each, state: "error" as const } : each));
    await open(steered([{ ...whole, reactions: lost }]), "claims");
    expect(screen.getAllByRole("columnheader").slice(1, 4).map((head) => within(head).queryByRole("link", { name: "Its reaction failed." }) !== null)).toEqual([false, true, false]);
  });

  test("whose reaction could not be read did react, and is not said to have broken off", async () => {
    const whole = secondRound({ status: "complete", can_retry: true });
    const error_message = 'The reaction could not be read: no JSON object with "snippets" was found.';
    const reactions = whole.reactions.map((each) => (each.model === QWEN ? { ...each, state: "error" as const, text: "I agree.", error_code: "provider_error" as const, error_message, unreadable: true } : each));
    await open(steered([firstRound(), { ...whole, reactions }]), "live");
    const column = within(screen.getByRole("article", { name: "Qwen 3.6 Plus’s answer" }));
    column.getByText(/^The reaction came, but could not be read\./);
    column.getByRole("button", { name: "Details" });
    await press("v");
    await press("t");
    await waitFor(() => expect(shownTab()).toBe("Transcript"));
    screen.getByText("Qwen 3.6 Plus reacted, but its reaction could not be read.");
    expect(document.body.textContent).not.toMatch(/broke off/);
  });

  describe("whose seats’ keys are locked", () => {
    const mute = snapshot.models.models.map((each) => (each.kind === "rehearsal" ? each : { ...each, available: false, unavailable_reason: "no_key" as const }));
    const locked = { ...snapshot, models: { ...snapshot.models, models: mute }, secrets: { state: "locked" as const, message: "secrets.sealed is locked." } };
    const refusal = () => screen.queryByText(/^Nothing was called again\./);
    const lock = (platform: Awaited<ReturnType<typeof open>>, { models, secrets }: Pick<typeof snapshot, "models" | "secrets">) => {
      platform.emit({ type: "models_changed", models, panel: snapshot.panel });
      platform.emit({ type: "secrets_changed", secrets });
    };
    const amber = (part: ParentNode) => [...part.querySelectorAll("button.primary .words")].map((each) => each.textContent?.trim());
    const wait = "Keys of its seats are locked: unlock them, then retry.";

    test.each(["live", "claims", "cost"] as const)("is not tried again before they are unlocked, which its %s says beside the act that mends it", async (view) => {
      const [, , failed] = degradedRound().answers;
      const empty = { ...degradedRound().summary, answered: 0, claims: 0, no_claims_because: "nobody_answered" as const };
      const broken = degradedRound({ index: 0, status: "failed", answers: [failed!], reactions: [], claim_map: null, summary: empty });
      const session = steered([broken]);
      for (const status of [session.summary.status, "failed" as const]) {
        const platform = await open({ ...session, summary: { ...session.summary, status } }, view);
        lock(platform, locked);
        const line = within(screen.getByRole("group", { name: "The result in one line" }));
        const retry = line.getByRole<HTMLButtonElement>("button", { name: "Retry Qwen 3.6 Plus" });
        await waitFor(() => expect([retry.disabled, retry.title]).toEqual([true, wait]));
        line.getByText(wait);
        await press("r", { shiftKey: true });
        expect(platform.argsOf("retry_round"), "nor by its key").toEqual([]);
        const strip = screen.getByRole("group", { name: "Steering tray" });
        expect([...new Set([...amber(document)])], "one act is amber").toEqual(["Unlock"]);
        expect(amber(strip), "in the strip, too").toEqual(["Unlock"]);
        expect(within(strip).queryByRole("button", { name: /^Retry/ }), "where one act has room").toBeNull();
        if (status === "failed") within(strip).getByText("Its seats cannot be called: their keys are locked.");
        await fireEvent.click(line.getByRole("button", { name: "Unlock" }));
        await screen.findByRole("dialog", { name: "The sealed file is locked" });
        lock(platform, snapshot);
        await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
        await waitFor(() => expect(retry.disabled).toBe(false));
        expect(line.queryByRole("button", { name: "Unlock" })).toBeNull();
        cleanup();
      }
    });

    test.each(["live", "claims", "cost"] as const)("and whose limit is used up as well is told in its %s to wait for the keys, which are read before anything is paid", async (view) => {
      const [, , failed] = degradedRound().answers;
      const empty = { ...degradedRound().summary, answered: 0, claims: 0, no_claims_because: "nobody_answered" as const };
      const session = steered([degradedRound({ index: 0, status: "failed", answers: [failed!], reactions: [], claim_map: null, summary: empty })]);
      const { wallet: before } = snapshot;
      try {
        snapshot.wallet = { ...before, monthly_limit: 1, balance: 0, held: 0 };
        const platform = await open({ ...session, summary: { ...session.summary, status: "failed" } }, view);
        const line = within(screen.getByRole("group", { name: "The result in one line" }));
        await line.findByRole("button", { name: "Raise the limit" });
        lock(platform, locked);
        const retry = line.getByRole<HTMLButtonElement>("button", { name: "Retry Qwen 3.6 Plus" });
        await waitFor(() => expect([retry.disabled, retry.title]).toEqual([true, wait]));
        line.getByText(wait);
        line.getByRole("button", { name: "Unlock" });
        expect(line.queryByRole("button", { name: "Raise the limit" })).toBeNull();
        expect([...new Set(amber(document))], "one act is amber").toEqual(["Unlock"]);
      } finally {
        snapshot.wallet = before;
      }
    });

    test("and whose next round a limit does not cover has one amber act in its tray, and the other beside it", async () => {
      const short = () => ({ ...estimate(snapshot.panel.seats), hold: 211_000, least: 211_000, available: 0, affordable: false });
      const platform = await open(steered([firstRound(), secondRound()]), "claims", { estimate: short });
      await tray().findByRole("button", { name: "Raise the limit" });
      lock(platform, locked);
      await tray().findByRole("button", { name: "Unlock" });
      tray().getByRole("button", { name: "Raise the limit" });
      expect(amber(screen.getByRole("complementary", { name: "Steering tray" }))).toEqual(["Unlock"]);
      const strip = screen.getByRole("group", { name: "Steering tray" });
      expect([amber(strip), within(strip).queryByRole("button", { name: "Raise the limit" })], "where one act has room").toEqual([["Unlock"], null]);
    });

    test.each(["ineligible_models", "secrets_unavailable", "unknown_models", "insufficient_active_models"])("is told to have been refused (%s) for as long as that stands, and not once they are unlocked or a model is another", async (code) => {
      const platform = await open(steered([firstRound(), degradedRound()]), "claims", { retry_round: () => Promise.reject(new RpcError(code, "Not every seat can be called.")) });
      await press("r", { shiftKey: true });
      await waitFor(() => expect(refusal()).not.toBeNull());
      platform.emit({ type: "models_changed", models: { ...snapshot.models }, panel: snapshot.panel });
      await new Promise((resolve) => setTimeout(resolve));
      expect(refusal(), "nothing has changed").not.toBeNull();
      platform.emit({ type: "secrets_changed", secrets: locked.secrets });
      await waitFor(() => expect(refusal()).toBeNull());
      lock(platform, snapshot);
      await press("r", { shiftKey: true });
      await waitFor(() => expect(refusal()).not.toBeNull());
      platform.emit({ type: "models_changed", models: locked.models, panel: snapshot.panel });
      await waitFor(() => expect(refusal()).toBeNull());
    });

    test("is not told to have been refused where they were unlocked while it was asked", async () => {
      let refuse: () => void = () => {};
      const platform = await open(steered([firstRound(), degradedRound()]), "claims", { retry_round: () => new Promise((_, reject) => (refuse = () => reject(new RpcError("secrets_unavailable", "secrets.sealed is locked.")))) });
      platform.emit({ type: "secrets_changed", secrets: locked.secrets });
      await press("r", { shiftKey: true });
      await waitFor(() => expect(platform.argsOf("retry_round")).toHaveLength(1));
      platform.emit({ type: "secrets_changed", secrets: snapshot.secrets });
      refuse();
      // What follows an answer has been done by the next turn.
      await new Promise((resolve) => setTimeout(resolve));
      expect(refusal()).toBeNull();
    });

    test("is told to have been refused by anything else until that is dismissed", async () => {
      const platform = await open(steered([firstRound(), degradedRound()]), "claims", { retry_round: () => Promise.reject(new RpcError("store_unavailable", "The disk is full.")) });
      await press("r", { shiftKey: true });
      const told = await screen.findByText(/^Nothing was called again\./);
      lock(platform, locked);
      await screen.findByText(wait);
      expect(told.isConnected).toBe(true);
    });
  });

  test("a refused retry is told above the view", async () => {
    await open(steered([firstRound(), degradedRound()]), "claims", {
      retry_round: () => {
        throw new RpcError("unknown_models", "A seat of this session was removed.");
      },
    });
    await press("r", { shiftKey: true });
    const alert = await screen.findByText("Nothing was called again.", { exact: false });
    expect(alert.closest("[role=alert]")?.textContent).toContain("A seat of this session was removed.");
  });
});

test("a key that its provider refused is told in the same words of a seat, where it is chosen and where it is kept", () => {
  expect([m.convene.keyRefused.toLowerCase(), m.settings.providers.refused(401)]).toEqual([m.session.reason.provider_auth_failure, `${m.session.reason.provider_auth_failure} (401)`]);
});
