// The pictures in docs/images, each in both themes, and the window that it shows.

export const WINDOW = { width: 1360, height: 860 };
export const SMALL = { width: 900, height: 600 };

export const PICTURES = {
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

export const THEMES = ["dark", "light"] as const;

export type Picture = keyof typeof PICTURES;
