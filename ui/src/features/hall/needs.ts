import type { AgentView } from "../../generated/AgentView";
import type { DenialView } from "../../generated/DenialView";
import type { MessageView } from "../../generated/MessageView";
import type { ModelView } from "../../generated/ModelView";
import type { SessionSummary } from "../../generated/SessionSummary";
import type { Traffic } from "../../generated/Traffic";
import type { UnplacedReply } from "../../generated/UnplacedReply";
import type { Console } from "../../state/console.svelte";
import { refusesKey } from "../settings/provider-form";
import { exhaustion } from "../wallet/shortage";
import { seen } from "./seen.svelte";
import { plainly } from "../../format/order";
import { keysAbsent, keysGone, keysInLockedKeyring } from "../settings/unread";

/** What one card is about: a message, or all that are parked for one reader, the newest first. */
export type Messages = [MessageView, ...MessageView[]];

/** Most cards of messages that rest. */
const SHOWN = 5;

/** Something that waits for the operator. */
export type Need =
  | { kind: "locked" | "keyring_locked" | "choice" | "exhausted"; id: string }
  | { kind: "refused_key"; id: string; provider: string }
  | { kind: "keys_gone"; id: string; provider: string; others: string[] }
  | { kind: "denied"; id: string; denial: DenialView }
  | { kind: "hindered"; id: string; agent: AgentView; why: string }
  | { kind: "given_up"; id: string; agent: AgentView; run: string }
  | { kind: "resting"; id: string; messages: Messages }
  | { kind: "letter"; id: string; messages: Messages }
  | { kind: "mail"; id: string; count: number }
  | { kind: "unplaced" | "bridge_parked" | "bridge_held"; id: string; count: number; at: string | null; rests: boolean; said?: UnplacedReply }
  | { kind: "bridge_stopped" | "tampered"; id: string; why: string }
  | { kind: "degraded" | "failed"; id: string; session: SessionSummary }
  | { kind: "unpriced"; id: string; models: [ModelView, ...ModelView[]] };

/** What needs the operator now, the most blocking first. */
export function needs(host: Console): Need[] {
  const { shared } = host;
  if (!shared) return [];
  const found: Need[] = [];
  if (shared.secrets.state === "locked") found.push({ kind: "locked", id: "locked" });
  if (keysInLockedKeyring(shared)) found.push({ kind: "keyring_locked", id: "keyring_locked" });
  if (keysAbsent(shared)) found.push({ kind: "choice", id: "choice" });
  const areKeysTold = found.length > 0;
  for (const why of shared.auditFaults) found.push({ kind: "tampered", id: `tampered-${why}`, why });
  if (exhaustion(host)) found.push({ kind: "exhausted", id: "exhausted" });
  const [gone, ...others] = keysGone(shared).map(({ name }) => name);
  if (gone !== undefined) found.push({ kind: "keys_gone", id: "keys_gone", provider: gone, others });
  for (const provider of shared.providers.providers) {
    if (refusesKey(provider)) found.push({ kind: "refused_key", id: `key-${provider.name}`, provider: provider.name });
  }
  return [...found, ...denialNeeds(host), ...hinderedNeeds(host), ...givenUpNeeds(host), ...mailNeeds(host), ...bridgeNeeds(host, areKeysTold), ...sessionNeeds(host), ...priceNeeds(host)];
}

/** Models that only lack a price to be seated, in one row. */
function priceNeeds({ shared }: Console): Need[] {
  const [first, ...others] = (shared?.models.models ?? []).filter((model) => model.unavailable_reason === "no_price");
  return first ? [{ kind: "unpriced", id: "unpriced", models: [first, ...others] }] : [];
}

function denialNeeds({ agents }: Console): Need[] {
  return agents.denials.map((denial) => ({ kind: "denied", id: denial.denial_id, denial }));
}

/** Agents that Husting runs and that leave their mail; whoever lacks a scope has asked for it already. */
function hinderedNeeds({ agents }: Console): Need[] {
  return agents.list.flatMap((agent): Need[] => {
    const why = agents.denied(agent.id, "mcp:send") ? undefined : agent.hindrance;
    return why ? [{ kind: "hindered", id: `hindered-${agent.id}`, agent, why }] : [];
  });
}

