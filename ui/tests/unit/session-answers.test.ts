import { fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, test } from "vitest";
import { CLAIMS } from "../fixtures/rounds";
import { firstRound, steered } from "../fixtures/sessions";
import { ACK, cards, open, press, QWEN, rows, shownTab, tray } from "./session-screen";

describe("words that are selected", () => {
  const choose = async (text: Text, from: number, to: number) => {
    document.getSelection()!.setBaseAndExtent(text, from, text, to);
    document.dispatchEvent(new Event("selectionchange"));
    await Promise.resolve();
  };

  test("of a comment are not forwarded, and nor is the claim it stands on: a hint says why", async () => {
    await open(steered());
    await press("j");
    const position = CLAIMS[0]!.positions[0]!;
    const comment = within(rows()[0]!).getByText(position.comment).firstChild as Text;
    await choose(comment, 0, 8);
    await screen.findByText("Only words of an answer can be forwarded.");
    await press("2");
    expect(cards()).toEqual([]);
    await press("j");
    await press("k");
    document.dispatchEvent(new Event("selectionchange"));
    await waitFor(() => expect(screen.queryByText("Only words of an answer can be forwarded.")).toBeNull());
    await press("2");
    await waitFor(() => expect(cards()).toEqual([`EXPLORE: ${CLAIMS[0]!.quote}`]));
  });

  test("of an answer in the transcript go to the tray", async () => {
    await open(steered(), "transcript");
    const said = [...document.querySelectorAll<HTMLElement>("[data-s]")].find((each) => each.textContent?.includes("Change streams hand you"))!;
    const text = said.firstChild as Text;
    const at = text.data.indexOf("resumable feed");
    await choose(text, at, at + "resumable feed".length);
    await screen.findByRole("button", { name: "Add as SHIFT" });
    await press("5");
    await waitFor(() => expect(cards()).toEqual(["SHIFT: resumable feed"]));
  });

  test("of a claim in the transcript go to the tray with their author", async () => {
    await open(steered(), "transcript");
    const quote = document.querySelector<HTMLElement>(`[data-author="${QWEN}"]`)!.firstChild as Text;
    await choose(quote, 0, quote.data.length);
    await press("1");
    await waitFor(() => expect(cards()).toHaveLength(1));
    expect(tray().getByRole("article").textContent).toContain(quote.data.slice(0, 20));
  });

  test("selected words go to the tray, whole, with their author; digits typed into the prompt do not", async () => {
    const platform = await open(steered(), "", { append_round: () => ACK });
    const said = rows()[1]!.querySelector(".quote-words")!.firstChild as Text;
    const at = said.data.indexOf("end up running");
    document.getSelection()!.setBaseAndExtent(said, at + 1, said, at + 10);
    document.dispatchEvent(new Event("selectionchange"));
    await screen.findByRole("button", { name: "Add as SHIFT" });
    await press("5");
    await waitFor(() => expect(cards()).toEqual(["SHIFT: end up running"]));
    const prompt = tray().getByRole("textbox", { name: "Prompt" });
    prompt.focus();
    await press("1");
    expect(cards()).toHaveLength(1);
    await fireEvent.input(prompt, { target: { value: "Pick one." } });
    await press("Enter", { ctrlKey: true });
    await waitFor(() => expect(platform.argsOf("append_round")).toHaveLength(1));
    expect(platform.argsOf("append_round")[0]).toEqual({
      session_id: "s-event",
      prompt: "Pick one.",
      snippets: [{ type: "SHIFT", quote: "end up running", quoted_model: QWEN, comment: null, confidence: null }],
      recap_round: false,
      recap_session: false,
    });
  });
});

test.each([["j", "k"], ["ArrowDown", "ArrowUp"]])("%s and %s go through what was quoted of an answer", async (next, before) => {
  await open(steered(), "answers/0");
  await waitFor(() => expect(shownTab()).toMatch(/^Answers/));
  const chosen = () => [...document.querySelectorAll("#screen [aria-current], #screen .chosen, #screen [aria-selected=true]:not([role=tab])")].map((each) => each.textContent).join("|");
  const at = chosen();
  await press(next);
  await waitFor(() => expect(chosen()).not.toBe(at));
  const first = chosen();
  await press(next);
  await waitFor(() => expect(chosen()).not.toBe(first));
  await press(before);
  await waitFor(() => expect(chosen()).toBe(first));
});

