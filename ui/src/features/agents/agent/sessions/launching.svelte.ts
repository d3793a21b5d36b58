import type { Client } from "../../../../generated/Client";
import type { RunHow } from "../../../../generated/RunHow";
import type { RunPlan } from "../../../../generated/RunPlan";
import type { RunView } from "../../../../generated/RunView";
import { looksSecret } from "../../../../format/secrets";
import { m } from "../../../../messages";
import type { Console } from "../../../../state/console.svelte";
import { Task } from "../../../../state/task.svelte";
import { programOf } from "./command";

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
  /** What is offered: what was started last, or what its client usually gets. */
  plan: RunPlan | null = $state.raw(null);
  /** What its client usually gets, where something else is offered. */
  usual: RunPlan | null = $state.raw(null);
  readonly planning = new Task();
  readonly starting = new Task();
  #turn = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly host: Console,
    private readonly agent: { id: string; agent_name: string },
  ) {
    this.prompt = this.#usualPrompt;
  }

  /** The plan whose command stands there; of one that was changed, what was offered. */
  get shown(): RunPlan | null {
    return this.usual && this.command === this.usual.command ? this.usual : this.plan;
  }

  /** Somebody changed what stood there. */
  get isEdited(): boolean {
    return this.shown !== null && this.command !== this.shown.command;
  }

  /** That the program is not found, until another one is named. */
  get missing(): string | null {
    const planned = this.shown;
    return planned && programOf(this.command) === programOf(planned.command) ? planned.missing : null;
  }

  /** What stands there is not what its client usually gets: it was changed now, or before it was started last. */
  get isOwn(): boolean {
    return this.plan !== null && this.command !== (this.usual ?? this.plan).command;
  }

  /** Nobody has started this command before. */
  get asksToRead(): boolean {
    return this.shown !== null && (!this.shown.confirmed || this.isEdited);
  }

  /** It may be started. */
  get ready(): boolean {
    const { shown, planning, starting } = this;
    if (!shown || shown.refused || planning.error || planning.running || starting.running) return false;
    return this.command.trim() !== "" && (!this.asksToRead || this.hasRead);
  }

  /** Asks for the command, at once or once a pause was made; a command that was changed stays. */
  ask(typed = false): void {
    clearTimeout(this.#timer);
    this.#turn += 1;
    this.#timer = setTimeout(() => void this.#ask(), typed ? PAUSE_MS : 0);
  }

  /** What its client usually gets takes the place of what stands there. */
  takePlan(): void {
    const planned = this.usual ?? this.plan;
    if (!planned) return;
    if (this.directory === this.shown?.directory) this.directory = planned.directory;
    [this.command, this.hasRead] = [planned.command, false];
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

  /** Nothing has been typed or chosen yet. */
  get blank(): boolean {
    return this.how === "once" && this.client === null && this.#task === undefined && !this.#written("command") && !this.#written("directory");
  }

  /** What was typed and chosen as text, for a draft; reading it in an effect notices every change. */
  body(): string {
    if (this.blank) return "";
    const words = { prompt: this.#task ?? "", command: this.#written("command"), directory: this.#written("directory") };
    // A draft is a plain row on the disk.
    const kept = Object.entries(words).filter(([, text]) => text !== "" && !looksSecret(text));
    return JSON.stringify({ how: this.how, client: this.client, ...Object.fromEntries(kept) });
  }

  /** Takes what a draft kept; a client that was not wired since is left to the wiring. */
  restore(kept: Record<string, unknown>, wired: Client[]): void {
    if (kept.how === "once" || kept.how === "tmux") this.how = kept.how;
    this.client = wired.find((client) => client === kept.client) ?? null;
    for (const field of ["prompt", "command", "directory"] as const) {
      if (typeof kept[field] === "string") this[field] = kept[field];
    }
  }

  /** Begins with nothing. */
  clear(): void {
    [this.how, this.client, this.prompt, this.command, this.directory] = ["once", null, this.#usualPrompt, "", ""];
    [this.plan, this.usual, this.hasRead] = [null, null, false];
  }

  async #ask(): Promise<void> {
    const mine = ++this.#turn;
    const answer = await this.planning.attempt(() => this.#plans());
    if (!answer || mine !== this.#turn) return;
    const stays = { command: this.#written("command") !== "" || this.isEdited, directory: this.#written("directory") !== "" };
    // Whoever took the usual one stays with it.
    const next = this.usual && this.shown === this.usual ? (answer.usual ?? answer.plan) : answer.plan;
    [this.plan, this.usual] = [answer.plan, answer.usual];
    if (!stays.directory) this.directory = next.directory;
    if (stays.command) return;
    if (this.command !== next.command) this.hasRead = false;
    this.command = next.command;
  }

  /** What is offered, and beside a command that was started before the one its client usually gets. */
  async #plans(): Promise<{ plan: RunPlan; usual: RunPlan | null }> {
    const prompt = this.#task;
    const asked = { agent_id: this.agent.id, how: this.how, ...(this.client ? { client: this.client } : {}), ...(prompt === undefined ? {} : { prompt }) };
    const plan = await this.host.call("plan_run", asked);
    // What was started last comes again only while nothing else is asked for.
    if (!plan.confirmed || prompt !== undefined || this.client || !plan.client) return { plan, usual: null };
    const usual = await this.host.call("plan_run", { ...asked, client: plan.client });
    return { plan, usual: usual.command === plan.command ? null : usual };
  }

  /** What somebody wrote there; empty where it is what was planned. Before anything was planned, only a draft can stand there. */
  #written(field: "command" | "directory"): string {
    return this.shown && this[field] === this.shown[field] ? "" : this[field];
  }

  /** What it is told beyond the usual. */
  get #task(): string | undefined {
    const prompt = this.prompt.trim();
    return prompt === "" || prompt === this.#usualPrompt ? undefined : prompt;
  }

  get #usualPrompt(): string {
    return m.runs.promptDefault(this.agent.agent_name);
  }
}
