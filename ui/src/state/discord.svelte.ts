import type { BridgeStand } from "../generated/BridgeStand";
import type { Commands } from "../generated/commands";
import type { DiscordFinding } from "../generated/DiscordFinding";
import type { DiscordFindings } from "../generated/DiscordFindings";
import type { DiscordSetup } from "../generated/DiscordSetup";
import type { DiscordView } from "../generated/DiscordView";
import { Task } from "./task.svelte";

const UNKNOWN: BridgeStand = { bridge: { state: "not_set_up" }, bot_name: null, unplaced: 0, parked: 0, held: 0, to_ask: 0, to_post: 0, to_convene: 0, bus_trouble: null, agents_paused: false, token_lost: false, token_refused: false, waits_for_keys: false };
/** The bridge tells of itself with every message; what is shown follows at this pace. */
const PACE_MS = 250;

/** Commands that answer with the whole screen. */
export type DiscordAct = { [Name in keyof Commands]: Commands[Name]["response"] extends DiscordView ? Name : never }[keyof Commands];
type Call = <Name extends keyof Commands>(command: Name, args: Commands[Name]["request"]) => Promise<Commands[Name]["response"]>;

/** Findings that a change of the map leaves true: they are about no channel that is asked otherwise, and no agent that nobody asks now. */
function still(findings: DiscordFinding[], before: DiscordSetup, after: DiscordSetup): DiscordFinding[] {
  const agentIn = ({ routes }: DiscordSetup, channel: string) => routes.find(({ channel_id }) => channel_id === channel)?.agent;
  const askedIn = ({ routes, default_agent }: DiscordSetup) => [default_agent, ...routes.map(({ agent }) => agent)];
  const channels = [...before.routes, ...after.routes].map(({ channel_id }) => channel_id).filter((id) => agentIn(before, id) !== agentIn(after, id));
  const agents = askedIn(before).filter((agent) => !askedIn(after).includes(agent));
  const isOver = ({ channel_id, agent }: DiscordFinding) => (channel_id !== undefined && channels.includes(channel_id)) || (agent !== undefined && agents.includes(agent));
  return findings.filter((finding) => !isOver(finding));
}

/** The states in which it runs here. */
const CARRYING: BridgeStand["bridge"]["state"][] = ["connecting", "delivering", "paused"];

/** What Discord says of a token holds for as long as the bridge and the bot stand like this. */
function standing({ bridge }: BridgeStand, view: DiscordView | null): string {
  const { tested_at, token_tail } = view?.setup.bot ?? {};
  return JSON.stringify([bridge, tested_at, token_tail]);
}

/** The Discord bridge: in a line for the frame, and whole while somebody looks at it. */
export class Discord {
  stand: BridgeStand = $state.raw(UNKNOWN);
  /** Counts movements, at a pace that lists can follow. */
  moved = $state(0);
  /** The screen without its traffic; `null` until it was read. */
  view: DiscordView | null = $state.raw(null);
  /** What the last check found. */
  found: Omit<DiscordFindings, "view"> | null = $state.raw(null);
  readonly reading = new Task();
  readonly acting = new Task();
  readonly checking = new Task();
  #watched = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Counts what was asked: an answer that a later one has overtaken is dropped. */
  #turn = 0;
  /** Counts what was told: an answer that was on its way meanwhile may be of before. */
  #told = 0;
  /** It ran here by what was heard last, be it that an answer was ahead of what is told. */
  #ran = false;
  /** What Discord said last of the token that is kept, for as long as the bridge and the bot stand as they did then. */
  #said: { taken: boolean; of: string } | null = $state.raw(null);

  constructor(private readonly call: Call) {}

  /** How much waits for the operator. */
  get waiting(): number {
    const { unplaced, parked, held } = this.stand;
    return unplaced + parked + held;
  }

  /** It is there, and could be begun or ended. */
  get isSetUp(): boolean {
    return this.stand.bridge.state !== "not_set_up";
  }

  /** It has been begun, and runs or waits for a program that runs the same bot. */
  get runs(): boolean {
    return this.carries || this.stand.bridge.state === "elsewhere";
  }

