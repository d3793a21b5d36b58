/** Where the console is. The fragment of the address says the same, so that a reload comes back here. */
export type Route =
  | { place: "hall" }
  | { place: "agents"; view: AgentsView }
  | { place: "agent"; id: string; tab: AgentTab | null; run?: string; launch?: boolean }
  | { place: "bus"; queue: BusQueue; message: string | null; reply?: boolean }
  | { place: "lanes"; message: string | null }
  | { place: "squads" }
  | { place: "deliberations"; find?: boolean }
  | { place: "new"; template?: string; again?: string }
  | { place: "session"; id: string; tab: SessionTab | null; round: number | null; find?: SoughtWords }
  | { place: "wallet" }
  | { place: "discord"; view: DiscordPart; life: string | null }
  | { place: "settings"; section: string | null }
  | { place: "nowhere" };

/** Words that are gone to: of one seat's answer, or of what sums up a round or all of them. */
export type SoughtWords = { words: string; model: string } | { words: string; part: SummingPart };

/** What the view of recaps holds: a round's recap, or the synthesis. */
export const SUMMING_PARTS = ["recap", "synthesis"] as const;
export type SummingPart = (typeof SUMMING_PARTS)[number];

/** The views of a session; `null` in a route means the one that fits its state. */
export type SessionTab = (typeof SESSION_TABS)[number];

/** In the order in which they stand. */
export const SESSION_TABS = ["live", "claims", "map", "moved", "answers", "recap", "cost", "transcript"] as const;

/** The list, the matrix of scopes, or the list with the sheet that mints. */
export type AgentsView = "list" | "scopes" | "mint";

/** The views of an agent, in the order in which they stand; `null` in a route means the first. */
export const AGENT_TABS = ["overview", "sessions", "mail", "memory", "audit"] as const;
export type AgentTab = (typeof AGENT_TABS)[number];

/** Stands where a session would. */
const LAUNCH = "launch";

/** Stands before words that are gone to. */
const FIND = "find";

/** Stands behind a message that is to be answered. */
const REPLY = "reply";

/** Stands in the place of a message while the operator writes one. */
const WRITE = "write";

/** A link's login code stands there until it is spent. */
const CODE = "code=";

/** What the bus is looked at by, in the order in which it stands. */
export const BUS_QUEUES = ["all", "yours", "unacknowledged", "parked", "held", "withdrawn"] as const;
export type BusQueue = (typeof BUS_QUEUES)[number];

/** The sections of the settings, in the order in which they stand; `null` in a route means the first. */
export const SETTINGS = ["providers", "models", "panel", "recap", "spending", "rounds", "limits", "keys", "tenants", "address", "look", "desktop", "audit", "storage", "backup", "doctor", "about"] as const;

/** The bridge at work, or its set-up. */
export type DiscordPart = "work" | "setup";

/** Reads a fragment; no words at all are the hall, and words that name no place are nowhere. */
export function parseRoute(fragment: string): Route {
  const [place, first, second, third, ...rest] = words(fragment);
  if (place === "deliberations") return deliberations(first, second, third, rest);
  if (place === "agents") return agents(first, second, third);
  if (place === "bus") return bus(first, second, third);
  if (place === "wallet") return { place: "wallet" };
  if (place === "discord") return discord(first, second);
  if (place === "settings") return isOneOf(SETTINGS, first) ? { place: "settings", section: first || null } : { place: "nowhere" };
  return place === "" || place === "hall" || place?.startsWith(CODE) ? { place: "hall" } : { place: "nowhere" };
}

/** Writes the fragment of a route, for `href`. */
export function href(route: Route): string {
  const parts = segments(route).filter((part): part is string => Boolean(part));
  return `#/${parts.map(encodeURIComponent).join("/")}`;
}

/** The current route. Links change the address; the address changes this. */
class Router {
  current: Route = $state(parseRoute(location.hash));

  constructor() {
    addEventListener("hashchange", () => this.read());
  }

  /** Goes to where the address is now: a login changes it without an event, before there is a page. */
  read(): void {
    this.current = parseRoute(location.hash);
  }

  /** Goes there and adds it to the history. */
  go(route: Route): void {
    location.hash = href(route);
  }

  /**
   * Goes on to another place of the same screen, and adds it to the history: Back leads to where this step was taken. Each
   * of both entries keeps its `spot` there, plain values that the screen knows itself by.
   */
  step(route: Route, left: unknown, spot: unknown): void {
    const to = href(route);
    if (to === location.hash) return;
    history.replaceState(left, "");
    history.pushState(spot, "", to);
    this.current = route;
  }

