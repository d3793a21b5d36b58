import { rpcError, type RpcError } from "../platform";

/** One act that takes a while: whether it runs, and how it failed last. */
export class Task {
  running = $state(false);
  error: RpcError | null = $state.raw(null);

  /** Runs it, unless it runs already; `undefined` when it failed or was refused. */
  async run<Result>(act: () => Promise<Result>): Promise<Result | undefined> {
    if (this.running) return undefined;
    this.running = true;
    this.error = null;
    try {
      return await act();
    } catch (thrown) {
      this.error = rpcError(thrown);
      return undefined;
    } finally {
      this.running = false;
    }
  }
}
