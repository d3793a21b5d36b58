import type { AgentView } from "../../generated/AgentView";
import type { Recipient } from "../../generated/Recipient";
import { plainly } from "../../format/order";
import { m } from "../../messages";
import type { Agents } from "../../state/agents.svelte";
import { isOwn } from "../agents/whose";

/** Everybody who is active. */
export const ALL = "all";

/** As the value of a choice: an agent by its id, since another may have the name by now, or a squad by its name. */
export const agentReader = (id: string) => `agent/${id}`;
export const squadReader = (name: string) => `squad/${name}`;

/** Whom the operator may write to: the own agents that are active, and the squads. */
export class Readers {
  constructor(private readonly agents: Agents) {}

  /** As values of a choice and what they are called, in order. */
  get agentItems() {
    const active = this.agents.list.filter((agent) => this.#isActive(agent)).sort((one, other) => plainly(one.agent_name, other.agent_name));
    return active.map(({ id, agent_name }) => ({ id: agentReader(id), label: agent_name }));
  }

  get squadItems() {
    return this.agents.squads.map(({ name }) => ({ id: squadReader(name), label: `#${name}` }));
  }

  /** Whether it can be written to now. */
  has(reader: string): boolean {
    const { agent, squad } = parts(reader);
    if (agent !== null) return this.#isActive(this.agents.byId.get(agent));
    return squad === null ? reader === ALL : this.#hasSquad(squad);
  }

  /** For good: an agent that is disabled comes back. */
  isGone(reader: string): boolean {
    const { agent, squad } = parts(reader);
    return agent !== null ? this.agents.isGone(agent) : squad !== null && !this.#hasSquad(squad);
  }

  /** What it is called; the id of an agent that is not known. */
  nameOf(reader: string): string {
    const { agent, squad } = parts(reader);
    if (agent !== null) return this.agents.byId.get(agent)?.agent_name ?? agent;
    return squad !== null ? `#${squad}` : m.bus.compose.all;
  }

  /** As it was kept while agents were chosen by their names. */
  byId(reader: string): string {
    const { agent } = parts(reader);
    const named = agent !== null && !this.agents.byId.has(agent) ? this.agents.named(agent) : null;
    return named ? agentReader(named.id) : reader;
  }

  /** Whom a message is sent to. */
  recipient(reader: string): Recipient {
    const { agent, squad } = parts(reader);
    if (agent !== null) return { kind: "agent", name: this.nameOf(reader) };
    return squad !== null ? { kind: "squad", name: squad } : { kind: "all" };
  }

  #isActive(agent: AgentView | undefined): boolean {
    return agent !== undefined && agent.status === "active" && isOwn(agent);
  }

  #hasSquad(squad: string): boolean {
    return this.agents.squads.some(({ name }) => name === squad);
  }
}

/** Whether it is one agent, who can be asked for an answer. */
export function isAgent(reader: string): boolean {
  return parts(reader).agent !== null;
}

function parts(reader: string): { agent: string | null; squad: string | null } {
  const [kind, one = ""] = reader.split("/");
  return { agent: kind === "agent" ? one : null, squad: kind === "squad" ? one : null };
}
