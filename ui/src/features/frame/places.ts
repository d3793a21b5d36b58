import Bot from "@lucide/svelte/icons/bot";
import Hash from "@lucide/svelte/icons/hash";
import House from "@lucide/svelte/icons/house";
import MessagesSquare from "@lucide/svelte/icons/messages-square";
import Waypoints from "@lucide/svelte/icons/waypoints";
import Settings2 from "@lucide/svelte/icons/settings-2";
import Wallet from "@lucide/svelte/icons/wallet";
import type { OpenSession, Place } from "../../components/Rail.svelte";
import type { SessionSummary } from "../../generated/SessionSummary";
import { titleWords } from "../../markdown/fragment";
import { m } from "../../messages";
import type { Console, Shared } from "../../state/console.svelte";
import { href, type Route } from "../../state/route.svelte";
import { isUnheard } from "../deliberations/standing";
import { needs } from "../hall/needs";
import { plainly } from "../../format/order";
import { keysAbsent } from "../settings/unread";

/** What leads to each place from anywhere. */
export const PLACE_KEYS = { hall: "g h", agents: "g a", bus: "g b", deliberations: "g d", wallet: "g w", discord: "g c", settings: "g s" } as const;

const NAMES = {
  hall: m.frame.hall,
  agents: m.frame.agents,
  bus: m.frame.bus,
  deliberations: m.frame.deliberations,
  wallet: m.frame.wallet,
  discord: m.frame.discord,
  settings: m.frame.settings,
} as const;

/** How many sessions the rail keeps at hand. */
const AT_HAND = 5;

/** The rail's places with their counts. */
export function places(host: Console): Place[] {
  return [
    { id: "hall", keys: PLACE_KEYS.hall, label: NAMES.hall, href: href({ place: "hall" }), icon: House, ...counted(needs(host).length, m.frame.needsYou), badge: true },
    { id: "agents", keys: PLACE_KEYS.agents, label: NAMES.agents, href: href({ place: "agents", view: "list" }), icon: Bot, ...counted(host.agents.size, m.frame.agentCount) },
    { id: "bus", keys: PLACE_KEYS.bus, label: NAMES.bus, href: href({ place: "bus", queue: "all", message: null }), icon: Waypoints, ...counted(host.bus.waiting, m.frame.needsYou) },
    {
      id: "deliberations",
      keys: PLACE_KEYS.deliberations,
      label: NAMES.deliberations,
      href: href({ place: "deliberations" }),
      icon: MessagesSquare,
      ...counted(host.shared?.sessionCount ?? 0, m.deliberations.aside),
    },
    { id: "wallet", keys: PLACE_KEYS.wallet, label: NAMES.wallet, href: href({ place: "wallet" }), icon: Wallet },
    { id: "discord", keys: PLACE_KEYS.discord, label: NAMES.discord, href: href({ place: "discord", view: "work", life: null }), icon: Hash, ...counted(host.discord.waiting, m.frame.needsYou) },
    { id: "settings", keys: PLACE_KEYS.settings, label: NAMES.settings, href: href({ place: "settings", section: null }), icon: Settings2 },
  ];
}

/** A figure with the words for it; none where there is nothing to count. */
function counted(count: number, words: (n: number) => string): Pick<Place, "count" | "told"> {
  return count > 0 ? { count, told: words(count) } : {};
}

/** Which of them a route belongs to. */
export function railPlace(route: Route): string {
  const above: Partial<Record<Route["place"], string>> = { new: "deliberations", session: "deliberations", agent: "agents", lanes: "bus", squads: "bus" };
  return above[route.place] ?? route.place;
}

/** What the window shows, for its title. */
export function titleOf(host: Console, route: Route): string {
  if (route.place === "session") return titleWords(host.sessions.get(route.id)?.title ?? NAMES.deliberations);
  if (route.place === "agent") return host.agents.byId.get(route.id)?.agent_name ?? NAMES.agents;
  if (route.place === "squads") return m.bus.squads.title;
  if (route.place === "lanes") return m.lanes.title;
  if (route.place === "new") return m.convene.title;
  if (route.place === "nowhere") return m.frame.nowhere.title;
  return NAMES[route.place];
}

/** The sessions something happened in last. */
export function openSessions(host: Console): OpenSession[] {
  return [...host.sessions.values()]
    .filter((session) => !session.archived)
    .sort((a, b) => plainly(b.updated_at, a.updated_at))
    .slice(0, AT_HAND)
    .map((session) => ({
      id: session.session_id,
      title: session.title,
      href: href({ place: "session", id: session.session_id, tab: null, round: null }),
      rounds: session.round_count,
      state: stateOf(session),
    }));
}

/** What keeps keys and cannot be read; `null` where nothing is. */
export function unreadKeys(shared: Shared): string | null {
  const status = m.frame.status;
  const { secrets } = shared;
  if (keysAbsent(shared)) return secrets.state === "no_file" ? status.noFile : status.noKeyring;
  if (secrets.state === "locked") return `${status.sealedFile}, ${status.locked}`;
  return secrets.state === "keyring_locked" ? `${status.keyring}, ${status.locked}` : null;
}

/** Where keys are kept, for the status bar. */
export function keysKept(shared: Shared): string {
  const status = m.frame.status;
  const unread = unreadKeys(shared);
  if (unread) return unread;
  const keyed = shared.providers.providers.filter(({ key_tail, key_readable }) => key_tail !== null && key_readable).length;
  if (shared.secrets.state !== "ready" || keyed === 0) return status.noKeys;
  const place = { keyring: status.keyring, sealed_file: status.sealedFile, memory: status.memory }[shared.secrets.kept_in];
  return status.keyPlace(keyed, place);
}

function stateOf(session: SessionSummary): OpenSession["state"] {
  if (session.status === "processing" || session.status === "streaming") return "running";
  if (isUnheard(session)) return "failed";
  return session.degraded ? "degraded" : "ready";
}
