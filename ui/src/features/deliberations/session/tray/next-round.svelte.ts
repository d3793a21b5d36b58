import { characters } from "../../../../format/numbers";
import { LENGTHS } from "../../../../generated/lengths";
import { m } from "../../../../messages";
import { rpcError, type RpcError } from "../../../../platform";
import { shortBy, shortageOf, type Shortage } from "../../../wallet/shortage";
import type { Desk } from "../desk.svelte";
import { forWire } from "./draft.svelte";

/** What the tray says when a round was refused. */
export interface RoundRefusal {
  happened: string;
  kept: string;
  todo?: string;
  code?: string;
  error?: RpcError;
}

/** Begins the next round with the draft; whatever refuses it, the draft stays. */
export class NextRound {
  isStarting = $state(false);
  #refused: (RoundRefusal & { stand: string | null }) | null = $state.raw(null);

  constructor(private readonly desk: Desk) {}

  /** Why no round began, for as long as that stands in the way. */
  get refusal(): RoundRefusal | null {
    if (!this.#refused) return null;
    const { stand, ...refusal } = this.#refused;
    return stand === null || stand === this.#stand() ? refusal : null;
  }

  /** That the prompt is longer than Husting takes, in words. */
  get tooLong(): string | undefined {
    const length = characters(this.desk.draft.prompt);
    return length > LENGTHS.prompt ? m.session.tray.tooLong(length) : undefined;
  }

  /** That a seat of its panel is on this machine no more, in words. */
  get gone(): string | undefined {
    const { gone } = this.desk;
    return gone.length > 0 ? m.session.tray.gone(gone) : undefined;
  }

  /** That none can follow the round that nobody answered, in words. */
  get barred(): string | undefined {
    const { isFailed, unread, isUnpaid } = this.desk;
    if (!isFailed) return undefined;
    const { failed, failedUnpaid, unread: unreadKeys } = m.session.tray;
    return unread ? unreadKeys[unread] : isUnpaid ? failedUnpaid : failed;
  }

  /** Why it cannot be begun as it stands, in words. */
  get hindrance(): string | undefined {
    const { draft } = this.desk;
    if (draft.unread) return m.session.tray.draftUnread;
    return draft.ready ? (this.gone ?? this.tooLong) : m.convene.lacks.draft;
  }

  /** The limit that the draft as it stands runs into. */
  get short(): Shortage | null {
    return shortBy(this.desk.estimate.view);
  }

  /** Asks for a higher one, before the round is refused by it. */
  raise(): void {
    if (this.short) this.#mend(this.short);
  }

  /** Sends the draft; the view then follows the round. */
  async begin(): Promise<void> {
    const { draft, id, running } = this.desk;
    if (this.isStarting || running || this.hindrance) return;
    [this.isStarting, this.#refused] = [true, null];
    // Before it is asked: what has changed by the time of the answer is out of the way as well.
    const stand = this.#stand();
    const taken = draft.taken();
    try {
      const args = { session_id: id, prompt: taken.prompt, snippets: forWire(taken), recap_round: taken.recap, recap_session: taken.synthesis };
      const ack = await this.desk.console.call("append_round", args);
      draft.sent(taken);
      this.desk.began(ack.round_index);
    } catch (thrown) {
      await draft.keep();
      this.#refuse(rpcError(thrown), stand);
    } finally {
      this.isStarting = false;
    }
  }

  /** How far the session is: a refusal that rests on it ends with it. */
  #stand(): string {
    const { newest, view } = this.desk;
    return [newest?.round_id, newest?.status, view?.summary.status].join();
  }

  #mend(shortage: Shortage): void {
    // The draft waits to be sent: what it costs now is read again first.
    this.desk.short = { ...shortage, kept: m.session.limit.kept, raised: () => (this.desk.said = m.session.limit.raised) };
  }

  #refuse(error: RpcError, stand: string): void {
    const { errors } = m.session.tray;
    // It may have been deleted while no event could say so.
    if (error.code === "not_found") void this.desk.session.load();
    const shortage = shortageOf(error);
    if (shortage) return this.#mend(shortage);
    const known = error.code === "session_busy" ? errors.session_busy : error.code === "session_failed" ? errors.session_failed : null;
    this.#refused = { ...(known ? { ...known, code: error.code } : { ...errors.other, error }), stand: known && stand };
  }
}