  /** Goes there in the place of what is shown: for a tab or a round. */
  replace(route: Route): void {
    history.replaceState(null, "", href(route));
    this.current = route;
  }
}

/** The window's router. */
export const router = new Router();

/** What stands between its slashes; none where it is cut inside a letter. */
function words(fragment: string): string[] {
  try {
    return fragment.replace(/^#?\/?/, "").split("/").map(decodeURIComponent);
  } catch {
    return [];
  }
}

function deliberations(id?: string, tab?: string, round?: string, [find, words, whose]: string[] = []): Route {
  if (!id) return { place: "deliberations" };
  if (id === "find") return { place: "deliberations", find: true };
  if (id === "new" && tab === "again" && round) return { place: "new", again: round };
  if (id === "new") return tab ? { place: "new", template: tab } : { place: "new" };
  const known = SESSION_TABS.find((each) => each === tab) ?? null;
  const index = round && /^\d+$/.test(round) ? Number(round) : null;
  const route: Route = { place: "session", id, tab: known, round: index };
  const sought = find === FIND && words && whose ? soughtIn(known, words, whose) : null;
  return sought ? { ...route, find: sought } : route;
}

function soughtIn(tab: SessionTab | null, words: string, whose: string): SoughtWords | null {
  if (tab !== "recap") return { words, model: whose };
  const part = SUMMING_PARTS.find((each) => each === whose);
  return part ? { words, part } : null;
}

/** An agent's sessions can have one opened, or the sheet that begins one. */
function agents(first?: string, second?: string, third?: string): Route {
  if (!first) return { place: "agents", view: "list" };
  if (first === "scopes" || first === "mint") return { place: "agents", view: first };
  const tab = AGENT_TABS.find((each) => each === second) ?? null;
  if (tab !== "sessions" || !third) return { place: "agent", id: first, tab };
  return { place: "agent", id: first, tab, ...(third === LAUNCH ? { launch: true } : { run: third }) };
}

/** A message is named by its place. The one that is opened can be one to answer at once. */
function bus(first?: string, second?: string, third?: string): Route {
  if (first === "squads") return { place: "squads" };
  if (second && !/^\d+$/.test(second) && (first === "lanes" || second !== WRITE)) return { place: "nowhere" };
  if (first === "lanes") return { place: "lanes", message: second || null };
  if (!isOneOf(BUS_QUEUES, first)) return { place: "nowhere" };
  const route: Route = { place: "bus", queue: BUS_QUEUES.find((each) => each === first) ?? "all", message: second || null };
  return second && third === REPLY ? { ...route, reply: true } : route;
}

function discord(first?: string, second?: string): Route {
  if (!isOneOf(["setup", "life"], first)) return { place: "nowhere" };
  if (first === "setup") return { place: "discord", view: "setup", life: null };
  return { place: "discord", view: "work", life: first === "life" && second ? second : null };
}

/** A name is one of these, or there is none. */
function isOneOf(names: readonly string[], name?: string): boolean {
  return !name || names.includes(name);
}

function segments(route: Route): (string | null | undefined)[] {
  switch (route.place) {
    case "deliberations":
      return ["deliberations", route.find ? "find" : null];
    case "new":
      return ["deliberations", "new", ...(route.again ? ["again", route.again] : [route.template])];
    case "session": {
      const whole = route.tab !== null && route.round !== null;
      return ["deliberations", route.id, route.tab, whole ? String(route.round) : null, ...(whole && route.find ? [FIND, route.find.words, "model" in route.find ? route.find.model : route.find.part] : [])];
    }
    case "agents":
      return ["agents", route.view === "list" ? null : route.view];
    case "agent":
      return ["agents", route.id, route.tab, route.tab === "sessions" ? (route.launch ? LAUNCH : route.run) : null];
    case "bus":
      return ["bus", route.message || route.queue !== "all" ? route.queue : null, route.message, route.reply ? REPLY : null];
    case "lanes":
      return ["bus", "lanes", route.message];
    case "squads":
      return ["bus", "squads"];
    case "discord":
      return ["discord", ...(route.view === "setup" ? ["setup"] : route.life ? ["life", route.life] : [])];
    case "settings":
      return ["settings", route.section];
    default:
      return [route.place];
  }
}
