import { SvelteMap } from "svelte/reactivity";
import type { Commands } from "../generated/commands";
import type { RunView } from "../generated/RunView";
import { AgentRuns } from "./agent-runs.svelte";
import { further } from "./run-order";
import { RunOutput } from "./run-output.svelte";
import { plainly } from "../format/order";

/** Most runs that are asked for at once. */
const MOST = 500;

type Asked = "list_runs" | "get_run";
type Call = <Name extends Asked>(command: Name, args: Commands[Name]["request"]) => Promise<Commands[Name]["response"]>;

/** Programs of agents that go on; events keep them in step. */
export class Runs {
  /** Those that go on, and those that ended since the last snapshot. */
  readonly #known = new SvelteMap<string, RunView>();
  /** Those that go on, the oldest first. */
  readonly open = $derived([...this.#known.values()].filter(({ ended_at }) => ended_at === null).sort((a, b) => plainly(a.started_at, b.started_at)));
  #lists: AgentRuns[] = [];
  #outputs: { run: string; output: RunOutput }[] = [];
  /** Those that changed while the open ones were read. */
  #meanwhile: RunView[] | null = null;
  #turn = 0;

  constructor(private readonly call: Call) {}

  /** Those of one agent that go on. */
  openOf(agent: string): RunView[] {
    return this.open.filter(({ agent_id }) => agent_id === agent);
  }

  /** Begins again, after a snapshot. */
  async start(): Promise<void> {
    const mine = ++this.#turn;
    this.#meanwhile = [];
    for (const list of this.#lists) void list.load();
    for (const { output } of this.#outputs) void output.load();
    try {
      const { runs } = await this.call("list_runs", { open: true, limit: MOST });
      if (mine !== this.#turn) return;
      this.#known.clear();
      for (const run of [...runs, ...this.#meanwhile]) this.#keep(run);
    } catch {
      // Those that are known stand; the next snapshot reads them again.
    } finally {
      if (mine === this.#turn) this.#meanwhile = null;
    }
  }

  /** Takes a run as it stands now. */
  take(run: RunView): void {
    this.#meanwhile?.push(run);
    this.#keep(run);
    for (const list of this.#lists) list.take(run);
  }

  /** Takes what a run said; it is kept while somebody looks at it. */
  say(run: string, offset: number, words: string): void {
    for (const each of this.#outputs) if (each.run === run) each.output.say(offset, words);
  }

  /** The runs of an agent, kept in step until `leave`. */
  of(agent: string): AgentRuns {
    const list = new AgentRuns(agent, () => this.call("list_runs", { agent_id: agent }));
    this.#lists.push(list);
    void list.load();
    return list;
  }

  /** A screen looks at them no longer. */
  leave(list: AgentRuns): void {
    this.#lists = this.#lists.filter((each) => each !== list);
  }

  /** What a run says, kept in step until `close`. */
  output(run: string): RunOutput {
    const output = new RunOutput(() => this.call("get_run", { run_id: run }), (view) => this.take(view));
    this.#outputs.push({ run, output });
    void output.load();
    return output;
  }

  /** Nobody looks at it any more. */
  close(output: RunOutput): void {
    this.#outputs = this.#outputs.filter((each) => each.output !== output);
  }

  #keep(run: RunView): void {
    this.#known.set(run.run_id, further(this.#known.get(run.run_id), run));
  }
}
