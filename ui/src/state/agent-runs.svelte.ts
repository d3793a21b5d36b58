import { SvelteMap } from "svelte/reactivity";
import type { RunList } from "../generated/RunList";
import type { RunView } from "../generated/RunView";
import { further } from "./run-order";
import { Task } from "./task.svelte";
import { plainly } from "../format/order";

/** The runs of one agent, while somebody looks at them. */
export class AgentRuns {
  readonly #runs = new SvelteMap<string, RunView>();
  /** Those that go on first, then the newest. */
  readonly list = $derived([...this.#runs.values()].sort(byStanding));
  /** They were read. */
  read = $state(false);
  readonly reading = new Task();
  #meanwhile: RunView[] | null = null;

  constructor(
    readonly agent: string,
    private readonly ask: () => Promise<RunList>,
  ) {}

  /** Reads them (again). */
  async load(): Promise<void> {
    const meanwhile: RunView[] = [];
    this.#meanwhile = meanwhile;
    const answer = await this.reading.attempt(this.ask);
    if (!answer || this.#meanwhile !== meanwhile) return;
    this.#meanwhile = null;
    this.#runs.clear();
    for (const run of [...answer.runs, ...meanwhile]) this.#keep(run);
    this.read = true;
  }

  /** Takes one as it stands now, if it is one of them. */
  take(run: RunView): void {
    if (run.agent_id !== this.agent) return;
    this.#meanwhile?.push(run);
    this.#keep(run);
  }

  /** One of them. */
  get(id: string): RunView | undefined {
    return this.#runs.get(id);
  }

  #keep(run: RunView): void {
    this.#runs.set(run.run_id, further(this.#runs.get(run.run_id), run));
  }
}

function byStanding(a: RunView, b: RunView): number {
  return Number(a.ended_at !== null) - Number(b.ended_at !== null) || plainly(b.started_at, a.started_at) || plainly(b.run_id, a.run_id);
}
