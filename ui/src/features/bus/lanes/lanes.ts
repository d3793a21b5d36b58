import type { AgentView } from "../../../generated/AgentView";
import type { MessageView } from "../../../generated/MessageView";
import { m } from "../../../messages";
import { senderName } from "../reached";
import { plainly } from "../../../format/order";

/** Somebody who wrote or was written to. */
export interface Lane {
  id: string;
  name: string;
  /** What it runs on, or who it is. */
  note: string;
}

/** What is known of an agent, and of a model by its id. */
export interface People {
  agent: (id: string) => AgentView | undefined;
  model: (id: string) => string | undefined;
  /** It was revoked. */
  isGone: (id: string) => boolean;
}

interface Ranked extends Lane {
  rank: number;
}

const OPERATOR = "operator";
/** From outside to inside, so that lines seldom cross. */
const RANK = { discord: 0, connector: 1, human: 2, agent: 3, system: 4 };
const l = m.lanes;

/** Whose lane a message begins in. */
export function senderLane({ from, from_agent, origin }: MessageView): string {
  if (origin === "human") return OPERATOR;
  return origin === "agent" && from_agent ? from_agent : from;
}

/** Whose lane it goes to. */
export function recipientLane({ mailbox }: MessageView): string {
  return mailbox ?? OPERATOR;
}

/** A lane for each that wrote or was written to. Two of them never change places. */
export function lanesOf(messages: MessageView[], people: People): Lane[] {
  const known: Record<string, Ranked> = {};
  for (const message of messages) {
    known[senderLane(message)] ??= sender(message, people);
    known[recipientLane(message)] ??= recipient(message, people);
  }
  return toldApart(Object.values(known)).sort((one, other) => one.rank - other.rank || one.name.localeCompare(other.name) || plainly(one.id, other.id));
}

/** A name is free again after a revocation: agents that have one alike, and nothing else to be told by, show the end of their ids. */
function toldApart(lanes: Ranked[]): Ranked[] {
  const alike = (one: Ranked, other: Ranked) => one.rank === other.rank && one.name === other.name && one.note === other.note;
  return lanes.map((lane) => (lane.rank === RANK.agent && lanes.some((other) => other !== lane && alike(lane, other)) ? { ...lane, note: l.idEnd(lane.note, lane.id.slice(-4)) } : lane));
}

function sender(message: MessageView, people: People): Ranked {
  const id = senderLane(message);
  const name = senderName(message);
  if (message.origin === "human") return operator();
  if (message.origin === "agent") return agent(id, name, people);
  // `discord:NAME via connector`: the way is the second line.
  if (message.origin === "discord") return { id, name: name.replace(/ via [^ ]+$/, ""), note: l.discord, rank: RANK.discord };
  return { id, name, note: l.system, rank: RANK.system };
}

function recipient(message: MessageView, people: People): Ranked {
  return message.mailbox === null ? operator() : agent(message.mailbox, message.to, people);
}

function operator(): Ranked {
  return { id: OPERATOR, name: m.bus.operator, note: l.you, rank: RANK.human };
}

function agent(id: string, name: string, people: People): Ranked {
  const found = people.agent(id);
  if (!found) return { id, name, note: people.isGone(id) ? m.agents.revoked : "", rank: RANK.agent };
  if (found.kind === "connector") return { id, name: found.agent_name, note: l.bridge, rank: RANK.connector };
  const model = found.model && (people.model(found.model) ?? found.model);
  return { id, name: found.agent_name, note: model || m.agents.kind[found.kind], rank: RANK.agent };
}
