import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { readFileSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import { plain } from "../../src/features/deliberations/session/words";
import { firstRound, secondRound, steered, streamingRound } from "../fixtures/sessions";
import { bare, GPT, open, press, QWEN, shownTab, tray } from "./session-screen";

test("what steered a finished round stands above its answers and where it is watched; nothing does above the first's", async () => {
  await open(steered(), "answers");
  const line = () => document.querySelector(".line .asked")?.textContent;
  await waitFor(() => expect(line()).toBe(plain(secondRound().prompt)));
  await fireEvent.click(screen.getByRole("tab", { name: "Live" }));
  await screen.findByRole("region", { name: "Live" });
  expect(line()).toBe(plain(secondRound().prompt));
  await press("[");
  await waitFor(() => expect(line()).toBeUndefined());
});

test.each([
  [0, 3, "before it is drawn"],
  [300, 1, "one, however narrow"],
  [280 + 2 * 176 - 1, 1, "a pixel short of two"],
  [280 + 2 * 176, 2, "as wide as two"],
  [1_160, 5, "in the design's window"],
  [4_000, 6, "all there are"],
])("a line %s pixels wide shows %s of the words that steered a round: %s", async (width, shown) => {
  const widths = vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(width);
  const [first] = secondRound().snippets;
  const snippets = Array.from({ length: 6 }, (_, at) => ({ ...first!, quote: `Words ${at}.` }));
  await open(steered([firstRound(), secondRound({ snippets })]), "answers");
  const line = (await screen.findByText("Words 0.")).closest<HTMLElement>(".line")!;
  expect([...line.querySelectorAll("q")].map((quote) => quote.textContent)).toEqual(snippets.slice(0, shown).map(({ quote }) => quote));
  const more = within(line).queryByRole("link");
  expect(more?.textContent ?? null).toBe(shown < 6 ? `and ${6 - shown} more` : null);
  if (more) expect(more.getAttribute("href"), "the transcript has them all").toBe("#/deliberations/s-event/transcript/1");
  widths.mockRestore();
});

describe("a running round", () => {
  const live = () => steered([firstRound(), secondRound(), streamingRound()]);

  test("that many snippets steer shows as many as can be read, and leads to the others", async () => {
    const snippet = (quote: string) => ({ type: "KEEP" as const, quote, quoted_model: GPT, comment: null, confidence: null, quote_status: "exact" as const });
    const many = ["first words", "second words", "third words", "fourth words", "fifth words"].map(snippet);
    await open(steered([firstRound(), secondRound(), streamingRound({ snippets: many })]), "live");
    await screen.findByText("third words");
    expect(screen.queryByText("fourth words")).toBeNull();
    expect(screen.getByRole<HTMLAnchorElement>("link", { name: "and 2 more" }).hash).toBe("#/deliberations/s-event/transcript/2");
  });

  test("steered by words of its steerer's own names no seat beside them", async () => {
    const own = { type: "KEEP" as const, quote: "Nobody said this.", quoted_model: GPT, comment: null, confidence: null, quote_status: "not_found" as const };
    await open(steered([firstRound(), secondRound(), streamingRound({ snippets: [own], moderator_name: "Scout" })]), "live");
    const line = screen.getByText("Nobody said this.").parentElement!;
    expect(line.textContent!.replace(/\s+/g, " ").trim()).toBe("KEEP their own words Nobody said this.");
    expect(line.querySelector("q")).toBeNull();
  });

  test("opens live, grows in place, and turns into its claims when it ends", async () => {
    let view = live();
    const platform = await open(() => view);
    expect(shownTab()).toBe("Live");
    const written = streamingRound().answers[1]!.text;
    platform.emit({ type: "seat_text", session_id: "s-event", round_id: "r-3", model: GPT, purpose: "respond", offset: written.length, text: " Sehr wohl." });
    await screen.findByText(/Sehr wohl\./);

    const ended = secondRound({ round_id: "r-3", index: 2, progress_version: 0 });
    view = steered([firstRound(), secondRound(), ended]);
    platform.emit({ type: "round_changed", round: bare(ended) });
    await waitFor(() => expect(shownTab()).toMatch(/^Claims/));
    await press("v");
    await press("a");
    await screen.findByText(/Never let a consumer read the event table/);
  });

  test("shows a second try with the provider's words a click away", async () => {
    await open(live());
    const column = within(screen.getByRole("article", { name: "Qwen 3.6 Plus’s answer" }));
    expect(column.getByText(/Second try, 4 s after/).textContent).toContain("rate_limit");
    await fireEvent.click(column.getByRole("button", { name: "OpenRouter’s words" }));
    column.getByText(/Slow down/);
  });

  test("shows what kept a second try waiting as nobody's words where the provider may not have been reached", async () => {
    const running = streamingRound();
    const retrying = { attempt: 2, code: "max_retries_exceeded" as const, message: "127.0.0.1:9 was not reached: Connection refused", after_ms: 4_000 };
    const answers = running.answers.map((one) => (one.retrying ? { ...one, retrying } : one));
    await open(steered([firstRound(), secondRound(), { ...running, answers }]));
    const column = within(screen.getByRole("article", { name: "Qwen 3.6 Plus’s answer" }));
    expect(column.queryByRole("button", { name: /words/ })).toBeNull();
    await fireEvent.click(column.getByRole("button", { name: "Details" }));
    column.getByText(retrying.message);
  });

  test("keeps the second try on the seat while its words come", async () => {
    const platform = await open(live());
    const round = streamingRound();
    const answers = round.answers.map((each) => ({ ...each, retrying: null }));
    platform.emit({ type: "round_changed", round: bare({ ...round, progress_version: 41, answers }) });
    platform.emit({ type: "seat_text", session_id: "s-event", round_id: "r-3", model: QWEN, purpose: "respond", offset: round.answers[2]!.text.length, text: " again" });
    const column = within(screen.getByRole("article", { name: "Qwen 3.6 Plus’s answer" }));
    await column.findByText(/ again$/);
    column.getByText(/Second try, 4 s after/);
  });

  test.each([
    ["error", "stream_interrupted", "1 streaming, 1 answered, 1 failed"],
    ["error", "cancelled", "1 streaming, 1 answered, 1 stopped"],
    ["streaming", null, "2 streaming, 1 answered"],
  ] as const)("counts every seat of the panel: the last is %s, %s", async (state, error_code, said) => {
    const round = streamingRound();
    const answers = round.answers.map((each, at) => (at === 2 ? { ...each, state, error_code, retrying: null } : each));
    await open(steered([firstRound(), secondRound(), { ...round, answers }]), "live");
    expect(screen.getByRole("list", { name: "Phases of the round" }).textContent).toContain(said);
  });

  test("says of a phase that is to come only what it waits for", async () => {
    await open(steered([firstRound(), secondRound(), streamingRound()]), "live");
    const phases = within(screen.getByRole("list", { name: "Phases of the round" })).getAllByRole("listitem");
    expect(phases.slice(1).map((each) => each.textContent!.replace(/\s+/g, " ").trim())).toEqual(["React when all have answered", "Map"]);
  });

  test("is timed against the last deadline of those still at work, not of one that is done", async () => {
    const round = streamingRound();
    const answers = round.answers.map((each, at) => ({ ...each, deadline_at: at === 0 ? "2026-11-20T14:42:16Z" : "2026-11-20T14:34:46Z" }));
    const whole = { ...round, deadline_at: "2026-11-20T14:42:16Z", answers };
    const clock = () => within(screen.getByRole("list", { name: "Phases of the round" })).getByText(/ of /).textContent;
    await open(steered([firstRound(), secondRound(), whole]), "live");
    expect(clock()).toMatch(/ of 2:30$/);
    cleanup();
    const waiting = answers.map((each, at) => (at === 0 ? { ...each, state: "streaming" as const } : each));
    await open(steered([firstRound(), secondRound(), { ...whole, answers: waiting }]), "live");
    expect(clock()).toMatch(/ of 10:00$/);
  });

  test("shows about what a priced seat has cost so far, until the settled figure takes its place", async () => {
    const whole = streamingRound();
    const round = { ...whole, reactions: whole.reactions.map((each) => ({ ...each, cost: 0 })) };
    const unsettled = round.answers.map((each) => (each.state === "streaming" ? { ...each, cost: 0 } : each));
    const platform = await open(steered([firstRound(), secondRound(), { ...round, answers: unsettled }]), "live");
    const column = screen.getByRole("article", { name: "GPT-5.4’s answer" });
    const figure = () => column.querySelector(".figures b")!.textContent;
    expect(figure()).toMatch(/^≈\s\$0\.0\d{3}$/);
    const spent = () => screen.getByText(/^Spent/).textContent!.replace(/\s+/g, " ").trim();
    expect(spent()).toMatch(/^Spent ≈ \$0\.\d{4} so far$/);
    const settled = unsettled.map((each) => (each.model === GPT ? { ...each, state: "final" as const, cost: 6_120 } : each));
    platform.emit({ type: "round_changed", round: bare({ ...round, answers: settled }) });
    await waitFor(() => expect(figure()).toBe("$0.0061"));
  });

  test("one seat can be stopped, and the round cancelled, from the keyboard", async () => {
    const platform = await open(live(), "", { stop_seat: () => ({}), cancel_round: () => ({}) });
    const column = within(screen.getByRole("article", { name: "GPT-5.4’s answer" }));
    await fireEvent.click(column.getByRole("button", { name: /Stop/ }));
    await press(".", { ctrlKey: true });
    await waitFor(() => expect(platform.argsOf("cancel_round")).toEqual([{ session_id: "s-event" }]));
    expect(platform.argsOf("stop_seat")).toEqual([{ session_id: "s-event", model: GPT }]);
  });

  test("changes of state are read out, streaming words are not", async () => {
    const platform = await open(live());
    const voice = () => [...document.querySelectorAll("p.sr-only[role=status]")].map((each) => each.textContent).join("");
    platform.emit({ type: "seat_text", session_id: "s-event", round_id: "r-3", model: GPT, purpose: "respond", offset: streamingRound().answers[1]!.text.length, text: " more" });
    await screen.findByText(/ more$/);
    expect(voice()).toBe("");
    const round = streamingRound();
    const answers = round.answers.map((call) => (call.model === GPT ? { ...call, state: "final" as const } : call));
    platform.emit({ type: "round_changed", round: bare({ ...round, answers }) });
    await waitFor(() => expect(voice()).toBe("GPT-5.4 answered. 2 of 3."));
  });

  test("numbers the sentences of an answer once its served words are known", async () => {
    let view = live();
    const platform = await open(() => view, "answers");
    await fireEvent.click(screen.getByRole("radio", { name: /GPT/ }));
    const round = streamingRound();
    const [offset, ended] = [round.answers[1]!.text.length, secondRound({ round_id: "r-3", index: 2 })];
    platform.emit({ type: "seat_text", session_id: "s-event", round_id: "r-3", model: GPT, purpose: "respond", offset, text: " And then some." });
    const answers = round.answers.map((call) => (call.model === GPT ? ended.answers[1]! : call));
    platform.emit({ type: "round_changed", round: bare({ ...round, answers }) });
    await screen.findByText(/And then some\./);
    await waitFor(() => expect(document.querySelector(".markdown.live")).toBeNull());
    expect(document.querySelector(".anchor")).toBeNull();

    view = steered([firstRound(), secondRound(), ended]);
    platform.emit({ type: "round_changed", round: bare(ended) });
    await waitFor(() => expect(document.querySelectorAll(".anchor")).toHaveLength(ended.answers[1]!.sentences.length));
    expect(screen.queryByText(/And then some\./)).toBeNull();
  });

  test("what it cost is read out as it is seen, again once its recap is paid too", async () => {
    let view = live();
    const platform = await open(() => view);
    const ended = secondRound({ round_id: "r-3", index: 2 });
    const costs = (cost: number) => {
      const round = { ...ended, summary: { ...ended.summary, cost } };
      view = steered([firstRound(), secondRound(), round]);
      platform.emit({ type: "round_changed", round: bare(round) });
    };
    costs(9_200);
    await screen.findByText(/^The round is over\. .*\$0\.0092/);
    costs(10_900);
    await screen.findByText("With its recap, the round cost $0.0109.");
  });

  test("the next round waits, and the tray says for what", async () => {
    const platform = await open(live());
    await press("t");
    tray().getByText(/Round 3 is running/);
    await press("Enter", { ctrlKey: true });
    expect(platform.argsOf("append_round")).toEqual([]);
  });
});

test("what is small stands clear of its edges: a state of two lines, and the retry beside what went wrong", () => {
  const source = (path: string) => readFileSync(`src/features/deliberations/${path}.svelte`, "utf8");
  expect(source("new/SeatPicker")).toMatch(/td\.state \{ padding-block: 5px;/);
  expect(source("session/live/SeatTrouble"), "it is higher than its line by as much").toMatch(/\.act \{ flex: none; margin: -5px 0 -5px auto; \}/);
  expect(source("session/live/PhaseBar"), "the running phase has the room").toMatch(/max-width: 460px\) \{[^}]*\} \.ahead \{ min-width: 56px;/);
});
