import type { MessageView } from "../../generated/MessageView";
import type { MessageRef } from "../../generated/MessageRef";
import type { Console } from "../../state/console.svelte";

/** The message by what the bus calls it, in its one reader's mailbox where it lies in one. */
export function refOf({ message_id, mailbox }: MessageView): MessageRef {
  return { message_id, ...(mailbox ? { mailbox } : {}) };
}

/** It rests or was taken back, and somebody would read it. */
export function mayRedeliver({ state, mailbox }: MessageView, host: Console): boolean {
  return ["parked", "held", "unacknowledged", "withdrawn"].includes(state) && !host.agents.isGone(mailbox);
}

/** It is not dealt with, and lies in another's mailbox. */
export function mayWithdraw({ state, mailbox }: MessageView): boolean {
  return mailbox !== null && ["waiting", "leased", "parked", "held", "unacknowledged"].includes(state);
}

/** It was written to the operator, who has not acknowledged it. */
export function isUnread({ state, mailbox }: MessageView): boolean {
  return mailbox === null && (state === "waiting" || state === "leased");
}
