import type { UnwiredFile } from "../../generated/UnwiredFile";
import type { WiredFile } from "../../generated/WiredFile";
import { rpcError, type RpcError } from "../../platform";
import type { Console } from "../../state/console.svelte";

/** Husting's entry taken out of files that were written for an agent. */
export class Unwiring {
  /** What was done, of the files that were meant last. */
  done: UnwiredFile[] = $state.raw([]);
  /** And what was not. */
  refused: { path: string; error: RpcError }[] = $state.raw([]);
  running = $state(false);

  constructor(
    private readonly host: Console,
    private readonly agentId: string,
  ) {}

  /** Takes it out of these files, one by one; one that is refused hinders none of the others. */
  async takeOut(files: readonly WiredFile[]): Promise<void> {
    if (this.running) return;
    [this.running, this.done, this.refused] = [true, [], []];
    for (const { path } of files) {
      try {
        this.done = [...this.done, await this.host.call("unwire_agent", { agent_id: this.agentId, path })];
      } catch (thrown) {
        this.refused = [...this.refused, { path, error: rpcError(thrown) }];
      }
    }
    this.running = false;
  }
}
