import type { MicroUsd } from "../../../../generated/MicroUsd";
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

/** The limit that stands in the way of a round, and the least that the round needs. */
export interface Shortage {
  limit: "wallet" | "session";
  needed: MicroUsd;
}

/** Begins the next round with the draft; whatever refuses it, the draft stays. */
export class NextRound {
  isStarting = $state(false);
  refusal: RoundRefusal | null = $state.raw(null);
  /** A limit does not cover it: that one can be raised. */
  shortage: Shortage | null = $state.raw(null);

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
    this.shortage = null;
    this.desk.said = m.session.limit.raised;
  }

  #refused(error: RpcError): void {
    const { errors } = m.session.tray;
    if (error.code === "credit_exhausted") {
      this.shortage = shortageOf(error);
      return;
    }
    const known = error.code === "session_busy" ? errors.session_busy : error.code === "session_failed" ? errors.session_failed : null;
    this.refusal = { ...(known ?? { ...errors.other, todo: error.message }), code: error.code };
  }
}

// A host that does not tell what limits means the wallet.
function shortageOf(error: RpcError): Shortage {
  const { limited_by, needed } = (error.details ?? {}) as Record<string, unknown>;
  return { limit: limited_by === "session" ? "session" : "wallet", needed: typeof needed === "number" ? needed : 0 };
}
