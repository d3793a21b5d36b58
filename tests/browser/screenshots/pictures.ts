// The pictures in docs/images, each in both themes, and the window that it shows.

export const WINDOW = { width: 1360, height: 860 };
export const SMALL = { width: 900, height: 600 };

/** Of a debate that was written for them. */
export const OF_A_DEBATE = {
  "answers": WINDOW,
  "claims": WINDOW,
  "claims-900x600": SMALL,
  "cost": WINDOW,
  "failed-seat": WINDOW,
  "hall": WINDOW,
  "keys": WINDOW,
  "live": WINDOW,
  "map": WINDOW,
  "moved": WINDOW,
  "new": WINDOW,
  "recap": WINDOW,
  "settings": WINDOW,
  "wallet": WINDOW,
} as const;

/** Of agents at work, and of people who write to them. */
export const OF_A_HOUSE = {
  "agents": WINDOW,
  "bus": WINDOW,
  "discord": WINDOW,
  "lanes": WINDOW,
  "minted": WINDOW,
} as const;

export const PICTURES = { ...OF_A_DEBATE, ...OF_A_HOUSE } as const;

export const THEMES = ["dark", "light"] as const;

export type Picture = keyof typeof PICTURES;
