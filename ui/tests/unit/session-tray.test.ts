import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { readFileSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import { unwritten } from "../../src/features/deliberations/session/tray/unwritten";
import type { BridgeState } from "../../src/generated/BridgeState";
import type { ClaimGroup } from "../../src/generated/ClaimGroup";
import type { SaidInDiscord } from "../../src/generated/SaidInDiscord";
import { m } from "../../src/messages";
import { RpcError } from "../../src/platform";
import { stand } from "../fixtures/discord";
import type { FakePlatform } from "../fixtures/platform";
import { CLAIMS } from "../fixtures/rounds";
import { firstRound, fromDiscord, secondRound, steered, streamingRound } from "../fixtures/sessions";
import { snapshot } from "../fixtures/shared";
import { estimate } from "../fixtures/wallet";
import { GPT, open, press, QWEN, tray } from "./session-screen";

describe("what is sent unwritten is shown first", () => {
  const asked = () => tray().getByRole("textbox", { name: "Prompt" }).getAttribute("aria-describedby");
  const told = () => document.getElementById(asked() ?? "")?.textContent?.replace(/\s+/g, " ").trim();

  test("a stance's own sentence stands under the field until a comment does, and is told where the stance is chosen", async () => {
    await open(steered());
    await press("j");
    await press("3");
    const card = within(await tray().findByRole("article"));
    const field = card.getByRole("textbox");
    expect(document.getElementById(field.getAttribute("aria-describedby")!)?.textContent).toBe("I'm not sold on this.");
    await fireEvent.click(card.getByRole("button", { name: /Change the stance/ }));
    expect((await screen.findByRole("button", { name: "Add as SHIFT" })).title).toBe("This shifted my perspective.");
    await fireEvent.input(field, { target: { value: "Who pays?" } });
    expect(card.queryByText("I'm not sold on this.")).toBeNull();
    await fireEvent.input(field, { target: { value: "  " } });
    card.getByText("I'm not sold on this.");
  });

  test("Husting's own prompt stands above the empty field, which stays where it is at the first letter, with the claims that go along", async () => {
    await open(steered());
    expect(told()).toBe(
      `If you leave it empty, Husting asks: ${m.session.tray.unwritten.takeUp} The 3 most contested claims go with it as CHALLENGE, and the most agreed as KEEP.`,
    );
    await press("j");
    await press("3");
    await waitFor(() => expect(told()).toBe(`If you leave it empty, Husting asks this with your snippet: ${m.session.tray.unwritten.takeUp}`));
    const field = tray().getByRole("textbox", { name: "Prompt" });
    expect(field.compareDocumentPosition(document.getElementById(asked()!)!)).toBe(Node.DOCUMENT_POSITION_PRECEDING);
    await fireEvent.input(field, { target: { value: "Pick one." } });
    expect(asked()).toBeNull();
  });

  test("while a round runs nobody knows yet what it will be, and it is not told", async () => {
    await open(steered([firstRound(), streamingRound()]));
    expect(told()).toBe("If you leave it empty, Husting chooses what to ask once round 3 is over.");
    expect(screen.getByRole("group", { name: "Steering tray" }).textContent).toContain("If you leave it empty, Husting chooses what to ask once round 3 is over.");
  });

  test("and is what the rules behind the round say", () => {
    const rust = (path: string) => readFileSync(`../crates/${path}`, "utf8");
    const { takeUp, examine, answerAgain } = m.session.tray.unwritten;
    for (const words of [takeUp, examine, answerAgain]) expect(rust("deliberation/src/steering.rs")).toContain(`"${words}"`);
    for (const words of Object.values(m.parts.stock)) expect(rust("domain/src/snippets.rs")).toContain(`"${words}"`);
    const of = (...groups: ClaimGroup[]) => [{ ...firstRound(), claim_map: { ...firstRound().claim_map!, claims: groups.map((group) => ({ ...CLAIMS[0]!, group })) } }];
    expect(unwritten(of("agreed", "agreed", "open"), [])).toEqual({ prompt: examine, contested: 0, agreed: 1 });
    expect(unwritten(of("open"), [])).toEqual({ prompt: answerAgain, contested: 0, agreed: 0 });
    expect(unwritten([...of("contested"), ...of("agreed")], []), "of the newest map").toEqual({ prompt: examine, contested: 0, agreed: 1 });
    expect(unwritten([...of("contested"), { ...firstRound(), claim_map: null }], [])).toEqual({ prompt: takeUp, contested: 1, agreed: 0 });
    const [keep, challenge] = [{ type: "KEEP" }, { type: "CHALLENGE" }] as const;
    expect(unwritten(of("agreed"), [keep]).prompt).toBe(examine);
    expect(unwritten(of("agreed"), [keep, challenge]).prompt, "a CHALLENGE of the operator’s is to be taken up").toBe(takeUp);
  });
});

describe("what people in Discord have said for the next round", () => {
  const ana: SaidInDiscord = { author: "Ana", stance: "CHALLENGE", quote: "Ship **on** Friday.", quoted_model: GPT, comment: "Who is on call?" };
  const bo: SaidInDiscord = { author: "Bo", stance: "KEEP", quote: "Ship on Monday.", quoted_model: QWEN, comment: "" };
  const region = () => tray().queryByRole("region", { name: /^Said in Discord/ });
  const moves = (platform: FakePlatform, bridge: BridgeState = { state: "delivering" }) => platform.emit({ type: "discord_moved", discord: stand({ bridge }) });
  const readOut = () => screen.getAllByRole("status").map((each) => each.textContent);
  const shown = () => within(region()!).getAllByRole("listitem").map((each) => each.textContent.replace(/\s+/g, " ").trim());

  test("stands in the tray, is counted beside it, and goes with no round of the operator's", async () => {
    const platform = await open(fromDiscord(), "", { list_said: () => ({ said: [ana, bo] }) });
    await waitFor(() => expect(region()?.querySelector("h3")?.textContent).toBe("Said in Discord: 2"));
    const [gpt, qwen] = ["GPT-5.4", "Qwen 3.6 Plus"].map((name) => within(region()!).getAllByLabelText(name).length || within(region()!).getAllByTitle(name).length);
    expect([gpt, qwen]).toEqual([1, 1]);
    expect(shown()).toEqual([expect.stringMatching(/^CHALLENGE \S+ Ship on Friday\. Ana Who is on call\?$/), expect.stringMatching(/^KEEP \S+ Ship on Monday\. Bo$/)]);
    within(screen.getByRole("group", { name: "Steering tray" })).getByText("2 said in Discord");
    await press("Enter", { ctrlKey: true });
    await waitFor(() => expect(platform.argsOf("append_round").map((asked) => (asked as { snippets?: unknown[] }).snippets ?? [])).toEqual([[]]));
  });

  test("comes as soon as it is said, which is read out, and goes once a round took it along", async () => {
    let said: SaidInDiscord[] = [];
    const platform = await open(fromDiscord(), "", { list_said: () => ({ said }) });
    await waitFor(() => expect(platform.argsOf("list_said")).toEqual([{ session_id: "s-event" }]));
    expect(region()).toBeNull();
    said = [ana];
    moves(platform);
    await waitFor(() => expect(shown()).toHaveLength(1));
    expect(readOut()).toContain("Said in Discord: 1");
    said = [];
    moves(platform);
    await waitFor(() => expect(region()).toBeNull());
    expect(readOut()).not.toContain("Said in Discord: 0");
  });

  test("is not read out for standing there already, nor for being given back, and stays where nobody can be asked", async () => {
    let said = [ana, bo];
    let isAway = false;
    const answered = () => {
      if (isAway) throw new RpcError("internal", "Away.");
      return { said };
    };
    const platform = await open(fromDiscord(), "", { list_said: answered });
    await waitFor(() => expect(shown()).toHaveLength(2));
    said = [ana];
    moves(platform);
    await waitFor(() => expect(shown()).toHaveLength(1));
    said = [ana, bo];
    moves(platform);
    await waitFor(() => expect(shown()).toHaveLength(2));
    isAway = true;
    const before = platform.argsOf("list_said").length;
    moves(platform);
    await waitFor(() => expect(platform.argsOf("list_said").length).toBeGreaterThan(before));
    expect(shown()).toHaveLength(2);
    expect(readOut().filter((each) => each.startsWith("Said in Discord"))).toEqual([]);
  });

  test("is that of the newest answer, whichever comes last", async () => {
    const answers: ((list: { said: SaidInDiscord[] }) => void)[] = [];
    const platform = await open(fromDiscord(), "", { list_said: () => new Promise((resolve) => answers.push(resolve)) as never });
    await waitFor(() => expect(answers).toHaveLength(1));
    moves(platform);
    await waitFor(() => expect(answers).toHaveLength(2));
    answers[1]!({ said: [ana] });
    await waitFor(() => expect(shown()).toHaveLength(1));
    answers[0]!({ said: [ana, bo] });
    moves(platform);
    await waitFor(() => expect(answers).toHaveLength(3));
    expect(shown()).toHaveLength(1);
  });

  test("is asked for again when a round of the session begins or ends", async () => {
    const platform = await open(fromDiscord());
    await waitFor(() => expect(platform.argsOf("list_said")).toHaveLength(1));
    platform.emit({ type: "round_changed", round: secondRound({ round_id: "r-3", index: 2, status: "in_progress" }) });
    await waitFor(() => expect(platform.argsOf("list_said")).toHaveLength(2));
  });

  test("is told at the tray's button where the tray is closed", async () => {
    await open(fromDiscord(), "", { list_said: () => ({ said: [ana] }) });
    await waitFor(() => expect(region()).not.toBeNull());
    await press("t");
    const beside = screen.getAllByRole("button", { name: /^Tray/ }).map((each) => each.parentElement?.textContent.includes("1 said in Discord"));
    expect(beside, "in a wide window, and in a narrow one").toEqual([true, true]);
  });

  test("moves nothing that is read: the session is not read again for it", async () => {
    let said: SaidInDiscord[] = [];
    const platform = await open(fromDiscord(), "", { list_said: () => ({ said }) });
    await waitFor(() => expect(platform.argsOf("list_said")).toHaveLength(1));
    said = [ana];
    moves(platform);
    await waitFor(() => expect(region()).not.toBeNull());
    expect(platform.argsOf("get_session")).toHaveLength(1);
  });

  test("says that it rests while the bridge does not deliver", async () => {
    const platform = await open(fromDiscord(), "", { list_said: () => ({ said: [ana] }) });
    await waitFor(() => expect(region()).not.toBeNull());
    for (const bridge of [{ state: "off" }, { state: "paused" }, { state: "connecting", after: null }, { state: "stopped", why: "It is over." }] as BridgeState[]) {
      moves(platform);
      await within(region()!).findByText(/not with a new one that is begun here/);
      moves(platform, bridge);
      await within(region()!).findByText(/once the bridge delivers again/);
    }
  });

  test("is asked for where a session was convened there, and nowhere else", async () => {
    const platform = await open(steered());
    moves(platform);
    await waitFor(() => expect(platform.argsOf("estimate")).toHaveLength(1));
    expect(platform.argsOf("list_said")).toEqual([]);
  });
});

test("where the tray covers the view, it has the focus while it is open, and the view has it after", async () => {
  vi.stubGlobal("matchMedia", () => ({ matches: true }));
  await open(steered());
  const region = screen.getByRole("complementary", { name: "Steering tray" });
  const view = screen.getByRole("tabpanel");
  for (const closing of ["t", "Escape"]) {
    await press("t");
    await waitFor(() => expect(document.activeElement).toBe(region));
    await press(closing);
    await waitFor(() => expect(document.activeElement, closing).toBe(view));
  }
  vi.unstubAllGlobals();
});

test("where the tray covers the view, it goes for the figures, which give it no words, and for no other view", async () => {
  vi.stubGlobal("matchMedia", () => ({ matches: true }));
  await open(steered());
  const isOpen = () => document.querySelector(".desk > .tray")!.matches(".open");
  await press("t");
  for (const [view, keys] of [["Answers", "a"], ["Moved", "v"], ["Recap", "r"]] as const) {
    await press("v");
    await press(keys);
    await waitFor(() => expect(screen.getByRole("tab", { selected: true }).textContent).toContain(view));
    expect(isOpen(), view).toBe(true);
  }
  await press("v");
  await press("o");
  await waitFor(() => expect(screen.getByRole("tab", { selected: true }).textContent).toContain("Cost"));
  await waitFor(() => expect(isOpen()).toBe(false));
  vi.unstubAllGlobals();
});

test("the tray that a key opens in a narrow window has all that is in sight, however far the page was scrolled", async () => {
  vi.stubGlobal("matchMedia", () => ({ matches: true }));
  await open(steered());
  const seen: Element[] = [];
  const intoView = vi.spyOn(Element.prototype, "scrollIntoView").mockImplementation(function (this: Element) {
    seen.push(this);
  });
  await press("t");
  const region = await screen.findByRole("complementary", { name: "Steering tray" });
  await waitFor(() => expect(document.activeElement).toBe(region));
  const field = screen.getByRole("textbox", { name: "Prompt" });
  const prompt = screen.getByText("Prompt", { selector: "label" });
  expect(seen, "and in it what it is opened for, with what it is called").toEqual([region, field, prompt]);
  await press("t");
  await press("p");
  await waitFor(() => expect(document.activeElement?.tagName).toBe("TEXTAREA"));
  await waitFor(() => expect(seen).toEqual([region, field, prompt, region, field, prompt]));
  seen.length = 0;
  window.dispatchEvent(new Event("resize"));
  await waitFor(() => expect(seen, "a page that is made larger keeps what is written in sight").toEqual([region, field, prompt]));
  intoView.mockRestore();
  vi.unstubAllGlobals();
});

test("in a low window what the next round costs stays with the act that begins it, told once", async () => {
  for (const isLow of [false, true]) {
    vi.stubGlobal("matchMedia", (query: string) => ({ matches: isLow && query.includes("max-height: 699px"), addEventListener: () => {}, removeEventListener: () => {} }));
    await open(steered());
    const region = within(screen.getByRole("complementary", { name: "Steering tray" }));
    const act = region.getByRole("button", { name: /^Next round/ });
    await waitFor(() => expect(region.getByRole("group", { name: "Estimate" }).querySelector(".sum b")?.textContent).toMatch(/^\$/));
    expect(region.getAllByRole("group", { name: "Estimate" })).toHaveLength(1);
    expect(act.closest(".acts")!.contains(region.getByRole("group", { name: "Estimate" })), isLow ? "it stays" : "it has the room").toBe(isLow);
    const rest = document.querySelector(".foot .cost")!;
    expect(rest.textContent, "what is said of it stands with the rest").not.toBe("");
    expect(region.getByRole("group", { name: "Estimate" }).getAttribute("aria-describedby")).toBe(isLow ? rest.id : null);
    cleanup();
  }
  vi.unstubAllGlobals();
});

test.each([
  [900, "the rest, above the act", 0],
  [600, "the act that mends it", 1],
  [300, "the rest, which scrolls", 0],
])("in a window of %i pixels that the next round cannot be paid is told once, with %s", async (height, _, withAct) => {
  vi.stubGlobal("matchMedia", (query: string) => ({ matches: height <= Number(/max-height: (\d+)px/.exec(query)?.[1] ?? 0), addEventListener: () => {}, removeEventListener: () => {} }));
  await open(steered(), "claims", { estimate: () => ({ ...estimate(snapshot.panel.seats), affordable: false, least: 450_000, available: 20_000 }) });
  const region = within(screen.getByRole("complementary", { name: "Steering tray" }));
  const told = await region.findAllByText(/^The round sets aside at least/);
  expect(told.map((each) => each.closest(".acts") !== null)).toEqual([withAct === 1]);
  vi.unstubAllGlobals();
});

test("what scrolls in the tray fades at both its ends, in a low window beneath the title, and its field is of whole lines", () => {
  const source = readFileSync("src/features/deliberations/session/tray/Tray.svelte", "utf8");
  expect(source).toMatch(/class="snippets" data-from-end \{@attach edges\}/);
  expect(source).toMatch(/<aside [^>]*\{@attach edges\}/);
  expect(source).toMatch(/aside:global\(\[data-more~="above"\]\) > header::after \{[^}]*linear-gradient/);
  const heights = [...source.matchAll(/(?:min|max)-height: calc\((?:(\d+) \* )?21px \+ 16px\)/g)].map(([, lines = "1"]) => Number(lines));
  expect(heights, "lines, with the room above and below them").toEqual([4, 9, 1, 4, 3, 2]);
  expect(source, "which does not scroll with them").toMatch(/padding: 0 10px; border: solid transparent; border-width: 8px 0;/);
});

test.each(["live", "map"])("the tray that does not stand beside the view %s is opened by a button, as by its key", async (tab) => {
  await open(steered(), tab);
  const box = document.querySelector(".desk > .tray")!;
  const beside = () => box.matches(".default, .open");
  expect(beside()).toBe(false);
  const bar = within(screen.getByRole("tablist", { name: "Views of the session" }).parentElement!);
  await fireEvent.click(bar.getByRole("button", { name: "Tray" }));
  expect(beside()).toBe(true);
  expect(bar.queryByRole("button", { name: "Tray" }), "beside the view it says itself how it closes").toBeNull();
  await press("t");
  await waitFor(() => expect(beside()).toBe(false));
  bar.getByRole("button", { name: "Tray" });
});
