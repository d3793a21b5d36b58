import { m } from "../../../../messages";
import { rpcError, type RpcError } from "../../../../platform";
import type { Desk } from "../desk.svelte";
import { PROMPT_LIMIT } from "./draft.svelte";
import { remember } from "./promised.svelte";

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
  /** The wallet does not cover it: the limit can be raised. */
  isShort = $state(false);

  constructor(private readonly desk: Desk) {}

  /** Sends the draft; the view then follows the round. */
  async begin(): Promise<void> {
    const { draft, id, running } = this.desk;
    if (this.isStarting || running || draft.prompt.length > PROMPT_LIMIT) return;
    [this.isStarting, this.refusal] = [true, null];
    try {
      const args = { session_id: id, prompt: draft.prompt, snippets: draft.forWire() };
      const ack = await this.desk.console.call("append_round", args);
      remember(ack.round_id, this.desk.estimate.view);
      draft.clear();
      this.desk.began(ack.round_index);
    } catch (thrown) {
      await draft.keep();
      this.#refused(rpcError(thrown));
    } finally {
      this.isStarting = false;
    }
  }

  /** The limit was raised; the draft waits to be sent. */
  raised(): void {
    this.isShort = false;
    this.desk.said = m.session.limit.raised;
  }

  #refused(error: RpcError): void {
    const { errors } = m.session.tray;
    if (error.code === "credit_exhausted" && !isSessionLimit(error)) {
      this.isShort = true;
      return;
    }
    const known = error.code === "session_busy" ? errors.session_busy : error.code === "session_failed" ? errors.session_failed : null;
    this.refusal = { ...(known ?? { ...errors.other, todo: error.message }), code: error.code };
  }
}

// Raising the month's limit does not help where the buckets hold enough and no other call holds it: then the
// session's own limit is the reason.
function isSessionLimit(error: RpcError): boolean {
  const { needed, effective_balance, held } = (error.details ?? {}) as Record<string, unknown>;
  return typeof needed === "number" && typeof effective_balance === "number" && needed <= effective_balance && held === null;
}
