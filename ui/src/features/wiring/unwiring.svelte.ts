import type { UnwiredFile } from "../../generated/UnwiredFile";
import type { WiredFile } from "../../generated/WiredFile";
import type { Console } from "../../state/console.svelte";
import { Task } from "../../state/task.svelte";

/** Husting's entry taken out of files that were written for an agent. */
export class Unwiring {
  readonly task = new Task();
  /** What was done, of the files that were meant last. */
  done: UnwiredFile[] = $state.raw([]);

  constructor(
    private readonly host: Console,
    private readonly agentId: string,
  ) {}

  /** Takes it out of these files, one by one; what is done before one is refused stays done. */
  async takeOut(files: readonly WiredFile[]): Promise<void> {
    if (this.task.running) return;
    this.done = [];
    await this.task.run(async () => {
      for (const { path } of files) this.done = [...this.done, await this.host.call("unwire_agent", { agent_id: this.agentId, path })];
    });
  }
}
