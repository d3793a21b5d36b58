import { m } from "../../../../messages";
import { rpcError, type RpcError } from "../../../../platform";
import { shortageOf } from "../../../wallet/shortage";
import type { Desk } from "../desk.svelte";
import { PROMPT_LIMIT } from "./draft.svelte";

/** What the tray says when a round was refused. */
export interface RoundRefusal {
  happened: string;
  kept: string;
  todo?: string;
  code: string;
}

/** Begins the next round with the draft; whatever refuses it, the draft stays. */
export class NextRound {
  isStarting = $state(false);
  refusal: RoundRefusal | null = $state.raw(null);

  constructor(private readonly desk: Desk) {}

  /** Sends the draft; the view then follows the round. */
  async begin(): Promise<void> {
    const { draft, id, running } = this.desk;
    if (this.isStarting || running || draft.prompt.length > PROMPT_LIMIT) return;
    [this.isStarting, this.refusal] = [true, null];
    try {
      const args = { session_id: id, prompt: draft.prompt, snippets: draft.forWire(), recap_round: draft.recap, recap_session: draft.synthesis };
      const ack = await this.desk.console.call("append_round", args);
      draft.clear();
      this.desk.began(ack.round_index);
    } catch (thrown) {
      await draft.keep();
      this.#refused(rpcError(thrown));
    } finally {
      this.isStarting = false;
    }
  }

  #refused(error: RpcError): void {
    const { errors } = m.session.tray;
    // It may have been deleted while no event could say so.
    if (error.code === "not_found") void this.desk.session.load();
    const shortage = shortageOf(error);
    if (shortage) {
      // The draft waits to be sent: what it costs now is read again first.
      this.desk.short = { ...shortage, kept: m.session.limit.kept, raised: () => (this.desk.said = m.session.limit.raised) };
      return;
    }
    const known = error.code === "session_busy" ? errors.session_busy : error.code === "session_failed" ? errors.session_failed : null;
    this.refusal = { ...(known ?? { ...errors.other, todo: error.message }), code: error.code };
  }
}
