import { describe, expect, test } from "vitest";
import type { Answered } from "../../src/features/bus/answered";
import { asideOf, bodyOf, letterIn, meeting, type Letter, type Meeting } from "../../src/features/bus/letter";

const asked = (message_id: string): Answered => ({ message_id, from: "agent:loom", from_agent: "a-loom", origin: "agent" });
const letter = (to: string, text: string, answering: Answered | null = null): Letter => ({ text, to, name: to, asks: false, answering });
const loom = (text: string) => letter("loom", text);
const kasra = (text: string) => letter("kasra", text);
const reply = (to: string, text: string, message_id = "m-1") => letter(to, text, asked(message_id));

describe("two consoles’ letters in one draft", () => {
  interface Case {
    known?: Letter;
    here?: Letter;
    there?: Letter;
    /** Another’s letter stands where the one here was kept. */
    displaced?: true;
    becomes: Meeting;
  }
  const one = (it: Letter | null): Meeting => ({ kind: "one", letter: it });

  test.each<[string, Case]>([
    ["for two readers: the one here stands there already, and makes room", { known: loom("Hold."), here: loom("Hold."), there: kasra("Book it."), becomes: { kind: "displaced", aside: loom("Hold.") } }],
    ["for two readers: the one here was written on, and stays", { known: loom("Hold."), here: loom("Hold. Now."), there: kasra("Book it."), becomes: { kind: "kept", letter: loom("Hold. Now."), aside: kasra("Book it.") } }],
    ["for two readers, of which neither knew the other’s", { here: loom("Hold."), there: kasra("Book it."), becomes: { kind: "kept", letter: loom("Hold."), aside: kasra("Book it.") } }],
    ["for one reader, in answer to two messages", { here: reply("loom", "Yes."), there: reply("loom", "No.", "m-2"), becomes: { kind: "kept", letter: reply("loom", "Yes."), aside: reply("loom", "No.", "m-2") } }],
    ["for one reader, of which one answers a message", { here: loom("Hold."), there: reply("loom", "No."), becomes: { kind: "kept", letter: loom("Hold."), aside: reply("loom", "No.") } }],
    ["for one reader, written on there", { known: loom("Hold."), here: loom("Hold."), there: loom("Hold. Now."), becomes: one(loom("Hold. Now.")) }],
    ["for one reader, written on by both", { known: loom("Hold."), here: loom("Hold. The quotes."), there: loom("Hold. Until Monday."), becomes: one(loom("Hold. Until Monday.\n\nThe quotes.")) }],
    ["for one reader, of which neither knew the other’s", { here: loom("Hold."), there: loom("Wait."), becomes: one(loom("Wait.\n\nHold.")) }],
    ["for one reader, where another’s stood before", { known: kasra("Hold."), here: loom("Hold. Now."), there: loom("Wait."), becomes: one(loom("Wait.\n\nHold. Now.")) }],
    ["in answer to one message, whoever was chosen meanwhile", { known: reply("loom", "Yes."), here: reply("loom", "Yes."), there: reply("kasra", "Yes. Go."), becomes: one(reply("loom", "Yes. Go.")) }],
    ["begun there, and none here", { there: kasra("Book it."), becomes: { kind: "unseen" } }],
    ["begun there for another reader once the one here was let go", { known: loom("Hold."), there: kasra("Book it."), becomes: { kind: "unseen" } }],
    ["let go here, and written on there", { known: loom("Hold."), there: loom("Hold. Now."), becomes: one(loom("Now.")) }],
    ["let go here, and as it was there", { known: loom("Hold."), there: loom("Hold."), becomes: one(null) }],
    ["sent there, and as it was here", { known: loom("Hold."), here: loom("Hold."), becomes: one(null) }],
    ["sent there, and written on here", { known: loom("Hold."), here: loom("Hold. Now."), becomes: one(loom("Now.")) }],
    ["sent there, where the one here had made room", { known: loom("Hold."), here: loom("Hold."), displaced: true, becomes: { kind: "returns" } }],
    ["sent there, and the one here is for somebody else", { known: kasra("Book it."), here: loom("Hold."), becomes: { kind: "returns" } }],
    ["begun here, where none stood", { here: loom("Hold."), becomes: { kind: "returns" } }],
    ["let go by both", { known: loom("Hold."), becomes: { kind: "stays" } }],
    ["let go by both, where the one here had made room", { known: loom("Hold."), displaced: true, becomes: { kind: "stays" } }],
  ])("%s", (_, { known = null, here = null, there = null, displaced = false, becomes }) => {
    expect(meeting({ known, here, there }, bodyOf(here) === bodyOf(known), displaced)).toEqual(becomes);
  });
});

test("a letter without words is none, and what it lacks is nothing", () => {
  expect([null, {}, { text: "" }, { text: 7 }].map(letterIn)).toEqual([null, null, null, null]);
  expect(letterIn({ text: "Hold." })).toEqual({ text: "Hold.", to: "", name: "", asks: false, answering: null });
  expect(bodyOf(null)).toBe("");
  const whole = { ...reply("loom", "Yes."), asks: true };
  expect(letterIn(JSON.parse(bodyOf(whole)) as Record<string, unknown>)).toEqual(whole);
});

test("words are put aside under the message that they answer, or as a new one", () => {
  expect([asideOf(asked("m-1")), asideOf(null)]).toEqual(["message/m-1", "message/new"]);
});
