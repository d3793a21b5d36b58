import type { AgentView } from "../../../generated/AgentView";
import type { ChannelView } from "../../../generated/ChannelView";
import type { DiscordSetup } from "../../../generated/DiscordSetup";
import type { ServerView } from "../../../generated/ServerView";
import { m } from "../../../messages";

/** A channel or thread that can be given an agent. */
export interface PlaceRow {
  kind: "place";
  id: string;
  name: string;
  /** Of a thread the channel whose agent it asks until it has its own. */
  parent: string | null;
  /** What the bot needs there and may not do. */
  lacking: string[];
  /** Invites the bot with what is lacking. */
  invitation: string | null;
  /** It is mapped, and Discord did not name it. */
  unseen: boolean;
}

/** A line of the map: a heading, a channel, or all that is in none of them. */
export type GridRow = { kind: "heading"; name: string; server: boolean } | PlaceRow | { kind: "else" };

/** Who can be asked. */
export interface Column {
  agent: string;
  active: boolean;
}

/** Agents that work now, and those that are asked somewhere though they do not. */
export function columnsOf(agents: AgentView[], setup: DiscordSetup): Column[] {
  const working = agents.filter(({ status, agent_name }) => status === "active" && agent_name !== setup.connector).map(({ agent_name }) => agent_name);
  const asked = [setup.default_agent, ...setup.routes.map(({ agent }) => agent)];
  const others = [...new Set(asked)].filter((name) => !working.includes(name));
  return [...working.map((agent) => ({ agent, active: true })), ...others.map((agent) => ({ agent, active: false }))];
}

/** The map's lines: servers with their categories, then what is mapped and not seen, then all else. Without servers Discord was not asked. */
export function rowsOf(servers: ServerView[] | null, setup: DiscordSetup): GridRow[] {
  const asked = servers !== null;
  const listed = servers ?? [];
  const seen = new Set(listed.flatMap(({ channels }) => channels.map(({ id }) => id)));
  const unseen = setup.routes.filter(({ channel_id }) => !seen.has(channel_id));
  const words = m.discord.setup.map;
  return [
    ...listed.flatMap((server) => serverRows(server, listed.length > 1)),
    ...(unseen.length ? [heading(asked ? words.unseenTitle : words.mapped)] : []),
    ...unseen.map(({ channel_id, name, lacking }): PlaceRow => ({ kind: "place", id: channel_id, name: name ?? channel_id, parent: null, lacking: lacking ?? [], invitation: null, unseen: asked })),
    heading(listed.some(({ channels }) => channels.length > 0) || unseen.length > 0 ? words.else : words.anywhere),
    { kind: "else" },
  ];
}

/** Who is asked in a place, and whether that is its channel's agent. */
export function askedIn({ id, parent }: PlaceRow, setup: DiscordSetup): { agent: string; inherited: boolean } | null {
  const of = (channel: string | null) => setup.routes.find(({ channel_id }) => channel_id === channel)?.agent;
  const own = of(id);
  if (own !== undefined) return { agent: own, inherited: false };
  const above = of(parent);
  return above === undefined ? null : { agent: above, inherited: true };
}

/** Whether nobody can be asked there: a thread follows its channel where it has no agent of its own, and elsewhere somebody is always asked. */
export function hasNobody(row: GridRow): boolean {
  return row.kind === "place" && row.parent === null;
}

function serverRows({ name, channels }: ServerView, named: boolean): GridRow[] {
  const rows: GridRow[] = named ? [heading(name, true)] : [];
  let category: string | null | undefined;
  for (const channel of channels) {
    if (channel.parent_id === null && channel.category !== category) {
      category = channel.category;
      rows.push(heading(category ?? m.discord.setup.map.uncategorised));
    }
    rows.push(placeRow(channel));
  }
  return rows;
}

function placeRow({ id, name, parent_id, lacking, invitation }: ChannelView): PlaceRow {
  return { kind: "place", id, name, parent: parent_id, lacking, invitation, unseen: false };
}

function heading(name: string, server = false): GridRow {
  return { kind: "heading", name, server };
}
