/** Screens beside the hall. They are read when they are first needed, or soon after the first paint. */
export const later = {
  deliberations: () => import("../deliberations/Deliberations.svelte"),
  new: () => import("../deliberations/NewDeliberation.svelte"),
  session: () => import("../deliberations/session/Session.svelte"),
  wallet: () => import("../wallet/Wallet.svelte"),
  settings: () => import("../settings/Settings.svelte"),
};

const SOON_MS = 400;

/** Reads the others once the first screen stands, so that going there takes no time. Returns what cancels it. */
export function loadAll(): () => void {
  const timer = setTimeout(() => void Promise.allSettled(Object.values(later).map((load) => load())), SOON_MS);
  return () => clearTimeout(timer);
}
