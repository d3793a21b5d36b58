import type { MessageList } from "../../generated/MessageList";
import type { MessageView } from "../../generated/MessageView";
import type { Console } from "../../state/console.svelte";

/** Most mailboxes of a broadcast that are looked at. */
const MOST = 500;

/** A broadcast in each mailbox that it reached. */
export function copiesOf(host: Console, { message_id }: MessageView): Promise<MessageList> {
  return host.call("list_messages", { message_id, limit: MOST });
}
