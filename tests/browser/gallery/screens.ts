// Every screen there is, by its address and by the keys that bring up what stands above one.

/** What an address can need of a house; a screen whose needs a house has not got is not there. */
export type Thing = "agent" | "revoked" | "run" | "message" | "session" | "silent" | "sought" | "life";

/** `{agent}` is the agent that the house shows, and so on. */
export const ADDRESSES = {
  "hall": "hall",
  "agents": "agents",
  "agents-scopes": "agents/scopes",
  "agents-mint": "agents/mint",
  "agent-overview": "agents/{agent}/overview",
  "agent-sessions": "agents/{agent}/sessions",
  "agent-run": "agents/{agent}/sessions/{run}",
  "agent-launch": "agents/{agent}/sessions/launch",
  "agent-mail": "agents/{agent}/mail",
  "agent-memory": "agents/{agent}/memory",
  "agent-audit": "agents/{agent}/audit",
  "agent-revoked": "agents/{revoked}",
  "bus": "bus",
  "bus-yours": "bus/yours",
  "bus-unacknowledged": "bus/unacknowledged",
  "bus-parked": "bus/parked",
  "bus-held": "bus/held",
  "bus-withdrawn": "bus/withdrawn",
  "bus-message": "bus/all/{message}",
  "lanes": "bus/lanes",
  "squads": "bus/squads",
  "deliberations": "deliberations",
  "deliberations-find": "deliberations/find",
  "new": "deliberations/new",
  "new-template": "deliberations/new/red-team",
  "new-again": "deliberations/new/again/{session}",
  "session-live": "deliberations/{session}/live",
  "session-claims": "deliberations/{session}/claims",
  "session-first-round": "deliberations/{session}/claims/0",
  "session-map": "deliberations/{session}/map",
  "session-moved": "deliberations/{session}/moved",
  "session-answers": "deliberations/{session}/answers",
  "session-found": "deliberations/{session}/answers/0/find/{sought}/larch",
  "session-recap": "deliberations/{session}/recap",
  "session-cost": "deliberations/{session}/cost",
  "session-transcript": "deliberations/{session}/transcript",
  // The last of its session: the tray stays open.
  "session-tray": "deliberations/{session}/claims",
  "session-silent": "deliberations/{silent}/live",
  "session-silent-claims": "deliberations/{silent}/claims",
  "session-silent-map": "deliberations/{silent}/map",
  "session-silent-answers": "deliberations/{silent}/answers",
  "session-silent-recap": "deliberations/{silent}/recap",
  "session-silent-cost": "deliberations/{silent}/cost",
  "wallet": "wallet",
  "discord": "discord",
  "discord-setup": "discord/setup",
  "discord-life": "discord/life/{life}",
  "settings-providers": "settings/providers",
  "settings-models": "settings/models",
  "settings-panel": "settings/panel",
  "settings-recap": "settings/recap",
  "settings-spending": "settings/spending",
  "settings-rounds": "settings/rounds",
  "settings-limits": "settings/limits",
  "settings-keys": "settings/keys",
  "settings-tenants": "settings/tenants",
  "settings-address": "settings/address",
  "settings-look": "settings/look",
  "settings-desktop": "settings/desktop",
  "settings-audit": "settings/audit",
  "settings-storage": "settings/storage",
  "settings-backup": "settings/backup",
  "settings-doctor": "settings/doctor",
  "settings-about": "settings/about",
  "nowhere": "nowhere",
} as const;

export type Screen = keyof typeof ADDRESSES;

/** Screens whose page another one shows as well, at another place or with fewer rows. */
export const TWINS: readonly Screen[] = [
  "bus-unacknowledged", "bus-parked", "bus-held", "deliberations-find", "new-template", "session-first-round",
  "settings-models", "settings-panel", "settings-recap", "settings-rounds", "settings-limits", "settings-tenants", "settings-address", "settings-look", "settings-desktop", "settings-audit", "settings-storage", "settings-backup", "settings-doctor",
];

/** Where a screen is in a house, or nothing where the house lacks what it shows. */
export function address(screen: Screen, things: Partial<Record<Thing, string>>): string | null {
  let lacks = false;
  const found = ADDRESSES[screen].replace(/\{(\w+)\}/g, (_, thing: string) => {
    const it = things[thing as Thing];
    lacks ||= it === undefined;
    return it ?? "";
  });
  return lacks ? null : found;
}
