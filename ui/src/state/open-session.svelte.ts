import type { RoundView } from "../generated/RoundView";
import type { SeatCallView } from "../generated/SeatCallView";
import type { SessionSummary } from "../generated/SessionSummary";
import type { SessionView } from "../generated/SessionView";
import type { SynthesisView } from "../generated/SynthesisView";
import type { RpcError } from "../platform";

/** A session on the screen: read once, then kept in step by events. */
export class OpenSession {
  view: SessionView | null = $state.raw(null);
  error: RpcError | null = $state.raw(null);

  /** It was here, and was deleted since. */
  deleted = $state(false);

  /** Counts reads, so that one a later read has overtaken is dropped. */
  #reads = 0;
  /** What events brought since the newest read began: the read may not know it. */
  #arrived: Record<string, RoundView> = {};
  #arrivedSummary: SessionSummary | null = null;
  #arrivedSynthesis: SynthesisView | null = null;

  constructor(
    readonly id: string,
    private readonly read: () => Promise<SessionView>,
    private readonly toError: (thrown: unknown) => RpcError,
  ) {}

  /** Reads it for whoever comes to it: that it could not be read before is told no more. */
  anew(): Promise<void> {
    this.error = null;
    return this.load();
  }

  /** Reads it (again). What events bring meanwhile stays, and until there is an answer that it could not be read before. */
  async load(): Promise<void> {
    const mine = ++this.#reads;
    this.#arrived = {};
    [this.#arrivedSummary, this.#arrivedSynthesis] = [null, null];
    try {
      const read = await this.read();
      if (mine !== this.#reads) return;
      const rounds = Object.values(this.#arrived).reduce(taken, read.rounds);
      const [summary, synthesis] = [this.#arrivedSummary ?? read.summary, this.#arrivedSynthesis ?? read.synthesis];
      [this.view, this.error] = [{ ...read, summary, synthesis, rounds }, null];
    } catch (thrown) {
      if (mine !== this.#reads) return;
      this.error = this.toError(thrown);
      if (this.view && this.error.code === "not_found") this.remove();
    }
  }

  /** It was deleted: nothing of it stands any more, and a read under way brings nothing back. */
  remove(): void {
    this.#reads += 1;
    [this.view, this.deleted] = [null, true];
  }

  /** Takes a round's new state. Events come in order, so the last one holds. */
  round(round: RoundView): void {
    this.#arrived[round.round_id] = round;
    if (this.view) this.view = { ...this.view, rounds: taken(this.view.rounds, round) };
  }

  /** Takes the row's new state. */
  summary(summary: SessionSummary): void {
    this.#arrivedSummary = summary;
    if (this.view) this.view = { ...this.view, summary };
  }

  /** Takes the synthesis' new state. */
  synthesis(synthesis: SynthesisView): void {
    this.#arrivedSynthesis = synthesis;
    if (this.view) this.view = { ...this.view, synthesis };
  }
}

function taken(rounds: RoundView[], round: RoundView): RoundView[] {
  const known = rounds.find((each) => each.round_id === round.round_id);
  const others = rounds.filter((each) => each !== known);
  return [...others, known ? withWords(round, known) : round].sort((a, b) => a.index - b.index);
}

// Events carry no words. Those of a call that had ended, and has not begun again, still stand.
function withWords(round: RoundView, known: RoundView): RoundView {
  return { ...round, answers: kept(round.answers, known.answers), reactions: kept(round.reactions, known.reactions) };
}

function kept(calls: SeatCallView[], before: SeatCallView[]): SeatCallView[] {
  return calls.map((call) => {
    const known = before.find((each) => each.model === call.model);
    const stands = call.text === "" && known !== undefined && known.state === call.state;
    return stands && (call.state === "final" || call.state === "error") ? { ...call, text: known.text } : call;
  });
}
