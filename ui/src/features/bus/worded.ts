import type { MessageView } from "../../generated/MessageView";
import { m } from "../../messages";

/** A message as it is read: its words, and what stands around them for agents and for the bridge to Discord. */
export interface Worded {
  /** Without it. */
  words: string;
  /** What is not shown at all but where a message stands whole. */
  text: string;
  /** What the bridge said behind them: who wrote this, and how the agent replies. */
  note: string | null;
  /** "[request_id:…]", by which a reply names the question. */
  marker: string | null;
}

/** As the bridge begins a question. `crates/domain/src/worded.rs` has the same rule, by which messages are searched. */
const MARKER = /^(\[request_id:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\]) /;

/** As it ends one, for machines alone: JSON in which nothing ends a comment. */
const [BLOCK, BLOCK_END] = ["<!--mumega-discord-ctx:", "-->"];
const JSON_IN_BLOCK = /^\{[^<>]*\}$/;

/** By which an agent's reply names what it answers. */
const ANSWERS = / ?\{ack_for:[^{}\s]+(?:, ?ok:(?:true|false))?\}/;

/** Tells them apart where the message came from Discord and the marker names its own request, or where Husting took an agent's for an answer; whatever else looks so is somebody's words. */
export function worded({ text, erased, origin, request_id, in_reply_to }: Pick<MessageView, "text" | "erased" | "origin" | "request_id" | "in_reply_to">): Worded {
  if (erased) return { words: m.bus.erased, text: m.bus.erased, note: null, marker: null };
  const [whole = "", marker, id] = (origin === "discord" && MARKER.exec(text)) || [];
  if (marker !== undefined && id === request_id) {
    const said = withoutNote(withoutBlock(text.slice(whole.length), id), id);
    return { ...said, text: said.words, marker };
  }
  const answer = in_reply_to === null ? "" : text.replace(ANSWERS, "").trim();
  // An acknowledgement alone has no other words.
  return { words: answer || text, text, note: null, marker: null };
}

/** The last paragraph is the bridge's where it ends as the bridge ends it, with the question's own id: in a person's words no such id is left. */
function withoutNote(words: string, id: string): Pick<Worded, "words" | "note"> {
  const at = words.lastIndexOf("\n\n(");
  const isNote = at >= 0 && words.endsWith(` with {ack_for:${id}} in its text; what else you write in it is posted there.)`);
  return isNote ? { words: words.slice(0, at), note: words.slice(at).trim() } : { words, note: null };
}

/** Only the block of the same question; whatever else looks so is somebody's words. Sought without a pattern: strangers write them, with as many blanks as they like. */
function withoutBlock(words: string, id: string): string {
  const at = words.lastIndexOf(BLOCK);
  const block = at < 0 ? "" : words.slice(at).trimEnd();
  if (!block.endsWith(BLOCK_END)) return words;
  const json = block.slice(BLOCK.length, -BLOCK_END.length);
  return JSON_IN_BLOCK.test(json) && names(json, id) ? words.slice(0, at).trimEnd() : words;
}

function names(json: string, id: string): boolean {
  try {
    return (JSON.parse(json) as { request_id?: unknown }).request_id === id;
  } catch {
    return false;
  }
}
