import { sheetDialog } from "../../components/sheet";
import type { Platform } from "../../platform";
import { parseRoute, type Route } from "../../state/route.svelte";

/** Screens beside the hall, and what opens over any of them: read when they are first needed. */
export const later = {
  agents: () => import("../agents/Agents.svelte"),
  agent: () => import("../agents/agent/Agent.svelte"),
  bus: () => import("../bus/Bus.svelte"),
  lanes: () => import("../bus/lanes/Lanes.svelte"),
  squads: () => import("../bus/squads/Squads.svelte"),
  deliberations: () => import("../deliberations/Deliberations.svelte"),
  new: () => import("../deliberations/NewDeliberation.svelte"),
  session: () => import("../deliberations/session/Session.svelte"),
  map: () => import("../deliberations/session/map/Map.svelte"),
  wallet: () => import("../wallet/Wallet.svelte"),
  discord: () => import("../discord/Discord.svelte"),
  settings: () => import("../settings/Settings.svelte"),
  palette: () => import("./PlacesPalette.svelte"),
  keys: () => import("../../components/KeysOverlay.svelte"),
  stop: () => import("../agents/StopAll.svelte"),
  close: () => import("./CloseQuestion.svelte"),
  link: () => import("../../components/LinkQuestion.svelte"),
};

const SOON_MS = 400;

/** What a key can open at any moment. */
const overlays = () => Promise.allSettled([sheetDialog(), later.palette(), later.keys()]);

/**
 * Reads all that comes from a server that may go away, once the first screen stands, so that every place can still be
 * looked at. Returns what cancels it.
 */
export function loadSoon({ kind }: Platform): () => void {
  if (kind === "desktop") return () => undefined;
  const timer = setTimeout(async () => {
    await overlays();
    await Promise.allSettled(Object.values(later).map((load) => load()));
  }, SOON_MS);
  return () => clearTimeout(timer);
}

let someone = false;

/**
 * Reads what a key can open at the first sign of somebody: a window that nobody looks at stays small. Reads a screen
 * when the pointer or the focus comes to a link that leads there, so that the click waits for nothing.
 */
export function loadAhead(event: Event): void {
  if (!someone) void overlays();
  someone = true;
  const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('a[href^="#/"]') : null;
  if (link) void loadScreen(parseRoute(link.hash));
}

async function loadScreen({ place }: Route): Promise<void> {
  if (place === "hall" || place === "nowhere") return;
  // Who goes there meets what is wrong.
  await later[place]().catch(() => undefined);
}
