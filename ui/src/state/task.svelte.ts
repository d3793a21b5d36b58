import { untrack } from "svelte";
import { rpcError, type RpcError } from "../platform";

/** One act that takes a while: whether it runs, and how it failed last. */
export class Task {
  error: RpcError | null = $state.raw(null);
  #under = $state(0);
  #turn = 0;

  /** Whether it runs now. */
  get running(): boolean {
    return this.#under > 0;
  }

  /** How it failed no longer matters. */
  forget(): void {
    this.#turn += 1;
    this.error = null;
  }

  /** Runs it, unless it runs already; `undefined` when it failed or was refused. */
  async run<Result>(act: () => Promise<Result>): Promise<Result | undefined> {
    return this.running ? undefined : this.attempt(act);
  }

  /** Runs it beside others of its kind: for settings, where every click counts. `undefined` when it failed. How it failed is not told once that was forgotten. */
  async attempt<Result>(act: () => Promise<Result>): Promise<Result | undefined> {
    const turn = this.#turn;
    return this.#go(act, () => turn === this.#turn);
  }

  /** Runs it in the place of those before, of which nobody wants to know any more what they found or how they failed: `undefined`. */
  async latest<Result>(act: () => Promise<Result>): Promise<Result | undefined> {
    const mine = ++this.#turn;
    const counts = () => mine === this.#turn;
    const found = await this.#go(act, counts);
    return counts() ? found : undefined;
  }

  async #go<Result>(act: () => Promise<Result>, counts: () => boolean): Promise<Result | undefined> {
    this.#under += 1;
    this.error = null;
    try {
      return await act();
    } catch (thrown) {
      if (counts()) this.error = rpcError(thrown);
      return undefined;
    } finally {
      this.#under -= 1;
    }
  }
}

/** The same task, which forgets how it failed whenever what it is about becomes another, or nothing: what was refused of one row is not told of the next. */
export function about(task: Task, subject: () => unknown): Task {
  $effect(() => {
    void subject();
    untrack(() => task.forget());
  });
  return task;
}
