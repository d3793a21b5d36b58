import { mount } from "svelte";
import App from "../../src/App.svelte";
import "../../src/styles/fonts.css";
import "../../src/styles/tokens.css";
import "../../src/styles/base.css";
import "../../src/styles/stance.css";
import type { SessionView } from "../../src/generated/SessionView";
import { RpcError } from "../../src/platform";
import { FakePlatform } from "../fixtures/platform";
import { ANSWERS, CLAIMS } from "../fixtures/rounds";
import { FAILURE, none, recapped, SECOND_RECAP, SYNTHESIS } from "../fixtures/recaps";
import { carried, wide } from "../fixtures/maps";
import { degradedRound, firstRound, fromDiscord, large, secondRound, steered, streamingRound, twice } from "../fixtures/sessions";
import { seats, snapshot } from "../fixtures/shared";

// ?theme=dark&state=…&do=keys:j,j,1&stream=200#/deliberations/s-event/claims
const query = new URLSearchParams(location.search);
const theme = query.get("theme") === "light" ? "light" : "dark";
const streaming = streamingRound({ phase_started_at: ago(31), started_at: ago(31), deadline_at: ago(-119) });
const sessions: Record<string, () => SessionView> = {
  done: () => steered(),
  live: () => steered([firstRound(), secondRound(), streaming]),
  degraded: () => steered([firstRound(), degradedRound()]),
  large: () => large(200),
  carried,
  wide: () => wide(200),
  twice,
  recapped: () => recapped(),
  unrecapped: () => recapped(none, none),
  pending: () => recapped({ ...none, status: "pending" }, { ...none, status: "pending" }),
  unwritten: () => recapped({ ...SYNTHESIS, status: "failed", failure: "Round 2 has no recap, so there is no synthesis." }, { ...SECOND_RECAP, recap: null, status: "failed", failure: FAILURE }),
  agent: () => keyed(),
  rehearsal: () => rehearsed(),
  twins: () => named("GPT-5.4"),
  discord: fromDiscord,
  empty: () =>
    steered([firstRound({ claim_map: { ...firstRound().claim_map!, claims: [] }, summary: { ...firstRound().summary, claims: 0, no_claims_because: "one_answer" } })]),
};
const view = (sessions[query.get("state") ?? "done"] ?? sessions.done!)();
const running = view.rounds.filter((round) => round.status === "in_progress");
const draft = {
  prompt: "Resolve it. Forty events a second, four developers, Postgres already runs billing. Pick one, and name the single measurement that would change your mind.",
  snippets: [
    { type: "CORE", quote: CLAIMS[3]!.quote, quoted_model: seats[1]!.model, comment: "Treat this as the criterion.", own: false },
    { type: "CHALLENGE", quote: "MongoDB makes you build it", quoted_model: seats[0]!.model, comment: "Qwen has a point about the compound index. Restate or defend.", own: false },
  ],
};
const platform = new FakePlatform(
  { ...snapshot, running, settings: { ...snapshot.settings, theme } },
  {
    get_session: () => view,
    list_said: () => ({
      said: [
        { author: "Ana", stance: "CHALLENGE", quote: CLAIMS[0]!.quote, quoted_model: CLAIMS[0]!.originator, comment: "Who restores it at night?" },
        { author: "Bartholomew of the night shift", stance: "KEEP", quote: CLAIMS[1]!.quote, quoted_model: CLAIMS[1]!.originator, comment: "" },
      ],
    }),
    draft: () => ({ body: query.has("blank") ? null : JSON.stringify(draft) }),
    append_round: () => {
      throw new RpcError("credit_exhausted", "this needs $0.10 and the wallet has $0.08");
    },
    export_session: () => ({ file_name: "session.md", text: "# Transcript" }),
  },
);

localStorage.clear();
mount(App, { target: document.getElementById("app")!, props: { platform } });
setTimeout(act, 400);
if (query.has("stream")) stream(Number(query.get("stream")));

/** A rehearsal with a long question. */
function rehearsed(): SessionView {
  const view = steered();
  const title = "Should a team of four that already runs billing on Postgres keep its event store there, or move it to MongoDB before the second team arrives?";
  return { ...view, summary: { ...view.summary, title, rehearsal: true } };
}

/** Opened and steered by an agent with a key. */
function keyed(): SessionView {
  const view = steered([firstRound({ moderator_name: "Scout", asked_by: "key laptop" }), secondRound({ moderator_name: "Scout", asked_by: "key laptop" })]);
  return { ...view, summary: { ...view.summary, source: "mcp" }, opened_by: "key laptop", application: "Claude Code" };
}

/** Two seats of one name. */
function named(name: string): SessionView {
  const view = steered();
  const twins = view.summary.seats.map((seat, at) => (at === 0 ? { ...seat, display_name: name } : seat));
  return { ...view, summary: { ...view.summary, seats: twins } };
}

function ago(seconds: number): string {
  return new Date(Date.now() - seconds * 1_000).toISOString();
}

// Presses keys one after the other, as a person would; "select:words" selects those words first.
async function act() {
  for (const key of (query.get("do") ?? "").split(",").filter(Boolean)) {
    if (key.startsWith("select:")) select(key.slice(7));
    else if (key.startsWith("click:")) document.querySelector<HTMLElement>(`[aria-label="${key.slice(6)}"], ${key.slice(6)}`)?.click();
    else (document.activeElement ?? document.body).dispatchEvent(press(key));
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  }
}

function press(chord: string): KeyboardEvent {
  const parts = chord.split("+");
  const key = parts.at(-1) ?? "";
  return new KeyboardEvent("keydown", { key, ctrlKey: parts.includes("Ctrl"), shiftKey: parts.includes("Shift"), bubbles: true, cancelable: true });
}

function select(words: string) {
  const walker = document.createTreeWalker(document.querySelector("main")!, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode as Text;
    const at = node.data.indexOf(words);
    if (at < 0) continue;
    document.getSelection()!.setBaseAndExtent(node, at, node, at + words.length);
    return;
  }
}

// All seats write at so many tokens a second, a token being four characters.
function stream(rate: number) {
  const round = running[0];
  if (!round) return;
  const sources = round.answers.filter((call) => call.state === "streaming");
  const lengths = new Map(sources.map((call) => [call.model, call.text.length]));
  const long = (model: string) => `${ANSWERS[model]}\n\n`.repeat(60);
  setInterval(() => {
    for (const { model } of sources) {
      const from = lengths.get(model) ?? 0;
      const text = long(model).slice(from, from + Math.ceil((rate * 4) / 50));
      platform.emit({ type: "seat_text", session_id: round.session_id, round_id: round.round_id, model, purpose: "respond", offset: from, text });
      lengths.set(model, from + text.length);
    }
  }, 20);
}
