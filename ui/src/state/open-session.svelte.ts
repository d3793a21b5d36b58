import type { RoundView } from "../generated/RoundView";
import type { SessionSummary } from "../generated/SessionSummary";
import type { SessionView } from "../generated/SessionView";
import type { RpcError } from "../platform";
import { merged } from "./rounds";

/** A session on the screen: read once, then kept in step by events. */
export class OpenSession {
  view: SessionView | null = $state.raw(null);
  error: RpcError | null = $state.raw(null);

  constructor(
    readonly id: string,
    private readonly read: () => Promise<SessionView>,
    private readonly toError: (thrown: unknown) => RpcError,
  ) {}

  /** Reads it (again). What events brought meanwhile and is newer stays. */
  async load(): Promise<void> {
    try {
      const read = await this.read();
      this.view = this.view ? { ...read, rounds: merged(read.rounds, this.view.rounds) } : read;
      this.error = null;
    } catch (thrown) {
      this.error = this.toError(thrown);
    }
  }

  /** Takes a round's new state. */
  round(round: RoundView): void {
    if (this.view) this.view = { ...this.view, rounds: merged(this.view.rounds, [round]) };
  }

  /** Takes the row's new state. */
  summary(summary: SessionSummary): void {
    if (this.view) this.view = { ...this.view, summary };
  }
}