  /** The token is kept, and Discord does not take it. */
  get isTokenRefused(): boolean {
    const { token_lost, token_refused } = this.stand;
    if (token_lost) return false;
    return this.#said?.of === standing(this.stand, this.view) ? !this.#said.taken : token_refused;
  }

  /** It is set up, does not run, and has what it needs to. */
  get mayStart(): boolean {
    return this.isSetUp && !this.runs && !this.stand.token_lost && !this.isTokenRefused && !this.stand.waits_for_keys;
  }

  /** It runs here. */
  get carries(): boolean {
    return CARRYING.includes(this.stand.bridge.state);
  }

  /** Begins again from a snapshot. */
  start(stand: BridgeStand): void {
    this.#told += 1;
    this.#stands(stand);
    this.#follow();
  }

  /** Takes how it stands now. */
  move(stand: BridgeStand): void {
    this.#told += 1;
    this.#stands(stand);
    this.#timer ??= setTimeout(() => this.#follow(), PACE_MS);
  }

  /** Reads the whole until the answer is called, and again whenever it moved. */
  watch(): () => void {
    this.#watched += 1;
    void this.load();
    return () => (this.#watched -= 1);
  }

  /** Reads the whole; what stands there stays meanwhile. */
  async load(): Promise<void> {
    const mine = ++this.#turn;
    const told = this.#told;
    const view = await this.reading.attempt(() => this.call("discord", {}));
    if (view && mine === this.#turn) this.#take(view, told);
  }

  /** Runs an act and shows what came of it; `false` where it failed, which `acting` tells. */
  async act<Name extends DiscordAct>(command: Name, args: Commands[Name]["request"]): Promise<boolean> {
    const told = this.#told;
    const view = (await this.acting.attempt(() => this.call(command, args))) as DiscordView | undefined;
    if (!view) return false;
    // Why nothing could be asked before it ran is over as well.
    if (command === "start_bridge") this.checking.forget();
    this.#now(view, told);
    return true;
  }

  /** Asks Discord and the bus what they say of the set-up, with another token or the one that is kept. */
  async check(token?: string): Promise<boolean> {
    const told = this.#told;
    const answer = await this.checking.run(() => this.call("test_discord", token === undefined ? {} : { token }));
    if (!answer) return false;
    const { view, ...found } = answer;
    this.#now(view, told);
    this.found = found;
    // Begun while it was asked: that it runs, which may be told only now, is no reason to take the answer away.
    this.#ran ||= CARRYING.includes(view.stand.bridge.state);
    const { token_taken: taken } = found;
    // A token that was only tried and refused says nothing of the one that is kept.
    if (taken === true || (taken === false && token === undefined && view.setup.bot)) this.#said = { taken, of: standing(view.stand, view) };
    return true;
  }

  /** What was found is no longer of interest. */
  forgetFindings(): void {
    this.found = null;
    this.checking.forget();
  }

  #follow(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.moved += 1;
    if (this.#watched > 0) void this.load();
  }

  #now(view: DiscordView, told: number): void {
    this.#turn += 1;
    this.#take(view, told);
    this.moved += 1;
    // Which of both is newer, nobody knows.
    if (told !== this.#told) void this.load();
  }

  /** Takes an answer; how it stands only where nothing was told since it was asked: reading it once more may fail, or have nobody to do it for. */
  #take(view: DiscordView, told: number): void {
    if (this.view && this.found) this.#mapped(this.found, this.view.setup, view.setup);
    this.view = told === this.#told ? view : { ...view, stand: this.stand };
    this.#stands(this.view.stand);
  }

  /** Whoever changed the map, here, in a terminal or in another console. */
  #mapped(found: Omit<DiscordFindings, "view">, before: DiscordSetup, after: DiscordSetup): void {
    // Nothing was found of a channel that came, and what was found would speak for it.
    if (after.routes.some(({ channel_id }) => !before.routes.some((each) => each.channel_id === channel_id))) this.found = null;
    else this.found = { ...found, findings: still(found.findings, before, after) };
  }

  #stands(stand: BridgeStand): void {
    this.stand = stand;
    // What was found is of what was set up and did not run.
    if (this.carries && !this.#ran) this.found = null;
    this.#ran = this.carries;
    // Begun again, or with another token: what was said before is of no use any more.
    if (this.#said && this.#said.of !== standing(stand, this.view)) this.#said = null;
  }
}
