import type { ReplyOrigin } from "../../../generated/ReplyOrigin";
import type { UnplacedReply } from "../../../generated/UnplacedReply";

/** Something may be posted there: no person has said STOP since it was asked. */
export function takesReply(origin: ReplyOrigin | undefined): origin is ReplyOrigin {
  return origin !== undefined && !origin.stopped;
}

/** The likeliest place of a reply, where there is one that its author has not deleted. */
export function guessOf({ origins }: UnplacedReply): ReplyOrigin | undefined {
  const first = origins[0];
  return takesReply(first) && first.deleted_at === null ? first : undefined;
}

/** The origin that a reply opens with: its likeliest place; -1 where it has none. */
export function openedWith(reply: UnplacedReply | undefined): number {
  return reply && guessOf(reply) ? 0 : -1;
}
