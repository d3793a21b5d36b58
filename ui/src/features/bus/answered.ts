import type { MessageView } from "../../generated/MessageView";

/** What is known of a message that is being answered. */
export type Answered = Pick<MessageView, "message_id" | "from" | "from_agent" | "origin">;

/** The message that something names, without its words: those are the bus's to keep. `null` where it names none. */
export function answeredIn(value: unknown): Answered | null {
  const { message_id, from, from_agent = null, origin } = (value ?? {}) as Partial<Answered>;
  return message_id && from && origin ? { message_id, from, from_agent, origin } : null;
}
