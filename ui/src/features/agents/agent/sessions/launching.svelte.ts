import type { Client } from "../../../../generated/Client";
import type { RunHow } from "../../../../generated/RunHow";
import type { RunPlan } from "../../../../generated/RunPlan";
import type { RunView } from "../../../../generated/RunView";
import { m } from "../../../../messages";
import type { Console } from "../../../../state/console.svelte";
import { Task } from "../../../../state/task.svelte";

/** While somebody types what it is told, the command follows when he pauses. */
const PAUSE_MS = 300;

/** A program that is about to be started: the command as it was planned, or as somebody changed it. */
export class Launching {
  how: RunHow = $state("once");
  /** `null` leaves it to the wiring. */
  client: Client | null = $state(null);
  prompt = $state("");
  command = $state("");
  directory = $state("");
  /** Somebody says that he has read the command that stands there. */
  hasRead = $state(false);
  plan: RunPlan | null = $state.raw(null);
  readonly planning = new Task();
  readonly starting = new Task();
  /** Somebody changed what was planned. */
  readonly isEdited = $derived(this.plan !== null && this.command !== this.plan.command);
  /** Nobody has started this command before. */
  readonly asksToRead = $derived(this.plan !== null && (!this.plan.confirmed || this.isEdited));
  readonly ready = $derived(
    this.plan !== null && !this.planning.error && !this.plan.refused && this.command.trim() !== "" && (!this.asksToRead || this.hasRead) && !this.planning.running && !this.starting.running,
  );
  #turn = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly host: Console,
    private readonly agent: { id: string; agent_name: string },
  ) {
    this.prompt = this.#usual;
  }

  /** Asks for the command, at once or once a pause was made; a command that was changed stays. */
  ask(typed = false): void {
    clearTimeout(this.#timer);
    this.#turn += 1;
    this.#timer = setTimeout(() => void this.#ask(), typed ? PAUSE_MS : 0);
  }

  /** What was planned takes the place of what was changed. */
  takePlan(): void {
    [this.command, this.hasRead] = [this.plan?.command ?? "", false];
  }

  /** Starts it. */
  async start(): Promise<RunView | undefined> {
    if (!this.ready) return undefined;
    const directory = this.directory.trim();
    // A task that was told to it once is not what mail starts it for.
    const keep = this.#task === undefined;
    const asked = { agent_id: this.agent.id, how: this.how, command: this.command.trim(), keep, ...(directory ? { directory } : {}) };
    return this.starting.run(() => this.host.call("start_run", asked));
  }

  async #ask(): Promise<void> {
    const mine = ++this.#turn;
    const prompt = this.#task;
    const asked = { agent_id: this.agent.id, how: this.how, ...(this.client ? { client: this.client } : {}), ...(prompt === undefined ? {} : { prompt }) };
    const plan = await this.planning.attempt(() => this.host.call("plan_run", asked));
    if (!plan || mine !== this.#turn) return;
    const { plan: before, isEdited } = this;
    this.plan = plan;
    if (before === null || this.directory === before.directory) this.directory = plan.directory;
    if (isEdited) return;
    if (this.command !== plan.command) this.hasRead = false;
    this.command = plan.command;
  }

  /** What it is told beyond the usual. */
  get #task(): string | undefined {
    const prompt = this.prompt.trim();
    return prompt === "" || prompt === this.#usual ? undefined : prompt;
  }

  get #usual(): string {
    return m.runs.promptDefault(this.agent.agent_name);
  }
}