/** Agents that may call and whose programs failed too often to be started again by themselves. */
function givenUpNeeds({ agents }: Console): Need[] {
  return agents.list.flatMap((agent): Need[] => {
    const run = agent.status === "active" ? agent.given_up_run : undefined;
    return run ? [{ kind: "given_up", id: `given-up-${agent.id}`, agent, run }] : [];
  });
}

/** The newest letters and messages that rest, those that are parked by whom they are for, and how many more there are. What rests as a question of the bridge's is told there. */
function mailNeeds({ bus, discord }: Console): Need[] {
  const letters = bus.letters.map((message): Need => ({ kind: "letter", id: `mail-${message.place}`, messages: [message] }));
  const piles = new Map<string, Messages>();
  const asked = new Set((discord.view?.resting ?? []).flatMap((each) => (each.direction === "in" ? [each.request_id] : [])));
  const isTold = ({ origin, request_id }: MessageView) => origin === "discord" && request_id !== null && asked.has(request_id);
  const untold = bus.resting.filter((each) => !isTold(each));
  const told = bus.resting.length - untold.length;
  for (const message of untold) {
    const id = message.state === "parked" ? `parked-${message.mailbox}` : `mail-${message.place}`;
    const pile = piles.get(id);
    if (pile) pile.push(message);
    else piles.set(id, [message]);
  }
  const shown = [...piles].slice(0, SHOWN);
  const resting = shown.map(([id, messages]): Need => ({ kind: "resting", id, messages }));
  const more = bus.waiting - told - letters.length - shown.reduce((sum, [, messages]) => sum + messages.length, 0);
  return [...letters, ...resting, ...(more > 0 ? [{ kind: "mail" as const, id: "mail", count: more }] : [])];
}

/** A moment by which something is as old as it is: that it came to rest, or that it was heard where the other was not kept. */
interface Newest {
  at: string;
  rests: boolean;
}

function restOf(each: Traffic): Newest {
  const rested = "rested_at" in each ? each.rested_at : null;
  return { at: rested ?? each.at, rests: rested !== null };
}

function newestOf(moments: Newest[]): Newest | undefined {
  return moments.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at)).at(-1);
}

/** A bridge that ended by itself, and what it could not carry: one row for each kind, as its screen has each of them. One
 * that waits for keys, which a row tells of already, begins with them. */
function bridgeNeeds({ discord }: Console, areKeysTold: boolean): Need[] {
  const { bridge, unplaced, parked, held, waits_for_keys: waits } = discord.stand;
  const counted = (kind: "unplaced" | "bridge_parked" | "bridge_held", count: number, newest?: Newest, said?: UnplacedReply): Need[] => (count > 0 ? [{ kind, id: kind, count, at: newest?.at ?? null, rests: newest?.rests ?? false, said }] : []);
  // A pile is as old as its newest.
  const { unplaced: replies = [], resting = [] } = discord.view ?? {};
  const said = replies.toSorted((a, b) => Date.parse(a.arrived_at) - Date.parse(b.arrived_at)).at(-1);
  const isHeld = (each: Traffic) => "state" in each && each.state === "held";
  return [
    ...(bridge.state === "stopped" && !(waits && areKeysTold) ? [{ kind: "bridge_stopped" as const, id: "bridge_stopped", why: bridge.why }] : []),
    ...counted("unplaced", unplaced, said && { at: said.arrived_at, rests: false }, said),
    ...counted("bridge_parked", parked, newestOf(resting.filter((each) => !isHeld(each)).map(restOf))),
    ...counted("bridge_held", held, newestOf(resting.filter(isHeld).map(restOf))),
  ];
}

/** Sessions whose newest round lacks something nobody stopped, and that the operator has not accepted as they are. */
function sessionNeeds(host: Console): Need[] {
  return [...host.sessions.values()]
    .filter((session) => !session.archived && session.status !== "processing" && session.status !== "streaming")
    .filter((session) => session.failures.length > 0 || session.status === "failed")
    .filter((session) => !seen.has(session))
    .sort((a, b) => plainly(b.updated_at, a.updated_at))
    .map((session) => ({ kind: session.status === "failed" ? "failed" : "degraded", id: session.session_id, session }));
}
