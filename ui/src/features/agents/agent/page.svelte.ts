import type { AgentPage } from "../../../generated/AgentPage";
import type { RevokedAgent } from "../../../generated/RevokedAgent";
import type { WiredFile } from "../../../generated/WiredFile";
import { rpcError, type RpcError } from "../../../platform";
import type { Console } from "../../../state/console.svelte";
import { Unwiring } from "../../wiring/unwiring.svelte";
import { AuditRows } from "../../audit/rows.svelte";

/** One agent with all that its page shows, read again whenever something that stands on it changes. */
export class OpenAgent {
  page: AgentPage | null = $state.raw(null);
  error: RpcError | null = $state.raw(null);
  /** What it did and what was done to it, for every view that shows it. */
  readonly audit: AuditRows;
  readonly unwiring: Unwiring;
  #reads = 0;

  constructor(
    private readonly host: Console,
    readonly id: string,
  ) {
    this.audit = new AuditRows(host, { agent_id: id });
    this.unwiring = new Unwiring(host, id);
  }

  /** Takes what its revocation came to, ahead of the next reading. */
  end({ agent, receipt }: RevokedAgent): void {
    if (this.page) this.page = { ...this.page, agent, receipt };
  }

  /** Takes it as a command answered it, ahead of the next reading. */
  take(page: AgentPage): void {
    this.#reads += 1;
    [this.page, this.error] = [page, null];
  }

  /** Takes its entry out of files, and reads what is left. */
  async unwire(files: readonly WiredFile[]): Promise<void> {
    await this.unwiring.takeOut(files);
    await this.load();
  }

  /** Reads it (again); what stands there stays meanwhile. */
  async load(): Promise<void> {
    const mine = ++this.#reads;
    try {
      const page = await this.host.call("get_agent", { agent_id: this.id });
      if (mine === this.#reads) [this.page, this.error] = [page, null];
    } catch (thrown) {
      if (mine === this.#reads) this.error = rpcError(thrown);
    }
  }
}
