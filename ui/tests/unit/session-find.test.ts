import { fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, test } from "vitest";
import { CLAIMS } from "../fixtures/rounds";
import { firstRound, secondRound, steered, streamingRound } from "../fixtures/sessions";
import { open, press, QWEN, rows, shownTab } from "./session-screen";

describe("finding words in a session", () => {
  const find = async (typed: string) => {
    await press("f", { ctrlKey: true });
    const field = await screen.findByRole("searchbox", { name: "Find in this session" });
    await fireEvent.input(field, { target: { value: typed } });
    return within(screen.getByRole("search"));
  };
  const selected = () => document.getSelection()!.toString();

  test("counts answers, claims and comments of all rounds, and goes from one to the next wherever it stands", async () => {
    await open(steered());
    const bar = await find("DEBEZIUM");
    // Each round: the answer and the claim about it. The second round is shown, with its claims.
    bar.getByText("4 of 4");
    await waitFor(() => expect(selected()).toBe("Debezium"));
    expect(screen.getByRole("row", { selected: false, name: /Change streams/ })).toBeTruthy();
    await press("Enter");
    await bar.findByText("1 of 4");
    bar.getByText("Round 1,");
    bar.getByText("Qwen 3.6 Plus");
    await waitFor(() => expect(shownTab()).toMatch(/^Answers/));
    expect(screen.getByRole("radio", { name: "Round 1" })).toHaveProperty("checked", true);
    expect(screen.getByRole("radio", { name: /Qwen/ })).toHaveProperty("checked", true);
    await waitFor(() => expect(selected()).toBe("Debezium"));
    await press("Enter");
    await waitFor(() => expect(shownTab()).toMatch(/^Claims/));
    expect(screen.getByRole("row", { selected: true }).dataset.claim).toBe("c2");
    await press("Enter", { shiftKey: true });
    await waitFor(() => expect(shownTab()).toMatch(/^Answers/));
    await press("Escape");
    expect(screen.queryByRole("search")).toBeNull();
  });

  test.each(["debezium", "**Debezium** or polling"])("goes to “%s” in the answer that a search over everything found", async (sought) => {
    await open(steered(), `answers/0/find/${encodeURIComponent(sought)}/${encodeURIComponent(QWEN)}`);
    const bar = within(await screen.findByRole("search"));
    await bar.findByText("1 of 4");
    expect(screen.getByRole("radio", { name: /Qwen/ })).toHaveProperty("checked", true);
    await waitFor(() => expect(selected().toLowerCase()).toBe("debezium"));
  });

  test("goes first to the first one, though none is in sight", async () => {
    await open(steered(), "answers/0");
    const bar = await find("resonates with me");
    // A comment on one claim of the first round, and on three of the second.
    bar.getByText("4 found");
    expect(shownTab()).toMatch(/^Answers/);
    await press("Enter");
    await bar.findByText("1 of 4");
    await waitFor(() => expect(shownTab()).toMatch(/^Claims/));
    expect(screen.getByRole("radio", { name: "Round 1" })).toHaveProperty("checked", true);
    expect(screen.getByRole("row", { selected: true }).dataset.claim).toBe("c3");
    await waitFor(() => expect(selected()).toBe("resonates with me"));
  });

  test("opens the answer that has it in the place of another seat's", async () => {
    await open(steered(), "answers");
    const bar = await find("debezium");
    bar.getByText("4 found");
    expect(screen.getByRole("radio", { name: /Claude/ })).toHaveProperty("checked", true);
    await press("Enter");
    await bar.findByText("3 of 4");
    bar.getByText("Round 2,");
    bar.getByText("Qwen 3.6 Plus");
    expect(screen.getByRole("radio", { name: /Qwen/ })).toHaveProperty("checked", true);
    expect(shownTab()).toMatch(/^Answers/);
    await waitFor(() => expect(selected()).toBe("Debezium"));
  });

  test("finds what a seat said to a claim, though a filter hides the row", async () => {
    await open(steered());
    await press("/");
    const filter = within(await screen.findByRole("group", { name: "Filter claims" }));
    await fireEvent.click(filter.getByRole("button", { name: "Open" }));
    await waitFor(() => expect(rows()).toHaveLength(1));
    await press("Escape");
    const bar = await find("cheap now");
    await press("Enter");
    await bar.findByText("1 of 1");
    await waitFor(() => expect(selected()).toBe("Cheap now"));
    expect(rows()).toHaveLength(CLAIMS.length);
  });

  test("unfolds the quotes that could not be verified", async () => {
    await open(steered());
    const bar = await find("inside one shard");
    await press("Enter");
    await bar.findByText("1 of 1");
    await waitFor(() => expect(selected()).toBe("inside one shard"));
  });

  test("ends where nothing it found can stand, and begins again there when asked", async () => {
    await open(steered(), "answers");
    await find("debezium");
    await fireEvent.click(screen.getByRole("tab", { name: /^Cost/ }));
    await waitFor(() => expect(screen.queryByRole("search")).toBeNull());
    await find("debezium");
    await press("Enter");
    await waitFor(() => expect(shownTab()).not.toBe("Cost"));
    expect(screen.queryByRole("search")).not.toBeNull();
  });

  test("stays with the words that stream, and says when nothing is found", async () => {
    await open(steered([firstRound(), secondRound(), streamingRound()]));
    const bar = await find("flexible documents");
    bar.getByText(/^\d+ of \d+$/);
    expect(shownTab()).toBe("Live");
    await fireEvent.input(screen.getByRole("searchbox", { name: "Find in this session" }), { target: { value: "zeppelin" } });
    bar.getByText("Not found");
    expect(bar.getByRole("button", { name: "Next match" })).toHaveProperty("disabled", true);
  });
});
