import type { MessageList } from "../../../generated/MessageList";
import type { MessageView } from "../../../generated/MessageView";
import type { Console } from "../../../state/console.svelte";
import { Task } from "../../../state/task.svelte";
import { refOf } from "../acts";
import { copiesOf } from "../copies";

const NONE: MessageList = { messages: [], more: false };

/** One message on the screen with its thread and its other readers, read again whenever the bus moves. */
export class OpenMessage {
  message: MessageView | null = $state.raw(null);
  thread: MessageView[] = $state.raw([]);
  /** It goes on. */
  moreThread = $state(false);
  /** A broadcast in each mailbox it reached, by its owner's name; none of any other message. */
  readers: MessageView[] = $state.raw([]);
  /** There are more of them. */
  moreReaders = $state(false);
  /** It was looked for, and somebody answered. */
  read = $state(false);
  readonly task = new Task();
  readonly erasing = new Task();
  #reads = 0;

  constructor(
    private readonly host: Console,
    readonly place: number,
  ) {}

  /** Reads it (again); what stands there stays meanwhile. */
  async load(): Promise<void> {
    const mine = ++this.#reads;
    try {
      const { messages } = await this.host.call("list_messages", { before: this.place + 1, limit: 1 });
      const found = messages.find((each) => each.place === this.place) ?? null;
      const [thread, readers] = found ? await Promise.all([this.host.call("get_thread", { message_id: found.message_id }), this.#readersOf(found)]) : [NONE, NONE];
      if (mine !== this.#reads) return;
      [this.message, this.read] = [found, true];
      // A broadcast lies in many mailboxes: the thread tells one of its rows, which need not be the opened one.
      [this.thread, this.moreThread] = [thread.messages.map((each) => (each.message_id === found?.message_id ? found : each)), thread.more];
      [this.readers, this.moreReaders] = [readers.messages.sort((a, b) => a.to.localeCompare(b.to)), readers.more];
    } catch {
      // What was read last stays; the status bar tells what is wrong.
    }
  }

  /** Delivers it again. */
  redeliver(): Promise<boolean> {
    return this.#act("redeliver");
  }

  /** Takes it back. */
  withdraw(): Promise<boolean> {
    return this.#act("withdraw");
  }

  /** Erases what it says, in all mailboxes. */
  async erase(): Promise<boolean> {
    const { message } = this;
    if (!message) return false;
    const done = await this.erasing.run(() => this.host.call("erase", { message_id: message.message_id }));
    await this.load();
    return done !== undefined;
  }

  /** The operator read it. */
  acknowledge(): Promise<boolean> {
    return this.#act("acknowledge");
  }

  async #readersOf(message: MessageView): Promise<MessageList> {
    return message.broadcast ? copiesOf(this.host, message) : NONE;
  }

  async #act(command: "redeliver" | "withdraw" | "acknowledge"): Promise<boolean> {
    const { message } = this;
    if (!message) return false;
    const done = await this.task.run(() => this.host.call(command, refOf(message)));
    await this.load();
    return done !== undefined;
  }
}
