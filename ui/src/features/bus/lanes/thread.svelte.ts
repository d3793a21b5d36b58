import type { MessageView } from "../../../generated/MessageView";
import type { Console } from "../../../state/console.svelte";
import { Task } from "../../../state/task.svelte";
import { copiesOf } from "../copies";

/** The thread of a chosen message, in all mailboxes. */
export class Thread {
  /** Oldest first; of the message that was chosen before until this one's was read. */
  messages: MessageView[] = $state.raw([]);
  /** It was looked for, and there is no such message. */
  missing = $state(false);
  readonly task = new Task();

  constructor(private readonly host: Console) {}

  /** A message of it. */
  at(place: number): MessageView | undefined {
    return this.messages.find((each) => each.place === place);
  }

  /** Reads it (again). */
  async load(place: number): Promise<void> {
    const found = await this.task.latest(() => this.#read(place));
    if (found) [this.messages, this.missing] = [found, found.length === 0];
  }

  /** Nothing is chosen any more. */
  leave(): void {
    [this.messages, this.missing] = [[], false];
    this.task.forget();
  }

  async #read(place: number): Promise<MessageView[]> {
    const { messages } = await this.host.call("list_messages", { before: place + 1, limit: 1 });
    const found = messages.find((each) => each.place === place);
    if (!found) return [];
    const thread = (await this.host.call("get_thread", { message_id: found.message_id })).messages;
    // A broadcast stands there once, and has a lane for each who got it.
    const inAll = await Promise.all(thread.map((each) => (each.broadcast ? copiesOf(this.host, each).then(({ messages }) => messages) : [each])));
    return inAll.flat().sort((one, other) => one.place - other.place);
  }
}
