import type { MessageView } from "../../generated/MessageView";
import type { Console } from "../../state/console.svelte";

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