describe("words that keys choose", () => {
  test("any run of words goes to the tray by keys alone", async () => {
    await open(steered());
    const key = async (name: string, init: KeyboardEventInit = {}) => {
      await press(name, init);
      document.dispatchEvent(new Event("selectionchange"));
    };
    await key("j");
    await key("Enter");
    await waitFor(() => expect(shownTab()).toMatch(/^Answers/));
    await key("w");
    expect(document.getSelection()!.toString()).toBe("A");
    for (let each = 0; each < 4; each += 1) await key("ArrowRight");
    await key("ArrowRight", { shiftKey: true });
    await key("ArrowRight", { shiftKey: true });
    await key("3");
    await waitFor(() => expect(cards()).toEqual(["CHALLENGE: key gives optimistic"]));
    expect(document.getSelection()!.toString()).toBe("optimistic");
    const added = "Added as CHALLENGE: key gives optimistic";
    within(screen.getByRole("note")).getByText(added);
    await key("ArrowLeft");
    expect(within(screen.getByRole("note")).queryByText(added), "until the keys move on").toBeNull();
    await key("Escape");
    expect(document.getSelection()!.toString()).toBe("");
    await key("ArrowRight");
    await waitFor(() => expect(screen.getByRole("radio", { name: /GPT/ })).toHaveProperty("checked", true));
  });

  test("words are chosen in the answer that has taken the place of another", async () => {
    await open(steered(), "answers");
    const said = (name: string) => screen.getByRole("region", { name: `What ${name} answered` });
    await press("w");
    await press("ArrowRight");
    expect(said("Claude Opus 4.7").contains(document.getSelection()!.anchorNode)).toBe(true);
    await press("l");
    await waitFor(() => expect(said("GPT-5.4")).toBeTruthy());
    await press("ArrowRight");
    expect(document.getSelection()!.toString()).toBe("A");
    expect(said("GPT-5.4").contains(document.getSelection()!.anchorNode)).toBe(true);
    await press("ArrowRight");
    expect(document.getSelection()!.toString()).toBe("transactional");
  });

  test("words that keys had chosen go with their view, and the next one does not say that they cannot be taken", async () => {
    await open(steered(), "answers");
    await press("w");
    await press("ArrowRight", { shiftKey: true });
    expect(document.getSelection()!.toString()).not.toBe("");
    await press("v");
    await press("c");
    await screen.findByRole("grid");
    await waitFor(() => expect(document.getSelection()!.toString()).toBe(""));
    expect(screen.queryByText("Only words of an answer can be forwarded.")).toBeNull();
  });

  test("the keys of words stand below the view, which keeps its own in sight", async () => {
    await open(steered());
    await press("w");
    const keys = await screen.findByRole("note");
    expect(keys.textContent).toContain("add to the tray");
    const said = screen.getByText(/^A\. The arrow keys go from word to word/, { selector: "[role=status]" });
    await press("ArrowRight");
    await waitFor(() => expect(said.textContent).toBe(document.getSelection()!.toString()));
    expect(keys.parentElement!.lastElementChild).toBe(keys);
    expect(screen.getByRole("grid").compareDocumentPosition(keys) & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy();
  });
});

test("how sure a seat says it is stands beside the words that it says it of, which are quoted", async () => {
  const round = firstRound();
  const [first, ...others] = round.answers;
  await open(steered([{ ...round, answers: [{ ...first!, claim_confidence: [{ text: "What would change **my** mind is one number.", score: 900 }] }, ...others] }]), "answers");
  const said = (await screen.findByText("Confidence")).parentElement!;
  expect([...said.querySelector("dd")!.children].map(({ textContent }) => textContent)).toEqual(["90 %", "“What would change my mind is one number.”"]);
});
