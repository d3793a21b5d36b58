import { SvelteMap, SvelteSet } from "svelte/reactivity";
import type { AgentList } from "../generated/AgentList";
import type { AgentSpend } from "../generated/AgentSpend";
import type { AgentSpendList } from "../generated/AgentSpendList";
import type { AgentView } from "../generated/AgentView";
import type { DenialList } from "../generated/DenialList";
import type { DenialView } from "../generated/DenialView";
import type { ListAgents } from "../generated/ListAgents";
import type { Scope } from "../generated/Scope";
import type { Snapshot } from "../generated/Snapshot";
import type { SquadList } from "../generated/SquadList";
import type { SquadView } from "../generated/SquadView";
import type { UnreadMail } from "../generated/UnreadMail";
import { isLive } from "./liveness";
import { plainly } from "../format/order";

/** Names begin with a letter; ids, which are as old as their clock, with a figure. */
const NAME = /^[a-z][a-z0-9-]{0,62}$/;
/** The operator's tenant. */
const OWN = "local";
/** Most agents of a snapshot and of a page. */
const PAGE = 500;

/** All agents that are not revoked, what they asked for, and their squads; events keep them in step. */
export class Agents {
  readonly byId = new SvelteMap<string, AgentView>();
  denials: DenialView[] = $state.raw([]);
  squads: SquadView[] = $state.raw([]);
  /** All are held. */
  paused = $state(false);
  /** In the order they were made. */
  readonly list = $derived([...this.byId.values()].sort((a, b) => plainly(a.id, b.id)));
  /** Ids of those that were revoked since. */
  readonly #revoked = new SvelteSet<string>();
  /** Open denials by agent and scope. */
  readonly #denied: Record<string, DenialView> = $derived(Object.fromEntries(this.denials.map((denial) => [`${denial.agent_id}/${denial.scope}`, denial])));
  /** All that are not revoked were read. */
  #isWhole = $state(false);
  #unread: Record<string, number> = $state.raw({});
  #spend: Record<string, AgentSpend> = $state.raw({});

  constructor(
    private readonly read: (asked: ListAgents) => Promise<AgentList>,
    private readonly sum: () => Promise<AgentSpendList>,
  ) {}

  /** How many there are. */
  get size(): number {
    return this.byId.size;
  }

  /** Somebody minted one that is not revoked: the bus has who writes, beside those that Husting runs and its bridge. */
  get anyMinted(): boolean {
    return this.list.some(({ kind, status }) => kind === "custom" && status !== "revoked");
  }

  /** How many of the operator's own have a token; the bridge to Discord has one too. */
  get withToken(): number {
    return this.list.filter(({ kind, token_tail }) => kind !== "connector" && token_tail !== null).length;
  }

  /** Somebody is there to be written to. */
  get anyActive(): boolean {
    return this.list.some(({ status }) => status === "active");
  }

  /** How many show life now. */
  live(now: Date): number {
    return this.list.filter((agent) => isLive(agent, now)).length;
  }

  /** What an agent asked for and waits for. */
  denied(id: string, scope: Scope): DenialView | undefined {
    return this.#denied[`${id}/${scope}`];
  }

  /** It was revoked and reads no mail any more. */
  isGone(id: string | null): boolean {
    return id !== null && this.#isWhole && !this.byId.has(id);
  }

  /** The one of a name; `null` where nobody has it, `undefined` while that is not known. */
  named(name: string): AgentView | null | undefined {
    return this.list.find(({ agent_name }) => agent_name === name) ?? (this.#isWhole ? null : undefined);
  }

  /** Whom an address means, by id or by name, the operator's own first; `undefined` while that is not known. */
  idOf(address: string): string | undefined {
    if (this.byId.has(address) || !NAME.test(address)) return address;
    const called = this.list.filter(({ agent_name }) => agent_name === address);
    const meant = called.find(({ tenant_id }) => tenant_id === OWN) ?? called[0];
    return meant?.id ?? (this.#isWhole ? address : undefined);
  }

  /** Messages that wait for one. */
  unread(id: string): number {
    return this.#unread[id] ?? 0;
  }

  /** What one was charged, for its turns and the rounds of sessions that it opened, as it was read last. */
  spent(id: string): { today: number; month: number } {
    return this.#spend[id] ?? { today: 0, month: 0 };
  }

  /** Reads what they cost: for a screen that shows it, whenever the wallet changed. */
  async addUp(): Promise<void> {
    try {
      const { agents } = await this.sum();
      this.#spend = Object.fromEntries(agents.map((each) => [each.agent_id, each]));
    } catch {
      // What was read stands; the next change of the wallet reads it again.
    }
  }

  /** Begins again from a snapshot; what that has no room for is read after it. */
  start(snapshot: Snapshot): void {
    this.byId.clear();
    this.#revoked.clear();
    snapshot.agents.forEach((agent) => this.byId.set(agent.id, agent));
    this.ask(snapshot.denials);
    this.group(snapshot.squads);
    this.count(snapshot.bus.unread);
    this.hold(snapshot.paused);
    const last = snapshot.agents.at(-1);
    this.#isWhole = !last || snapshot.agents.length < PAGE;
    if (last && !this.#isWhole) void this.#more(last.id);
  }

  /** Takes an agent as it stands now; a revoked one leaves for good, with what it asked for, whatever of before is heard of later. */
  take(agent: AgentView): void {
    if (agent.status !== "revoked") {
      if (!this.#revoked.has(agent.id)) this.byId.set(agent.id, agent);
      return;
    }
    this.#revoked.add(agent.id);
    this.byId.delete(agent.id);
    this.denials = this.denials.filter((denial) => denial.agent_id !== agent.id);
  }

  /** Takes what waits for an answer. */
  ask({ denials }: DenialList): void {
    this.denials = denials;
  }

  /** Takes all squads. */
  group({ squads }: SquadList): void {
    this.squads = squads;
  }

  /** Takes how many messages wait for whom. */
  count(unread: UnreadMail[]): void {
    this.#unread = Object.fromEntries(unread.map((each) => [each.agent_id, each.unread]));
  }

  /** Takes whether they are held. */
  hold(paused: boolean): void {
    this.paused = paused;
  }

  async #more(after: string): Promise<void> {
    let cursor: string | null = after;
    try {
      while (cursor !== null) {
        const page: AgentList = await this.read({ limit: PAGE, cursor });
        for (const agent of page.agents) if (!this.byId.has(agent.id)) this.take(agent);
        cursor = page.next_cursor;
      }
      this.#isWhole = true;
    } catch {
      // Those that were read stand; the next snapshot reads them all again.
    }
  }
}
